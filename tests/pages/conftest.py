"""Tests of pages run on one database, PostgreSQL; all else that asks the database is in tests/integration, and runs on
both."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.client import ClientHandler


@pytest.fixture(autouse=True)
def _asks_for_a_page(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that asks the database, and for no page, fails: it is to move to tests/integration."""
    asked = set()
    answer = ClientHandler.__call__

    def note_page(handler: ClientHandler, environ: dict[str, object]) -> object:
        asked.add("a page")
        return answer(handler, environ)

    def note_query(execute, *arguments):
        asked.add("the database")
        return execute(*arguments)

    with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(note_query):
        patch.setattr(ClientHandler, "__call__", note_page)
        yield
    if "a page" not in asked and not request.node.get_closest_marker("asked_before"):
        assert "the database" not in asked, "It asks for no page: move it to tests/integration, for both databases."
