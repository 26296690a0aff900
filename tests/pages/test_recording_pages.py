"""Pages of changes of recording and of the names of levels; and the other chart of an indicator."""

import pytest
from django.urls import reverse

from boards.rules import Role
from core.calendar import Month
from indicators.models import Indicator, LevelName, RecordingChange
from indicators.services.setup import ask_recording_change
from indicators.workflow import RecordingState
from reporting.months.presenters.series import WHY_IT_DIFFERS
from tests.factories import make_member
from tests.publishing import publish_months
from tests.scenarios import Town, make_town
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
WHY = "The new custody system counts each arrest"


def url(town: Town, name: str, *keys: object) -> str:
    return reverse(name, args=[town.area.slug, "arrests", *keys])


def ask(town: Town) -> RecordingChange:
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    return ask_recording_change(arrests, month=OCTOBER, why=WHY, by=town.coordinator)


# --- A change of recording ------------------------------------------------------------------------------------


def test_one_asks_and_it_waits_for_another(town):
    page = url(town, "indicators:recording-list")
    sent = signed_in(town.coordinator).post(page, {"month": "2026-10", "why": WHY}, follow=True).content.decode()

    assert "It will apply once another person confirms it" in sent
    assert WHY in sent
    assert "Waiting for a second person" in sent
    own = signed_in(town.coordinator).get(url(town, "indicators:recording-decide", RecordingChange.objects.get().pk))
    assert "Confirm the change" not in own.content.decode()
    assert "Withdraw it" in own.content.decode()


def test_bad_input_keeps_what_was_typed(town):
    sent = signed_in(town.coordinator).post(url(town, "indicators:recording-list"), {"month": "", "why": WHY})

    assert "<title>Error: " in sent.content.decode()
    assert WHY in sent.content.decode()
    assert not RecordingChange.objects.exists()


def test_another_finds_it_on_their_home_page_and_confirms_it(town):
    change = ask(town)
    analyst = signed_in(make_member(town.area, Role.ANALYST))
    decide = url(town, "indicators:recording-decide", change.pk)
    home = analyst.get(reverse("reporting:area-home", args=[town.area.slug])).content.decode()

    assert "will be recorded differently from October 2026" in home
    assert f'href="{decide}"' in home
    assert "You can’t undo this" in analyst.get(decide).content.decode()
    done = analyst.post(decide, {"act": "confirm"}, follow=True).content.decode()
    assert "Arrests starts a new series in October 2026" in done
    assert RecordingChange.objects.get().state == RecordingState.CONFIRMED
    assert f'href="{decide}"' not in analyst.get(reverse("reporting:area-home", args=[town.area.slug])).content.decode()


def test_a_button_that_is_pressed_twice_says_so(town):
    change = ask(town)
    analyst, decide = (
        signed_in(make_member(town.area, Role.ANALYST)),
        url(town, "indicators:recording-decide", change.pk),
    )
    analyst.post(decide, {"act": "decline"})
    again = analyst.post(decide, {"act": "confirm"}, follow=True).content.decode()

    assert "This change of recording is declined" in again
    assert RecordingChange.objects.get().state == RecordingState.DECLINED


def test_a_button_that_is_none_changes_nothing(town):
    change = ask(town)
    analyst, decide = (
        signed_in(make_member(town.area, Role.ANALYST)),
        url(town, "indicators:recording-decide", change.pk),
    )

    assert "Nothing was changed" in analyst.post(decide, {"act": "x"}, follow=True).content.decode()
    assert RecordingChange.objects.get().state == RecordingState.ASKED


# --- Levels and the other chart ----------------------------------------------------------------------------------


def make_levelled_town() -> Town:
    town = make_town()
    publish_months(town, OCTOBER + -33, {"arrests": [*[40] * 20, *[12] * 14], "charges": [3] * 34})
    return town


made, levelled = stand(make_levelled_town)


def test_a_level_is_told_and_can_be_named(levelled):
    page, naming = url(levelled, "reporting:indicator-view"), url(levelled, "reporting:level-name")
    analyst = signed_in(make_member(levelled.area, Role.ANALYST))
    shown = analyst.get(page).content.decode()

    assert "About 12 a month since September 2025, down from about 40" in shown
    assert f'href="{naming}"' in shown
    named = analyst.post(naming, {"name": "The new team", "reason": "It began in May"}, follow=True).content.decode()
    assert "The level since September 2025 now has a name" in named
    assert "Name given to the level since September 2025" in named
    assert LevelName.objects.get().name == "The new team"
    assert "The new team" in analyst.get(naming).content.decode()
    assert "Name its level" not in signed_in(levelled.people[Role.BOARD_MEMBER]).get(page).content.decode()


def test_a_name_without_a_reason_is_refused(levelled):
    sent = signed_in(levelled.coordinator).post(
        url(levelled, "reporting:level-name"), {"name": "The new team", "reason": " "}
    )

    assert "<title>Error: " in sent.content.decode()
    assert 'value="The new team"' in sent.content.decode()
    assert not LevelName.objects.exists()


def test_the_same_figures_as_an_nhs_chart(levelled):
    member, page = signed_in(levelled.people[Role.BOARD_MEMBER]), url(levelled, "reporting:indicator-view")
    judged, nhs = (member.get(address).content.decode() for address in (page, f"{page}?chart=nhs"))

    assert WHY_IT_DIFFERS not in judged
    assert WHY_IT_DIFFERS in nhs
    assert "New level" in judged
    assert "New level" not in nhs.partition("Month by month")[0]
    assert "Between the control limits" in nhs
    assert "Above the usual range" in nhs
    for page_of in (judged, nhs):
        assert "About 12 a month since September 2025, down from about 40" in page_of  # what is judged is the same
