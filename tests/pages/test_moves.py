"""An indicator that moves to an agency with a milder rule: a second person agrees, and the months before keep the rule
of the agency that they came from."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from boards.models import Agency, Membership
from boards.rules import Role
from core.calendar import Month
from core.mail.daily import load_sources, send_letters
from core.models import AuditEvent, User
from indicators.figures import Entry
from indicators.models import DisclosureRule, Indicator, IndicatorChange, IndicatorMove, RuleRequest
from indicators.selectors.disclosure import effective_rules
from indicators.services.corrections import accept_correction, ask_correction
from indicators.services.disclosure import set_rule
from reporting.models import PublicEdition
from reporting.months.services import publish_corrections
from tests import scenarios
from tests.factories import make_agency, make_indicator, make_member
from tests.integration.clock import Clock, clock_at
from tests.scenarios import Town
from tests.visiting import signed_in

JULY, AUGUST, SEPTEMBER, OCTOBER = (Month(2026, month) for month in (7, 8, 9, 10))
EDIT = reverse("indicators:indicator-edit", args=["testford", "arrests"])
WHY = "The council’s team counts them from October"
OTHERS = {"charges": 9}
clock = clock_at()


@pytest.fixture
def council(town: Town) -> Agency:
    council = make_agency(town.area, "council")
    make_member(town.area, Role.AGENCY_LEAD, agency=council)
    return council


@pytest.fixture
def officer(town: Town) -> User:
    return town.people[Role.INFORMATION]


@pytest.fixture
def published(town: Town, council: Agency, officer: User) -> Town:
    """The police withhold up to 7. July and September are public; August is published for the boards only."""
    protect(town, officer, kind="suppress", below=8)
    for month, value in ((JULY, 6), (AUGUST, 5), (SEPTEMBER, 7)):
        scenarios.accept(town, month, {"arrests": value, **OTHERS})
        scenarios.publish(town, month)
        if month != AUGUST:
            scenarios.publish_openly(town, month)
    return town


def protect(town: Town, officer: User, **rule: Any) -> None:
    assert isinstance(set_rule(town.area, agency=town.police, why="The agreement", by=officer, **rule), DisclosureRule)


def say(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(answer.content.decode())).split())


def typed_for(indicator: Indicator, owner: Agency, **typed: Any) -> dict[str, Any]:
    """What the page of an indicator sends back."""
    names = ("title", "question", "unit_one", "unit_many", "polarity", "polarity_reason", "counts_as", "collection")
    kept = {name: getattr(indicator, name) for name in (*names, "asked", "shown_on", "position")}
    boards = [place.board_id for place in indicator.board_places.all()]
    return kept | {"section": indicator.section_id, "boards": boards, "owner": owner.pk} | typed


def move(town: Town, owner: Agency, *, why: str = WHY, by: User | None = None) -> Any:
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    typed = typed_for(arrests, owner, owner_why=why)
    return signed_in(by or town.coordinator).post(EDIT, typed, follow=True)


def decide(town: Town, person: User, decision: str = "agree", **typed: str) -> Any:
    asked = RuleRequest.objects.latest("pk")
    url = f"/testford/disclosure/requests/{asked.pk}/"
    return signed_in(person).post(url, {"decision": decision, **typed}, follow=True)


def owner_of(town: Town) -> str:
    return Indicator.objects.get(area=town.area, code="arrests").owner.code


def moved(town: Town, council: Agency, officer: User) -> None:
    move(town, council)
    decide(town, officer)
    assert owner_of(town) == "council"


@contextmanager
def led_by(town: Town, council: Agency) -> Iterator[None]:
    """The council's lead enters what is entered inside."""
    police_lead, town.people[Role.AGENCY_LEAD] = town.lead, User.objects.get(memberships__agency=council)
    yield
    town.people[Role.AGENCY_LEAD] = police_lead


def enter(town: Town, council: Agency, month: Month, value: int) -> None:
    """The council's lead enters arrests, and the police's the rest."""
    with led_by(town, council):
        scenarios.accept(town, month, {"arrests": value}, agency=council)
    scenarios.accept(town, month, OTHERS)
    scenarios.publish(town, month)


def shown(edition: PublicEdition, code: str = "arrests") -> list[int | None]:
    """What the edition says of each month, to the newest."""
    return list(edition.lines.get(indicator_code=code).history)


# --- A second person ----------------------------------------------------------------------------------------------


def test_a_coordinator_asks_and_an_officer_agrees(published: Town, council: Agency, officer: User):
    told = say(move(published, council, why=""))
    assert "Council protects less than Police, so a second person has to agree. Say why Council supplies this" in told
    assert not RuleRequest.objects.exists()

    told = say(move(published, council))
    assert (
        "Arrests has been saved. Council will supply it once a second person agrees, because its rule protects less."
        in told
    )
    assert owner_of(published) == "police"
    page = say(signed_in(published.coordinator).get(EDIT))
    assert (
        "coordinator has asked for Council to supply this indicator. A second person has to agree: see the request"
        in page
    )

    asked = RuleRequest.objects.get()
    page = say(signed_in(published.coordinator).get(f"/testford/disclosure/requests/{asked.pk}/"))
    assert "You asked for this yourself, so someone else has to decide." in page
    assert decide(published, published.coordinator).status_code == 403
    other = make_member(published.area, Role.COORDINATOR)
    assert decide(published, other).status_code == 403
    assert owner_of(published) == "police"

    page = say(signed_in(officer).get(f"/testford/disclosure/requests/{asked.pk}/"))
    assert "Arrests: supplied by Council: protect less?" in page
    assert "When asked Figures from 1 to 7 are withheld" in page
    assert "Asked for No rule of its own" in page
    assert "For earlier months, Arrests keeps the rule of Police." in page
    assert "The public would see figures from 5 to 7. This applies to Arrests." in page
    assert "Nothing would change in the 12 months to September 2026" in page
    assert "You agreed. Council supplies Arrests from now on." in say(decide(published, officer))
    assert owner_of(published) == "council"
    event = AuditEvent.objects.filter(verb="indicator.changed").latest("pk")
    assert (event.actor, event.details["asked_by"]) == (officer.email, published.coordinator.email)
    assert IndicatorChange.objects.latest("pk").fields == ["owner"]
    page = say(signed_in(officer).get("/testford/disclosure/"))
    assert "For months before October 2026, the rule of Police applies too" in page


def test_the_officer_gets_an_e_mail(published: Town, council: Agency, officer: User, clock: Clock):
    move(published, council)
    mail.outbox.clear()
    clock.go_on_to_a_working_day()
    send_letters(load_sources())
    told = {message.to[0]: str(message.body) for message in mail.outbox}
    assert "An agency whose rule protects less for Arrests needs your agreement in Testford." in told[officer.email]
    assert published.coordinator.email not in told


def test_it_is_declined_or_withdrawn(published: Town, council: Agency, officer: User):
    move(published, council)
    assert "Say why you decline it." in say(decide(published, officer, "decline"))
    told = say(decide(published, officer, "decline", why="They still count them"))
    assert "You declined the request. The agency that supplies Arrests stays the same." in told
    move(published, council)
    move(published, council)  # a button that was pressed twice
    assert RuleRequest.objects.filter(outcome="").count() == 1
    assert decide(published, officer, "withdraw").status_code == 403
    assert "You withdrew the request." in say(decide(published, published.coordinator, "withdraw"))
    assert [asked.outcome for asked in RuleRequest.objects.order_by("pk")] == ["declined", "withdrawn"]
    assert owner_of(published) == "police"
    assert not IndicatorMove.objects.exists()


@pytest.mark.parametrize("change", ["rule", "agency", "role", "figure"])
def test_what_changed_since_moves_nothing(published: Town, council: Agency, officer: User, change: str):
    move(published, council)
    told = "has changed since this request"
    match change:
        case "rule":
            protect(published, officer, kind="withhold")
        case "agency":
            Agency.objects.filter(pk=council.pk).update(retired=True)
        case "role":
            make_member(published.area, Role.COORDINATOR)
            Membership.objects.filter(user=published.coordinator).delete()
            told = "Only a coordinator of Testford can do this."
        case "figure":
            scenarios.submit(published, OCTOBER, {"arrests": 6, **OTHERS})
            told = "Police has already sent its figure for October 2026: close that month first"
    assert told in say(decide(published, officer))
    assert owner_of(published) == "police"
    assert RuleRequest.objects.get().outcome == ""


def test_a_stricter_agency_needs_nobody(published: Town, council: Agency, officer: User):
    set_rule(published.area, agency=council, kind="suppress", below=9, why="The agreement", by=officer)
    assert "Arrests has been saved." in say(move(published, council, why=""))
    assert owner_of(published) == "council"
    assert not RuleRequest.objects.exists()
    assert str(IndicatorMove.objects.get()) == "Arrests: Police before October 2026"


# --- The months before ---------------------------------------------------------------------------------------------


def test_the_edition_after_the_move_keeps_what_was_hidden(published: Town, council: Agency, officer: User):
    moved(published, council, officer)
    enter(published, council, OCTOBER, 6)
    edition = scenarios.publish_openly(published, OCTOBER)
    assert shown(edition) == [None, None, None, 6]
    assert edition.lines.get(indicator_code="arrests").protected_by == "suppress-5"


def test_so_it_does_for_months_that_were_never_public(town: Town, council: Agency, officer: User):
    """Nothing was hidden from anybody yet. But the figures are the police's."""
    protect(town, officer, kind="suppress", below=8)
    scenarios.accept(town, SEPTEMBER, {"arrests": 6, **OTHERS})
    scenarios.publish(town, SEPTEMBER)
    moved(town, council, officer)
    enter(town, council, OCTOBER, 6)
    assert shown(scenarios.publish_openly(town, OCTOBER)) == [None, 6]
    assert shown(scenarios.publish_openly(town, SEPTEMBER)) == [None]


def test_so_does_a_later_edition_of_a_month_before(published: Town, council: Agency, officer: User):
    moved(published, council, officer)
    assert shown(scenarios.publish_openly(published, AUGUST)) == [None, None]
    period = published.area.periods.get(starts_on=SEPTEMBER.first_day)
    lead = User.objects.get(memberships__agency=council)
    for code, value, by in (("arrests", "5", lead), ("charges", "8", published.lead)):
        indicator = Indicator.objects.get(area=published.area, code=code)
        asked = ask_correction(indicator, None, period, entry=Entry(value), reason="Counted twice", by=by)
        accept_correction(asked, by=published.coordinator)
    scenarios.sweep()
    publish_corrections(published.area, by=published.coordinator)
    edition = scenarios.publish_openly(published, SEPTEMBER)
    assert (edition.number, shown(edition)) == (2, [None, None, None])
    assert edition.lines.get(indicator_code="arrests").protected_by == "suppress-8"


def test_and_whatever_rule_the_agencies_have_later(published: Town, council: Agency, officer: User):
    """The police's own months follow the police's rule of the day."""
    moved(published, council, officer)
    enter(published, council, OCTOBER, 6)
    rules = effective_rules(published.area)
    assert [rules.of("arrests", month=month).words.split(" are")[0] for month in (SEPTEMBER, OCTOBER)] == [
        "figures from 1 to 7",
        "figures from 1 to 4",
    ]
    protect(published, officer, kind="withhold")
    assert shown(scenarios.publish_openly(published, OCTOBER)) == [None, None, None, 6]


def test_a_second_move_keeps_both(published: Town, council: Agency, officer: User):
    moved(published, council, officer)
    enter(published, council, OCTOBER, 6)
    nhs = make_agency(published.area, "nhs")
    move(published, nhs)
    rules = effective_rules(published.area)
    assert rules.owners["arrests"] == "nhs"
    assert rules.moved["arrests"] == [(OCTOBER, "police"), (Month(2026, 11), "council")]
    assert shown(scenarios.publish_openly(published, OCTOBER)) == [None, None, None, 6]


def test_a_line_is_rounded_as_long_as_a_month_in_it_is(town: Town, council: Agency, officer: User):
    """Exact and rounded figures make no series."""
    protect(town, officer, kind="round", suppress_to=7, base=5)
    scenarios.accept(town, SEPTEMBER, {"arrests": 23, **OTHERS})
    scenarios.publish(town, SEPTEMBER)
    moved(town, council, officer)
    enter(town, council, OCTOBER, 24)
    edition = scenarios.publish_openly(town, OCTOBER)
    assert shown(edition) == [25, 25]
    assert edition.lines.get(indicator_code="arrests").protected_by == "round-7-5"
    assert shown(edition, "charges") == [10, 10]


def test_a_ratio_keeps_it_by_its_counts(town: Town, council: Agency, officer: User):
    """Arrests for each charge: the charges are the council's, and the arrests were the police's."""
    protect(town, officer, kind="suppress", below=8)
    arrests, charges = (Indicator.objects.get(area=town.area, code=code) for code in ("arrests", "charges"))
    Indicator.objects.filter(pk=charges.pk).update(owner=council)
    ratio: dict[str, Any] = {
        "collection": "ratio",
        "ratio": "average",
        "per": 1,
        "numerator": arrests,
        "denominator": charges,
    }
    make_indicator(council, "arrests-each", **ratio, boards=(town.csp,), position=9)
    scenarios.accept(town, SEPTEMBER, {"arrests": 6})
    with led_by(town, council):
        scenarios.accept(town, SEPTEMBER, OTHERS, agency=council)
    scenarios.publish(town, SEPTEMBER)
    moved(town, council, officer)
    with led_by(town, council):
        scenarios.accept(town, OCTOBER, {"arrests": 6, **OTHERS}, agency=council)
    scenarios.publish(town, OCTOBER)
    before, now = shown(scenarios.publish_openly(town, OCTOBER), "arrests-each")
    assert before is None
    assert now is not None


def test_a_repeated_figure_of_a_month_before_stays_hidden(town: Town, council: Agency, officer: User):
    """A stock that is asked for each quarter stands in the months between."""
    protect(town, officer, kind="suppress", below=8)
    Indicator.objects.filter(area=town.area, code="arrests").update(asked="quarterly", counts_as="stock")
    scenarios.accept(town, SEPTEMBER, {"arrests": 6, **OTHERS})
    scenarios.publish(town, SEPTEMBER)
    moved(town, council, officer)
    scenarios.accept(town, OCTOBER, OTHERS)
    scenarios.publish(town, OCTOBER)
    assert shown(scenarios.publish_openly(town, OCTOBER)) == [None, None]
