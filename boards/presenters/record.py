"""How does the record look, as a page and as a file?"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from urllib.parse import urlencode

from django.utils import timezone

from boards.presenters.pairs import Target, find_pair
from boards.presenters.record_words import describe_details, describe_kind, describe_verb
from core.files import DataFile, Row, make_file_stem
from core.models import AuditChain
from core.selectors.record import MOST_ROWS, Asked, Event
from core.workbook import LONGEST_CELL, NoteSection

MARKING = "OFFICIAL-SENSITIVE"
NOTHING: Mapping[Target, Iterable[Asked]] = MappingProxyType({})
# The names are an interface: somebody's spreadsheet reads them.
RECORD_COLUMNS = {
    "number": "The event’s place in its area’s chain; empty if it isn’t chained.",
    "at": "When it happened, in London’s time.",
    "person": "The e-mail address of the person, “system”, or the pseudonym of somebody whose name was erased.",
    "area": "The area’s name in addresses; empty if it belongs to no area.",
    "verb": "What happened, as a code.",
    "kind": "The kind of thing, as a code.",
    "key": "The thing’s key in the database.",
    "thing": "What the thing was called then.",
    "details": "The details, as JSON.",
    "link": "The event’s link: a hash of the link before it and of the event.",
    "asked_by": "Who asked for what this person decided, where it needed two people.",
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


def view_event(event: Event, asked: Mapping[Target, Iterable[Asked]] = NOTHING) -> EventView:
    """`asked` has the events of asking for the thing that this event decided: boards.presenters.pairs."""
    pair = find_pair(event, asked)
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
        sentence = "Nobody has checked yet whether an event was changed."
    elif chain.fault:
        sentence = f"The check on {when} found it broken. {chain.fault}"
    else:
        sentence = f"The check on {when} found it whole, up to event {chain.checked_number}."
    return ChainView(chain.area or "No area", f"{chain.number}:{chain.link}", sentence, bool(chain.fault))


def make_record_file(
    events: Sequence[Event],
    asked: Mapping[Target, Iterable[Asked]],
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
        rows=[_as_row(event, asked) for event in events],
        about=about,
        notes=lambda: _make_notes(filters),
        made_at=made_at,
        rows_are="events",
    )


def _as_row(event: Event, asked: Mapping[Target, Iterable[Asked]]) -> Row:
    pair = find_pair(event, asked)
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
    chosen = [("Filters", "; ".join(filters) or "None"), ("Rows", f"The newest {MOST_ROWS:,} at most")]
    return [NoteSection("What is in it", chosen), NoteSection("Columns", list(RECORD_COLUMNS.items()))]
