"""Measures the product with years of published months of many areas, on PostgreSQL: see docs/scale.md.

  fill        make the areas in an empty database; the lines of all but the first area are copies of its lines
  sizes       the tables with the most bytes, and the bytes of a line by its kind
  pages       the CPU of pages of one area, Python's and PostgreSQL's, and their queries
  packs       the CPU of a pack of each board of one month, and of its year
  record      an audit log of --events made-up events in one chain, checked; it stays in the database
  correction  what a figure of two years ago writes when it is corrected; it is undone afterwards
  shared      the same lines read through a view that adds lines of other versions
  partitions  a copy of the lines in 16 partitions by area, beside the table as it is

Each reads DATABASE_URL and prints a table.
"""

import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import batched, product
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vvdash.settings")

import django

from bench.command_line import make_parser
from bench.locks import cpu_of, cpu_of_server

AREA = "nation-1"
PARTITIONS = 16
MONTHS_AGO = 25
MOST_SECONDS, MOST_MEGABYTES = 600, 300  # for a check of the whole audit log
LINE, COPY = "reporting_indicatorline", "scale_line"
COPY_SNAPSHOTS = """
    INSERT INTO reporting_snapshot (period_id, version, state, rules_version, fingerprint, timeliness, taken_at,
        published_why)
    SELECT other.id, 1, 'draft', snapshot.rules_version, snapshot.fingerprint, snapshot.timeliness,
        snapshot.taken_at, ''
    FROM reporting_snapshot snapshot JOIN boards_reportingperiod month ON month.id = snapshot.period_id
        JOIN boards_reportingperiod other ON other.starts_on = month.starts_on AND other.area_id <> month.area_id
"""
COPY_LINES = """
    INSERT INTO reporting_indicatorline (snapshot_id, {columns})
    SELECT theirs.id, {of_line}
    FROM reporting_indicatorline line JOIN reporting_snapshot snapshot ON snapshot.id = line.snapshot_id
        JOIN boards_reportingperiod month ON month.id = snapshot.period_id
        JOIN boards_reportingperiod other ON other.starts_on = month.starts_on AND other.area_id = %s
        JOIN reporting_snapshot theirs ON theirs.period_id = other.id
    WHERE month.area_id = %s
"""
SIZES = """
    SELECT relid::regclass::text, (SELECT count(*) FROM {table}), pg_relation_size(relid), pg_indexes_size(relid)
    FROM pg_stat_user_tables WHERE relname = '{table}'
"""
LARGEST = "SELECT relname FROM pg_stat_user_tables ORDER BY pg_total_relation_size(relid) DESC LIMIT 6"
WITH_AREA = """
    INSERT INTO {copy} SELECT line.*, month.area_id FROM {line} line
    JOIN reporting_snapshot snapshot ON snapshot.id = line.snapshot_id
    JOIN boards_reportingperiod month ON month.id = snapshot.period_id
"""


def main() -> int:
    parser = make_parser("scale", __doc__)
    parser.add_argument(
        "what", choices=("fill", "sizes", "pages", "packs", "record", "correction", "shared", "partitions")
    )
    parser.add_argument("--areas", type=int, default=400, metavar="N", help="how many to fill it with (400)")
    parser.add_argument("--months", type=int, default=120, metavar="N", help="of each area (120)")
    parser.add_argument("--events", type=int, default=10_000_000, metavar="N", help="of the audit log (10 million)")
    parser.add_argument("--rounds", type=int, default=40, metavar="N", help="how often to read a page or a month (40)")
    options = parser.parse_args()
    django.setup()
    match options.what:
        case "fill":
            fill(options.areas, options.months)
        case "sizes":
            sizes()
        case "pages":
            pages(options.rounds)
        case "packs":
            packs()
        case "record":
            record(options.events)
        case "correction":
            correction()
        case "shared":
            shared(options.rounds)
        case "partitions":
            partitions(options.rounds)
    return 0


def ask(text: str, *values: Any) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(text, values or None)
        return cursor.fetchall() if cursor.description else []


class Spent:
    """The CPU of Python and of PostgreSQL, in seconds, since it was made."""

    def __init__(self) -> None:
        ((self.backend,),) = ask("SELECT pg_backend_pid()")
        self.python, self.server = time.process_time(), cpu_of_server(self.backend) or 0.0

    def __str__(self) -> str:
        server = (cpu_of_server(self.backend) or 0.0) - self.server
        return f"{time.process_time() - self.python:.1f} s in Python, {server:.1f} s in PostgreSQL"


def fill(areas: int, months: int) -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from boards.models import PartnershipArea, ReportingPeriod
    from boards.rules import MonthStatus
    from core.models import User
    from reporting.models import IndicatorLine
    from reporting.months.rollup import roll_up_each_area

    call_command("migrate", verbosity=0)
    if not PartnershipArea.objects.exists():  # else an earlier try stopped after this
        spent = Spent()
        call_command("make_national", areas=areas, months=months)
        print(f"make_national: {spent}")
    ask("ANALYZE")  # a plan without statistics reads every figure again and again
    own = PartnershipArea.objects.get(slug=AREA)
    closed = ReportingPeriod.objects.filter(status=MonthStatus.CLOSED.value)
    spent = Spent()
    list(roll_up_each_area(closed.filter(area=own)))
    print(f"a roll-up of {months - 1} months of one area: {spent}")
    spent = Spent()
    ask(COPY_SNAPSHOTS)
    quote = connection.ops.quote_name
    fields = [each for each in IndicatorLine._meta.concrete_fields if each.name not in ("id", "snapshot")]
    names = [quote(str(each.column)) for each in fields]
    text = COPY_LINES.format(columns=", ".join(names), of_line=", ".join(f"line.{name}" for name in names))
    for area in PartnershipArea.objects.exclude(pk=own.pk).order_by("pk"):
        ask(text, area.pk, own.pk)
    print(f"{IndicatorLine.objects.count():,} lines: {spent}")
    somebody = User.objects.order_by("pk").values_list("pk", flat=True)[0]
    ask(
        "UPDATE reporting_snapshot SET state = 'published', published_at = now() - interval '1 day',"
        " fresh_until = now() - interval '1 day', published_by_id = %s",
        somebody,
    )
    published = {"status": MonthStatus.PUBLISHED.value, "published_at": timezone.now(), "published_by_id": somebody}
    closed.update(**published, stale_since=None)
    ask("VACUUM ANALYZE")


def sizes() -> None:
    print(f"{'table':<28}{'rows':>12}{'MB':>9}{'indexes':>9}{'bytes a row, with indexes':>28}")
    for (name,) in ask(LARGEST):
        ((table, rows, heap, indexes),) = ask(SIZES.format(table=name))
        print(f"{table:<28}{rows:>12,}{heap / 1e6:>9.0f}{indexes / 1e6:>9.0f}{(heap + indexes) / max(1, rows):>28.0f}")
    ((total,),) = ask("SELECT pg_database_size(current_database())")
    ((full, every),) = ask(
        f"SELECT avg(pg_column_size(line.*)) FILTER (WHERE json_array_length(line.history::json) >= 35),"
        f" avg(pg_column_size(line.*)) FROM {LINE} line WHERE line.id % 20 = 0"
    )
    print(f"the database {total / 1e6:,.0f} MB; a line with three years {full or 0:.0f} B, any line {every or 0:.0f} B")


def pages(rounds: int) -> None:
    from django.core.cache import caches
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from bench.speed.browser import Browser
    from boards.models import Board

    month, code = newest()
    board = Board.objects.filter(area__slug=AREA).order_by("position")[0].code
    person = Browser(f"coordinator@{AREA}.example")
    urls = {
        "a month": f"/{AREA}/{month}/",
        "a board's month": f"/{AREA}/{month}/{board}/",
        "an indicator": f"/{AREA}/indicators/{code}/",
        "the months": f"/{AREA}/months/",
        "every figure as CSV": f"/{AREA}/exports/history.csv",
    }
    ((backend,),) = ask("SELECT pg_backend_pid()")
    print(f"{'page':<24}{'Python':>10}{'PostgreSQL':>12}{'queries':>9}")
    for name, url in urls.items():

        def get(url: str = url) -> None:
            caches["pages"].clear()
            status, _, _ = person.ask(person.factory.get(url))
            if status != 200:
                raise SystemExit(f"{url} answered {status}.")

        get()
        with CaptureQueriesContext(connection) as queries:
            get()
        asked = len(queries)  # each later request empties the list
        some = rounds if "CSV" not in name else max(3, rounds // 10)
        python, server = per_round(get, some, backend)
        print(f"{name:<24}{python:>7.1f} ms{server:>9.1f} ms{asked:>9}")


def per_round(act: Callable[[], object], rounds: int, backend: int) -> tuple[float, float]:
    """Return the median milliseconds of Python's CPU, and the mean ones of the connection's."""
    python, before = [], cpu_of(backend)
    for _ in range(rounds):
        begun = time.process_time()
        act()
        python.append((time.process_time() - begun) * 1000)
    return statistics.median(python), (cpu_of(backend) - before) * 1000 / rounds


def newest() -> tuple[str, str]:
    """Return the newest published month, and an indicator of it."""
    from core.calendar import Month
    from reporting.models import IndicatorLine, Snapshot

    published = Snapshot.objects.standing().filter(period__area__slug=AREA).order_by("-period__starts_on")
    snapshot = published.select_related("period")[0]
    line = IndicatorLine.objects.filter(snapshot=snapshot, category_code="").order_by("position")[0]
    return str(Month.of(snapshot.period.starts_on)), line.indicator_code


def packs() -> None:
    from boards.models import Board, ReportingPeriod
    from reporting.models.packs import PackKind
    from reporting.packs.pdf.typesetting import build_pack
    from reporting.packs.presenters.order import make_pack
    from reporting.packs.presenters.sources import Order

    periods = ReportingPeriod.objects.select_related("area").filter(area__slug=AREA, status="published")
    for kind, board in product(
        (PackKind.MONTH, PackKind.YEAR), Board.objects.filter(area__slug=AREA).order_by("position")
    ):
        times, size = [], 0
        for period in periods.order_by("-starts_on")[:5]:
            begun = cpu_of(os.getpid())  # a process of its own sets the pack, which has ended by then
            size = len(build_pack(make_pack(Order(period, board, kind), include_drafts=False).pack))
            times.append(cpu_of(os.getpid()) - begun)
        name = f"{kind.label}, {board.code}"
        print(f"{name:<24} median {statistics.median(times):.2f} s of CPU, {size / 1000:.0f} kB")


def record(events: int) -> None:
    """Check an audit log of so many events as the product does. Exits with a sentence if it misses its bound."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    write_record(events)
    spent, begun = Spent(), time.monotonic()
    from core.audit_log.sealing import check

    finding = check(AREA)
    seconds, megabytes = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{finding.head.number:,} events: {seconds:.0f} s on the clock, {spent}, {megabytes:.0f} MB")
    if finding.fault:
        raise SystemExit(finding.fault)
    if seconds > MOST_SECONDS or megabytes > MOST_MEGABYTES:
        raise SystemExit(f"Missed: at most {MOST_SECONDS} s and {MOST_MEGABYTES} MB.")


def write_record(events: int) -> None:
    """Write a chain of events like those of a return, without the acts that they are of."""
    from django.utils import timezone

    from core.audit_log.sealing import as_link, digest
    from core.chain import START, make_link, make_salt
    from core.models import AuditChain, AuditEvent

    if AuditChain.objects.filter(area=AREA).exists():
        return  # it is there from an earlier try
    link, first = START, timezone.now() - timedelta(seconds=events)
    for numbers in batched(range(1, events + 1), 1_000, strict=False):
        some = []
        for number in numbers:
            event = AuditEvent(
                number=number,
                happened_at=first + timedelta(seconds=number),
                actor_id=number % 2000,
                actor=f"lead-{number % 2000}@{AREA}.example",
                area=AREA,
                verb="submission.saved",
                target_type="submission",
                target_id=str(number % 24_000),
                target=f"Return of month {number % 120}",
                details={"figures": {"lines": number % 40, "arrests": number % 17}, "note": "", "revision": number % 5},
                salt=make_salt(),
            )
            event.digest = digest(event)
            event.link = link = make_link(link, AREA, as_link(event))
            some.append(event)
        AuditEvent.objects.bulk_create(some)
    AuditChain.objects.create(area=AREA, number=events, link=link)
    ask("VACUUM ANALYZE core_auditevent")


def correction() -> None:
    from django.db import transaction
    from django.utils import timezone

    from boards.models import ReportingPeriod
    from indicators.models import Observation
    from reporting.models import IndicatorLine, SnapshotState
    from reporting.months.rollup import roll_up

    periods = ReportingPeriod.objects.filter(area__slug=AREA, status="published").order_by("-starts_on")
    months = list(periods[:MONTHS_AGO])
    with transaction.atomic():
        figure = Observation.objects.filter(period=months[-1], category=None).order_by("indicator__code")[0]
        Observation.objects.filter(pk=figure.pk).update(value=(figure.value or 0) + 3, signed_off_at=timezone.now())
        spent = Spent()
        roll_up(ReportingPeriod.objects.filter(pk__in=[month.pk for month in months]))
        print(f"a figure of {MONTHS_AGO} months ago, corrected: {spent}")
        drafts = IndicatorLine.objects.filter(snapshot__state=SnapshotState.DRAFT.value, snapshot__period__in=months)
        earlier = {
            (line.snapshot.period_id, line.indicator_code, line.category_code): line.inputs
            for line in IndicatorLine.objects.filter(
                snapshot__state=SnapshotState.PUBLISHED.value, snapshot__period__in=months
            ).select_related("snapshot")
        }
        lines = list(drafts.select_related("snapshot"))
        keys = [(line.snapshot.period_id, line.indicator_code, line.category_code) for line in lines]
        other = sum(earlier[key] != line.inputs for key, line in zip(keys, lines, strict=True))
        some = ", ".join(str(line.pk) for line in lines)
        ((size,),) = ask(f"SELECT sum(pg_column_size(line.*)) FROM {LINE} line WHERE id IN ({some})")
        print(f"{len(lines)} lines and {size / 1e6:.2f} MB are written; {other} lines have other figures")
        transaction.set_rollback(True)


def shared(rounds: int) -> None:
    """Read lines as if those that a new version leaves as they were stayed with the version that wrote them."""
    ask("CREATE TABLE scale_kept (snapshot_id bigint, line_id bigint, PRIMARY KEY (snapshot_id, line_id))")
    try:
        ask(
            f"CREATE VIEW scale_both AS SELECT snapshot_id AS version, line.* FROM {LINE} line UNION ALL"
            f" SELECT kept.snapshot_id, line.* FROM scale_kept kept JOIN {LINE} line ON line.id = kept.line_id"
        )
        # As if the last months were second versions, of which one line differs.
        keys = newest_snapshots(rounds)
        for key in keys:
            ask(
                "INSERT INTO scale_kept SELECT -snapshot_id, id FROM reporting_indicatorline"
                " WHERE snapshot_id = %s AND position > 0",
                key,
            )
        ask("VACUUM ANALYZE scale_kept")
        compare(
            {
                "as it is": (f"SELECT * FROM {LINE} WHERE snapshot_id = %s ORDER BY position", keys),
                "the view, a first version": ("SELECT * FROM scale_both WHERE version = %s ORDER BY position", keys),
                "the view, a second version": (
                    "SELECT * FROM scale_both WHERE version = %s ORDER BY position",
                    [-key for key in keys],
                ),
            }
        )
    finally:
        ask("DROP TABLE scale_kept CASCADE")


def newest_snapshots(some: int) -> list[int]:
    from reporting.models import Snapshot

    found = Snapshot.objects.filter(period__area__slug=AREA).order_by("-period__starts_on")
    return list(found.values_list("pk", flat=True)[:some])


def compare(statements: dict[str, tuple[str, list[int]]]) -> None:
    for name, (text, keys) in statements.items():
        planned, ran = (statistics.median(each) for each in zip(*explain(text, keys), strict=True))
        print(f"{name:<28} planned in {planned:.2f} ms, ran in {ran:.2f} ms (on the clock)")


def partitions(rounds: int) -> None:
    from boards.models import PartnershipArea

    unique = "snapshot_id, indicator_code, category_code"
    spent = Spent()
    ask(f"DROP TABLE IF EXISTS {COPY}")
    ask(
        f"CREATE TABLE {COPY} (LIKE {LINE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS, area_id bigint NOT NULL)"
        " PARTITION BY HASH (area_id)"
    )
    for number in range(PARTITIONS):
        values = f"WITH (MODULUS {PARTITIONS}, REMAINDER {number})"
        ask(f"CREATE TABLE {COPY}_{number} PARTITION OF {COPY} FOR VALUES {values}")
    ask(WITH_AREA.format(copy=COPY, line=LINE))
    ask(f"ALTER TABLE {COPY} ADD PRIMARY KEY (area_id, id), ADD UNIQUE (area_id, {unique})")
    ask(f"CREATE INDEX ON {COPY} (snapshot_id)")
    ask(f"VACUUM ANALYZE {COPY}")
    print(f"copied: {spent}")
    ((heap, indexes),) = ask(f"SELECT pg_relation_size('{LINE}'), pg_indexes_size('{LINE}')")
    print(f"as it is: {heap / 1e6:.0f} MB, indexes {indexes / 1e6:.0f} MB")
    ((heap, indexes),) = ask(
        "SELECT sum(pg_relation_size(inhrelid))::bigint, sum(pg_indexes_size(inhrelid))::bigint FROM pg_inherits"
        f" WHERE inhparent = '{COPY}'::regclass"
    )
    print(f"partitions: {heap / 1e6:.0f} MB, indexes {indexes / 1e6:.0f} MB")
    area, keys = PartnershipArea.objects.get(slug=AREA).pk, newest_snapshots(rounds)
    compare(
        {
            "as it is": (f"SELECT * FROM {LINE} WHERE snapshot_id = %s ORDER BY position", keys),
            "partitions, with the area": (
                f"SELECT * FROM {COPY} WHERE area_id = {area} AND snapshot_id = %s ORDER BY position",
                keys,
            ),
            "partitions, without it": (f"SELECT * FROM {COPY} WHERE snapshot_id = %s ORDER BY position", keys),
        }
    )
    for name in (LINE, f"{COPY}_0"):
        spent = Spent()
        ask(f"VACUUM (INDEX_CLEANUP ON, DISABLE_PAGE_SKIPPING) {name}")
        print(f"VACUUM {name}: {spent}")
    ask(f"DROP TABLE {COPY}")


def explain(text: str, keys: Sequence[int]) -> Iterator[tuple[float, float]]:
    for key in [*keys[:3], *keys]:  # the first ones read the catalogue
        ((found,),) = ask(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {text}", key)
        yield found[0]["Planning Time"], found[0]["Execution Time"]


if __name__ == "__main__":
    sys.exit(main())
