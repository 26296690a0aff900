"""A form is taken in one place: core.forms.pages. No module of views has a way of its own, and no service either to
tell somebody that another came between."""

import ast
import builtins
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError

from core.labels import Refused
from tests.architecture.test_repository import code

ROOT = Path(settings.BASE_DIR)
REFUSALS = (ValidationError, Refused, PermissionDenied)
# Where a form is put away because its sign-in had ended, or because we ask again who somebody is.
KEEPS = {"vvdash/site.py", "vvdash/middleware.py", "boards/middleware.py", "boards/views/keys.py"}
# Forms that carry no proof, each with why.
NOT_KEPT = {
    "account/reminders.html": "a tick, and nothing typed",
    "actions/highlight_picture.html": "a file can’t be kept",
    "indicators/records.html": "a file can’t be kept",
    "reporting/history.html": "a file can’t be kept",
    "reporting/pack_make.html": "its address says in a query which pack it is of",
}
# Templates that keep what is typed and draw their boxes by themselves.
DRAWN_BY_HAND = {
    "actions/highlight_form.html",
    "indicators/_figure_ask.html",
    "indicators/_returns_sheets.html",
    "indicators/area_add.html",
    "indicators/catalogue_differences.html",
    "indicators/people_file.html",
    "indicators/return_edit.html",
    "indicators/return_file_preview.html",
    "indicators/setup_indicator_form.html",
    "reporting/region_publishing_month.html",
}


def views() -> list[Path]:
    """Every module that answers addresses."""
    apps = (ROOT / app for app in ("core", "boards", "indicators", "actions", "reporting", "operations", "vvdash"))
    kinds = (
        "**/views.py",
        "**/views/**/*.py",
        "middleware.py",
        "site.py",
    )  # an app's, and those of a noun of reporting
    return sorted(path for app in apps for kind in kinds for path in app.glob(kind))


def named(node: ast.AST, module: Any) -> Any:
    """What a name in a module stands for: `ValidationError`, `selectors.NotHeld`."""
    if isinstance(node, ast.Attribute):
        return getattr(named(node.value, module), node.attr, None)
    name = getattr(node, "id", "")
    return getattr(module, name, getattr(builtins, name, None))


def catches(handler: ast.ExceptHandler, module: Any) -> bool:
    """Whether it catches what a service refuses."""
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    caught = [named(kind, module) for kind in kinds]
    return any(isinstance(kind, type) and (issubclass(kind, REFUSALS) or kind is Exception) for kind in caught)


def own_ways(source: str, module: Any) -> Iterator[str]:
    """What a module of views does that is the one home's to do."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ExceptHandler() if catches(node, module):
                yield f"{node.lineno}: catches what a service refuses"
            case ast.Call(func=ast.Attribute(attr="is_valid" | "full_clean")):
                yield f"{node.lineno}: asks a form whether it holds"
            case ast.Call(args=[*given]) if any(ast.unparse(each) == "request.POST" for each in given):
                yield f"{node.lineno}: fills something with request.POST"
            case ast.ImportFrom(module="core.forms") if any(each.name == "kept" for each in node.names):
                yield f"{node.lineno}: keeps forms"


@pytest.mark.parametrize("path", views(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_view_has_a_way_of_its_own(path: Path):
    name = str(path.relative_to(ROOT))
    module = import_module(name.removesuffix(".py").replace("/", ".").removesuffix(".__init__"))
    found = list(own_ways(path.read_text(encoding="utf-8"), module))
    assert [fault for fault in found if not (name in KEEPS and fault.endswith("keeps forms"))] == []


class Planted:
    """A module with these names."""

    ValidationError, Refused, PermissionDenied = REFUSALS


@pytest.mark.parametrize(
    "source",
    [
        "if form.is_valid():\n    save(form)",
        "try:\n    save()\nexcept ValidationError as refusal:\n    tell(refusal)",
        "try:\n    save()\nexcept (KeyError, Refused):\n    pass",
        "try:\n    save()\nexcept Exception:\n    pass",
        "try:\n    save()\nexcept:\n    pass",
        "form = Form(request.POST, area=area)",
        "from core.forms import fields, kept",
    ],
)
def test_it_would_find_it(source: str):
    assert list(own_ways(source, Planted))


def test_it_lets_others_be():
    assert not list(own_ways("try:\n    find()\nexcept KeyError:\n    raise Http404", Planted))


def test_whoever_comes_second_is_told_by_one_kind_of_refusal():
    """… which a service raises once it has compared what the page showed with what there is."""
    raised = {
        path for path, text in code().items() if "raise ChangedMeanwhile" in text and not path.startswith("tests/")
    }
    # An entry's words say who came between, and its count is the revision.
    assert raised == {"core/forms/pages.py", "actions/services/challenges.py"}


def form_templates() -> Iterator[tuple[str, str]]:
    """Each template with a form that is sent, and is drawn with all its boxes."""
    for path in sorted((ROOT / "templates").rglob("*.html")):
        name, text = str(path.relative_to(ROOT / "templates")), path.read_text(encoding="utf-8")
        if 'method="post"' in text and ("|crispy" in text or name in DRAWN_BY_HAND):
            yield name, text


def test_what_is_typed_is_kept_when_a_sign_in_has_ended():
    templates = {name: text for name, text in form_templates() if not name.startswith("account/") or name in NOT_KEPT}
    assert templates.keys() > DRAWN_BY_HAND
    assert {name for name, text in templates.items() if "{% kept_form %}" not in text} == set(NOT_KEPT)


# The views that add something whose button may be pressed twice.
TAKEN_ONCE = """
    _add _ask act_add action_add action_expect action_update area_add authority_add catalogue_take chapter_add
    challenge_raise consent_list definition_add document_begin document_chapter event_add event_expect figure_take
    figure_type figure_view hand_over_all highlight_add history_publish hold_place indicator_add kpi_move kpi_review
    kpi_set level_name market_begin meeting_add milestone_add month_move note_add operator_hold_place
    operator_retention_months pack_make part_add place_add recording_list region_add retention_months seat_add
    session_add sub_group_add support_offer take_files voice_add
"""
OTHERWISE = {
    "key_add": "it shows its secret once",
    "region_key_add": "it shows its secret once",
    "person_add": "_add takes its form",
}


def test_a_button_that_is_pressed_twice_adds_one_thing():
    """tests/integration/test_sent_once.py says what becomes of the second form."""
    functions = [
        node
        for path in views()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    ]
    taken = {view.name for view in functions if "taken_once" in map(ast.unparse, view.decorator_list)}
    assert taken == set(TAKEN_ONCE.split())
    assert {view.name for view in functions if view.name.endswith("_add")} <= taken | OTHERWISE.keys()
