"""A button that is pressed twice adds one thing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from actions.models import Action
from boards.models import Membership
from core.forms.pages import NAMED_FOR, SAME_WITHIN, TOKEN, TWICE
from core.models import SentForm
from core.tasks import forget_sent_forms
from tests.integration.at_once import by_all
from tests.pages.test_plan_pages import PLAN, typed_of
from tests.planning import make_strand
from tests.scenarios import Town, make_town
from tests.visiting import signed_in

ADD = f"{PLAN}add/"
PAGE = {TOKEN: "of one page"}


@pytest.fixture
def planned(db: None) -> Town:
    town = make_town()
    make_strand(town)
    return town


def test_the_second_is_led_to_what_the_first_added(planned: Town):
    coordinator, typed = signed_in(planned.coordinator), typed_of(planned) | PAGE

    first, second = coordinator.post(ADD, typed), coordinator.post(ADD, typed)

    assert second["Location"] == first["Location"] == Action.objects.get().get_absolute_url()
    assert TWICE in coordinator.get(first["Location"]).content.decode()


def test_what_comes_of_another_page_or_says_something_else_is_another_form(planned: Town):
    coordinator = signed_in(planned.coordinator)
    for other in (PAGE, PAGE | {"title": "Train 600 people"}, {TOKEN: "of another page"}):
        assert coordinator.post(ADD, typed_of(planned) | other).status_code == 302
    assert Action.objects.count() == 3


def test_what_somebody_else_sends_is_another_form(planned: Town, django_user_model: Any):
    other = django_user_model.objects.create_user("second@testford.example")
    Membership.objects.create(user=other, area=planned.area, role="coordinator")
    for person in (planned.coordinator, other):
        signed_in(person).post(ADD, typed_of(planned) | PAGE)
    assert Action.objects.count() == 2


def test_a_form_that_was_refused_may_be_sent_again(planned: Town):
    coordinator, typed = signed_in(planned.coordinator), typed_of(planned, title="") | PAGE
    for _ in range(2):
        answer = coordinator.post(ADD, typed)
        assert answer.status_code == 200
        assert "There is a problem" in answer.content.decode()
    assert not SentForm.objects.exists()


def test_forms_are_forgotten_at_night(planned: Town):
    coordinator = signed_in(planned.coordinator)
    coordinator.post(ADD, typed_of(planned) | PAGE)
    coordinator.post(ADD, typed_of(planned, title="Train 600 people") | PAGE)
    grow_old(SentForm.objects.order_by("sent_at").first(), NAMED_FOR)

    assert forget_sent_forms() == 1
    assert SentForm.objects.count() == 1


def grow_old(sent: SentForm | None, age: timedelta = SAME_WITHIN) -> None:
    assert sent is not None
    SentForm.objects.filter(pk=sent.pk).update(sent_at=sent.sent_at - age - timedelta(seconds=1))


def test_after_some_minutes_it_is_meant(planned: Town):
    """Somebody took away what they had added, went back to the form, and adds it once more."""
    coordinator, typed = signed_in(planned.coordinator), typed_of(planned) | PAGE
    for _ in range(2):
        assert coordinator.post(ADD, typed).status_code == 302
        grow_old(SentForm.objects.get())
    assert Action.objects.count() == 2
    assert coordinator.post(ADD, typed)["Location"] == Action.objects.get(number=3).get_absolute_url()


@pytest.mark.parametrize("minutes", [10, -10])
def test_a_clock_that_jumps_in_between_changes_nothing(planned: Town, monkeypatch: pytest.MonkeyPatch, minutes: int):
    """… of the web server's machine: bench.faults issued a pack twice."""
    coordinator, typed = signed_in(planned.coordinator), typed_of(planned) | PAGE
    coordinator.post(ADD, typed)
    jumped = timezone.now() + timedelta(minutes=minutes)
    monkeypatch.setattr(timezone, "now", lambda: jumped)

    again = coordinator.post(ADD, typed)

    assert again["Location"] == Action.objects.get().get_absolute_url()


@pytest.mark.both_databases
def test_of_four_at_once_one_is_kept(shared_database: str, others: ThreadPoolExecutor):
    town = make_town()
    make_strand(town)
    client, typed = signed_in(town.coordinator), typed_of(town) | PAGE
    key = client.cookies["sessionid"].value

    def post() -> str:
        own = sign_in_with(key)
        return own.post(ADD, typed)["Location"]

    places = by_all(others, post)

    assert len(places) == 4
    assert set(places) == {Action.objects.get().get_absolute_url()}


def sign_in_with(session: str) -> Client:
    client = Client()
    client.cookies["sessionid"] = session
    return client
