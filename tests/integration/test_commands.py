"""The commands that stand in for the scheduled jobs, and what all commands have in common."""

import pytest
from django.core.management import execute_from_command_line, load_command_class
from django.utils import timezone

from boards.models import ReportingPeriod
from core.calendar import Month
from core.jobs import trust_clock
from reporting.models import IndicatorLine
from reporting.months import rollup
from reporting.months.inputs import gather
from tests.integration.command_line import run
from tests.scenarios import Town, accept, make_town, open_month

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)


@pytest.fixture
def town() -> Town:
    """September and October 2026, accepted and not rolled up."""
    town = make_town()
    accept(town, SEPTEMBER, {"arrests": 9, "charges": 4})
    accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    return town


def stale() -> list[str]:
    periods = ReportingPeriod.objects.filter(stale_since__isnull=False).select_related("area")
    return [f"{period.area.slug} {period.month}" for period in periods.order_by("area__slug", "starts_on")]


def test_roll_up_takes_one_month_in_every_area(town: Town):
    harlow = make_town("harlow")
    open_month(harlow, OCTOBER)
    ran = run("roll_up", "2026-10")
    assert ran.status == 0
    assert sorted(ran.out.splitlines()) == ["harlow 2026-10: rolled up", "testford 2026-10: rolled up"]
    assert stale() == ["testford 2026-09"]
    arrests = IndicatorLine.objects.get(snapshot__period__area=town.area, indicator_code="arrests")
    assert (arrests.value, arrests.movement, arrests.change) == (12, "up", 3)


def test_roll_up_takes_one_area_and_says_when_nothing_changed(town: Town):
    open_month(make_town("harlow"), OCTOBER)
    assert run("roll_up", "--area", "testford", "2026-10").out == "testford 2026-10: rolled up\n"
    assert run("roll_up", "--area", "testford", "2026-10").out == "testford 2026-10: no change\n"
    assert stale() == ["harlow 2026-10", "testford 2026-09"]


def test_roll_up_takes_each_area_that_is_named(town: Town):
    for slug in ("harlow", "elsewhere"):
        open_month(make_town(slug), OCTOBER)
    ran = run("roll_up", "--area", "testford", "--area", "harlow", "--area", "harlow", "2026-10")
    assert sorted(ran.out.splitlines()) == ["harlow 2026-10: rolled up", "testford 2026-10: rolled up"]
    assert stale() == ["elsewhere 2026-10", "testford 2026-09"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["2026-13"], "“2026-13” is not a month: write it as 2026-10."),
        (["2026-08"], "No area has August 2026."),
        (["2026-08", "--area", "testford"], "Testford doesn't have August 2026."),
        (["2026-10", "--area", "testford", "--area", "nowhere"], "There is no area “nowhere”. There are: testford."),
        (["2026-10", "--area", "nowhere"], "There is no area “nowhere”. There are: testford."),
        (["2026-10", "--area", ""], "There is no area “”. There are: testford."),
    ],
)
def test_roll_up_refuses_with_a_sentence(town: Town, arguments: list[str], sentence: str):
    ran = run("roll_up", *arguments)
    assert (ran.status, ran.out, ran.err) == (2, "", sentence)


def test_sweep_rolls_up_whatever_is_stale(town: Town):
    open_month(make_town("harlow"), OCTOBER)
    assert run("sweep").out == "3 months rolled up, 3 changed\n"
    assert stale() == []
    assert run("sweep").out == "0 months rolled up, 0 changed\n"


def test_open_month_opens_each_month_that_has_begun():
    town = make_town()
    current = Month.of(timezone.localdate())
    open_month(town, current.previous)
    assert run("open_month").out == f"testford {current}\n"
    assert run("open_month").out == ""
    assert ReportingPeriod.objects.filter(area=town.area).count() == 2


def test_open_month_opens_more_than_one_month_where_the_date_is_confirmed():
    town, harlow = make_town(), make_town("harlow")
    current = Month.of(timezone.localdate())
    open_month(town, current + -2)
    open_month(harlow, current.previous)
    ran = run("open_month")
    assert (ran.status, ran.out) == (1, f"harlow {current}\n")
    assert ran.err.startswith(
        f"Testford: the newest month is {(current + -2).label} and the clock says {current.label}."
    )
    assert run("open_month", "--confirm").out.splitlines() == [f"testford {current.previous}", f"testford {current}"]


def test_an_operator_who_says_that_the_date_is_right_lets_months_open():
    town = make_town()
    current = Month.of(timezone.localdate())
    open_month(town, current + -2)
    trust_clock(by=None)
    assert run("open_month").out.splitlines() == [f"testford {current.previous}", f"testford {current}"]


def test_what_fails_in_one_area_is_said_and_the_others_are_swept(town: Town, monkeypatch):
    open_month(make_town("harlow"), OCTOBER)
    look = gather

    def break_off(months: list[ReportingPeriod]) -> object:
        if months[0].area == town.area:
            raise ValueError("a row is broken")
        return look(months)

    monkeypatch.setattr(rollup, "gather", break_off)
    ran = run("sweep")
    assert (ran.status, ran.out) == (1, "1 month rolled up, 1 changed\n")
    assert ran.err == "Testford: It stopped: a row is broken (ValueError)."
    assert stale() == ["testford 2026-09", "testford 2026-10"]
    ran = run("roll_up", "2026-10")
    assert (ran.status, ran.out) == (1, "harlow 2026-10: no change\n")


COMMANDS = {
    "import_police_uk": ("indicators", ["--area", "--all", "--lsoa-name", "FILE", "examples:"]),
    "roll_up": ("reporting", ["YYYY-MM", "--area"]),
    "sweep": ("reporting", []),
    "export_month": ("reporting", ["--area", "--month", "--audience", "--format", "--output"]),
    "open_month": ("boards", ["--confirm"]),
    "run_jobs": ("operations", ["--trust-clock"]),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_help_explains_the_command_its_arguments_and_its_exit_status(name: str):
    app, arguments = COMMANDS[name]
    text = load_command_class(app, name).create_parser("manage.py", name).format_help()
    for word in ["Exit status: 0 done", *arguments]:
        assert word in " ".join(text.split())


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("import_police_uk", []),
        ("import_police_uk", ["--area", "southend", "--all", "a.csv"]),
        ("import_police_uk", ["--area", "southend", "--lsoa-name", "Southend"]),
        ("roll_up", []),
        ("export_month", ["--area", "testford"]),
        ("export_month", ["--area", "testford", "--month", "2026-10", "--format", "pdf"]),
        ("export_month", ["--area", "testford", "--month", "2026-10", "--audience", "press"]),
    ],
)
def test_a_missing_or_unknown_argument_ends_with_2(name: str, arguments: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as end:
        execute_from_command_line(["manage.py", name, *arguments])
    assert end.value.code == 2
    assert "error: " in capsys.readouterr().err
