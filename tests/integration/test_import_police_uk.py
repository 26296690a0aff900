"""Months of data.police.uk into figures: all or nothing, once or again, in any order."""

from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from boards.models import PartnershipArea, ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from core.models import AuditEvent
from indicators.imports.open_data import INDICATOR_OF, PoliceMonth
from indicators.models import FigureChange, Indicator, Observation
from indicators.services.open_data import ImportResult, import_police_months
from indicators.services.returns import return_return
from reporting.models import IndicatorLine, Snapshot, SnapshotState
from tests.factories import make_dimension
from tests.factories.police import CODES, DATA, counted, file_of, make_police_indicators
from tests.integration.command_line import Ran, confirmed_by, run
from tests.scenarios import Town, accept, make_town, publish, submit, sweep

pytestmark = pytest.mark.django_db
BOTH = ("--area", "southend=Southend-on-Sea", "--area", "basildon")
SEVEN = [f"2018-0{number}" for number in range(1, 8)]


@pytest.fixture
def town() -> Town:
    town = make_town("southend")
    make_police_indicators(town.police)
    return town


def import_files(*files: Path, area: str = "southend", lsoa_name: str = "Southend-on-Sea") -> Ran:
    return run("import_police_uk", "--area", area, *confirmed_by(area), "--lsoa-name", lsoa_name, *files)


def take_in(town: Town, *months: PoliceMonth) -> list[ImportResult]:
    return import_police_months(town.area, months, by=None)


def figures(town: Town, month: str) -> list[int | None]:
    """The signed-off figures of a month: drugs, weapons, violence."""
    observations = Observation.objects.signed_off().filter(
        period__area=town.area, period__starts_on=Month.parse(month).first_day, indicator__code__in=CODES
    )
    held = {observation.indicator.code: observation.value for observation in observations}
    return [held.get(code) for code in CODES]


def arrows(town: Town, month: str) -> list[tuple[int | None, str, str]]:
    """Value, movement and reason of the newest version's lines: drugs, weapons, violence."""
    snapshot = Snapshot.objects.filter(period__area=town.area, period__starts_on=Month.parse(month).first_day).latest(
        "version"
    )
    lines = {line.indicator_code: line for line in IndicatorLine.objects.filter(snapshot=snapshot)}
    return [(lines[code].value, lines[code].movement, lines[code].no_arrow_reason) for code in CODES]


def stale(town: Town) -> list[str]:
    periods = ReportingPeriod.objects.filter(area=town.area, stale_since__isnull=False)
    return [str(period.month) for period in periods.order_by("starts_on")]


# --- The command, with real rows ------------------------------------------------------------------


def test_a_month_is_counted_signed_off_and_named(town: Town):
    ran = import_files(file_of("2018-07"))
    assert ran.status == 0
    assert ran.out == "2018-07: police-drugs 3, police-weapons 1, police-violence 19\n"
    assert "2018-07-essex-street.csv: 73 rows, 44 of them in “Southend-on-Sea”; 7 have no LSOA" in ran.err
    assert "1 month of Southend to roll up: run manage.py sweep" in ran.err
    assert figures(town, "2018-07") == [3, 1, 19]
    for observation in Observation.objects.all():
        assert observation.imported_from == "data.police.uk street-level crime, 2018-07-essex-street.csv"
        assert observation.signed_off_at is not None
        assert observation.submission is None
    event = AuditEvent.objects.get(verb="figures.imported")
    assert (event.actor, event.area, event.details["replaced"]) == ("second@council.example", "southend", {})


def test_what_a_file_changes_stands_in_the_history_of_the_figures(town: Town):
    take_in(town, counted("2018-07", 3, 1, 19))
    take_in(town, counted("2018-07", 4, 1, 19))
    changes = FigureChange.objects.filter(indicator__code="police-drugs").order_by("id")
    assert [(each.act, each.value_before, each.value_after, each.made_by) for each in changes] == [
        ("imported", None, 3, None),
        ("imported", 3, 4, None),
    ]
    assert FigureChange.objects.filter(indicator__code="police-weapons").count() == 1
    assert all(each.why for each in changes)


def test_seven_months_give_arrows_from_february_on(town: Town):
    assert import_files(*map(file_of, SEVEN)).status == 0
    sweep()
    assert [figures(town, month) for month in SEVEN] == [
        [6, 1, 13],
        [4, 2, 11],
        [7, 3, 15],
        [5, 2, 14],
        [4, 0, 14],
        [4, 3, 17],
        [3, 1, 19],
    ]
    assert arrows(town, "2018-01") == [
        (6, "none", "no_previous_month"),
        (1, "none", "no_previous_month"),
        (13, "none", "no_previous_month"),
    ]
    assert arrows(town, "2018-06") == [(4, "level", ""), (3, "up", ""), (17, "up", "")]
    assert arrows(town, "2018-07") == [(3, "down", ""), (1, "down", ""), (19, "up", "")]


def test_the_order_of_the_files_makes_no_difference(town: Town):
    shuffled = ["2018-05", "2018-07", "2018-01", "2018-06", "2018-03", "2018-02", "2018-04"]
    # Two commands, and a roll-up between them: earlier months come after later ones were shown.
    first = import_files(*map(file_of, shuffled[:3]))
    sweep()
    second = import_files(*map(file_of, shuffled[3:]))
    sweep()
    printed = [line[:7] for line in (first.out + second.out).splitlines()]
    assert printed == shuffled
    assert [figures(town, month)[0] for month in SEVEN] == [6, 4, 7, 5, 4, 4, 3]
    assert arrows(town, "2018-01")[0] == (6, "none", "no_previous_month")
    assert arrows(town, "2018-07") == [(3, "down", ""), (1, "down", ""), (19, "up", "")]


def test_a_month_that_is_missing_is_opened_and_never_skipped(town: Town):
    import_files(*(file_of(month) for month in SEVEN if month not in ("2018-03", "2018-04")))
    sweep()
    periods = ReportingPeriod.objects.filter(area=town.area).order_by("starts_on")
    assert [str(period.month) for period in periods] == SEVEN
    assert arrows(town, "2018-04") == [(None, "none", "awaited")] * 3
    assert [reason for _, _, reason in arrows(town, "2018-05")] == ["previous_awaited"] * 3
    assert arrows(town, "2018-06")[0] == (4, "level", "")


def test_a_gap_between_two_commands_is_filled_too(town: Town):
    import_files(file_of("2018-07"))
    import_files(file_of("2018-04"))
    assert stale(town) == ["2018-04", "2018-05", "2018-06", "2018-07"]
    sweep()
    assert [reason for _, _, reason in arrows(town, "2018-07")] == ["previous_awaited"] * 3


def test_a_real_month_without_a_kind_is_a_true_zero(town: Town):
    import_files(file_of("2018-05"))
    weapons = Observation.objects.get(indicator__code="police-weapons")
    assert (weapons.state, weapons.value) == ("figure", 0)


# --- Several areas at once -------------------------------------------------------------------------


@pytest.fixture
def basildon() -> Town:
    town = make_town("basildon")
    make_police_indicators(town.police)
    return town


def test_a_file_fills_several_areas_at_once(town: Town, basildon: Town):
    ran = run("import_police_uk", *BOTH, *confirmed_by("southend", "basildon"), file_of("2018-07"))
    assert ran.status == 0, ran.err
    assert "southend 2018-07: police-drugs 3, police-weapons 1, police-violence 19\n" in ran.out
    alone = count_grep("2018-07", "Basildon")
    assert "basildon 2018-07: police-drugs {}, police-weapons {}, police-violence {}\n".format(*alone) in ran.out
    assert (figures(town, "2018-07"), figures(basildon, "2018-07")) == ([3, 1, 19], alone)


def count_grep(month: str, name: str) -> list[int]:
    lines = [line for line in file_of(month).read_text().splitlines() if f",{name} 0" in line]
    return [sum(f",{kind}," in line for line in lines) for kind in INDICATOR_OF]


def test_a_fault_of_one_area_saves_none(town: Town, basildon: Town):
    Indicator.objects.filter(area=basildon.area, code="police-drugs").update(collection="return")
    ran = run("import_police_uk", *BOTH, *confirmed_by("southend", "basildon"), file_of("2018-07"))
    assert (ran.status, ran.out) == (2, "")
    check_nothing_saved()


def test_places_of_one_area_are_added_up(town: Town):
    ran = run(
        "import_police_uk",
        *("--area", "southend=Southend-on-Sea", "--area", "southend=Basildon"),
        *confirmed_by("southend"),
        file_of("2018-07"),
    )
    assert ran.status == 0
    assert figures(town, "2018-07") == [
        ours + theirs for ours, theirs in zip([3, 1, 19], count_grep("2018-07", "Basildon"), strict=True)
    ]


def test_all_takes_each_area_in_the_files_of_its_force(town: Town, basildon: Town):
    PartnershipArea.objects.filter(pk=town.area.pk).update(name="Southend-on-Sea")
    make_town("anytown")  # without the indicators: nothing is said of it
    elsewhere = make_town("derby")
    make_police_indicators(elsewhere.police)
    ran = run("import_police_uk", "--all", file_of("2018-06"), file_of("2018-07"))
    assert ran.status == 0, ran.err
    assert [line.split(":")[0] for line in ran.out.splitlines()] == [
        "basildon 2018-06",
        "basildon 2018-07",
        "southend 2018-06",
        "southend 2018-07",
    ]
    assert "derby: no file has a place “Derby” with 0.5% of its rows, so nothing was saved for it." in ran.err
    assert "anytown" not in ran.err


def test_all_without_any_area_is_a_sentence(town: Town):
    ran = run("import_police_uk", "--all", file_of("2018-07"))
    assert ran.status == 2
    assert ran.err.endswith("No area's name is a place in these files. Nothing was saved.")
    check_nothing_saved()


# --- Again ----------------------------------------------------------------------------------------


def test_the_same_file_again_changes_nothing(town: Town):
    import_files(file_of("2018-06"), file_of("2018-07"))
    sweep()
    before = list(Observation.objects.order_by("id").values()), AuditEvent.objects.count()
    ran = import_files(file_of("2018-06"), file_of("2018-07"))
    assert ran.status == 0
    assert ran.out.splitlines()[1] == "2018-07: police-drugs 3, police-weapons 1, police-violence 19 (nothing new)"
    assert "roll up" not in ran.err
    assert (list(Observation.objects.order_by("id").values()), AuditEvent.objects.count()) == before
    assert stale(town) == []


def test_a_reissued_month_replaces_the_earlier_count_and_says_so(town: Town, tmp_path: Path):
    import_files(*map(file_of, SEVEN))
    sweep()
    rows = file_of("2018-05").read_bytes().splitlines(keepends=True)
    drugs = [row for row in rows if b",Southend-on-Sea " in row and b",Drugs," in row]
    reissued = tmp_path / "2018-05-essex-street.csv"
    reissued.write_bytes(b"".join([*rows, drugs[0], drugs[0]]))
    ran = import_files(reissued)
    assert ran.out == "2018-05: police-drugs 6 (replaces 4), police-weapons 0, police-violence 14\n"
    assert stale(town) == ["2018-05", "2018-06", "2018-07"]  # and not the months before
    event = AuditEvent.objects.filter(verb="figures.imported").latest("id")
    assert event.details["replaced"] == {"police-drugs": 4}
    sweep()
    assert arrows(town, "2018-05")[0] == (6, "up", "")
    assert arrows(town, "2018-06")[0] == (4, "down", "")
    assert Observation.objects.filter(period__starts_on="2018-05-01").count() == 3


def test_a_reissued_month_that_was_published_becomes_the_next_version(town: Town):
    take_in(town, counted("2018-06", 34, 23, 664))
    sweep()
    first = publish(town, Month(2018, 6))
    take_in(town, counted("2018-06", 35, 23, 664))
    sweep()
    assert arrows(town, "2018-06")[0][0] == 35
    newest = Snapshot.objects.filter(period=first.period).latest("version")
    assert (newest.version, newest.state) == (2, SnapshotState.DRAFT)
    assert IndicatorLine.objects.get(snapshot=first, indicator_code="police-drugs").value == 34


def test_an_import_takes_the_place_of_an_earlier_return(town: Town):
    drugs = Indicator.objects.get(code="police-drugs")
    drugs.collection = "return"
    drugs.save()
    submission = accept(town, Month(2024, 5), {"arrests": 1, "charges": 2, "police-drugs": 30})
    drugs.collection = "import"
    drugs.save()
    [result] = take_in(town, counted("2024-05", 31, 2, 3))
    assert [(figure.value, figure.was) for figure in result.figures] == [(31, 30), (2, None), (3, None)]
    return_return(submission, comment="Count the arrests again.", by=town.coordinator)
    assert figures(town, "2024-05") == [31, 2, 3]  # it took its own figures out, and not the file's


def test_a_figure_that_nobody_signed_off_counts_as_none(town: Town):
    drugs = Indicator.objects.get(code="police-drugs")
    drugs.collection = "return"
    drugs.save()
    submit(town, Month(2024, 5), {"arrests": 1, "charges": 2, "police-drugs": 31})
    drugs.collection = "import"
    drugs.save()
    [result] = take_in(town, counted("2024-05", 31, 2, 3))
    assert [figure.was for figure in result.figures] == [None, None, None]
    assert figures(town, "2024-05") == [31, 2, 3]


# --- Refusals: nothing is saved -------------------------------------------------------------------


def check_nothing_saved() -> None:
    assert not Observation.objects.exists()
    assert not ReportingPeriod.objects.exists()
    assert not AuditEvent.objects.exists()


def test_one_bad_file_among_good_ones_saves_nothing(town: Town, tmp_path: Path):
    cut = tmp_path / "2018-02-essex-street.csv"
    cut.write_bytes(file_of("2018-02").read_bytes()[:-40])
    ran = import_files(file_of("2018-01"), cut, file_of("2018-03"))
    assert ran.status == 2
    assert ran.out == ""
    assert ran.err.startswith("2018-02-essex-street.csv, line 61: the row has ")
    check_nothing_saved()


def test_a_fault_at_the_last_month_saves_nothing(town: Town, monkeypatch: pytest.MonkeyPatch):
    def fail(area: PartnershipArea, month: Month) -> None:
        if month == Month(2018, 3):
            raise RuntimeError("the power went")

    monkeypatch.setattr("indicators.services.open_data.mark_stale", fail)
    with pytest.raises(RuntimeError):
        take_in(town, counted("2018-01", 1, 2, 3), counted("2018-02", 1, 2, 3), counted("2018-03", 1, 2, 3))
    check_nothing_saved()


def test_two_files_of_one_month_are_refused(town: Town, tmp_path: Path):
    copy = tmp_path / "again.csv"
    copy.write_bytes(file_of("2018-02").read_bytes())
    ran = import_files(file_of("2018-02"), file_of("2018-01"), copy)
    assert ran.status == 2
    assert ran.err == "2018-02-essex-street.csv and again.csv are both for February 2018. Send one file for each month."
    check_nothing_saved()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"area": "nowhere"}, "There is no area “nowhere”. There are: southend."),
        ({"lsoa_name": ""}, "The place of southend is empty."),
        ({"lsoa_name": " "}, "The place of southend is empty."),
        ({"area": "southend=Southend-on-Sea"}, "--lsoa-name is for one area."),
        (
            {"lsoa_name": "Southend"},
            "2018-07-essex-street.csv: no place is called “Southend”. It has: Southend-on-Sea;",
        ),
    ],
)
def test_bad_use_is_a_sentence(town: Town, options: dict[str, str], sentence: str):
    ran = import_files(file_of("2018-07"), **options)
    assert ran.status == 2
    assert ran.err.startswith(sentence)
    check_nothing_saved()


def test_a_file_that_is_not_there_is_a_sentence(town: Town):
    ran = import_files(file_of("2018-07"), DATA / "2018-08-essex-street.csv")
    assert ran.status == 2
    assert "2018-08-essex-street.csv can't be read: no such file or directory." in ran.err
    check_nothing_saved()


def test_a_directory_is_a_sentence(town: Town):
    ran = import_files(DATA)
    assert ran.status == 2
    assert "police_uk can't be read: is a directory." in ran.err


def test_a_file_with_a_strange_name_is_imported(town: Town, tmp_path: Path):
    strange = tmp_path / f"July \udcff {'x' * 200}.csv"  # not UTF-8, and longer than the source's field
    strange.write_bytes(file_of("2018-07").read_bytes())
    ran = import_files(strange)
    assert ran.status == 0
    assert "July � xxx" in ran.err
    [source] = {observation.imported_from for observation in Observation.objects.all()}
    assert source.startswith("data.police.uk street-level crime, July � xxx")
    assert len(source) == 200


def change(indicator: str, **fields: object) -> None:
    Indicator.objects.filter(code=indicator).update(**fields)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"code": "elsewhere"}, "Southend has no indicator police-drugs."),
        ({"collection": "return"}, "police-drugs comes from the agency's return."),
        ({"retired_from": "2018-07-01"}, "police-drugs is retired from July 2018, so it accepts no figure for July"),
    ],
)
def test_an_area_that_is_not_set_up_for_it_is_a_sentence(town: Town, fields: dict[str, str], sentence: str):
    change("police-drugs", **fields)
    ran = import_files(file_of("2018-07"))
    assert ran.status == 2
    assert ran.err.startswith(sentence)
    check_nothing_saved()


def test_an_area_without_any_of_the_indicators_is_a_sentence(town: Town):
    make_town("harlow")
    ran = import_files(file_of("2018-07"), area="harlow")
    assert ran.status == 2
    assert ran.err.startswith("Harlow has no indicator police-drugs, police-weapons or police-violence. First add ")


def test_an_indicator_that_is_split_is_refused(town: Town):
    change("police-weapons", dimension=make_dimension(town.area, "age-group", ["adult", "child"]))
    with pytest.raises(ValidationError, match="police-weapons is split into categories"):
        take_in(town, counted("2018-07", 1, 2, 3))


def test_a_month_before_the_definition_is_refused(town: Town):
    drugs = Indicator.objects.get(code="police-drugs")
    drugs.definitions.update(applies_from="2018-03-01")
    with pytest.raises(ValidationError, match="police-drugs has no definition that applies in February 2018"):
        take_in(town, counted("2018-03", 1, 2, 3), counted("2018-02", 1, 2, 3))
    check_nothing_saved()
    assert take_in(town, counted("2018-03", 1, 2, 3))[0].has_changed


# --- Who, and whose -------------------------------------------------------------------------------


def test_an_analyst_may_import_and_is_named(town: Town):
    analyst = town.people[Role.ANALYST]
    import_police_months(town.area, [counted("2018-07", 1, 2, 3)], by=analyst)
    assert {observation.signed_off_by for observation in Observation.objects.all()} == {analyst}
    assert AuditEvent.objects.get(verb="figures.imported").actor == analyst.email


def test_others_may_not(town: Town):
    for role, person in town.people.items():
        if role not in (Role.ANALYST, Role.COORDINATOR, Role.INFORMATION):
            with pytest.raises(
                PermissionDenied, match="Only a coordinator or an analyst of Southend can import figures"
            ):
                import_police_months(town.area, [counted("2018-07", 1, 2, 3)], by=person)
    with pytest.raises(PermissionDenied):
        import_police_months(town.area, [counted("2018-07", 1, 2, 3)], by=make_town("harlow").people[Role.ANALYST])
    assert not Observation.objects.exists()


def test_another_area_is_left_alone(town: Town):
    harlow = make_town("harlow")
    make_police_indicators(harlow.police)
    take_in(harlow, counted("2018-07", 1, 2, 3))
    sweep()
    take_in(town, counted("2018-06", 4, 5, 6), counted("2018-07", 7, 8, 9))
    assert figures(harlow, "2018-07") == [1, 2, 3]
    assert stale(harlow) == []
    assert ReportingPeriod.objects.filter(area=harlow.area).count() == 1
