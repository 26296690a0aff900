"""The disclosure gate: the one gate that every snapshot's figures pass, for partners or for the public. Pure.

Partners under the information-sharing agreement see true figures. The public sees only the lines of a public edition,
as `indicators.protection.families` protects them (reporting.public.editions). Nothing public is worked out from any
other figures. The gate checks each such line again. It lets no line through that was never protected, or that its own
rule would withhold.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from core.labels import Labelled
from indicators.protection.families import Count
from indicators.protection.rules import Round, parse_token
from indicators.trend import CellState


class Audience(Labelled):
    PARTNERS = "partners", "Partners under the information-sharing agreement"
    PUBLIC = "public", "The public"


class Marking(Labelled):
    """How to handle a month, from the mildest to the strictest, in the names of the Government Security
    Classifications."""

    NONE = "", "No marking"
    OFFICIAL = "OFFICIAL", "OFFICIAL"
    SENSITIVE = "OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE"

    def is_below(self, other: "Marking") -> bool:
        order = list(Marking)
        return order.index(self) < order.index(other)


# The marking of a month's figures until an information officer changes it.
USUAL_MARKING = {Audience.PARTNERS: Marking.SENSITIVE, Audience.PUBLIC: Marking.NONE}


class AudienceRefused(Exception):
    """Raised where this audience may not see something. Its text is a sentence for the user."""


class Checked(Protocol):
    """What the gate checks in a line. `protected_by` is the token of the rule that protected a public edition's line;
    it is empty for a line that partners see."""

    @property
    def indicator_code(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def value(self) -> int | None: ...
    @property
    def note(self) -> str: ...
    @property
    def revised_why(self) -> str: ...
    @property
    def history(self) -> list[int | None]: ...
    @property
    def protected_by(self) -> str: ...
    @property
    def ratio(self) -> str: ...
    @property
    def numerators(self) -> list[int | None]: ...
    @property
    def denominators(self) -> list[int | None]: ...


@dataclass(frozen=True, slots=True)
class Disclosed[Line]:
    """A line that passed the gate. Only `disclose` makes one, so whoever asks for one is handed no other line."""

    line: Line


def disclose[Line: Checked](lines: Iterable[Line], *, audience: Audience) -> list[Disclosed[Line]]:
    """Return the lines that the audience may see.

    Raises AudienceRefused where one of them isn't for the public.
    """
    disclosed = [Disclosed(line) for line in lines]
    if audience is not Audience.PARTNERS:
        for passing in disclosed:
            refuse_unprotected(passing.line)
    return disclosed


def refuse_public(audience: Audience) -> None:
    """Check something that is never public, such as who signed a figure off. Raises AudienceRefused for the public."""
    if audience is not Audience.PARTNERS:
        raise AudienceRefused("This is for partners only.")


def refuse_unprotected(line: Checked) -> None:
    """Raise AudienceRefused for a line that says more than a public edition may."""
    if not line.protected_by:
        raise AudienceRefused(f"{line.indicator_code} is for partners only: it is not from a public edition.")
    rule = parse_token(line.protected_by)
    # A ratio is in tenths of what is shown. Check the exact counts that it was worked out from.
    shown = (*line.numerators, *line.denominators) if line.ratio else (line.value, *line.history)
    values = [value for value in shown if value is not None]
    # Rounded figures stay rounded only if no exact count is shown beside them.
    if line.ratio and isinstance(rule, Round):
        says_too_much = bool(values)
    elif isinstance(rule, Round):
        says_too_much = not all(map(rule.shows, values))
    else:
        says_too_much = any(Count(value, rule).is_primary for value in values)
    # Notes are written for partners, and may contain a figure.
    if says_too_much or line.note or line.revised_why:
        raise AudienceRefused(f"{line.indicator_code} says more than its rule lets the public see.")
    if line.state == CellState.WITHHELD and line.value is not None:
        raise AudienceRefused(f"{line.indicator_code} is withheld but has a value.")
