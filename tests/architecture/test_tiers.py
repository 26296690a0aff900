"""Every test runs: for every change, or before a release. script/test says which."""

import ast
import shutil
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.script_project import ROOT, Project

TESTS = ROOT / "tests"
MODULE = """import pytest

def test_every_time(): pass

@pytest.mark.release
def test_release(): pass

@pytest.mark.both_databases
def test_both(): pass
"""
FOLDERS = sorted({str(test.parent.relative_to(TESTS)) for test in TESTS.rglob("test_*.py")})
MODULES = [*(f"{folder}/test_{folder.replace('/', '_')}.py" for folder in FOLDERS), "functional/test_server.py"]
IF_ALL = {"every_time": 1, "release": 1, "both": 1}
EVERY_CHANGE = {"every_time": 1, "release": 0, "both": 1}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """It has a test of each kind in each of our folders, and its pytest says which would run."""
    project = Project(tmp_path)
    for name in MODULES:
        module = project.root / "tests" / name
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text(MODULE)
    shutil.copy(TESTS / "integration" / "conftest.py", project.root / "tests" / "integration")
    markers = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]["markers"]
    lines = ["[pytest]", "testpaths = tests", "markers =", *(f"    {marker}" for marker in markers)]
    (project.root / "pytest.ini").write_text("\n".join(lines))
    project.fake_venv(f"""case "$*" in
        *" -m pytest"*) shift 7 ;;
        "-m pytest"*) shift 2 ;;
        *) exit 0 ;;
    esac
    export PYTEST_DISABLE_PLUGIN_AUTOLOAD=1
    exec "{sys.executable}" -m pytest -p xdist --strict-markers --collect-only -q "$@" """)
    project.fake("id", "echo 0")
    return project


@pytest.mark.parametrize(
    ("arguments", "usual", "others"),
    [
        ((), EVERY_CHANGE, {"integration": EVERY_CHANGE | {"both": 2}, "machines": dict.fromkeys(IF_ALL, 0)}),
        (("--all",), IF_ALL, {"integration": dict.fromkeys(IF_ALL, 2)}),
    ],
)
def test_each_runs_as_often_as_its_mark_says(project: Project, arguments, usual, others):
    done = project.run("script/test", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    ran = Counter(line.removeprefix("tests/") for line in done.stdout.splitlines() if "::" in line)
    for module in MODULES:
        runs = {kind: ran[f"{module}::test_{kind}"] for kind in IF_ALL}
        assert runs == others.get(module.split("/")[0], usual), module


def is_for_both(node: ast.AST) -> bool:
    return "pytest.mark.both_databases" in ast.unparse(node)


def find_unmarked(module: Path) -> Iterator[str]:
    source = ast.parse(module.read_text("utf-8"))
    if any(isinstance(part, ast.Assign) and is_for_both(part) for part in source.body):
        return
    tests = [part for part in source.body if isinstance(part, ast.FunctionDef) and part.name.startswith("test_")]
    yield from (test.name for test in tests if ".vendor" in ast.unparse(test) and not is_for_both(test))
    if ".vendor" in ast.unparse(source) and not any(map(is_for_both, tests)):
        yield module.stem


def test_what_asks_which_database_it_is_on_runs_on_both():
    assert [name for module in (TESTS / "integration").glob("test_*.py") for name in find_unmarked(module)] == []
