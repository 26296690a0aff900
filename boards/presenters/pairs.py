"""Find the two people of each act that needs two, from events of the record. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from boards.reads import Asked, Event

type Target = tuple[str, str]  # the kind of a thing and its key


@dataclass(frozen=True, slots=True)
class Kind:
    """An act that needs two people: the verbs of its events, and what a page says that each person did."""

    thing: str
    asked: str
    agreed: str
    declined: str
    asked_words: str = "asked"
    agreed_words: str = "confirmed"
    declined_words: str = "declined"


KINDS = (
    Kind(
        *("submission", "submitted", "accepted", "returned"),
        asked_words="submitted",
        agreed_words="accepted",
        declined_words="sent back",
    ),
    Kind("submission", "submitted", "released", "", asked_words="submitted", agreed_words="released"),
    Kind("correction", "asked", "accepted", "declined", agreed_words="accepted"),
    Kind("figure_import", "asked", "confirmed", "declined", asked_words="imported"),
    Kind("role_request", "asked", "confirmed", "declined"),
    Kind("rule_request", "asked", "confirmed", "declined", agreed_words="agreed"),
    Kind("factor_reset", "asked", "reset", "refused"),
    Kind("public_edition", "asked", "agreed", "declined", agreed_words="approved"),
    Kind("consent", "given", "agreed", "", asked_words="gave", agreed_words="agreed"),
    Kind("recording_change", "asked", "confirmed", "declined"),
)
ASKING = sorted({f"{kind.thing}.{kind.asked}" for kind in KINDS})
AGREED = {f"{kind.thing}.{kind.agreed}": kind for kind in KINDS}
DECLINED = {f"{kind.thing}.{kind.declined}": kind for kind in KINDS if kind.declined}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people of one act: who asked, and who decided."""

    kind: Kind
    asked_by: str
    decided_by: str
    is_declined: bool

    @property
    def words(self) -> str:
        """Return "ann@police.example submitted, alex@council.example accepted"."""
        done = self.kind.declined_words if self.is_declined else self.kind.agreed_words
        return f"{self.asked_by} {self.kind.asked_words}, {self.decided_by} {done}"


def is_decision(event: Event) -> bool:
    return event.verb in AGREED or event.verb in DECLINED


def needs_search(event: Event) -> bool:
    """Return whether the event's own details don't say who asked: earlier releases didn't write it."""
    return is_decision(event) and "asked_by" not in event.details


def find_pair(event: Event, askings: Mapping[Target, Iterable[Asked]]) -> Pair | None:
    """Return the two people of an act; None for an act of one person, and where nobody knows who asked. `askings` has
    the events of asking about its thing, the oldest first."""
    if not is_decision(event):
        return None
    kind = AGREED.get(event.verb) or DECLINED[event.verb]
    asked_by = str(event.details.get("asked_by", ""))
    if not asked_by:
        before = [
            asking.actor
            for asking in askings.get((event.target_type, event.target_id), ())
            if asking.verb == f"{kind.thing}.{kind.asked}" and asking.happened_at <= event.happened_at
        ]
        if not before:
            return None
        asked_by = before[-1]
    return Pair(kind, asked_by, event.actor, event.verb in DECLINED)
