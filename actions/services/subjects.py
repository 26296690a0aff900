"""What is a challenge or an offer of support about, and who gets it? Checks both before they are saved."""

from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Max

from actions.models import Action, Challenge, Support
from actions.workflow import ActionState
from boards.models import Agency, Board, PartnershipArea, ReportingPeriod, Responsibility, Strand
from boards.services.choices import why_not_chosen
from core.models import User
from core.texts import tidy_text
from indicators.models import Indicator

ONE_THING = "Choose what it is about: an indicator in a month, an action, a strand or a responsibility."
ONE_PLACE = "Choose who it goes to: a board or an agency."


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody wants to raise or to offer: about exactly one thing, to a board or an agency."""

    area: PartnershipArea
    board: Board | None = None
    agency: Agency | None = None
    indicator: Indicator | None = None
    period: ReportingPeriod | None = None
    action: Action | None = None
    strand: Strand | None = None
    responsibility: Responsibility | None = None

    @property
    def place(self) -> Board | Agency | None:
        return self.board or self.agency

    @property
    def addressee(self) -> str:
        """Return its addressee for a sentence."""
        return f"the {self.board}" if self.board else str(self.agency)

    def columns(self) -> dict[str, object]:
        """Return the values of its row's columns."""
        names = ("area", "board", "agency", "indicator", "period", "action", "strand", "responsibility")
        return {name: getattr(self, name) for name in names}


def read_again[Kind: Draft](draft: Kind) -> Kind:
    """Load its parts again, after the area is locked: somebody may have retired, archived or removed one since it was
    chosen."""
    # Without the area, which is locked as it is.
    parts: dict[str, Any] = {name: part for name, part in draft.columns().items() if part and part != draft.area}
    fresh = {name: type(part)._default_manager.filter(pk=part.pk).first() for name, part in parts.items()}
    return replace(draft, **fresh)


def find_faults(draft: Draft) -> dict[str, str]:
    """Return what is wrong with it, by field. Raises PermissionDenied if a part of it belongs to another area."""
    check_area(draft)
    faults: dict[str, str] = {}
    wrong = fault_of_thing(draft)
    if wrong:
        faults["about"] = wrong
    if (draft.board is None) == (draft.agency is None):
        faults["to"] = ONE_PLACE
    elif why_not := why_not_chosen(draft.place, area_id=draft.area.pk):
        faults["to"] = why_not
    return faults


def check_area(draft: Draft) -> None:
    parts = (draft.board, draft.agency, draft.indicator, draft.period, draft.action, draft.strand)
    areas = {part.area_id for part in parts if part is not None}
    if draft.responsibility is not None:
        # It has no area of its own.
        areas.add(draft.responsibility.board.area_id)
    # Not an error beside a field: only a forged form names another area's row.
    if areas - {draft.area.pk}:
        raise PermissionDenied("Choose a subject and a board or agency in this area.")


def fault_of_thing(draft: Draft) -> str:
    things = [draft.indicator, draft.action, draft.strand, draft.responsibility]
    if sum(thing is not None for thing in things) != 1 or (draft.indicator is None) != (draft.period is None):
        return ONE_THING
    if draft.period is not None and not draft.period.is_published:
        # The person who is asked must be able to read the subject.
        return f"{draft.period.month.label} is not published yet. You can ask when the boards can read it."
    if draft.action is not None and draft.action.state == ActionState.ARCHIVED:
        return f"{draft.action.reference} is archived, so it is no longer in the plan."
    return ""


def next_number(model: type[Challenge] | type[Support], area: PartnershipArea) -> int:
    """Return the area's next number. The caller has locked the area."""
    last: int | None = model._default_manager.filter(area=area).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def read_text(text: str, *, longest: int, missing: str, what: str) -> tuple[str, str]:
    """Return the text to save and what is wrong with it: `missing`, a sentence if it is too long, or nothing.

    A line's end counts as one character, as people see it when they type.
    """
    text = tidy_text(text)
    if not text:
        return text, missing
    if len(text) > longest:
        return text, f"Shorten the {what} to {longest:,} characters; it has {len(text):,}."
    return text, ""


def named(person: User) -> str:
    """Return a person for the audit log."""
    return person.email
