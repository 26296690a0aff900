"""Who once invited somebody, gave them a role or had their second factor reset isn't the second person to what they
do: whatever became of the role, and in everything that needs two people."""

import html
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from itertools import cycle, product

import pytest
from django.conf import settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from boards.models import Tie
from boards.rules import CONFIRMED_ROLES, Role
from core.calendar import Month
from core.mail.daily import load_sources, send_letters
from core.models import User
from indicators.models import FigureImport, Observation
from reporting.models import PublicEdition
from reporting.packs.services.letters import find_imports
from tests import tied
from tests.factories import make_user
from tests.integration.clock import Clock, clock_at
from tests.integration.test_figure_imports import csv_of
from tests.scenarios import submit
from tests.shires import OCTOBER, Shire, make_shire
from tests.tied import ACTS, RULES, THEN, Ask, Pair, Rule, list_rules, make_pair, take_roles
from tests.visiting import signed_in

# What an operator may always decide.
ALWAYS = (tied.ask_about_a_role, tied.end_a_wait, tied.reset_somebodys_factor)


clock = clock_at()
type Way = tuple[Callable[[Pair], None], Callable[[Pair], None]]


@pytest.fixture(scope="module")
def made(standing) -> Shire:
    return standing(lambda: make_shire(12, 9, 8))


@pytest.fixture
def pair(made: Shire, db) -> Pair:
    return make_pair(deepcopy(made))


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def say(answer) -> str:
    return " ".join(html.unescape(answer.content.decode()).split())


def name(each: object) -> str:
    return getattr(each, "__name__", str(each))


def name_rule(rule: object) -> str:
    return "-".join(name(each) for each in rule) if isinstance(rule, tuple) else str(rule)


def try_as(second: User, ask: Ask, pair: Pair, first: User) -> tuple[bool, str]:
    """Whether they could, and what the page then said."""
    asked = ask(pair, first)
    answer = signed_in(second).post(asked.url, asked.decision, follow=True)
    return asked.is_done(), say(answer)


# --- The attack ----------------------------------------------------------------------------------------------------


def test_one_coordinator_is_not_two_people_for_past_figures(pair: Pair):
    """They invite a second mailbox, upload as that analyst, take the role away, and confirm the figures themselves."""
    tied.add(pair, Role.ANALYST, by=pair.coordinator)
    sent = SimpleUploadedFile("history.csv", csv_of("police,arrests,,2022-03,777,,"))
    analyst, page = signed_in(pair.other), pair.url("history/")
    preview = html.unescape(analyst.post(page, {"files_sent": [sent], "place": ""}).content.decode())
    typed = {field: re.findall(f'name="{field}" value="([^"]*)"', preview)[0] for field in ("content", "seen")}
    assert "1 figure is waiting for a second person to confirm" in say(
        analyst.post(page, typed | {"act": "take", "reaches": "on"}, follow=True)
    )
    tied.end_the_roles(pair)

    brought, coordinator = FigureImport.objects.get(), signed_in(pair.coordinator)
    url = pair.url(f"history/brought-in/{brought.pk}/")
    sentence = "You invited Sam Hill or gave them a role, so someone else has to confirm this."
    shown = coordinator.get(url)
    assert sentence in say(shown)
    assert "Confirm these figures" not in say(shown)
    seen = re.findall('name="seen" value="([^"]*)"', signed_in(pair.colleague).get(url).content.decode())[0]
    assert sentence in say(coordinator.post(url, {"decision": "confirm", "seen": seen}, follow=True))
    assert not Observation.objects.filter(value=777).exists()
    assert not pair.area.periods.filter(starts_on__year=2022).exists()
    # Neither home nor the day's e-mail offers it to them.
    assert "Confirm past figures" not in say(coordinator.get(pair.url("")))
    assert {found.person for found in find_imports(timezone.localdate())} == {pair.colleague, pair.officer}

    signed_in(pair.colleague).post(url, {"decision": "confirm", "seen": seen})
    assert Observation.objects.filter(value=777).exists()


def check_refused(pair: Pair, rule: Rule) -> None:
    ask, *roles = rule
    with undone():
        take_roles(pair, pair.other, pair.coordinator, (roles[0], roles[1]))
        is_done, said = try_as(pair.coordinator, ask, pair, pair.other)
        assert not is_done, name(ask)
        assert "You invited Sam Hill or gave them a role, so" in said or (
            "You had Sam Hill’s second factor reset, so" in said
        ), (name(ask), said)


WAYS = list(product(ACTS, THEN))


@pytest.mark.parametrize(("way", "rule"), list(zip(WAYS, cycle(list_rules()), strict=False)), ids=name_rule)
def test_a_tie_outlasts_what_made_it(pair: Pair, way: Way, rule: Rule):
    """Each way meets one of the rules, and each rule some of the ways: all read the same tie."""
    for step in way:
        step(pair)
    check_refused(pair, rule)


@pytest.mark.release  # test_a_tie_outlasts_what_made_it, with every rule
@pytest.mark.parametrize("way", WAYS, ids=name_rule)
def test_a_tie_holds_for_every_rule(pair: Pair, way: Way):
    for step in way:
        step(pair)
    for rule in list_rules():
        check_refused(pair, rule)


@pytest.mark.parametrize("rule", list_rules(), ids=name_rule)
def test_who_never_invited_them_can_be_the_second_person(pair: Pair, rule: Rule):
    """Or the tests above could not fail."""
    ask, *roles = rule
    first, second = make_user("first@council.example"), make_user("second@council.example")
    take_roles(pair, first, second, (roles[0], roles[1]))
    is_done, said = try_as(second, ask, pair, first)
    assert is_done, said


@pytest.mark.parametrize("rule", list_rules(), ids=name_rule)
def test_the_page_says_so_and_offers_no_button(pair: Pair, rule: Rule):
    ask, *roles = rule
    tied.invite(pair)
    take_roles(pair, pair.other, pair.coordinator, (roles[0], roles[1]))
    asked = ask(pair, pair.other)
    page = signed_in(pair.coordinator).get(asked.url).content.decode()
    assert ask is tied.end_a_wait or "You invited Sam Hill or gave them a role, so" in html.unescape(page)
    assert f'value="{asked.decision.get("decision", asked.decision.get("act"))}"' not in page


# --- Who does instead ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES, ids=name_rule)
def test_the_operator_does_where_nobody_of_the_area_can(pair: Pair, rule: Rule):
    """A small town, in which the coordinator invited everybody, goes on working."""
    ask, *roles = rule
    tied.invite(pair)
    take_roles(pair, pair.other, pair.coordinator, (roles[0], roles[1]))
    pair.area.memberships.exclude(user__in=(pair.other, pair.coordinator, pair.town.lead)).delete()
    asked = ask(pair, pair.other)
    url, operator = asked.operator_url or asked.url, signed_in(pair.operator)
    assert operator.get(url).status_code == 200
    said = say(operator.post(url, asked.decision, follow=True))
    assert asked.is_done(), said


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule[0] not in (tied.release_a_hold, *ALWAYS)], ids=name_rule
)
def test_and_only_there(pair: Pair, rule: Rule):
    ask, *roles = rule
    tied.invite(pair)
    take_roles(pair, pair.other, pair.coordinator, (roles[0], roles[1]))
    another = make_user("another@council.example")
    tied.hold(another, pair, roles[1])
    asked = ask(pair, pair.other)
    said = say(signed_in(pair.operator).post(asked.operator_url or asked.url, asked.decision, follow=True))
    assert not asked.is_done()
    assert "Ashford has someone who can confirm this" in said
    signed_in(another).post(asked.url, asked.decision)
    assert asked.is_done()


def test_what_waits_for_the_operator_is_in_the_days_letter(pair: Pair, clock: Clock):
    tied.invite(pair)
    take_roles(pair, pair.other, pair.coordinator, (Role.INFORMATION, Role.COORDINATOR))
    pair.area.memberships.filter(user=pair.colleague).delete()
    asked = tied.weaken_a_rule(pair, pair.other)
    mail.outbox.clear()
    clock.go_on_to_a_working_day()
    send_letters(load_sources())
    told = {message.to[0]: str(message.body) for message in mail.outbox}
    assert pair.coordinator.email not in told
    (link,) = re.findall(rf"{settings.SITE_URL}(/account/link/\S+)", told[pair.operator.email])
    assert signed_in(pair.operator).get(link, follow=True).redirect_chain[-1][0] == asked.url
    assert "You get this as the operator." in told[pair.operator.email]


# --- The other way round ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", list_rules(), ids=name_rule)
def test_nor_is_somebody_whose_factor_was_reset_the_second_person(pair: Pair, rule: Rule):
    """Whoever had it reset may have signed in as them."""
    ask, *roles = rule
    tied.ask_for_a_reset(pair)
    take_roles(pair, pair.coordinator, pair.other, (roles[0], roles[1]))
    is_done, said = try_as(pair.other, ask, pair, pair.coordinator)
    assert not is_done
    assert f"{pair.coordinator} had your second factor reset, so" in said


@pytest.mark.parametrize("rule", list_rules(), ids=name_rule)
def test_nor_somebody_whom_they_invited_to_a_role_that_one_person_gives(pair: Pair, rule: Rule):
    """Two people give the role of a coordinator and of an officer, so those are people of their own."""
    ask, *roles = rule
    tied.invite(pair)
    take_roles(pair, pair.coordinator, pair.other, (roles[0], roles[1]))
    is_done, said = try_as(pair.other, ask, pair, pair.coordinator)
    assert is_done is (roles[1] in CONFIRMED_ROLES)
    if not is_done:
        assert f"{pair.coordinator} invited you or gave you a role, so" in said


@pytest.mark.parametrize("is_operator", [False, True])
@pytest.mark.parametrize("rule", [(tied.record_otherwise, Role.ANALYST, Role.ANALYST), tied.REGION_RULES[0]])
def test_nor_two_whom_one_person_invited(pair: Pair, rule: Rule, is_operator: bool):
    """They are three mailboxes of one person. From an operator, a region has all its people."""
    ask, *roles = rule
    first, second = make_user("first@council.example"), make_user("second@council.example")
    for person in (first, second):
        Tie.objects.create(
            person=person,
            kind="role",
            made_at=timezone.now(),
            made_by=pair.operator if is_operator else pair.coordinator,
        )
    take_roles(pair, first, second, (roles[0], roles[1]))
    is_done, said = try_as(second, ask, pair, first)
    assert is_done is is_operator
    assert is_operator or "The same person invited first and you, so" in said


# --- What still works ------------------------------------------------------------------------------------------------


def test_a_coordinator_accepts_the_return_of_a_lead_whom_they_invited(pair: Pair):
    """In most towns they invited every lead: docs/adr/0057."""
    tied.add(pair, Role.AGENCY_LEAD, by=pair.coordinator)
    pair.town.people[Role.AGENCY_LEAD] = pair.other
    submission = submit(pair.town, Month(2026, 11), {"arrests": 4, "charges": 1})
    url = reverse("reporting:return-decide", args=[pair.area.slug, Month(2026, 11), "police"])
    signed_in(pair.coordinator).post(url, {"decision": "accept", "revision": submission.revision})
    submission.refresh_from_db()
    assert submission.state == "accepted"


def test_an_officer_for_whom_the_coordinator_asked_approves_their_editions(pair: Pair):
    tied.add(pair, Role.INFORMATION, by=pair.coordinator)
    take_roles(pair, pair.coordinator, pair.other, (Role.COORDINATOR, Role.INFORMATION))
    is_done, said = try_as(pair.other, tied.ask_for_an_edition, pair, pair.coordinator)
    assert is_done, said
    edition = PublicEdition.objects.latest("pk")
    signed_in(pair.coordinator).post(pair.url(f"publishing/{OCTOBER}/"), {"decision": "publish", "edition": edition.pk})
    edition.refresh_from_db()
    assert edition.state == "published"
