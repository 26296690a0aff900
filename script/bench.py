"""What script/bench runs: see there."""

import argparse
import gzip
import io
import itertools
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
ROWS_OF_A_RETURN = 30
ROWS_OF_A_MONTH = 17_000
YEARS_OF_HISTORY = 10
MONTHS_OF_A_NEW_AREA = 36
SERIES, MONTHS_OF_A_SERIES = 10_000, 60
JUDGED, MONTHS_OF_A_DECADE = 2_000, 136
TABLES = ((12, 6), (4, 3), (12, 15), (6, 4), (3, 2))  # rows, columns
PACKS_IN_A_ROW = 200
ACTIONS_OF_A_PLAN = 500
AREAS_OF_A_NATION = 100
AREAS_OF_A_REGION, LINES_OF_A_REGION = 14, 28
ROUNDS_OF_WORK = 15  # for what takes longer than a page


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=150)
    parser.add_argument("--police", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
        prepare()
        bench = Bench(rounds=options.rounds)
        bench.pages()
        bench.machines()
        bench.work(Path(folder), options.police)
        bench.visit()
        bench.nation(Path(folder))
        return bench.verdict()


def prepare() -> None:
    """The database, with the demonstration, and the URL of the floor."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.http import HttpResponse
    from django.urls import path

    from vvdash import urls

    urls.urlpatterns.append(path("floor", lambda request: HttpResponse("ok")))
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        for command in ("migrate", "load_demo"):
            call_command(command, verbosity=0, stdout=nowhere)


class Browser:
    """A signed-in person, or a stranger, whose requests go straight through the WSGI handler."""

    def __init__(self, email: str = "") -> None:
        from django.test import Client, RequestFactory

        from core.models import User
        from vvdash.wsgi import application

        self.cookies: dict[str, str] = {}
        if email:
            client = Client()
            client.force_login(User.objects.get(email=email))
            # The two cookies that a signed-in person's browser sends.
            self.cookies = {"sessionid": client.cookies["sessionid"].value, "csrftoken": "x" * 32}
        self.factory = RequestFactory(SERVER_NAME="localhost")
        self.handler = application

    def ask(self, request: object) -> tuple[int, bytes, dict[str, str]]:
        answer: dict[str, object] = {}
        environ = request.environ  # type: ignore[attr-defined]
        if self.cookies:
            environ["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        environ["HTTP_ACCEPT_ENCODING"] = "gzip"

        def start(status: str, headers: list[tuple[str, str]], *_: object) -> Callable[[bytes], object]:
            answer["status"], answer["headers"] = int(status[:3]), dict(headers)
            return len

        response = self.handler(environ, start)
        body = b"".join(response)
        response.close()
        return answer["status"], body, answer["headers"]  # type: ignore[return-value]

    def get(self, url: str) -> bytes:
        status, body, _ = self.ask(self.factory.get(url))
        if status != 200:
            raise SystemExit(f"{url} answered {status}.")
        return body

    def get_again(self, url: str, tag: str) -> None:
        """Ask whether a page has changed, which it hasn't."""
        status, _, _ = self.ask(self.factory.get(url, HTTP_IF_NONE_MATCH=tag))
        if status != 304:
            raise SystemExit(f"{url} answered {status}.")

    def post(self, url: str, **data: str) -> int:
        token = self.cookies["csrftoken"]
        status, _, _ = self.ask(self.factory.post(url, {**data, "csrfmiddlewaretoken": token}))
        return status


# What the API's libraries add to a process that has every page.
LOADED = """
import time, django
from pathlib import Path
django.setup()
from vvdash import urls
held = lambda: int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
before, begun = held(), time.perf_counter()
import reporting.api.urls
print(f"{time.perf_counter() - begun:.2f} s, {held() - before:.0f} MB")
"""


def cpu(act: Callable[[], object]) -> float:
    """Milliseconds of CPU."""
    begun = time.process_time()
    act()
    return (time.process_time() - begun) * 1000


def memory() -> float:
    """Megabytes that this process holds now."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


def wall(act: Callable[[], object]) -> float:
    """Milliseconds on the clock."""
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


class Bench:
    def __init__(self, *, rounds: int) -> None:
        self.rounds = rounds
        self.missed: list[str] = []

    def line(self, what: str, value: float, unit: str, *, target: float, shown: str = "", note: str = "") -> None:
        met = value <= target
        if not met:
            self.missed.append(what)
        figure = shown or f"{value:.2f} {unit}"
        print(f"{'ok    ' if met else 'MISSED'}  {what:<44} {figure:>22}   target {target:g} {unit}{note}")

    def pages(self) -> None:
        from django.core.cache import caches

        coordinator = Browser("strategic@anytown.example")
        lead = Browser(make_long_return())
        director = Browser(make_region())
        cache = caches["pages"]
        anybody, public = Browser(), "/anytown/public/2026-10/"
        tag = anybody.ask(anybody.factory.get(public))[2]["ETag"]

        def uncached(url: str) -> None:
            cache.clear()
            coordinator.get(url)

        def uncached_public() -> None:
            cache.clear()
            anybody.get(public)

        acts: dict[str, Callable[[], object]] = {
            "floor": lambda: coordinator.get("/floor"),
            "dashboard": lambda: uncached("/anytown/2026-10/"),
            "dashboard, body cached": lambda: coordinator.get("/anytown/2026-10/"),
            # … with the history of its figures, which is never kept.
            "indicator page": lambda: uncached("/anytown/indicators/cuckooed/"),
            "public page": uncached_public,
            "public page, kept": lambda: anybody.get(public),
            "public page, unchanged": lambda: anybody.get_again(public, tag),
            "region": lambda: director.get("/regions/bench/2026-10/"),
            "region, rates": lambda: director.get("/regions/bench/2026-10/?as=rates"),
            "region, indicator": lambda: director.get("/regions/bench/indicators/count-00/"),
            # The longest comes last, so that the floor of each round always follows the same work.
            "return": lambda: lead.get("/anytown/returns/2026-11/long/"),
        }
        for act in acts.values():  # imports, templates, connection
            act()
        times: dict[str, list[float]] = {name: [] for name in acts}
        for _ in range(self.rounds):  # interleaved, so that a slow moment falls on all of them
            for name, act in acts.items():
                times[name].append(cpu(act))
        medians = {name: statistics.median(values) for name, values in times.items()}
        floor = medians["floor"]
        print(f"floor: {floor:.2f} ms of CPU, median of {self.rounds}; ratios are to it")
        for name, what, target in (
            ("dashboard", "dashboard (26 lines)", 4),
            ("dashboard, body cached", "dashboard, body cached (26 lines)", 2),
            ("indicator page", "indicator page (36 months)", 4),
            ("public page", "public page (26 lines)", 8),
            ("public page, kept", "public page, body cached (26 lines)", 2),
            ("public page, unchanged", "public page, not modified", 1),
            ("region", f"region ({AREAS_OF_A_REGION} areas × {LINES_OF_A_REGION} lines)", 6),
            ("region, rates", "region, with rates", 6),
            ("region, indicator", "region's indicator: multiples, funnel", 6),
        ):
            ratio = medians[name] / floor
            self.line(what, ratio, "×", target=target, shown=f"{ratio:.2f} × ({medians[name]:.2f} ms)")
        self.line(f"a return's page ({ROWS_OF_A_RETURN} rows)", medians["return"], "ms", target=40)

    def machines(self) -> None:
        """What a machine's request costs, beside the floor: its key, the lines of a month, and that nothing changed."""
        from django.conf import settings
        from django.core.cache import caches

        from boards.key_access import check_key, find_key
        from tests.functional.make_keys import make_keys

        settings.KEY_A_MINUTE = settings.KEY_AN_HOUR = 10**6
        said = subprocess.run(
            [sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        print(f"        the API loads with its first request, and no page waits for it: {said.strip()}")
        key = make_keys()["person"]
        system, floor = Browser(), Browser("strategic@anytown.example")
        lines = "/api/v1/areas/anytown/months/2026-10/lines"
        headers = {"Authorization": f"Bearer {key}"}

        def ask(**more: str) -> dict[str, str]:
            status, _, answered = system.ask(system.factory.get(lines, headers=headers | more))
            if status not in (200, 304):
                raise SystemExit(f"{lines} answered {status}.")
            return answered

        def uncached() -> None:
            caches["api"].clear()
            ask()

        tag, request = ask()["ETag"], system.factory.get(lines, headers=headers)
        acts: dict[str, Callable[[], object]] = {
            "floor": lambda: floor.get("/floor"),
            "uncached": uncached,
            "kept": ask,
            "unchanged": lambda: ask(**{"If-None-Match": tag}),
            "check": lambda: check_key(key),
            "count": lambda: find_key(request),
        }
        times: dict[str, list[float]] = {name: [] for name in acts}
        for _ in range(self.rounds):
            for name, act in acts.items():
                times[name].append(cpu(act))
        medians = {name: statistics.median(values) for name, values in times.items()}
        self.line("a key's check", medians["check"], "ms", target=0.2)
        self.line("a key's check and its count", medians["count"], "ms", target=0.4)
        for name, what, target in (
            ("uncached", "the API's lines of a month (50 lines)", 3),
            ("kept", "… body cached", 2),
            ("unchanged", "… not modified", 1.5),
        ):
            ratio = medians[name] / medians["floor"]
            self.line(what, ratio, "×", target=target, shown=f"{ratio:.2f} × ({medians[name]:.2f} ms)")

    def nation(self, folder: Path) -> None:
        """A morning of AREAS_OF_A_NATION areas, in a process and a database of their own."""
        command = [sys.executable, str(ROOT / "script" / "nation.py"), "--areas", str(AREAS_OF_A_NATION)]
        environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder}/nation.sqlite3"}
        # It also checks the targets of a nation. Ours are below.
        ran = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
        found = json.loads(ran.stdout)
        self.line(f"the reminders of {AREAS_OF_A_NATION} areas", found["reminder_queries"], "queries", target=6)
        self.line(f"a month of {AREAS_OF_A_NATION} areas rolled up", found["roll_up"], "s", target=7.5)
        self.line("… the longest lock of it", found["longest_lock"], "s", target=0.2)
        self.line("… its memory", found["megabytes"], "MB", target=250)

    def work(self, folder: Path, police: Path | None) -> None:
        from boards.models import PartnershipArea, ReportingPeriod
        from core.models import User
        from core.months import Month
        from indicators.models import Submission
        from indicators.services.returns import get_entries, return_return, save_draft, submit_return
        from reporting.months.rollup import roll_up

        area = PartnershipArea.objects.get(slug="anytown")
        month = Month(2026, 11)
        periods = ReportingPeriod.objects.filter(area=area, starts_on=month.first_day)

        def one_roll_up() -> None:
            from reporting.models import Snapshot

            # As after a change: the draft's lines are computed, compared, and all written anew.
            Snapshot.objects.filter(period__in=periods).update(fingerprint="")
            if not roll_up(periods).changed:
                raise SystemExit("The roll-up changed nothing.")

        self.median("one area's roll-up (56 lines, 36 months)", cpu, one_roll_up, target=150)

        self.bench_packs()
        self.bench_import(folder, police)
        self.bench_history(folder)
        self.bench_preview()
        self.bench_series()
        self.bench_protection()
        self.bench_publishing()
        self.bench_plan()

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
                submission.agency, submission.period, get_entries(submission), revision=submission.revision, by=lead
            )
            submit_return(submission.agency, submission.period, revision=saved.revision, by=lead)
            submission.refresh_from_db()
        self.line("from accepting a return to its arrow", statistics.median(times), "ms", target=1000)
        self.bench_new_area(folder)  # last: the areas stay

    def median(
        self, what: str, clock: Callable[[Callable[[], object]], float], act: Callable[[], object], *, target: float
    ) -> None:
        act()
        value = statistics.median(clock(act) for _ in range(ROUNDS_OF_WORK))
        self.line(what, value, "ms", target=target)

    def bench_region_pack(self) -> None:
        """The pack of a region: from the database to its PDF, and how many pages that has."""
        import pikepdf

        from boards.models import RegionMembership
        from boards.region_permissions import find_region_access
        from core.months import Month
        from reporting.packs.pdf.typesetting import build_pack
        from reporting.region_packs.presenters.gather import gather_sources
        from reporting.region_packs.presenters.pack import make_pack

        director = RegionMembership.objects.get(region__slug="bench").user

        def one() -> bytes:
            return build_pack(make_pack(gather_sources(find_region_access(director, "bench"), Month(2026, 10))))

        what = f"a region's pack ({AREAS_OF_A_REGION} areas × {LINES_OF_A_REGION} lines)"
        self.line(f"pages of {what}", len(pikepdf.open(io.BytesIO(one())).pages), "pages", target=16)
        self.median(what, wall, one, target=4000)

    def bench_packs(self) -> None:
        """From the database to the bytes of the PDF, each time another month; then many of them in one process."""
        import pikepdf

        from boards.models import Board, ReportingPeriod
        from core.months import Month, months_between
        from reporting.packs.pdf.typesetting import build_pack
        from reporting.packs.presenters.order import make_pack
        from reporting.packs.presenters.sources import Order

        boards = list(Board.objects.filter(area__slug="anytown").order_by("position"))
        of_area = ReportingPeriod.objects.select_related("area").filter(area__slug="anytown")
        periods = {period.month: period for period in of_area}

        def one(month: Month, board: Board) -> bytes:
            return build_pack(make_pack(Order(periods[month], board), include_drafts=False).pack)

        demo = Month(2026, 10)
        pages = len(pikepdf.open(io.BytesIO(one(demo, boards[0]))).pages)
        months = list(months_between(Month(2024, 1), demo.previous))
        some = iter(months)
        what = f"a pack as PDF, {pages} pages, {boards[0].code}"
        self.median(what, wall, lambda: one(next(some), boards[0]), target=400)
        some = iter(months)
        self.median(
            "packs of all four boards",
            wall,
            lambda: [one(month, b) for month in [next(some)] for b in boards[:4]],
            target=1500,
        )
        self.bench_region_pack()
        sizes = []
        for number, (month, board) in enumerate(itertools.product(months * 2, boards), start=1):
            one(month, board)
            sizes.append(memory())
            if number == PACKS_IN_A_ROW:
                break
        self.line(
            f"memory after {PACKS_IN_A_ROW} packs, beside after 20",
            sizes[-1] / sizes[19],
            "×",
            target=1.25,
            note=f"; {sizes[-1]:.0f} MB, at most {max(sizes):.0f} MB",
        )

    def bench_series(self) -> None:
        """analyse_series and judge_series without their start: each line read, analysed and written."""
        from indicators.management.commands import analyse_series, judge_series
        from indicators.management.json_lines import SeriesCommand

        chance = random.Random(7)

        for name, command, series, months, target in (
            ("analyse_series", analyse_series.Command(), SERIES, MONTHS_OF_A_SERIES, 3.0),
            ("judge_series", judge_series.Command(), JUDGED, MONTHS_OF_A_DECADE, JUDGED / 800),
        ):
            lines = [
                json.dumps({"values": [chance.randint(0, 30) for _ in range(months)]}).encode() for _ in range(series)
            ]

            def run(command: SeriesCommand = command, lines: list[bytes] = lines) -> None:
                for line in lines:
                    json.dumps(command.answer_line(line))

            took = wall(run) / 1000
            what = f"{name}, {series:,} × {months} months"
            self.line(what, took, "s", target=target, note=f"; {series / took:,.0f} a second")

    def bench_protection(self) -> None:
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
            self.line(f"protect_table, {height} × {width}", statistics.median(times), "ms", target=200)
        self.line("cells withheld for each small one", withheld / small, "", target=1.75)

    def bench_publishing(self) -> None:
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

        self.median("publish_edition, with its attack check", cpu, run, target=250)

    def bench_plan(self) -> None:
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
            self.median(f"plan page, {ACTIONS_OF_A_PLAN} actions{what}", cpu, partial(coordinator.get, url), target=60)
            with CaptureQueriesContext(connection) as queries:
                coordinator.get(url)
            counts.append(len(queries))
        self.line("queries of the plan page", max(counts), "", target=10, shown=str(max(counts)))

    def bench_import(self, folder: Path, police: Path | None) -> None:
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
        self.line(f"import of a police month ({rows:,} rows)", first, "ms", target=300, note=f"; again {again:.0f} ms")
        self.line("reading 12 police months for 14 areas, CPU", read_police_year(file), "s", target=1)

    def bench_history(self, folder: Path) -> None:
        """import_figures: years of monthly figures into an area that has none, undone after each round."""
        from django.core.management import call_command
        from django.db import transaction

        from core.months import Month, months_between

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
        self.line(f"import_figures, {figures:,} figures of {YEARS_OF_HISTORY} years", took, "s", target=2)

    def bench_new_area(self, folder: Path) -> None:
        """From nothing to the first page: an area of the starter set, years of its figures, roll-up, the month."""
        from django.core.management import call_command

        from core.months import months_between
        from indicators.catalogues.choosing import choose_usual
        from indicators.catalogues.reading import read_starter
        from indicators.services.areas import this_month

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
        self.line(f"from make_area to a month ({MONTHS_OF_A_NEW_AREA} imported)", took, "s", target=3)

    def bench_preview(self) -> None:
        """The preview of a filled-in workbook, from the upload to the page."""
        from django.core.files.uploadedfile import SimpleUploadedFile

        lead = Browser("long.lead@anytown.example")
        workbook = lead.get("/anytown/returns/2026-11/long/file/template.xlsx")
        token = lead.cookies["csrftoken"]

        def run() -> None:
            sent = {"file": SimpleUploadedFile("return.xlsx", workbook), "csrfmiddlewaretoken": token}
            status, page, _ = lead.ask(lead.factory.post("/anytown/returns/2026-11/long/file/", sent))
            if status != 200 or b"Changes from your file" not in page:
                raise SystemExit(f"The preview answered {status}.")

        self.median(f"preview of a workbook ({ROWS_OF_A_RETURN} rows)", cpu, run, target=500)

    def visit(self) -> None:
        """Bytes of bodies as sent: the page, and what it links to, compressed as far as it isn't yet."""
        person = Browser("csp.member@anytown.example")
        page = person.get("/anytown/2026-10/")
        html = page.decode()
        links = dict.fromkeys(re.findall(r'(?:href|src)="(/static/[^"]+)"', html))
        files = {link: (ROOT / link.lstrip("/")).read_bytes() for link in links}
        fonts = sum(len(held) for link, held in files.items() if link.endswith(".woff2"))
        rest = len(page) + sum(
            len(gzip.compress(held, 9)) for link, held in files.items() if not link.endswith(".woff2")
        )
        self.line("a first visit to the dashboard", (rest + fonts) / 1000, "kB", target=130)
        self.line("a first visit without the fonts", rest / 1000, "kB", target=55)
        requests = 1 + len(files)
        self.line("requests of a first visit", requests, "", target=8, shown=str(requests))

    def verdict(self) -> int:
        if self.missed:
            print(f"Missed: {', '.join(self.missed)}.")
        return 1 if self.missed else 0


def make_archive() -> str:
    """An area with ROWS_OF_A_RETURN indicators and no month yet. Returns the address of who confirms its figures."""
    from boards.models import Agency, PartnershipArea
    from indicators.models import Indicator, IndicatorDefinition, Section
    from reporting.management.demo.accounts import OPERATOR

    area = PartnershipArea.objects.create(slug="archive", name="Archive")
    agency = Agency.objects.create(area=area, code="archive", name="Archive", kind=Agency.Kind.COUNCIL)
    section = Section.objects.create(area=area, code="archive", title="Archive")
    for number in range(ROWS_OF_A_RETURN):
        indicator = Indicator.objects.create(
            area=area,
            section=section,
            code=f"archive-{number}",
            title=f"Figure {number}",
            question=f"How many of number {number}?",
            unit_one="one",
            unit_many="many",
            polarity_reason="None.",
            owner=agency,
        )
        IndicatorDefinition.objects.create(indicator=indicator, applies_from="2014-01-01", text="What is counted.")
    return OPERATOR


def make_plan() -> str:
    """An area with ACTIONS_OF_A_PLAN actions, each with four milestones, in six strands of five boards. Returns its
    coordinator's address."""
    from datetime import date, timedelta

    from actions.models import Action
    from actions.services.plan import ActionDraft, add_action, add_milestone, tick_milestone
    from boards.models import Agency, Board, Membership, PartnershipArea, ReportingPeriod, Strand
    from boards.roles import Role
    from core.models import User

    area = PartnershipArea.objects.create(slug="planned", name="Planned")
    ReportingPeriod.objects.create(area=area, starts_on="2026-11-01", opened_on="2026-11-01", due_on="2026-12-10")
    strands = [Strand.objects.create(area=area, code=f"strand-{n}", name=f"Strand {n}", position=n) for n in range(6)]
    boards = [
        Board.objects.create(area=area, code=f"board-{n}", name=f"Board {n}", short_name=f"Board {n}") for n in range(5)
    ]
    agencies = [
        Agency.objects.create(area=area, code=f"agency-{n}", name=f"Agency {n}", kind=Agency.Kind.COUNCIL)
        for n in range(9)
    ]
    people = [User.objects.create_user(f"owner-{n}@planned.example", None, name=f"Owner {n}") for n in range(40)]
    for number, person in enumerate(people):
        Membership.objects.create(user=person, area=area, role=Role.AGENCY_LEAD.value, agency=agencies[number % 9])
    boss = User.objects.create_user("coordinator@planned.example", None, name="Coordinator")
    Membership.objects.create(user=boss, area=area, role=Role.COORDINATOR.value)
    for number in range(ACTIONS_OF_A_PLAN):
        begin = date(2026, 1, 1) + timedelta(number % 300)
        action: Action = add_action(
            area,
            ActionDraft(
                title=f"Train the people of number {number}",
                strand=strands[number % 6],
                board=boards[number % 5],
                agency=agencies[number % 9],
                owner=people[number % 40],
                starts_on=begin,
                due_on=begin + timedelta(200),
                no_measure_why="Nobody counts it",
            ),
            by=boss,
        )
        for step in range(4):
            milestone = add_milestone(action, title=f"Take step {step}", due_on=action.due_on, by=boss)
            if (number + step) % 3 == 0:
                tick_milestone(milestone, done=True, by=boss)
    return boss.email


def make_region() -> str:
    """Make a region of areas with three years of made-up counts. Returns its director's address."""
    from django.utils import timezone

    from indicators.models import Indicator, Population
    from tests.factories.regions import make_region_member
    from tests.regional import make_county

    region, areas = make_county(areas=AREAS_OF_A_REGION, indicators=LINES_OF_A_REGION, slug="bench")
    Indicator.objects.filter(area__in=areas).update(counts_residents=True)
    named = {"source": "Made up", "licence": "None", "name_of_file": "bench", "imported_at": timezone.now()}
    for number, area in enumerate(areas, 1):
        Population.objects.create(area=area, year=2026, ages="all", edition=1, residents=30_000 * number, **named)
    return str(make_region_member(region).email)


def make_long_return() -> str:
    """An agency whose return has ROWS_OF_A_RETURN rows, each with 35 months behind it, so with a usual
    range and a small chart; half of them filled in. Returns its lead's address."""
    from django.utils import timezone

    from boards.models import Agency, Membership, PartnershipArea, ReportingPeriod
    from boards.roles import Role
    from core.models import User
    from core.months import Month
    from indicators.entries import Entry
    from indicators.models import Indicator, IndicatorDefinition, Observation, Section
    from indicators.services.returns import save_draft

    area = PartnershipArea.objects.get(slug="anytown")
    agency = Agency.objects.create(area=area, code="long", name="Long", kind=Agency.Kind.COUNCIL)
    section = Section.objects.create(area=area, code="long", title="Long", position=9)
    chance = random.Random(7)
    past = ReportingPeriod.objects.filter(area=area, starts_on__lt=Month(2026, 11).first_day)
    for number in range(ROWS_OF_A_RETURN):
        indicator = Indicator.objects.create(
            area=area,
            section=section,
            code=f"long-{number}",
            title=f"Figure {number}",
            question=f"How many of number {number} in the past month?",
            unit_one="one",
            unit_many="many",
            polarity_reason="None.",
            owner=agency,
            position=number,
        )
        IndicatorDefinition.objects.create(indicator=indicator, applies_from="2023-11-01", text="What is counted.")
        Observation.objects.bulk_create(
            Observation(
                indicator=indicator,
                period=period,
                value=chance.randint(0, 30),
                imported_from="made up",
                signed_off_at=timezone.now(),
            )
            for period in past
        )
    lead = User.objects.create_user("long.lead@anytown.example", None, name="Long lead")
    Membership.objects.create(user=lead, area=area, role=Role.AGENCY_LEAD.value, agency=agency)
    period = ReportingPeriod.objects.get(area=area, starts_on=Month(2026, 11).first_day)
    entries = {f"long-{number}": Entry(value=str(number)) for number in range(ROWS_OF_A_RETURN // 2)}
    save_draft(agency, period, entries, revision=0, by=lead)
    return lead.email


def read_police_year(file: Path) -> float:
    """Seconds of CPU in which a file is read 12 times, and counted for 14 areas each time."""
    from indicators.imports.police_uk import Place, read_police_file

    start = time.process_time()
    for _ in range(12):
        with file.open("rb") as stream:
            read = read_police_file(stream, name_of_file=file.name, today=datetime.now(UTC).date())
        for name in sorted(read.names, key=lambda name: -read.names[name])[:14]:
            read.count(Place.of([name]))
    return time.process_time() - start


def make_month(file: Path) -> None:
    """A made-up month of street-level crime, in the shape of data.police.uk."""
    chance = random.Random(7)
    header = (
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
        "Last outcome category,Context"
    )
    kinds = ["Drugs", "Possession of weapons", "Violence and sexual offences", "Burglary", "Anti-social behaviour"]
    places = ["Southend-on-Sea 001A", "Babergh 006D", "Colchester 012B", "Basildon 003C"]
    with file.open("w", encoding="utf-8") as out:
        out.write(header + "\n")
        for _ in range(ROWS_OF_A_MONTH):
            out.write(
                f"{chance.getrandbits(256):064x},2018-07,Essex Police,Essex Police,0.768721,52.067425,"
                f"On or near Waldingfield Road,E01029923,{chance.choice(places)},{chance.choice(kinds)},"
                "Investigation complete; no suspect identified,\n"
            )


if __name__ == "__main__":
    sys.exit(main())
