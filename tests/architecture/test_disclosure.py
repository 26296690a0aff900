"""Whether every line that somebody reads has passed the gate. Its type says so, and mypy refuses any other: these tests
keep the ways around that type shut."""

import ast
from collections.abc import Iterator
from typing import get_origin, get_type_hints

from django.conf import settings

from indicators import disclosure
from indicators.disclosure import Disclosed, disclose
from reporting.months.presenters.month import line_view
from reporting.months.presenters.shapes import LineView

APPS = ("core", "boards", "indicators", "actions", "reporting", "operations", "vvdash")


def list_functions() -> Iterator[tuple[str, ast.AST]]:
    """Each function of the product, and each module for what stands outside them, by where it is."""
    for app in APPS:
        for file in sorted((settings.BASE_DIR / app).rglob("*.py")):
            text = file.read_text(encoding="utf-8")
            # Most modules name none of them.
            if disclose.__name__ in text or Disclosed.__name__ in text or LineView.__name__ in text:
                module = file.relative_to(settings.BASE_DIR).with_suffix("").as_posix().replace("/", ".")
                for node in ast.walk(ast.parse(text)):
                    if isinstance(node, ast.FunctionDef | ast.Module):
                        yield f"{module}.{getattr(node, 'name', '')}".removesuffix("."), node


def list_own(function: ast.AST) -> Iterator[ast.AST]:
    """What stands in a function, and not in one inside it."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, ast.FunctionDef):
            yield child
            yield from list_own(child)


def is_name(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Name(id=found) | ast.Attribute(attr=found) | ast.Constant(value=found):
            return found == name
        case ast.Subscript(value=value):  # Disclosed[Line]
            return is_name(value, name)
    return False


def find_calls(name: str) -> list[tuple[str, ast.Call]]:
    return [
        (where, node)
        for where, function in list_functions()
        for node in list_own(function)
        if isinstance(node, ast.Call) and is_name(node.func, name)
    ]


def test_only_the_gate_makes_a_line_that_passed():
    makers = {where for where, _ in find_calls(Disclosed.__name__)}
    claims = {where for where, call in find_calls("cast") if Disclosed.__name__ in ast.unparse(call.args[0])}
    assert (makers, claims) == ({f"{disclosure.__name__}.{disclose.__name__}"}, set())


def test_what_passes_the_gate_is_what_goes_on():
    """A gate whose answer nobody takes lets the lines before it go on, whatever their type."""
    unused = [
        where
        for where, function in list_functions()
        for node in list_own(function)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and is_name(node.value.func, "disclose")
    ]
    assert unused == []


def test_a_line_becomes_text_only_past_the_gate():
    first, *_ = get_type_hints(line_view).values()
    assert get_origin(first) is Disclosed
    assert {where for where, _ in find_calls(LineView.__name__)} == {f"{line_view.__module__}.{line_view.__name__}"}
