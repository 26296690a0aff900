"""… also after a migration that makes a table anew."""

import pytest
from django.db import IntegrityError, connection, migrations, models, transaction

from core.calendar import Month
from indicators.models import Observation
from operations.checks import guards_are_up
from tests import scenarios
from tests.integration.rebuilding import rebuilt

pytestmark = pytest.mark.both_databases

SEPTEMBER = Month(2026, 9)


def refused(statement: str, because: str) -> None:
    with pytest.raises(IntegrityError, match=because), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_a_rebuilt_table_is_guarded_too(monkeypatch):
    """SQLite makes a table anew to alter it, and drops its triggers without a word."""
    town, other = scenarios.make_town(), scenarios.make_town("elsewhere")
    scenarios.accept(town, SEPTEMBER, {"arrests": 3, "charges": 2})
    figure, month = Observation.objects.earliest("pk"), scenarios.open_month(other, SEPTEMBER)
    crosses = f"UPDATE indicators_observation SET period_id = {month.pk} WHERE id = {figure.pk}"
    moves = f"UPDATE indicators_indicator SET area_id = {other.area.pk} WHERE id = {figure.indicator_id}"
    altered = [
        migrations.AlterField("observation", "note", models.CharField(max_length=90)),
        migrations.AlterField("indicator", "source", models.CharField(max_length=90)),
    ]
    with rebuilt(monkeypatch, "indicators", altered):
        refused(crosses, "No figure can link two areas")
        refused(moves, "No indicator can (link two areas|change its area)")
    refused(crosses, "No figure can link two areas")
    refused(moves, "No indicator can (link two areas|change its area)")
    assert guards_are_up(databases=["default"]) == []
