"""Years of figures out of a file: all or nothing, and nothing that was reported is overwritten."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from boards.models import ReportingPeriod
from boards.rules import Role
from core.calendar import Month, months_between
from core.models import AuditEvent, User
from indicators.imports.figures import Fault, FigureFile, read_figure_file
from indicators.models import Category, FigureChange, Indicator, Observation
from indicators.services import past_figures
from indicators.services.past_figures import HistoryRefused, HistoryReport, import_figures
from indicators.validation import Relation
from tests.factories import make_agency, make_area, make_dimension, make_indicator, make_validation_rule
from tests.factories.spreadsheets import spreadsheet
from tests.factories.workbooks import HEADER, workbook
from tests.integration.command_line import Ran, confirmed_by, run
from tests.scenarios import Town, accept, make_town, newest_lines, publish, stale_months, submit, sweep

pytestmark = pytest.mark.django_db
JULY, SEPTEMBER, OCTOBER = Month(2026, 7), Month(2026, 9), Month(2026, 10)
HEAD = ",".join(HEADER)


@pytest.fixture
def town() -> Town:
    """The police also count lines by origin, and seizures, of which some are of knives and some of guns."""
    town = make_town()
    make_indicator(town.police, "lines", dimension=make_dimension(town.area, "origin", ["london", "leeds"]))
    seizures = make_indicator(town.police, "seizures")
    make_indicator(town.police, "knives", part_of=seizures)
    make_indicator(town.police, "guns", part_of=seizures)
    return town


def csv_of(*rows: str, marking: str = "") -> bytes:
    return "\n".join([*([marking] if marking else []), HEAD, *rows]).encode()


def take_in(town: Town, *rows: str, name: str = "history.csv", by: User | None = None) -> HistoryReport:
    file = read_figure_file(csv_of(*rows), name_of_file=name)
    assert file.faults == []
    return import_figures(town.area, file.rows, name_of_file=name, by=by)


def faults(town: Town, *rows: str) -> list[tuple[int, str, str]]:
    """What is wrong; and that nothing was saved."""
    before = state_of(town)
    with pytest.raises(HistoryRefused) as refused:
        take_in(town, *rows)
    assert state_of(town) == before
    return [(fault.line, fault.column, fault.sentence) for fault in refused.value.faults]


def state_of(town: Town) -> tuple[Any, ...]:
    return (
        list(Observation.objects.order_by("pk").values()),
        list(ReportingPeriod.objects.order_by("pk").values()),
        AuditEvent.objects.count(),
        FigureChange.objects.count(),
    )


def figures(town: Town, month: Month) -> dict[str, Any]:
    held = Observation.objects.signed_off().filter(period__area=town.area, period__starts_on=month.first_day)
    return {
        f"{each.indicator.code}.{each.category.code}" if each.category else each.indicator.code: (
            each.value if each.value is not None else each.state
        )
        for each in held.select_related("indicator", "category")
    }


def run_file(tmp_path: Path, content: bytes, name: str = "history.csv", area: str = "testford") -> Ran:
    path = tmp_path / name
    path.write_bytes(content)
    return run("import_figures", "--area", area, *confirmed_by(area), path)


# --- The command ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "xlsx", "ods"])
def test_takes_in_figures_and_says_so(town, tmp_path, kind):
    rows = [
        "police,arrests,,2026-07,12,figure,",
        "police,arrests,,2026-09,0,,",
        "police,charges,,2026-07,,not_available,The system was down",
        "police,charges,,2026-09,,awaited,",
    ]
    content = csv_of(*rows, marking="OFFICIAL-SENSITIVE")
    if kind != "csv":
        write = {"xlsx": workbook, "ods": spreadsheet}[kind]
        content = write([["OFFICIAL-SENSITIVE"], HEADER, *(row.split(",") for row in rows)])
    ran = run_file(tmp_path, content, f"history.{kind}")
    assert ran.status == 0
    assert ran.out == (
        "police, arrests: 2026-07 to 2026-09: 2 new, 0 replaced, 0 already held\n"
        "police, charges: 2026-07: 1 new, 0 replaced, 0 already held\n"
        "total: 3 new, 0 replaced, 0 already held\n"
    )
    assert "1 row brings no figure: blank, or awaited." in ran.err
    assert "3 months of Testford to roll up: run manage.py sweep" in ran.err
    assert figures(town, JULY) == {"arrests": 12, "charges": "not_available"}
    assert figures(town, SEPTEMBER) == {"arrests": 0}
    held = Observation.objects.get(indicator__code="charges")
    assert (held.imported_from, held.note) == (f"history.{kind}", "The system was down")


def test_prints_every_fault_and_saves_nothing(town, tmp_path):
    ran = run_file(
        tmp_path, csv_of("police,arrests,,2026-07,12a,,", "police,charges,,2026-07,1,,", "police,arrests,,soon,=1,,")
    )
    assert ran.status == 2
    assert ran.out == ""
    assert "line 2, value: Enter a whole number" in ran.err
    assert "line 4, month: “soon” is not a month" in ran.err
    assert "line 4, value: “=1” is a formula" in ran.err
    assert "history.csv: 3 faults. Nothing was saved." in ran.err
    assert Observation.objects.count() == ReportingPeriod.objects.count() == 0


def test_prints_what_the_area_does_not_know(town, tmp_path):
    ran = run_file(tmp_path, csv_of("police,nope,,2026-07,1,,"))
    assert (ran.status, ran.out) == (2, "")
    assert "line 2, indicator: Testford has no indicator “nope”." in ran.err


def test_prints_a_hundred_faults_and_how_many_more(town, tmp_path):
    rows = [f"police,arrests,,{month},x,," for month in months_between(Month(2020, 1), Month(2020, 1) + 119)]
    ran = run_file(tmp_path, csv_of(*rows))
    assert ran.err.count("line ") == 100
    assert "and 20 more" in ran.err


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (b"%PDF-1.7", "a PDF"),
        (b"x" * 2_200_000, "larger than 2 MB"),
        (b"agency,indicator,month\n", "is missing category, value, state and note"),
    ],
)
def test_refuses_what_is_no_file_of_figures(town, tmp_path, content, sentence):
    ran = run_file(tmp_path, content)
    assert ran.status == 2
    assert sentence.lower() in ran.err.lower()
    assert "history.csv" in ran.err


def test_refuses_a_file_that_is_not_there(town, tmp_path):
    ran = run("import_figures", "--area", "testford", tmp_path / "none.csv")
    assert (ran.status, ran.err) == (2, "none.csv can't be read: no such file or directory.")


def test_refuses_an_area_that_is_not_there(town, tmp_path):
    assert "There is no area “nowhere”" in run_file(tmp_path, csv_of(), area="nowhere").err


# --- What comes of it -----------------------------------------------------------------------------


def test_opens_the_months_between_and_marks_them_stale_from_the_first_change(town):
    accept(town, OCTOBER, typed())
    sweep()
    take_in(town, "police,arrests,,2026-07,12,,")
    assert stale_months(town) == ["2026-07", "2026-08", "2026-09", "2026-10"]
    sweep()
    take_in(town, "police,arrests,,2026-07,12,,", "police,charges,,2026-09,1,,")
    assert stale_months(town) == ["2026-09", "2026-10"]
    sweep()
    take_in(town, "police,charges,,2026-09,2,,", "police,charges,,2026-08,1,,", "police,arrests,,2026-07,12,,")
    assert stale_months(town) == ["2026-08", "2026-09", "2026-10"]
    sweep()
    take_in(town, "police,arrests,,2026-07,12,,")
    assert stale_months(town) == []


def test_a_figure_from_an_earlier_file_is_replaced_and_its_history_kept(town):
    analyst = town.people[Role.ANALYST]
    take_in(town, "police,arrests,,2026-07,12,,", "police,charges,,2026-07,5,,", name="first.csv")
    report = take_in(town, "police,arrests,,2026-07,13,,", "police,charges,,2026-07,5,,", name="second.csv", by=analyst)
    assert (report.new, report.replaced, report.held) == (0, 1, 1)
    held = Observation.objects.get(indicator__code="arrests")
    assert (held.value, held.imported_from, held.signed_off_by) == (13, "second.csv", analyst)
    changes = FigureChange.objects.filter(indicator__code="arrests").order_by("id")
    assert [(c.act, c.state_before, c.value_before, c.value_after, c.why, c.made_by) for c in changes] == [
        ("imported", "", None, 12, "first.csv", None),
        ("imported", "figure", 12, 13, "second.csv", analyst),
    ]
    assert FigureChange.objects.filter(indicator__code="charges").count() == 1
    event = AuditEvent.objects.filter(verb="figures.imported").latest("id")
    assert (event.actor, event.target, event.details) == (
        analyst.email,
        "Testford",
        {"file": "second.csv", "first": "2026-07", "last": "2026-07", "new": 0, "replaced": 1, "held": 1},
    )


def test_a_note_alone_is_a_change_too(town):
    take_in(town, "police,arrests,,2026-07,12,,")
    assert take_in(town, "police,arrests,,2026-07,12,,Counted again").replaced == 1
    assert Observation.objects.get().note == "Counted again"


def test_a_published_month_gets_its_next_version(town):
    take_in(town, "police,arrests,,2026-07,12,,")
    sweep()
    publish(town, JULY)
    take_in(town, "police,arrests,,2026-07,14,,")
    sweep()
    assert newest_lines(town, JULY)["arrests"].value == 14
    assert newest_lines(town, JULY)["arrests"].snapshot.version == 2


def test_what_is_taken_out_comes_in_again_unchanged(town):
    """… as a partners' export has it: the whole beside its parts, states by their token."""
    rows = [
        "police,lines,,2026-07,7,figure,",
        "police,lines,london,2026-07,3,figure,",
        "police,lines,leeds,2026-07,4,figure,",
        "police,lines,,2026-09,,not_available,The system was down",
        "police,lines,london,2026-09,3,figure,",
        "police,lines,leeds,2026-09,,not_available,The system was down",
        "police,lines,,2026-10,,awaited,",
        "police,lines,london,2026-10,3,figure,",
        "police,lines,leeds,2026-10,,awaited,Comes on Friday",
        "police,arrests,,2026-10,,not_applicable,Not counted here",
    ]
    first = take_in(town, *rows)
    assert (first.new, first.skipped) == (6, 2)
    second = take_in(town, *rows)
    assert (second.new, second.replaced, second.held) == (0, 0, 6)
    assert figures(town, JULY) == {"lines.london": 3, "lines.leeds": 4}


# --- What came through a return -------------------------------------------------------------------


def typed(**figures: int) -> dict[str, int]:
    return {
        "arrests": 1,
        "charges": 1,
        "lines.london": 1,
        "lines.leeds": 1,
        "seizures": 3,
        "knives": 1,
        "guns": 1,
    } | figures


@pytest.mark.parametrize("hand_in", [submit, accept])
def test_a_figure_of_a_return_is_never_overwritten(town, hand_in):
    hand_in(town, OCTOBER, typed(arrests=12))
    [(line, column, sentence)] = faults(town, "police,charges,,2026-07,5,,", "police,arrests,,2026-10,13,,")
    assert (line, column) == (3, "value")
    assert "arrests for October 2026 came in the agency’s return: 12. Ask for a correction" in sentence


def test_a_figure_of_a_return_that_is_the_same_counts_as_held(town):
    accept(town, OCTOBER, typed(arrests=12))
    report = take_in(town, "police,arrests,,2026-10,12,,With a note", "police,charges,,2026-07,5,,")
    assert (report.new, report.replaced, report.held) == (1, 0, 1)
    held = Observation.objects.get(indicator__code="arrests")
    assert held.submission is not None
    assert held.note == ""


def test_a_return_replaces_what_a_file_brought(town):
    take_in(town, "police,arrests,,2026-10,13,,")
    accept(town, OCTOBER, typed(arrests=12))
    assert figures(town, OCTOBER)["arrests"] == 12


# --- What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        ("no one,arrests,,2026-07,1,,", "agency", "Testford has no agency “no one”. It has: nhs, police."),
        ("nhs,arrests,,2026-07,1,,", "agency", "arrests is supplied by police, not by nhs"),
        ("police,nope,,2026-07,1,,", "indicator", "Testford has no indicator “nope”"),
        ("police,lines,paris,2026-07,1,,", "category", "lines has no category “paris”. It has: london, leeds."),
        ("police,arrests,london,2026-07,1,,", "category", "arrests isn’t split"),
        ("police,arrests,,2999-01,1,,", "month", "January 2999 has not started yet"),
        ("police,arrests,,2019-12,1,,", "month", "arrests has no definition that applies in December 2019"),
        ("police,old,,2026-01,1,,", "month", "old is retired from January 2026"),
        ("police,arrests,,2026-07,,not_available,", "note", "why there is no figure"),
    ],
)
def test_a_row_that_names_nothing_of_the_area(town, row, column, sentence):
    make_agency(town.area, "nhs")
    make_indicator(town.police, "old", retired_from=Month(2026, 1).first_day)
    [fault] = faults(town, "police,charges,,2026-07,1,,", row)
    assert fault[:2] == (3, column)
    assert sentence in fault[2]


def test_a_row_of_another_area(town):
    file = read_figure_file(
        csv_of().replace(b"note", b"note,area") + b"\npolice,arrests,,2026-07,1,,,southend", name_of_file="x"
    )
    with pytest.raises(HistoryRefused) as refused:
        import_figures(town.area, file.rows, name_of_file="x", by=None)
    assert "for the area southend" in refused.value.faults[0].sentence


def test_another_area_has_the_same_codes(town):
    other = make_area("elsewhere")
    make_indicator(make_agency(other, "police"), "arrests")
    take_in(town, "police,arrests,,2026-07,12,,")
    assert Observation.objects.get().indicator.area == town.area


def test_the_whole_must_be_the_sum_of_its_parts_in_the_file(town):
    parts = ["police,lines,london,2026-07,3,,", "police,lines,leeds,2026-07,4,,"]
    [fault] = faults(town, "police,lines,,2026-07,8,,", *parts)
    assert fault[:2] == (2, "value")
    assert "they add up to 7" in fault[2]
    [fault] = faults(town, "police,lines,,2026-07,8,,", "police,arrests,,2026-07,1,,")
    assert "Enter a row for each of them instead (london, leeds)" in fault[2]
    [fault] = faults(town, "police,lines,,2026-07,,not_available,Why", *parts)
    assert fault[:2] == (2, "state")
    assert take_in(town, "police,lines,,2026-07,7,,", *parts).new == 2


def test_a_whole_alone_is_refused(town):
    [fault] = faults(town, "police,lines,,2026-07,8,,")
    assert "Enter a row for each of them instead (london, leeds)" in fault[2]


def test_every_category_of_a_month_or_none(town):
    [fault] = faults(town, "police,arrests,,2026-07,1,,", "police,lines,london,2026-07,3,,")
    assert fault[:2] == (3, "category")
    assert "lines for July 2026 is missing leeds" in fault[2]
    take_in(town, "police,lines,london,2026-07,3,,", "police,lines,leeds,2026-07,3,,")
    assert take_in(town, "police,lines,london,2026-07,5,,").replaced == 1


def test_a_retired_category_is_not_asked_for_and_may_come(town):
    Category.objects.filter(code="leeds").update(retired=True)
    assert take_in(town, "police,lines,london,2026-07,3,,").new == 1
    assert take_in(town, "police,lines,london,2026-08,3,,", "police,lines,leeds,2026-08,4,,").new == 2


def test_parts_together_are_not_above_their_whole(town):
    [fault] = faults(town, "police,knives,,2026-07,3,,", "police,guns,,2026-07,3,,", "police,seizures,,2026-07,5,,")
    assert fault[:2] == (2, "value")
    assert "July 2026: “Guns” with “Knives” is 6, and can’t be more than “Seizures”, 5." in fault[2]


def test_parts_are_held_against_a_whole_that_is_there_already(town):
    take_in(town, "police,seizures,,2026-07,5,,", "police,guns,,2026-07,3,,")
    [fault] = faults(town, "police,knives,,2026-07,3,,")
    assert fault[0] == 2
    assert "is 6, and can’t be more than" in fault[2]
    assert take_in(town, "police,knives,,2026-07,2,,").new == 1


@pytest.mark.parametrize(
    ("name", "where"), [("history.csv", "Lines 3 and 5, value"), ("history.xlsx", "Rows 3 and 5, Figure (E3 and E5)")]
)
def test_a_broken_rule_of_one_category_names_the_lines_of_its_figures(town, name, where, tmp_path):
    make_indicator(town.police, "groups", dimension=Indicator.objects.get(code="lines").dimension)
    make_validation_rule(
        town.area, "groups", left=["groups"], relation=Relation.AT_MOST.value, right=["lines"], each_category=True
    )
    counts = {("groups", "london"): 1, ("groups", "leeds"): 9, ("lines", "london"): 2, ("lines", "leeds"): 8}
    rows = [["police", code, category, "2026-07", count, "", ""] for (code, category), count in counts.items()]
    content = workbook([HEADER, *rows]) if name.endswith("x") else csv_of(*(",".join(map(str, row)) for row in rows))
    file = read_figure_file(content, name_of_file=name)
    with pytest.raises(HistoryRefused) as refused:
        import_figures(town.area, file.rows, name_of_file=name, by=None)
    [fault] = refused.value.faults
    assert file.place(fault) == where
    assert "“Groups, Leeds” is 9, and can’t be more than “Lines, Leeds”, 8" in fault.sentence
    path = tmp_path / name
    path.write_bytes(content)
    assert "s 3 and 5, value: July 2026" in run("import_figures", "--area", "testford", path).err


def test_a_fault_of_many_rows_names_the_first_of_them():
    assert FigureFile().place(Fault(3, "value", "", (5, 7, 9, 11))) == "Lines 3, 5, 7 and 2 more, value"
    assert FigureFile().place(Fault(3, "value", "")) == "Line 3, value"


def test_only_a_coordinator_or_an_analyst_may(town):
    with pytest.raises(PermissionDenied, match="Only a coordinator or an analyst of Testford"):
        take_in(town, "police,arrests,,2026-07,1,,", by=town.lead)


def test_a_blank_row_brings_nothing(town):
    report = take_in(town, "police,arrests,,2026-07,,,", "police,arrests,,2026-08,3,,")
    assert (report.new, report.skipped) == (1, 1)


def test_a_file_of_awaited_rows_alone_changes_nothing(town):
    before = state_of(town)
    report = take_in(town, "police,arrests,,2026-07,,awaited,")
    assert (report.series, report.skipped) == ([], 1)
    assert state_of(town) == before


# --- Years of it ----------------------------------------------------------------------------------


def test_as_many_queries_for_many_figures_as_for_few(town):
    codes = [f"extra-{number}" for number in range(10)]
    for code in codes:
        make_indicator(town.police, code)
    months = list(months_between(Month(2024, 1), Month(2026, 10)))
    take_in(town, *(f"police,arrests,,{month},1,," for month in months))

    def queries(chosen: list[str]) -> int:
        rows = [f"police,{code},,{month},2,," for code in chosen for month in months]
        file = read_figure_file(csv_of(*rows), name_of_file="x")
        with CaptureQueriesContext(connection) as queries:
            import_figures(town.area, file.rows, name_of_file="x", by=None)
        return len(queries)

    assert queries(codes[:1]) == queries(codes[1:])


def test_many_figures_are_added_a_few_at_a_time(town: Town, monkeypatch: pytest.MonkeyPatch):
    """A file may have 20,000, and a page has five seconds for a statement."""
    monkeypatch.setattr(past_figures, "AT_ONCE", 4)
    with CaptureQueriesContext(connection) as queries:
        take_in(town, *(f"police,arrests,,{month},1,," for month in months_between(Month(2026, 1), Month(2026, 10))))
    added = [query for query in queries if query["sql"].startswith('INSERT INTO "indicators_observation"')]
    assert (len(added), Observation.objects.count()) == (3, 10)
