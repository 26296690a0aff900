"""What is true of every file of the project."""

import ast
import contextlib
import functools
import json
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import get_resolver

from boards.models import RESERVED_SLUGS
from tests.architecture.places import walk
from vvdash import celery

ROOT = Path(settings.BASE_DIR)
APPS = ("vvdash", "core", "boards", "indicators", "actions", "reporting", "operations")
LONGEST_MODULE = 800  # lines

ELSEWHERE = {
    "a folder of one machine": r"(?<![\w.$})/*-])/(?:work|home|Users|root|mnt)/[\w.-]",
    "a folder beside the project": r"\.\./(?:shared|work)\b|\bshared/[A-Z]+\.md\b",
    "a host of a private network": r"https?://[^\s/\"'<>]*(?:\.internal|\.local|\.lan|\.corp|\.intra|artifactory|nexus)\b",
    "a host by its number": r"https?://(?!127\.0\.0\.1|0\.0\.0\.0)\d{1,3}(?:\.\d{1,3}){3}",
    "a package index of its own": r"--(?:index-url|extra-index-url|trusted-host|find-links)\b|^registry\s*=",
}
SECRETS = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
    "a key for a cloud": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token": r"\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-|npm_|pypi-)[A-Za-z0-9_-]{20,}",
    "a signed token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.",
    # {…} and $… are filled in at run time; "password" and the like are only words.
    "a password in an address": r"\w://[^\s/:@\"'{$]+:(?!password@|secret@|\{|\$|%|<)[^\s/:@\"'{$]+@",
}


def ignored() -> list[str]:
    """The patterns of .gitignore, which are plain ones: a folder, a name, an ending."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    assert not [pattern for pattern in patterns if pattern.startswith("!") or "**" in pattern]
    return [".git", *patterns]


def is_ignored(path: Path, patterns: list[str]) -> bool:
    for pattern in patterns:
        if pattern.endswith("/") and not path.is_dir():
            continue
        name = str(path.relative_to(ROOT)) if pattern.startswith("/") else path.name
        if fnmatch(name, pattern.strip("/")):
            return True
    return False


def walk_files(folder: Path, patterns: list[str]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if is_ignored(path, patterns):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from walk_files(path, patterns)
        else:
            yield path


@functools.cache
def files() -> list[Path]:
    """Every file that is tracked or could be. Without asking git, which a copy of the project lacks."""
    return [path for path in walk_files(ROOT, ignored()) if not path.is_symlink()]


@functools.cache
def texts() -> dict[str, str]:
    """Each file that is text: its path, and what it holds. Read once for all tests."""
    read = {}
    for path in files():
        with contextlib.suppress(UnicodeDecodeError):
            read[str(path.relative_to(ROOT))] = path.read_text(encoding="utf-8")
    return read


@functools.cache
def code() -> dict[str, str]:
    """Each module of the product."""
    return {path: text for path, text in texts().items() if path.startswith(APPS) and path.endswith(".py")}


def found(pattern: str) -> list[str]:
    finder = re.compile(pattern, re.MULTILINE)
    return [
        f"{path}:{text.count('\n', 0, match.start()) + 1}: {match[0]}"
        for path, text in texts().items()
        for match in finder.finditer(text)
    ]


def test_has_no_link():
    """A link leads somewhere on the machine of whoever made it."""
    assert [path for path in walk_files(ROOT, ignored()) if path.is_symlink()] == []


@pytest.mark.parametrize("what", ELSEWHERE)
def test_names_nothing_outside_itself(what):
    assert found(ELSEWHERE[what]) == []


@pytest.mark.parametrize("what", SECRETS)
def test_holds_no_secret(what):
    assert found(SECRETS[what]) == []


@pytest.mark.parametrize(
    ("what", "parts"),
    [
        # In parts, or this file would be found.
        ("a folder of one machine", ("see /", "work/main/x.py")),
        ("a folder of one machine", ('"/', 'home/somebody/x"')),
        ("a folder beside the project", ("../", "shared/x")),
        ("a host of a private network", ("https://pypi.", "internal/simple")),
        ("a host by its number", ("http://", "10.0.0.1/simple")),
        ("a package index of its own", ("--index-", "url https://x")),
    ],
)
def test_would_find_it(what, parts):
    assert re.search(ELSEWHERE[what], "".join(parts), re.MULTILINE)


def test_packages_are_pinned_by_what_they_hold():
    """… so that it doesn't matter where they come from, and the lock file names no other registry."""
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    packages = {name: package for name, package in locked.items() if name}

    assert [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")] == []
    sources = {package.get("resolved", "https://registry.npmjs.org/") for package in packages.values()}
    assert {source for source in sources if not source.startswith("https://registry.npmjs.org/")} == set()


def test_each_setting_has_its_row_in_the_manual_and_nothing_else_has():
    code = (ROOT / "vvdash" / "settings.py").read_text(encoding="utf-8")
    manual = (ROOT / "docs" / "run" / "settings.md").read_text(encoding="utf-8")
    names = re.findall(r"\benv\.\w+\(\s*\"([A-Z_]+)\"", code)
    rows = re.findall(r"^\| (`[A-Z][A-Z_]+`(?:, `[A-Z_]+`)*) \|", manual, re.MULTILINE)
    documented = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    elsewhere = {"PRODUCTION", "BEHIND_PROXY"}  # a table of its own, and an older name in another row

    assert "DATABASE_URL" in names
    assert sorted(documented) == sorted(set(names) - elsewhere)


def test_the_manual_has_the_defaults_and_limits_of_the_settings():
    """Those that are written as one value: the others depend on PRODUCTION."""
    tree = ast.parse((ROOT / "vvdash" / "settings.py").read_text(encoding="utf-8"))
    manual = (ROOT / "docs" / "run" / "settings.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (`[A-Z][^|]+) \|(.*)\|$", manual, re.MULTILINE))
    wrong, checked = {}, set()
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and ast.unparse(call.func).startswith("env.")):
            continue
        name, *others = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
        assert isinstance(name, str)
        named = {word.arg: word.value.value for word in call.keywords if isinstance(word.value, ast.Constant)}
        default = next(iter(others), named.get("default"))
        row = next((said for names, said in rows.items() if f"`{name}`" in names), None)
        if row is None or default in (None, ""):
            continue
        expected = f"`{int(default) if isinstance(default, bool) else default!s}`"
        limits = f"{named['least']!r} to {named['most']!r}" if "least" in named else ""
        checked.add(name)
        if expected not in row or limits not in row:
            wrong[name] = f"{expected} {limits}".strip()

    assert {"INVITATION_DAYS", "LOG_LEVEL", "DB_POOLED"} <= checked
    assert wrong == {}


def test_the_environment_is_read_in_one_place():
    """… or a setting could escape the manual."""
    readers = {path for path, text in code().items() if re.search(r"\bos\.(?:environ|getenv)\b", text)}

    naming = {"vvdash/wsgi.py", "vvdash/celery.py"}  # the settings module, as Django and Celery want it
    slots = {"core/metrics.py"}  # gunicorn.conf.py tells each process of its slot
    passing_on = {
        "operations/backups/copies.py",
        "operations/management/commands/drill_restore.py",
    }  # to other programs
    assert readers <= {"vvdash/env.py"} | naming | slots | passing_on


def test_nothing_outlasts_a_transaction_in_the_database():
    """A pooler gives the next transaction another connection: no lock, setting or subscription may belong to one."""
    lasting = r"pg_(?:try_)?advisory_lock|\b(?:LISTEN|NOTIFY|DISCARD)\b|[\"']SET (?!LOCAL|TRANSACTION|CONSTRAINTS)"
    found = {path for path, text in code().items() if re.search(lasting, text)}

    assert found <= {"operations/backups/copies.py"}  # takes a line out of a copy, and sends the server none


def test_only_frozen_lines_of_editions_are_read_from_the_replica():
    """A replica lags. A router that chose it lost changes without a word (docs/adr/0076)."""
    ours = {path: text for path, text in code().items() if "/migrations/" not in path}

    assert getattr(settings, "DATABASE_ROUTERS", []) == []
    knows = {path for path, text in ours.items() if re.search(r"import .*\breplica\b|[\"']replica[\"']", text)}
    assert knows == {
        "reporting/public/replica.py",
        "reporting/public/selectors.py",
        "vvdash/env.py",
        "vvdash/postgres/base.py",
    }
    # Who names a database at all, but for the checks that get one from Django.
    named = r"\.using\(|\busing=(?!connection\.alias)"
    names = {path for path, text in ours.items() if re.search(named, text)}
    assert {path for path in names if not path.endswith("/checks.py")} == {
        "reporting/public/presenters/files.py",
        "reporting/exports/views/files.py",
        "reporting/public/views/files.py",
        "reporting/public/selectors.py",
        "reporting/public/presenters/table.py",
        "reporting/public/views/lines.py",
    }


def test_every_task_is_run_and_in_the_manual():
    """By the clock, or by code that queues it: one that neither does is dead."""
    queueing = {name for text in code().values() for name in re.findall(r"\b(\w+)\.(?:delay|apply_async)\b", text)}
    manual = (ROOT / "docs" / "run" / "daily.md").read_text(encoding="utf-8")
    celery.app.autodiscover_tasks(force=True)
    celery.app.autodiscover_tasks(list(celery.PACKAGES), force=True)
    ours = {name for name in celery.app.tasks if not name.startswith("celery.")}
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    scheduled |= {job["task"] for job in settings.JOBS.values()}
    queued = {name for name in ours if name.rpartition(".")[2] in queueing}

    assert "reporting.months.tasks.sweep_stale" in ours
    assert ours - queued - scheduled == set()
    assert {name for name in ours if f"`{name}`" not in manual} == set()


def test_only_its_own_tests_import_the_bench():
    """What runs and what is tested needs no tool that measures: bench/ isn't in the image."""
    others = {path: text for path, text in texts().items() if path.endswith(".py") and not path.startswith("bench/")}
    importing = {path for path, text in others.items() if re.search(r"^\s*(?:from|import) bench\b", text, re.MULTILINE)}

    assert "tests/unit/test_bench_speed.py" in importing
    assert {path for path in importing if not path.rpartition("/")[2].startswith("test_bench_")} == set()


def test_modules_are_short():
    lengths = {path: text.count("\n") for path, text in code().items() if "/migrations/" not in path}

    assert len(lengths) > 50
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_tests_of_pages_stand_where_they_run_on_one_database():
    """The other way round, tests/pages/conftest.py looks that nothing else is there."""
    modules = {path.rpartition("/")[2] for path in texts() if path.startswith("tests/integration/")}

    assert "test_services.py" in modules
    assert {name for name in modules if name.startswith("test_") and name.endswith(("_page.py", "_pages.py"))} == set()


def test_no_area_can_have_the_name_of_another_page():
    first = {route.partition("/")[0] for _, route, _ in walk(get_resolver())} - {"<slug:area>", "<slug:town>", ""}

    assert {"account", "healthz"} <= first
    assert first | {settings.STATIC_URL.strip("/")} <= RESERVED_SLUGS


def test_no_address_is_made_of_what_a_request_calls_its_host():
    """… but in the middleware that puts SITE_URL in its place, for allauth too."""
    asking = re.compile(r"\b(?:build_absolute_uri|get_host|get_current_site|HTTP_HOST)\b|headers\[.[Hh]ost.\]")
    found = {path for path, text in code().items() if asking.search(text)}

    assert found == {"vvdash/middleware.py"}


def test_nothing_but_core_visitors_says_where_a_request_comes_from():
    """Anybody can write X-Forwarded-For, and behind a proxy everybody has the same REMOTE_ADDR."""
    asking = re.compile(r"REMOTE_ADDR|X.FORWARDED.FOR|get_client_ip_from_xff|httpkit", re.IGNORECASE)
    found = {path for path, text in code().items() if asking.search(text)}

    assert found == {"core/visitors.py"}


def test_a_comment_of_a_template_ends_on_its_line():
    """Django prints one that goes on, and browsers show it."""
    templates = {path: text for path, text in texts().items() if path.endswith(".html")}

    assert len(templates) > 100
    assert {path for path, text in templates.items() if re.search(r"\{#(?:(?!#\}).)*$", text, re.M)} == set()
