"""How long does work with figures take: imports, a roll-up, the judging of series, the protection of tables?"""

import json
import os
import random
import statistics
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench.speed.browser import Browser
from bench.speed.making import ROWS_OF_A_RETURN, make_archive, make_long_return, make_month
from bench.speed.report import ROUNDS_OF_WORK, Report, cpu, wall

YEARS_OF_HISTORY = 10
SERIES, MONTHS_OF_A_SERIES = 10_000, 60
JUDGED, MONTHS_OF_A_DECADE = 2_000, 136
TABLES = ((12, 6), (4, 3), (12, 15), (6, 4), (3, 2))  # rows, columns


def figures(report: Report, folder: Path, police: Path | None) -> None:
    bench_import(report, folder, police)
    bench_history(report, folder)
    bench_preview(report)
    bench_series(report)
    bench_protection(report)


def bench_history(report: Report, folder: Path) -> None:
    """import_figures: years of monthly figures into an area that has none, undone after each round."""
    from django.core.management import call_command
    from django.db import transaction

    from core.calendar import Month, months_between

    who = make_archive()
    file = folder / "history.csv"
    chance = random.Random(7)
    with file.open("w", encoding="utf-8") as out:
        out.write("agency,indicator,category,month,value,state,note\n")
        for month in months_between(Month(2014, 1), Month(2014, 1) + (YEARS_OF_HISTORY * 12 - 1)):
            for number in range(ROWS_OF_A_RETURN):
                out.write(f"archive,archive-{number},,{month},{chance.randint(0, 30)},figure,\n")

    def run() -> None:
        with open(os.devnull, "w") as nowhere, transaction.atomic():
            quiet = {"stdout": nowhere, "stderr": nowhere}
            call_command("import_figures", str(file), area="archive", confirmed_by=who, **quiet)
            transaction.set_rollback(True)

    took = statistics.median(cpu(run) for _ in range(3)) / 1000
    figures = YEARS_OF_HISTORY * 12 * ROWS_OF_A_RETURN
    report.line(f"import_figures, {figures:,} figures of {YEARS_OF_HISTORY} years", took, "s", target=2)


def bench_import(report: Report, folder: Path, police: Path | None) -> None:
    from django.core.management import call_command

    file, name = police, "Southend-on-Sea"
    if file is None:
        file = folder / "2018-07-made-up-street.csv"
        make_month(file)
    rows = sum(1 for _ in file.open("rb")) - 1

    def run() -> None:
        with open(os.devnull, "w") as nowhere:
            call_command(
                "import_police_uk", str(file), area=["southend"], lsoa_name=name, stdout=nowhere, stderr=nowhere
            )

    first = wall(run)
    again = statistics.median(wall(run) for _ in range(5))
    report.line(f"import of a police month ({rows:,} rows)", first, "ms", target=300, note=f"; again {again:.0f} ms")
    report.line("reading 12 police months for 14 areas, CPU", read_police_year(file), "s", target=1)


def bench_preview(report: Report) -> None:
    """The preview of a filled-in workbook, from the upload to the page."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    lead = Browser(make_long_return())
    workbook = lead.get("/anytown/returns/2026-11/long/file/template.xlsx")
    token = lead.cookies["csrftoken"]

    def run() -> None:
        sent = {"file": SimpleUploadedFile("return.xlsx", workbook), "csrfmiddlewaretoken": token}
        status, page, _ = lead.ask(lead.factory.post("/anytown/returns/2026-11/long/file/", sent))
        if status != 200 or b"Changes from your file" not in page:
            raise SystemExit(f"The preview answered {status}.")

    report.median(f"preview of a workbook ({ROWS_OF_A_RETURN} rows)", cpu, run, target=500)


def bench_series(report: Report) -> None:
    """analyse_series and judge_series without their start: each line read, analysed and written."""
    from indicators.management.catalogues import SeriesCommand
    from indicators.management.commands import analyse_series, judge_series

    chance = random.Random(7)

    for name, command, series, months, target in (
        ("analyse_series", analyse_series.Command(), SERIES, MONTHS_OF_A_SERIES, 3.0),
        ("judge_series", judge_series.Command(), JUDGED, MONTHS_OF_A_DECADE, JUDGED / 800),
    ):
        lines = [json.dumps({"values": [chance.randint(0, 30) for _ in range(months)]}).encode() for _ in range(series)]

        def run(command: SeriesCommand = command, lines: list[bytes] = lines) -> None:
            for line in lines:
                json.dumps(command.answer_line(line))

        took = wall(run) / 1000
        what = f"{name}, {series:,} × {months} months"
        report.line(what, took, "s", target=target, note=f"; {series / took:,.0f} a second")


def bench_protection(report: Report) -> None:
    """protect_table without its start: tables of counts from 0 to 20, all totals shown."""
    from indicators.protection import Suppress, Table, protect

    chance, rule = random.Random(7), Suppress()
    small = withheld = 0
    for height, width in TABLES:
        names = tuple(map(str, range(height))), tuple(map(str, range(width)))
        times = []
        for _ in range(ROUNDS_OF_WORK):
            values = tuple(tuple(chance.randint(0, 20) for _ in range(width)) for _ in range(height))
            table = Table(*names, values)
            times.append(cpu(partial(protect, table, rule)))
            small += sum(1 <= count < rule.below for counts in values for count in counts)
            withheld += sum(shown is None for counts in protect(table, rule).values for shown in counts)
        report.line(f"protect_table, {height} × {width}", statistics.median(times), "ms", target=200)
    report.line("cells withheld for each small one", withheld / small, "", target=1.75)


def read_police_year(file: Path) -> float:
    """Seconds of CPU in which a file is read 12 times, and counted for 14 areas each time."""
    from indicators.imports.open_data import Place, read_police_file

    start = time.process_time()
    for _ in range(12):
        with file.open("rb") as stream:
            read = read_police_file(stream, name_of_file=file.name, today=datetime.now(UTC).date())
        for name in sorted(read.names, key=lambda name: -read.names[name])[:14]:
            read.count(Place.of([name]))
    return time.process_time() - start
