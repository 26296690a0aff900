"""The kinds of figures that a chapter can have, and what somebody chose of one. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.calendar import Month
from core.labels import Labelled
from core.texts import one_line
from indicators.figures import shorten

MOST_MONTHS = 36  # of an indicator: a published month holds no more
# Characters of open data.
LONGEST_TITLE, LONGEST_SOURCE, LONGEST_LICENCE, LONGEST_WORDS = 160, 240, 80, 120


class FigureKind(Labelled):
    """What a figure is. Only the first two, a public KPI and open data can be in a public edition."""

    INDICATOR = "indicator", "An indicator over months"
    MAP = "map", "A map of where it comes from"
    KPI = "kpi", "A KPI"
    IMPACT = "impact", "Before and after"
    PATHWAY = "pathway", "A pathway"
    BREAKDOWN = "breakdown", "Whom it hits"
    OPEN = "open", "Open data"


@dataclass(frozen=True, slots=True)
class Choice:
    """A figure of a published month. `code` is the indicator's or the pathway's, or a KPI's number. `months` is how
    many an indicator shows, and `event` the action or event to look before and after.
    """

    kind: FigureKind
    code: str
    month: Month
    months: int = 1
    event: str = ""

    @property
    def first(self) -> Month:
        return self.month + -(self.months - 1)

    def as_data(self) -> dict[str, Any]:
        return {"code": self.code, "month": str(self.month), "months": self.months, "event": self.event}


def read_choice(kind: str, data: Mapping[str, Any]) -> Choice:
    """Return a stored choice. Raises KeyError or ValueError for one of open data."""
    return Choice(FigureKind(kind), data["code"], Month.parse(data["month"]), data["months"], data["event"])


@dataclass(frozen=True, slots=True)
class OpenNumber:
    """ "Residents aged 10 to 17", "18,420", "people"."""

    label: str
    number: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class OpenData:
    """Numbers that somebody typed from a published source, with its licence and the day on which they saw it."""

    title: str
    numbers: tuple[OpenNumber, ...]
    source: str
    licence: str
    day: str

    @property
    def said(self) -> str:
        """ "Census 2021, ONS. Open Government Licence v3.0. As published on 1 December 2026."."""
        return f"{self.source.rstrip('.')}. {self.licence.rstrip('.')}. As published on {self.day}."


MOST_NUMBERS = 30
NUMBER = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.\d{1,6})?%?")


def read_numbers(text: str) -> tuple[tuple[OpenNumber, ...], list[str]]:
    """Read a number from each line: what it is, the number and its unit, with a semicolon between. Returns them, and a
    sentence for each line with a fault."""
    lines = [line for line in text.splitlines() if one_line(line)]
    if len(lines) > MOST_NUMBERS:
        return (), [f"Enter at most {MOST_NUMBERS} numbers; there are {len(lines)}."]
    numbers, faults = [], []
    for line in lines:
        label, number, unit, *more = *(one_line(part) for part in line.split(";")), "", ""
        if not label or any(more):
            faults.append(f"“{shorten(one_line(line))}” isn’t in the form “what; number; unit”.")
        elif not NUMBER.fullmatch(number):
            faults.append(f"“{shorten(number or label)}” isn’t a number, such as 18,420 or 12.5%.")
        else:
            numbers.append(OpenNumber(label, number, unit))
    return tuple(numbers), faults


def find_too_long(data: OpenData) -> dict[str, str]:
    """Return what is too long for a chapter, by the form's field."""
    limits = (
        ("title", data.title, LONGEST_TITLE),
        ("source", data.source, LONGEST_SOURCE),
        ("licence", data.licence, LONGEST_LICENCE),
    )
    words = max((len(part) for one in data.numbers for part in (one.label, one.unit)), default=0)
    errors = {
        name: f"Shorten it to {longest} characters; it has {len(text):,}."
        for name, text, longest in limits
        if len(text) > longest
    }
    if words > LONGEST_WORDS:
        errors["numbers"] = f"Describe each number in at most {LONGEST_WORDS} characters; one has {words:,}."
    return errors
