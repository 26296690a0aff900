"""Takes the lines of a snapshot and returns the lines of a public edition.

indicators.protection.families decides which figures, of this month and of earlier ones, are withheld. Everything else
on a public line is worked out from what is left, never from the true figures. Its movement comes from two shown
figures; what is usual, a signal and a judgement from the months, if all are shown. So nothing gives a figure away.

A figure that is repeated between two quarters or years is no new count. It shows what its own month shows. Otherwise a
part that is withheld there would appear a month later beside other sums, which hide something else.

A part of another indicator is shown as one figure, without its categories. They would link the part's figures to the
whole's in more ways than a tree of sums has. Strict rules across figures do that too: see indicators.protection.ties.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from typing import Any

from core.calendar import Month, months_between
from indicators.judgement.judge import LEAST_FIGURES, Counted, Entry, Method, earlier_figures, find_method
from indicators.protection.families import (
    Count,
    Earlier,
    Family,
    Key,
    Protection,
    find_families,
    protect_families,
    shown,
)
from indicators.protection.rules import Round, Rule, Suppress, Withhold, is_small, make_token, parse_token, strictest
from indicators.protection.ties import Place, Tie, TiedFamilies, find_asked, make_ties
from indicators.ratios import RATIO_KINDS, Ratio, RatioKind
from indicators.selectors.disclosure import Rules
from indicators.trend import YEAR, Cell, CellState, Movement, NoArrowReason, Polarity, Trend, no_arrow, trend
from indicators.validation import Relation
from indicators.validation import Rule as AcrossFigures
from reporting.models import IndicatorLine, PublicEdition, PublicLine
from reporting.models.line_fields import LineFields, LineRevision, LineSetUp, line_key, list_names
from reporting.months.inputs import Figure, Of, make_step
from reporting.months.lines import Reading, Stands, hash_lines, judge_figures, make_fields, make_ratio_fields
from reporting.public.cells import Cells, find_gone, find_origins, true_cells
from reporting.public.years import Relations, find_shut, find_year, make_totals, read_earlier


@dataclass(frozen=True, slots=True)
class Issued:
    """An edition that is public, or was, with the lines of the snapshot that it was made from. It doesn't show the
    months in `left_out`, whatever their figures. `is_withdrawn`: its own month was withdrawn.
    """

    month: Month
    lines: Sequence[PublicLine]
    true: Sequence[IndicatorLine]
    left_out: frozenset[Month] = frozenset()
    years: Sequence[Mapping[str, Any]] = ()
    is_withdrawn: bool = False


@dataclass(slots=True)
class KnownMonth:
    """What the public knows of a month from the editions so far: what each edition says about each count; which lines
    were ever withheld, with a figure or without; which indicator each one was said to be a part of; and which was said
    to be a part of two.
    """

    counts: dict[Key, tuple[Earlier, ...]] = field(default_factory=dict)
    withheld: set[Key] = field(default_factory=set)
    wholes: dict[str, str] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)

    def learn(self, line: PublicLine, state: CellState, value: int | None) -> None:
        """`value` is the count behind the line, which the public need not know."""
        key, is_withheld = line_key(line), state is CellState.WITHHELD
        if is_withheld:
            self.withheld.add(key)
        whole = line.part_of_code
        if whole and self.wholes.setdefault(line.indicator_code, whole) != whole:
            self.moved.add(line.indicator_code)
        if value is not None:
            one = Earlier(value, parse_token(line.protected_by), is_withheld)
            said = self.counts.get(key, ())
            if one not in said:
                self.counts[key] = (*said, one)


def read_known(issued: Iterable[Issued]) -> dict[Month, KnownMonth]:
    known_months: dict[Month, KnownMonth] = defaultdict(KnownMonth)
    for edition in issued:
        true = {line_key(line): true_cells(line, edition.month) for line in edition.true}
        gone = {
            line_key(line): find_gone(line, edition.month, true[line_key(line)], edition.left_out)
            for line in edition.true
        }
        for line in edition.lines:
            if line.ratio:
                continue  # its two counts already say all that it does
            behind = true.get(line_key(line), {})
            for past, (state, _) in true_cells(line, edition.month).items():
                # A figure that went with its month isn't protected by its rule, and may come back with the month.
                # Nor is one that comes later.
                if past not in gone.get(line_key(line), ()) and state is not CellState.LATER:
                    known_months[past].learn(line, state, behind.get(past, (state, None))[1])
    return known_months


# --- Ratios ---------------------------------------------------------------------------------------

HIDDEN: Stands = (CellState.WITHHELD, None)


type MonthRules = Mapping[Month, Rule]  # of the months that a line shows


@dataclass(frozen=True, slots=True)
class RatioCells:
    """The state and value of each month of a ratio, the counts of the months shown, and the rule that protects it."""

    cells: Cells
    of: Mapping[Month, Of]
    rule: Rule


def find_ratio_cells(
    line: IndicatorLine,
    month: Month,
    counts: Mapping[Key, Cells],
    rules: Mapping[Key, MonthRules],
    own: MonthRules,
    later: Collection[Month] = (),
) -> RatioCells:
    """Return what to show of a ratio: only what follows from the two counts in the same edition.

    So a ratio gives nothing away. If one of the two is withheld or rounded in a month, the ratio is withheld. All else
    about it is worked out from the months that are left. `counts` is what the edition shows of each count, `rules`
    protect the counts, and `own` protects the ratio, month by month. It isn't public
    yet in the months `later`.
    """
    keys = [(code, "") for code in (line.numerator_code, line.denominator_code) if code]

    def find_rule(past: Month) -> Rule:
        # A count may show fewer months. Then the ratio is withheld there anyway.
        return strictest([own[past], *(rules[key][past] for key in keys if past in rules.get(key, ()))])

    first = month + -(len(line.history) - 1)
    cells: Cells = {}
    of: dict[Month, Of] = {}
    for place, value in enumerate(line.history):
        past = first + place
        made_of = Of(line.numerators[place], line.denominators[place], line.of_when if past == month else None)
        # A count that this edition doesn't show is as good as withheld.
        states = [counts.get(key, {}).get(past, HIDDEN)[0] for key in keys]
        cells[past] = (
            (CellState.LATER, None) if past in later else find_ratio_cell(line, states, value, made_of, find_rule(past))
        )
        if cells[past][1] is not None:
            of[past] = made_of
    return RatioCells(cells, of, find_rule(month))


def find_ratio_cell(line: IndicatorLine, states: Sequence[CellState], value: int | None, of: Of, rule: Rule) -> Stands:
    if CellState.WITHHELD in states or isinstance(rule, Round) or is_small_in(line, of, rule):
        return HIDDEN
    without = next((state for state in states if state is not CellState.FIGURE), None)
    if without is not None:
        return without, None
    return (CellState.NOT_AVAILABLE, None) if value is None else (CellState.FIGURE, value)


def is_small_in(line: IndicatorLine, of: Of, rule: Rule) -> bool:
    """Return whether one of its counts is small. For a share, those not among the cases count too."""
    counts = [of.numerator, of.denominator]
    if RATIO_KINDS[line.ratio].is_part and of.numerator is not None and of.denominator is not None:
        counts.append(of.denominator - of.numerator)
    return any(count is not None and is_small(rule, count) for count in counts)


def read_ratio(line: IndicatorLine) -> Ratio | None:
    return Ratio(RatioKind(line.ratio), line.per) if line.ratio else None


SPLIT_IN_TWO = 2
COPIED = list_names(LineSetUp)
PUBLIC_FIELDS = tuple(
    f.attname for f in PublicLine._meta.concrete_fields if f.attname not in ("id", "edition_id", "snapshot_id")
)
UNMARKED = tuple(name for name in PUBLIC_FIELDS if name not in list_names(LineRevision))


@dataclass(frozen=True, slots=True)
class GivenAway:
    """A figure that somebody could work out too closely from what is already public."""

    month: Month
    label: str


@dataclass(slots=True)
class Prepared:
    """An edition that could be published: its lines, KPIs and totals of a year, and what an attack on it found.
    `left_out` are the earlier months that it doesn't show because they were withdrawn.

    `sensitive` counts the figures of all its months that must stay unknown, and do. `narrowest` is the smallest gap
    between the least and the greatest value that sums leave possible for any of them; None if no sum bounds one.
    `known_before` counts the figures that other editions, of whatever month, already say too much about.
    """

    lines: list[PublicLine]
    left_out: list[str] = field(default_factory=list)
    given_away: list[GivenAway] = field(default_factory=list)
    sensitive: int = 0
    narrowest: int | None = None
    known_before: int = 0
    kpis: list[dict[str, Any]] = field(default_factory=list)
    years: list[dict[str, Any]] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        """An edition with nothing beside its lines has the fingerprint from before there was anything beside them."""
        return hash_edition(self.lines, self.kpis, self.left_out, self.years)


def hash_edition(lines: Iterable[PublicLine], *beside: Sequence[object], fields: Sequence[str] = PUBLIC_FIELDS) -> str:
    digest = hash_lines(list(lines), fields)
    for one in filter(None, beside):
        digest = sha256(f"{digest} {json.dumps(one, sort_keys=True)}".encode()).hexdigest()
    return digest


def says_the_same(public: PublicEdition, lines: Iterable[PublicLine], prepared: Prepared) -> bool:
    """Return whether an edition that was prepared says what a public one says with its lines. One that only no longer
    marks the figures that the public one revised is no new edition."""
    said = hash_edition(lines, public.kpis, public.left_out, public.years, fields=UNMARKED)
    return said == hash_edition(prepared.lines, prepared.kpis, prepared.left_out, prepared.years, fields=UNMARKED)


# --- The lines ----------------------------------------------------------------------------------


def prepare(
    month: Month,
    lines: Iterable[IndicatorLine],
    rules: Rules,
    issued: Sequence[Issued],
    withdrawn: Collection[Month] = (),
    across: Sequence[AcrossFigures] = (),
) -> Prepared:
    """Return the edition that a snapshot's lines make under these rules, given the editions that are public. It has no
    figure of a withdrawn month, and no line that only partners may see: those count only for what sums would tell. A
    reader knows the rules `across` figures.
    """
    lines = list(lines)
    kept = list_kept(lines, month, rules)
    month_rules = {line_key(line): find_rules(line, month, rules) for line in lines}
    labels = {line_key(line): line.label for line in kept}
    public = read_known(issued)
    wholes = {**find_ties(lines, public), **rules.breakdowns}
    prepared = Prepared([], left_out=[str(gone) for gone in sorted(withdrawn)])
    cells: dict[Key, Cells] = {line_key(line): {} for line in kept}
    true = {line_key(line): true_cells(line, month) for line in kept if not line.ratio}
    relations = Relations(wholes, across)
    shut = find_shut((total for one in issued for total in one.years), relations)
    later = {key: set(months_between(month + -(delay - 1), month)) for key, delay in find_delays(kept, rules, wholes)}
    hidden = {
        line_key(line): shut.get(relations.root(line.indicator_code), set()) | later[line_key(line)] for line in kept
    }
    protections = protect_months(
        month, lines, kept, month_rules, public, wholes, withdrawn, hidden, across, rules.breakdowns
    )
    for past, protection in protections.items():
        add_attack(prepared, past, protection, labels)
        for key, of_line in true.items():
            if past in of_line:
                cells[key][past] = shown_cell(
                    of_line[past], month_rules[key][past], is_withheld=key in protection.withheld
                )
                if past in later[key]:
                    cells[key][past] = CellState.LATER, None
    latest = next((one for one in reversed(issued) if one.month == month), None)
    # "Revised from 15" would repeat a figure of an edition that was withdrawn.
    said = {line_key(line): line for line in latest.lines} if latest and not latest.is_withdrawn else None
    for position, line in enumerate(line for line in kept if line.indicator_code not in rules.private):
        key = line_key(line)
        if line.ratio:
            of_ratio = find_ratio_cells(line, month, cells, month_rules, month_rules[key], later[key])
            shown_line = public_ratio(line, month, of_ratio)
        else:
            shown_line = public_line(line, month, cells[key], month_rules[key][month])
        if said is not None:
            revise(shown_line, said.get(key))
        shown_line.position = position
        prepared.lines.append(shown_line)
    add_totals(prepared, month, lines, rules, issued, public, withdrawn, across)
    return prepared


def find_delays(lines: Iterable[IndicatorLine], rules: Rules, wholes: Mapping[str, str]) -> Iterator[tuple[Key, int]]:
    """Yield after how many months each line is public. All that sums tie together waits for the latest of them, so that
    no month of theirs appears in pieces; and a ratio waits for its counts."""
    relations, of_family = Relations(wholes), defaultdict[str, int](int)
    for code, delay in rules.delays.items():
        of_family[relations.root(code)] = max(delay, of_family[relations.root(code)])
    for line in lines:
        codes = (line.indicator_code, line.numerator_code, line.denominator_code)
        yield line_key(line), max(of_family[relations.root(code)] for code in codes)


def add_totals(
    prepared: Prepared,
    month: Month,
    lines: Sequence[IndicatorLine],
    rules: Rules,
    issued: Sequence[Issued],
    public: Mapping[Month, KnownMonth],
    withdrawn: Collection[Month],
    across: Sequence[AcrossFigures],
) -> None:
    """Add the totals of the year before, and what the attack on them found."""
    year = find_year(month)
    known = [public[past] for past in year if past in public]
    seen = {code for known_month in known for code, _ in (*known_month.counts, *known_month.withheld)}
    totals = make_totals(
        month,
        [line for line in lines if line.indicator_code not in rules.breakdowns],
        rules,
        find_ties(lines, public),
        by_month=seen | {line.indicator_code for line in lines if line.indicator_code not in rules.private},
        earlier=read_earlier(year, ((one.month, one.years, one.true) for one in issued)),
        withdrawn=withdrawn,
        across=across,
    )
    prepared.years = totals.rows
    add_attack(
        prepared, year[-1], totals.protection, {line_key(line): f"{line.label}, a year’s total," for line in lines}
    )


def leave_out_categories_of_parts[L: LineFields](lines: Iterable[L]) -> list[L]:
    return [line for line in lines if not (line.part_of_code and line.category_code)]


def list_kept[L: LineFields](lines: Iterable[L], month: Month, rules: Rules) -> list[L]:
    """Return the lines that an edition is made of: without the categories of a part of another indicator, and without a
    split in two whose small counts are withheld. Of two withheld parts of a total, one may be certain to be small.
    """
    kept = leave_out_categories_of_parts(lines)
    splits: dict[tuple[str, bool], list[L]] = defaultdict(list)
    for line in kept:
        if line.category_code:
            splits[line.indicator_code, True].append(line)
        elif line.part_of_code:
            splits[line.part_of_code, False].append(line)
    # What is always withheld stays: a whole of 0 would say what it is.
    left_out = {
        line_key(line)
        for parts in splits.values()
        if len(parts) == SPLIT_IN_TWO
        for line in parts
        if any(isinstance(rule, Suppress | Round) for rule in find_rules(line, month, rules).values())
    }
    return [line for line in kept if line_key(line) not in left_out]


def find_rules(line: LineFields, month: Month, rules: Rules) -> MonthRules:
    """Return the rule of each month that a line shows. Months before its indicator moved are protected by the agency
    that supplied it then, too. If that one rounds, all are rounded: exact and rounded figures make no series.
    """
    months = months_between(month + -(len(line.history) - 1), month)
    if line.indicator_code not in rules.moved:  # as nearly all
        return dict.fromkeys(months, rules.of(line.indicator_code, line.owner_code))
    month_rules = {past: rules.of(line.indicator_code, line.owner_code, past) for past in months}
    if any(isinstance(rule, Round) for rule in month_rules.values()):
        return dict.fromkeys(month_rules, strictest(set(month_rules.values())))
    return month_rules


def find_ties(lines: Iterable[LineFields], public: Mapping[Month, KnownMonth]) -> dict[str, str]:
    """Return which indicator each one is a part of now, or was in any public edition."""
    wholes = {code: whole for known_month in public.values() for code, whole in known_month.wholes.items()}
    return wholes | {line.indicator_code: line.part_of_code for line in lines if line.part_of_code}


def protect_months(
    month: Month,
    lines: Iterable[LineFields],
    kept: Iterable[LineFields],
    rules: Mapping[Key, MonthRules],
    public: Mapping[Month, KnownMonth],
    wholes: Mapping[str, str],
    withdrawn: Collection[Month] = (),
    hidden: Mapping[Key, Collection[Month]] | None = None,
    across: Sequence[AcrossFigures] = (),
    breakdowns: Mapping[str, str] | None = None,
) -> dict[Month, Protection]:
    """Return what to withhold in each month that an edition's `kept` lines of counts show, the first month first. A
    repeated figure is known or withheld as in the month that it is from. All of a withdrawn month is withheld, and of a
    line what is `hidden`. `across` are the rules across figures that a reader knows. `breakdowns` maps each breakdown
    to its whole.
    """
    of_counts = [line for line in kept if not line.ratio]
    true = {line_key(line): true_cells(line, month) for line in of_counts}
    origins = {line_key(line): find_origins(line, month, true[line_key(line)]) for line in of_counts}
    gone = {
        key: find_gone(line, month, true[key], {*withdrawn, *(hidden or {}).get(key, ())})
        for line in of_counts
        for key in [line_key(line)]
    }
    unasked = list_unasked(month, lines, true, rules, public) if across else {}
    also: dict[Month, set[Key]] = defaultdict(set)
    while True:
        protections: dict[Month, Protection] = {}
        families: dict[Month, list[Family]] = {}
        for past in sorted({past for of_line in true.values() for past in of_line}):
            if past in withdrawn:
                # Nothing to attack: it shows nothing at all.
                protections[past] = Protection(frozenset(true), {}, ())
                continue
            # A sum of the other parts mustn't tell what a withdrawn month repeats here.
            here = {key: Withhold() if past in gone[key] else rules[key][past] for key in true if past in true[key]}
            earlier = {
                key: find_earlier(
                    key,
                    value,
                    here[key] if past in gone[key] else rules[key][of_line[past]],
                    protections[of_line[past]],
                    public[of_line[past]],
                )
                for key, of_line in origins.items()
                if past in of_line and (value := true[key][past][1]) is not None
            }
            counts, unsaid = read_counts(past, true, here, public[past], earlier)
            families[past] = find_families(counts, wholes, public[past].wholes, breakdowns)
            protections[past] = protect(families[past], counts, unsaid, public[past], wholes, also[past])
        if not across:
            return protections
        counted = {(past, key) for past in families for family in families[past] for key in family.counts}
        beside = {place: count for place, count in unasked.items() if find_asked(place, unasked, wholes) in counted}
        ties = list_ties(across, families, beside, origins, wholes)
        withheld = {past: protections[past].withheld for past in families}
        more = TiedFamilies(families, withheld, also, beside, ties, wholes).find_more()
        if not more:
            return protections
        # This ends: each round withholds more.
        for past, key in more:
            also[past].add(key)


def list_unasked(
    month: Month,
    lines: Iterable[LineFields],
    kept: Collection[Key],
    rules: Mapping[Key, MonthRules],
    public: Mapping[Month, KnownMonth],
) -> dict[Place, Count]:
    """Return the counts that no edition shows and that are part of one that it may show: the categories of a part, and
    a split in two.
    """
    return {
        (past, key): Count(value, rules[key][past], is_asked=False)
        for line in lines
        if not line.ratio and (key := line_key(line)) not in kept
        for past, (_, value) in true_cells(line, month).items()
        if value is not None and key not in public[past].counts
    }


def list_ties(
    across: Iterable[AcrossFigures],
    families: Mapping[Month, Sequence[Family]],
    unasked: Mapping[Place, Count],
    origins: Mapping[Key, Mapping[Month, Month]],
    wholes: Mapping[str, str],
) -> list[Tie]:
    """Return what rules across figures say of these months, and that a repeated figure is one count."""
    counts = {
        (past, key): count.value
        for past, of_month in families.items()
        for family in of_month
        for key, count in family.counts.items()
    }
    ties = make_ties(across, counts | {place: count.value for place, count in unasked.items()})
    near = {key[0] for tie in ties for _, key in tie.places}
    near |= {wholes.get(code, code) for code in near}
    near |= {part for part, whole in wholes.items() if whole in near}
    repeated = [
        Tie(((past, key),), Relation.EQUAL, ((origin, key),))
        for key, of_line in origins.items()
        if key[0] in near
        for past, origin in of_line.items()
        if (past, key) in counts and (origin, key) in counts
    ]
    return [*ties, *repeated]


def find_earlier(key: Key, value: int, rule: Rule, origin: Protection, public: KnownMonth) -> tuple[Earlier, ...]:
    """Return what the month of a repeated count gives away about it, in this edition and in earlier ones."""
    said = (one for one in public.counts.get(key, ()) if one.value == value)
    return Earlier(value, rule, key in origin.withheld), *said


def read_counts(
    past: Month,
    true: Mapping[Key, Cells],
    rules: Mapping[Key, Rule],
    public: KnownMonth,
    earlier: Mapping[Key, tuple[Earlier, ...]],
) -> tuple[dict[Key, Count], set[Key]]:
    """Return the counts of one month with what is public of each, and the lines that don't even show why they have no
    figure. `earlier` is what is known about its repeated counts."""
    counts: dict[Key, Count] = {}
    hidden: set[Key] = set()
    for key, of_line in true.items():
        if past not in of_line:
            continue
        value = of_line[past][1]
        if value is not None:
            counts[key] = Count(value, rules[key], earlier=(*public.counts.get(key, ()), *earlier.get(key, ())))
        elif isinstance(rules[key], Withhold):
            hidden.add(key)
    for key, ones in public.counts.items():
        if key not in counts:  # no longer collected, or without a figure now, but in an earlier edition
            counts[key] = Count(ones[-1].value, ones[-1].rule, is_asked=False, earlier=ones)
    return counts, hidden


def protect(
    families: Sequence[Family],
    counts: Mapping[Key, Count],
    hidden: Set[Key],
    public: KnownMonth,
    wholes: Mapping[str, str],
    also: Set[Key],
) -> Protection:
    """Return what to withhold in one month: what its figures and their public history require, all that was withheld
    in it before, figure or not, what is `hidden`, and what has to go `also`.
    """
    protection = protect_families(families, also)
    moved = {code for code, whole in public.wholes.items() if wholes.get(code, whole) != whole} | public.moved
    exposed = {(code, ""): (0.0, 0.0) for code in moved if hides_something(code, counts, public.wholes, wholes)}
    withheld = protection.withheld | public.withheld | hidden
    return replace(protection, withheld=withheld, exposed=protection.exposed | exposed)


def hides_something(code: str, counts: Mapping[Key, Count], *ties: Mapping[str, str]) -> bool:
    """Return whether an indicator that has become part of a different one, or one of its wholes, has something to hide.
    Such overlapping sums aren't a tree, and we can't know what they leave possible.
    """
    concerned = {code, *(of_edition.get(code, "") for of_edition in ties)}
    return any(count.wanted for key, count in counts.items() if key[0] in concerned)


def add_attack(prepared: Prepared, past: Month, protection: Protection, labels: Mapping[Key, str]) -> None:
    """Add what the attack on one month found."""
    prepared.given_away += [
        GivenAway(past, labels.get(key) or f"{labels.get((key[0], ''), key[0])} minus its parts")
        for key in protection.exposed
    ]
    prepared.sensitive += len(protection.widths)
    prepared.known_before += protection.known_before
    bounded = [int(width) for width in protection.widths if width != float("inf")]
    if prepared.narrowest is not None:
        bounded.append(prepared.narrowest)
    prepared.narrowest = min(bounded, default=None)


def shown_cell(true: Stands, rule: Rule, *, is_withheld: bool) -> Stands:
    state, value = true
    if is_withheld:
        return CellState.WITHHELD, None
    return state, None if value is None else shown(rule, value)


# --- One line -------------------------------------------------------------------------------------


def public_ratio(line: IndicatorLine, month: Month, shown: RatioCells) -> PublicLine:
    shown_line = public_line(line, month, shown.cells, shown.rule, shown.of)
    for name, value in make_ratio_fields(list_figures(line, sorted(shown.cells), shown.cells, shown.of)).items():
        setattr(shown_line, name, value)
    return shown_line


def list_figures(
    line: IndicatorLine, months: Iterable[Month], cells: Cells, of: Mapping[Month, Of] | None = None
) -> list[Figure]:
    """Return what is shown of these months. Why a figure is missing is left out: those are an agency's words."""
    nothing = Of(None, None) if line.ratio else None
    return [
        Figure(*cells[past], note="", held=past.first_day if is_held else None, of=(of or {}).get(past, nothing))
        for past in months
        for is_held in [cells[past][1] is not None and is_held_in(line, past, max(cells))]
    ]


def public_line(
    line: IndicatorLine, month: Month, cells: Cells, rule: Rule, of: Mapping[Month, Of] | None = None
) -> PublicLine:
    """Return a line as the public may see it, from the state and figure of each month."""
    is_withheld = cells[month][0] is CellState.WITHHELD
    year = cells.get(month + -YEAR)
    first = month + -(len(line.history) - 1)
    parts = [public_part(line, at, first, cells, rule, of) for at in range(len(line.steps))]
    said = make_fields(
        cells[month],
        before=cells.get(month.previous),
        year_value=year[1] if year else None,
        moved=judge_movement(line, month, cells, rule),
        over_a_year=judge_movement(line, month, cells, rule, apart=YEAR),
        reading=Reading(Method.WITHHELD, 0) if is_withheld else parts[-1].reading,
        polarity=Polarity(line.polarity),
        is_provisional=line.is_provisional and not is_withheld,
        history=[cells[past][1] for past in sorted(cells)],
        steps=[public_step(line, at, first, cells, part) for at, part in enumerate(parts)],
    )
    of_when = line.of_when if cells[month][1] is not None else None
    return PublicLine(
        **{name: getattr(line, name) for name in COPIED}, **said, of_when=of_when, protected_by=make_token(rule)
    )


def judge_movement(line: IndicatorLine, month: Month, cells: Cells, rule: Rule, *, apart: int = 1) -> Trend:
    """Compare what is shown by the rules of indicators.trend. There is no arrow if figures are rounded."""
    then = month + -apart
    now, before = (make_cell(line, past, month, cells) if past in cells else None for past in (month, then))
    assert now is not None  # noqa: S101  # a line shows its own month
    judged = trend(now, before, apart=apart)
    if judged.movement is not Movement.NONE and isinstance(rule, Round):
        return no_arrow(NoArrowReason.ROUNDED)
    return judged


def make_cell(line: IndicatorLine, past: Month, month: Month, cells: Cells) -> Cell:
    step, place = find_step(line, past, month)
    return Cell(
        past,
        *cells[past],
        definition_from=date.fromisoformat(step["from"]),
        is_recorded_anew=bool(step.get("why")),
        is_held=place in step.get("held", ()),
    )


def is_held_in(line: IndicatorLine, past: Month, month: Month) -> bool:
    step, place = find_step(line, past, month)
    return place in step.get("held", ())


def find_step(line: IndicatorLine, past: Month, month: Month) -> tuple[Mapping[str, Any], int]:
    """Return the part of a line that has a month, and the month's place in the line's history."""
    place = past - (month + -(len(line.history) - 1))
    return [step for step in line.steps if step["at"] <= place][-1], place


@dataclass(frozen=True, slots=True)
class PublicPart:
    """What the months shown of a part say about the newest, and the entries of them all; none if they aren't judged."""

    reading: Reading
    entries: Sequence[Entry] = ()


def public_part(
    line: IndicatorLine, at: int, first: Month, cells: Cells, rule: Rule, of: Mapping[Month, Of] | None
) -> PublicPart:
    """Judge a part only by the months shown: a range from others would give them away. If any month is withheld or
    rounded, say at most that there are too few."""
    months = list_months(line, at, first)
    states = [cells[past][0] for past in months]
    values, counted = [cells[past][1] for past in months], Counted(line.counts_as)
    if counted is Counted.CENSUS:
        return PublicPart(Reading(Method.CENSUS, 0))
    if CellState.WITHHELD not in states and not isinstance(rule, Round):
        ratio = read_ratio(line)
        figures = list_figures(line, months, cells, of)
        entries = judge_figures(figures, ratio, counted=counted, starts=(), shown_from=0)
        method = find_method(entries[-1], counted, ratio)
        return PublicPart(Reading(method, earlier_figures(values), entries[-1], months[0]), entries)
    # How many months have figures is no secret, unless even that is withheld.
    earlier = sum(state in (CellState.FIGURE, CellState.WITHHELD) for state in states[:-1])
    if isinstance(rule, Withhold) or earlier >= LEAST_FIGURES:
        return PublicPart(Reading(Method.WITHHELD, sum(value is not None for value in values)))
    return PublicPart(Reading(Method.TOO_EARLY, earlier))


def list_months(line: IndicatorLine, at: int, first: Month) -> list[Month]:
    """Return the months of a part that the line shows."""
    ends = [step["at"] for step in line.steps[at + 1 :]] + [len(line.history)]
    return [first + place for place in range(line.steps[at]["at"], ends[0])]


def public_step(line: IndicatorLine, at: int, first: Month, cells: Cells, part: PublicPart) -> dict[str, Any]:
    """Return a part as it is judged. Why it is recorded differently is left out: those are an agency's words."""
    step = line.steps[at]
    provisional, months = set(step.get("provisional", ())), list_months(line, at, first)
    return make_step(
        part.entries,
        at=step["at"],
        shift=step["at"],
        since=date.fromisoformat(step["from"]),
        why="recorded in another way" if step.get("why") else "",
        shown=[
            replace(figure, is_provisional=past - first in provisional and figure.value is not None)
            for past, figure in zip(months, list_figures(line, months, cells), strict=True)
        ],
        method=part.reading.method if part.reading.method is Method.WITHHELD else Method.JUDGED,
    )


def revise(line: PublicLine, said: PublicLine | None) -> None:
    """Note what the month's edition before showed, if it differs."""
    unsaid = (CellState.WITHHELD, CellState.LATER)
    if line.state in unsaid or (said is not None and said.state in unsaid):
        return
    if said is not None and said.protected_by != line.protected_by and "round" in said.protected_by + line.protected_by:
        return  # it differs only in how it is rounded
    state, value = (said.state, said.value) if said is not None else (CellState.AWAITED.value, None)
    if (state, value) != (line.state, line.value):
        line.revised_state, line.revised_value = state, value
