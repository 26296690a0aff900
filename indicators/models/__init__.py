"""The models: what is measured, what was reported, and its history."""

from indicators.models.catalogue import (
    Category,
    Collection,
    Dimension,
    Indicator,
    IndicatorBoard,
    IndicatorDefinition,
    IndicatorMove,
    IndicatorQuerySet,
    LevelName,
    RecordingChange,
    Section,
)
from indicators.models.disclosure import DisclosureRule, MonthMarking, RuleRequest
from indicators.models.figures import REPORTED, Observation, ObservationQuerySet
from indicators.models.history import (
    ColumnMapping,
    Correction,
    FigureAct,
    FigureChange,
    FigureImport,
    IndicatorAct,
    IndicatorChange,
)
from indicators.models.names import LineName, NameReveal, NameViewer
from indicators.models.open_data import ComparisonSeries, Population
from indicators.models.returns import Reminder, Submission
from indicators.workflow import ReminderKind

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
