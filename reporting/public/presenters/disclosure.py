"""The rules that protect an area's figures, and what a different rule would change, in sentences and counts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from boards.models import Agency
from boards.permissions import list_holders
from boards.rules import CONFIRMED_ROLES
from boards.ties import Ties, read_ties
from core.calendar import Month, date_label, months_between
from indicators.disclosure import Audience, disclose
from indicators.models import DisclosureRule, Indicator, RuleRequest
from indicators.openness import describe as describe_openness
from indicators.openness import describe_token
from indicators.permissions import list_answering
from indicators.protection.families import Key, shown
from indicators.protection.rules import (
    DEFAULT,
    LIMITS,
    Round,
    Rule,
    Show,
    Suppress,
    Withhold,
    describe_for_ratio,
    is_small,
    parse_token,
    strictest,
)
from indicators.selectors.disclosure import Decides, Rules
from indicators.selectors.validation import list_strict_rules
from indicators.trend import CellState
from indicators.validation import Rule as AcrossFigures
from reporting.models import IndicatorLine, Snapshot
from reporting.models.line_fields import line_key
from reporting.public.cells import Cells, true_cells
from reporting.public.editions import issued_editions
from reporting.public.lines import (
    Issued,
    find_rules,
    find_ties,
    leave_out_categories_of_parts,
    list_kept,
    protect_months,
    read_known,
)

MONTHS = 12  # that a rule is tried on
SHOWN, WITHHELD = "shown", "withheld"


@dataclass(frozen=True, slots=True)
class RuleRow:
    """An agency or an indicator with the rule that applies, or the area with its usual rule. `decides` says whose rule
    that is, and `before` whose applies to earlier months too. `own` is the rule set here, with who set it, when and
    why; empty if there is none.
    """

    name: str
    code: str
    agency: str
    applies: str
    decides: str
    own: str
    why: str
    who: str
    when: str
    is_retired: bool
    before: str = ""


def usual_row(rules: Rules, disclosure_rules: Iterable[DisclosureRule]) -> RuleRow:
    kept = next((rule for rule in disclosure_rules if rule.agency_id is None and rule.indicator_id is None), None)
    return rule_row("", "", kept, applies=(rules.usual or DEFAULT).words)


def agency_rows(agencies: Iterable[Agency], disclosure_rules: Sequence[DisclosureRule]) -> list[RuleRow]:
    by_agency = {rule.agency_id: rule for rule in disclosure_rules if rule.agency_id is not None}
    return [
        rule_row(agency.name, agency.code, by_agency.get(agency.pk), is_retired=agency.retired) for agency in agencies
    ]


def indicator_rows(
    indicators: Iterable[Indicator], rules: Rules, disclosure_rules: Sequence[DisclosureRule]
) -> list[RuleRow]:
    """Return a row for each. `indicators` come with their owners and the counts behind them."""
    names = {rule.agency.code: rule.agency.name for rule in disclosure_rules if rule.agency is not None}
    by_indicator = {rule.indicator_id: rule for rule in disclosure_rules if rule.indicator_id is not None}
    return [
        rule_row(
            indicator.title,
            indicator.code,
            by_indicator.get(indicator.pk),
            agency=indicator.owner.name,
            applies=describe_rule(rules, indicator),
            decides=describe_whose_rule(rules, indicator),
            is_retired=indicator.retired_from is not None,
            before=describe_before(rules, indicator.code, names),
        )
        for indicator in indicators
    ]


def describe_before(rules: Rules, code: str, names: Mapping[str, str]) -> str:
    """ "For months before October 2026, the rule of Police applies too"; empty where no earlier agency has a rule."""
    moves = [(since, names[agency]) for since, agency in rules.moved.get(code, ()) if agency in names]
    return "; ".join(f"For months before {since.label}, the rule of {name} applies too" for since, name in moves)


def rule_row(
    name: str,
    code: str,
    disclosure_rule: DisclosureRule | None,
    *,
    agency: str = "",
    applies: str = "",
    decides: str = "",
    is_retired: bool = False,
    before: str = "",
) -> RuleRow:
    return RuleRow(
        name=name,
        code=code,
        agency=agency,
        applies=applies,
        decides=decides,
        own=disclosure_rule.rule.words if disclosure_rule else "",
        why=disclosure_rule.why if disclosure_rule else "",
        who=str(disclosure_rule.set_by) if disclosure_rule else "",
        when=date_label(timezone.localdate(disclosure_rule.set_at)) if disclosure_rule else "",
        is_retired=is_retired,
        before=before,
    )


def describe_rule(rules: Rules, indicator: Indicator) -> str:
    """Say what applies to an indicator. A ratio is also protected by the rules for the counts behind it."""
    if not indicator.ratio:
        return rules.of(indicator.code).words
    applies = strictest([rules.of(indicator.code), *rules_behind(rules, indicator)])
    return describe_for_ratio(applies, indicator.ratio)


def rules_behind(rules: Rules, ratio: Indicator) -> list[Rule]:
    return [rules.of(count.code) for count in (ratio.numerator, ratio.denominator) if count is not None]


def describe_whose_rule(rules: Rules, indicator: Indicator) -> str:
    """Say whose rule applies to an indicator: "the rule of Police"."""
    code, agency = indicator.code, indicator.owner.name
    applies = rules.of(code)
    if indicator.ratio and strictest([applies, *rules_behind(rules, indicator)]) != applies:
        return "the rules for the counts behind it"
    if code in rules.private:
        return "who may see it"
    own_rule = "its own rule" if code in rules.indicators else "the usual rule"
    return {
        Decides.INDICATOR: own_rule,
        Decides.USUAL: own_rule,
        Decides.DEFAULT: own_rule,
        Decides.AGENCY: f"the rule of {agency}",
        Decides.BOTH: f"{own_rule} and the rule of {agency} together",
    }[rules.decides(code)]


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request for a rule that protects less, or for an agency with such a rule: what it is for, the rule now and
    then, and its state."""

    request: RuleRequest
    title: str
    now: str
    then: str
    state: str


def request_rows(requests: Sequence[RuleRequest]) -> list[RequestRow]:
    """Return a row for each of these requests of an area. Two queries if one of them waits."""
    today = timezone.localdate()
    waiting = [request for request in requests if request.is_waiting(today)]
    memberships = list_holders(waiting[0].area, *CONFIRMED_ROLES) if waiting else []
    ties = read_ties(memberships, *(request.asked_by for request in waiting)) if waiting else Ties()

    def name_second(request: RuleRequest) -> str:
        answering = list_answering(request, memberships, ties, today=today)
        return ties.name_seconds(request.asked_by, answering)

    return [request_row(request, name_second(request) if request in waiting else "") for request in requests]


def request_row(request: RuleRequest, second: str) -> RequestRow:
    """`second` names who can agree; empty if it doesn't wait."""
    title = f"Rule for {request.target}" if request.agency_id or request.indicator_id else "Usual rule"
    if request.owner is not None:
        title = f"{request.target}: supplied by {request.owner}"
    if request.opens:
        title = f"Who may see {request.target}"
    if request.decided_at is not None:
        day = date_label(timezone.localdate(request.decided_at))
        state = f"{request.get_outcome_display()} by {request.decided_by} on {day}"
    elif second:
        state = f"Waiting until {date_label(request.ends_on)} for a second person: {second}"
    else:
        state = f"Ended on {date_label(request.ends_on)}, because no one decided"
    if request.opens:
        return RequestRow(
            request,
            title,
            describe_token(request.before),
            describe_openness(request.opens, request.opens_delay),
            state,
        )
    none = "no rule of its own"
    now = parse_token(request.before).words if request.before else none
    return RequestRow(request, title, now, request.rule.words if request.rule else none, state)


# --- What another rule would change ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EffectCell:
    """A month's figure. `words` say what the public gets; empty if the figure is shown before and after."""

    figure: str
    words: str
    is_changed: bool


@dataclass(frozen=True, slots=True)
class EffectRow:
    """A line with its monthly figures, how many there are, and how many are withheld."""

    label: str
    figures: int
    now: int
    then: int
    cells: tuple[EffectCell, ...]


@dataclass(frozen=True, slots=True)
class Later:
    """Indicators that would get the same rule from the same rule. `revealed` says which small numbers the public would
    then see; empty if it would see no more than before.
    """

    rule: str
    revealed: str
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What the public would get of the last months, the newest first, under different rules. `rows` are the lines with
    anything withheld or rounded, before or after. `others` counts the rest. `later` says which rules would differ in
    the months after these: most of these months may be public already, and what was withheld there stays withheld.
    """

    months: tuple[Month, ...]
    rows: tuple[EffectRow, ...]
    others: int
    figures: int
    now: int
    then: int
    later: tuple[Later, ...]

    @property
    def is_changed(self) -> bool:
        return any(cell.is_changed for row in self.rows for cell in row.cells)

    @property
    def next_month(self) -> Month:
        return self.months[0].next


def effect_on(snapshot: Snapshot, current: Rules, proposed: Rules) -> Effect:
    """Try rules on the lines of a version, for partners. Also reads its period's area."""
    period = snapshot.period
    lines = IndicatorLine.objects.filter(snapshot=snapshot).order_by("position")
    issued = issued_editions(period.area)
    across = list_strict_rules(period.area)
    return try_rules(period.month, lines, current, proposed, issued, across, audience=Audience.PARTNERS)


type Fates = Mapping[Key, str]  # what the public gets of each figure of a month


def try_rules(
    month: Month,
    lines: Iterable[IndicatorLine],
    current: Rules,
    proposed: Rules,
    issued: Sequence[Issued],
    across: Sequence[AcrossFigures] = (),
    *,
    audience: Audience,
) -> Effect:
    """Try rules on the lines of a month, given what is already public: what was once withheld stays so. A reader knows
    the rules `across` figures. The result has true figures, and none of what only partners may see under both. Raises
    AudienceRefused for the public.
    """
    disclosed = [passing.line for passing in disclose(lines, audience=audience)]
    of_counts = [line for line in disclosed if not line.ratio]  # a ratio follows from its two
    kept = leave_out_categories_of_parts(of_counts)
    true = {line_key(line): true_cells(line, month) for line in kept}
    months = tuple(months_between(month + -(MONTHS - 1), month))[::-1]
    public = read_known(issued)
    wholes = {**find_ties(kept, public), **current.breakdowns}

    def find_fates(rules: Rules) -> dict[Month, Fates]:
        of_edition = list_kept(kept, month, rules)
        left_out = true.keys() - {line_key(line) for line in of_edition}
        month_rules = {line_key(line): find_rules(line, month, rules) for line in of_counts}
        withheld = {
            past: protection.withheld | left_out
            for past, protection in protect_months(
                month, of_counts, of_edition, month_rules, public, wholes, across=across, breakdowns=rules.breakdowns
            ).items()
        }
        return {
            past: {
                key: describe_fate(
                    true[key],
                    past,
                    month_rules[key].get(past, month_rules[key][month]),
                    is_withheld=key in withheld.get(past, ()),
                )
                for key in true
            }
            for past in months
        }

    now, then = find_fates(current), find_fates(proposed)
    never_public = current.private & proposed.private
    tried = [line for line in kept if line.indicator_code not in never_public]
    rows = [effect_row(line.label, true[line_key(line)], line_key(line), now, then) for line in tried]
    concerned = tuple(row for row in rows if any(cell.words for cell in row.cells))
    return Effect(
        months=months,
        rows=concerned,
        others=len(rows) - len(concerned),
        figures=sum(row.figures for row in rows),
        now=sum(row.now for row in rows),
        then=sum(row.then for row in rows),
        later=tuple(list_later(disclosed, current, proposed)),
    )


def list_later(lines: Iterable[IndicatorLine], current: Rules, proposed: Rules) -> Iterator[Later]:
    """Yield the rules that would differ for later months, each with its indicators."""
    titles: dict[tuple[Rule, Rule], list[str]] = {}
    for line in lines:
        if line.category_code or line.ratio:
            continue
        before, after = (rules.of(line.indicator_code) for rules in (current, proposed))
        if before != after:
            titles.setdefault((before, after), []).append(line.label)
    for (before, after), named in titles.items():
        yield Later(after.words, describe_revealed(before, after), tuple(named))


def describe_revealed(before: Rule, after: Rule) -> str:
    """ "figures from 1 to 4": what the one rule keeps from the public, and the other doesn't."""
    if isinstance(before, Withhold):
        return "figures that the public never sees now"  # a rule that differs from this one is milder
    most = 2 * max(greatest for _, greatest in LIMITS.values())  # no rule calls more than this small
    values = [value for value in range(1, most) if is_small(before, value) and not is_small(after, value)]
    is_exact = isinstance(before, Round) and isinstance(after, Show | Suppress)
    revealed = ["exact figures that are rounded now"] if is_exact else []
    if values:
        revealed.append(f"figures from {values[0]} to {values[-1]}" if len(values) > 1 else f"the figure {values[0]}")
    return ", and ".join(revealed)


def describe_fate(cells: Cells, past: Month, rule: Rule, *, is_withheld: bool) -> str:
    """ "shown", "withheld" or "shown as 10"."""
    value = cells[past][1] if past in cells else None
    if is_withheld:
        return WITHHELD
    if value is None or shown(rule, value) == value:
        return SHOWN
    return f"{SHOWN} as {shown(rule, value):,}"


def effect_row(
    label: str, cells: Cells, key: Key, now: Mapping[Month, Fates], then: Mapping[Month, Fates]
) -> EffectRow:
    counted = [past for past in now if past in cells and cells[past][1] is not None]
    return EffectRow(
        label=label,
        figures=len(counted),
        now=sum(now[past][key] == WITHHELD for past in counted),
        then=sum(then[past][key] == WITHHELD for past in counted),
        cells=tuple(effect_cell(cells, past, now[past][key], then[past][key]) for past in now),
    )


def effect_cell(cells: Cells, past: Month, now: str, then: str) -> EffectCell:
    if past not in cells:
        return EffectCell("", "", is_changed=False)
    state, value = cells[past]
    figure = f"{value:,}" if value is not None else CellState(state).label.lower()
    if now != then:
        return EffectCell(figure, f"would be {then} in new editions", is_changed=True)
    return EffectCell(figure, "" if now == SHOWN else now, is_changed=False)
