"""Consents, comparison series, and what an indicator is compared with; no area's figures are shown to another."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from actions.selectors.events import list_happenings
from boards.models import Consent, Membership
from boards.rules import Role
from boards.services.regions import agree_to_consent, give_consent, withdraw_consent
from core.calendar import Month
from core.labels import TransitionRefused
from indicators.models import ComparisonSeries
from indicators.selectors.open_data import list_others
from reporting.impact.presenters.page import ImpactView, find_impact, make_r_code, make_series_file
from reporting.impact.results import Outcome
from tests.happening import tell
from tests.integration.rows_of_comparisons import LICENCE, SOURCE, consent, import_rows
from tests.publishing import publish_months
from tests.scenarios import Town, make_town
from tests.standing import stand
from tests.unit.test_impact_results import AFTER, BEFORE

pytestmark = pytest.mark.django_db
FIRST, BEGAN = Month(2022, 10), date(2025, 10, 3)
STEADY = (*BEFORE, *BEFORE[:12])


def make_towns() -> list[Town]:
    """Testford, where arrests fell by 36 % in October 2025; and four towns where nothing changed. All are published."""
    towns = [make_town(), *(make_town(f"town-{number}") for number in range(4))]
    for town in towns:
        publish_months(town, FIRST, {"arrests": (*BEFORE, *AFTER) if town is towns[0] else STEADY})
    tell(towns[0], starts_on=BEGAN)
    return towns


made, towns = stand(make_towns)


def look(town: Town) -> ImpactView:
    return find_impact(town.area, "e1", "arrests")


# --- Consent


def test_a_consent_holds_once_two_agreed_and_until_one_withdraws(town: Town):
    today = timezone.localdate()
    given = give_consent(town.area, starts_on=today, ends_on=today + timedelta(days=30), by=town.coordinator)
    assert not Consent.objects.in_force(today).exists()
    officer = town.people[Role.INFORMATION]
    assert agree_to_consent(given, by=officer).agreed_at == agree_to_consent(given, by=officer).agreed_at
    assert Consent.objects.in_force(today).get() == given
    assert Consent.objects.in_force(today + timedelta(days=30)).exists()
    assert not Consent.objects.in_force(today + timedelta(days=31)).exists()
    assert not Consent.objects.in_force(today - timedelta(days=1)).exists()
    withdraw_consent(given, by=officer)
    withdraw_consent(given, by=town.coordinator)  # who is second changes nothing
    assert Consent.objects.get().withdrawn_by == officer
    assert not Consent.objects.in_force(today).exists()
    with pytest.raises(TransitionRefused, match="withdrew this permission"):
        agree_to_consent(given, by=officer)


def test_one_person_alone_gives_none(town: Town):
    days: dict[str, Any] = {"starts_on": date(2030, 1, 1), "ends_on": date(2030, 2, 1)}
    with pytest.raises(PermissionDenied):
        give_consent(town.area, **days, by=town.people[Role.INFORMATION])
    given = give_consent(town.area, **days, by=town.coordinator)
    # Now the other of the two: nobody has both roles, but a person may change from one to the other.
    held = Membership.objects.filter(user=town.coordinator)
    held.update(role=Role.INFORMATION.value, acts_from=timezone.localdate())
    for who in (town.coordinator, town.people[Role.ANALYST], town.people[Role.STRATEGIC]):
        with pytest.raises(PermissionDenied):
            agree_to_consent(given, by=who)
    for role in (Role.ANALYST, Role.BOARD_CHAIR):
        with pytest.raises(PermissionDenied):
            withdraw_consent(given, by=town.people[role])


def test_the_days_of_a_consent_have_to_hold(town: Town):
    today = timezone.localdate()
    consent(town, days=30)
    past = today - timedelta(days=1)
    faults = [
        (today, today, "ends_on", "choose a later last day."),
        (past - timedelta(days=1), past, "ends_on", "That day has passed"),
        (today, date(today.year + 4, 1, 1), "ends_on", "Choose a last day within 3 years."),
        (today + timedelta(days=30), today + timedelta(days=60), "starts_on", "There is already a permission for"),
    ]
    for first, last, field, sentence in faults:
        with pytest.raises(ValidationError) as refusal:
            give_consent(town.area, starts_on=first, ends_on=last, by=town.coordinator)
        assert sentence in refusal.value.message_dict[field][0]
    assert Consent.objects.count() == 1


@pytest.mark.parametrize(
    ("first", "last", "is_given"),
    [
        (date(2027, 1, 1), date(2030, 1, 1), True),
        (date(2027, 1, 1), date(2030, 1, 2), False),
        (date(2027, 1, 1), date(2030, 12, 31), False),
        (date(2027, 12, 31), date(2030, 12, 31), True),
        (date(2027, 12, 31), date(2031, 1, 1), False),
        (date(2028, 2, 29), date(2031, 2, 28), True),
        (date(2028, 2, 29), date(2031, 3, 1), False),
    ],
)
def test_a_consent_is_for_three_years_at_most(town: Town, first: date, last: date, is_given: bool):
    if is_given:
        assert give_consent(town.area, starts_on=first, ends_on=last, by=town.coordinator).ends_on == last
        return
    with pytest.raises(ValidationError, match="Choose a last day within 3 years") as refusal:
        give_consent(town.area, starts_on=first, ends_on=last, by=town.coordinator)
    assert list(refusal.value.message_dict) == ["ends_on"]


# --- Areas of this installation


def test_three_areas_with_consent_are_looked_at_as_one(towns: list[Town]):
    own, *others = towns
    for other in others[:3]:
        consent(other)
    view = look(own)
    assert (view.controls.areas, view.controls.open_names) == (3, ())
    assert view.controls.left_out == (
        "Left out: 1 area in this installation, because no permission to compare is in force.",
    )
    assert view.outcome.outcome is Outcome.FELL
    assert "against three comparison areas" in view.outcome.sentence


def test_of_two_areas_nothing_is_told(towns: list[Town]):
    own, *others = towns
    for other in others[:2]:
        consent(other)
    view = look(own)
    assert view.controls.number == 0
    assert view.controls.left_out[0] == (
        "Left out: 2 areas in this installation with permission, because we need at least 3. Otherwise someone could "
        "see a single area’s figures."
    )
    assert "comparison" not in view.outcome.sentence


def test_a_withdrawn_consent_counts_no_more_at_once(towns: list[Town]):
    own, *others = towns
    consents = [consent(other) for other in others[:3]]
    assert look(own).controls.areas == 3
    withdraw_consent(consents[0], by=others[0].coordinator)
    assert look(own).controls.areas == 0


def test_an_area_without_the_months_is_left_out(towns: list[Town]):
    own, *others = towns
    for other in others:
        consent(other)
    late = make_town("late")
    publish_months(late, Month(2025, 6), {"arrests": BEFORE[:16]})
    consent(late)
    view = look(own)
    assert view.controls.areas == 4
    assert view.controls.left_out == (
        "Left out: 1 area in this installation with permission, because a month is missing or is counted differently.",
    )


def test_no_figure_and_no_name_of_another_area_leaves(towns: list[Town]):
    own, *others = towns
    for other in others:
        consent(other)
    view = look(own)
    file = make_series_file(view)
    assert file is not None
    assert {row["comparison"] for row in file.rows} == {None}
    told = repr((view.outcome, view.changes, view.levels, view.controls.left_out, make_r_code(view), list(file.rows)))
    assert not any(other.area.name in told or other.area.slug in told for other in others)


def test_who_counts_the_same_is_found_by_code(towns: list[Town]):
    own, *others = towns
    consent(others[0])
    found = list_others(own.area, ["arrests"], today=timezone.localdate())
    assert [(other.area_id, other.has_consent) for other in found] == [
        (other.area.pk, other is others[0]) for other in others
    ]
    assert list_others(own.area, ["nothing"], today=timezone.localdate()) == []


# --- Open data


def rows_of(name: str, values: tuple[int, ...], first: Month = FIRST) -> list[str]:
    return [f"arrests,{name},{first + place},{value}" for place, value in enumerate(values)]


def test_series_of_open_data_are_compared_with_by_name(towns: list[Town]):
    own = towns[0]
    done = import_rows(own, *rows_of("Northport", STEADY), *rows_of("Southport", STEADY))
    assert (done.new, done.corrected, done.held) == (2, 0, 0)
    view = look(own)
    assert view.controls.open_names == ("Northport", "Southport")
    assert view.controls.sources == (f"{SOURCE}. {LICENCE}",)
    assert "against two comparison areas" in view.outcome.sentence
    file = make_series_file(view)
    assert file is not None
    assert [row["comparison"] for row in file.rows] == [value * 2 for value in STEADY]


def test_a_series_that_lacks_a_month_is_left_out_and_named(towns: list[Town]):
    own = towns[0]
    import_rows(own, *rows_of("Northport", STEADY[:40]), *rows_of("Southport", STEADY))
    view = look(own)
    assert view.controls.open_names == ("Southport",)
    assert "Not compared with Northport: a figure is missing in some of these months." in view.controls.left_out


def test_the_same_file_again_changes_nothing_and_another_is_the_next_edition(town: Town):
    row = "arrests,Northport,2026-09,12"
    assert import_rows(town, row).new == 1
    assert import_rows(town, row).held == 1
    assert import_rows(town, row, licence="Another licence").corrected == 1
    assert import_rows(town, "arrests,Northport,2026-07,12", "arrests,Northport,2026-09,13").corrected == 1
    newest = ComparisonSeries.objects.latest("edition")
    assert (newest.edition, newest.first, newest.values) == (3, date(2026, 7, 1), [12, None, 13])


@pytest.mark.parametrize(
    ("row", "options", "sentence"),
    [
        ("crimes,Northport,2026-09,1", {}, "Testford has no indicator “crimes”. Nothing was saved."),
        ("arrests,testford,2026-09,1", {}, "testford is this area, which can’t be compared with itself."),
        ("arrests,Northport,2026-09,1", {"source": " "}, "Enter the source of these numbers"),
        ("arrests,Northport,2026-09,1", {"licence": "x" * 201}, "Shorten the licence to 200 characters; it has 201."),
    ],
)
def test_what_cant_be_taken_in_is_a_sentence(town: Town, row, options, sentence):
    with pytest.raises(ValidationError, match=sentence.replace("(", r"\(")):
        import_rows(town, row, **options)
    assert ComparisonSeries.objects.count() == 0


def test_the_command_takes_a_file_in_or_says_what_is_wrong(town: Town, tmp_path, capsys):
    path = tmp_path / "towns.csv"
    given = {"area": "testford", "source": SOURCE, "licence": LICENCE}
    path.write_text("indicator,area,month,count\narrests,Northport,2026-09,x\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"towns.csv: 1 fault. Nothing was saved."):
        call_command("import_comparison", str(path), **given)
    assert "line 2, count:" in capsys.readouterr().err
    path.write_text("indicator,area,month,count\narrests,Northport,2026-09,4\n", encoding="utf-8")
    call_command("import_comparison", str(path), **given)
    assert "Testford: 1 new series, 0 corrected by a new edition, 0 already held" in capsys.readouterr().out
    with pytest.raises(CommandError, match="There is no area"):
        call_command("import_comparison", str(path), **{**given, "area": "nowhere"})


def test_an_event_of_an_area_is_none_of_anothers(towns: list[Town]):
    assert [list_happenings(town.area) == [] for town in towns] == [False, True, True, True, True]
