"""What is measured, what was reported, and what happened to it."""

from indicators.models.catalogue import (
    Category,
    Collection,
    Dimension,
    Indicator,
    IndicatorBoard,
    IndicatorDefinition,
    IndicatorQuerySet,
    Section,
)
from indicators.models.disclosure import DisclosureRule, MonthMarking
from indicators.models.history import Correction, FigureAct, FigureChange
from indicators.models.names import LineName, NameViewer
from indicators.models.reminders import Reminder
from indicators.models.returns import REPORTED, Observation, ObservationQuerySet, Submission
from indicators.schedule import ReminderKind

__all__ = [
    "REPORTED",
    "Category",
    "Collection",
    "Correction",
    "Dimension",
    "DisclosureRule",
    "FigureAct",
    "FigureChange",
    "Indicator",
    "IndicatorBoard",
    "IndicatorDefinition",
    "IndicatorQuerySet",
    "LineName",
    "MonthMarking",
    "NameViewer",
    "Observation",
    "ObservationQuerySet",
    "Reminder",
    "ReminderKind",
    "Section",
    "Submission",
]
