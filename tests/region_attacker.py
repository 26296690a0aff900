"""A reader who tries all counts of all areas: which of them would have given exactly what the areas and their regions
published?

Areas publish by the real `protect_month`, regions by the real `decide`, one moment after another. A *history* is what
an area counted at each moment; a *world* is a history of each area.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product

from indicators.protection.families import Count, Earlier, Key, protect_month
from indicators.protection.regional import SPANS, Hidden, Look, Outcome, Settled, Shape, decide, find_shape
from indicators.protection.rules import Rule, Suppress

type Values = tuple[int, ...]  # an area's whole, or its categories
type History = tuple[Values, ...]  # at each moment
type World = tuple[History, ...]  # of each area

WHOLE: Key = ("x", "")


@dataclass(frozen=True)
class Place:
    """An area: its rule at each moment, and from which moment on it has editions. `parts` is how many categories it
    has. With `is_corrected`, any moment may have other counts than the one before.
    """

    rules: tuple[Rule, ...]
    parts: int = 0
    starts: int = 0
    is_corrected: bool = False

    @property
    def moments(self) -> int:
        return len(self.rules)


@dataclass(frozen=True)
class Published:
    """What an area's edition shows of its whole at a moment. `told` is all that anybody can see of it."""

    told: tuple[int | None, ...]
    shape: Shape | None
    value: int

    @property
    def is_withheld(self) -> bool:
        return self.told[0] is None


@cache
def publish(place: Place, history: History) -> tuple[Published | None, ...]:
    """Return what the area publishes at each moment; None where it has no edition yet."""
    earlier: dict[Key, tuple[Earlier, ...]] = defaultdict(tuple)
    looks: list[Look] = []
    found: list[Published | None] = []
    for moment, (rule, values) in enumerate(zip(place.rules, history, strict=True)):
        if moment < place.starts:
            found.append(None)
            continue
        true = {WHOLE: sum(values)}
        if place.parts:
            true |= {("x", f"{number}"): value for number, value in enumerate(values)}
        counts = {key: Count(value, rule, earlier=earlier[key]) for key, value in true.items()}
        protection = protect_month(counts, {})
        assert not protection.exposed, (place, history)
        told = {key: None if key in protection.withheld else value for key, value in true.items()}
        for key, value in true.items():
            earlier[key] += (Earlier(value, rule, told[key] is None),)
        looks.append(look_at(told, rule))
        found.append(Published(tuple(told.values()), find_shape(looks), true[WHOLE]))
    return tuple(found)


def look_at(told: Mapping[Key, int | None], rule: Rule) -> Look:
    parts = [value for key, value in told.items() if key[1]]
    return Look(
        rule,
        told[WHOLE] is None,
        has_categories=bool(parts),
        parts=parts.count(None),
        above=sum(value is not None and value > 0 for value in parts),
    )


# --- What regions publish ------------------------------------------------------------------------

# At each moment, for each region, its areas: their places in the world.
type Plan = Sequence[Sequence[frozenset[int]]]
type Total = tuple[Outcome, int | None]


def publish_totals(places: Sequence[Place], world: World, plan: Plan, spans: int = SPANS) -> tuple[Total, ...]:
    """Return each region's total at each moment."""
    editions = [publish(place, history) for place, history in zip(places, world, strict=True)]
    settled: list[Settled[int]] = []
    found: list[Total] = []
    for moment, regions in enumerate(plan):
        for members in regions:
            there = {area: edition for area in members if (edition := editions[area][moment]) is not None}
            hidden = {
                area: Hidden(edition.value, edition.shape) for area, edition in there.items() if edition.is_withheld
            }
            concerned = [one for one in settled if not hidden.keys().isdisjoint(one.values)]
            outcome = decide(hidden, concerned, spans=spans)
            if outcome.settles:
                settled.append(Settled(outcome, {area: one.value for area, one in hidden.items()}))
            total = sum(edition.value for edition in there.values())
            found.append((outcome, total if outcome.is_total_shown else None))
    return tuple(found)


# --- The attack ----------------------------------------------------------------------------------


def list_values(place: Place, values: Sequence[int]) -> list[Values]:
    return list(product(values, repeat=place.parts or 1))


def list_histories(place: Place, values: Sequence[int]) -> Iterator[History]:
    if place.is_corrected:
        yield from product(list_values(place, values), repeat=place.moments)
    else:
        yield from ((one,) * place.moments for one in list_values(place, values))


@dataclass
class Leaks:
    """What the attack found. `outputs` are the different things that regions published, `cells` the hidden counts in
    them, and `shown` how many totals with hidden counts were shown.
    """

    outputs: int = 0
    cells: int = 0
    shown: int = 0
    found: list[str] = field(default_factory=list)


def attack_regions(
    places: Sequence[Place],
    plan: Plan,
    values: Sequence[int],
    *,
    spans: int = SPANS,
    insider: int | None = None,
) -> Leaks:
    """Try all worlds of these counts. `insider` is the place of an area whose counts the reader knows.

    Where nothing was corrected, each history of an area that its own publications leave possible has to stay possible.
    After a correction, what hid a count may hide any other. There, all counts of the shape have to stay possible.
    """
    groups: dict[Hashable, list[World]] = defaultdict(list)
    for world in product(*(list(list_histories(place, values)) for place in places)):
        told = tuple(tell(place, history) for place, history in zip(places, world, strict=True))
        known = () if insider is None else world[insider]
        groups[told, publish_totals(places, world, plan, spans), known].append(world)
    alone: dict[Hashable, set[History]] = defaultdict(set)
    for place in set(places):
        for history in list_histories(place, values):
            alone[place, tell(place, history)].add(history)
    leaks = Leaks(len(groups))
    for worlds in groups.values():
        totals = publish_totals(places, worlds[0], plan, spans)
        leaks.shown += sum(outcome in (Outcome.SHOWN, Outcome.DERIVED) for outcome, _ in totals)
        for area, place in enumerate(places):
            if area == insider:
                continue
            editions = publish(place, worlds[0][area])
            leaks.cells += sum(one is not None and one.is_withheld for one in editions)
            left = {world[area] for world in worlds}
            if place.is_corrected:
                missing: set[Hashable] = find_missing(editions, left)
            else:
                missing = {*(alone[place, tell(place, worlds[0][area])] - left)}
            if missing:
                leaks.found.append(f"{totals}: {area} is none of {missing}")
    return leaks


def find_missing(editions: Sequence[Published | None], left: set[History]) -> set[Hashable]:
    """Return the counts of the shapes, with their moments, that are in no history that is left."""
    return {
        (moment, value)
        for moment, edition in enumerate(editions)
        if edition is not None and edition.is_withheld and edition.shape is not None
        for value in range(edition.shape.least, edition.shape.most + 1)
        if all(sum(history[moment]) != value for history in left)
    }


def tell(place: Place, history: History) -> Hashable:
    return tuple(one and one.told for one in publish(place, history))


def steady(below: int, moments: int, **options: int | bool) -> Place:
    """Return an area with one rule throughout."""
    return Place((Suppress(below),) * moments, **options)  # type: ignore[arg-type]
