"""Who may see which figure? Pure: the one gate that every snapshot's figures pass.

Partners under the information-sharing agreement see true figures. The public sees lines of a public
edition only: what `indicators.protection.families` leaves of them, and nothing that is worked out from
anything else (reporting.public.editions). The gate looks once more at each such line, and lets none through
that was never protected or that its own rule would withhold.
"""

from collections.abc import Iterable
from typing import Protocol

from core.labels import Labelled
from indicators.protection.families import Count
from indicators.protection.rules import Round, parse_token
from indicators.trend import CellState


class Audience(Labelled):
    PARTNERS = "partners", "Partners under the information-sharing agreement"
    PUBLIC = "public", "The public"


class Marking(Labelled):
    """How a month is to be handled, from the mildest to the strictest: the Government Security
    Classifications' names."""

    NONE = "", "No marking"
    OFFICIAL = "OFFICIAL", "OFFICIAL"
    SENSITIVE = "OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE"

    def is_below(self, other: "Marking") -> bool:
        order = list(Marking)
        return order.index(self) < order.index(other)


# What a month's figures are marked with until an information officer says otherwise.
USUAL_MARKING = {Audience.PARTNERS: Marking.SENSITIVE, Audience.PUBLIC: Marking.NONE}


class AudienceRefused(Exception):
    """Nothing may be shown to this audience. Its text is a sentence for the user."""


class Disclosed(Protocol):
    """What the gate looks at in a line. `protected_by` is the token of the rule that the line of a public
    edition was protected by; empty for a line that partners see."""

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


def disclose[Line: Disclosed](lines: Iterable[Line], *, audience: Audience) -> list[Line]:
    """The lines as the audience may see them.

    Raises AudienceRefused where one of them isn't for the public.
    """
    kept = list(lines)
    if audience is not Audience.PARTNERS:
        for line in kept:
            refuse_unprotected(line)
    return kept


def refuse_public(audience: Audience) -> None:
    """For what is never public, such as who signed a figure off. Raises AudienceRefused."""
    if audience is not Audience.PARTNERS:
        raise AudienceRefused("This is for partners only.")


def refuse_unprotected(line: Disclosed) -> None:
    """Raises AudienceRefused for a line that says more than a public edition may."""
    if not line.protected_by:
        raise AudienceRefused(f"{line.indicator_code} is for partners only: it is not from a public edition.")
    rule = parse_token(line.protected_by)
    # A ratio is in tenths of what is shown: what counts is what it was worked out from, which is exact.
    shown = (*line.numerators, *line.denominators) if line.ratio else (line.value, *line.history)
    values = [value for value in shown if value is not None]
    if line.ratio and isinstance(rule, Round):
        says_too_much = bool(values)
    elif isinstance(rule, Round):
        says_too_much = any(value % rule.base for value in values)
    else:
        says_too_much = any(Count(value, rule).is_primary for value in values)
    if says_too_much or line.note or line.revised_why:
        raise AudienceRefused(f"{line.indicator_code} says more than its rule lets the public see.")
    if line.state == CellState.WITHHELD and line.value is not None:
        raise AudienceRefused(f"{line.indicator_code} is withheld but has a value.")
