"""What is told of sessions with the community, by whom, and what of it is kept; through the services."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from actions.models import EngagementSession, Voice
from actions.models.engagement import LONGEST_HEARD
from actions.selectors.engagement import Made, by_month, count_sessions, list_owed_voices, list_sessions, list_voices
from actions.services.engagement import (
    MOST_HEARD,
    add_session,
    add_voice,
    archive_session,
    bring_back_session,
    change_session,
    change_voice,
    close_voice,
    reopen_voice,
)
from boards.permissions import access_to
from boards.rules import Role
from core.calendar import Month
from core.labels import TransitionRefused
from core.models import AuditEvent, User
from tests.engagement import SAID, draft, hear, tell
from tests.factories import make_agency, make_member
from tests.scenarios import Town, make_outsider

pytestmark = pytest.mark.django_db
DUE = date(2026, 11, 30)


def last_event() -> tuple[str, str, dict]:
    event = AuditEvent.objects.order_by("-id")[0]
    return event.verb, event.actor, event.details


def refused(act) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refusal:
        act()
    return refusal.value.message_dict


# --- A session


def test_a_sessions_life(town: Town):
    by = town.lead
    told = add_session(town.police, draft(title=" An  evening "), by=by)
    assert (told.title, told.area, told.added_by) == ("An evening", town.area, by)
    assert last_event() == ("session.added", by.email, {"agency": "police"})

    told = change_session(told, draft(title="An evening", people=32), revision=0, by=by)
    assert last_event() == ("session.changed", by.email, {"changes": {"people": ["31", "32"]}})

    told = archive_session(told, why="Told  twice", by=by)
    assert last_event() == ("session.archived", by.email, {"why": "Told twice"})
    assert count_sessions(list_sessions(town.area)) == {(town.police.pk, Month(2026, 10)): Made()}

    told = bring_back_session(told, why="It wasn’t", by=town.coordinator)
    assert last_event() == ("session.brought_back", town.coordinator.email, {"why": "It wasn’t"})
    assert (told.archived_at, told.archived_by, told.archived_why) == (None, None, "")
    assert count_sessions(list_sessions(town.area)) == {(town.police.pk, Month(2026, 10)): Made(1, 2, 32)}
    assert EngagementSession.objects.get().revision == 3


def test_nothing_is_audited_twice(town: Town):
    told = tell(town)
    events = AuditEvent.objects.count()

    change_session(told, draft(), revision=0, by=town.lead)

    assert AuditEvent.objects.count() == events


def test_leads_of_the_agency_and_the_coordinator_tell(town: Town):
    other = make_member(town.area, Role.AGENCY_LEAD, agency=make_agency(town.area, "nhs"))
    told = tell(town)
    voice = hear(told, by=town.coordinator)
    may = {Role.AGENCY_LEAD, Role.COORDINATOR}

    for person in [*(who for role, who in town.people.items() if role not in may), other, make_outsider()]:
        for act in acts(town, told, voice, by=person):
            with pytest.raises(PermissionDenied, match=r"Only a lead of Police and the coordinator|no part"):
                act()
    assert EngagementSession.objects.count() == Voice.objects.count() == 1


def acts(town: Town, told: EngagementSession, voice: Voice, *, by: User) -> list:
    return [
        lambda: add_session(town.police, draft(), by=by),
        lambda: change_session(told, draft(people=5), revision=0, by=by),
        lambda: archive_session(told, why="x", by=by),
        lambda: bring_back_session(told, why="x", by=by),
        lambda: add_voice(told, said=SAID, due_on=DUE, by=by),
        lambda: change_voice(voice, said="Other", due_on=DUE, revision=0, by=by),
        lambda: close_voice(voice, did="x", revision=0, by=by),
        lambda: reopen_voice(voice, why="x", revision=0, by=by),
    ]


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"title": "  "}, "title", "Enter a title of a few words."),
        ({"title": "\u200b"}, "title", "Enter a title of a few words."),  # shows nothing
        ({"title": "x" * 121}, "title", "Shorten this to 120 characters; it has 121."),
        ({"groups_named": "x" * 301}, "groups_named", "Shorten this to 300 characters; it has 301."),
        ({"groups_named": ""}, "groups_named", "Describe the groups that took part"),
        ({"groups": 0}, "groups_named", "You entered 0 groups"),
        ({"groups": -1}, "groups", "a whole number from 0 to 1,000,000"),
        ({"groups": MOST_HEARD + 1}, "groups", "a whole number from 0 to 1,000,000"),
        ({"people": MOST_HEARD + 1}, "people", "a whole number from 0 to 1,000,000"),
        ({"people": 0}, "people", "the number of people must be at least 1"),
        ({"held_on": date(1999, 12, 31)}, "held_on", "Enter a day from 1 January 2000 or later."),
        ({"held_on": date(2999, 1, 1)}, "held_on", "The session hasn’t been held yet"),
    ],
)
def test_what_does_not_hold_is_said(town: Town, given: dict, field: str, words: str):
    found = refused(lambda: tell(town, **given))

    assert list(found) == [field]
    assert words in found[field][0]


def test_a_session_to_which_nobody_came_is_one(town: Town):
    tell(town, groups=0, groups_named="", people=0)
    tell(town, groups=0, groups_named="", people=12)  # who are no group
    tell(town, held_on=timezone.localdate())
    assert EngagementSession.objects.count() == 3


def test_a_retired_agency_tells_of_no_new_one(town: Town):
    told = tell(town)
    town.police.retired = True
    town.police.save()

    assert "retired" in refused(lambda: tell(town))["agency"][0]
    assert change_session(told, draft(people=40), revision=0, by=town.lead).people == 40


def test_an_archived_one_takes_nothing(town: Town):
    told = tell(town)
    voice = close_voice(hear(told, by=town.lead), did="Lamps were put up.", revision=0, by=town.lead)
    archived = archive_session(told, why="Told twice", by=town.lead)

    for act in (
        lambda: change_session(archived, draft(people=40), revision=1, by=town.lead),
        lambda: archive_session(archived, why="x", by=town.lead),
        lambda: archive_session(archived, why="Told twice", by=town.coordinator),
        lambda: add_voice(archived, said=SAID, due_on=DUE, by=town.lead),
        lambda: reopen_voice(voice, why="x", revision=1, by=town.lead),
    ):
        with pytest.raises(TransitionRefused, match="is archived: bring it back first"):
            act()
    brought = bring_back_session(archived, why="It wasn’t", by=town.lead)
    with pytest.raises(TransitionRefused, match="isn’t archived"):
        bring_back_session(brought, why="x", by=town.lead)
    again = bring_back_session(brought, why="It wasn’t", by=town.lead)  # a button that was pressed twice
    assert again.revision == brought.revision


def test_an_answer_that_is_promised_comes_before_archiving(town: Town):
    told = tell(town)
    voice, other = hear(told, by=town.lead), hear(told, by=town.lead)

    with pytest.raises(TransitionRefused, match="2 answers are still due"):
        archive_session(told, why="x", by=town.lead)
    close_voice(other, did="x", revision=0, by=town.lead)
    with pytest.raises(TransitionRefused, match="An answer is still due"):
        archive_session(told, why="x", by=town.lead)
    close_voice(voice, did="Nothing: the path is private.", revision=0, by=town.lead)
    assert archive_session(told, why="Told twice", by=town.lead).archived_at


@pytest.mark.parametrize("act", [archive_session, bring_back_session])
@pytest.mark.parametrize("why", [" ", "x" * 301])
def test_a_reason_is_needed(town: Town, act, why: str):
    assert refused(lambda: act(tell(town), why=why, by=town.lead)).keys() == {"why"}


# --- "You said, we did"


def test_a_voices_life(town: Town):
    by = town.lead
    voice = hear(tell(town), by=by)
    assert last_event() == ("voice.added", by.email, {"due_on": "2026-11-30"})

    voice = change_voice(voice, said="The path is dark.\r\nVery.", due_on=date(2026, 12, 1), revision=0, by=by)
    changes = {"said": [SAID, "The path is dark.\nVery."], "due_on": ["2026-11-30", "2026-12-01"]}
    assert last_event() == ("voice.changed", by.email, {"changes": changes})

    voice = close_voice(voice, did=" Lamps were put up. ", revision=1, by=by)
    assert (voice.did, voice.closed_by) == ("Lamps were put up.", by)
    assert last_event() == ("voice.closed", by.email, {"did": "Lamps were put up."})
    with pytest.raises(TransitionRefused, match="reopen it first"):
        change_voice(voice, said="Other", due_on=DUE, revision=0, by=by)

    voice = reopen_voice(voice, why="They are off again", revision=2, by=town.coordinator)
    assert (voice.did, voice.closed_at, voice.closed_by) == ("", None, None)
    verb, actor, details = last_event()
    assert (verb, actor) == ("voice.reopened", town.coordinator.email)
    assert (details["why"], details["did"]) == ("They are off again", "Lamps were put up.")
    with pytest.raises(TransitionRefused, match="already open"):
        reopen_voice(voice, why="x", revision=3, by=by)


def test_closed_twice_is_closed_once(town: Town):
    voice = hear(tell(town), by=town.lead)
    close_voice(voice, did="Lamps were put up.", revision=0, by=town.lead)
    events = AuditEvent.objects.count()

    close_voice(voice, did="Lamps were put up.", revision=0, by=town.lead)
    with pytest.raises(TransitionRefused, match=r" closed it on .*: “Lamps were put up.”"):
        close_voice(voice, did="A letter went out.", revision=0, by=town.coordinator)

    assert AuditEvent.objects.count() == events
    assert Voice.objects.get().did == "Lamps were put up."


def test_what_is_wrong_with_a_voice_is_said(town: Town):
    told = tell(town)
    wrong = refused(lambda: add_voice(told, said=" ", due_on=date(2026, 10, 7), by=town.lead))
    assert wrong == {
        "said": ["Enter what people said."],
        "due_on": ["The session was held on 8 October 2026, so choose that day or a later one."],
    }
    long = "x" * (LONGEST_HEARD + 1)
    assert "1,001" in refused(lambda: hear(told, said=long, by=town.lead))["said"][0]
    assert refused(lambda: hear(told, due_on=date(2101, 1, 1), by=town.lead)).keys() == {"due_on"}
    voice = hear(told, due_on=told.held_on, by=town.lead)
    assert refused(lambda: close_voice(voice, did="", revision=0, by=town.lead)).keys() == {"did"}
    assert refused(lambda: close_voice(voice, did=long, revision=0, by=town.lead)).keys() == {"did"}
    assert refused(
        lambda: change_voice(voice, said=SAID, due_on=date(2026, 10, 7), revision=0, by=town.lead)
    ).keys() == {"due_on"}
    later = draft(held_on=date(2026, 10, 9))
    assert (
        "promised by 8 October 2026"
        in refused(lambda: change_session(told, later, revision=0, by=town.lead))["held_on"][0]
    )


def test_what_waits_comes_first_and_to_the_lead(town: Town):
    told = tell(town)
    late, soon = hear(told, by=town.lead, due_on=date(2026, 12, 31)), hear(told, by=town.lead)
    done = close_voice(hear(told, by=town.lead, due_on=date(2026, 10, 9)), did="x", revision=0, by=town.lead)
    archived = tell(town, title="Told twice")
    close_voice(hear(archived, by=town.lead), did="x", revision=0, by=town.lead)
    archive_session(archived, why="x", by=town.lead)

    assert list(list_voices(town.area)) == [soon, late, done]
    access = access_to(town.area, by=town.lead)
    assert list_owed_voices(access, today=date(2026, 11, 10)) == [soon]
    assert not list_owed_voices(access_to(town.area, by=town.coordinator), today=date(2026, 11, 10))
    session = list_sessions(town.area).get(pk=told.pk)
    assert (session.waiting, session.total) == (2, 3)


def test_a_group_that_is_heard_twice_counts_twice(town: Town, django_assert_num_queries):
    nhs = make_agency(town.area, "nhs")
    tell(town)
    tell(town, held_on=date(2026, 10, 31), groups=1, groups_named="Parents of year 8", people=9)
    tell(town, held_on=date(2026, 11, 1))
    add_session(nhs, draft(), by=town.coordinator)

    with django_assert_num_queries(1):
        counts = count_sessions(list_sessions(town.area))
    october, november = Month(2026, 10), Month(2026, 11)
    assert counts == {
        (town.police.pk, october): Made(2, 3, 40),
        (town.police.pk, november): Made(1, 2, 31),
        (nhs.pk, october): Made(1, 2, 31),
    }
    assert by_month(counts) == {november: Made(1, 2, 31), october: Made(3, 5, 71)}
