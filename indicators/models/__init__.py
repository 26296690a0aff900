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
from indicators.models.pathways import Pathway, PathwayStep
from indicators.models.returns import Submission
from indicators.models.validation import ValidationRule
from indicators.workflow import ReminderKind
