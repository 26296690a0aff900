"""What sessions make is put into the agency's return, and goes the ordinary way from there."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from actions.models import CountedIndicator, SessionCount
from actions.selectors.engagement import CountedMonth, counted_months, differences
from actions.services.engagement import Carried, archive_session, carry_counts, count_indicator, count_indicators
from boards.permissions import access_to
from boards.rules import Role
from core.calendar import Month
from core.forms.pages import ChangedMeanwhile
from core.labels import TransitionRefused
from core.models import AuditEvent
from indicators.figures import Entry
from indicators.models import Collection, Indicator, Submission
from indicators.services.returns import accept_return, save_draft, submit_return
from tests.engagement import count, tell
from tests.factories import make_dimension, make_indicator
from tests.scenarios import Town, accept, entries, give_back, make_outsider, newest_lines, open_month, publish, submit
from tests.scenarios import sweep as roll_up_all

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)


def carry(town: Town, month: Month = OCTOBER, *, revision: int = 0) -> Carried:
    return carry_counts(town.police, open_month(town, month), revision=revision, by=town.lead)


def months(town: Town) -> list[CountedMonth]:
    return counted_months(town.area, [town.police.pk])


# --- Which indicator counts what


def test_a_coordinator_says_what_is_counted(town: Town):
    arrests, by = Indicator.objects.get(area=town.area, code="arrests"), town.coordinator

    count_indicator(arrests, SessionCount.GROUPS, by=by)
    count_indicator(arrests, SessionCount.GROUPS, by=by)
    count_indicator(arrests, SessionCount.PEOPLE, by=by)
    assert CountedIndicator.objects.get().counts == "people"
    count_indicator(arrests, None, by=by)
    count_indicator(arrests, None, by=by)
    assert not CountedIndicator.objects.exists()

    events = AuditEvent.objects.filter(verb__endswith="counted").order_by("id")
    assert [(event.verb, event.details) for event in events] == [
        ("indicator.counted", {"before": "", "after": "groups"}),
        ("indicator.counted", {"before": "groups", "after": "people"}),
        ("indicator.not_counted", {"before": "people"}),
    ]


def test_nobody_else_says_it(town: Town):
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    for person in [*(who for role, who in town.people.items() if role is not Role.COORDINATOR), make_outsider()]:
        with pytest.raises(PermissionDenied):
            count_indicator(arrests, SessionCount.GROUPS, by=person)


def test_what_can_not_count_is_refused(town: Town):
    split = make_indicator(town.police, "lines", dimension=make_dimension(town.area, "origin", ["london"]))
    for given, words in (
        (split, "is split into categories"),
        (make_indicator(town.police, "open", collection=Collection.IMPORT.value), "gets its figures from a file"),
        (make_indicator(town.police, "old", retired_from=date(2026, 9, 1)), "is retired"),
    ):
        with pytest.raises(TransitionRefused, match=words):
            count_indicator(given, SessionCount.SESSIONS, by=town.coordinator)


def test_all_choices_are_saved_or_none(town: Town):
    arrests, charges = Indicator.objects.filter(area=town.area, code__in=["arrests", "charges"]).order_by("code")
    with pytest.raises(ChangedMeanwhile):
        count_indicators(
            [(arrests, SessionCount.GROUPS, ""), (charges, SessionCount.PEOPLE, "groups")], by=town.coordinator
        )
    assert not CountedIndicator.objects.exists()


# --- The whole way


def test_from_a_session_to_the_arrow(town: Town):
    """Sessions, the draft, the return, the coordinator's acceptance, the month: the figure and its arrow."""
    count(town, "arrests", SessionCount.PEOPLE)
    accept(town, SEPTEMBER, {"arrests": 40, "charges": 1})
    tell(town)
    tell(town, held_on=date(2026, 10, 9), people=30)
    tell(town, held_on=date(2026, 9, 30), people=500)  # of another month

    carried = carry(town)

    assert carried.changes == (("Arrests", "", "61"),)
    assert carried.submission.draft == {"arrests": {"value": "61", "reason": "", "note": "Counted from 2 sessions"}}
    period = open_month(town, OCTOBER)
    filled = carried.submission.entries | entries({"charges": 2})
    saved = save_draft(town.police, period, filled, revision=1, by=town.lead)
    accept_return(submit_return(town.police, period, revision=saved.revision, by=town.lead), by=town.coordinator)
    roll_up_all()
    line = newest_lines(town, OCTOBER)["arrests"]
    assert (line.value, line.previous_value, line.movement) == (61, 40, "up")
    publish(town, OCTOBER)
    assert newest_lines(town, OCTOBER)["arrests"].value == 61


# --- What is put into the return, and what isn't


def test_other_boxes_and_other_peoples_notes_stay(town: Town):
    count(town, "arrests")
    count(town, "charges", SessionCount.GROUPS)
    typed = {
        "arrests": Entry(value="", reason="not_available", note="The list is lost"),
        "charges": Entry(value="1,2", note="Counted from 7 sessions"),
        "other": Entry(value="12a"),
    }
    save_draft(town.police, open_month(town, OCTOBER), typed, revision=0, by=town.lead)
    tell(town)

    carried = carry(town, revision=1)

    assert carried.changes == (("Arrests", "Not available", "1"), ("Charges", "1,2", "2"))
    assert carried.submission.entries == {
        "arrests": Entry(value="1", note="Counted from 1 session"),
        "charges": Entry(value="2", note="Counted from 1 session"),
        "other": Entry(value="12a"),
    }
    event = AuditEvent.objects.order_by("-id")[0]
    changes = {"Arrests": ["Not available", "1"], "Charges": ["1,2", "2"]}
    kept = {"changes": changes, "notes": {"Arrests": "The list is lost"}}
    assert (event.verb, event.details) == ("submission.counted", kept)


def test_a_month_without_a_session_counts_none(town: Town):
    count(town)
    assert carry(town).submission.entries == {"arrests": Entry(value="0", note="Counted from no session")}


def test_pressed_twice_it_is_put_in_once(town: Town):
    count(town)
    tell(town)
    carry(town)
    events = AuditEvent.objects.count()

    assert carry(town, revision=1).changes == ()
    assert AuditEvent.objects.count() == events
    assert Submission.objects.get().revision == 1


def test_a_draft_that_holds_them_already_stays_whichever_was_shown(town: Town):
    count(town)
    tell(town)
    carry(town)
    assert carry(town, revision=0) == Carried(Submission.objects.get())
    assert Submission.objects.get().revision == 1
    assert AuditEvent.objects.filter(verb="submission.counted").count() == 1


def test_a_number_beside_a_reason_is_shown_and_kept(town: Town):
    count(town)
    typed = {"arrests": Entry(value="17", reason="not_available", note="The list is lost")}
    save_draft(town.police, open_month(town, OCTOBER), typed, revision=0, by=town.lead)
    tell(town)
    assert [row.said for row in months(town)[0].rows] == ["17 and “Not available”"]

    carried = carry(town, revision=1)

    assert carried.changes == (("Arrests", "17 and “Not available”", "1"),)
    assert carried.notes == {"Arrests": "The list is lost"}
    assert carried.submission.entries == {"arrests": Entry(value="1", note="Counted from 1 session")}
    details = AuditEvent.objects.order_by("-id")[0].details
    assert details == {
        "changes": {"Arrests": ["17 and “Not available”", "1"]},
        "notes": {"Arrests": "The list is lost"},
    }


def test_a_note_beside_a_number_stays(town: Town):
    count(town)
    typed = {"arrests": Entry(value="17", note="More than ever")}
    save_draft(town.police, open_month(town, OCTOBER), typed, revision=0, by=town.lead)
    carried = carry(town, revision=1)
    assert (dict(carried.notes), carried.submission.entries["arrests"].note) == ({}, "More than ever")


def test_more_than_a_return_takes_is_refused_before(town: Town, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("actions.services.engagement.LARGEST", 50)
    count(town, "arrests", SessionCount.PEOPLE)
    tell(town)
    tell(town)
    with pytest.raises(TransitionRefused, match="Arrests: the month’s sessions give 62, but a return accepts at most"):
        carry(town)
    assert not Submission.objects.exists()


def test_a_retired_agency_begins_no_return(town: Town):
    count(town)
    town.police.retired = True
    town.police.save()
    with pytest.raises(TransitionRefused, match="is retired, so it has no more returns"):
        carry(town)


def test_no_number_gives_way_that_nobody_saw(town: Town):
    count(town)
    tell(town)
    save_draft(town.police, open_month(town, OCTOBER), {"arrests": Entry(value="3")}, revision=0, by=town.lead)

    with pytest.raises(ChangedMeanwhile, match="after you opened this page"):
        carry(town)

    assert Submission.objects.get().entries == {"arrests": Entry(value="3")}


def test_what_was_handed_in_is_returned_or_corrected_first(town: Town):
    count(town)
    submission = submit(town, OCTOBER, {"arrests": 3, "charges": 1})
    with pytest.raises(TransitionRefused, match=r"was submitted\. Ask the coordinator to send it back"):
        carry(town, revision=1)
    accept_return(submission, by=town.coordinator)
    with pytest.raises(TransitionRefused, match=r"was accepted\. Ask for a correction"):
        carry(town, revision=1)
    returned = give_back(town, submission)
    assert carry(town, revision=returned.revision).changes == (("Arrests", "3", "0"),)


def test_a_closed_month_takes_corrections(town: Town):
    count(town)
    accept(town, OCTOBER, {"arrests": 3, "charges": 1})
    roll_up_all()
    publish(town, OCTOBER)
    with pytest.raises(TransitionRefused, match=r"was accepted. Ask for a correction"):
        carry(town, revision=1)


def test_only_a_lead_fills_their_return(town: Town):
    count(town)
    period = open_month(town, OCTOBER)
    for person in [*(who for role, who in town.people.items() if role is not Role.AGENCY_LEAD), make_outsider()]:
        with pytest.raises(PermissionDenied):
            carry_counts(town.police, period, revision=0, by=person)


def test_nothing_is_put_in_where_nothing_is_counted(town: Town):
    with pytest.raises(TransitionRefused, match="Police supplies no indicator for October 2026 that counts sessions"):
        carry(town)
    other = make_outsider()
    elsewhere = other.memberships.get().area
    period = open_month(town, OCTOBER)
    period.area = elsewhere
    with pytest.raises(PermissionDenied, match="another area"):
        carry_counts(town.police, period, revision=0, by=town.lead)


# --- What differs


def test_what_the_return_says_is_held_against_the_sessions(town: Town):
    count(town)
    access = access_to(town.area, by=town.lead)
    open_month(town, SEPTEMBER)
    period = open_month(town, OCTOBER)
    tell(town)
    october, september = months(town)
    assert [(row.said, row.from_sessions) for row in october.rows] == [("", 1)]
    assert [(row.said, row.from_sessions) for row in september.rows] == [("", 0)]
    assert october.can_carry
    assert not october.is_same
    assert differences(access) == []  # a return that says nothing yet is a task of its own

    save_draft(town.police, period, {"arrests": Entry(value=" 3 ")}, revision=0, by=town.lead)
    [month] = differences(access)
    assert [(row.said, row.from_sessions) for row in month.differing] == [("3", 1)]

    carry(town, revision=1)
    assert differences(access) == []
    assert months(town)[0].is_same

    submission = submit(town, OCTOBER, {"arrests": 1, "charges": 1})
    told = tell(town, held_on=date(2026, 10, 20))
    [month] = differences(access)
    assert ([(row.said, row.from_sessions) for row in month.differing], month.can_carry) == ([("1", 2)], False)

    accept_return(submission, by=town.coordinator)
    roll_up_all()
    publish(town, OCTOBER)
    assert [(each.period.month, each.differing[0].from_sessions) for each in differences(access)] == [(OCTOBER, 2)]
    archive_session(told, why="Told twice", by=town.lead)
    assert differences(access) == []


def test_months_before_any_session_are_not_compared(town: Town):
    accept(town, SEPTEMBER, {"arrests": 4, "charges": 1})
    roll_up_all()
    publish(town, SEPTEMBER)
    count(town)
    assert months(town) == []


def test_an_indicator_is_compared_from_its_definition_on(town: Town):
    late = make_indicator(town.police, "late", defined_from=date(2026, 10, 1))
    count_indicator(late, SessionCount.SESSIONS, by=town.coordinator)
    open_month(town, SEPTEMBER)
    open_month(town, OCTOBER)
    assert [each.period.month for each in months(town)] == [OCTOBER]
