"""No row can link two areas or change its area, whoever writes to the database: by SQL as well."""

from typing import Any

import pytest
from django.apps import apps
from django.core import checks
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from boards import one_area
from boards.checks import no_row_crosses
from boards.models import PartnershipArea, Responsibility
from core import triggers
from indicators.models import Indicator, Observation
from operations.checks import guards_are_up
from reporting.models import PublicEdition
from tests.factories import make_area
from tests.integration.test_constraints import make_rows

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
type Rows = dict[type[models.Model], models.Model]


def keys_of(model: type[models.Model]) -> list[models.ForeignKey]:
    """Those that lead to an area, at once or further on."""
    return [
        key
        for key in model._meta.concrete_fields
        if key.is_relation and (key.related_model in (PartnershipArea, model) or keys_of(key.related_model))
    ]


EVERY_MODEL = apps.get_models(include_auto_created=True)
COULD_CROSS = [model for model in EVERY_MODEL if len(keys_of(model)) > 1]
REACHED = {key.related_model for model in COULD_CROSS for key in keys_of(model)}
while further := {key.related_model for model in REACHED for key in keys_of(model)} - REACHED:
    REACHED |= further
NAMED = sorted(REACHED - {PartnershipArea}, key=lambda model: model._meta.label)


def copied(row: models.Model, into: Rows) -> models.Model:
    """The row in another area, with whatever it names there."""
    model = type(row)
    if model not in into:
        copy = model._base_manager.get(pk=row.pk)
        copy.pk = None
        for field in model._meta.concrete_fields:
            if field.unique and isinstance(field, models.CharField):
                setattr(copy, field.attname, f"{getattr(row, field.attname)[:-1]}-")  # another one of that name
        for key in keys_of(model):
            named = getattr(row, key.name)
            setattr(copy, key.name, copied(named, into) if named else None)
        (into[model],) = model._base_manager.bulk_create([copy])
    return into[model]


@pytest.fixture(scope="module")
def elsewhere(standing) -> Rows:
    """A row of each kind that others name, in another area. What stays as it was would be refused first."""

    def make() -> Rows:
        Responsibility.objects.create(board=make_rows().town.csp, text="Prevent it")
        into: Rows = {PartnershipArea: make_area("elsewhere")}
        for model in NAMED:
            copied(model._base_manager.earliest("pk"), into)
        triggers.remove(connection, kinds=[triggers.KEEP])
        return into

    return standing(make)


def refused(statement: str, because: str) -> None:
    with pytest.raises(IntegrityError, match=because), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def first(model: type[models.Model]) -> Any:
    """The first of those that name most."""
    rows = model._base_manager.order_by("pk")
    return max(rows, key=lambda row: sum(getattr(row, key.attname) is not None for key in keys_of(model)))


def names(model: type[models.Model]) -> str:
    return str(model._meta.verbose_name)


@pytest.mark.parametrize(
    ("model", "key"),
    [(model, key) for model in COULD_CROSS for key in keys_of(model)],
    ids=lambda thing: getattr(thing, "name", None) or thing._meta.label,
)
def test_a_row_names_none_of_another_area(elsewhere, model, key):
    table, other = model._meta.db_table, elsewhere[key.related_model].pk
    crosses = f"No {names(model)} can link two areas"
    changed = f"UPDATE {table} SET {key.column} = {other} WHERE id = {first(model).pk}"
    refused(changed, because=f"{crosses}|No {names(model)} can change its area")
    columns = ", ".join(field.column for field in model._meta.concrete_fields if not field.primary_key)
    others = columns.split(", ")
    others[others.index(key.column)] = str(other)
    refused(
        f"INSERT INTO {table} ({columns}) SELECT {', '.join(others)} FROM {table} WHERE id = {first(model).pk}",
        because=crosses,
    )


@pytest.mark.parametrize("model", NAMED, ids=lambda model: model._meta.label)
def test_a_row_that_others_name_stays_in_its_area(elsewhere, model):
    table, row, stays = model._meta.db_table, first(model), f"No {names(model)} can change its area or its id"
    moved = ", ".join(
        f"{key.column} = {elsewhere[key.related_model].pk}" for key in keys_of(model) if getattr(row, key.attname)
    )
    refused(f"UPDATE {table} SET {moved} WHERE id = {row.pk}", because=stays)
    refused(f"UPDATE {table} SET id = 999 WHERE id = {row.pk}", because=stays)
    if connection.vendor == "sqlite":
        columns = ", ".join(field.column for field in model._meta.concrete_fields if not field.primary_key)
        of_another = f"SELECT {row.pk}, {columns} FROM {table} WHERE id = {elsewhere[model].pk}"
        refused(f"INSERT OR REPLACE INTO {table} (id, {columns}) {of_another}", because=stays)


def test_rows_of_one_area_are_free(elsewhere):
    """In another month, of another indicator; and written again as they are."""
    figure, indicator = first(Observation), Indicator.objects.filter(code="charges").earliest("pk")
    Observation.objects.filter(indicator=indicator).delete()
    figure.indicator = indicator
    for row in (*(first(model) for model in COULD_CROSS), figure):
        row.save()
    assert Observation.objects.get(pk=figure.pk).indicator == indicator


def test_what_is_not_there_is_of_no_area(elsewhere):
    """So that it can't come afterwards, in another one."""
    refused(f"UPDATE indicators_observation SET period_id = 999 WHERE id = {first(Observation).pk}", "link two areas")


def test_a_missing_trigger_is_named(elsewhere):
    triggers.install(connection)
    assert guards_are_up(databases=["default"]) == []
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TRIGGER indicators_observation_area_insert"
            + ("" if connection.vendor == "sqlite" else " ON indicators_observation")
        )
    (fault,) = guards_are_up(databases=["default"])
    assert isinstance(fault, checks.Error)
    assert "indicators_observation_area_insert" in fault.msg


def test_rows_from_before_are_counted(elsewhere):
    assert no_row_crosses(databases=["default"]) == []
    triggers.remove(connection, kinds=[triggers.AREA])
    Observation.objects.filter(pk=first(Observation).pk).update(indicator=elsewhere[Indicator])
    triggers.install(connection, kinds=[triggers.AREA])
    (found,) = no_row_crosses(databases=["default"])
    assert isinstance(found, checks.Warning)
    assert "1 of indicators_observation name rows from two areas" in found.msg
    assert no_row_crosses(databases=None) == []


def test_a_database_that_lacks_the_newest_key_can_still_be_migrated(monkeypatch: pytest.MonkeyPatch):
    """A frozen table has triggers of another kind. They don't mean that all its keys are there already."""
    table = PublicEdition._meta.db_table
    older = [each for each in triggers.list_triggers(connection) if not each.name.startswith(f"{table}_area_")]
    assert table in {each.table for each in older}
    monkeypatch.setattr(one_area, "list_triggers", lambda _: older)
    with CaptureQueriesContext(connection) as asked:
        one_area.crossing(connection)
    assert not any(f"FROM {table} held" in query["sql"] for query in asked.captured_queries)
