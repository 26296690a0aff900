"""Is all that was acknowledged there, once and whole? And does everything else hold that always has to?"""

import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import Message

from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Model as Row

from actions.models import Action, ActionUpdate, Challenge, ChallengeAct, ChallengeEntry, Meeting
from actions.workflow import ChallengeState
from bench.faults.model import Model, State, Write
from bench.faults.towns import clock_moved
from core.files import objects
from core.jobs import run_due_jobs, trust_clock
from core.letter_kinds import OutboxKind
from core.models import AuditEvent, OutboxEntry
from indicators.figures import Entry
from indicators.models import Submission
from reporting.models import IndicatorLine, IssuedPack, PackBundle
from reporting.months.rollup import stale_periods
from reporting.packs.pdf.typesetting import BROKEN_OFF, BUSY, TOO_LONG

LATER = (65, 80, 95)  # minutes, at which the jobs run once more; what a killed worker had claimed has lapsed
SAID_WHY = ("The disk may be full", BROKEN_OFF, TOO_LONG, BUSY)
TIMES = {State.ACKNOWLEDGED: {1}, State.REFUSED: {0}, State.UNKNOWN: {0, 1}}
TEXTS: dict[str, tuple[type[Row], str, dict[str, object]]] = {
    "update": (ActionUpdate, "text", {}),
    "action": (Action, "title", {}),
    "challenge": (Challenge, "question", {}),
    "answer": (ChallengeEntry, "text", {"act": ChallengeAct.ANSWERED.value}),
    "minutes": (Meeting, "notes", {}),
    "pack": (IssuedPack, "meeting", {}),
}
EVENTS: dict[str, type[Row]] = {
    "action.added": Action,
    "action.updated": ActionUpdate,
    "challenge.raised": Challenge,
    "meeting.planned": Meeting,
    "pack_bundle.asked": PackBundle,
}


def make_good() -> Iterator[str]:
    """Run the jobs as often as it takes, by a clock that goes on. Yield what fails the last time."""
    for minutes in LATER:
        with clock_moved(timedelta(minutes=minutes)):
            trust_clock(by=None)
            failed = [f"The job {name} fails: {fault}" for name, fault in run_due_jobs() if fault]
    yield from failed


def find_faults(model: Model, letters: list[Message]) -> Iterator[str]:
    """Yield a sentence for whatever is lost, doubled, spoilt or left behind."""
    yield from model.surprises
    for write in model.writes:
        yield from look_for(write)
    yield from look_at_events()
    yield from look_at_letters(letters)
    yield from look_at_files()
    for stale in stale_periods():
        yield f"{stale} is still stale."
    for command in ("verify_audit", "check --database default --fail-level WARNING"):
        said = io.StringIO()
        try:
            call_command(*command.split(), stdout=said, stderr=said)
        except CommandError as fault:
            yield f"{command} fails: {fault} {said.getvalue()}"
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            whole = cursor.execute("PRAGMA integrity_check").fetchall()
        if whole != [("ok",)]:
            yield f"SQLite finds its file broken: {whole}"


# --- Writes ------------------------------------------------------------------------------------------


def look_for(write: Write) -> Iterator[str]:
    if write.kind in TEXTS:
        model, field, options = TEXTS[write.kind]
        rows = model._default_manager.filter(**options, **{f"{field}__contains": write.key})
        # A reader finds what was typed, and not a part of it.
        found, whole = rows.count(), rows.filter(**{field: write.text}).count()
        if found not in TIMES[write.state]:
            yield f"{found} times: {write}"
        if found != whole:
            yield f"Not whole: {write}"
    else:
        yield from FINDERS[write.kind](write)


def look_for_meeting(write: Write) -> Iterator[str]:
    found = Meeting.objects.filter(area__slug=write.where["town"], held_on=write.where["held_on"]).count()
    if found not in TIMES[write.state]:
        yield f"{found} times: {write}"


def look_for_bundle(write: Write) -> Iterator[str]:
    """Two people who ask for the same get the same."""
    if write.state is State.ACKNOWLEDGED and not PackBundle.objects.filter(pk=write.where["bundle"]).exists():
        yield f"Lost: {write}"


def find_return(write: Write) -> Submission | None:
    return Submission.objects.filter(
        agency__area__slug=write.where["town"],
        agency__code=write.where["agency"],
        period__starts_on=write.where["month"].first_day,
    ).first()


def look_for_draft(write: Write) -> Iterator[str]:
    """Nothing was ever typed over it: each return is one person's."""
    held, (box, value) = find_return(write), write.where["figure"]
    entry = held.entries.get(box, Entry()) if held else Entry()
    is_there = (entry.value, entry.note) == (str(value), write.text)
    if entry.value and not is_there:
        yield f"Spoilt, {entry}: {write}"
    if int(is_there) not in TIMES[write.state]:
        yield f"{int(is_there)} times: {write}"


def look_for_submitted(write: Write) -> Iterator[str]:
    held, (box, value) = find_return(write), write.where["figure"]
    figures = list(held.observations.filter(indicator__code=box).values_list("value", flat=True)) if held else []
    if figures and figures != [value]:
        yield f"Spoilt, {figures}: {write}"
    if len(figures) not in TIMES[write.state]:
        yield f"{len(figures)} times: {write}"


def look_for_accepted(write: Write) -> Iterator[str]:
    """And it has reached its month."""
    submission, (box, value) = find_return(write), write.where["figure"]
    accepted = submission if submission and submission.state == "accepted" else None
    times = int(accepted is not None)
    if times not in TIMES[write.state]:
        yield f"{times} times: {write}"
    if accepted:
        lines = IndicatorLine.objects.filter(snapshot__period=accepted.period, indicator_code=box)
        figures = list(lines.values_list("value", flat=True))
        if figures != [value]:
            yield f"Its month has {figures}: {write}"


FINDERS: dict[str, Callable[[Write], Iterator[str]]] = {
    "meeting": look_for_meeting,
    "bundle": look_for_bundle,
    "draft": look_for_draft,
    "submitted": look_for_submitted,
    "accepted": look_for_accepted,
}


# --- Everything else ---------------------------------------------------------------------------------


def look_at_events() -> Iterator[str]:
    """Whatever was done is in the record, once."""
    for verb, model in EVENTS.items():
        events, rows = AuditEvent.objects.filter(verb=verb).count(), model._default_manager.count()
        if events != rows:
            yield f"The record has {verb} {events} times, and there are {rows}."


def look_at_letters(letters: list[Message]) -> Iterator[str]:
    """Each person has one email a day, by name. The same may arrive again, when nobody knew whether it had."""
    arrived = {letter["Message-ID"] for letter in letters}
    for entry in OutboxEntry.objects.select_related("person"):
        if entry.sent_at is None:
            yield f"Never sent: {entry}, after {entry.tries} tries: {entry.fault}"
        elif entry.message_id and entry.message_id not in arrived:
            yield f"Marked as sent, and never arrived: {entry}"
    names = {(letter["To"], letter["Message-ID"]) for letter in letters}
    told = set(OutboxEntry.objects.filter(kind=OutboxKind.DAY.value).values_list("person__email", "message_id"))
    for address, count in Counter(address for address, _ in names & told).items():
        if count > 1:
            yield f"{address} got {count} emails on one day."
    written = {address for address, _ in names}
    for challenge in Challenge.objects.filter(state=ChallengeState.RAISED.value).select_related("answerer"):
        if challenge.answerer.email not in written:
            yield f"{challenge.answerer.email} got no email about {challenge}"


def look_at_files() -> Iterator[str]:
    for bundle in PackBundle.objects.all():
        if any(words in bundle.fault for words in SAID_WHY):
            continue  # it was not made, and whoever asked for it can see why
        if bundle.finished_at is None or bundle.fault or bundle.file is None:
            yield f"{bundle} is not finished: {bundle.made} of {bundle.total}. {bundle.fault}"
        else:
            with zipfile.ZipFile(io.BytesIO(objects.read(bundle.file))) as packs:
                if packs.testzip() or len(packs.namelist()) < bundle.total:
                    yield f"{bundle} has a broken file: {packs.namelist()}"
    for pack in IssuedPack.objects.all():
        pdf = objects.read(pack.pdf)
        if hashlib.sha256(pdf).hexdigest() != pack.sha256 or not pdf.rstrip().endswith(b"%%EOF"):
            yield f"{pack} has a broken PDF."
