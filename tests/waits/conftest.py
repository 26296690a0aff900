"""These tests run on PostgreSQL, as production does: `script/test --postgres tests/waits`."""

import pytest
from django.db import connection


@pytest.fixture(scope="session", autouse=True)
def _on_postgres(django_db_setup: None) -> None:
    assert connection.vendor == "postgresql", "Run these tests with script/test --postgres tests/waits."
