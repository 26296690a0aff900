"""The record and the uses of keys, as a page and as a file."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from boards.key_secrets import Scope
from boards.presenters.pairs import Target, find_pair
from boards.reads import MOST_ROWS, Asked, Event
from boards.selectors import HourOfUse
from core.calendar import Month, date_label
from core.files.sheets import LONGEST_CELL, NoteSection
from core.files.tables import DataFile, Row, make_file_stem
from core.models import AuditChain

LONGEST = 300  # characters of a detail on the page; the file has all
# Codes of things that the pages call something else.
THINGS = {
    "advice": "“See the signs”",
    "factor": "Second factor",
    "factor_reset": "Reset of a second factor",
    "figure_import": "Past figures",
    "hook": "Webhook",  # of an earlier release (docs/adr/0066)
    "key": "Key for a machine",
    "keys": "Keys for machines",
    "kpi": "KPI",
    "membership": "Role",
    "name_viewer": "Permission to see names",
    "openness": "Who may see an indicator",
    "pack_bundle": "Bundle of packs",
    "role_request": "Request about a role",
    "rule_request": "Request to weaken a rule",
    "submission": "Return",
    "user": "Account",
    "voice": "What people said",
}
ACTS = {"pressed": "asked again", "set": "set", "revoked": "ended", "told": "emailed"}
DAY, MONTH = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII), re.compile(r"\d{4}-\d{2}", re.ASCII)


def describe_verb(verb: str) -> str:
    """Return "Return accepted" for submission.accepted."""
    thing, _, act = verb.partition(".")
    return f"{THINGS.get(thing, _spaced(thing).capitalize())} {ACTS.get(act, _spaced(act))}".strip()


def describe_kind(label: str) -> str:
    """Return what the product calls a kind of thing: "Role" for boards.membership."""
    name = label.rpartition(".")[2]
    if name in THINGS:
        return THINGS[name]
    try:
        return str(apps.get_model(label)._meta.verbose_name).capitalize()
    except (LookupError, ValueError, ImproperlyConfigured):
        return _spaced(name).capitalize()  # a kind of an earlier release, or a page


def describe_details(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return each detail that says something: its name, and its value."""
    said = []
    for name, value in details.items():
        # An erasure has a digest for each event that it changed: they are for `verify_audit`.
        shown = len(value) if name == "events" and isinstance(value, dict) else value
        if shown not in (None, "", [], {}):
            said.append((_spaced(name.removeprefix("is_")), _cut(describe(shown))))
    return said


def describe(value: Any) -> str:
    """Return a value in words: "31 March 2027", "yes", "name from Police to Essex Police"."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    if isinstance(value, str):
        return _describe_day(value)
    if isinstance(value, Mapping):
        return "; ".join(f"{_spaced(str(name))} {_describe_change(change)}" for name, change in value.items())
    if isinstance(value, list):
        return ", ".join(map(describe, value))
    return json.dumps(value, ensure_ascii=False)


def _describe_change(change: Any) -> str:
    if isinstance(change, list) and len(change) == 2:
        before, after = (describe(value) if value not in (None, "", []) else "nothing" for value in change)
        return f"from {before} to {after}"
    return describe(change)


def _describe_day(text: str) -> str:
    try:
        if DAY.fullmatch(text):
            return date_label(date.fromisoformat(text))
        if MONTH.fullmatch(text):
            return Month.parse(text).label
    except ValueError:
        pass  # it only looks like one
    return text


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}…"


def list_words(values: Iterable[str]) -> list[tuple[str, str]]:
    """Return the options of a filter by what people did, sorted by their words."""
    return sorted(((value, describe_verb(value)) for value in values), key=lambda option: option[1].casefold())


MARKING = "OFFICIAL-SENSITIVE"
NOTHING: Mapping[Target, Iterable[Asked]] = MappingProxyType({})
# The names are an interface: somebody's spreadsheet reads them.
RECORD_COLUMNS = {
    "number": "The event’s place in its area’s chain; empty if the event isn’t in a chain.",
    "at": "When it happened, in London’s time.",
    "person": "The person’s email address, “system”, or the pseudonym of someone whose name was erased.",
    "area": "The area’s name in addresses; empty if the event belongs to no area.",
    "verb": "What happened, as a code.",
    "kind": "The kind of thing, as a code.",
    "key": "The thing’s key in the database.",
    "thing": "What the thing was called at the time.",
    "details": "The details, as JSON.",
    "link": "The event’s link: a hash made from the event and the link before it.",
    "asked_by": "If the decision needed two people, who asked for it.",
}


@dataclass(frozen=True, slots=True)
class EventView:
    """An event as a page shows it. `story` is the end of the address of everything about its thing."""

    at: datetime
    person: str
    what: str
    kind: str
    thing: str
    details: list[tuple[str, str]]
    number: int | None
    area: str
    story: str
    pair: str = ""  # the two people of an act that needed two


def view_event(event: Event, askings: Mapping[Target, Iterable[Asked]] = NOTHING) -> EventView:
    """`askings` has the events of asking for the thing that this event decided: boards.presenters.pairs."""
    pair = find_pair(event, askings)
    # The two people are shown beside the details.
    hidden = () if pair is None else ("asked_by", "asked_at")
    details = {name: value for name, value in event.details.items() if name not in hidden}
    return EventView(
        at=event.happened_at,
        person=event.actor,
        what=describe_verb(event.verb),
        kind=describe_kind(event.target_type),
        thing=event.target,
        details=describe_details(details),
        number=getattr(event, "number", None),
        area=event.area,
        story=f"?{urlencode({'of': f'{event.target_type}:{event.target_id}'})}",
        pair=pair.words if pair is not None else "",
    )


@dataclass(frozen=True, slots=True)
class ChainView:
    """What a page says about a chain."""

    name: str
    head: str
    sentence: str
    is_broken: bool


def view_chain(chain: AuditChain) -> ChainView:
    checked = timezone.localtime(chain.checked_at) if chain.checked_at else None
    when = f"{checked:%-d %B %Y at %H:%M}" if checked else ""
    if not when:
        sentence = "No one has checked yet whether an event was changed."
    elif chain.fault:
        sentence = f"The check on {when} found the audit log broken. {chain.fault}"
    else:
        sentence = f"The check on {when} found the audit log whole, up to event {chain.checked_number}."
    return ChainView(chain.area or "No area", f"{chain.number}:{chain.link}", sentence, bool(chain.fault))


def make_record_file(
    events: Sequence[Event],
    askings: Mapping[Target, Iterable[Asked]],
    *,
    area: str,
    title: str,
    filters: Sequence[str],
    made_at: datetime,
) -> DataFile:
    """Return the events as a file, the newest first: at most MOST_ROWS."""
    about = {"area": area, "made_at": made_at.isoformat(), "filters": list(filters), "most_rows": MOST_ROWS}
    return DataFile(
        stem=make_file_stem(MARKING, area, title.lower(), f"{timezone.localtime(made_at):%Y-%m-%d}"),
        title=title,
        marking=MARKING,
        columns=list(RECORD_COLUMNS),
        rows=[_as_row(event, askings) for event in events],
        about=about,
        notes=lambda: _make_notes(filters),
        made_at=made_at,
        rows_are="events",
    )


def _as_row(event: Event, askings: Mapping[Target, Iterable[Asked]]) -> Row:
    pair = find_pair(event, askings)
    return {
        "number": getattr(event, "number", None),
        "at": timezone.localtime(event.happened_at).isoformat(timespec="seconds"),
        "person": event.actor,
        "area": event.area,
        "verb": event.verb,
        "kind": event.target_type,
        "key": event.target_id,
        "thing": event.target,
        "details": json.dumps(event.details, ensure_ascii=False, sort_keys=True)[:LONGEST_CELL],
        "link": getattr(event, "link", ""),
        "asked_by": pair.asked_by if pair is not None else "",
    }


def _make_notes(filters: Sequence[str]) -> list[NoteSection]:
    chosen = [("Filters", "; ".join(filters) or "None"), ("Rows", f"At most the newest {MOST_ROWS:,}")]
    return [NoteSection("What is in it", chosen), NoteSection("Columns", list(RECORD_COLUMNS.items()))]


@dataclass(frozen=True, slots=True)
class HourRow:
    label: str
    requests: int
    refused: int
    asked: str


@dataclass(frozen=True, slots=True)
class DayRow:
    label: str
    requests: int
    refused: int
    hours: list[HourRow]


def make_days(uses: Iterable[HourOfUse], first: date) -> list[DayRow]:
    """Return each day from `first` on with a request, the newest first, and so its hours."""
    days: dict[date, dict[int, list[HourOfUse]]] = {}
    for use in uses:
        if use.day >= first:
            days.setdefault(use.day, {}).setdefault(use.hour, []).append(use)
    return [
        DayRow(
            label=f"{day:%A} {date_label(day)}",
            requests=sum(use.requests for in_hour in hours.values() for use in in_hour),
            refused=sum(use.refused for in_hour in hours.values() for use in in_hour),
            hours=[make_hour(hour, in_hour) for hour, in_hour in sorted(hours.items(), reverse=True)],
        )
        for day, hours in sorted(days.items(), reverse=True)
    ]


def make_hour(hour: int, uses: list[HourOfUse]) -> HourRow:
    """Return one row. When the clocks go back, an hour of that name comes twice."""
    scopes = frozenset[Scope]().union(*(use.asked for use in uses))
    return HourRow(
        label=f"{hour:02}:00 to {(hour + 1) % 24:02}:00",
        requests=sum(use.requests for use in uses),
        refused=sum(use.refused for use in uses),
        asked="; ".join(scope.label for scope in Scope if scope in scopes) or "Not noted",
    )
