"""A region's public editions: what their totals tell, who decides about them, and what takes them down."""

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.utils import timezone

from boards.models import Consent, PartnershipArea, RegionPlace, ReportingPeriod
from boards.permissions import find_region_access
from boards.rules import RegionRole, Role
from boards.services.regions import grant_region_role, withdraw_consent
from core.labels import TransitionRefused
from core.models import AuditEvent
from indicators.disclosure import Audience, Marking
from indicators.figures import Entry
from indicators.models import Category, Indicator, IndicatorDefinition
from indicators.services.corrections import accept_correction, ask_correction
from indicators.services.disclosure import mark_month
from reporting.models import RegionalRest, RegionEdition, RegionEditionSource, RegionMonth, RegionTotal
from reporting.months.selectors import latest_snapshot
from reporting.months.services import publish_corrections
from reporting.open_editions import Withdrawn
from reporting.public import region_publishing, services, taking_down
from reporting.public import totals as editions
from reporting.public.editions import prepare_edition as prepare_of_area
from reporting.public.lines import GivenAway
from reporting.public.region_publishing import RegionPeriod
from reporting.public.region_selectors import find_region_month, list_region_months
from reporting.public.services import agree, ask_consent, decline, publish_edition, turn_public_pages
from reporting.public.taking_down import withdraw_month
from reporting.public.tasks import sweep_region_editions
from reporting.public.totals import prepare_edition
from reporting.regions.readings import RegionMonthPage
from reporting.retention_kinds import remove_region_drafts
from tests import scenarios
from tests.factories import make_dimension, make_indicator, make_validation_rule
from tests.factories.regions import join_region, make_region, make_region_member
from tests.ruling import set_rule
from tests.scenarios import Town
from tests.shires import OCTOBER, Shire, make_shire, publish_town
from tests.standing import stand

HALF = (2, 3, 3, 2)  # four small counts with the one sum that tells nothing
SMALL_NAMES = ("ashford", "bexford", "cranford", "dunford")
SMALL = set(SMALL_NAMES)


made, shire = stand(lambda: make_shire(*HALF, 12))


def correct(shire: Shire, name: str, *, is_open: bool = True, **values: int) -> None:
    """Correct a town's figures, for its boards and for everybody. Nobody sees a correction of a hidden count: such an
    edition would say the same."""
    town = shire.towns[name]
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=OCTOBER.first_day)
    for code, value in values.items():
        indicator = Indicator.objects.get(area=town.area, code=code)
        asked = ask_correction(indicator, None, period, entry=Entry(str(value)), reason="Counted twice", by=town.lead)
        accept_correction(asked, by=town.coordinator)
    scenarios.sweep()
    publish_corrections(town.area, by=town.coordinator)
    if is_open:
        scenarios.publish_openly(town, OCTOBER)


# --- Totals ---------------------------------------------------------------------------------------


def test_a_total_is_shown_where_it_tells_nothing(shire: Shire):
    edition = shire.publish()
    assert shire.total(edition) == ("shown", 22)
    assert shire.total(edition, "charges") == ("plain", 50)
    assert {rest.period.area.slug for rest in RegionalRest.objects.all()} == SMALL
    arrests = edition.content["lines"][0]
    assert [cell["text"] for cell in arrests["cells"]] == ["[c]", "[c]", "[c]", "[c]", "12"]
    assert arrests["total"] == {"value": 22, "is_withheld": False, "areas": [*sorted(SMALL), "elford"]}


@pytest.mark.django_db
def test_no_withheld_count_is_in_an_edition():
    """Withheld by rule, so that any number may be the one."""
    shire = make_shire(7654321, 8, 9)
    town = shire.towns["ashford"]
    set_rule(town.area, kind="withhold", by=town.people[Role.INFORMATION], why="Asked for")
    scenarios.publish_openly(town, OCTOBER)
    # Two editions, and only the first showed it: the second hides it, and no total may be made of it.
    edition = shire.publish()
    assert shire.total(edition) == ("unusable", None)
    assert "7654321" not in json.dumps(edition.content)


def test_thirteen_of_fourteen_are_never_shown_beside_fourteen(shire: Shire):
    shire.publish()
    town = shire.towns["dunford"]
    withdraw_consent(Consent.objects.get(area=town.area), by=town.coordinator)
    second = shire.publish()
    assert shire.total(second) == ("settled", None)
    assert shire.total(second, "charges") == ("plain", 40)
    # It joins again: the same counts, so the same total.
    join_region(shire.region, town.area)
    third = shire.publish()
    assert shire.total(third) == ("derived", 22)
    assert RegionalRest.objects.count() == len(SMALL)


def test_a_town_whose_count_is_public_may_leave(shire: Shire):
    shire.publish()
    withdraw_consent(Consent.objects.get(area=shire.towns["elford"].area), by=shire.towns["elford"].coordinator)
    assert shire.total(shire.publish()) == ("derived", 10)


def test_a_refusal_is_a_decision_too(shire: Shire):
    """Two small towns are refused. Two more, and it would have been shown: now it isn't."""
    for name in ("cranford", "dunford"):
        Consent.objects.filter(area=shire.towns[name].area).update(starts_on=timezone.localdate() + timedelta(days=1))
    join_region(shire.region, publish_town("fenford", {"arrests": [20], "charges": [1]}).area)
    assert shire.total(shire.publish()) == ("refused", None)
    Consent.objects.update(starts_on=timezone.localdate())
    assert shire.total(shire.publish()) == ("settled", None)


def test_two_regions_share_decisions(shire: Shire):
    shire.publish()
    for slug, left_out, expected in (("kent", "elford", ("derived", 10)), ("sussex", "ashford", ("settled", None))):
        region = make_region(*(town.area for name, town in shire.towns.items() if name != left_out), slug=slug)
        director, analyst = make_region_member(region), make_region_member(region, RegionRole.ANALYST)
        other = Shire(region, shire.towns, director, analyst)
        assert other.total(other.publish()) == expected


def test_a_correction_of_a_hidden_count_ends_its_total(shire: Shire):
    shire.publish()
    correct(shire, "ashford", arrests=3, charges=11)
    second = shire.publish()
    assert shire.total(second) == ("settled", None)
    correct(shire, "ashford", arrests=2, charges=12)
    assert shire.total(shire.publish()) == ("derived", 22)


def test_a_correction_of_a_shown_count_changes_the_total(shire: Shire):
    shire.publish()
    correct(shire, "elford", arrests=14)
    assert shire.total(shire.publish()) == ("derived", 24)


def test_a_shown_count_that_became_small_gives_no_total(shire: Shire):
    """Its first edition showed another count, so nobody can say what the gap may be."""
    correct(shire, "elford", arrests=3)
    assert shire.total(shire.publish()) == ("unusable", None)


def test_a_late_area_is_waited_for(shire: Shire, monkeypatch):
    """Or its count would be barred for ever."""
    late = scenarios.make_town("fenford")
    join_region(shire.region, late.area)
    edition = shire.publish()
    assert shire.total(edition) == ("later", None)
    assert shire.total(edition, "charges") == ("plain", 50)
    assert edition.content["missing"] == ["Fenford"]
    assert not RegionalRest.objects.exists()
    monkeypatch.setattr(editions, "WAIT", timedelta(days=-30))
    assert shire.total(shire.publish()) == ("shown", 22)


def test_an_awaited_figure_is_waited_for_too(shire: Shire):
    late = scenarios.make_town("fenford")
    scenarios.publish(late, OCTOBER)
    scenarios.publish_openly(late, OCTOBER)
    join_region(shire.region, late.area)
    assert shire.total(shire.publish()) == ("later", None)


@pytest.mark.parametrize("rule", [{"kind": "round", "suppress_to": 7, "base": 5}, {"kind": "withhold"}])
def test_one_count_under_another_kind_of_rule_withholds_the_total(shire: Shire, rule: dict):
    def set_up(town: Town) -> None:
        set_rule(town.area, **rule, by=town.people[Role.INFORMATION], why="Asked for")

    town = publish_town("fenford", {"arrests": [3], "charges": [20]}, set_up=set_up)
    join_region(shire.region, town.area)
    assert shire.total(shire.publish()) == ("unusable", None)


def test_what_counts_something_else_isnt_added_up(shire: Shire):
    def set_up(town: Town) -> None:
        definitions = IndicatorDefinition.objects.filter(indicator__area=town.area, indicator__code="arrests")
        definitions.update(text="Arrests and cautions.")

    join_region(shire.region, publish_town("fenford", {"arrests": [100], "charges": [1]}, set_up=set_up).area)
    edition = shire.publish()
    assert shire.total(edition) == ("shown", 22)
    cell = edition.content["lines"][0]["cells"][-1]
    assert (cell["value"], cell["is_alike"], cell["definition"]) == (100, False, "Arrests and cautions.")


def test_preparing_costs_the_same_for_any_number_of_areas(shire: Shire, django_assert_num_queries):
    with django_assert_num_queries(11):
        prepare_edition(shire.region, OCTOBER)
    withdraw_consent(Consent.objects.get(area=shire.towns["elford"].area), by=shire.towns["elford"].coordinator)
    with django_assert_num_queries(11):
        prepare_edition(shire.region, OCTOBER)


def test_a_rule_across_figures_leaves_a_gap_without_a_shape(shire: Shire):
    """A town may have withheld the count for another's sake, so nobody knows that it is small."""
    make_validation_rule(shire.towns["ashford"].area, "rule")  # charges are at most arrests
    assert shire.total(shire.publish(), "arrests")[0] != "shown"


def make_split_shire(*counts: tuple[int, int], origins: Sequence[str] = ("london", "leeds")) -> Shire:
    """A region whose towns split their lines by two origins, and publish October by their returns. A third one has
    none: a split in two would be left out of editions."""
    shire = make_shire()
    for name, split in zip(SMALL_NAMES, counts, strict=True):
        town = shire.towns[name] = scenarios.make_town(name)
        origin = make_dimension(town.area, "origin", [*origins, "nowhere"])
        make_indicator(town.police, "lines", boards=(town.csp,), dimension=origin, position=2)
        by_origin = {f"lines.{code}": count for code, count in zip(origins, split, strict=True)} | {"lines.nowhere": 0}
        scenarios.accept(town, OCTOBER, {"arrests": 9, "charges": 9, **by_origin})
        scenarios.publish(town, OCTOBER)
        scenarios.publish_openly(town, OCTOBER)
        join_region(shire.region, town.area)
    return shire


@pytest.mark.django_db
def test_categories_are_part_of_a_gaps_shape():
    """Each whole is withheld with two categories: from 2 to 6. Only half of 24 and 8 tells nothing."""
    shire = make_split_shire((2, 2), (1, 3), (3, 1), (2, 2))
    assert shire.total(shire.publish(), "lines") == ("shown", 16)
    assert set(RegionalRest.objects.values_list("below", "parts")) == {(5, 2)}


@pytest.mark.django_db
def test_a_category_that_is_no_longer_asked_for_may_hide_anything():
    shire = make_split_shire((2, 2), (1, 3), (3, 1), (2, 2))
    Category.objects.filter(dimension__area=shire.towns["ashford"].area, code="leeds").update(retired=True)
    assert shire.total(shire.publish(), "lines") == ("unusable", None)


# --- What an area may not undo ---------------------------------------------------------------------


def test_an_area_cant_tell_more_of_a_count_that_a_total_rests_on(shire: Shire):
    """In November it becomes a part of the charges, whose October is public. The other towns' counts would follow from
    what that tells."""
    town = shire.towns["ashford"]

    def prepare_november() -> list[GivenAway]:
        return prepare_of_area(latest_snapshot(november, include_drafts=False)).given_away

    Indicator.objects.filter(area=town.area, code="arrests").update(
        part_of=Indicator.objects.get(area=town.area, code="charges")
    )
    scenarios.accept(town, OCTOBER.next, {"arrests": 7, "charges": 30})
    scenarios.publish(town, OCTOBER.next)
    november = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=OCTOBER.next.first_day)
    assert prepare_november() == []
    shire.publish()
    assert prepare_november() == [GivenAway(OCTOBER, "Arrests, on which a region’s total depends")]
    # A count that was corrected is a new one.
    correct(shire, "ashford", arrests=1, is_open=False)
    assert prepare_november() == []


# --- Two people ----------------------------------------------------------------------------------


def test_two_people_of_the_region_decide(shire: Shire):
    edition = ask_consent(RegionPeriod(shire.region, OCTOBER), by=shire.analyst)
    with pytest.raises(TransitionRefused, match="already in progress"):
        ask_consent(RegionPeriod(shire.region, OCTOBER), by=shire.director)
    with pytest.raises(PermissionDenied, match="your own request"):
        agree(edition, by=shire.analyst, seen=edition.fingerprint)
    with pytest.raises(TransitionRefused):
        publish_edition(edition, by=shire.director)
    agree(edition, by=shire.director, seen=edition.fingerprint)
    with pytest.raises(PermissionDenied, match="Only a director"):
        publish_edition(edition, by=shire.analyst)
    publish_edition(edition, by=shire.director)
    with pytest.raises(TransitionRefused, match="hasn’t changed"):
        ask_consent(RegionPeriod(shire.region, OCTOBER), by=shire.analyst)
    verbs = ["region_edition.asked", "region_edition.agreed", "region_edition.published"]
    assert list(AuditEvent.objects.filter(verb__in=verbs).order_by("pk").values_list("verb", flat=True)) == verbs


def test_nobody_else_decides(shire: Shire):
    edition = ask_consent(RegionPeriod(shire.region, OCTOBER), by=shire.director)
    people = [*shire.towns["ashford"].people.values(), scenarios.make_operator(), scenarios.make_outsider()]
    for person in people:
        for act in (
            lambda by: ask_consent(RegionPeriod(shire.region, OCTOBER), by=by),
            lambda by: agree(edition, by=by, seen=edition.fingerprint),
            lambda by: decline(edition, why="No", by=by),
            lambda by: publish_edition(edition, by=by),
        ):
            with pytest.raises(PermissionDenied):
                act(person)


def test_what_changed_meanwhile_isnt_published(shire: Shire):
    edition = ask_consent(RegionPeriod(shire.region, OCTOBER), by=shire.analyst)
    agree(edition, by=shire.director, seen=edition.fingerprint)
    withdraw_consent(Consent.objects.get(area=shire.towns["elford"].area), by=shire.towns["elford"].coordinator)
    with pytest.raises(TransitionRefused, match="out of date"):
        publish_edition(edition, by=shire.director)
    assert not RegionEdition.objects.filter(number__isnull=False).exists()
    again = ask_consent(RegionPeriod(shire.region, OCTOBER), by=shire.analyst)
    # Elford's count is public, so this total follows from the first, which whoever approved has read.
    assert shire.total(again) == ("derived", 10)
    assert RegionEdition.objects.get(pk=edition.pk).state == "declined"
    decline(again, why="Wait for Elford", by=shire.director)
    with pytest.raises(TransitionRefused, match="Say why"):
        decline(ask_consent(RegionPeriod(shire.region, OCTOBER), by=shire.analyst), why=" ", by=shire.director)


def test_whoever_is_killed_while_asking_or_publishing_leaves_nothing(shire: Shire, monkeypatch):
    def die(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(region_publishing, "settle", die)
        with pytest.raises(SystemExit):
            ask_consent(RegionPeriod(shire.region, OCTOBER), by=shire.analyst)
    assert not RegionEdition.objects.exists()
    edition = ask_consent(RegionPeriod(shire.region, OCTOBER), by=shire.analyst)
    agree(edition, by=shire.director, seen=edition.fingerprint)
    monkeypatch.setattr(services, "record", die)
    with pytest.raises(SystemExit):
        publish_edition(edition, by=shire.director)
    edition.refresh_from_db()
    assert (edition.state, edition.number) == ("agreed", None)


def test_what_another_region_decided_meanwhile_leaves_nothing(shire: Shire, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise TransitionRefused("Another region has decided about a count")

    monkeypatch.setattr(region_publishing, "settle", refuse)
    assert not taking_down.prepare_again(RegionPeriod(shire.region, OCTOBER))
    assert not RegionEdition.objects.exists()


@pytest.mark.parametrize("left", [0, 2])
def test_a_region_of_two_areas_shows_nothing(shire: Shire, left: int):
    Consent.objects.exclude(area__slug__in=["ashford", "bexford"][:left]).update(
        withdrawn_at=timezone.now(), withdrawn_by=shire.director
    )
    with pytest.raises(TransitionRefused, match="anything until 3"):
        ask_consent(RegionPeriod(shire.region, OCTOBER), by=shire.analyst)


def test_nor_does_one_whose_areas_havent_published(shire: Shire):
    PartnershipArea.objects.exclude(slug__in=["ashford", "bexford"]).update(has_public_pages=False)
    with pytest.raises(TransitionRefused, match="at least 3 areas"):
        ask_consent(RegionPeriod(shire.region, OCTOBER), by=shire.analyst)


# --- Down at once ---------------------------------------------------------------------------------


def consent_withdrawn(shire: Shire) -> None:
    town = shire.towns["bexford"]
    withdraw_consent(Consent.objects.get(area=town.area), by=town.people[Role.INFORMATION])


def consent_ended(shire: Shire) -> None:
    today = timezone.localdate()
    Consent.objects.filter(area=shire.towns["bexford"].area).update(
        starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=1)
    )


def area_removed(shire: Shire) -> None:
    RegionPlace.objects.get(area=shire.towns["bexford"].area).delete()


def pages_off(shire: Shire) -> None:
    town = shire.towns["bexford"]
    turn_public_pages(town.area, on=False, by=town.coordinator)


def month_withdrawn(shire: Shire) -> None:
    town = shire.towns["bexford"]
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=OCTOBER.first_day)
    withdraw_month(period, why="A mistake", by=town.people[Role.INFORMATION])


def month_marked(shire: Shire) -> None:
    town = shire.towns["bexford"]
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=OCTOBER.first_day)
    mark_month(
        period,
        audience=Audience.PUBLIC,
        marking=Marking.SENSITIVE,
        why="A trial",
        by=town.people[Role.INFORMATION],
    )


@pytest.mark.parametrize(
    "take_down", [consent_withdrawn, consent_ended, area_removed, pages_off, month_withdrawn, month_marked]
)
def test_an_edition_is_down_between_two_requests(shire: Shire, take_down, django_assert_num_queries):
    shire.publish()
    with django_assert_num_queries(1):
        assert find_region_month("essex", OCTOBER).number == 1
    assert [month.month for month in list_region_months("essex")] == [OCTOBER]
    take_down(shire)
    with pytest.raises(Withdrawn):
        find_region_month("essex", OCTOBER)
    with pytest.raises(LookupError):
        list_region_months("essex")


def test_it_has_the_strictest_marking_of_its_areas(shire: Shire):
    shire.publish()
    assert find_region_month("essex", OCTOBER).marking is Marking.NONE
    town = shire.towns["bexford"]
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=OCTOBER.first_day)
    officer = town.people[Role.INFORMATION]
    mark_month(period, audience=Audience.PUBLIC, marking=Marking.OFFICIAL, why="By the agreement", by=officer)
    assert find_region_month("essex", OCTOBER).marking is Marking.OFFICIAL


def test_the_next_edition_is_prepared_and_waits_for_two_people(shire: Shire):
    shire.publish()
    assert sweep_region_editions() == 0
    consent_withdrawn(shire)
    assert sweep_region_editions() == 1
    assert sweep_region_editions() == 0
    edition = RegionEdition.objects.get(state="asked")
    assert edition.asked_by is None
    agree(edition, by=shire.director, seen=edition.fingerprint)
    with pytest.raises(PermissionDenied, match="someone else"):
        publish_edition(edition, by=shire.director)
    publish_edition(edition, by=make_region_member(shire.region))
    assert find_region_month("essex", OCTOBER).number == 2
    assert [area["slug"] for area in find_region_month("essex", OCTOBER).content["areas"]] == [
        "ashford",
        "cranford",
        "dunford",
        "elford",
    ]


def test_a_director_does_not_publish_what_an_analyst_of_theirs_approved(shire: Shire):
    analyst = grant_region_role(
        shire.region,
        email="new@essex.example",
        name="New",
        role=RegionRole.ANALYST,
        is_attested=True,
        by=shire.director,
    ).user
    shire.publish()
    consent_withdrawn(shire)
    sweep_region_editions()
    edition = RegionEdition.objects.get(state="asked")
    agree(edition, by=analyst, seen=edition.fingerprint)
    with pytest.raises(
        PermissionDenied, match="You invited New or gave them a role, so someone else from Essex has to"
    ):
        publish_edition(edition, by=shire.director)
    publish_edition(edition, by=make_region_member(shire.region))


def test_a_waiting_edition_that_is_out_of_date_is_declined(shire: Shire):
    """… also of a month that was never public, and if too few areas are left. It has figures of an area that left."""
    edition = ask_consent(RegionPeriod(shire.region, OCTOBER), by=shire.analyst)
    assert sweep_region_editions() == 0
    edition.refresh_from_db()
    assert edition.state == "asked"
    consent_withdrawn(shire)
    assert sweep_region_editions() == 0
    edition.refresh_from_db()
    assert (edition.state, edition.declined_by) == ("declined", None)
    assert edition.declined_why.startswith("It was out of date")
    event = AuditEvent.objects.get(verb="region_edition.declined")
    assert (event.actor, event.details["month"]) == ("system", "2026-10")
    again = ask_consent(RegionPeriod(shire.region, OCTOBER), by=shire.analyst)
    agree(again, by=shire.director, seen=again.fingerprint)
    Consent.objects.exclude(area__slug__in=["ashford", "cranford"]).update(
        withdrawn_at=timezone.now(), withdrawn_by=shire.director
    )
    sweep_region_editions()
    again.refresh_from_db()
    assert again.state == "declined"


def test_what_was_worked_out_goes_with_a_permission(shire: Shire):
    page = RegionMonthPage(find_region_access(shire.analyst, "essex"), OCTOBER)
    page.work_out()
    sweep_region_editions()
    assert RegionMonth.objects.get().key == page.key
    consent_withdrawn(shire)
    sweep_region_editions()
    assert not RegionMonth.objects.exists()


def test_what_was_declined_isnt_prepared_again(shire: Shire):
    shire.publish()
    correct(shire, "elford", arrests=14)
    assert sweep_region_editions() == 1
    decline(RegionEdition.objects.get(state="asked"), why="Wait", by=shire.director)
    assert sweep_region_editions() == 0


def test_too_few_areas_are_left_alone(shire: Shire):
    shire.publish()
    Consent.objects.exclude(area__slug__in=["ashford", "bexford"]).update(
        withdrawn_at=timezone.now(), withdrawn_by=shire.director
    )
    assert sweep_region_editions() == 0


# --- In the database ---------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_count_is_decided_about_once_whoever_writes(shire: Shire):
    edition = shire.publish()
    rest = RegionalRest.objects.first()
    assert rest is not None
    rest.pk = None
    with pytest.raises(DatabaseError), transaction.atomic():
        rest.save(force_insert=True)
    for change in (
        lambda: RegionalRest.objects.update(below=3),
        lambda: RegionalRest.objects.all().delete(),
        lambda: RegionTotal.objects.filter(edition=edition).update(value=1),
        lambda: RegionTotal.objects.filter(edition=edition, outcome="plain").delete(),
        lambda: RegionEditionSource.objects.filter(edition=edition).delete(),
        lambda: RegionEdition.objects.filter(pk=edition.pk).update(content={}),
        lambda: RegionEdition.objects.filter(pk=edition.pk).update(state="asked", number=None),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.both_databases
def test_a_source_is_of_one_area(shire: Shire):
    edition = ask_consent(RegionPeriod(shire.region, OCTOBER), by=shire.analyst)
    source = edition.sources.first()
    other = Consent.objects.exclude(area=source.public_edition.period.area).first()
    with pytest.raises(DatabaseError), transaction.atomic():
        RegionEditionSource.objects.filter(pk=source.pk).update(consent=other)


def test_an_edition_that_decided_about_counts_stays_though_nobody_published_it(shire: Shire):
    edition = ask_consent(RegionPeriod(shire.region, OCTOBER), by=shire.analyst)
    decline(edition, why="Wait", by=shire.director)
    plain = RegionEdition.objects.create(
        region=shire.region,
        starts_on=OCTOBER.first_day,
        fingerprint="x",
        content={},
        asked_at=edition.asked_at,
        asked_by=shire.analyst,
    )
    removed = remove_region_drafts("", timezone.now(), 10)
    assert removed.count == 1
    assert not RegionEdition.objects.filter(pk=plain.pk).exists()
    assert RegionEdition.objects.filter(pk=edition.pk).exists()
