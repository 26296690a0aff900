"""A withdrawn month: the rows that take its figures down, and what goes up again."""

from copy import deepcopy

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from boards.models import Membership
from boards.roles import Role
from core.models import AuditEvent
from core.transitions import TransitionRefused
from reporting.models import EditionWithdrawal, IssuedPack, PublicEdition, PublicLine, Replacement
from reporting.public import taking_down
from reporting.public.lines import Prepared
from reporting.public.selectors.withdrawn import waiting_replacements
from reporting.public.services import agree, ask_consent, publish_edition
from reporting.public.taking_down import prepare_replacements, withdraw_month
from tests import scenarios
from tests.integration.test_editions import correct
from tests.scenarios import Town
from tests.withdrawn import OCTOBER, SEPTEMBER, make_public_town, officer_of, period_of, publish_again

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(standing) -> Town:
    return standing(make_public_town)


@pytest.fixture
def town(made: Town) -> Town:
    return deepcopy(made)


def test_the_figures_come_back_with_an_edition_of_their_own_month(town: Town):
    """Also in editions of later months: what went with its month isn't withheld for ever."""
    withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=officer_of(town))
    prepare_replacements(waiting_replacements())
    publish_again(town, OCTOBER)
    own = scenarios.publish_openly(town, SEPTEMBER)
    shown = own.lines.get(indicator_code="arrests")
    assert (shown.value, shown.revised_state) == (7351, "")
    third = scenarios.publish_openly(town, OCTOBER)
    assert (third.number, third.left_out) == (3, [])
    assert third.lines.get(indicator_code="arrests").history == [7351, 20]


def test_what_is_prepared_waits_for_two_people(town: Town):
    withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=officer_of(town))
    prepare_replacements(waiting_replacements())
    edition = PublicEdition.objects.select_related("period__area").get(state="asked")
    assert (edition.asked_by, edition.left_out) == (None, ["2026-09"])
    assert edition.prepared_for.period.month == SEPTEMBER
    # Somebody with both roles isn't two people.
    Membership.objects.create(area=town.area, user=officer_of(town), role=Role.COORDINATOR)
    agree(edition, by=officer_of(town), seen=edition.fingerprint)
    with pytest.raises(PermissionDenied, match="You approved this edition"):
        publish_edition(edition, by=officer_of(town))
    edition.refresh_from_db()
    with pytest.raises(IntegrityError, match="prepared_edition_published_by_another"), transaction.atomic():
        PublicEdition.objects.filter(pk=edition.pk).update(
            state="published", number=2, published_at=timezone.now(), published_by=officer_of(town)
        )
    publish_edition(edition, by=town.coordinator)


def test_one_that_breaks_holds_up_no_other(town: Town, monkeypatch: pytest.MonkeyPatch):
    withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=officer_of(town))

    def break_down(_: object) -> Prepared:
        raise ZeroDivisionError

    monkeypatch.setattr(taking_down, "prepare_edition", break_down)
    assert prepare_replacements(waiting_replacements()) == 0
    assert Replacement.objects.get().refused.startswith("Something went wrong")
    assert not waiting_replacements().exists()


def test_it_is_prepared_once(town: Town):
    withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=officer_of(town))
    waiting = list(waiting_replacements())
    assert (prepare_replacements(waiting), prepare_replacements(waiting)) == (1, 0)
    assert PublicEdition.objects.filter(state="asked").count() == 1


def test_an_edition_in_progress_that_shows_it_is_declined(town: Town):
    correct(town, OCTOBER, "charges", 15)
    october = period_of(town, OCTOBER)
    waiting = ask_consent(october, by=town.coordinator)
    agree(waiting, by=officer_of(town), seen=waiting.fingerprint)
    withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=officer_of(town))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.declined_why[:28]) == ("declined", "September 2026 was withdrawn")
    with pytest.raises(TransitionRefused):
        publish_edition(waiting, by=town.coordinator)


def test_what_is_down_is_still_proved(town: Town):
    """Editions and packs are the rows that they were; only a row beside them takes them down."""
    before = [list(model.objects.order_by("pk").values()) for model in (PublicEdition, PublicLine, IssuedPack)]
    withdraw_month(period_of(town, SEPTEMBER), why="Wrong", by=officer_of(town))
    assert before == [list(model.objects.order_by("pk").values()) for model in (PublicEdition, PublicLine, IssuedPack)]
    down = EditionWithdrawal.objects.select_related("edition", "cause").order_by("edition__period__starts_on")
    assert [(each.edition.period.month, each.is_own) for each in down] == [(SEPTEMBER, True), (OCTOBER, False)]
    event = AuditEvent.objects.get(verb="public_month.withdrawn")
    assert event.details == {
        "month": "2026-09",
        "editions": ["2026-09/1", "2026-10/1"],
        "packs": ["TESTFORD-2026-09-CSP-1", "TESTFORD-2026-10-CSP-1"],
        "is_urgent": False,
        "why": "Wrong",
    }
