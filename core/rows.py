"""How do the rows of a statement become objects, if it is asked again and again?

Django finds out with each query how to read its rows. For a few rows, that takes longer than to read them. Here it is
found out once (docs/adr/0088).
"""

from collections.abc import Callable, Sequence
from copy import copy
from functools import cached_property
from typing import Any
from weakref import ref

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.query import ModelIterable, get_related_populators
from django.db.models.signals import post_init, pre_init

type Make = Callable[[str, Sequence[str], Sequence[Any]], Model]


class Reader[Row]:
    """What makes objects of a queryset's rows. Several threads share it."""

    def __init__(self, queryset: QuerySet[Any, Row], compiler: Any) -> None:
        """`compiler` has composed the queryset's statement."""
        self.queryset: Any = queryset
        self.compiler = compiler
        fields = [column[0] for column in compiler.select[: compiler.col_count]]
        self.converters = compiler.get_converters(fields)
        self.width = compiler.col_count if compiler.has_extra_select else None
        queried: Any = queryset
        self.is_plain = (
            queried._iterable_class is ModelIterable
            and not queried._known_related_objects
            # Django's objects of related rows would keep their peers.
            and not (queried._fetch_mode.track_peers and compiler.klass_info.get("related_klass_infos"))
            and not compiler.has_composite_fields(fields)
        )
        if self.is_plain:
            self._prepare_models()

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The database's types of the columns."""
        columns = self.compiler.select[: self.compiler.col_count]
        return tuple(column[0].output_field.db_type(connections[DEFAULT_DB_ALIAS]) for column in columns)

    def read(self, rows: Sequence[Sequence[Any]]) -> list[Row]:
        if not rows:
            return []
        return self._read_models(rows) if self.is_plain else list(self.queryset._iterable_class(Held(self, rows)))

    def _prepare_models(self) -> None:
        made, mode = self.compiler.klass_info, self.queryset._fetch_mode
        first, last = made["select_fields"][0], made["select_fields"][-1] + 1
        self.own = slice(first, last)
        self.names = [column[0].target.attname for column in self.compiler.select[self.own]]
        self.make = find_maker(made["model"], mode)
        self.populators = get_related_populators(made, self.compiler.select, DEFAULT_DB_ALIAS, mode)
        speed_up(self.populators, mode)
        self.annotations = list(self.compiler.annotation_col_map.items())

    def _read_models(self, rows: Sequence[Sequence[Any]]) -> list[Any]:
        """As Django's ModelIterable."""
        found, connection = [], connections[DEFAULT_DB_ALIAS]
        peers: list[Any] | None = [] if self.queryset._fetch_mode.track_peers else None
        converters = list(self.converters.items())
        for row in rows:
            if converters:
                row = list(row)  # noqa: PLW2901
                for at, (functions, expression) in converters:
                    for function in functions:
                        row[at] = function(row[at], expression, connection)
            made = self.make(DEFAULT_DB_ALIAS, self.names, row[self.own])
            if peers is not None:
                peers.append(ref(made))
                made._state.peers = peers
            for populator in self.populators:
                populator.populate(row, made)
            for name, at in self.annotations:
                setattr(made, name, row[at])
            found.append(made)
        return found


def make_reader[Row](queryset: QuerySet[Any, Row]) -> Reader[Row]:
    """Return what makes objects of the rows of a statement by hand, if it has the queryset's columns in their order."""
    compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
    compiler.as_sql()
    return Reader(queryset, compiler)


class Held:
    """What Django's other iterables need of a queryset. Its rows are here, and its compiler belongs to this thread."""

    def __init__(self, reader: Reader[Any], rows: Sequence[Sequence[Any]]) -> None:
        made, width = reader.queryset, reader.width
        compiler = copy(reader.compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        compiler.get_converters = lambda expressions: reader.converters
        compiler.execute_sql = lambda *given, **named: [rows if width is None else [row[:width] for row in rows]]
        self.query: Any = copy(made.query)
        self.query.get_compiler = lambda using=None: compiler
        self.db, self.model, self._fields = DEFAULT_DB_ALIAS, made.model, made._fields
        self._fetch_mode, self._known_related_objects = made._fetch_mode, made._known_related_objects


def speed_up(populators: Sequence[Any], mode: Any) -> None:
    for populator in populators:
        populator.from_db = find_maker(populator.model_cls, mode)
        speed_up(populator.related_populators, mode)


def find_maker(model: type[Model], mode: Any) -> Make:
    """Return what makes an object of a row: Django's, if the model has its own way or somebody listens."""
    own: Any = model
    is_usual = own.__init__ is Model.__init__ and own.from_db.__func__ is Model.from_db.__func__  # type: ignore[attr-defined]
    if not is_usual or pre_init.has_listeners(model) or post_init.has_listeners(model):
        return lambda db, names, values: own.from_db(db, names, values, fetch_mode=mode)

    def make(db: str, names: Sequence[str], values: Sequence[Any]) -> Model:
        """As Model.from_db. A value needs no descriptor while nothing hangs on the object."""
        made = own.__new__(own)
        state = ModelState()
        # Django would make the dictionary when the object goes, only to empty it.
        state.adding, state.db, state.fetch_mode, state.fields_cache = False, db, mode, {}
        held = made.__dict__
        held["_state"] = state
        held.update(zip(names, values, strict=True))
        return made  # type: ignore[no-any-return]

    return make
