"""Where SQL is written by hand, and why there: everything else goes through the ORM (docs/adr/0101)."""

import ast
import functools
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ("actions", "boards", "core", "indicators", "operations", "reporting", "vvdash")
METHODS = {"cursor", "execute", "executemany", "executescript", "callproc", "raw", "extra", "RawSQL", "RunSQL"}
BY_HAND = {
    "reporting/months/selectors.py": "the lines of a month's page, where the ORM takes three times as long",
    "boards/one_area.py": "its condition is that of the triggers, which the ORM can't say",
    "core/triggers.py": "makes and counts triggers",
    "operations/backups/contents.py": "reads every table of a copy as text, whatever the models say",
    "operations/backups/copies.py": "makes and drops databases, and starts SQLite's backup",
    "reporting/months/rollup.py": "how far apart two transactions are",
    "operations/health/checks.py": "a time limit of one check, and the plainest question that a database answers",
    "operations/doctor.py": "what PostgreSQL says of itself and of the role",
    "indicators/services/together.py": "a time limit of one transaction",
    "vvdash/postgres/base.py": "whether the host is the primary, before there is a connection to ask by the ORM",
}
OF_TRIGGERS = {
    "boards/one_area.py",
    "core/freeze.py",
    "reporting/freeze.py",
}


def runs(source: str) -> set[str]:
    """Return what a source runs SQL by."""
    called = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    methods = {function.attr for function in called if isinstance(function, ast.Attribute)} & METHODS
    return methods | {function.id for function in called if isinstance(function, ast.Name)} & {"RawSQL", "RunSQL"}


@functools.cache
def product() -> dict[str, str]:
    paths = [path for app in APPS for path in (ROOT / app).rglob("*.py") if path.parent.name != "migrations"]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in paths}


def test_sql_is_run_only_where_there_is_a_reason():
    assert len(product()) > 300
    assert {path for path, source in product().items() if runs(source)} == set(BY_HAND)


def test_sql_is_written_only_for_what_runs_it():
    """Triggers, and the lines of a month's page."""
    imported = re.compile(r"from core\.triggers import (?:\([^)]*|[^(\n]*)\b[sS]tatement\b")
    writing = {path for path, source in product().items() if imported.search(source)}
    assert writing == {"reporting/months/selectors.py", *OF_TRIGGERS}


@pytest.mark.parametrize(
    "planted",
    [
        "with connection.cursor() as cursor:\n    cursor.execute('SELECT 1')",
        "from django.db.models.expressions import RawSQL\nrows.annotate(one=RawSQL('1', []))",
        "Action.objects.raw('SELECT * FROM actions_action')",
        "rows.extra(where=['1 = 1'])",
    ],
)
def test_would_find_it(planted: str):
    assert runs(planted)
