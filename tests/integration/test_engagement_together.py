"""Two people at the same sessions, voices and counts: the second is told, and nothing is overwritten silently. And what
was pressed twice, or after the session ended."""

import re
from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from actions.forms.engagement import CloseForm, CountField
from actions.models import CountedIndicator, EngagementSession, SessionCount, Voice
from actions.services.engagement import (
    CountChanged,
    archive_session,
    change_session,
    change_voice,
    close_voice,
    count_indicator,
    reopen_voice,
)
from core.calendar import Month
from core.forms import kept
from core.forms.pages import ChangedMeanwhile
from core.models import AuditEvent
from indicators.figures import Entry
from indicators.models import Indicator, Submission
from indicators.services.returns import save_draft
from tests.engagement import SAID, count, draft, hear, tell
from tests.pages.test_engagement_pages import (
    ADD,
    CARRY,
    COUNTS,
    LIST,
    SAYS,
    coordinator,
    errors_of,
    lead,
    typed,
    words_of,
)
from tests.scenarios import Town, open_month

__all__ = ["coordinator", "lead"]  # fixtures
pytestmark = pytest.mark.django_db
DUE = date(2026, 11, 30)


def hidden(page: str) -> dict[str, str]:
    """What the page's form carries of what it showed."""
    return dict(re.findall(r'<input type="hidden" name="([a-z._-]+)" (?:value="([^"]*)")?', page))


# --- A voice


def test_of_two_who_change_a_voice_the_second_is_told(town: Town):
    voice = hear(tell(town), by=town.lead)
    change_voice(voice, said="The path is dark.", due_on=DUE, revision=0, by=town.coordinator)
    for act in (
        lambda: change_voice(voice, said="Other", due_on=DUE, revision=0, by=town.lead),
        lambda: close_voice(voice, did="Lamps were put up.", revision=0, by=town.lead),
    ):
        with pytest.raises(ChangedMeanwhile, match=r"It now says “The path is dark\.”, with an answer promised by 30"):
            act()
    # What was sent twice is no change.
    change_voice(voice, said="The path is dark.", due_on=DUE, revision=0, by=town.coordinator)

    close_voice(voice, did="Lamps were put up.", revision=1, by=town.lead)
    reopen_voice(voice, why="They are off", revision=2, by=town.lead)
    close_voice(voice, did="They are on.", revision=3, by=town.coordinator)
    with pytest.raises(ChangedMeanwhile, match=r"The answer now says “They are on\.”"):
        reopen_voice(voice, why="They are off", revision=2, by=town.lead)
    assert (Voice.objects.get().did, Voice.objects.get().revision) == ("They are on.", 4)


def test_the_pages_say_so_and_take_the_next_press(town: Town, lead: Client):
    voice = hear(tell(town), by=town.lead)
    page = f"{LIST}voices/{voice.pk}/"
    assert 'name="revision" value="0"' in lead.get(f"{page}change/").content.decode()
    change_voice(voice, said="The path is dark.", due_on=DUE, revision=0, by=town.coordinator)

    sent = {"said": "Mine", "due_on": "30 11 2026", "revision": "0"}
    answer = lead.post(f"{page}change/", sent)
    assert "It now says “The path is dark.”" in errors_of(answer)[0]
    assert 'name="revision" value="1"' in answer.content.decode()
    lead.post(f"{page}change/", sent | {"revision": "1"})
    assert Voice.objects.get().said == "Mine"

    answer = lead.post(f"{page}close/", {"did": "Lamps", "revision": "1"})
    assert "It now says “Mine”" in errors_of(answer)[0]
    lead.post(f"{page}close/", {"did": "Lamps", "revision": "2"})
    assert "says “Lamps”" in errors_of(lead.post(f"{page}reopen/", {"why": "Off", "revision": "1"}))[0]
    lead.post(f"{page}reopen/", {"why": "Off", "revision": "3"})
    assert Voice.objects.get().did == ""


@pytest.mark.parametrize("forged", ["abc", "-1", "9" * 50, "²", "1.0"])
def test_a_forged_revision_is_none_and_names_no_hidden_box(town: Town, lead: Client, forged: str):
    told = tell(town)
    answer = lead.post(f"{told.get_absolute_url()}change/", typed(people="50", revision=forged))
    [error] = errors_of(answer)
    assert "was changed after you opened this form" in error
    assert 'href="#id_revision"' not in answer.content.decode()
    assert 'name="revision" value="0"' in answer.content.decode()
    form = CloseForm({"did": "x", "revision": forged})
    assert (form.is_valid(), form.seen) == (True, -1)


def test_an_archived_session_says_so_before_anything_is_typed(town: Town, lead: Client):
    told = tell(town)
    voice = close_voice(hear(told, by=town.lead), did="x", revision=0, by=town.lead)
    page, of_voice = told.get_absolute_url(), f"{LIST}voices/{voice.pk}/"
    assert "This already has an answer" in words_of(lead.get(f"{of_voice}change/"))
    assert "isn’t archived, so it already counts" in words_of(lead.get(f"{page}bring-back/"))
    for _ in range(2):  # a button pressed twice
        answer = lead.post(f"{page}archive/", {"why": "Told  twice"}, follow=True)
        assert "is archived." in words_of(answer)
    assert AuditEvent.objects.filter(verb="session.archived").count() == 1
    for end in (f"{page}change/", f"{page}archive/", f"{page}voices/add/", f"{of_voice}reopen/"):
        answer = lead.get(end)
        assert "is archived: bring it back first." in words_of(answer)
        assert not re.search(r'<form method="post" novalidate', answer.content.decode())
    answer = lead.post(f"{page}voices/add/", {"said": "Kept", "due_on": "30 11 2026"})
    assert "Kept" in answer.content.decode()
    assert "bring it back first" in errors_of(answer)[0]


# --- What is counted


def test_a_choice_gives_way_to_nothing_that_was_not_seen(town: Town):
    arrests, by = Indicator.objects.get(area=town.area, code="arrests"), town.coordinator
    count_indicator(arrests, SessionCount.GROUPS, seen="", by=by)
    for wanted in (SessionCount.PEOPLE, None):
        with pytest.raises(CountChanged, match="someone chose “Groups heard” after you opened this page") as changed:
            count_indicator(arrests, wanted, seen="sessions", by=by)
        assert changed.value.now == "groups"
    assert count_indicator(arrests, SessionCount.GROUPS, seen="", by=by) == CountedIndicator.objects.get()
    count_indicator(arrests, SessionCount.PEOPLE, seen="groups", by=by)
    count_indicator(arrests, None, seen="people", by=by)
    with pytest.raises(CountChanged, match="“Not counted from sessions”"):
        count_indicator(arrests, SessionCount.GROUPS, seen="people", by=by)


def test_only_what_was_changed_on_the_page_is_saved(town: Town, coordinator: Client):
    opened = hidden(coordinator.get(COUNTS).content.decode())
    shown = {name: value for name, value in opened.items() if name.endswith(".was")}
    assert shown == {"arrests.was": "", "charges.was": ""}
    count(town, "arrests")  # by somebody else

    for sent in ({}, {"charges": ""}, {"arrests": ""}, {"arrests": "", "charges": "", **shown}):
        coordinator.post(COUNTS, sent)
        assert CountedIndicator.objects.get().counts == "sessions"

    answer = coordinator.post(COUNTS, {"arrests": "people", "charges": "groups", **shown})
    [error] = errors_of(answer)
    assert error.startswith("Arrests: someone chose “Sessions held” after you opened this page.")
    assert CountedIndicator.objects.get().counts == "sessions"  # nothing of it was saved
    page = answer.content.decode()
    assert hidden(page)["arrests.was"] == "sessions"
    assert '<option value="people" selected>' in page
    coordinator.post(COUNTS, {"arrests": "people", "charges": "groups", **shown, "arrests.was": "sessions"})
    held = CountedIndicator.objects.values_list("indicator__code", "counts")
    assert dict(held) == {"arrests": "people", "charges": "groups"}


def test_a_retired_one_does_not_hold_up_the_rest(town: Town, coordinator: Client):
    count(town, "arrests")
    Indicator.objects.filter(code="arrests").update(retired_from=date(2026, 12, 1))
    page = coordinator.get(COUNTS)
    assert "Leave it unchanged, or choose “Not counted from sessions”." in words_of(page)
    sent = {"arrests": "sessions", "arrests.was": "sessions", "charges.was": ""}
    coordinator.post(COUNTS, sent | {"charges": "groups"})
    assert CountedIndicator.objects.count() == 2
    answer = coordinator.post(COUNTS, {"arrests": "people", "arrests.was": "sessions"})
    assert "is retired" in errors_of(answer)[0]
    coordinator.post(COUNTS, {"arrests": "", "arrests.was": "sessions"})
    assert CountedIndicator.objects.get().indicator.code == "charges"


# --- Signed out


def test_a_choice_that_was_made_signed_out_is_kept(town: Town, coordinator: Client):
    client, proof = Client(), hidden(coordinator.get(COUNTS).content.decode())[kept.FIELD]
    client.post(COUNTS, {"arrests": "people", "arrests.was": "", kept.FIELD: proof})
    client.force_login(town.coordinator)
    answer = client.get(COUNTS)
    assert "What you typed was not saved" in errors_of(answer)[0]
    assert '<option value="people" selected>' in answer.content.decode()


def test_whoever_pressed_the_button_signed_out_is_led_back(town: Town, lead: Client):
    count(town)
    open_month(town, Month(2026, 10))
    tell(town)
    answer = lead.get(CARRY, follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    assert "The counts aren’t in the return yet." in words_of(answer)
    assert not Submission.objects.exists()


# --- What stands on the pages


def test_headings_can_be_told_apart(town: Town, lead: Client):
    told = tell(town)
    hear(told, by=town.lead, said="It is dark.")
    hear(told, by=town.lead, said="It is far.")
    for page in (told.get_absolute_url(), SAYS):
        headings = re.findall(r"<h[23][^>]*>(You said<span.*?)</h", lead.get(page).content.decode())
        words = [" ".join(re.sub(r"<[^>]+>", "", each).split()) for each in headings]
        assert len(set(words)) == 2
        assert all(told.title in each for each in words)


def test_ten_voices_stand_on_the_page_of_what_one_owes(town: Town, lead: Client):
    told = tell(town)
    for number in range(12):
        hear(told, by=town.lead, due_on=timezone.localdate(), said=f"It is dark in street {number}.")
    answer = lead.get("/testford/mine/")
    assert answer.content.decode().count('name="did"') == 10
    assert "12 tasks are waiting for you" in words_of(answer)
    assert "2 more are waiting for their answers: see all under “You said, we did”" in words_of(answer)
    assert f'href="{SAYS}?state=waiting&amp;agency=police"' in answer.content.decode()
    sent = {"did": "Lamps were put up.", "back": "mine", "revision": "0"}
    lead.post(f"{LIST}voices/{Voice.objects.order_by('pk')[0].pk}/close/", sent)
    assert "1 more is waiting for its answer" in words_of(lead.get("/testford/mine/"))


def test_totals_of_a_filter_say_of_how_many(town: Town, lead: Client):
    hear(tell(town), by=town.lead)
    tell(town, held_on=date(2026, 10, 9), people=1)
    archive_session(tell(town, title="Told twice"), why="x", by=town.lead)
    assert "October 2026 2 sessions, 4 groups heard, 32 people reached." in words_of(lead.get(LIST))
    said = words_of(lead.get(f"{LIST}?answers=waiting"))
    assert "October 2026 1 of the month’s 2 sessions, 2 groups heard, 31 people reached." in said


def test_what_somebody_typed_into_a_box_is_shortened(town: Town, lead: Client):
    count(town)
    long = "x" * 3000
    period = open_month(town, Month(2026, 10))
    save_draft(town.police, period, {"arrests": Entry(value=long, reason="not_available")}, revision=0, by=town.lead)
    tell(town)
    shown = f"{'x' * 29}… and “Not available”"
    for page in (LIST, "/testford/mine/"):
        said = words_of(lead.get(page))
        assert shown in said
        assert "x" * 31 not in said
    assert f"Arrests: 1 (was {shown})." in words_of(lead.post(CARRY, {"revision": "1"}, follow=True))
    event = AuditEvent.objects.get(verb="submission.counted")
    assert event.details["changes"] == {"Arrests": [f"{long} and “Not available”", "1"]}


# --- Numbers


@pytest.mark.parametrize("typed_number", ["1,240", "1 240", " 1240 ", "1\u00a0240"])
def test_a_number_is_typed_as_in_a_return(town: Town, lead: Client, typed_number: str):
    lead.post(ADD, typed(agency=town.police.pk, people=typed_number))
    assert EngagementSession.objects.get().people == 1240


@pytest.mark.parametrize("typed_number", ["1.5", "-1", "12a", "١٢", "9" * 6000, "1000001", "\x00"])
def test_what_is_no_number_is_said_with_the_name_of_its_box(town: Town, lead: Client, typed_number: str):
    answer = lead.post(ADD, typed(agency=town.police.pk, people=typed_number))
    assert errors_of(answer) == ["The number of people must be a whole number from 0 to 1,000,000, such as 12"]
    assert not EngagementSession.objects.exists()


def test_a_number_is_shown_as_it_is_kept(town: Town, lead: Client):
    told = change_session(tell(town), draft(people=1240), revision=0, by=town.lead)
    assert 'name="people" value="1240"' in lead.get(f"{told.get_absolute_url()}change/").content.decode()
    assert CountField(noun="number").clean("0") == 0


def test_the_page_for_adding_shows_what_was_typed_though_the_agency_is_retired(town: Town, lead: Client):
    town.police.retired = True
    town.police.save()
    said = words_of(lead.get(ADD))
    assert "All of your agencies are retired." in said
    answer = lead.post(ADD, typed(agency=town.police.pk, title="Typed"))
    assert errors_of(answer) == ["Choose the agency from the list"]
    assert 'value="Typed"' in answer.content.decode()
    assert SAID not in words_of(answer)
