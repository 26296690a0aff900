"""What did each pair of people decide for each other in a year, and what stands out?"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from boards.presenters.pairs import KINDS, Pair
from core.files import DataFile, Row, make_file_stem
from core.workbook import NoteSection

MARKING = "OFFICIAL-SENSITIVE"
ENOUGH = 10  # decisions, from which a share or a missing refusal says something
NEARLY_ALL = 0.9
A_MINUTE = 60  # seconds
# The names are an interface: somebody's spreadsheet reads them.
PAIR_COLUMNS = {
    "asked_by": "The e-mail address of the person who asked, submitted or brought in, or “system”.",
    "decided_by": "The e-mail address of the person who decided.",
    "kind": "What they decided.",
    "decided": "How often.",
    "declined": "How many of them they declined or gave back.",
    "within_a_minute": "How many of them they decided within a minute after they were asked for.",
    "share": "The share of all decisions of this kind, from 0 to 1.",
}


@dataclass(frozen=True, slots=True)
class PairRow:
    """How often one person decided what another asked for. `kinds` has each kind with its number."""

    asked_by: str
    decided_by: str
    decided: int
    declined: int
    share: str
    kinds: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class PairsReport:
    """The pairs, the busiest first, and sentences about what stands out."""

    rows: list[PairRow]
    decided: int
    declined: int
    stand_outs: list[str]


def make_report(pairs: Sequence[Pair], *, unknown: int) -> PairsReport:
    """Report on the acts of two people. `unknown` counts decisions where nobody knows who asked."""
    by_people: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_people[pair.asked_by, pair.decided_by].append(pair)
    rows = [
        PairRow(
            asked_by=people[0],
            decided_by=people[1],
            decided=len(own),
            declined=sum(pair.is_declined for pair in own),
            share=_percent(len(own), len(pairs)),
            kinds=[(kind.name, number) for kind in KINDS if (number := sum(pair.kind is kind for pair in own))],
        )
        for people, own in by_people.items()
    ]
    return PairsReport(
        rows=sorted(rows, key=lambda row: (-row.decided, row.asked_by, row.decided_by)),
        decided=len(pairs),
        declined=sum(pair.is_declined for pair in pairs),
        stand_outs=[*_list_stand_outs(pairs), *_describe_unknown(unknown)],
    )


def _list_stand_outs(pairs: Sequence[Pair]) -> Iterator[str]:
    declined = sum(pair.is_declined for pair in pairs)
    if len(pairs) >= ENOUGH and not declined:
        yield f"Nobody declined anything, in {len(pairs):,} decisions."
    for kind in KINDS:
        of_kind = [pair for pair in pairs if pair.kind is kind]
        counted = Counter((pair.asked_by, pair.decided_by) for pair in of_kind)
        for (asked, decided), number in counted.most_common(1):
            if len(of_kind) >= ENOUGH and number >= NEARLY_ALL * len(of_kind):
                yield (
                    f"{kind.name}: {decided} decided {number:,} of {len(of_kind):,} "
                    f"({_percent(number, len(of_kind))}), all of them asked for by {asked}."
                )
        if quick := sum(_is_quick(pair) for pair in of_kind):
            times = "1 was" if quick == 1 else f"{quick:,} were"
            yield f"{kind.name}: {times} decided within a minute after somebody asked."
    people = {(pair.asked_by, pair.decided_by) for pair in pairs}
    for one, other in sorted(people):
        if one < other and (other, one) in people:
            yield f"{one} and {other} decided for each other."
    for one in sorted({pair.asked_by for pair in pairs if pair.asked_by == pair.decided_by}):
        yield f"{one} decided what they had asked for themselves. Earlier releases allowed it."


def _describe_unknown(unknown: int) -> Iterator[str]:
    if unknown:
        number = "1 decision isn’t" if unknown == 1 else f"{unknown:,} decisions aren’t"
        yield f"{number} counted, because the record doesn’t say who asked."


def _is_quick(pair: Pair) -> bool:
    return not pair.is_declined and pair.seconds is not None and 0 <= pair.seconds < A_MINUTE


def _percent(part: int, whole: int) -> str:
    return f"{round(100 * part / whole)}%"


def make_pairs_file(pairs: Iterable[Pair], *, area: str, period: str, made_at: datetime) -> DataFile:
    """Return a row for each pair and each kind of act, the most first."""
    counted: dict[tuple[str, str, str], list[Pair]] = defaultdict(list)
    of_kind: Counter[str] = Counter()
    for pair in pairs:
        counted[pair.asked_by, pair.decided_by, pair.kind.name].append(pair)
        of_kind[pair.kind.name] += 1
    rows: list[Row] = [
        {
            "asked_by": asked,
            "decided_by": decided,
            "kind": kind,
            "decided": len(own),
            "declined": sum(pair.is_declined for pair in own),
            "within_a_minute": sum(_is_quick(pair) for pair in own),
            "share": round(len(own) / of_kind[kind], 4),
        }
        for (asked, decided, kind), own in sorted(counted.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return DataFile(
        stem=make_file_stem(MARKING, area, "decisions by two people", f"{timezone.localtime(made_at):%Y-%m-%d}"),
        title="Decisions by two people",
        marking=MARKING,
        columns=list(PAIR_COLUMNS),
        rows=rows,
        about={"area": area, "made_at": made_at.isoformat(), "period": period},
        notes=lambda: [
            NoteSection("What is in it", [("Area", area), ("Period", period)]),
            NoteSection("Columns", list(PAIR_COLUMNS.items())),
        ],
        made_at=made_at,
        rows_are="pairs",
    )
