"""These tests run on SQLite, which takes half the time. Those that are marked both_databases run on PostgreSQL too, on
every change; the others only before a release. (tests/pages opens what they serve on PostgreSQL.)"""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, connection

HERE = Path(__file__).parent
MARK_IT = "mark it both_databases"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents and not item.get_closest_marker("both_databases"):
            item.add_marker("only_sqlite")


@pytest.fixture(autouse=True)
def _differs(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test fails if SQL differs between the databases in what it does, and it isn't marked."""
    if request.node.get_closest_marker("both_databases"):
        yield
        return
    refused = []

    def note_refusal(execute, *arguments):
        try:
            return execute(*arguments)
        except DatabaseError as refusal:
            refused.append(refusal)
            raise

    with connection.execute_wrapper(note_refusal):
        yield
    assert not refused, f"A database refused something: {MARK_IT}."
    database = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (database and database.kwargs.get("transaction"))
    assert not commits, f"It commits, so that others can wait for it or meet it: {MARK_IT}."


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What is skipped on SQLite and doesn't run on PostgreSQL would run nowhere."""
    report = yield
    if report.skipped and connection.vendor == "sqlite" and item.get_closest_marker("only_sqlite"):
        report.outcome, report.longrepr = "failed", f"It is for PostgreSQL alone: {MARK_IT}."
    return report
