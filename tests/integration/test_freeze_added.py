"""What is only added to stays as it was, whoever writes to the database."""

from copy import deepcopy

import pytest
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from actions.models import ActionChange, ActionMove, ActionUpdate, Expectation, KpiReview, KpiTarget
from boards.rules import Role
from indicators.figures import Entry
from indicators.models import (
    ComparisonSeries,
    Correction,
    FigureChange,
    Indicator,
    IndicatorChange,
    MonthMarking,
    NameReveal,
    NameViewer,
    Population,
)
from indicators.services.corrections import ask_correction, decline_correction
from indicators.services.names import end_view, grant_view
from reporting.models import (
    DocumentEdition,
    EditionWithdrawal,
    IssuedPack,
    PackPhoto,
    PublicEdition,
    VersionWithdrawal,
)
from reporting.public.taking_down import explain, withdraw_month
from tests import scenarios
from tests.challenging import ask
from tests.documents import leave_documents
from tests.engagement import count
from tests.factories import make_dimension
from tests.highlights import picture, tell
from tests.integration.frozen import (
    ADDED,
    ASKED,
    BROUGHT,
    CAUSE,
    CHANGE,
    COMPARED,
    DOCUMENT,
    ENTRY,
    EXPECTED,
    EXPLAINED,
    FIGURE,
    LOOK,
    MARKING,
    MOVE,
    MOVED,
    PACK,
    PHOTO,
    RESIDENTS,
    REVIEW,
    SEPTEMBER,
    SET_UP,
    TAKEN_BACK,
    TARGET,
    UPDATE,
    VIEWER,
    WITHDRAWAL,
    columns_of,
    refuse_all,
    refused,
    sql,
)
from tests.integration.rows_of_comparisons import leave_comparisons
from tests.integration.rows_of_events import leave_events
from tests.integration.rows_of_factors import leave_resets
from tests.integration.rows_of_imports import leave_imports
from tests.integration.rows_of_kpis import leave_kpis
from tests.integration.rows_of_plan import leave_plan
from tests.integration.rows_of_populations import leave_populations
from tests.integration.rows_of_rules import leave_move
from tests.integration.rows_of_withdrawals import leave_withdrawals
from tests.integration.test_freeze_editions import make_editions
from tests.scenarios import Town

pytestmark = pytest.mark.both_databases


@pytest.fixture(scope="module")
def made(standing) -> tuple[Town, dict[str, int]]:
    return standing(make_added)


@pytest.fixture
def added(db: None, made: tuple[Town, dict[str, int]]) -> dict[str, int]:
    return made[1]


@pytest.fixture
def town(made: tuple[Town, dict[str, int]]) -> Town:
    return deepcopy(made[0])


def make_added() -> tuple[Town, dict[str, int]]:
    """A withdrawn edition, a month that was marked, and a pack of it, with a picture."""
    town, editions = make_editions()
    officer = town.people[Role.INFORMATION]
    edition = PublicEdition.objects.get(pk=editions["e"])
    cause = withdraw_month(edition.period, is_urgent=True, by=officer)
    given = explain(cause, why="A figure was wrong", by=officer)
    marked = MonthMarking.objects.create(
        period=edition.period,
        audience="partners",
        marking="OFFICIAL",
        why="Agreed",
        set_at=timezone.now(),
        set_by=officer,
    )
    tell(town, picture=picture())
    pack = scenarios.issue(town, edition.period.month)
    leave_plan(town)
    kept = {UPDATE: ActionUpdate.objects.first(), CHANGE: ActionChange.objects.first(), ENTRY: ask(town).entries.get()}
    kept |= {PACK: pack, PHOTO: pack.photos.get(), MOVE: ActionMove.objects.first()}
    count(town)
    origin = make_dimension(town.area, "origin", ["london"]).categories.get()
    looked = NameReveal.objects.create(category=origin, why="A meeting", made_at=timezone.now(), made_by=officer)
    leave_populations(town)
    leave_kpis()
    kept |= {TARGET: KpiTarget.objects.first(), REVIEW: KpiReview.objects.first()}
    leave_events(town)
    leave_comparisons(town)
    leave_resets(town)
    leave_withdrawals()
    leave_documents(town)
    kept |= {DOCUMENT: DocumentEdition.objects.get()}
    kept |= {SET_UP: IndicatorChange.objects.first(), LOOK: looked, RESIDENTS: Population.objects.first()}
    kept |= {TAKEN_BACK: VersionWithdrawal.objects.get(), CAUSE: cause, EXPLAINED: given}
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    asked = ask_correction(arrests, None, edition.period, entry=Entry("7"), reason="A slip", by=town.lead)
    viewer = grant_view(town.area, user=town.people[Role.ANALYST], why="A meeting", by=officer)
    kept |= {FIGURE: FigureChange.objects.first(), ASKED: asked, VIEWER: viewer, BROUGHT: leave_imports(town)}
    kept |= {MOVED: leave_move(arrests, by=town.coordinator)}
    kept |= {EXPECTED: Expectation.objects.first(), COMPARED: ComparisonSeries.objects.first()}
    others = {table: row.pk for table, row in kept.items() if row}
    return town, {WITHDRAWAL: EditionWithdrawal.objects.get().pk, MARKING: marked.pk} | others


@pytest.mark.parametrize("table", ADDED)
def test_a_row_that_was_added_stays(added, table):
    words, change = ADDED[table]
    row = f"WHERE id = {added[table]}"
    statements = [
        f"UPDATE {table} SET {change} {row}",
        f"DELETE FROM {table} {row}",
    ]
    if connection.vendor == "sqlite":
        statements.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} {row}")
        statements.append(f"UPDATE OR REPLACE {table} SET {change}")
    else:
        statements.append(f"TRUNCATE {table} CASCADE")
    for statement in statements:
        refused(statement, {}, because=f"{words} stays as it was")
    # Where other rows find their area through it, another trigger is first.
    another = f"{words} stays as it was|can change its area or its id"
    refused(f"UPDATE {table} SET id = 7 {row}", {}, because=another)


@pytest.mark.parametrize(
    ("model", "words"),
    [(EditionWithdrawal, "A withdrawal"), (PackPhoto, "A picture of an issued pack"), (Population, "A population")],
)
def test_a_row_takes_no_other_ones_place(added, model: type[Model], words: str):
    if connection.vendor != "sqlite":
        return  # it has no REPLACE, and the unique constraint holds
    table, columns = model._meta.db_table, columns_of(model)
    replace = f"INSERT OR REPLACE INTO {table} ({columns}) SELECT {columns} FROM {table}"
    refused(replace, {}, because=f"{words} stays as it was")


def test_a_pack_takes_no_other_ones_place(added):
    if connection.vendor != "sqlite":
        return
    columns = columns_of(IssuedPack)
    another = columns.replace("reference", "'X-1'")  # of the same month, board and number
    for values in (columns, another):
        refused(
            f"INSERT OR REPLACE INTO {PACK} ({columns}) SELECT {values} FROM {PACK}",
            {},
            because="An issued pack stays as it was",
        )


def test_more_is_added(added):
    columns = columns_of(MonthMarking)
    sql(f"INSERT INTO {MARKING} ({columns}) SELECT {columns} FROM {MARKING}")
    assert MonthMarking.objects.count() == 2


def test_the_orm_is_refused_what_was_added_too(town, added):
    withdrawal, marked, photo = EditionWithdrawal.objects.get(), MonthMarking.objects.get(), PackPhoto.objects.get()
    refuse_all([withdrawal.save, withdrawal.delete, marked.save, marked.delete, photo.save, photo.delete])
    pack = scenarios.issue(town, SEPTEMBER.next)  # without pictures
    refuse_all([pack.save, pack.delete])


def test_a_document_is_withdrawn_once_and_goes_only_when_it_is_due(town, added):
    words = "An edition of a document stays as it was"
    gone = "removed_on = '2040-01-01', pdf_id = NULL, content = '{{}}'"
    refused(f"UPDATE {DOCUMENT} SET {gone}", {}, because=words)  # nobody announced it
    withdrawn = "withdrawn_at = issued_at, withdrawn_by_id = issued_by_id, withdrawn_why = 'A slip'"
    refused(f"UPDATE {DOCUMENT} SET {withdrawn}, reference = 'x'", {}, because=words)
    sql(f"UPDATE {DOCUMENT} SET {withdrawn}")
    refused(f"UPDATE {DOCUMENT} SET withdrawn_why = 'x'", {}, because=words)


def test_a_request_is_decided_once_and_then_stays(town, added):
    correction = Correction.objects.get()
    refused(f"UPDATE {ASKED} SET comment = 'x'", {}, because="A correction stays as it was")  # and nothing is decided
    now = "decided_at = asked_at, decided_by_id = asked_by_id"
    refused(f"UPDATE {ASKED} SET state = 'declined', {now}, new_value = 8", {}, because="A correction stays as it was")
    decline_correction(correction, comment="It isn’t so", by=town.coordinator)
    for change in ("state = 'asked', decided_at = NULL, decided_by_id = NULL", "comment = 'x'", "state = 'accepted'"):
        refused(f"UPDATE {ASKED} SET {change}", {}, because="A correction stays as it was")


def test_a_permission_ends_once_and_then_stays(town, added):
    ended = "ended_at = granted_at, ended_by_id = granted_by_id"
    words = "A permission to see names stays as it was"
    refused(f"UPDATE {VIEWER} SET {ended}, why = 'x'", {}, because=words)
    end_view(NameViewer.objects.get(), why="Over", by=town.people[Role.INFORMATION])
    for change in ("ended_at = NULL, ended_by_id = NULL", ended):
        refused(f"UPDATE {VIEWER} SET {change}", {}, because=words)
