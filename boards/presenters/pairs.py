"""Which acts need two people, and who were they? Read from events of the record. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from core.selectors.record import Asked, Event

type Target = tuple[str, str]  # the kind of a thing and its key


@dataclass(frozen=True, slots=True)
class Kind:
    """An act that needs two people: its name, the verbs of its events, and what a page says that each person did."""

    name: str
    thing: str
    asked: str
    agreed: str
    declined: str
    asked_words: str = "asked"
    agreed_words: str = "confirmed"
    declined_words: str = "declined"


KINDS = (
    Kind(
        "Returns accepted",
        *("submission", "submitted", "accepted", "returned"),
        asked_words="submitted",
        agreed_words="accepted",
        declined_words="gave back",
    ),
    Kind(
        "Returns released",
        *("submission", "submitted", "released", ""),
        asked_words="submitted",
        agreed_words="released",
    ),
    Kind("Corrections", "correction", "asked", "accepted", "declined", agreed_words="accepted"),
    Kind("Past figures", "figure_import", "asked", "confirmed", "declined", asked_words="brought in"),
    Kind("Roles", "role_request", "asked", "confirmed", "declined"),
    Kind("Weaker rules", "rule_request", "asked", "confirmed", "declined", agreed_words="agreed"),
    Kind("Lost devices", "factor_reset", "asked", "reset", "refused"),
    Kind("Public editions", "public_edition", "asked", "agreed", "declined", agreed_words="approved"),
    Kind("Permissions", "consent", "given", "agreed", "", asked_words="gave", agreed_words="agreed"),
    Kind("Changes of recording", "recording_change", "asked", "confirmed", "declined"),
)
ASKING = sorted({f"{kind.thing}.{kind.asked}" for kind in KINDS})
AGREED = {f"{kind.thing}.{kind.agreed}": kind for kind in KINDS}
DECLINED = {f"{kind.thing}.{kind.declined}": kind for kind in KINDS if kind.declined}
DECIDING = sorted(AGREED | DECLINED)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people of one act: who asked and when, and who decided and when."""

    kind: Kind
    asked_by: str
    asked_at: datetime | None
    decided_by: str
    decided_at: datetime
    is_declined: bool

    @property
    def words(self) -> str:
        """Return "ann@police.example submitted, alex@council.example accepted"."""
        done = self.kind.declined_words if self.is_declined else self.kind.agreed_words
        return f"{self.asked_by} {self.kind.asked_words}, {self.decided_by} {done}"

    @property
    def seconds(self) -> float | None:
        """Return how long after it was asked it was decided; None where nobody knows."""
        return (self.decided_at - self.asked_at).total_seconds() if self.asked_at else None


def is_decision(event: Event) -> bool:
    return event.verb in AGREED or event.verb in DECLINED


def needs_search(event: Event) -> bool:
    """Return whether the event's own details don't say who asked: earlier releases didn't write it."""
    return is_decision(event) and "asked_by" not in event.details


def find_pair(event: Event, asked: Mapping[Target, Iterable[Asked]]) -> Pair | None:
    """Return the two people of an act; None for an act of one person, and where nobody knows who asked. `asked` has the
    events of asking about its thing, the oldest first."""
    if not is_decision(event):
        return None
    kind = AGREED.get(event.verb) or DECLINED[event.verb]
    by, at = str(event.details.get("asked_by", "")), _read_time(event.details.get("asked_at"))
    if not by:
        before = [
            each
            for each in asked.get((event.target_type, event.target_id), ())
            if each.verb == f"{kind.thing}.{kind.asked}" and each.happened_at <= event.happened_at
        ]
        if not before:
            return None
        by, at = before[-1].actor, before[-1].happened_at
    return Pair(kind, by, at, event.actor, event.happened_at, event.verb in DECLINED)


def _read_time(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
