"""What a test committed is gone before the next test, and nothing else is."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from core import triggers
from core.calendar import Month
from tests import databases
from tests.scenarios import make_town, publish

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def count_rows() -> dict[str, int]:
    counts = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            cursor.execute(f"SELECT COUNT(*) FROM {table}")
            counts[table] = cursor.fetchone()[0]
    return counts


def test_published_months_go_and_what_migrate_made_stays():
    made = list(Permission.objects.order_by("pk")), list(ContentType.objects.order_by("pk"))
    publish(make_town(), Month(2026, 10))
    assert count_rows()["reporting_snapshot"]
    databases.empty(connection)
    assert {table for table, rows in count_rows().items() if rows} == databases.MADE
    assert (list(Permission.objects.order_by("pk")), list(ContentType.objects.order_by("pk"))) == made


def test_every_trigger_is_there_afterwards():
    triggers.remove(connection, kinds=[triggers.AREA])
    databases.empty(connection)
    assert triggers.missing(connection) == []
