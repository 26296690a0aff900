"""A newer catalogue taken into an area: what is shown, what is added and changed, what stays."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from boards.models import Agency, Board, Membership, PartnershipArea, Strand
from boards.services.area import retire_part
from core.calendar import Month
from core.models import AuditEvent, User
from indicators.catalogues.entries import (
    Act,
    Catalogue,
    Difference,
    StrandEntry,
    choose_usual,
    complete,
    fingerprint,
    list_offered,
)
from indicators.catalogues.files import read_catalogue, read_starter, write_catalogue
from indicators.models import (
    Category,
    Dimension,
    DisclosureRule,
    Indicator,
    IndicatorChange,
    Pathway,
    PathwayStep,
    RuleRequest,
    ValidationRule,
)
from indicators.selectors.catalogues import get_catalogue
from indicators.services.catalogues import AreaDraft, FirstCoordinator, find_differences, make_area, take_catalogue
from tests import scenarios
from tests.integration.command_line import run
from tests.standing import stand

pytestmark = pytest.mark.django_db


def this_month() -> Month:
    return Month.of(timezone.localdate())


def make_newtown() -> PartnershipArea:
    return make_area(
        AreaDraft(slug="newtown", name="Newtown"),
        choose_usual(read_starter()),
        first_month=this_month(),
        defined_from=Month(2025, 1),
        coordinator=FirstCoordinator(email="alex@council.example", name="Alex"),
        by=None,
    )


made, area = stand(make_newtown)


@pytest.fixture
def coordinator(area: PartnershipArea) -> User:
    return Membership.objects.get(area=area).user


def newer(**changes: Any) -> Catalogue:
    """The starter set with another indicator, a strand, and other words for one that there is."""
    chosen = choose_usual(read_starter(), also=["police-drugs", "cuckooing-charges"])
    indicators = [
        replace(entry, question="How many lines?", **changes) if entry.code == "lines" else entry
        for entry in chosen.indicator
    ]
    strand = StrandEntry(code="learn", name="Learn")
    return replace(chosen, indicator=tuple(indicators), strand=(*chosen.strand[1:], strand))


def test_what_it_would_do_is_shown_first(area: PartnershipArea):
    found = [(each.act, each.kind, each.code) for each in find_differences(area, newer())]
    assert found == [
        (Act.ADDED, "strand", "learn"),
        (Act.ADDED, "section", "recorded-crime"),
        (Act.CHANGED, "indicator", "lines"),
        (Act.ADDED, "indicator", "cuckooing-charges"),
        (Act.ADDED, "indicator", "police-drugs"),
        (Act.GONE, "strand", "understanding"),
    ]


def offer(area: PartnershipArea) -> tuple[list[Difference], set[tuple[str, str]]]:
    differences = find_differences(area, read_starter())
    return differences, {each.key for each in list_offered(differences, read_starter())}


def test_a_rule_comes_with_the_last_of_its_indicators(area: PartnershipArea, coordinator: User):
    """… and never brings one that nobody chose."""
    differences, offered = offer(area)
    assert ("indicator", "missing-episodes") in offered
    assert not [code for kind, code in offered if kind == "rule"]
    heard = {("indicator", "groups-heard")}
    assert ("rule", "groups-heard-are-people") not in complete(heard, differences, read_starter())
    both = complete({*heard, ("indicator", "people-reached")}, differences, read_starter())
    assert ("rule", "groups-heard-are-people") in both
    assert ("rule", "perpetrators-are-added") not in both
    take_catalogue(area, read_starter(), month=this_month(), only={("indicator", "missing-episodes")}, by=coordinator)
    assert ValidationRule.objects.filter(area=area, code="often-missing-in-episodes").exists()


def test_an_optional_agency_comes_with_what_it_supplies(area: PartnershipArea, coordinator: User):
    assert not Agency.objects.filter(area=area, code__in=["adult-social-care", "fire-and-rescue"]).exists()
    _, offered = offer(area)
    assert ("agency", "fire-and-rescue") not in offered
    only = {("indicator", "fire-concerns")}
    taken = take_catalogue(area, read_starter(), month=this_month(), only=only, by=coordinator)
    assert [each.key for each in taken] == [("agency", "fire-and-rescue"), ("indicator", "fire-concerns")]
    assert Indicator.objects.get(area=area, code="fire-concerns").owner.kind == Agency.Kind.FIRE


def test_a_rule_of_what_is_there_is_offered(area: PartnershipArea):
    ValidationRule.objects.filter(area=area, code="groups-have-lines").delete()
    _, offered = offer(area)
    assert {key for key in offered if key[0] == "rule"} == {("rule", "groups-have-lines")}


def test_what_is_new_is_added_what_differs_is_changed_and_nothing_goes(area: PartnershipArea, coordinator: User):
    take_catalogue(area, newer(), month=this_month(), by=coordinator)
    assert [(each.act, each.code) for each in find_differences(area, newer())] == [(Act.GONE, "understanding")]
    assert Strand.objects.filter(area=area).count() == 7
    drugs = Indicator.objects.get(area=area, code="police-drugs")
    assert drugs.definitions.get().applies_from == this_month().first_day
    assert {change.act for change in IndicatorChange.objects.filter(indicator__area=area)} == {
        "added",
        "changed",
        "defined",
    }
    assert AuditEvent.objects.filter(verb="strand.added", actor=coordinator.email).exists()


def test_an_agency_with_a_milder_rule_is_asked_for(area: PartnershipArea, coordinator: User):
    """A catalogue gives it to nobody by one person either."""
    police = Agency.objects.get(area=area, code="police")
    DisclosureRule.objects.create(
        area=area, agency=police, kind="suppress", below=8, why="Agreed", set_at=timezone.now(), set_by=coordinator
    )
    for _ in range(2):  # it is as good as asked again
        take_catalogue(area, newer(owner="probation"), month=this_month(), by=coordinator)
    lines = Indicator.objects.get(area=area, code="lines")
    assert (lines.owner, lines.question) == (police, "How many lines?")
    asked = RuleRequest.objects.get()
    assert (asked.owner, asked.asked_by) == (Agency.objects.get(area=area, code="probation"), coordinator)


def test_a_ratio_is_taken_after_its_counts(area: PartnershipArea, coordinator: User):
    more = choose_usual(read_starter(), also=["housing-share-trained", "perpetrators"])
    take_catalogue(area, more, month=this_month(), by=coordinator)
    held = get_catalogue(area)
    assert {entry.code: entry for entry in held.indicator} == {entry.code: entry for entry in more.indicator}


@pytest.mark.parametrize(("is_same", "definitions"), [(True, 1), (False, 2)])
def test_somebody_says_whether_a_definition_means_the_same(
    area: PartnershipArea, coordinator: User, is_same: bool, definitions: int
):
    other = newer(definition="Lines known on the last day of the month.")
    with pytest.raises(ValidationError, match="Say whether the changed definitions mean the same"):
        take_catalogue(area, other, month=this_month(), by=coordinator)
    assert not Strand.objects.filter(area=area, code="learn").exists()
    take_catalogue(area, other, month=this_month(), is_same=is_same, by=coordinator)
    held = Indicator.objects.get(area=area, code="lines").definitions
    assert held.count() == definitions
    assert held.latest("applies_from").text == "Lines known on the last day of the month."


def test_only_what_is_wanted_is_taken_and_what_it_needs(area: PartnershipArea, coordinator: User):
    take_catalogue(area, newer(), month=this_month(), only=[("strand", "learn")], by=coordinator)
    assert not Indicator.objects.filter(area=area, code="police-drugs").exists()
    done = take_catalogue(area, newer(), month=this_month(), only=[("indicator", "police-drugs")], by=coordinator)
    assert [each.key for each in done] == [("section", "recorded-crime"), ("indicator", "police-drugs")]


def test_what_is_retired_stays_so(area: PartnershipArea, coordinator: User):
    Board.objects.filter(area=area, code="sab").update(retired=True)
    Indicator.objects.filter(area=area, code="lines").update(retired_from=this_month().next.first_day)
    found = {each.key: each.act for each in find_differences(area, newer())}
    assert found["board", "sab"] == found["indicator", "lines"] == Act.RETIRED
    assert Act.CHANGED not in found.values()  # by the board that is retired here
    take_catalogue(area, newer(), month=this_month(), by=coordinator)
    assert Board.objects.get(area=area, code="sab").retired


def test_an_areas_own_names_and_days_stay(area: PartnershipArea):
    PartnershipArea.objects.filter(pk=area.pk).update(due_day=12)
    Agency.objects.filter(area=area, code="police").update(name="Essex Police", needs_release=True)
    area.refresh_from_db()
    assert find_differences(area, choose_usual(read_starter())) == []


def test_whoever_comes_second_is_told(area: PartnershipArea, coordinator: User):
    seen = fingerprint(find_differences(area, newer()))
    take_catalogue(area, newer(), month=this_month(), seen=seen, by=coordinator)
    with pytest.raises(ValidationError, match="The set-up has changed since you opened this page"):
        take_catalogue(area, newer(), month=this_month(), seen=seen, by=coordinator)


def test_only_its_coordinator_takes_it(area: PartnershipArea):
    for by in (scenarios.make_town().coordinator, scenarios.make_operator()):
        with pytest.raises(PermissionDenied, match=r"Only a coordinator of Newtown can do this\."):
            take_catalogue(area, newer(), month=this_month(), by=by)


def test_the_command_shows_and_takes_it(area: PartnershipArea, coordinator: User, tmp_path: Path):
    file = tmp_path / "newer.toml"
    file.write_text(write_catalogue(newer()), encoding="utf-8")
    asked = ("take_catalogue", "--area", "newtown", "--from", file)
    shown = run(*asked)
    assert shown.status == 0
    assert "New: indicator police-drugs" in shown.out
    assert "  question: How many lines are coming into the town?" in shown.out
    assert "→ How many lines?" in shown.out
    assert "Nothing was changed." in shown.err
    assert not Strand.objects.filter(area=area, code="learn").exists()
    assert run(*asked, "--apply", "--by", "nobody@council.example").status == 2
    assert run(*asked, "--apply", "--by", scenarios.make_operator().email).status == 2
    assert run(*asked, "--apply", "--by", coordinator.email).status == 0
    assert run(*asked).out.splitlines() == ["Not in the catalogue: stays as it is: strand understanding"]


def test_the_starter_set_has_nothing_new_for_an_area_that_was_made_of_it(area: PartnershipArea):
    shown = run("take_catalogue", "--area", "newtown", "--from", "starter")
    assert shown.out == "No differences.\n"


def test_a_pathway_is_added_when_somebody_asks_with_the_counts_and_steps_that_it_needs(
    area: PartnershipArea, coordinator: User
):
    assert not Pathway.objects.filter(area=area).exists()  # a new area has none
    take_catalogue(area, read_starter(), month=this_month(), only=[("pathway", "cuckooed-homes")], by=coordinator)
    steps = PathwayStep.objects.filter(pathway__area=area, pathway__code="cuckooed-homes")
    assert [(step.code, step.agency.code, step.indicator and step.indicator.code) for step in steps] == [
        ("found", "council-housing", "cuckooed"),
        ("visited-again", "council-housing", "revisits-made"),
        ("closure-order", "council-community-safety", "closure-orders"),
    ]
    left = [each.key for each in find_differences(area, read_starter()) if "cuckooed-homes" in each.code]
    assert left == []
    assert AuditEvent.objects.filter(verb="pathwaystep.added", actor=coordinator.email).count() == 3


def test_a_step_is_of_a_category_and_another_that_is_followed_and_one_that_nobody_counts(
    area: PartnershipArea, coordinator: User
):
    take_catalogue(area, read_starter(), month=this_month(), only=[("pathway", "children-exploited")], by=coordinator)
    steps = {step.code: step for step in PathwayStep.objects.filter(pathway__area=area)}
    assert (steps["closed-safer"].category.code, steps["safer-in-six-months"].followed) == ("safer", 6)
    assert (steps["with-a-plan"].indicator, steps["with-a-plan"].nobody_counts) == (
        None,
        "how many of them have a plan",
    )
    (pathway,) = get_catalogue(area).pathway
    (starter,) = (entry for entry in read_starter().pathway if entry.code == "children-exploited")
    assert pathway == replace(starter, optional=False)


def test_another_word_for_a_step_is_a_change_and_a_retired_pathway_stays_retired(
    area: PartnershipArea, coordinator: User
):
    take_catalogue(area, read_starter(), month=this_month(), only=[("pathway", "cuckooed-homes")], by=coordinator)
    pathways = tuple(
        replace(entry, step=(replace(entry.step[0], name="Discovered"), *entry.step[1:]))
        if entry.code == "cuckooed-homes"
        else entry
        for entry in read_starter().pathway
    )
    changed = replace(read_starter(), pathway=pathways)
    only = [("step", "cuckooed-homes.found")]
    take_catalogue(area, changed, month=this_month(), only=only, by=coordinator)
    assert PathwayStep.objects.get(pathway__area=area, code="found").name == "Discovered"
    retire_part(Pathway.objects.get(area=area), area=area, by=coordinator)
    acts = {each.act for each in find_differences(area, changed) if "cuckooed-homes" in each.code}
    assert acts == {Act.RETIRED}


def test_a_breakdown_comes_with_its_dimension_and_whole(area: PartnershipArea, coordinator: User):
    assert not Indicator.objects.filter(area=area, breaks_down__isnull=False).exists()
    more = choose_usual(read_starter(), also=["juveniles-sex"])
    take_catalogue(area, more, month=this_month(), by=coordinator, only=[("indicator", "juveniles-sex")])
    breakdown = Indicator.objects.get(area=area, code="juveniles-sex")
    assert (breakdown.breaks_down and breakdown.breaks_down.code, breakdown.openness) == ("juveniles", "partners")
    categories = breakdown.dimension.categories.order_by("position")
    assert [(category.code, category.is_unknown) for category in categories] == [
        ("female", False),
        ("male", False),
        ("unknown", True),
    ]


def test_a_catalogue_that_says_no_population_leaves_that_of_the_area(area: PartnershipArea, coordinator: User):
    chosen = choose_usual(read_starter(), also=["juveniles-sex"])
    take_catalogue(area, chosen, month=this_month(), by=coordinator)
    Dimension.objects.filter(area=area, code="child-sex").update(population_source="The census", population_year=2021)
    girls = Category.objects.filter(dimension__area=area, dimension__code="child-sex", code="female")
    girls.update(population=900)
    assert find_differences(area, chosen) == []
    renamed = [
        replace(
            entry,
            name="Sex as recorded",
            category=tuple(replace(part, name=f"{part.name}, recorded") for part in entry.category),
        )
        if entry.code == "child-sex"
        else entry
        for entry in chosen.dimension
    ]
    take_catalogue(area, replace(chosen, dimension=tuple(renamed)), month=this_month(), by=coordinator)
    dimension = Dimension.objects.get(area=area, code="child-sex")
    assert (dimension.name, dimension.population_source) == ("Sex as recorded", "The census")
    assert (girls.get().name, girls.get().population) == ("Girls, recorded", 900)
    # The area's own file has what it entered, and another area can be made of it.
    own = read_catalogue(write_catalogue(get_catalogue(area)).encode())
    (entry,) = [entry for entry in own.dimension if entry.code == "child-sex"]
    assert (entry.population_year, [part.population for part in entry.category]) == (2021, [900, None, None])
    assert [part.is_unknown for part in entry.category] == [False, False, True]
