"""Text becomes markup in a template, or in a template tag: nowhere else, and by one function (core.pages)."""

import ast

import pytest

from tests.architecture.test_audit import product

MARKS = {"mark_safe", "SafeString", "SafeText"}


def marks(code: str) -> list[str]:
    """What of a module makes markup of text by itself."""
    found = []
    if not any(name in code for name in MARKS):  # nearly all: spare ourselves their trees
        return found
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[made, *_]) if name in MARKS:
                found += [] if isinstance(made, ast.Constant) else [name]
    return found


def test_only_tags_make_markup():
    modules = {path: code for path, code in product() if path.endswith(".py")}

    assert [path for path, code in modules.items() if marks(code)] == ["core/pages.py"]
    users = [path for path, code in modules.items() if "as_markup" in code and path != "core/pages.py"]
    assert len(users) > 5
    assert [path for path in users if "/templatetags/" not in path] == []


@pytest.mark.parametrize(
    "planted", ["mark_safe(words)", "SafeString(words)", "safestring.mark_safe(f'<b>{words}</b>')"]
)
def test_would_find_it(planted):
    assert marks(planted)
