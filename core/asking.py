"""How do many questions become few statements? First we ask which of them have an answer at all (docs/adr/0090).

A home asks thirty questions, and most of the answers are "nothing". What has a question is a generator:

    def recording_tasks(access: Access) -> Asking[list[Task]]:
        found = yield from ask(list_asked_by_others, access.area, access.user)
        return [make_task(change) for change in found]

`together` runs several beside each other, and `find_out` runs one and returns what it returns. What waits at the same
moment is asked by one statement. Then only the rows of those with any are read. What mostly has rows is asked with
`expect`: its rows come with the first answer.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, compress
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from core.compiled import Compiled, Composed, Statement
from core.joining import MOST, Part, fetch_parts, move

FEW = 2  # questions that cost no less together


@dataclass(frozen=True, slots=True)
class Question:
    """A call of a compiled function. Where rows are `expected`, it isn't asked first whether there are any."""

    function: Compiled[Any]
    arguments: tuple[Any, ...]
    expected: bool = False


# It yields the questions that it can't go on without, and gets the rows of each.
type Asking[Result] = Generator[Sequence[Question], Sequence[list[Any]], Result]


def ask[Row](function: Compiled[Row], *arguments: Any) -> Asking[list[Row]]:
    """Return the rows that the function would return."""
    (rows,) = yield (Question(function, arguments),)
    return rows


def expect[Row](function: Compiled[Row], *arguments: Any) -> Asking[list[Row]]:
    """Return the same, for what mostly has rows."""
    (rows,) = yield (Question(function, arguments, expected=True),)
    return rows


def together[Result](*askings: Asking[Result]) -> Asking[list[Result]]:
    """Return what each of these returns. What they wait for at the same moment is asked together."""
    results: dict[int, Result] = {}
    waiting: dict[int, Sequence[Question]] = {}

    def go_on(at: int, rows: Any) -> None:
        try:
            waiting[at] = askings[at].send(rows)
        except StopIteration as end:
            waiting.pop(at, None)
            results[at] = end.value

    for at in range(len(askings)):
        go_on(at, None)
    while waiting:
        asked = dict(waiting)
        rows = iter((yield tuple(chain.from_iterable(asked.values()))))
        for at, questions in asked.items():
            go_on(at, [next(rows) for _ in questions])
    return [results[at] for at in range(len(askings))]


def both[First, Second](first: Asking[First], second: Asking[Second]) -> Asking[tuple[First, Second]]:
    """Return what these two return, together."""
    pair: list[Asking[Any]] = [first, second]
    one, other = yield from together(*pair)
    return one, other


def by_name(**askings: Asking[Any]) -> Asking[dict[str, Any]]:
    """Return what these return, together, for the context of a template."""
    return dict(zip(askings, (yield from together(*askings.values())), strict=True))


def find_out[Result](asking: Asking[Result]) -> Result:
    """Run it, and return what it returns."""
    rows: Any = None
    while True:
        try:
            questions = asking.send(rows)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        rows = find_rows(questions)


# --- Statements ------------------------------------------------------------------------------------


type Call = tuple[Statement[Any], tuple[Any, ...]]  # with its values


def find_rows(questions: Sequence[Question]) -> list[list[Any]]:
    """Return the rows of each question. The same question is asked once."""
    calls: list[Call | None] = []
    wanted: dict[Call, bool] = {}  # whether rows are expected
    for question in questions:
        statement, values = question.function.find(question.arguments)
        call = (statement, tuple(values)) if statement else None
        calls.append(call)
        if call:
            wanted[call] = question.expected or wanted.get(call, False)
    expected, others = [[call for call, is_so in wanted.items() if is_so == kind] for kind in (True, False)]
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        if expected and connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
            found, some = fetch_at_once(expected, others, cursor)
        else:
            found, some = {}, [*expected, *keep_answered(others, cursor)]
        found |= {(statement, values): statement.fetch(values, cursor) for statement, values in some}
    return [found.get(call, []) if call else [] for call in calls]


def fetch_at_once(
    expected: Sequence[Call], others: Sequence[Call], cursor: Any
) -> tuple[dict[Call, list[Any]], Sequence[Call]]:
    """Return the rows that are expected, and those of the others that have any. One query."""
    parts = [Part(statement.rows, statement.reader.types, values) for statement, values in expected]
    if others:
        values = [*chain.from_iterable(values for _, values in others)]
        # In one column: each row of the others would have all of them, empty.
        parts.append(Part(compose(sizes(others), "SELECT ARRAY[{}]"), ("boolean[]",), values))
    lists = fetch_parts(parts, cursor)
    some = [*compress(others, lists.pop()[0][0])] if others else []
    return {call: call[0].make(rows) for call, rows in zip(expected, lists, strict=True)}, some


def keep_answered(calls: Sequence[Call], cursor: Any) -> Sequence[Call]:
    """Return those that have a row. One query; none for so few that it wouldn't save any."""
    if len(calls) <= FEW:
        return calls
    statement = compose(sizes(calls))
    ((*has_rows,),) = statement.ask([*chain.from_iterable(values for _, values in calls)], cursor)
    return [*compress(calls, has_rows)]


def sizes(calls: Sequence[Call]) -> tuple[tuple[Statement[Any], int], ...]:
    return tuple((statement, len(values)) for statement, values in calls)


@lru_cache(MOST)
def compose(asked: Sequence[tuple[Statement[Any], int]], text: str = "SELECT {}") -> Composed:
    """Return one statement that asks which of these have a row. They have so many values each, which follow one
    another. `text` has a place for the answers."""
    columns, parameters, first = [], [], 0
    for statement, length in asked:
        columns.append(f"EXISTS({statement.any.sql})")
        parameters += move(statement.any, first)
        first += length
    return Composed(text.format(", ".join(columns)), parameters)
