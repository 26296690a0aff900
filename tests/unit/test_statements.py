import pytest

from boards.models import Board
from core.triggers import statement


def test_names_are_put_into_a_text():
    part = statement("board.position > %s OR {column} = '{code}'", column="board.code", code="strategic")

    made = statement(
        "SELECT {columns} FROM {board} board WHERE ({part}) AND {{more}}",
        columns=["board.id", "board.name"],
        board=Board,
        part=part,
    )

    assert made == (
        "SELECT board.id, board.name FROM boards_board board "
        "WHERE (board.position > %s OR board.code = 'strategic') AND {more}"
    )


@pytest.mark.parametrize(
    "name", ["", "a b", "name; --", "x' OR '1", "a.b.c", "1", "COUNT(*)", '"name"', "näme", "name\n"]
)
def test_what_is_no_name_is_refused(name):
    with pytest.raises(ValueError, match="isn’t the name"):
        statement("SELECT {name}", name=name)
    with pytest.raises(ValueError, match="isn’t the name"):
        statement("SELECT {name}", name=["id", name])


def test_a_statement_that_was_filled_otherwise_is_no_part():
    with pytest.raises(ValueError, match="isn’t the name"):
        statement("SELECT 1 WHERE {part}", part=statement("id = {{key}}").format(key="1 OR 1"))
