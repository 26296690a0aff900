"""The audit log is a record: nothing but its own page reads it. What a rule or a page needs to know is a row or a
column of its own (ADR 0020)."""

import ast
from collections.abc import Iterator

import pytest

from core.models import AuditEvent
from tests.architecture.test_repository import APPS, ROOT, texts

# Who may know of the model and its table: where it is declared, written and looked at. A migration may read what a
# database of before has nowhere else.
READERS = {
    "core/models.py": "declares it",
    "core/audit.py": "writes it",
    "core/audit_log/sealing.py": "chains it, and checks the chain",
    "core/freeze.py": "freezes it",
    "boards/deletion.py": "erases a name from it",
    "boards/reads.py": "reads it for the pages about it",
    "operations/admin/site.py": "is its page",
}
MODEL, TABLE, WRITER = AuditEvent.__name__, AuditEvent._meta.db_table, "record"


def product() -> Iterator[tuple[str, str]]:
    """Each module and template of the product but migrations: its path, and what it holds."""
    folders = tuple(f"{folder}/" for folder in (*APPS, "templates"))
    for path, text in texts().items():
        if path.startswith(folders) and path.endswith((".py", ".html", ".txt")) and "/migrations/" not in path:
            yield path, text


def reads(code: str) -> list[str]:
    """What of a module could read the log: its model, by whatever name it is fetched; its table; or anything of
    core.audit but to write."""
    found = []
    if "audit" not in code.lower():  # most: spare ourselves their trees
        return found
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.ImportFrom(module="core.audit", names=names):
                found += [name.name for name in names if name.name != WRITER]
            case ast.Attribute(value=ast.Name(id="audit"), attr=attr):
                found += [f"audit.{attr}"] if attr != WRITER else []
            case ast.Attribute(value=ast.Attribute(attr="audit"), attr=attr):
                found += [f"audit.{attr}"] if attr != WRITER else []
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                found += [name] if name == MODEL else []
            case ast.Constant(value=str(words)):
                found += [words] if MODEL.lower() in words.lower() else []
    return found


def test_nothing_but_its_page_reads_it():
    modules = {path: code for path, code in product() if path.endswith(".py")}

    assert len(modules) > 300
    assert set(READERS) <= set(modules)
    readers = {path: found for path, code in modules.items() if (found := reads(code))}
    assert {path: found for path, found in readers.items() if path not in READERS} == {}


def test_its_writer_gives_nothing_back():
    """… or whoever writes an event could read it."""
    (writer,) = (
        node
        for node in ast.walk(ast.parse((ROOT / "core/audit.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    )

    assert writer.name == WRITER
    assert isinstance(writer.returns, ast.Constant)
    assert writer.returns.value is None


def test_no_template_names_it():
    assert [path for path, text in product() if path.startswith("templates/") and MODEL.lower() in text.lower()] == []


@pytest.mark.parametrize(
    "planted",
    [
        "from core.models import AuditEvent",
        "from core.models import AuditEvent as Told",
        "from core import models\nmodels.AuditEvent.objects.all()",
        "from core import audit\naudit.AuditEvent.objects.all()",
        "from django.apps import apps\napps.get_model('core.AuditEvent')",
        "from django.apps import apps\napps.get_model('core', 'auditevent')",
        f"fetch_rows('SELECT verb FROM {TABLE}', [])",
        "fetch_rows(f'SELECT verb FROM {schema}.core_auditevent', [])",
        "from core import audit\naudit.was_just_done('action.archived', action, by=by)",
        "import core.audit\ncore.audit.newest(action)",
        "from core.audit import record, was_just_done",
    ],
)
def test_would_find_it(planted):
    assert reads(planted)


@pytest.mark.parametrize(
    "written",
    ["from core import audit\naudit.record('action.archived', action, by=by)", "from core.audit import record"],
)
def test_to_write_is_free(written):
    assert reads(written) == []
