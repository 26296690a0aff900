"""How long does what a coordinator does take: roll-up, publishing, a plan, accepting a return, a new area?"""

import os
import random
import statistics
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.speed.browser import Browser
from bench.speed.making import ACTIONS_OF_A_PLAN, make_plan
from bench.speed.report import ROUNDS_OF_WORK, Report, cpu, wall

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from boards.models import ReportingPeriod

MONTHS_OF_A_NEW_AREA = 36


def work(report: Report, folder: Path) -> None:
    from boards.models import ReportingPeriod

    periods = ReportingPeriod.objects.filter(area__slug="anytown", starts_on="2026-11-01")
    bench_roll_up(report, periods)
    bench_publishing(report)
    bench_accepting(report, periods)
    bench_new_area(report, folder)  # last: the areas stay


def bench_roll_up(report: Report, periods: "QuerySet[ReportingPeriod]") -> None:
    """Roll a month up as after a change: the draft's lines are computed, compared, and all written anew."""
    from reporting.models import Snapshot
    from reporting.months.rollup import roll_up

    def one_roll_up() -> None:
        Snapshot.objects.filter(period__in=periods).update(fingerprint="")
        if not roll_up(periods).changed:
            raise SystemExit("The roll-up changed nothing.")

    report.median("one area's roll-up (56 lines, 36 months)", cpu, one_roll_up, target=150)


def bench_accepting(report: Report, periods: "QuerySet[ReportingPeriod]") -> None:
    """From accepting a return to the arrow on the month's page."""
    from core.models import User
    from indicators.models import Submission
    from indicators.services.returns import return_return, save_draft, submit_return

    coordinator = Browser("coordinator@anytown.example")
    submission = Submission.objects.get(agency__code="council-children", period__in=periods)
    lead = User.objects.get(email="council-children.lead@anytown.example")
    boss = User.objects.get(email="coordinator@anytown.example")
    times = []
    for _ in range(ROUNDS_OF_WORK):

        def accept_and_read() -> None:
            status = coordinator.post(
                "/anytown/returns/2026-11/council-children/decide/",
                decision="accept",
                revision=str(submission.revision),
            )
            page = coordinator.get("/anytown/2026-11/").decode()
            if status != 302 or "Up 2 since October" not in page:
                raise SystemExit("The accepted figure didn't reach the page.")

        times.append(wall(accept_and_read))
        submission.refresh_from_db()
        return_return(submission, comment="Once more.", by=boss)
        submission.refresh_from_db()
        saved = save_draft(
            submission.agency, submission.period, submission.entries, revision=submission.revision, by=lead
        )
        submit_return(submission.agency, submission.period, revision=saved.revision, by=lead)
        submission.refresh_from_db()
    report.line("from accepting a return to its arrow", statistics.median(times), "ms", target=1000)


def bench_publishing(report: Report) -> None:
    """publish_edition: the attack on all that is public by then, with 36 months of 26 lines once more."""
    from django.db import transaction

    from boards.models import ReportingPeriod
    from core.models import User
    from reporting.models import PublicEdition
    from reporting.public.services import agree, ask_consent, publish_edition

    coordinator, officer = (
        User.objects.get(email=f"{name}@anytown.example") for name in ("coordinator", "information")
    )
    period = ReportingPeriod.objects.select_related("area").get(area__slug="anytown", starts_on="2026-07-01")
    edition = ask_consent(period, by=coordinator)
    agree(edition, by=officer, seen=edition.fingerprint)

    def run() -> None:
        with transaction.atomic():
            publish_edition(PublicEdition.objects.get(pk=edition.pk), by=coordinator)
            transaction.set_rollback(True)

    report.median("publish_edition, with its attack check", cpu, run, target=250)


def bench_plan(report: Report) -> None:
    """A board's work plan too, a page further on, and a timeline of all; and how often the database is asked."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    coordinator = Browser(make_plan())
    counts = []
    asked = {
        "": "",
        ", a board’s": "?board=board-1",
        ", filtered, page 2": "?measure=none&page=2",
        ", on a timeline": "timeline/",
    }
    for what, query in asked.items():
        url = f"/planned/plan/{query}"
        report.median(f"plan page, {ACTIONS_OF_A_PLAN} actions{what}", cpu, partial(coordinator.get, url), target=60)
        with CaptureQueriesContext(connection) as queries:
            coordinator.get(url)
        counts.append(len(queries))
    report.line("queries of the plan page", max(counts), "", target=10, shown=str(max(counts)))


def bench_new_area(report: Report, folder: Path) -> None:
    """From nothing to the first page: an area of the starter set, years of its figures, roll-up, the month."""
    from django.core.management import call_command

    from core.calendar import months_between
    from indicators.catalogues.entries import choose_usual
    from indicators.catalogues.files import read_starter
    from indicators.services.catalogues import this_month

    catalogue, last = choose_usual(read_starter()), this_month().previous
    first = last + (1 - MONTHS_OF_A_NEW_AREA)
    parts = {entry.code: [part.code for part in entry.category] for entry in catalogue.dimension}
    file, chance = folder / "new.csv", random.Random(7)
    with file.open("w", encoding="utf-8") as out:
        out.write("agency,indicator,category,month,value,state,note\n")
        for month in months_between(first, last):
            for entry in catalogue.indicator:
                for part in parts.get(entry.dimension, [""]):
                    # A whole that is large enough for its parts.
                    value = chance.randint(40, 60) if entry.code == "juveniles" else chance.randint(0, 12)
                    out.write(f"{entry.owner},{entry.code},{part},{month},{value},figure,\n")
    who = "coordinator@anytown.example"
    coordinator = Browser(who)

    def run(slug: str) -> None:
        with open(os.devnull, "w") as nowhere:
            quiet = {"stdout": nowhere, "stderr": nowhere}
            named = {"slug": slug, "name": "New area", "coordinator": who, "coordinator_name": "New"}
            call_command("make_area", source="starter", defined_from=str(first), **named, **quiet)
            call_command("import_figures", str(file), area=slug, confirmed_by=who, **quiet)
            call_command("sweep", **quiet)
        if "within the usual range" not in coordinator.get(f"/{slug}/{last}/").decode().lower():
            raise SystemExit("The figures of the new area didn't reach its page.")

    took = statistics.median(cpu(partial(run, f"new-{number}")) for number in range(3)) / 1000
    report.line(f"from make_area to a month ({MONTHS_OF_A_NEW_AREA} imported)", took, "s", target=3)
