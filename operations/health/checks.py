"""Check how the product is. Each check has its own limit of time.

A check says no figure, no area and no person: monitors read it.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import F, Max, Min, Q
from django.utils.module_loading import import_string

from boards.models import ReportingPeriod
from core.files import objects
from core.jobs import find_clock, list_jobs
from core.models import Alarm, Job, OutboxEntry
from core.requests_in_progress import LATE, list_slots
from operations.backups.manifest import BACK_UP, DRILL
from operations.health.kinds import Check, Finding, Source
from operations.releases import has_newest_migrations

if TYPE_CHECKING:  # it has 60 modules, and there needn't be a Redis
    from redis import Redis

LONGEST_STATEMENT = 2.0  # seconds
LONGEST_PING = 0.2  # seconds
QUEUE = "celery"  # Celery’s own name: the jobs’ wakes are there
QUIET = timedelta(minutes=3)  # beat wakes a worker each minute
UNSENT = timedelta(minutes=30)
LONGEST_STALE = timedelta(minutes=10)
LONGEST_WITHOUT_BACKUP, LONGEST_WITHOUT_DRILL = timedelta(hours=26), timedelta(days=40)
MOST_ALARMS = 20
MOST_NAMED = 3
MANY_TRIES = 4  # the fourth is 35 minutes after the first: see core.timetable.is_tried_again
LEAST_PART, LEAST_FREE = 0.1, 10**9  # of a disk, and bytes


def list_checks(now: datetime) -> list[Check]:
    """Make every check of the settings, in order. Raises nothing.

    If the database doesn't answer, the checks that need it are left out: each would wait for it again.
    """
    checks: list[Check] = []
    for name, source in settings.CHECKS.items():
        is_down = source["needs_database"] and any(
            earlier.name == "database" and not earlier.is_well for earlier in checks
        )
        if not is_down and (check := make_check(name, source, now)) is not None:
            checks.append(check)
    return checks


def make_check(name: str, source: Source, now: datetime) -> Check | None:
    """Make one check. A fault of the check itself counts as ill, and says only of which kind it is."""
    find: Callable[[datetime], Finding] = import_string(source["check"])
    started = perf_counter()
    try:
        with limit_statements() if source["needs_database"] else _nothing():
            finding = find(now)
    except Exception as fault:  # noqa: BLE001  # its text may have an address or a password
        finding = (False, f"It doesn’t answer ({type(fault).__name__}).")
    if finding is None:
        return None
    is_well, sentence = finding
    return Check(name, is_well, sentence, source["label"], perf_counter() - started)


@contextmanager
def limit_statements() -> Iterator[None]:
    """Let no statement take longer than LONGEST_STATEMENT, nor wait longer for a lock."""
    most = int(LONGEST_STATEMENT * 1000)
    if connection.vendor == "sqlite":
        usual = int(connection.settings_dict["OPTIONS"].get("timeout", 5) * 1000)
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {most}")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA busy_timeout = {usual}")
    elif connection.in_atomic_block:
        yield
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {most}")
            yield


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def list_alarms() -> list[Alarm]:
    """Return the open alarms, and the newest of those that are over. One query."""
    newest = Alarm.objects.order_by(F("over_at").desc(nulls_first=True), "-since")
    return list(newest[:MOST_ALARMS])


# --- How jobs and e-mails are ---------------------------------------------------------------------


def list_successes() -> dict[str, float]:
    """Return when each job last succeeded, in seconds since 1970. One query."""
    done = Job.objects.exclude(succeeded_at=None).values_list("name", "succeeded_at")
    return {name: moment.timestamp() for name, moment in done if name in settings.JOBS and moment}


def is_by_clock() -> bool:
    """Return whether scheduled jobs run here. Without a worker, somebody's own scheduler may run them."""
    return not settings.CELERY_TASK_ALWAYS_EAGER or find_clock() is not None


@dataclass(frozen=True, slots=True)
class LettersTried:
    """How many unsent e-mails we try again, when the last try was, and what went wrong."""

    number: int
    tried_at: datetime
    fault: str


def find_letters_tried() -> LettersTried | None:
    """Return them, or None if there are none. Two queries."""
    waiting = OutboxEntry.objects.waiting().exclude(fault="")
    last = waiting.order_by("claimed_at").last()
    if last is None:
        return None
    return LettersTried(waiting.order_by().values("message_id").distinct().count(), last.claimed_at, last.fault)


# --- The checks ------------------------------------------------------------------------------------


def check_database(now: datetime) -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    if not has_newest_migrations(connection):
        return False, "It isn’t of this release: manage.py migrate says what to do."
    return True, "It answers."


def check_cache(now: datetime) -> Finding:
    """Save, read and delete a row of the table that counts tries. On a full disk nobody can sign in."""
    key = f"state-{uuid4().hex}"  # of its own: another process may check at the same moment
    cache.set(key, 1, timeout=60)
    is_there = cache.get(key) == 1
    cache.delete(key)
    return (True, "It can be written and read.") if is_there else (False, "What was written can’t be read.")


def check_broker(now: datetime) -> Finding:
    if settings.CELERY_TASK_ALWAYS_EAGER:
        return None
    with _ask_redis() as redis:
        redis.ping()
    return True, "It answers."


def check_worker(now: datetime) -> Finding:
    if not _has_wakes():
        return None
    quiet = _is_quiet(now)
    if quiet is None:
        return True, "It runs jobs."
    waiting = _count_waiting()
    # Without Redis nothing reaches a worker, so that check says what is wrong.
    return (False, f"{quiet} Tasks are waiting: {waiting}.") if waiting else None


def check_beat(now: datetime) -> Finding:
    if not _has_wakes():
        return None
    quiet = _is_quiet(now)
    if quiet is None:
        return True, "It wakes the worker every minute."
    return (False, f"{quiet} Nothing is waiting for a worker.") if _count_waiting() == 0 else None


def check_clock(now: datetime) -> Finding:
    clock = find_clock()
    if clock is not None and clock.doubted_at is not None:
        return False, "It has jumped. Daily jobs wait until it is right, or an operator confirms it."
    return True, "It hasn’t jumped."


def check_months(now: datetime) -> Finding:
    """Look for a month whose figures changed long ago, and that isn't rolled up.

    Without a worker, whoever opens a month brings it up to date.
    """
    if settings.CELERY_TASK_ALWAYS_EAGER:
        return None
    stale = ReportingPeriod.objects.filter(stale_since__isnull=False)
    since: datetime | None = stale.aggregate(since=Min("stale_since"))["since"]
    if since is None or now - since <= LONGEST_STALE:
        return True, "No month is waiting longer than it should."
    return False, f"One month has been waiting {(now - since) // timedelta(minutes=1)} minutes to be updated."


def check_mail(now: datetime) -> Finding:
    """Look for e-mails that nobody got within half an hour, and that we still try to send."""
    late = Q(tries__gte=MANY_TRIES) | Q(claimed_at__lte=now - UNSENT)
    if waiting := OutboxEntry.objects.waiting().filter(late).order_by().values("message_id").distinct().count():
        return False, f"Emails that haven’t been sent for half an hour: {waiting}."
    return True, "No email has waited for more than half an hour."


def check_jobs(now: datetime) -> Finding:
    if not is_by_clock():
        return None
    late = [job.label for job in list_jobs(now) if job.is_late(now)]
    if not late:
        return True, "No job is late."
    more = len(late) - MOST_NAMED
    return False, f"Late: {'; '.join(late[:MOST_NAMED])}{f'; and {more} more' if more > 0 else ''}."


def check_objects(now: datetime) -> Finding:
    """Ask the store of pictures and packs, unless they are in the database."""
    wrong = objects.probe()
    return None if wrong is None else (not wrong, wrong or "It answers.")


def check_backup(now: datetime) -> Finding:
    """Look when `back_up` last made a backup, and when one was last restored for a drill. None if it never has: others
    may back this database up."""
    when = dict(Job.objects.filter(name__in=(BACK_UP, DRILL)).values_list("name", "succeeded_at"))
    made, tried = when.get(BACK_UP), when.get(DRILL)
    if made is None:
        return None
    if now - made > LONGEST_WITHOUT_BACKUP:
        return False, f"The newest backup is {(now - made) // timedelta(hours=1)} hours old."
    if tried is not None and now - tried > LONGEST_WITHOUT_DRILL:
        return False, f"The last drill that restored a backup was {(now - tried).days} days ago."
    return True, "The newest backup is from the last 26 hours."


def check_requests(now: datetime) -> Finding:
    """Look at what the processes of this web server answer. Gunicorn ends a request after 30 seconds."""
    slots = list_slots()
    if not slots:
        return None
    answered = [request for request in slots if request is not None]
    oldest = max((request.seconds for request in answered), default=0.0)
    sentence = f"{len(answered)} of {len(slots)} processes answer a request. The oldest has taken {oldest:.0f} s."
    return oldest < LATE, sentence


def check_disk(now: datetime) -> Finding:
    """Look at the disks of this process. PostgreSQL’s own disk is for its own monitor."""
    places = {"temporary files": Path(tempfile.gettempdir()), "static files": Path(settings.STATIC_ROOT)}
    if connection.vendor == "sqlite":
        places["the database"] = Path(str(connection.settings_dict["NAME"])).parent
    full = []
    for words, place in places.items():
        if place.is_dir():
            disk = shutil.disk_usage(place)
            if disk.free < LEAST_FREE and disk.free < LEAST_PART * disk.total:
                full.append(f"The disk of {words} has {disk.free // 10**6} MB left.")
    return (False, " ".join(full)) if full else (True, "There is room.")


def _ask_redis() -> "Redis":
    from redis import Redis  # noqa: PLC0415
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=LONGEST_PING,
        socket_connect_timeout=LONGEST_PING,
        retry=Retry(NoBackoff(), retries=0),
    )


def _has_wakes() -> bool:
    """Return whether beat wakes a worker here: without Redis, somebody's own scheduler runs the jobs."""
    return not settings.CELERY_TASK_ALWAYS_EAGER


def _is_quiet(now: datetime) -> str | None:
    """Return since when no job has started, in a sentence, or None if one has just started.

    By the jobs: `Clock.seen_at` doesn't move while the clock is in doubt.
    """
    newest: datetime | None = Job.objects.aggregate(newest=Max("started_at"))["newest"]
    if newest is None:
        return "No job has ever started."
    if now - newest <= QUIET:
        return None
    return f"No job has started for {(now - newest) // timedelta(minutes=1)} minutes."


def _count_waiting() -> int | None:
    """Return how many tasks wait for a worker, or None if Redis doesn't say."""
    from redis import RedisError  # noqa: PLC0415

    try:
        with _ask_redis() as redis:
            return int(redis.llen(QUEUE))
    except RedisError:
        return None
