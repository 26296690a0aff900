"""What does an event of the record say, in the product's own words? Codes stay in the files."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from core.months import Month, date_label

LONGEST = 300  # characters of a detail on the page; the file has all
# Codes of things that the pages call something else.
THINGS = {
    "advice": "“See the signs”",
    "factor": "Second factor",
    "factor_reset": "Reset of a second factor",
    "figure_import": "Past figures",
    "hook": "Webhook",  # of an earlier release (docs/adr/0066)
    "key": "Key for a machine",
    "keys": "Keys for machines",
    "kpi": "KPI",
    "membership": "Role",
    "name_viewer": "Permission to see names",
    "pack_bundle": "Bundle of packs",
    "role_request": "Request about a role",
    "rule_request": "Request to weaken a rule",
    "submission": "Return",
    "user": "Account",
    "voice": "What people said",
}
ACTS = {"pressed": "asked again", "set": "set", "revoked": "ended", "told": "e-mailed"}
DAY, MONTH = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII), re.compile(r"\d{4}-\d{2}", re.ASCII)


def describe_verb(verb: str) -> str:
    """Return "Return accepted" for submission.accepted."""
    thing, _, act = verb.partition(".")
    return f"{THINGS.get(thing, _spaced(thing).capitalize())} {ACTS.get(act, _spaced(act))}".strip()


def describe_kind(label: str) -> str:
    """Return what the product calls a kind of thing: "Role" for boards.membership."""
    name = label.rpartition(".")[2]
    if name in THINGS:
        return THINGS[name]
    try:
        return str(apps.get_model(label)._meta.verbose_name).capitalize()
    except (LookupError, ValueError, ImproperlyConfigured):
        return _spaced(name).capitalize()  # a kind of an earlier release, or a page


def describe_details(details: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return each detail that says something: its name, and its value."""
    said = []
    for name, value in details.items():
        # An erasure has a digest for each event that it changed: they are for `verify_audit`.
        shown = len(value) if name == "events" and isinstance(value, dict) else value
        if shown not in (None, "", [], {}):
            said.append((_spaced(name.removeprefix("is_")), _cut(describe(shown))))
    return said


def describe(value: Any) -> str:
    """Return a value in words: "31 March 2027", "yes", "name from Police to Essex Police"."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    if isinstance(value, str):
        return _describe_day(value)
    if isinstance(value, Mapping):
        return "; ".join(f"{_spaced(str(name))} {_describe_change(change)}" for name, change in value.items())
    if isinstance(value, list):
        return ", ".join(map(describe, value))
    return json.dumps(value, ensure_ascii=False)


def _describe_change(change: Any) -> str:
    if isinstance(change, list) and len(change) == 2:
        before, after = (describe(each) if each not in (None, "", []) else "nothing" for each in change)
        return f"from {before} to {after}"
    return describe(change)


def _describe_day(text: str) -> str:
    try:
        if DAY.fullmatch(text):
            return date_label(date.fromisoformat(text))
        if MONTH.fullmatch(text):
            return Month.parse(text).label
    except ValueError:
        pass  # it only looks like one
    return text


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}…"


def list_words(values: Iterable[str]) -> list[tuple[str, str]]:
    """Return the options of a filter by what people did, sorted by their words."""
    return sorted(((value, describe_verb(value)) for value in values), key=lambda option: option[1].casefold())
