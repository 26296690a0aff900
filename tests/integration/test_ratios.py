"""Ratios: worked out from two counts, from the return to the file."""

import json
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from boards.models import Agency
from boards.rules import Role
from core.calendar import Month
from core.labels import TransitionRefused
from indicators.disclosure import Audience
from indicators.figures import Entry
from indicators.models import Indicator, Observation, Population
from indicators.selectors.figures import NoSuchFigure, find_indicator, list_worked_out
from indicators.selectors.returns import list_boxes
from indicators.selectors.series import Background
from indicators.services.corrections import CorrectionHasErrors, accept_correction, ask_correction
from indicators.services.entries import Checked, check_entries
from indicators.services.returns import ReturnHasErrors
from indicators.services.setup import bring_back_indicator, retire_indicator, save_indicator
from indicators.trend import CellState
from reporting.exports.presenters.history import make_history_file
from reporting.models import IndicatorLine, Snapshot
from reporting.months.presenters.series import series_view
from reporting.months.selectors import list_lines, list_series, list_shown
from reporting.months.services import publish_corrections
from reporting.public.editions import prepare_edition
from tests import scenarios
from tests.factories import make_agency, make_indicator
from tests.integration.command_line import confirmed_by, run
from tests.integration.rows_of_populations import CODE, import_rows
from tests.scenarios import (
    Town,
    accept,
    entries,
    make_town,
    newest_lines,
    open_month,
    publish,
    publish_openly,
    submit,
    sweep,
)
from tests.standing import stand

pytestmark = pytest.mark.django_db
JUNE, JULY, AUGUST, SEPTEMBER, OCTOBER = (Month(2026, number) for number in range(6, 11))


def make_ratio_town() -> Town:
    """The staff in post are asked for each quarter, those trained each month; what each works out to be is a share.
    Admissions are a rate of residents, and days over visits an average."""
    town = make_town()
    counts: dict[str, Any] = {"boards": (town.csp,), "shown_on": "ratios", "defined_from": date(2026, 6, 1)}
    staff = make_indicator(town.police, "staff", asked="quarterly", position=2, **counts)
    trained = make_indicator(town.police, "trained", part_of=staff, position=3, **counts)
    admissions = make_indicator(town.police, "admissions", position=4, **counts)
    days = make_indicator(town.police, "days", position=5, **counts)
    visits = make_indicator(town.police, "visits", position=6, **counts)
    ratio: dict[str, Any] = {"collection": "ratio", "boards": (town.csp,), "defined_from": date(2026, 6, 1)}
    share: dict[str, Any] = {"ratio": "share", "per": 100, "unit_one": "of the staff", "unit_many": "of the staff"}
    make_indicator(
        town.police, "share-trained", numerator=trained, denominator=staff, polarity="higher", **share, **ratio
    )
    rate: dict[str, Any] = {"ratio": "rate", "per": 10_000, "ages": "all", "unit_many": "per 10,000 residents"}
    make_indicator(town.police, "admission-rate", numerator=admissions, **rate, **ratio)
    average: dict[str, Any] = {"ratio": "average", "unit_many": "days"}
    make_indicator(town.police, "wait", numerator=days, denominator=visits, **average, **ratio)
    add_residents(town, 2025, 184_000)
    for place, month in enumerate((JUNE, JULY, AUGUST)):
        in_post = {"staff": 80 + 10 * place} if month != AUGUST else {}
        accept(
            town,
            month,
            {
                "arrests": 12,
                "charges": 6,
                "trained": 50 + place,
                **in_post,
                "admissions": 10 + place,
                "days": 100,
                "visits": 8,
            },
        )
    publish(town, JULY)
    sweep()
    return town


made, town = stand(make_ratio_town)


def add_residents(town: Town, year: int, residents: int) -> None:
    Population.objects.create(
        area=town.area,
        year=year,
        ages="all",
        edition=1,
        residents=residents,
        source="An office",
        licence="Open",
        name_of_file="made.csv",
        imported_at=timezone.now(),
    )


def test_a_ratio_is_worked_out_and_kept_in_tenths(town: Town):
    lines = newest_lines(town, JULY)
    share = lines["share-trained"]
    assert (share.value, share.numerator, share.denominator, share.of_when) == (567, 51, 90, None)
    assert (share.history, share.numerators, share.denominators) == ([625, 567], [50, 51], [80, 90])
    assert (share.movement, share.change) == ("down", -58)
    rate = lines["admission-rate"]
    assert (rate.value, rate.denominator, rate.of_when) == (6, 184_000, date(2025, 1, 1))
    assert (lines["wait"].value, lines["wait"].method) == (125, "average")


def test_between_two_quarters_the_newest_figure_holds(town: Town):
    lines = newest_lines(town, AUGUST)
    staff = lines["staff"]
    assert (staff.state, staff.value, staff.of_when) == ("figure", 90, date(2026, 7, 1))
    assert (staff.movement, staff.no_arrow_reason) == ("none", "held")
    assert lines["share-trained"].value == 578  # 52 of July's 90
    assert [box.name for box in list_boxes(town.police, AUGUST)].count("staff") == 0
    # In the first month in which it is counted it is asked for too.
    assert [box.name for box in list_boxes(town.police, JUNE)].count("staff") == 1


def test_a_share_of_cases_that_are_held_is_held_too(town: Town):
    """Twelve times the same quarter isn't twelve months."""
    trained = Indicator.objects.get(area=town.area, code="trained")
    Indicator.objects.filter(pk=trained.pk).update(asked="quarterly")
    for month in (SEPTEMBER, OCTOBER):
        accept(town, month, {**figures(), "staff": 90} if month == OCTOBER else without(figures(), "trained"))
    sweep()
    share = newest_lines(town, SEPTEMBER)["share-trained"]
    assert (share.value, share.no_arrow_reason) == (578, "held")  # August's 52, which somebody gave
    assert share.steps[-1]["held"] == [3]
    assert newest_lines(town, OCTOBER)["share-trained"].movement == "level"


def without(given: dict[str, object], name: str) -> dict[str, object]:
    return {code: value for code, value in given.items() if code != name}


def test_a_late_quarter_delays_no_ratio(town: Town):
    accept(town, SEPTEMBER, figures())
    accept(town, OCTOBER, {**figures(trained=54), "staff": CellState.AWAITED})
    sweep()
    lines = newest_lines(town, OCTOBER)
    assert lines["staff"].state == "awaited"
    assert (lines["share-trained"].value, lines["share-trained"].of_when) == (600, date(2026, 7, 1))


def figures(**others: object) -> dict[str, object]:
    return {"arrests": 12, "charges": 6, "trained": 52, "admissions": 12, "days": 100, "visits": 8} | others


@pytest.mark.parametrize(
    ("given", "state", "note"),
    [
        ({"trained": None}, "not_available", "The system was down"),
        ({"days": 0, "visits": 0}, "figure", ""),
    ],
)
def test_without_one_of_the_two_there_is_no_ratio(town: Town, given, state, note):
    accept(town, SEPTEMBER, figures(**given))
    sweep()
    share = newest_lines(town, SEPTEMBER)["share-trained"]
    assert (share.state, share.note) == (state, note)


def test_nothing_to_be_out_of_is_no_ratio(town: Town):
    accept(town, SEPTEMBER, figures(days=0, visits=0))
    sweep()
    wait = newest_lines(town, SEPTEMBER)["wait"]
    assert (wait.state, wait.value, wait.note) == ("not_applicable", None, "There was nothing to divide by.")


def test_a_return_is_refused_what_there_is_nothing_to_be_out_of(town: Town):
    with pytest.raises(ReturnHasErrors) as refused:
        submit(town, SEPTEMBER, figures(days=9, visits=0))
    assert refused.value.errors == {"visits:value": "Visits: 0 can’t be right, because Days is 9."}


def check(town: Town, month: Month, **others: object) -> Checked:
    boxes, typed = list_boxes(town.police, month), entries(figures(**others))
    return check_entries(boxes, typed, Background(worked_out=list_worked_out(boxes, month)))


def test_more_than_an_earlier_month_held_is_asked_about_and_may_be_so(town: Town):
    checked = check(town, SEPTEMBER, trained=91)
    assert checked.errors == {}
    assert checked.questions == {
        "trained:note": "Trained: 91 is more than 90 (Staff, July 2026). "
        "Correct it or, if it is right, say why in the note."
    }
    # A word answers it, and the return is taken.
    assert submit(town, SEPTEMBER, figures(trained=91)).state == "submitted"


@pytest.mark.parametrize(
    ("code", "typed", "errors"),
    [
        ("visits", "0", {"value": "Visits: 0 can’t be right, because Days is 100."}),
        (
            "trained",
            "65",
            {
                "note": "Trained: 65 is more than 60 (Staff, July 2026). "
                "Correct it or, if it is right, say why in the note."
            },
        ),
    ],
)
def test_a_correction_is_held_to_the_same_checks(town: Town, code: str, typed: str, errors: dict[str, str]):
    indicator = find_indicator(town.area, code)
    august = town.area.periods.get(starts_on=AUGUST.first_day)
    Observation.objects.filter(indicator__code="staff", period__starts_on=JULY.first_day).update(value=60)
    with pytest.raises(CorrectionHasErrors) as refused:
        ask_correction(indicator, None, august, entry=Entry(typed), reason="Counted once more", by=town.lead)
    assert errors.items() <= dict(refused.value.errors).items()


def give_staff_to(town: Town, agency: Agency, **changes: object) -> Indicator:
    """Another agency counts the staff, so that this return has no box for them."""
    staff = Indicator.objects.get(area=town.area, code="staff")
    Indicator.objects.filter(pk=staff.pk).update(owner=agency, **changes)
    return staff


def test_more_than_the_same_month_holds_is_an_error(town: Town):
    staff = give_staff_to(town, make_agency(town.area, "council"))
    Observation.objects.create(
        indicator=staff, period=open_month(town, SEPTEMBER), value=60, imported_from="a", signed_off_at=timezone.now()
    )
    checked = check(town, SEPTEMBER, trained=61)
    assert checked.errors == {"trained:value": "Trained: 61 is more than 60 (Staff, September 2026)."}
    assert checked.questions == {}


def test_a_whole_that_is_counted_each_month_holds_in_its_own_month_alone(town: Town):
    give_staff_to(town, make_agency(town.area, "council"), asked="monthly")
    checked = check(town, SEPTEMBER, trained=91)
    assert (checked.errors, checked.questions) == ({}, {})


def test_a_published_rate_keeps_the_residents_that_it_was_published_with(town: Town):
    add_residents(town, 2026, 200_000)
    stale_all(town)
    sweep()
    assert Snapshot.objects.filter(period__area=town.area, version=2).count() == 0
    rate = newest_lines(town, AUGUST)["admission-rate"]
    assert rate.denominators == [184_000, 184_000, 200_000]
    assert rate.of_when == date(2026, 1, 1)


def test_new_residents_are_looked_up_from_their_year_on(town: Town, tmp_path):
    town.area.ons_code = CODE
    town.area.save()
    import_rows(town.area, "2027,all,190000")
    assert scenarios.stale_months(town) == []
    import_rows(town.area, "2026,all,190000")
    assert scenarios.stale_months(town) == ["2026-06", "2026-07", "2026-08"]
    sweep()
    assert Snapshot.objects.filter(period__area=town.area, version=2).count() == 0


def test_a_correction_of_a_count_revises_the_ratio(town: Town):
    trained = Indicator.objects.get(area=town.area, code="trained")
    july = town.area.periods.get(starts_on=JULY.first_day)
    asked = ask_correction(trained, None, july, entry=Entry("60"), reason="Counted once more", by=town.lead)
    accept_correction(asked, by=town.coordinator)
    sweep()
    share = newest_lines(town, JULY)["share-trained"]
    assert (share.value, share.revised_value, share.revised_why) == (667, 567, "Counted once more")
    # August compares with what July says now.
    assert newest_lines(town, AUGUST)["share-trained"].change == 578 - 667


def test_what_follows_from_a_held_count_names_its_correction(town: Town):
    """July's staff hold in August, and August's share is out of them; of August nothing was corrected."""
    publish(town, AUGUST)
    correct(town, "staff", JULY, "100", "Staff counted once more")
    sweep()
    for month in (JULY, AUGUST):
        lines = newest_lines(town, month)
        assert {lines[code].revised_why for code in ("staff", "share-trained")} == {"Staff counted once more"}
        assert (lines["staff"].value, lines["staff"].revised_value) == (100, 90)
        assert lines["trained"].revised_state == ""


def test_a_correction_that_was_published_explains_no_later_change(town: Town):
    """August's cases were corrected and published; then July's staff are, which August's share is out of."""
    publish(town, AUGUST)
    correct(town, "trained", AUGUST, "54", "Counted once more")
    publish_corrections(town.area, by=town.coordinator)
    correct(town, "staff", JULY, "100", "Staff counted once more")
    sweep()
    share = newest_lines(town, AUGUST)["share-trained"]
    assert (share.value, share.revised_value, share.revised_why) == (540, 600, "Staff counted once more")


def test_a_late_quarter_like_the_one_before_says_of_when_it_is(town: Town):
    """The share is the same, and out of October's staff instead of July's."""
    accept(town, SEPTEMBER, figures())
    accept(town, OCTOBER, {**figures(), "staff": CellState.AWAITED})
    publish(town, OCTOBER)
    correct(town, "staff", OCTOBER, "90", "It came late")
    sweep()
    share = newest_lines(town, OCTOBER)["share-trained"]
    assert (share.value, share.of_when, share.revised_state) == (578, None, "")


def test_a_published_month_takes_residents_that_were_not_held_at_all(town: Town, tmp_path):
    admissions = Indicator.objects.get(area=town.area, code="admissions")
    of_the_young: dict[str, Any] = {"ratio": "rate", "per": 10_000, "ages": "10-14", "numerator": admissions}
    make_indicator(town.police, "young-rate", collection="ratio", boards=(town.csp,), **of_the_young)
    stale_all(town)
    publish(town, AUGUST)
    assert newest_lines(town, AUGUST)["young-rate"].state == "not_available"
    town.area.ons_code = CODE
    town.area.save()
    import_rows(town.area, "2025,10-14,19000")
    sweep()
    rate = newest_lines(town, AUGUST)["young-rate"]
    assert (rate.state, rate.denominator, rate.revised_state) == ("figure", 19_000, "not_available")
    assert (rate.revised_why, rate.revised_by) == ("The number of residents is now known.", "")


def correct(town: Town, code: str, month: Month, figure: str, reason: str) -> None:
    indicator = Indicator.objects.select_related("area", "owner__area").get(area=town.area, code=code)
    period = town.area.periods.get(starts_on=month.first_day)
    asked = ask_correction(indicator, None, period, entry=Entry(figure), reason=reason, by=town.lead)
    accept_correction(asked, by=town.coordinator)


def stale_all(town: Town) -> None:
    town.area.periods.update(stale_since=timezone.now())


def test_nobody_enters_a_ratio(town: Town):
    with pytest.raises(NoSuchFigure, match=r"Share trained is worked out from Trained, so no one enters it\."):
        find_indicator(town.area, "share-trained")


def test_a_month_in_which_it_is_not_asked_for_takes_no_figure(town: Town):
    staff = Indicator.objects.select_related("owner__area").get(area=town.area, code="staff")
    august = town.area.periods.get(starts_on=AUGUST.first_day)
    with pytest.raises(TransitionRefused, match=r"Staff is not asked for in August 2026\."):
        ask_correction(staff, None, august, entry=Entry("95"), reason="Someone came", by=town.lead)


@pytest.mark.parametrize(("for_board", "shown"), [(False, {"month"}), (True, {"month", "boards"})])
def test_a_page_reads_what_it_shows(town: Town, for_board: bool, shown: set[str]):
    Indicator.objects.filter(area=town.area, code="wait").update(shown_on="boards")
    town.area.periods.filter(starts_on=AUGUST.first_day).update(stale_since=timezone.now())
    sweep()
    snapshot = Snapshot.objects.get(period__area=town.area, period__starts_on=AUGUST.first_day)
    every = list_lines(snapshot)
    assert {line.shown_on for line in every} == {"month", "boards", "ratios"}
    read = list_shown(snapshot, for_board=for_board)
    assert [vars(line) for line in read] == [vars(line) for line in every if line.shown_on in shown]


def test_what_a_ratio_is_of_is_fixed(town: Town):
    share = Indicator.objects.get(area=town.area, code="share-trained")
    share.numerator = Indicator.objects.get(area=town.area, code="arrests")
    with pytest.raises(ValidationError, match="You can’t change the counts behind Share trained"):
        save_indicator(share, boards=[town.csp], by=town.coordinator)


def test_the_cases_of_a_share_stay_a_part(town: Town):
    """Public editions rest on it: 90 staff beside 88 trained would tell that two aren't."""
    trained = Indicator.objects.get(area=town.area, code="trained")
    trained.part_of = None
    with pytest.raises(
        ValidationError, match="Share trained is worked out from this indicator, which has to stay a part of Staff"
    ):
        save_indicator(trained, boards=[town.csp], by=town.coordinator)


def test_how_often_a_count_is_asked_for_is_fixed_once_it_has_figures(town: Town):
    """Else the months that were published would be worked out anew, with figures awaited that weren't asked for."""
    staff = Indicator.objects.get(area=town.area, code="staff")
    staff.asked = "monthly"
    with pytest.raises(ValidationError, match="Staff has figures, so you can’t change how often it is asked for"):
        save_indicator(staff, boards=[town.csp], by=town.coordinator)


@pytest.mark.parametrize("code", ["staff", "trained"])
def test_a_count_is_not_retired_before_its_ratio(town: Town, code: str):
    count, share = (Indicator.objects.get(area=town.area, code=one) for one in (code, "share-trained"))
    with pytest.raises(
        ValidationError, match="Share trained is worked out from this indicator: retire Share trained first"
    ):
        retire_indicator(count, month=OCTOBER, by=town.coordinator)
    retire_indicator(share, month=OCTOBER.next, by=town.coordinator)
    with pytest.raises(ValidationError, match="from this month or earlier"):
        retire_indicator(count, month=OCTOBER, by=town.coordinator)
    retire_indicator(count, month=OCTOBER.next, by=town.coordinator)
    with pytest.raises(ValidationError, match=f"from {count}, which is retired: bring {count} back first"):
        bring_back_indicator(Indicator.objects.get(pk=share.pk), by=town.coordinator)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"ratio": ""}, "Choose a share, a rate or an average"),
        ({"numerator": None}, "Choose the cases that are counted"),
        ({"denominator": None}, "Choose either a count or the ages of residents"),
        ({"ages": "all"}, "Choose either a count or the ages of residents"),
        ({"denominator": None, "ages": "all"}, "Only a rate can be out of residents: choose a rate, or a count"),
        ({"denominator": "trained"}, "Choose a count other than the cases"),
        ({"numerator": "arrests"}, "Arrests has to be a part of Staff: change Arrests first"),
        ({"denominator": "wait"}, "Wait is itself a ratio: choose a count"),
        (
            {"collection": "return"},
            "Choose “Worked out”, or leave the fields for a ratio empty",
        ),
        (
            {"ratio": "rate", "denominator": None, "ages": "3-7"},
            "“3-7” can’t be made up of bands of five years: write “all”, 10-24 or 65+.",
        ),
    ],
)
def test_a_ratio_is_of_two_counts(town: Town, fields: dict[str, object], sentence: str):
    share = Indicator.objects.get(area=town.area, code="share-trained")
    for name, value in fields.items():
        is_count = name in ("numerator", "denominator") and value
        setattr(share, name, Indicator.objects.get(area=town.area, code=value) if is_count else value)
    with pytest.raises(ValidationError) as refused:
        share.clean()
    assert refused.value.messages == [sentence]


def test_it_is_said_in_words(town: Town):
    share = series(town, JULY, "share-trained")
    line = share.line
    assert line.text == "56.7%"
    assert line.words == "Down 5.8 percentage points since June"
    assert line.besides == ("51 out of 90",)
    assert line.sentence.startswith("56.7% of the staff (51 out of 90), down 5.8 percentage points since June")
    august = series(town, AUGUST, "share-trained").line
    assert august.made_of == "52 out of 90 (the number in July 2026)"
    assert share.chart.words == "Last 2 months: lowest 56.7%, highest 62.5%."
    rate = series(town, JULY, "admission-rate").line
    assert (rate.text, rate.made_of) == ("0.6", "11 among 184,000 residents (population of 2025)")
    wait = series(town, JULY, "wait").line
    assert (wait.text, wait.made_of) == ("12.5", "100 ÷ 8")
    assert wait.verdict == "Not judged: an average doesn’t show how much its cases vary"


def series(town: Town, month: Month, code: str):
    snapshot = Snapshot.objects.select_related("period").get(period__area=town.area, period__starts_on=month.first_day)
    lines = list_series(snapshot, code)
    return series_view(snapshot, lines, area=town.area, audience=Audience.PARTNERS, marking="")


def test_a_file_of_a_month_has_what_it_is_worked_out_from(town: Town):
    printed = run("export_month", "--area", "testford", "--month", "2026-07")
    share = next(row for row in json.loads(printed.out)["lines"] if row["indicator"] == "share-trained")
    assert share["value"] == 100 * 51 / 90
    assert (share["numerator"], share["denominator"], share["ratio"], share["per"]) == (51, 90, "share", 100)
    assert (round(share["range_lower"], 6), round(share["range_upper"], 6)) == (46.364098, 66.423427)
    assert (share["change"], share["previous"]) == (-5.8, 62.5)


def test_the_history_file_has_the_counts_that_were_given_and_takes_them_back(town: Town, tmp_path):
    file = make_history_file(town.area, audience=Audience.PARTNERS, include_drafts=True)
    found = {(row["indicator"], row["month"]): row["value"] for row in file.rows}
    assert found["trained", "2026-08"] == 52
    assert ("share-trained", "2026-07") not in found
    assert ("staff", "2026-08") not in found  # it is July's
    path = tmp_path / "history.csv"
    path.write_text(
        ",".join(file.columns)
        + "\n"
        + "\n".join(",".join("" if value is None else str(value) for value in row.values()) for row in file.rows)
    )
    back = run("import_figures", str(path), "--area", "testford", *confirmed_by("testford"))
    assert back.status == 0, back.err
    assert not scenarios.stale_months(town)


def test_an_import_of_a_ratio_is_refused(town: Town, tmp_path):
    path = tmp_path / "ratio.csv"
    path.write_text("agency,indicator,category,month,value,state,note\npolice,share-trained,,2026-07,57,figure,\n")
    refused = run("import_figures", str(path), "--area", "testford")
    assert "share-trained is worked out from other figures, so you can’t import it." in refused.err


# --- For the public -------------------------------------------------------------------------------


def test_the_public_sees_what_the_two_counts_make_of_one_another(town: Town):
    publish(town, AUGUST)
    edition = publish_openly(town, AUGUST)
    line = edition.lines.get(indicator_code="share-trained")
    assert (line.value, line.numerators, line.denominators) == (578, [50, 51, 52], [80, 90, 90])
    assert line.protected_by == "suppress-5"


@pytest.mark.parametrize(
    ("given", "hidden"),
    [
        ({"trained": 3}, "share-trained"),  # few who are
        ({"trained": 88}, "share-trained"),  # few who aren't, which anybody could subtract
        ({"admissions": 2}, "admission-rate"),
        ({"days": 20, "visits": 2}, "wait"),
    ],
)
def test_a_small_count_hides_its_ratio(town: Town, given: dict[str, object], hidden: str):
    accept(town, SEPTEMBER, figures(**given))
    publish(town, SEPTEMBER)
    snapshot = Snapshot.objects.select_related("period__area").get(
        period__area=town.area, period__starts_on=SEPTEMBER.first_day
    )
    prepared = prepare_edition(snapshot)
    lines = {line.indicator_code: line for line in prepared.lines}
    line = lines[hidden]
    assert not prepared.given_away
    assert (line.state, line.value, line.numerator, line.denominator) == ("withheld", None, None, None)
    assert (line.history[-1], line.numerators[-1], line.denominators[-1]) == (None, None, None)
    assert line.method == "withheld" or line.lower is None
    # One of the two is withheld too, so that nobody works the ratio out.
    two = [lines[code] for code in (line.numerator_code, line.denominator_code) if code]
    assert any(count.state == "withheld" for count in two)


def test_a_line_before_ratios_reads_as_a_count():
    assert (IndicatorLine().ratio, IndicatorLine().per, IndicatorLine().shown_on) == ("", 1, "month")


def test_a_month_that_is_opened_has_its_ratios_awaited(town: Town):
    open_month(town, SEPTEMBER)
    sweep()
    lines = newest_lines(town, SEPTEMBER)
    assert lines["share-trained"].state == "awaited"


@pytest.mark.parametrize("act", ["retire", "bring back"])
def test_whoever_may_not_decide_learns_nothing_of_the_set_up(town: Town, act: str):
    share = Indicator.objects.get(area=town.area, code="share-trained")
    by = town.people[Role.ANALYST]
    with pytest.raises(PermissionDenied):
        retire_indicator(share.numerator, month=OCTOBER, by=by) if act == "retire" else bring_back_indicator(
            share, by=by
        )


def test_a_count_that_was_retired_since_the_page_was_opened_counts_as_retired(town: Town):
    share = Indicator.objects.get(area=town.area, code="share-trained")
    opened = Indicator.objects.select_related("numerator", "denominator").get(pk=share.pk)
    for each in (share, share.numerator):
        retire_indicator(each, month=OCTOBER, by=town.coordinator)
    with pytest.raises(ValidationError, match=f"bring {share.numerator} back first"):
        bring_back_indicator(opened, by=town.coordinator)
