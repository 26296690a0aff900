"""After an error the address in the bar opens the same form again: what the access matrix says of each address."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

MATRIX = Path(settings.BASE_DIR) / "tests/architecture/access_matrix.txt"
SHOWN = {"200", "409"}  # a page, with the form on it
OPENED = {"200", "302"}  # … or the page that has it
# Those that only take what a button sends, each with the page that they lead on to.
LEAD_ON = ("redirect", "send_back", "go_back")
# What no person opens: a browser sends it by itself, and shows nobody the answer.
OF_PROGRAMS = {"operations.views.csp_reports"}
type Row = tuple[str, str, str]  # an address, a month, a method


def answers() -> dict[Row, dict[str, str]]:
    """What each address answers to each character, by method."""
    lines = [line for line in MATRIX.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    _, _, _, *characters = lines[0].split()
    found: dict[Row, dict[str, str]] = {}
    for line in lines[1:]:
        name, month, methods, *statuses = line.split()
        for method in methods.split("/"):
            found[name, month, method] = dict(zip(characters, statuses, strict=False))
    return found


def posts() -> list[Row]:
    return [row for row in answers() if row[2] == "POST"]


def test_the_matrix_is_read():
    assert len(posts()) > 80


@pytest.mark.parametrize("row", posts(), ids="-".join)
def test_whoever_gets_a_form_back_opens_it_by_its_address(row: Row):
    """The matrix sends each form without a field, so that one with something to fill in comes back."""
    name, month, _ = row
    known = answers()
    shown = [who for who, status in known[row].items() if status in SHOWN]
    opened = known.get((name, month, "GET"), {})
    assert {who: opened.get(who) for who in shown if opened.get(who) not in OPENED} == {}


def views(patterns: list[URLPattern | URLResolver]) -> Iterator[object]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns)
        else:
            yield pattern.callback


def only_take_forms() -> dict[str, str]:
    """The source of each view of ours that takes a POST and nothing else."""
    found = {}
    for view in views(get_resolver().url_patterns):
        inner = inspect.unwrap(view)  # type: ignore[arg-type]
        module = inspect.getmodule(inner)
        if module is None or not str(getattr(module, "__file__", "")).startswith(str(settings.BASE_DIR / "")):
            continue
        source = inspect.getsource(inner) if inspect.isfunction(inner) else ""
        if "@require_POST" in source:
            found[f"{module.__name__}.{inner.__qualname__}"] = source
    return found


def test_what_only_takes_a_form_leads_on_whatever_became_of_it():
    """So that the address in the bar is never one that answers nobody who opens it."""
    sources = only_take_forms()
    assert len(sources) > 10
    assert sources.keys() >= OF_PROGRAMS
    for name, source in sources.items():
        if name in OF_PROGRAMS:
            continue
        returned = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Return)]
        called = [node.func.id for node in returned if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
        assert called, name
        assert set(called) <= set(LEAD_ON), name
        assert len(called) == len(returned), name
