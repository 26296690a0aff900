"""Which entries of a catalogue are wanted? Pure."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from indicators.catalogues.entries import Catalogue, IndicatorEntry


class NotThere(Exception):
    """Raised for codes that the catalogue doesn't have. Its text is a sentence."""


def is_offered(entry: IndicatorEntry, catalogue: Catalogue) -> bool:
    """Return whether somebody would choose it by itself. What only a ratio needs is added with the ratio."""
    is_needed = any(entry.code in (other.numerator, other.denominator) for other in catalogue.indicator)
    return not (is_needed and entry.shown_on == "ratios")


def choose(catalogue: Catalogue, indicators: Collection[str], *, boards: Collection[str] | None = None) -> Catalogue:
    """Return the catalogue with these indicators, those that they need, and these boards (None: all boards). Sections
    and dimensions that are then unused are left out. Raises NotThere for an unknown code."""
    check_there(indicators, catalogue.indicator, noun="indicator")
    needed = {entry.code: entry.needs for entry in catalogue.indicator}
    wanted, waiting = set[str](), list(indicators)
    while waiting:
        code = waiting.pop()
        if code not in wanted:
            wanted.add(code)
            waiting += needed[code]
    left = [entry for entry in catalogue.indicator if entry.code in wanted]
    gone = [entry for entry in catalogue.indicator if entry.code not in wanted]
    kept_boards = catalogue.board
    if boards is not None:
        check_there(boards, catalogue.board, noun="board")
        kept_boards = tuple(entry for entry in catalogue.board if entry.code in boards)
        there = {board.code for board in kept_boards}
        left = [replace(entry, boards=tuple(code for code in entry.boards if code in there)) for entry in left]

    def lost(field: str) -> set[str]:
        return {getattr(entry, field) for entry in gone} - {getattr(entry, field) for entry in left}

    return replace(
        catalogue,
        board=tuple(
            replace(entry, order=tuple(code for code in entry.order if code in wanted)) for entry in kept_boards
        ),
        section=tuple(entry for entry in catalogue.section if entry.code not in lost("section")),
        dimension=tuple(entry for entry in catalogue.dimension if entry.code not in lost("dimension")),
        indicator=tuple(replace(entry, optional=False) for entry in left),
    )


def choose_usual(catalogue: Catalogue, *, also: Iterable[str] = (), without: Iterable[str] = ()) -> Catalogue:
    """Return everything that isn't optional, with the `also` codes and `without` others. Raises NotThere for an unknown
    code."""
    also, without = list(also), list(without)
    check_there([*also, *without], catalogue.indicator, noun="indicator")
    usual = [entry.code for entry in catalogue.indicator if not entry.optional]
    return choose(catalogue, [code for code in dict.fromkeys([*usual, *also]) if code not in without])


def check_there(codes: Iterable[str], entries: Iterable[object], *, noun: str) -> None:
    there = [getattr(entry, "code", "") for entry in entries]
    for code in codes:
        if code not in there:
            raise NotThere(f"The catalogue has no {noun} “{code}”. It has: {', '.join(there)}.")
