"""The kinds of figures that a chapter can have, and what somebody chose of one. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.calendar import Month
from core.labels import Labelled

MOST_MONTHS = 36  # of an indicator: a published month holds no more


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
