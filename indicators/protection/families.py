"""Decides which figures of a month may be shown, where sums tie them together. Pure.

An indicator is the sum of its categories; an indicator that has others as its parts is at least their sum,
and the rest is counted nowhere. A breakdown's categories are the same again in another way: its total is its whole's
count, and no count of its own. Indicators tied so are a *family*, and the sums of a family make a tree: an
indicator is the total of its own sums, and a part of one at most.

The attacker knows all that is shown now, all that was ever shown and still holds, each indicator's rule, and
that totals are sums. In a tree what remains possible for each count is found exactly by narrowing each sum's
totals and parts by one another until nothing changes. That is checked for every count that its rule calls
small; where too little remains possible, more is withheld, the least that will do first.

Months share no sum: the total of a year is public only where none of its months is. A month is tied to its other
editions by what they showed. A figure held from an earlier month is tied to what that month shows. See `protect_family`
and reporting.public.lines.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from math import inf

from indicators.protection.rules import DEFAULT, Round, Rule, Show, Suppress, Withhold, choose, is_small, with_groups
from indicators.protection.suppression import WANTED, Scale

type Bounds = tuple[float, float]  # the least and the greatest that is possible

ANYTHING: Bounds = (0, inf)


@lru_cache(maxsize=64)
def get_scale(rule: Round) -> Scale:
    return Scale(rule)


def wanted(rule: Rule, value: int) -> int:
    """Return how wide an interval a rule requires; 0 where anybody may know the count."""
    match rule:
        case Suppress(below) if is_small(rule, value):
            return below - 1
        case Round() if value:
            return WANTED
        case Withhold():
            return DEFAULT.below - 1
        case _:
            return 0


def shown(rule: Rule, value: int) -> int:
    """Return what is shown for a count that isn't withheld."""
    return get_scale(rule).nearest(value) if isinstance(rule, Round) else value


def meaning(rule: Rule, value: int) -> Bounds:
    """Return the least and the greatest count that would be shown like this one."""
    if not isinstance(rule, Round):
        return value, value
    scale = get_scale(rule)
    return (value, value) if scale.is_small(value) else scale.meaning(value)


def hidden_meaning(rule: Rule, value: int) -> Bounds:
    """Return what withholding reveals about a count: a zero would be shown, unless the rule always withholds."""
    return ANYTHING if isinstance(rule, Withhold) or value == 0 else (1, inf)


def meet(bounds: Iterable[Bounds]) -> Bounds:
    leasts, mosts = zip(*bounds, strict=True)
    return max(leasts), min(mosts)


type Key = tuple[str, str]  # an indicator's code and a category's, which is empty for the whole
type Known = Mapping[Key, Bounds]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an already public edition says about a count: whether it is withheld there, and by what rule. `value` is the
    count at that time, which the public may not know."""

    value: int
    rule: Rule
    is_withheld: bool


@dataclass(frozen=True)
class Count:
    """A true count. `is_asked`: the edition shows it, if it may."""

    value: int
    rule: Rule
    is_asked: bool = True
    earlier: tuple[Earlier, ...] = ()

    @property
    def is_primary(self) -> bool:
        """Return whether its own rule withholds it."""
        return is_small(self.rule, self.value)

    @property
    def wanted(self) -> int:
        """Return how wide the interval of possible values has to be; 0 where anybody may know it. A milder rule must
        not reveal what an earlier one withheld."""
        before = (
            edition.rule
            for edition in self.earlier
            if edition.value == self.value and is_small(edition.rule, edition.value)
        )
        return max(wanted(rule, self.value) for rule in (self.rule, *before))

    @property
    def is_old(self) -> bool:
        """Return whether an earlier edition used this same count."""
        return any(edition.value == self.value for edition in self.earlier)

    @property
    def is_changed(self) -> bool:
        """Return whether an earlier edition used another count."""
        return any(edition.value != self.value for edition in self.earlier)

    @property
    def was_withheld(self) -> bool:
        return any(edition.is_withheld for edition in self.earlier)

    @property
    def is_said_before(self) -> bool:
        """Return whether showing it says no more than before: the count has never changed."""
        meant = meaning(self.rule, self.value)
        said = [meaning(edition.rule, edition.value) for edition in self.earlier if not edition.is_withheld]
        return not self.is_changed and any(meant[0] <= least and most <= meant[1] for least, most in said)

    @cached_property
    def known(self) -> Bounds:
        """Return what somebody knows from earlier editions, if this count hasn't changed since."""
        bounds = [
            hidden_meaning(edition.rule, edition.value) if edition.is_withheld else meaning(edition.rule, edition.value)
            for edition in self.earlier
            if edition.value == self.value
        ]
        # ANYTHING is there because `meet` needs at least one.
        return meet([ANYTHING, *bounds])


# In place of a category: what a whole counts beside its categories, such as one that is no longer asked for,
# and beside its parts.
OTHER_CATEGORIES, OTHER_PARTS = "*categories", "*parts"


@dataclass(frozen=True, slots=True)
class Sum:
    """A count that is the sum of others. With `is_told`, an earlier edition also said so, if it showed them."""

    total: Key
    parts: tuple[Key, ...]
    is_told: bool = True

    @property
    def is_split(self) -> bool:
        """Return whether its parts are categories, which are all of the total."""
        return bool(self.parts[0][1])

    @property
    def asked_for(self) -> list[Key]:
        """Return all parts except what is counted beside them."""
        return [self.total, *(key for key in self.parts if key[1] not in (OTHER_CATEGORIES, OTHER_PARTS))]


@dataclass(frozen=True)
class Family:
    """The counts of a month that sums tie together, and those sums. `contradictory` has those whose parts add up to
    more than the whole. `aliases` are the totals of breakdowns, each with its whole. `small` has those that their own
    rules withhold."""

    counts: dict[Key, Count]
    sums: tuple[Sum, ...]
    contradictory: frozenset[Key] = frozenset()
    aliases: Mapping[Key, Key] = field(default_factory=dict)
    small: frozenset[Key] = frozenset()

    @property
    def is_changed(self) -> bool:
        return any(count.is_changed for count in self.counts.values())

    @cached_property
    def asked_for(self) -> frozenset[Key]:
        return frozenset(key for key, count in self.counts.items() if count.is_asked)

    @cached_property
    def sensitive(self) -> list[Key]:
        """Return the counts that must stay unknown, smallest first."""
        return sorted((key for key, count in self.counts.items() if count.wanted), key=self.size)

    @cached_property
    def totals(self) -> frozenset[Key]:
        return frozenset(addition.total for addition in self.sums)

    @cached_property
    def partitions(self) -> dict[Key, list[Sum]]:
        """Return by its total each set of sums that split one count in several ways."""
        splits: dict[Key, list[Sum]] = {}
        for addition in self.sums:
            if addition.is_split:
                splits.setdefault(addition.total, []).append(addition)
        return {total: sums for total, sums in splits.items() if len(sums) > 1}

    @cached_property
    def from_the_leaves(self) -> list[Sum]:
        """Return the sums, those of parts before those of their totals: a total that has to go is a part that has to
        go, one level up."""
        above = {part: addition.total for addition in self.sums for part in addition.parts}

        def depth(key: Key) -> int:
            return depth(above[key]) + 1 if key in above else 0

        return sorted(self.sums, key=lambda addition: depth(addition.total), reverse=True)

    def get_hiding_rule(self, key: Key) -> Suppress | None:
        """Return the rule of a count that can hide a small one beside it: it is above 0, may be small itself, and isn't
        public already."""
        count = self.counts[key]
        can_hide = count.is_asked and count.value and not count.is_said_before
        return count.rule if can_hide and isinstance(count.rule, Suppress) else None

    def size(self, key: Key) -> tuple[bool, int, Key]:
        """Return the loss of withholding a count: more for a total than for a part, and more for a large one."""
        return key in self.totals, self.counts[key].value, key

    def possible(self, withheld: Collection[Key]) -> Known:
        """Return what remains possible for each count if these are withheld."""
        return narrowed({key: self.shown(key, key in withheld) for key in self.counts}, self.sums)

    def shown(self, key: Key, is_withheld: bool) -> Bounds:
        """Return what is shown about a count by itself, now and before."""
        count = self.counts[key]
        if not count.is_asked:
            return count.known if count.value else (0, 0)
        if not is_withheld:
            now = meaning(count.rule, count.value)
        elif isinstance(count.rule, Round) and self.is_guessed(key):
            now = 1, count.rule.small
        else:
            now = hidden_meaning(count.rule, count.value)
        return meet((now, count.known))

    @cached_property
    def is_rounded(self) -> bool:
        """Return whether rounding is the only protection in it."""
        return all(isinstance(count.rule, Round | Show) for count in self.counts.values())

    def is_guessed(self, key: Key) -> bool:
        """Return whether a reader would guess that a count is withheld because it is small, and not to protect
        another."""
        count = self.counts[key]
        return self.is_rounded and count.is_primary and not count.earlier and key not in self.totals

    @cached_property
    def old(self) -> frozenset[Key]:
        """Return the counts that an earlier edition used, as they are."""
        return frozenset(key for key, count in self.counts.items() if count.is_old)

    @cached_property
    def before(self) -> Known:
        """Return what remained possible from earlier editions alone, which knew no sums of other counts."""
        sums = [
            addition
            for addition in self.sums
            if addition.is_told and self.old.issuperset(key for key in addition.asked_for)
        ]
        return narrowed({key: count.known for key, count in self.counts.items()}, sums)

    def exposed(self, withheld: Collection[Key]) -> dict[Key, Bounds]:
        """Return the counts that are revealed if these are withheld, each with what remains possible.

        A new count has to be safe from an attacker who knows every unchanged count exactly: the sums of other
        editions reveal much of that.
        """
        possible = self.possible(withheld)
        new = [key for key in self.sensitive if self.counts[key].is_asked and key not in self.old]
        exposed = {key: possible[key] for key in self.sensitive if is_exposed(self, key, possible)}
        if new and self.is_changed:
            bounds = {key: self.shown(key, key in withheld) for key in self.counts}
            sure = narrowed(bounds | {key: (self.counts[key].value,) * 2 for key in self.old}, self.sums)
            exposed |= {key: sure[key] for key in new if is_exposed(self, key, sure)}
        return exposed


def narrowed(bounds: dict[Key, Bounds], sums: Iterable[Sum]) -> Known:
    """Return what remains possible once each sum is taken into account. This is exact, because the sums make a tree."""
    spans, is_news = dict(bounds), True
    while is_news:
        is_news = False
        for addition in sums:
            parts = [spans[key] for key in addition.parts]
            least = sum(low for low, _ in parts)
            # Endless parts are counted apart, because inf - inf isn't a number.
            finite, endless = sum(high for _, high in parts if high < inf), sum(high == inf for _, high in parts)
            total_least, total_most = meet((spans[addition.total], (least, inf if endless else finite)))
            narrower: dict[Key, Bounds] = {addition.total: (total_least, total_most)}
            for key, (low, high) in zip(addition.parts, parts, strict=True):
                others = inf if endless - (high == inf) else finite - (high if high < inf else 0)
                narrower[key] = max(low, total_least - others), min(high, total_most - (least - low))
            for key, span in narrower.items():
                if span != spans[key]:
                    spans[key], is_news = span, True
    return spans


@dataclass(frozen=True, slots=True)
class Protection:
    """The result: the withheld counts; the counts that are revealed all the same, each with its remaining interval; the
    widths of the intervals of those that stay unknown; and how many were too well known before."""

    withheld: frozenset[Key]
    exposed: dict[Key, Bounds]
    widths: tuple[float, ...]
    known_before: int = 0


def protect_family(family: Family, also: Collection[Key] = ()) -> Protection:
    """Decide what to withhold in a family. `also` has counts to withhold in any case.

    What was withheld once stays withheld. If a figure has changed since an edition and the family has something to
    hide, no more is shown than before that is still true. Otherwise two editions of a month with different totals would
    reveal the difference. Where it has nothing to hide by itself, as a family that is only rounded, the figures that
    changed are shown if the attack on them finds nothing.
    """
    counts = family.counts
    forced = {key for key in family.asked_for if counts[key].is_primary or counts[key].was_withheld or key in also}
    unsaid = {key for key in family.asked_for if not counts[key].is_said_before}
    if family.is_changed and (forced or any(count.was_withheld for count in counts.values())):
        forced |= unsaid
    forced |= family.contradictory & family.asked_for
    withheld = Search(family, add_groups(family, forced)).run()
    exposed = family.exposed(withheld)
    if exposed and family.is_changed and not unsaid <= forced:
        withheld = Search(family, add_groups(family, forced | unsaid)).run()
        exposed = family.exposed(withheld)
    possible = family.possible(withheld)
    widths = [(possible[key][1] - possible[key][0], counts[key].wanted) for key in family.sensitive]
    wide = tuple(width for width, enough in widths if width >= enough)
    withheld |= family.small | {alias for alias, key in family.aliases.items() if key in withheld}
    return Protection(frozenset(withheld), exposed, wide, len(widths) - len(wide) - len(exposed))


def add_groups(family: Family, forced: set[Key]) -> set[Key]:
    """Return these, and what goes with them so that the pattern of gaps doesn't tell which of them are small."""
    withheld = set(forced)
    for addition in family.from_the_leaves:
        below = {key: rule.below for key in addition.parts if (rule := family.get_hiding_rule(key))}
        if below.keys().isdisjoint(withheld):
            continue
        parts = sorted(below, key=lambda key: (below[key], key))
        if addition.total in withheld:
            # The total gives nothing away, so the groups are enough.
            withheld |= with_groups(parts, withheld)
            continue
        shown = {key: family.counts[key].value for key in family.asked_for.intersection(addition.parts) - withheld}
        left = family.counts[addition.total].value - sum(shown.values())
        chosen, is_total_too = choose(
            {key: family.counts[key].value for key in parts}, withheld, max(below.values()), left
        )
        withheld |= chosen
        if is_total_too and addition.total in family.asked_for:
            withheld.add(addition.total)
    # What is shown of one breakdown would add up to a total that another needs to hide. All of it goes: which part
    # would have been enough may tell which count is small.
    for total in withheld & family.partitions.keys():
        split = {key for addition in family.partitions[total] for key in addition.parts}
        withheld |= {key for key in split if family.get_hiding_rule(key)}
    return withheld


def find_families(
    counts: Mapping[Key, Count],
    wholes: Mapping[str, str],
    earlier: Mapping[str, str] | None = None,
    breakdowns: Mapping[str, str] | None = None,
) -> list[Family]:
    """Find the families of a month. `wholes` maps each part to the indicator that it is a part of. `earlier` has the
    same for earlier editions, where they said less. `breakdowns` maps each breakdown to its whole."""
    breakdowns = breakdowns or {}
    parts = {
        code: whole
        for code, whole in wholes.items()
        if code not in breakdowns and (code, "") in counts and (whole, "") in counts
    }
    broken_down = {code: whole for code, whole in breakdowns.items() if is_broken_down(counts, (code, ""), (whole, ""))}
    above = parts | broken_down

    # Indicator.clean refuses circles; one would never end here.
    def find_root(code: str) -> str:
        return find_root(above[code]) if code in above else code

    members: dict[str, dict[Key, Count]] = {}
    for key, count in counts.items():
        members.setdefault(find_root(key[0]), {})[key] = count
    return [
        make_family(of_family, parts, parts if earlier is None else earlier, broken_down)
        for of_family in members.values()
    ]


def is_broken_down(counts: Mapping[Key, Count], breakdown: Key, whole: Key) -> bool:
    """Return whether a breakdown's figures are its whole's. Figures that contradict that are protected by themselves;
    and a whole without a figure shows nothing of them."""
    return whole in counts and (breakdown not in counts or counts[breakdown].value == counts[whole].value)


def make_family(
    counts: dict[Key, Count], parts: Mapping[str, str], earlier: Mapping[str, str], breakdowns: Mapping[str, str]
) -> Family:
    sums, contradictory = [], set[Key]()
    aliases = {(code, ""): (whole, "") for code, whole in breakdowns.items() if (whole, "") in counts}
    same = {alias: counts.pop(alias) for alias in aliases if alias in counts}
    for alias, count in same.items():
        key = aliases[alias]
        counts[key] = replace(counts[key], earlier=(*counts[key].earlier, *count.earlier))
    for code in [code for code, category in counts if not category]:
        total = counts[code, ""]
        split = [code, *(breakdown for breakdown, whole in breakdowns.items() if whole == code)]
        ties = (
            *((by, OTHER_CATEGORIES, [key for key in counts if key[0] == by and key[1]]) for by in split),
            (
                code,
                OTHER_PARTS,
                [(part, "") for part, whole in parts.items() if whole == code and (part, "") in counts],
            ),
        )
        for by, other, keys in ties:
            rest = total.value - sum(counts[key].value for key in keys)
            if keys and rest < 0:
                contradictory |= {(code, ""), *keys}
            elif keys:
                if rest:
                    counts[by, other] = Count(rest, total.rule, is_asked=False)
                is_told = other == OTHER_CATEGORIES or all(earlier.get(part) == code for part, _ in keys)
                sums.append(Sum((code, ""), (*keys, (by, other)) if rest else tuple(keys), is_told))
    small = frozenset(alias for alias, count in same.items() if count.is_primary)
    return Family(counts, tuple(sums), frozenset(contradictory), aliases, small)


def protect_month(
    counts: Mapping[Key, Count],
    wholes: Mapping[str, str],
    earlier: Mapping[str, str] | None = None,
    breakdowns: Mapping[str, str] | None = None,
) -> Protection:
    """Decide what to withhold in a month. The arguments are as for `find_families`."""
    return protect_families(find_families(counts, wholes, earlier, breakdowns))


def protect_families(families: Iterable[Family], also: Collection[Key] = ()) -> Protection:
    """Decide what to withhold in the families of a month, with `also` in any case."""
    protected = [protect_family(family, also) for family in families]
    return Protection(
        frozenset().union(*(protection.withheld for protection in protected)),
        {key: span for protection in protected for key, span in protection.exposed.items()},
        tuple(width for protection in protected for width in protection.widths),
        sum(protection.known_before for protection in protected),
    )


def is_exposed(family: Family, key: Key, possible: Known) -> bool:
    """Return whether too little remains possible for a count, and less than before. What is already public can't be
    taken back."""
    (least, most), (before_least, before_most) = possible[key], family.before[key]
    return most - least < min(family.counts[key].wanted, before_most - before_least)


class Search:
    """Looks for what else to withhold."""

    def __init__(self, family: Family, forced: set[Key]) -> None:
        self.family, self.forced = family, forced
        self.withheld = set(forced)

    def run(self) -> set[Key]:
        for key in self.family.sensitive:
            self.hide(key)
        self.show_again()
        return self.withheld

    def is_safe(self, key: Key, withheld: Collection[Key]) -> bool:
        return not is_exposed(self.family, key, self.family.possible(withheld))

    def choices(self, *, zeros: bool = False) -> list[Key]:
        """Return what else may be withheld, with the least loss first."""
        return sorted(
            (
                key
                for key, count in self.family.counts.items()
                if count.is_asked and zeros == (count.value == 0) and key not in self.withheld
            ),
            key=self.family.size,
        )

    def hide(self, key: Key) -> None:
        """Withhold more until the count stays unknown, if anything helps.

        Zeros are shown, unless they reveal something that is always withheld: a whole of 0 shows that each part is
        0.
        """
        # Withholding everything wouldn't help, so withhold nothing for it.
        if self.is_safe(key, self.withheld) or not self.is_safe(key, self.family.asked_for):
            return
        # This ends: each round withholds one more, and withholding all of them is safe.
        while not self.is_safe(key, self.withheld):
            self.withheld.add(self.best(key) or self.next())

    def best(self, key: Key) -> Key | None:
        """Return the count with the least loss that makes this one safe, or else the one that helps most; none if
        nothing helps."""
        possible = self.family.possible(self.withheld)
        widest, best = possible[key][1] - possible[key][0], None
        for choice in self.choices():
            possible = self.family.possible({*self.withheld, choice})
            if not is_exposed(self.family, key, possible):
                return choice
            width = possible[key][1] - possible[key][0]
            if width > widest:
                widest, best = width, choice
        return best

    def next(self) -> Key:
        """Return what to withhold if no single count helps: together with others it may. Totals come first."""
        choices = sorted(self.choices(), key=lambda key: key not in self.family.totals)
        return [*choices, *self.choices(zeros=True)][0]

    def show_again(self) -> None:
        """Show what doesn't need to be withheld, with the greatest loss first."""
        for key in sorted(self.withheld - self.forced, key=self.family.size, reverse=True):
            fewer = self.withheld - {key}
            possible = self.family.possible(fewer)
            if not any(is_exposed(self.family, count, possible) for count in self.family.sensitive):
                self.withheld = fewer
