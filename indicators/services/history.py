"""Records what happened to figures and to indicators' set-up.

The services that make a change call it in their transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from core.calendar import Month
from core.models import User
from indicators.models import FigureAct, FigureChange, Indicator, IndicatorAct, IndicatorChange, Observation


@dataclass(frozen=True, slots=True)
class FigureBefore:
    """A figure before a change: its state (empty where there was none), its value and its note."""

    state: str = ""
    value: int | None = None
    note: str = ""

    @classmethod
    def of(cls, observation: Observation | None) -> "FigureBefore":
        return cls() if observation is None else cls(observation.state, observation.value, observation.note)


NOTHING = FigureBefore()


def note_changes(
    act: FigureAct,
    changes: Iterable[tuple[Observation, FigureBefore, FigureBefore]],
    *,
    by: User | None,
    at: datetime,
    why: str = "",
) -> None:
    """Write one line for each figure: (whose figure it is, what it was, what it is). One statement.

    `by` is None for a file that was imported at the command line.
    """
    # Thousands of figures may come from one file. A batch stays below the values that a statement may have.
    FigureChange.objects.bulk_create(
        [
            FigureChange(
                indicator_id=figure.indicator_id,
                category_id=figure.category_id,
                period_id=figure.period_id,
                act=act.value,
                state_before=before.state,
                value_before=before.value,
                note_before=before.note,
                state_after=after.state,
                value_after=after.value,
                note_after=after.note,
                why=why,
                made_at=at,
                made_by=by,
            )
            for figure, before, after in changes
        ],
        batch_size=1000,
    )


def note_set_up(
    act: IndicatorAct, indicator: Indicator, *, month: Month | None = None, fields: Iterable[str] = (), by: User
) -> None:
    """Write one line: what was done to an indicator, with the names of changed fields."""
    IndicatorChange.objects.create(
        indicator=indicator,
        act=act.value,
        month=month.first_day if month else None,
        fields=list(fields),
        made_at=timezone.now(),
        made_by=by,
    )
