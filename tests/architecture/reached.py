"""What a view can come to: each function, class and value of ours that it names, and those that they name in turn.

It reads compiled code, so moving or renaming a module changes nothing. It doesn't see what a relation leads to, as in
`edition.snapshot.lines`.
"""

import functools
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.template import Engine, TemplateDoesNotExist
from ninja.operation import PathView

OURS = {
    "core",
    "boards",
    "indicators",
    "actions",
    "reporting",
    "operations",
    "vvdash",
    "tests",
}  # the last has what a test plants


def list_models(*starts: Any) -> set[type[Model]]:
    """The models that are named on the way, or whose tables a statement names."""
    tables = {model._meta.db_table: model for model in apps.get_models()}
    found: set[type[Model]] = set()
    for value in reach(*starts):
        if isinstance(value, type) and issubclass(value, Model) and not value._meta.abstract:
            found.add(value)
        elif isinstance(value, str):
            found |= {tables[word] for word in re.findall(r"\w+", value) if word in tables}
    return found


def reach(*starts: Any) -> Iterator[Any]:
    """Everything, each once."""
    seen: dict[object, Any] = {}  # which also keeps it, so that no two have one number
    to_do = list(starts)
    while to_do:
        value = to_do.pop()
        key = value if isinstance(value, str) else id(value)
        if key not in seen:
            seen[key] = value
            yield value
            to_do += look_into(value)


@functools.singledispatch
def look_into(value: Any) -> Iterator[Any]:
    """What a value has in it."""
    if hasattr(value, "__wrapped__"):  # by functools.cache
        yield value.__wrapped__
    elif is_ours(type(value)):
        yield type(value)


@look_into.register(FunctionType)
def look_into_function(function: FunctionType) -> Iterator[Any]:
    yield from (cell.cell_contents for cell in function.__closure__ or ())
    if is_ours(function):
        yield from (function.__defaults__ or ())
        yield from (function.__kwdefaults__ or {}).values()
        for code in list_code(function.__code__):
            yield from (constant for constant in code.co_consts if isinstance(constant, str))
            yield from list_named(function, code.co_names)


@look_into.register(MethodType)
@look_into.register(staticmethod)
@look_into.register(classmethod)
def look_into_method(method: MethodType) -> Iterator[Any]:
    yield method.__func__


@look_into.register
def look_into_property(value: property) -> Iterator[Any]:
    yield value.fget


@look_into.register(functools.cached_property)
def look_into_cached(value: functools.cached_property[Any]) -> Iterator[Any]:
    yield value.func


@look_into.register(functools.partial)
def look_into_partial(value: functools.partial[Any]) -> Iterator[Any]:
    yield from (value.func, *value.args, *value.keywords.values())


@look_into.register
def look_into_class(value: type) -> Iterator[Any]:
    yield from (part for base in value.__mro__ if is_ours(base) for part in vars(base).values())
    if issubclass(value, Model) and not value._meta.abstract:
        yield type(value._default_manager.all())


@look_into.register(dict)
def look_into_mapping(values: dict[Any, Any]) -> Iterator[Any]:
    yield from values.values()


@look_into.register(list)
@look_into.register(tuple)
@look_into.register(set)
@look_into.register(frozenset)
def look_into_collection(values: Iterable[Any]) -> Iterator[Any]:
    yield from values


@look_into.register
def look_into_address(view: PathView) -> Iterator[Any]:
    """Of the API: what needs no key."""
    yield from (operation.view_func for operation in view.operations if not operation.auth_callbacks)


@look_into.register
def look_into_text(text: str) -> Iterator[Any]:
    """If it names a template: what its tags name, and the templates that it includes."""
    if not text.endswith(".html"):
        return
    with suppress(TemplateDoesNotExist):  # the end of a name that is put together
        engine = Engine.get_default()
        source = engine.get_template(text).source
        yield from re.findall(r"\"([\w/.-]+\.html)(?:#\w+)?\"", source)
        libraries = engine.template_libraries
        for name in {name for names in re.findall(r"{% load (.+?) %}", source) for name in names.split()}:
            if name in libraries:
                yield from (*libraries[name].tags.values(), *libraries[name].filters.values())


def list_named(function: FunctionType, names: tuple[str, ...]) -> list[Any]:
    """The values of these names, and of the same names in a module that one of them is."""
    # A module that the function itself imports is no global.
    values = [function.__globals__.get(name, sys.modules.get(name)) for name in names]
    modules: set[str] = set()
    for value in values:
        if isinstance(value, ModuleType) and value.__name__ not in modules and value.__name__.partition(".")[0] in OURS:
            modules.add(value.__name__)
            values += [vars(value)[name] for name in names if name in vars(value)]
    return values


def list_code(code: CodeType) -> Iterator[CodeType]:
    """Its own, and that of each function inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from list_code(constant)


def is_ours(value: Any) -> bool:
    return str(getattr(value, "__module__", "")).partition(".")[0] in OURS
