"""Public editions: who does what to one, what it holds, and what stops it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from boards.models import Membership, PartnershipArea, ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from core.forms.pages import ChangedMeanwhile
from core.labels import TransitionRefused
from core.models import AuditEvent
from indicators.disclosure import Audience, AudienceRefused, Marking
from indicators.figures import Entry
from indicators.judgement.judge import Counted, judge
from indicators.models import Category, Indicator
from indicators.selectors.disclosure import Rules
from indicators.services.corrections import accept_correction, ask_correction
from indicators.services.disclosure import mark_month
from indicators.trend import CellState, NoArrowReason, Polarity
from reporting.models import IndicatorLine, PublicEdition, PublicLine, Snapshot
from reporting.months.inputs import Figure
from reporting.months.lines import what_is_said
from reporting.months.presenters.month import month_view
from reporting.months.services import publish_corrections
from reporting.public import services
from reporting.public.editions import prepare_edition
from reporting.public.lines import prepare
from reporting.public.taking_down import withdraw_month
from tests import scenarios
from tests.factories import make_agency, make_dimension, make_indicator, make_validation_rule
from tests.integration.clock import Clock
from tests.ruling import set_rule
from tests.scenarios import Town, make_town
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
AUGUST, SEPTEMBER, OCTOBER = (Month(2026, number) for number in (8, 9, 10))


def make_published_town() -> Town:
    """Three published months, and the public pages on. October: arrests 15, charges 4, lines 1 + 10 + 6 = 17, and 20
    referrals of whom 3 from inside."""
    town = make_town()
    origin = make_dimension(town.area, "origin", ["london", "leeds", "hull"])
    make_indicator(town.police, "lines", dimension=origin, position=2)
    whole = make_indicator(town.police, "referrals", position=3)
    make_indicator(town.police, "inside", part_of=whole, position=4)
    for place, month in enumerate((AUGUST, SEPTEMBER, OCTOBER)):
        scenarios.accept(
            town,
            month,
            {
                "arrests": 9 + 3 * place,
                "charges": 4,
                "lines.london": 1 if month == OCTOBER else 7,
                "lines.leeds": 10,
                "lines.hull": 6,
                "referrals": 20,
                "inside": 3,
            },
        )
    scenarios.publish(town, OCTOBER)
    services.turn_public_pages(town.area, on=True, by=town.coordinator)
    town.area.refresh_from_db()
    return town


made, town = stand(make_published_town)


def make_third_part(town: Town, code: str = "elsewhere") -> None:
    """Beside another two: a split in two would be left out of editions."""
    make_indicator(town.police, code, part_of=Indicator.objects.get(code="referrals"), position=6)


def period_of(town: Town, month: Month = OCTOBER) -> ReportingPeriod:
    period = ReportingPeriod.objects.get(area=town.area, starts_on=month.first_day)
    period.area = PartnershipArea.objects.get(pk=town.area.pk)
    return period


def publish(town: Town, month: Month = OCTOBER) -> PublicEdition:
    edition = services.ask_consent(period_of(town, month), by=town.coordinator)
    services.agree(edition, by=town.people[Role.INFORMATION], seen=edition.fingerprint)
    services.publish_edition(edition, by=town.coordinator)
    return PublicEdition.objects.get(pk=edition.pk)


def lines_of(edition: PublicEdition) -> dict[str, PublicLine]:
    return {f"{line.indicator_code}.{line.category_code}".rstrip("."): line for line in edition.lines.all()}


def correct(town: Town, month: Month, code: str, value: int, category: str = "") -> None:
    """A figure is corrected, and the next versions of all months that show it are published."""
    indicator = Indicator.objects.get(area=town.area, code=code)
    part = Category.objects.get(code=category) if category else None
    asked = ask_correction(
        indicator, part, period_of(town, month), entry=Entry(str(value)), reason="Counted twice", by=town.lead
    )
    accept_correction(asked, by=town.coordinator)
    scenarios.sweep()
    publish_corrections(town.area, by=town.coordinator)


# --- What an edition holds ------------------------------------------------------------------------


def test_small_figures_are_withheld_with_what_would_give_them_away(town: Town):
    shown = {name: line.value for name, line in lines_of(publish(town)).items()}
    assert shown == {
        "arrests": 15,
        "charges": None,
        "lines": 17,
        "lines.london": None,
        "lines.leeds": None,  # Leeds and London are a group
        "lines.hull": 6,
        "referrals": 20,
        "inside": None,
    }


def declare(town: Town) -> None:
    """Referrals from inside and lines are at most all referrals, so that 20 less 17 would tell how many are inside."""
    make_validation_rule(town.area, "rule", left=["inside", "lines"], right=["referrals"])


def test_what_a_strict_rule_would_give_away_takes_its_neighbours_along(town: Town):
    declare(town)
    shown = {name: line.value for name, line in lines_of(publish(town)).items()}
    gone = {"lines": None, "lines.london": None, "lines.leeds": None, "lines.hull": None}
    assert shown == {"arrests": 15, "charges": None, "referrals": 20, "inside": None} | gone


def test_a_rule_leaves_what_is_public_as_it_is(town: Town):
    before = {name: line.value for name, line in lines_of(publish(town)).items()}
    declare(town)
    prepared = prepare_edition(newest_snapshot(town, OCTOBER))
    assert prepared.given_away == []
    assert {f"{line.indicator_code}.{line.category_code}".rstrip("."): line.value for line in prepared.lines} == before


def test_a_strict_rule_after_approval_stops_publishing(town: Town):
    edition = services.ask_consent(period_of(town), by=town.coordinator)
    services.agree(edition, by=town.people[Role.INFORMATION], seen=edition.fingerprint)
    declare(town)
    with pytest.raises(TransitionRefused, match="is out of date"):
        services.publish_edition(edition, by=town.coordinator)


def test_nothing_follows_a_withheld_figure(town: Town):
    london = lines_of(publish(town))["lines.london"]
    assert london.state == CellState.WITHHELD
    assert (london.change, london.no_arrow_reason) == (None, NoArrowReason.WITHHELD)
    assert (london.mean, london.lower, london.upper, london.signal, london.judgement) == (None, None, None, "", "")
    assert (london.note, london.revised_why, london.revised_by, london.revised_value) == ("", "", "", None)
    assert london.history == [7, 7, None]
    assert london.steps[-1]["without"] == {"2": "withheld"}


def test_the_month_after_a_withheld_one_has_no_arrow(town: Town):
    correct(town, SEPTEMBER, "arrests", 3)
    arrests = lines_of(publish(town))["arrests"]
    assert (arrests.value, arrests.change, arrests.no_arrow_reason) == (15, None, NoArrowReason.PREVIOUS_WITHHELD)
    assert arrests.history == [9, None, 15]


def test_figures_of_no_agency_carry_its_words(town: Town):
    assert {line.note for line in publish(town).lines.all()} == {""}


def test_a_part_has_no_categories(town: Town):
    age = make_dimension(town.area, "age", ["young", "old"])
    whole = Indicator.objects.get(code="arrests")
    make_indicator(town.police, "bailed", part_of=whole, dimension=age, position=5)
    november = OCTOBER.next
    figures = {"arrests": 30, "charges": 9, "lines.london": 7, "lines.leeds": 10, "lines.hull": 6}
    figures |= {"referrals": 20, "inside": 9, "bailed.young": 8, "bailed.old": 9}
    scenarios.accept(town, november, figures)
    scenarios.publish(town, november)
    shown = lines_of(publish(town, november))
    assert shown["bailed"].value == 17
    assert not {"bailed.young", "bailed.old"} & set(shown)


def test_rules_may_name_categories_of_a_part_which_no_page_shows(town: Town):
    """By way of a count that nobody sees, charges are at most 10 lines less 6."""
    part = make_indicator(
        town.police,
        "bailed",
        part_of=Indicator.objects.get(code="arrests"),
        dimension=make_dimension(town.area, "age", ["young", "old"]),
        position=5,
    )
    make_validation_rule(town.area, "one", left=["charges", "lines.hull"], right=["bailed.young"])
    make_validation_rule(town.area, "other", left=["bailed.young"], right=["lines.leeds"])
    november = OCTOBER.next
    figures = {"arrests": 30, "charges": 3, "lines.london": 7, "lines.leeds": 10, "lines.hull": 6}
    figures |= {"referrals": 20, "inside": 9, f"{part.code}.young": 10, f"{part.code}.old": 7}
    scenarios.accept(town, november, figures)
    scenarios.publish(town, november)
    shown = lines_of(publish(town, november))
    assert {name for name, line in shown.items() if line.value is None} >= {"charges", "lines.leeds", "lines.hull"}
    assert shown["referrals"].value == 20


def test_always_withheld_hides_even_that_there_is_no_figure(town: Town):
    rule(town, "arrests", kind="withhold")
    november = OCTOBER.next
    figures: dict[str, Any] = {"arrests": None, "charges": 9, "lines.london": 7, "lines.leeds": 10, "lines.hull": 6}
    scenarios.accept(town, november, figures | {"referrals": 20, "inside": 9})
    scenarios.publish(town, november)
    arrests = lines_of(publish(town, november))["arrests"]
    assert arrests.state == CellState.WITHHELD
    assert arrests.history == [None, None, None, None]


def test_rounded_figures_have_no_arrow(town: Town):
    rule(town, "arrests", kind="round", suppress_to=7, base=5)
    arrests = lines_of(publish(town))["arrests"]
    assert (arrests.value, arrests.history, arrests.protected_by) == (15, [10, 10, 15], "round-7-5")
    assert (arrests.change, arrests.no_arrow_reason) == (None, NoArrowReason.ROUNDED)


def rule(town: Town, code: str, **numbers: Any) -> None:
    indicator = Indicator.objects.get(area=town.area, code=code)
    officer = town.people[Role.INFORMATION]
    set_rule(town.area, indicator=indicator, why="The agreement says so", by=officer, **numbers)


# --- Later editions -------------------------------------------------------------------------------


def test_what_was_withheld_once_stays_withheld(town: Town):
    publish(town, SEPTEMBER)
    rule(town, "charges", kind="show")
    charges = lines_of(publish(town))["charges"]
    assert charges.history == [None, None, 4]


def test_a_corrected_month_shows_no_total_that_would_tell_the_difference(town: Town):
    """London was 1 and is 2: with 17 before and 18 now, somebody who knows of one more would know too much."""
    publish(town)
    correct(town, OCTOBER, "lines", 2, "london")
    second = lines_of(publish(town))
    assert {name: line.value for name, line in second.items() if name.startswith("lines")} == {
        "lines": None,
        "lines.london": None,
        "lines.leeds": None,
        "lines.hull": 6,
    }


def test_a_revised_figure_says_what_it_was_but_not_why(town: Town):
    publish(town)
    correct(town, OCTOBER, "arrests", 18)
    arrests = lines_of(publish(town))["arrests"]
    assert (arrests.value, arrests.revised_state, arrests.revised_value, arrests.revised_why) == (18, "figure", 15, "")


def test_a_figure_that_came_small_after_its_whole_was_public_stops_it(town: Town):
    """20 referrals, 15 of them from outside, are public: whatever is withheld by now, inside can only be 1 to 5,
    and a rule that came in between calls that too close."""
    whole = Indicator.objects.get(code="referrals")
    make_third_part(town)
    make_indicator(town.police, "outside", part_of=whole, position=5)
    november = OCTOBER.next
    figures: dict[str, Any] = {"arrests": 9, "charges": 9, "lines.london": 7, "lines.leeds": 10, "lines.hull": 6}
    scenarios.accept(town, november, figures | {"elsewhere": 0, "referrals": 20, "outside": 15, "inside": None})
    scenarios.publish(town, november)
    publish(town, november)
    correct(town, november, "inside", 2)
    rule(town, "inside", kind="suppress", below=10)
    with pytest.raises(TransitionRefused, match="someone could work out Inside in November 2026"):
        services.ask_consent(period_of(town, november), by=town.coordinator)
    rule(town, "inside", kind="withhold")
    assert lines_of(publish(town, november))["inside"].value is None


def test_what_was_withheld_without_a_figure_stays_withheld_with_one(town: Town):
    """Always withheld while it was awaited; then the rule got milder, and the figure came."""
    rule(town, "arrests", kind="withhold")
    november = OCTOBER.next
    figures: dict[str, Any] = {"arrests": None, "charges": 9, "lines.london": 7, "lines.leeds": 10, "lines.hull": 6}
    scenarios.accept(town, november, figures | {"referrals": 20, "inside": 9})
    scenarios.publish(town, november)
    publish(town, november)
    rule(town, "arrests", kind="show")
    correct(town, november, "arrests", 7)
    correct(town, november, "charges", 10)
    arrests = lines_of(publish(town, november))["arrests"]
    assert (arrests.state, arrests.history) == (CellState.WITHHELD, [None, None, None, None])


def test_the_rule_of_the_agency_that_supplied_a_month_goes_on(town: Town):
    """The indicator is another agency's by now; what the police supplied stays theirs."""
    officer = town.people[Role.INFORMATION]
    set_rule(town.area, agency=town.police, kind="withhold", why="The agreement says so", by=officer)
    Indicator.objects.filter(code="arrests").update(owner=make_agency(town.area, "council"))
    assert lines_of(publish(town))["arrests"].state == CellState.WITHHELD


def test_a_tie_that_was_never_told_stops_what_it_would_give_away(town: Town, monkeypatch: pytest.MonkeyPatch):
    """20 referrals are public, and 17 of something else. To say now that those are the others of the 3 from
    inside would say how many they are."""
    Clock(monkeypatch)("2027-01-11")
    make_third_part(town)
    make_indicator(town.police, "outside", position=5)
    november = OCTOBER.next
    figures: dict[str, Any] = {"arrests": 9, "charges": 9, "lines.london": 7, "lines.leeds": 10, "lines.hull": 6}
    scenarios.accept(town, november, figures | {"elsewhere": 0, "referrals": 20, "inside": 3, "outside": 17})
    scenarios.publish(town, november)
    publish(town, november)
    Indicator.objects.filter(code="outside").update(part_of=Indicator.objects.get(code="referrals"))
    december = november.next
    scenarios.accept(town, december, figures | {"elsewhere": 0, "referrals": 20, "inside": 9, "outside": 9})
    scenarios.publish(town, december)
    with pytest.raises(TransitionRefused, match="someone could work out Inside in November 2026"):
        services.ask_consent(period_of(town, december), by=town.coordinator)


def test_a_part_that_is_asked_for_no_more_still_tells_of_the_others(town: Town, monkeypatch: pytest.MonkeyPatch):
    """Of 20 referrals 16 were from outside, which isn't counted any more: what came late is 4 at most."""
    Clock(monkeypatch)("2027-01-11")
    whole = Indicator.objects.get(code="referrals")
    make_third_part(town)
    make_third_part(town, "abroad")
    outside = make_indicator(town.police, "outside", part_of=whole, position=5)
    rule(town, "referrals", kind="show")
    november = OCTOBER.next
    figures: dict[str, Any] = {"arrests": 9, "charges": 9, "lines.london": 7, "lines.leeds": 10, "lines.hull": 6}
    figures |= {"elsewhere": 0, "abroad": 0}
    scenarios.accept(town, november, figures | {"referrals": 20, "inside": None, "outside": 16})
    scenarios.publish(town, november)
    publish(town, november)
    december = november.next
    outside.retired_from = december.first_day
    outside.save()
    correct(town, november, "inside", 3)
    scenarios.accept(town, december, figures | {"elsewhere": 0, "abroad": 0, "referrals": 20, "inside": 9})
    scenarios.publish(town, december)
    with pytest.raises(TransitionRefused, match="someone could work out Inside in November 2026"):
        services.ask_consent(period_of(town, december), by=town.coordinator)


def test_a_part_that_was_told_stays_one_when_it_is_untied(town: Town):
    publish(town)
    Indicator.objects.filter(code="inside").update(part_of=None)
    november = OCTOBER.next
    figures: dict[str, Any] = {"arrests": 9, "charges": 9, "lines.london": 7, "lines.leeds": 10, "lines.hull": 6}
    scenarios.accept(town, november, figures | {"referrals": 3, "inside": 2})
    scenarios.publish(town, november)
    shown = lines_of(publish(town, november))
    assert (shown["referrals"].value, shown["inside"].value) == (None, None)
    assert prepare_edition(newest_snapshot(town, november)).given_away == []


def test_a_part_that_was_told_bounds_the_others_when_it_is_untied(town: Town):
    """Of 20, 17 would leave 3 for those from inside, to whoever remembers that both were parts."""
    make_third_part(town)
    outside = make_indicator(town.police, "outside", part_of=Indicator.objects.get(code="referrals"), position=5)
    november = OCTOBER.next
    figures: dict[str, Any] = {"arrests": 9, "charges": 9, "lines.london": 7, "lines.leeds": 10, "lines.hull": 6}
    scenarios.accept(town, november, figures | {"elsewhere": 0, "referrals": 20, "inside": 3, "outside": 17})
    scenarios.publish(town, november)
    first = {name: line.value for name, line in lines_of(publish(town, november)).items()}
    outside.part_of = None
    outside.save()
    correct(town, november, "charges", 10)
    second = {name: line.value for name, line in lines_of(publish(town, november)).items()}
    assert [first[name] for name in ("referrals", "inside", "outside")].count(None) == 2
    assert second == first | {"charges": 10}


def test_a_split_in_two_is_in_no_edition_that_withholds_small_numbers(town: Town):
    """Of 13, withheld parts of 4 and 9 could be 1 to 4 or 9 to 12: whichever it is, one of them is small."""
    make_indicator(town.police, "outside", part_of=Indicator.objects.get(code="referrals"), position=5)
    sides = make_dimension(town.area, "side", ["north", "south"])
    make_indicator(town.police, "stops", dimension=sides, position=6)
    november = OCTOBER.next
    figures: dict[str, Any] = {"arrests": 9, "charges": 9, "lines.london": 7, "lines.leeds": 10, "lines.hull": 6}
    figures |= {"referrals": 29, "inside": 12, "outside": 17, "stops.north": 4, "stops.south": 9}
    scenarios.accept(town, november, figures)
    scenarios.publish(town, november)
    snapshot = newest_snapshot(town, november)

    def list_names() -> set[str]:
        return {f"{line.indicator_code}.{line.category_code}".rstrip(".") for line in prepare_edition(snapshot).lines}

    assert {"referrals", "stops", "lines.hull"} <= list_names()
    assert list_names().isdisjoint({"inside", "outside", "stops.north", "stops.south"})
    # Where no number is small, there is nothing to hide.
    rule(town, "stops", kind="show")
    assert {"stops.north", "stops.south"} <= list_names()


def newest_snapshot(town: Town, month: Month) -> Snapshot:
    snapshot = Snapshot.objects.filter(period__area=town.area, period__starts_on=month.first_day).latest("version")
    snapshot.period = period_of(town, month)
    return snapshot


def test_what_is_usual_is_of_months_that_are_shown(town: Town):
    """A line that is older than the 36 months shown: what the first of those is held against would tell of those
    before."""
    months = [OCTOBER + ago for ago in range(-40, 1)]
    history = [9 + place % 5 for place in range(36)]
    older = [1, 2, 30, 4, 5]  # the five months before those
    said = what_is_said(
        {month: Figure(CellState.FIGURE, value, "") for month, value in zip(months, older + history, strict=True)},
        {months[0].first_day: ""},
        polarity=Polarity.NEUTRAL,
        counted=Counted.FLOW,
    )
    line = IndicatorLine(indicator_code="arrests", owner_code="police", polarity="neutral", title="Arrests", **said)
    line.boards = {}
    shown = prepare(OCTOBER, [line], Rules(), []).lines[0]
    assert line.steps[0]["usual"][:13] == [
        entry.usual and round(entry.usual, 2) for entry in judge(older + history)[5:18]
    ]
    assert shown.steps[0]["usual"] == [entry.usual and round(entry.usual, 2) for entry in judge(history)]
    assert shown.steps[0]["usual"][:12] == [None] * 12


def test_a_month_marked_sensitive_for_the_public_is_off_its_pages(town: Town):
    publish(town)
    here, officer = f"/{town.area.slug}/public/2026-10/", town.people[Role.INFORMATION]
    assert Client().get(here).status_code == 200
    mark_month(period_of(town), audience=Audience.PUBLIC, marking=Marking.SENSITIVE, why="By mistake", by=officer)
    assert [Client().get(f"{here}{end}").status_code for end in ("", "figures.csv", "?edition=1")] == [404] * 3
    assert Client().get(f"/{town.area.slug}/public/").status_code == 404
    with pytest.raises(TransitionRefused, match="is marked OFFICIAL-SENSITIVE for the public too"):
        services.ask_consent(period_of(town), by=town.coordinator)
    mark_month(period_of(town), audience=Audience.PUBLIC, marking=Marking.OFFICIAL, why="It is", by=officer)
    assert Client().get(here).status_code == 410  # one person took it down, and two put it up again
    publish(town)
    assert "OFFICIAL" in Client().get(here).content.decode()
    assert Client().get(f"{here}figures.csv").content.decode("utf-8-sig").startswith("OFFICIAL\n")


# --- Steps ----------------------------------------------------------------------------------------


def test_the_steps_are_audited_with_who_and_what(town: Town):
    publish(town)
    events = AuditEvent.objects.filter(verb__startswith="public_").order_by("id").values_list("verb", "actor")
    assert list(events) == [
        ("public_pages.turned_on", "coordinator@testford.example"),
        ("public_edition.asked", "coordinator@testford.example"),
        ("public_edition.agreed", "information@testford.example"),
        ("public_edition.published", "coordinator@testford.example"),
    ]


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.COORDINATOR, Role.OPERATOR)])
def test_only_a_coordinator_asks_and_publishes(town: Town, role: Role):
    edition = services.ask_consent(period_of(town), by=town.coordinator)
    with pytest.raises(PermissionDenied):
        services.ask_consent(period_of(town), by=town.people[role])
    services.agree(edition, by=town.people[Role.INFORMATION], seen=edition.fingerprint)
    with pytest.raises(PermissionDenied):
        services.publish_edition(edition, by=town.people[role])


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.INFORMATION, Role.OPERATOR)])
def test_only_an_information_officer_approves_declines_and_withdraws(town: Town, role: Role):
    edition = services.ask_consent(period_of(town), by=town.coordinator)
    acts: list[Callable[[], object]] = [
        lambda: services.agree(edition, by=town.people[role], seen=edition.fingerprint),
        lambda: services.decline(edition, why="No", by=town.people[role]),
        lambda: withdraw_month(edition.period, why="No", by=town.people[role]),
    ]
    for act in acts:
        with pytest.raises(PermissionDenied):
            act()


@pytest.mark.both_databases
def test_whoever_asked_cannot_approve(town: Town):
    edition = services.ask_consent(period_of(town), by=town.coordinator)
    # Nobody has both roles, but a person may change from one to the other.
    held = Membership.objects.filter(user=town.coordinator)
    held.update(role=Role.INFORMATION.value, acts_from=date(2020, 1, 1))
    with pytest.raises(PermissionDenied, match="You can’t approve your own request"):
        services.agree(edition, by=town.coordinator, seen=edition.fingerprint)
    edition.state, edition.agreed_by, edition.agreed_at = "agreed", town.coordinator, edition.asked_at
    with pytest.raises(IntegrityError, match="edition_agreed_by_another"), transaction.atomic():
        edition.save()


def test_nothing_is_made_public_without_approval_or_after_it_was_taken_back(town: Town):
    edition = services.ask_consent(period_of(town), by=town.coordinator)
    with pytest.raises(TransitionRefused, match="is waiting for approval, so it can't become public"):
        services.publish_edition(edition, by=town.coordinator)
    services.agree(edition, by=town.people[Role.INFORMATION], seen=edition.fingerprint)
    services.decline(edition, why="A child could be known", by=town.people[Role.INFORMATION])
    with pytest.raises(TransitionRefused, match="is declined"):
        services.publish_edition(edition, by=town.coordinator)


def test_approval_is_of_what_was_looked_at(town: Town):
    edition = services.ask_consent(period_of(town), by=town.coordinator)
    with pytest.raises(ChangedMeanwhile, match="has changed since you opened the page"):
        services.agree(edition, by=town.people[Role.INFORMATION], seen="0" * 64)


def test_a_rule_set_after_approval_stops_publishing(town: Town):
    edition = services.ask_consent(period_of(town), by=town.coordinator)
    services.agree(edition, by=town.people[Role.INFORMATION], seen=edition.fingerprint)
    rule(town, "arrests", kind="withhold")
    with pytest.raises(TransitionRefused, match="is out of date"):
        services.publish_edition(edition, by=town.coordinator)
    again = services.ask_consent(period_of(town), by=town.coordinator)
    edition.refresh_from_db()
    assert (edition.state, edition.declined_why[:11], again.state) == ("declined", "Asked again", "asked")


def test_a_newer_version_needs_an_approval_of_its_own(town: Town):
    edition = services.ask_consent(period_of(town), by=town.coordinator)
    services.agree(edition, by=town.people[Role.INFORMATION], seen=edition.fingerprint)
    correct(town, OCTOBER, "arrests", 16)
    with pytest.raises(TransitionRefused, match="has a newer version now"):
        services.publish_edition(edition, by=town.coordinator)


def test_it_is_not_published_twice(town: Town):
    edition = publish(town)
    with pytest.raises(TransitionRefused, match="is public"):
        services.publish_edition(edition, by=town.coordinator)
    with pytest.raises(TransitionRefused, match="hasn’t changed since"):
        services.ask_consent(period_of(town), by=town.coordinator)


def test_a_month_is_published_for_the_boards_first(town: Town):
    scenarios.open_month(town, OCTOBER.next)
    with pytest.raises(TransitionRefused, match="Publish November 2026 for the boards first"):
        services.ask_consent(period_of(town, OCTOBER.next), by=town.coordinator)


def test_while_the_pages_are_off_nothing_is_published(town: Town):
    edition = services.ask_consent(period_of(town), by=town.coordinator)
    services.agree(edition, by=town.people[Role.INFORMATION], seen=edition.fingerprint)
    services.turn_public_pages(town.area, on=False, by=town.people[Role.INFORMATION])
    with pytest.raises(TransitionRefused, match="are turned off"):
        services.publish_edition(edition, by=town.coordinator)
    with pytest.raises(PermissionDenied):
        services.turn_public_pages(town.area, on=True, by=town.people[Role.INFORMATION])


def test_withdrawing_and_declining_need_a_reason_and_hold_once(town: Town):
    officer = town.people[Role.INFORMATION]
    edition = publish(town)
    for why, sentence in (("  ", "Say why"), ("x" * 301, "Shorten the reason to 300 characters; it has 301")):
        with pytest.raises(TransitionRefused, match=sentence):
            withdraw_month(edition.period, why=why, by=officer)
    withdraw_month(edition.period, why="A name in a title", by=officer)
    with pytest.raises(TransitionRefused, match="nothing to withdraw"):
        withdraw_month(edition.period, why="Again", by=officer)


def test_what_was_withdrawn_counts_as_known(town: Town):
    first = publish(town)
    withdraw_month(first.period, why="A name in a title", by=town.people[Role.INFORMATION])
    rule(town, "charges", kind="show")
    second = publish(town)
    assert (second.number, lines_of(second)["charges"].value) == (2, None)


# --- The gate -------------------------------------------------------------------------------------


def test_lines_of_a_snapshot_never_pass_the_gate_for_the_public(town: Town):
    snapshot = Snapshot.objects.get(period=period_of(town))
    with pytest.raises(AudienceRefused, match="for partners only"):
        month_view(
            snapshot,
            snapshot.lines.all(),
            area=town.area,
            period=period_of(town),
            audience=Audience.PUBLIC,
            marking="",
        )


def test_a_line_that_says_more_than_its_rule_does_not_pass_either(town: Town):
    snapshot = Snapshot.objects.get(period=period_of(town))
    snapshot.period = period_of(town)
    lines = prepare_edition(snapshot).lines
    next(line for line in lines if line.indicator_code == "charges").history[-1] = 4
    with pytest.raises(AudienceRefused, match="charges says more"):
        month_view(snapshot, lines, area=town.area, period=snapshot.period, audience=Audience.PUBLIC, marking="")


# --- The pages ------------------------------------------------------------------------------------


def test_from_the_page_that_asks_to_the_page_that_publishes(town: Town):
    coordinator, officer = signed_in(town.people[Role.COORDINATOR]), signed_in(town.people[Role.INFORMATION])
    here = reverse("reporting:publishing-month", args=[town.area.slug, OCTOBER])
    page = coordinator.get(here).content.decode()
    assert "4 of the 8 figures for October 2026 in the public files are withheld" in page
    assert "Ask the information officer for approval" in page
    coordinator.post(here, {"decision": "ask"})
    edition = PublicEdition.objects.get()
    assert "Approve this edition" in officer.get(here).content.decode()
    chosen = {"edition": edition.pk, "seen": edition.fingerprint}
    officer.post(here, chosen | {"decision": "agree"})
    page = coordinator.post(here, chosen | {"decision": "publish"}, follow=True).content.decode()
    assert "October 2026 is public: anyone can read it now." in page
    listed = coordinator.get(reverse("reporting:publishing", args=[town.area.slug])).content.decode()
    assert "Edition 1, since" in listed


def test_a_refusal_is_shown_with_what_was_typed(town: Town):
    edition = services.ask_consent(period_of(town), by=town.coordinator)
    officer = signed_in(town.people[Role.INFORMATION])
    here = reverse("reporting:publishing-month", args=[town.area.slug, OCTOBER])
    page = officer.post(here, {"edition": edition.pk, "decision": "decline", "why": ""}, follow=True).content.decode()
    assert "There is a problem" in page
    assert "Say why." in page
    answer = officer.post(here, {"edition": edition.pk, "decision": "decline", "why": "x" * 301}, follow=True)
    assert "x" * 301 in answer.content.decode()


@pytest.mark.parametrize(
    "posted", [{}, {"decision": "sell"}, {"decision": "agree"}, {"decision": "agree", "edition": "²"}]
)
def test_a_form_that_says_nothing_does_nothing(town: Town, posted: dict[str, str]):
    services.ask_consent(period_of(town), by=town.coordinator)
    here = reverse("reporting:publishing-month", args=[town.area.slug, OCTOBER])
    page = signed_in(town.people[Role.INFORMATION]).post(here, posted, follow=True).content.decode()
    assert "There is a problem" in page
    assert PublicEdition.objects.get().state == "asked"


def test_the_pages_are_turned_off_after_a_page_in_between(town: Town):
    officer = signed_in(town.people[Role.INFORMATION])
    listed, off = (reverse(f"reporting:{name}", args=[town.area.slug]) for name in ("publishing", "publishing-off"))
    assert f'href="{off}"' in officer.get(listed).content.decode()
    assert "No one can then read any public page of Testford" in officer.get(off).content.decode()
    assert PartnershipArea.objects.get(pk=town.area.pk).has_public_pages
    page = officer.post(off, follow=True).content.decode()
    assert "The public pages are off: no one can read them." in page
    assert not PartnershipArea.objects.get(pk=town.area.pk).has_public_pages
    assert "The public pages are off already." in officer.get(off).content.decode()


def test_a_month_without_an_edition_names_the_one_that_shows_it(town: Town):
    publish(town)
    page = signed_in(town.people[Role.COORDINATOR]).get(reverse("reporting:publishing", args=[town.area.slug]))
    assert "Its figures are in October 2026’s edition" in page.content.decode()


def test_figures_in_no_total_are_named_with_what_a_reader_can_take_them_for(town: Town):
    page = signed_in(town.people[Role.COORDINATOR]).get(
        reverse("reporting:publishing-month", args=[town.area.slug, OCTOBER])
    )
    assert "<li>Charges: 1 to 4</li>" in page.content.decode()


@pytest.mark.parametrize("posted", [{}, {"turn": ""}, {"turn": "maybe"}, {"turn": "off"}])
def test_a_form_that_says_neither_on_nor_off_turns_nothing(town: Town, posted: dict[str, str]):
    here = reverse("reporting:publishing", args=[town.area.slug])
    signed_in(town.people[Role.COORDINATOR]).post(here, posted)
    assert PartnershipArea.objects.get(pk=town.area.pk).has_public_pages


def test_whose_turn_it_is_stands_on_their_home(town: Town):
    home = reverse("reporting:area-home", args=[town.area.slug])
    edition = services.ask_consent(period_of(town), by=town.coordinator)
    officer, coordinator = signed_in(town.people[Role.INFORMATION]), signed_in(town.people[Role.COORDINATOR])
    assert "Approve October 2026 for the public" in officer.get(home).content.decode()
    assert "Make October 2026 public" not in coordinator.get(home).content.decode().partition("More in")[0]
    services.agree(edition, by=town.people[Role.INFORMATION], seen=edition.fingerprint)
    assert "Make October 2026 public" in coordinator.get(home).content.decode()
    assert "Approve October 2026" not in officer.get(home).content.decode()


def test_an_edition_of_an_older_version_says_so(town: Town):
    publish(town)
    correct(town, OCTOBER, "arrests", 18)
    page = signed_in(town.people[Role.COORDINATOR]).get(reverse("reporting:publishing", args=[town.area.slug]))
    assert "It is from version 1; the boards see version 2" in page.content.decode()


def test_a_correction_two_years_back_leaves_public_months_as_they_are(town: Town):
    """The public sees what was published for it, until a new edition is."""
    edition = publish(town)
    before = {name: line.history for name, line in lines_of(edition).items()}
    correct(town, AUGUST, "arrests", 4)
    assert {name: line.history for name, line in lines_of(edition).items()} == before
    second = lines_of(publish(town))["arrests"]
    assert (second.history, second.value) == ([None, 12, 15], 15)
