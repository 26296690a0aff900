"""Who can read a month once it is published: boards keep their names as they are written."""

import pytest

from reporting.months.presenters.month import describe_readers


@pytest.mark.parametrize(
    ("boards", "words"),
    [
        ([], "1 person with a role here can read it at once."),
        (
            ["Community Safety", "Safeguarding Children"],
            "1 person with a role here can read it at once, and it appears on the pages of Community Safety and "
            "Safeguarding Children.",
        ),
    ],
)
def test_boards_keep_their_capitals(boards: list[str], words: str):
    assert describe_readers(1, boards) == words
