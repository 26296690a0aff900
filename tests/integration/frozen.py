"""What a published version, an edition and what is only added to refuse: how a test asks by SQL and by the ORM."""

import pytest
from django.db import IntegrityError, connection, models, transaction

from actions.models import ActionChange, ActionMove, ActionUpdate, ChallengeEntry, Expectation, KpiReview, KpiTarget
from core.calendar import Month
from indicators.models import (
    ComparisonSeries,
    Correction,
    FigureChange,
    FigureImport,
    IndicatorChange,
    IndicatorMove,
    MonthMarking,
    NameReveal,
    NameViewer,
    Population,
)
from reporting.models import (
    DocumentEdition,
    EditionWithdrawal,
    IndicatorLine,
    IssuedPack,
    KpiLine,
    MonthWithdrawal,
    PackPhoto,
    PublicEdition,
    PublicLine,
    Snapshot,
    VersionWithdrawal,
    WithdrawalExplanation,
)

SEPTEMBER = Month(2026, 9)
LINE, SNAPSHOT = IndicatorLine._meta.db_table, Snapshot._meta.db_table
PUBLIC_LINE, EDITION = PublicLine._meta.db_table, PublicEdition._meta.db_table
WITHDRAWAL, MARKING = EditionWithdrawal._meta.db_table, MonthMarking._meta.db_table
PACK, PHOTO = IssuedPack._meta.db_table, PackPhoto._meta.db_table
UPDATE, CHANGE, ENTRY = (model._meta.db_table for model in (ActionUpdate, ActionChange, ChallengeEntry))
MOVE, SET_UP, LOOK = (model._meta.db_table for model in (ActionMove, IndicatorChange, NameReveal))
VERSION_STAYS, EDITION_STAYS = "A published version stays as it was", "A published edition stays as it was"
TARGET, REVIEW, KPI_LINE = (model._meta.db_table for model in (KpiTarget, KpiReview, KpiLine))
RESIDENTS, EXPECTED = Population._meta.db_table, Expectation._meta.db_table
COMPARED, TAKEN_BACK = ComparisonSeries._meta.db_table, VersionWithdrawal._meta.db_table
CAUSE, EXPLAINED = MonthWithdrawal._meta.db_table, WithdrawalExplanation._meta.db_table
FIGURE, ASKED, VIEWER = (model._meta.db_table for model in (FigureChange, Correction, NameViewer))
BROUGHT, MOVED = FigureImport._meta.db_table, IndicatorMove._meta.db_table
DOCUMENT = DocumentEdition._meta.db_table
# Rows that are only added to.
ADDED = {
    WITHDRAWAL: ("A withdrawal", "withdrawn_by_id = 7"),
    MARKING: ("A marking", "marking = 'OFFICIAL-SENSITIVE'"),
    PACK: ("An issued pack", "meeting = 'x'"),
    PHOTO: ("A picture of an issued pack", "picture_id = 'x'"),
    DOCUMENT: ("An edition of a document", "reference = 'x'"),
    UPDATE: ("An update of an action", "text = 'x'"),
    CHANGE: ("A change of an action", "why = 'x'"),
    ENTRY: ("An entry of a challenge", "text = 'x'"),
    MOVE: ("A move of an action", "why = 'x'"),
    SET_UP: ("A change to an indicator", "act = 'reworded'"),
    LOOK: ("A look at names", "why = 'x'"),
    RESIDENTS: ("A population", "residents = 7"),
    TARGET: ("A target of a KPI", "reason = 'x'"),
    REVIEW: ("A review of a KPI", "note = 'x'"),
    EXPECTED: ("What someone expected", "percent = 7"),
    COMPARED: ("A comparison series", "name = 'x'"),
    CAUSE: ("A withdrawal of a month", "why = 'x'"),
    EXPLAINED: ("A reason for a withdrawal", "why = 'x'"),
    TAKEN_BACK: ("A version taken back", "why = 'x'"),
    FIGURE: ("A change to a figure", "value_before = 3"),
    ASKED: ("A correction", "reason = 'x'"),
    BROUGHT: ("An import of past figures", "figures = 7"),
    VIEWER: ("A permission to see names", "why = 'x'"),
    MOVED: ("A move of an indicator", "since = '2020-01-01'"),
}


def columns_of(model: type[models.Model]) -> str:
    return ", ".join(f.column for f in model._meta.concrete_fields if f.column != "id")


def every_row() -> list[object]:
    kinds: tuple[type[models.Model], ...] = (
        Snapshot,
        IndicatorLine,
        PublicEdition,
        PublicLine,
        EditionWithdrawal,
        MonthMarking,
        IssuedPack,
    )
    kinds += (PackPhoto, ActionUpdate, ActionChange, ActionMove, ChallengeEntry, IndicatorChange, NameReveal)
    kinds += (FigureChange, FigureImport, Correction, NameViewer, IndicatorMove)
    kinds += (Population, KpiTarget, KpiReview, KpiLine, Expectation, ComparisonSeries, VersionWithdrawal)
    kinds += (MonthWithdrawal, WithdrawalExplanation, DocumentEdition)
    return [list(model._default_manager.order_by("pk").values()) for model in kinds]


def sql(statement: str, **values: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        connection.check_constraints()  # PostgreSQL alters no table that has checks to come
        cursor.execute(statement.format(**values))


def refused(statement: str, held: dict[str, int], *, because: str = VERSION_STAYS) -> None:
    before = every_row()
    with pytest.raises(IntegrityError, match=because):
        sql(statement, **held)
    assert every_row() == before


def refuse_all(acts) -> None:
    for act in acts:
        with pytest.raises(IntegrityError, match="stays as it was"), transaction.atomic():
            act()
