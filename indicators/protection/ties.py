"""Decides what else to withhold where rules across figures tie counts together. Pure.

Families (indicators.protection.families) are protected one by one. A strict rule ties them: where groups are at most
lines, what is shown of lines says something about groups. The reader knows every rule.

Rules make no tree, so narrowing isn't exact, and exact limits would take linear programmes in whole numbers. We look
for proofs instead. A *world* has a count for each place, agrees with all that is shown, and keeps every sum and rule.
The true counts are one. If two worlds are far enough apart in a count, nobody can know it better. Worlds are found by
moving one count by 1, and mending each tie that this breaks by moving another. Where no world is found, the count
passes for revealed, so what the search misses costs figures and never a secret.

Then whole families are withheld: those that rules tie to the revealed count's, all at once, then its own. Which of them
would have been enough would tell who knows this code which count is small.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from core.calendar import Month
from indicators.protection.families import ANYTHING, Bounds, Count, Family, Key, meet
from indicators.protection.rules import Suppress
from indicators.validation import Relation, Rule, Term, narrow_to_each

type Place = tuple[Month, Key]
type Values = Mapping[Place, int]
type Moves = Mapping[Place, int]  # how far a world is from the true counts

PATIENCE = 200  # moves, to make a world of another


@dataclass(frozen=True, slots=True)
class Tie:
    """Two sums of counts that compare as a rule says."""

    left: tuple[Place, ...]
    relation: Relation
    right: tuple[Place, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        return self.left + self.right

    def find_gap(self, value: Callable[[Place], int]) -> int:
        """Return by how much the right side is too little, or too much where that is below 0."""
        left, right = sum(map(value, self.left)), sum(map(value, self.right))
        match self.relation:
            case Relation.EQUAL:
                return left - right
            case Relation.WITH:
                return int(left > 0 and right <= 0)
            case _:
                return max(left - right, 0)


def make_ties(rules: Iterable[Rule], values: Values) -> list[Tie]:
    """Return what strict rules say of these counts. A count that isn't there may be anything from 0. A rule that the
    counts break says nothing."""
    codes: dict[str, set[str]] = defaultdict(set)
    for _, (code, category) in values:
        codes[code].add(category)
    categories = {code: sorted(of_code - {""}) for code, of_code in codes.items()}
    months = sorted({month for month, _ in values})
    singles = [
        single
        for rule in rules
        if rule.is_strict
        for single in narrow_to_each(rule, lambda code: categories.get(code, ()))
    ]
    return [
        tie
        for month in months
        for single in singles
        for tie in tie_in(month, single, values)
        if not tie.find_gap(values.__getitem__)
    ]


def tie_in(month: Month, rule: Rule, values: Values) -> Iterator[Tie]:
    """Yield what a rule says of one month."""
    left, right = (find_places(month, side, values) for side in (rule.left, rule.right))
    sides = {
        Relation.AT_MOST: [(left, right)],
        Relation.AT_LEAST: [(right, left)],
        Relation.EQUAL: [(left, right), (right, left)],
        Relation.WITH: [(left, right)],
    }[rule.relation]
    relation = Relation.WITH if rule.relation is Relation.WITH else Relation.AT_MOST
    for less, (more, is_whole) in ((less, more) for (less, _), more in sides):
        if less and is_whole:
            yield Tie(less, relation, more)


def find_places(month: Month, side: Iterable[Term], values: Values) -> tuple[tuple[Place, ...], bool]:
    """Return the places of a side, and whether these are all of it. A category without a figure, of an indicator with
    one, counts none."""
    places, is_whole = [], True
    for term in side:
        when = month.previous if term.is_before else month
        if (when, (term.indicator, term.category)) in values:
            places.append((when, (term.indicator, term.category)))
        elif (when, (term.indicator, "")) not in values:
            is_whole = False
    return tuple(places), is_whole


def find_total(place: Place, wholes: Mapping[str, str]) -> Place:
    """Return what a count is part of: the indicator of a category, or the whole of a part."""
    month, (code, category) = place
    return month, (code if category else wholes[code], "")


def find_asked(place: Place, unasked: Container[Place], wholes: Mapping[str, str]) -> Place:
    """Return the count that an edition may show and that this one is part of."""
    while place in unasked:
        place = find_total(place, wholes)
    return place


class Worlds:
    """Finds worlds beside the true one. `bounds` are what is shown of each count by itself."""

    def __init__(self, values: Values, bounds: Mapping[Place, Bounds], ties: Iterable[Tie]) -> None:
        self.values, self.bounds = values, bounds
        self.ties_of: dict[Place, list[Tie]] = defaultdict(list)
        for tie in ties:
            for place in tie.places:
                self.ties_of[place].append(tie)
        self.patience = 0

    def find_width(self, place: Place, enough: int) -> int:
        """Return how far apart two worlds are in this count, looking for no more than `enough`."""
        up = self.go(place, 1, enough)
        return up + self.go(place, -1, enough - up)

    def go(self, place: Place, step: int, most: int) -> int:
        moves: Moves = {}
        for gone in range(most):
            self.patience = PATIENCE
            further = self.move(moves, place, step, frozenset())
            if further is None:
                return gone
            moves = further
        return most

    def move(self, moves: Moves, place: Place, step: int, fixed: frozenset[Place]) -> Moves | None:
        """Return the moves of a world in which this count has moved too; None if none is found. Those that are `fixed`
        mended this far."""
        self.patience -= 1
        least, most = self.bounds[place]
        moved = moves.get(place, 0) + step
        if self.patience < 0 or not least <= self.values[place] + moved <= most:
            return None
        world: Moves | None = {**moves, place: moved}
        for tie in self.ties_of[place]:
            if world is not None:
                world = self.mend(world, tie, fixed | {place})
        return world

    def mend(self, moves: Moves, tie: Tie, fixed: frozenset[Place]) -> Moves | None:
        gap = tie.find_gap(lambda place: self.values[place] + moves.get(place, 0))
        if not gap:
            return moves
        for other, step in self.order(tie, gap):
            if other not in fixed and (world := self.move(moves, other, step, fixed)) is not None:
                return world
        return None

    def order(self, tie: Tie, gap: int) -> list[tuple[Place, int]]:
        """Return which counts could mend a tie, those first that fewer others depend on."""
        free = [(place, gap) for place in tie.right] + [(place, -gap) for place in tie.left]
        return sorted(free, key=lambda other: len(self.ties_of[other[0]]))


type Whole = tuple[Month, int]  # a family: its month, and its place in that


@dataclass(frozen=True)
class TiedFamilies:
    """What an edition would show of several months: the families of each, and what is withheld of them, also for the
    sake of rules (`also`). `unasked` has counts that no page shows: categories of a part, and parts of a whole, which
    `wholes` names. `rules` are ties between them."""

    families: Mapping[Month, Sequence[Family]]
    withheld: Mapping[Month, Set[Key]]
    also: Mapping[Month, Set[Key]]
    unasked: Mapping[Place, Count]
    rules: Sequence[Tie]
    wholes: Mapping[str, str]

    def get(self, whole: Whole) -> Family:
        month, number = whole
        return self.families[month][number]

    @cached_property
    def owners(self) -> dict[Place, Whole]:
        """Return the family of each count."""
        owners = {
            (month, key): (month, number)
            for month, families in self.families.items()
            for number, family in enumerate(families)
            for key in family.counts
        }
        return owners | {place: owners[find_asked(place, self.unasked, self.wholes)] for place in self.unasked}

    @cached_property
    def near(self) -> dict[Whole, set[Whole]]:
        """Return the families that rules tie to each."""
        near: dict[Whole, set[Whole]] = defaultdict(set)
        for tie in self.rules:
            tied = {self.owners[place] for place in tie.places}
            for whole in tied:
                near[whole] |= tied
        return near

    def list_rings(self, start: Whole) -> list[set[Whole]]:
        """Return the families around one: itself, those that rules tie to it, those tied to them, and so on."""
        rings, seen = [{start}], {start}
        while ring := {other for whole in rings[-1] for other in self.near[whole]} - seen:
            rings.append(ring)
            seen |= ring
        return rings

    def find_more(self) -> set[Place]:
        """Return what else to withhold because rules would reveal a count; nothing where they reveal none."""
        more: set[Place] = set()
        seen: set[Whole] = set()
        for whole in sorted(self.near):
            if whole not in seen:
                wholes = set().union(*self.list_rings(whole))
                seen |= wholes
                more |= self.find_more_in(Cluster(self, wholes))
        return more

    def find_more_in(self, cluster: "Cluster") -> set[Place]:
        if not cluster.wanted:
            return set()
        more = cluster.find_unsaid()
        for place in cluster.find_exposed():
            own, *others = self.list_rings(self.owners[place])
            # A tied family first, all around: which of them would do may tell which count is small.
            for ring in (*others[:1], own, *others[1:]):
                if following := set().union(*map(self.list_shown, ring)):
                    more |= following
                    break
        return more

    def list_shown(self, whole: Whole) -> set[Place]:
        """Return what a family still shows and could be withheld: counts above 0, or zeros where there are no others.
        What has been said before stays."""
        month, family = whole[0], self.get(whole)
        shown = {key for key in family.asked_for - self.withheld[month] if not family.counts[key].is_said_before}
        return {(month, key) for key in {key for key in shown if family.counts[key].value} or shown}

    def show(self, place: Place) -> Bounds:
        """Return what is shown of a count by itself."""
        month, key = place
        if place in self.unasked:
            return ANYTHING
        return self.get(self.owners[place]).shown(key, key in self.withheld[month])

    def guess(self, place: Place) -> Bounds:
        """Return what a reader who knows the rule makes of a count's being withheld: alone it is small, and a total
        goes only where it hides too little. Where rules withhold something of the family, that tells nothing."""
        month, key = place
        family = self.get(self.owners[place])
        count = family.counts.get(key)
        if count is None or not isinstance(count.rule, Suppress) or count.earlier or key not in self.withheld[month]:
            return ANYTHING
        if not self.also[month].isdisjoint(family.counts):
            return ANYTHING
        splits = [addition.parts for addition in family.sums if addition.total == key]
        beside = splits or [tuple(part for part in family.counts if part not in family.totals)]
        above = max(sum(family.counts[part].value > 0 for part in parts) for parts in beside)
        if above > 1 and key not in family.totals:
            return ANYTHING
        most = count.rule.below - 1 + (above if above > 1 else 0)
        return (1, most) if count.value <= most else ANYTHING


class Cluster:
    """Families that rules tie together, one by another: their counts and ties, and how wide the interval of those has
    to be that must stay unknown. What was public before can't be taken back."""

    def __init__(self, tied: TiedFamilies, wholes: set[Whole]) -> None:
        self.tied, self.wholes = tied, sorted(wholes)
        self.counts: dict[Place, Count] = {}
        self.wanted: dict[Place, int] = {}
        ties = [tie for tie in tied.rules if tied.owners[tie.places[0]] in wholes]
        for month, number in self.wholes:
            family = tied.get((month, number))
            self.counts |= {(month, key): count for key, count in family.counts.items()}
            for key in family.sensitive:
                least, most = family.before[key]
                self.wanted[month, key] = int(min(family.counts[key].wanted, most - least))
            ties += [
                Tie(tuple((month, key) for key in addition.parts), Relation.EQUAL, ((month, addition.total),))
                for addition in family.sums
            ]
        unasked = {place: count for place, count in tied.unasked.items() if tied.owners[place] in wholes}
        self.wanted |= {place: count.wanted for place, count in unasked.items() if count.wanted}
        self.counts |= unasked
        self.values = {place: count.value for place, count in self.counts.items()}
        ties += self.tie_unasked(unasked)
        self.ties = [tie for tie in ties if not tie.find_gap(self.values.__getitem__)]

    def tie_unasked(self, unasked: Iterable[Place]) -> Iterator[Tie]:
        """Yield what counts that no page shows are part of: a part's categories of the part, and each of the same
        category of the whole."""
        of_total: dict[Place, list[Place]] = defaultdict(list)
        for place in unasked:
            of_total[find_total(place, self.tied.wholes)].append(place)
        for total, places in of_total.items():
            yield Tie(tuple(places), Relation.EQUAL, (total,))
            yield Tie(tuple(places), Relation.AT_MOST, (total,))
        for month, (code, category) in unasked:
            among = month, (self.tied.wholes.get(code, ""), category)
            if category and among in self.counts:
                yield Tie(((month, (code, category)),), Relation.AT_MOST, (among,))

    def find_unsaid(self) -> set[Place]:
        """Return what hasn't been said before in months that were corrected. As in a family, two editions of a month
        would reveal the difference."""
        hiding = {month for month, _ in self.wanted}
        corrected = {month for month, number in self.wholes if self.tied.get((month, number)).is_changed} & hiding
        return {place for whole in self.wholes if whole[0] in corrected for place in self.tied.list_shown(whole)}

    def find_exposed(self) -> list[Place]:
        """Return the counts that are revealed: to who knows what is shown; to who also guesses why figures are
        withheld; and where figures were corrected, to who knows every unchanged one."""
        shown = {place: self.tied.show(place) for place in self.counts}
        guessed = {place: meet((bounds, self.tied.guess(place))) for place, bounds in shown.items()}
        # A guess alone may leave less than is wanted: see "What remains" in docs/protection.md.
        left = {place: int(min(width, guessed[place][1] - guessed[place][0])) for place, width in self.wanted.items()}
        exposed = self.find_narrow(shown, self.wanted) | self.find_narrow(guessed, left)
        new = {place: width for place, width in self.wanted.items() if not self.counts[place].is_old}
        if any(count.is_changed for count in self.counts.values()):
            known = {place: (count.value, count.value) for place, count in self.counts.items() if count.is_old}
            exposed |= self.find_narrow(shown | known, new)
        return sorted(exposed)

    def find_narrow(self, bounds: Mapping[Place, Bounds], wanted: Mapping[Place, int]) -> set[Place]:
        worlds = Worlds(self.values, bounds, self.ties)
        return {place for place, width in wanted.items() if worlds.find_width(place, width) < width}
