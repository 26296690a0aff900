"""HTML is written in templates. Python writes markup only in these modules, each for its reason."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.test_audit import product

MAY_WRITE = {
    "actions/templatetags/plan.py": "500 bars of a dozen numbers: 4 ms; by a template 44 ms, as long as the page",
    "actions/views/plan.py": "a message with links",
    "boards/views/people.py": "a message with a link",
    "core/files/opendocument.py": "XML of an OpenDocument file",
    "core/identity/adapters.py": "the picture of a QR code, for allauth's template",
    "core/pages.py": "as_markup, with which the others mark what they made",
    "core/templatetags/govuk.py": "the control of a field, which Django’s own template drew",
    "boards/templatetags/guides.py": "a guide, which a Markdown library drew",
    "indicators/presenters/return_file.py": "XML of an OpenDocument file",
    "reporting/charts/pictures.py": "SVG of a pack's charts, kept as they were drawn",
    "reporting/templatetags/pack.py": "the kept SVG of a pack",
}
MARKS = {"mark_safe", "SafeString", "SafeText", "as_markup", "format_html", "format_html_join"}
TAG = re.compile(r"</[a-z][\w:.-]*>|<[a-z][\w:.-]*( [\w:-]+=|/>)")


def writes(code: str) -> Iterator[str]:
    """Yield what of a module writes markup: tags in its texts, and calls that mark a text as markup."""
    tree = ast.parse(code)
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body
        if isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str() as text) if TAG.search(text) and id(node) not in documents:
                yield text
            case ast.Call(args=[ast.Constant()]):  # SafeString("")
                pass
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[_, *_]) if name in MARKS:
                yield name


def test_only_these_modules_write_markup():
    modules = {path: code for path, code in product() if path.endswith(".py")}
    assert [path for path in sorted(modules) if any(writes(modules[path]))] == sorted(MAY_WRITE)


def test_text_is_marked_in_one_place():
    """Elsewhere by core.pages.as_markup, or by what escapes its texts."""
    modules = {path: code for path, code in product() if path in MAY_WRITE}
    marked = [
        path for path, code in modules.items() if not {"mark_safe", "SafeString", "SafeText"}.isdisjoint(writes(code))
    ]
    assert marked == ["core/pages.py"]


@pytest.mark.parametrize(
    "planted",
    [
        "mark_safe(words)",
        "SafeString(words)",
        "safestring.mark_safe(words)",
        "format_html('{}', words)",
        "f'<b>{words}</b>'",
        "ROW = '<td>{}</td>'",
        "f'<br/>{words}'",
        "f'<input value={words}'",
    ],
)
def test_would_find_it(planted: str):
    assert [*writes(planted)]


@pytest.mark.parametrize(
    "planted", ["def f():\n    '''Return <b>it</b>.'''", "re.compile('(?P<day>[0-9])')", "'1 < 2'"]
)
def test_finds_nothing_else(planted: str):
    assert not [*writes(planted)]
