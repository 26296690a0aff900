"""Every box of a form that takes words is looked through for what seems to be a person's."""

import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from django import forms

import actions
import boards
import indicators
import reporting
from core.forms import GuardedForm

# Every module of forms of every app and noun but core, which has the kinds that others are of.
MODULES = tuple(
    module.name
    for app in (boards, indicators, actions, reporting)
    for module in pkgutil.walk_packages(app.__path__, f"{app.__name__}.")
    if "forms" in module.name.split(".")
)
# Each with why it isn't.
EXEMPT = {
    "PersonForm.name": "it is a person's name, and is there for that",
    "AreaForm.person": "the same",
    "RegionPersonForm.name": "the same",
    "AgencyForm.domains": "a list of domains: what is none is refused",
    "PeopleForm.table": "they are people's names and addresses, and are there for that",
    "PeopleForm.seen": "the page itself sent it",
    "AreaForm.slug": "a code is letters, digits and hyphens",
    "RegionForm.slug": "the same",
    "AreaForm.ons_code": "a code of the ONS: what is none is refused",
    "TakeForm.seen": "the page itself sent it",
    "TakeHistoryForm.seen": "the same",
    "ImportDecisionForm.seen": "the same",
    "TakeHistoryForm.content": "the same: its question is about the notes in it",
    "HistoryForm.place": "a name out of the police’s file: what is none is refused, and nothing keeps it",
    "MeetingForm.meeting": "of a draft, which nothing keeps: IssueForm looks at it",
    "OrderForm.meeting": "the same",
    "PackForm.meeting": "the same",
    "SessionForm.groups": "a count: what is no number is refused",
    "SessionForm.people": "the same",
    "CorrectionForm.value": "the same",
    "CorrectionForm.reason": "out of a list",
    "EntriesForm.pasted": "of a draft: SubmitForm looks at what is handed in",
    "EntriesForm.opened": "the page itself sent it",
    "EntriesForm.start": "the same",
    "EntriesForm.then": "a button",
    "TargetFields.steps": "months and numbers: what is anything else is refused",
    "SettingForm.steps": "the same",
    "MoveForm.steps": "the same",
}


def form_classes() -> set[Any]:
    return {
        found
        for module in map(import_module, MODULES)
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, forms.BaseForm) and found.__module__ in MODULES
    }


def boxes() -> Iterator[tuple[str, bool]]:
    """Each box that takes words, "BoardForm.basis", and whether it is looked at."""
    for form in form_classes():
        guarded = {*form.free_text, *form.short_text} if issubclass(form, GuardedForm) else set()
        for name, field in form.base_fields.items():
            takes_words = isinstance(field, forms.CharField) and not isinstance(field, forms.EmailField)
            if takes_words and name != "code" and not field.widget.is_hidden:  # a code is letters, digits and hyphens
                yield f"{form.__name__}.{name}", name in guarded


def test_it_finds_the_boxes():
    names = {name for name, _ in boxes()}
    assert {"BoardForm.basis", "IndicatorForm.definition", "HighlightForm.story", "AnswerForm.text"} <= names


def test_each_is_looked_at():
    assert sorted(name for name, is_guarded in boxes() if not is_guarded and name not in EXEMPT) == []


def test_what_is_exempt_is_there():
    assert EXEMPT.keys() <= {name for name, is_guarded in boxes() if not is_guarded}
