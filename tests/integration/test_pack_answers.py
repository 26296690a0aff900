"""What is long in a challenge: its beginning stands in the table of a pack, and all of it below, across the page."""

import pytest

from actions.models.challenges import LONGEST_ANSWER, LONGEST_QUESTION
from actions.services import challenges
from boards.rules import Role
from core.calendar import Month
from reporting.packs.pdf.typesetting import build_pack
from tests.challenging import ask
from tests.integration.test_pack_content import chapter, pack_of, rows
from tests.pdf import text_of
from tests.pdf_structure import faults_of
from tests.scenarios import Town, accept, publish

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
SENTENCE = "Housing officers visit each of these homes twice a week, with the police beside them. "


@pytest.fixture
def october(town: Town) -> Town:
    accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    publish(town, OCTOBER)
    return town


def answered(town: Town, text: str, **options: str) -> None:
    challenges.answer(ask(town, **options), text=text, seen=1, by=town.people[Role.BOARD_MEMBER])


def below(town: Town) -> list[str]:
    """What stands after the table."""
    return [block["text"] for block in chapter(pack_of(town), "challenges")["blocks"][1:]]


def test_a_short_answer_is_in_the_table_alone(october: Town):
    answered(october, "Twice\n\na week.")
    assert rows(pack_of(october), "challenges")[0][3].startswith("Twice\n\na week.; ")
    assert below(october) == []


def test_of_a_long_answer_the_table_has_the_beginning_and_the_page_all(october: Town):
    text = SENTENCE * 20 + "\n\nAnd this is the end of it."
    answered(october, text)
    cell = rows(pack_of(october), "challenges")[0][3]
    assert cell.startswith(SENTENCE.strip())
    assert "It continues: see “C1 in full”, below." in cell
    assert len(cell) < 500
    heading, question, by, *told = below(october)
    assert (heading, question) == ("C1 in full", "What is done about it?")
    assert by.startswith("Answered: " + str(october.people[Role.BOARD_MEMBER]))
    assert told == [(SENTENCE * 20).strip(), "And this is the end of it."]


def test_so_it_is_with_a_question(october: Town):
    ask(october, question=("What is done? " * 300)[:LONGEST_QUESTION])
    assert "It continues: see “C1 in full”, below." in rows(pack_of(october), "challenges")[0][0]
    assert below(october)[0] == "C1 in full"


def test_the_longest_answer_takes_two_pages_and_no_more(october: Town):
    def pages() -> int:
        return text_of(build_pack(pack_of(october))).count("\f")

    ask(october)
    short = pages()
    answered(october, (SENTENCE * 200)[:LONGEST_ANSWER])
    pdf = build_pack(pack_of(october))
    assert pages() <= short + 2
    assert faults_of(pdf) == []
    assert " ".join(text_of(pdf).split()).count("Housing officers visit") >= LONGEST_ANSWER // len(SENTENCE) - 1
