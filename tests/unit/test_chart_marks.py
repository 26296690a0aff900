"""What happened beside a series: one list, in order, of what has happened by today."""

from datetime import date

import pytest

from actions.selectors.events import Happened, Happening, NamedAim, ToldHighlight
from core.calendar import Month
from reporting.models.line_fields import Row
from reporting.months.presenters.past_months import Began
from reporting.months.presenters.series import ChartMark, make_marks, places_on

FIRST, LAST = Month(2026, 1), Month(2026, 12)
TODAY = date(2026, 12, 20)
STEPS = [
    {"at": 0, "from": "2025-01-01", "without": {}},
    {
        "at": 3,
        "from": "2026-04-01",
        "without": {},
        "levels": [{"at": 7, "name": "The new team"}, {"at": 9, "name": ""}],
    },
    {"at": 5, "from": "2026-06-01", "why": "Another system", "without": {}},
]


def marks(*, steps=STEPS[:1], **given) -> tuple[ChartMark, ...]:
    return make_marks(Row({"steps": steps}), FIRST, LAST, slug="testford", **{"today": TODAY, **given})


def happening(number: int, day: date, kind: Happened = Happened.BEGUN) -> Happening:
    aims = (NamedAim("arrests", "Arrests", "fall"),)
    return Happening(kind, number, "Train all", day, None, "csp", "CSP", "Chris", aims)


def test_a_change_of_definition_recording_and_level_is_a_mark_that_leads_to_what_the_page_says_of_it():
    found = [(str(mark.month), mark.kind, mark.words, mark.url) for mark in marks(steps=STEPS)]
    assert found == [
        ("2026-04", Began.DEFINITION, "", "#s-passport"),
        ("2026-06", Began.RECORDING, "", "#s-passport"),
        ("2026-08", Began.LEVEL, "The new team", "#s-passport"),
        ("2026-10", Began.LEVEL, "", "#s-passport"),
    ]


def test_a_chart_that_knows_no_levels_has_no_mark_of_one():
    assert {mark.kind for mark in marks(steps=STEPS, with_levels=False)} == {Began.DEFINITION, Began.RECORDING}


def test_an_action_is_a_mark_where_it_begins_and_where_it_is_finished_and_leads_to_its_page():
    begun, finished = marks(
        happenings=[happening(12, date(2026, 2, 28)), happening(12, date(2026, 7, 1), Happened.FINISHED)]
    )
    assert (str(begun.month), begun.kind, begun.words) == ("2026-02", Happened.BEGUN, "A12 Train all")
    assert (str(finished.month), finished.kind) == ("2026-07", Happened.FINISHED)
    assert begun.url == finished.url == "/testford/plan/12/"


@pytest.mark.parametrize(
    "kind", [kind for kind in Happened if kind not in (Happened.BEGUN, Happened.FINISHED)], ids=str
)
def test_an_event_of_any_kind_is_a_mark_that_leads_to_what_came_of_it(kind: Happened):
    (mark,) = marks(happenings=[happening(3, date(2026, 3, 23), kind)])
    assert (str(mark.month), mark.kind, mark.words) == ("2026-03", kind, "E3 Train all")
    assert mark.url == "/testford/impact/e3/arrests/"


def test_what_is_to_begin_has_no_mark_yet():
    assert marks(happenings=[happening(1, date(2026, 12, 21))]) == ()
    assert len(marks(happenings=[happening(1, date(2026, 12, 20))])) == 1


def test_what_lies_outside_the_months_shown_has_none():
    assert (
        marks(happenings=[happening(1, date(2025, 12, 31))], highlights=[ToldHighlight(1, "Stall", date(2027, 1, 1))])
        == ()
    )


def test_all_of_it_is_one_list_in_the_order_of_days():
    found = marks(
        steps=STEPS[:2],
        happenings=[
            happening(2, date(2026, 9, 5)),
            happening(1, date(2026, 3, 1)),
            happening(1, date(2026, 9, 6), Happened.FINISHED),
        ],
        highlights=[ToldHighlight(7, "Stall", date(2026, 9, 1))],
    )
    assert [mark.kind.value for mark in found] == [
        *("begun", "definition", "level", "highlight", "begun", "finished", "level"),
    ]
    assert places_on(found, FIRST) == [2, 3, 7, 8, 8, 8, 9]
