"""No code of ours uses a private name of Django or of another library: it may change with any of their releases.

A name with one underscore is private to whoever wrote it. Here are three ways to use somebody else's: on a thing
(`request._cached_user`), by an import, and on oneself (`self._modified`), where a class above ours has it. Those above
ours are really imported and read, so that their names are known.
"""

import ast
import importlib
import inspect
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("core", "boards", "indicators", "actions", "reporting", "operations", "vvdash")
# Without these, nobody can work with Django's models: its own documents use them.
OF_DJANGO = frozenset({"_meta", "_state", "_default_manager", "_base_manager"})
# Python's documents have these as what anybody may use, of named tuples and enumerations.
OF_PYTHON = frozenset({"_make", "_replace", "_asdict", "_fields", "_value_"})
# Django's document of storages: "Required methods: _open() and _save()".
OF_STORAGES = frozenset({"_open", "_save"})
ALLOWED = OF_DJANGO | OF_PYTHON | OF_STORAGES
BY_NAME = ("getattr", "setattr", "hasattr", "delattr")


def list_files() -> list[Path]:
    """Return the modules of the product, what gunicorn reads, and the scripts that are Python."""
    tracked = subprocess.run(
        ["git", "ls-files", "--", *OURS, "script", "deploy", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [ROOT / name for name in tracked if name.endswith(".py") and not name.startswith(("tests/", "bench/"))]


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name != "_" and name not in ALLOWED


# --- On things, and by imports ----------------------------------------------------------------------------------------


def list_own(tree: ast.Module) -> set[str]:
    """Return the private names that a module gives to its own functions, classes and attributes."""
    own = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                own.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                own.add(name)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
                own.add(name)
    return own


def list_foreign(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and the private name, wherever a module uses one that isn't its own."""
    own = list_own(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="self" | "cls")):
                continue  # below
            case ast.Attribute(attr=name, lineno=line):
                names = [name]
            case ast.Call(func=ast.Name(id=function), args=[_, ast.Constant(value=str(name)), *_], lineno=line) if (
                function in BY_NAME
            ):
                names = [name]
            case ast.ImportFrom(module=module, names=aliases, lineno=line):
                names = [*(module or "").split("."), *(alias.name for alias in aliases)]
            case ast.Import(names=aliases, lineno=line):
                names = [part for alias in aliases for part in alias.name.split(".")]
            case _:
                continue
        yield from ((line, name) for name in names if is_private(name) and name not in own)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("request._cached_user", "_cached_user"),
        ("getattr(request, '_messages', None)", "_messages"),
        ("super()._get_state(request)", "_get_state"),
        ("from django.db.models.sql import _x", "_x"),
        ("from importlib._bootstrap import x", "_bootstrap"),
        ("import xml._private", "_private"),
        ("process._name = 'web'", "_name"),
    ],
)
def test_a_private_name_is_found(source: str, found: str):
    assert [name for _, name in list_foreign(ast.parse(source))] == [found]


@pytest.mark.parametrize(
    "source", ["Row._meta.fields", "row._replace(a=1)", "self._made", "def _by(x): ...\nother._by()", "x.__class__"]
)
def test_other_names_are_not(source: str):
    assert not list(list_foreign(ast.parse(source)))


def test_nothing_private_is_used_on_a_thing_or_imported():
    files = list_files()
    assert len(files) > 400
    found = {
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in files
        for line, name in list_foreign(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == set()


# --- On oneself -------------------------------------------------------------------------------------------------------


def import_ours() -> Iterator[ModuleType]:
    for path in list_files():
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[0] in OURS and parts[-1] not in ("__main__", "wsgi"):
            yield importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))


def is_ours(owner: type) -> bool:
    return owner.__module__.partition(".")[0] in OURS


@cache
def list_private(owner: type) -> frozenset[str]:
    """Return the private names of a class: what its source defines, and uses on `self`."""
    try:
        tree = ast.parse(dedent(inspect.getsource(owner)))
    except (OSError, TypeError):  # it is written in C, or made by a function
        return frozenset(filter(is_private, vars(owner)))
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("self", "cls", "super()")
    }
    return frozenset(filter(is_private, list_own(tree) | used))


def list_inherited(owner: type) -> set[str]:
    """Return the private names of classes above it, which aren't ours, that a class of ours uses or replaces."""
    above = [one for one in owner.__mro__[1:] if not is_ours(one) and one is not object]
    return {name for one in above for name in list_private(owner) & list_private(one)}


class _Library:
    def __init__(self) -> None:
        self._modified = False

    def _read(self) -> None: ...


class _Uses(_Library):
    def look(self) -> bool:
        return self._modified


class _Replaces(_Library):
    def _read(self) -> None: ...


class _HasItsOwn(_Library):
    def _write(self) -> None: ...


def test_a_private_name_of_a_class_above_is_found():
    assert list_inherited(_HasItsOwn) == set()
    assert list_inherited(_Uses) == {"_modified"}
    assert list_inherited(_Replaces) == {"_read"}


def test_no_class_uses_or_replaces_what_is_private_to_one_above_it():
    classes = {
        one
        for module in import_ours()
        for one in vars(module).values()
        if inspect.isclass(one) and one.__module__ == module.__name__
    }
    assert len(classes) > 500
    found = {f"{one.__module__}.{one.__qualname__}: {name}" for one in classes for name in list_inherited(one)}
    assert found == set()
