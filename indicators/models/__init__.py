"""The models: what is measured, what was reported, and its history."""

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
from indicators.models.comparisons import ComparisonSeries
from indicators.models.disclosure import DisclosureRule, MonthMarking, RuleRequest
from indicators.models.figures import REPORTED, Observation, ObservationQuerySet
from indicators.models.history import Correction, FigureAct, FigureChange, IndicatorAct, IndicatorChange
from indicators.models.imports import FigureImport
from indicators.models.mappings import ColumnMapping
from indicators.models.moves import IndicatorMove
from indicators.models.names import LineName, NameReveal, NameViewer
from indicators.models.populations import Population
from indicators.models.recordings import LevelName, RecordingChange
from indicators.models.reminders import Reminder
from indicators.models.returns import Submission
from indicators.schedule import ReminderKind

__all__ = [
    "REPORTED",
    "Category",
    "Collection",
    "ColumnMapping",
    "ComparisonSeries",
    "Correction",
    "Dimension",
    "DisclosureRule",
    "FigureAct",
    "FigureChange",
    "FigureImport",
    "Indicator",
    "IndicatorAct",
    "IndicatorBoard",
    "IndicatorChange",
    "IndicatorDefinition",
    "IndicatorMove",
    "IndicatorQuerySet",
    "LevelName",
    "LineName",
    "MonthMarking",
    "NameReveal",
    "NameViewer",
    "Observation",
    "ObservationQuerySet",
    "Population",
    "RecordingChange",
    "Reminder",
    "ReminderKind",
    "RuleRequest",
    "Section",
    "Submission",
]
