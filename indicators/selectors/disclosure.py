"""Finds the rule that protects an indicator's figures for the public, and how months are marked.

Two sides decide. The indicator's side is its own rule, or else the area's usual rule, or else the default. The agency's
side is the rule of the agency that owns the figures. The stricter side applies, or both together where neither covers
the other.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from django.db.models import Max, OuterRef, Q, Subquery
from django.utils import timezone

from boards.models import PartnershipArea, ReportingPeriod
from core.calendar import Month
from indicators.disclosure import USUAL_MARKING, Audience, Marking
from indicators.models import DisclosureRule, Indicator, MonthMarking, Observation, RuleRequest
from indicators.openness import Openness, is_private
from indicators.protection.rules import DEFAULT, Rule, Withhold, strictest


class Decides(Enum):
    """Whose rule applies to an indicator. BOTH: the two sides together are stricter than either of them."""

    INDICATOR = "indicator"
    USUAL = "usual"
    DEFAULT = "default"
    AGENCY = "agency"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of an area: the usual one (None if not set), those of indicators and of agencies by code, and the
    agency that owns each indicator. `moved` are those that it had before, the first one first, each with the first
    month of the next. `private` are the indicators of which the public sees no month, and `yearly`
    those among them of which it sees the total of a year. `delays` are the months after which a month of an indicator
    is public, where there are any. `breakdowns` maps each breakdown to its whole: no rule of it is milder than that of
    its whole."""

    usual: Rule | None = None
    indicators: Mapping[str, Rule] = field(default_factory=dict)
    agencies: Mapping[str, Rule] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    moved: Mapping[str, Sequence[tuple[Month, str]]] = field(default_factory=dict)
    private: frozenset[str] = frozenset()
    yearly: frozenset[str] = frozenset()
    delays: Mapping[str, int] = field(default_factory=dict)
    breakdowns: Mapping[str, str] = field(default_factory=dict)

    def of(self, code: str, owner: str = "", month: Month | None = None) -> Rule:
        """Return the rule that applies to the indicator with that code; the usual one for an unknown code. `owner` is
        the agency that it had when the figures were published, and `month` the month that they are for."""
        if code in self.private:
            return Withhold()
        # The owners at those times count too: moving an indicator to a milder agency must reveal nothing.
        owners = (owner, self._find_owner_in(code, month))
        then = [rule for code_of_owner in owners if (rule := self.agencies.get(code_of_owner)) is not None]
        return strictest([*self._sides(code), *then])

    def of_year(self, code: str, owner: str, month: Month) -> Rule:
        """Return the rule of a total for one of its months: the one that would apply if the public saw that month."""
        return replace(self, private=self.private - self.yearly).of(code, owner, month)

    def _find_owner_in(self, code: str, month: Month | None) -> str:
        """Return the agency that a month's figures came from; empty if it is the one of today."""
        before = (agency for since, agency in self.moved.get(code, ()) if month is not None and month < since)
        return next(before, "")

    def decides(self, code: str) -> Decides:
        own, *agency = self._sides(code)
        if not agency or own == self.of(code):
            if not self.indicators.keys().isdisjoint({code, self.breakdowns.get(code, code)}):
                return Decides.INDICATOR
            return Decides.DEFAULT if self.usual is None else Decides.USUAL
        return Decides.AGENCY if agency == [self.of(code)] else Decides.BOTH

    def _sides(self, code: str) -> list[Rule]:
        codes = {code, self.breakdowns.get(code, code)}
        own = strictest([self.indicators.get(one, self.usual or DEFAULT) for one in sorted(codes)])
        agency = self.agencies.get(self.owners.get(code, ""))
        return [own] if agency is None else [own, agency]

    def as_if(self, rule: Rule | None, *, agency: str = "", indicator: str = "") -> "Rules":
        """Return the rules with another rule for that agency or indicator, or another usual rule. None removes the
        rule."""
        if indicator:
            return replace(self, indicators=_with(self.indicators, indicator, rule))
        if agency:
            return replace(self, agencies=_with(self.agencies, agency, rule))
        return replace(self, usual=rule)

    def as_if_opened(self, indicator: str) -> "Rules":
        """Return the rules as if the public could see an indicator month by month, without a delay."""
        delays = {code: delay for code, delay in self.delays.items() if code != indicator}
        private, yearly = self.private - {indicator}, self.yearly - {indicator}
        return replace(self, private=private, yearly=yearly, delays=delays)

    def as_if_moved(self, indicator: str, to: str, *, since: Month | None) -> "Rules":
        """Return the rules as if another agency supplied an indicator, from that month on."""
        before = [(since, self.owners[indicator])] if since is not None else []
        moved = {**self.moved, indicator: [*self.moved.get(indicator, ()), *before]}
        return replace(self, owners={**self.owners, indicator: to}, moved=moved)


def _with(rules: Mapping[str, Rule], code: str, rule: Rule | None) -> dict[str, Rule]:
    others = {other: kept for other, kept in rules.items() if other != code}
    return others if rule is None else {**others, code: rule}


def effective_rules(area: PartnershipArea) -> Rules:
    """Return the rules of an area. Two queries."""
    owners: dict[str, str] = {}
    moved: dict[str, list[tuple[Month, str]]] = defaultdict(list)
    # A row for each move, or one without.
    private: set[str] = set()
    yearly: set[str] = set()
    delays: dict[str, int] = {}
    behind: dict[str, set[str]] = {}
    breakdowns: dict[str, str] = {}
    indicators = Indicator.objects.filter(area=area).order_by("code", "moves__since", "moves__pk")
    for code, owner, since, before, openness, delay, whole, *counts in indicators.values_list(
        *("code", "owner__code", "moves__since", "moves__agency__code"),
        *("openness", "openness_delay", "breaks_down__code", "numerator__code", "denominator__code"),
    ):
        owners[code] = owner
        behind[code] = {whole, *counts}
        if whole:
            breakdowns[code] = whole
        if is_private(openness):
            private.add(code)
        if delay:
            delays[code] = delay
        if openness == Openness.YEAR:
            yearly.add(code)
        if since is not None:
            moved[code].append((Month.of(since), before))
    usual: Rule | None = None
    of_indicators: dict[str, Rule] = {}
    agencies: dict[str, Rule] = {}
    for rule in DisclosureRule.objects.filter(area=area).select_related("agency", "indicator"):
        if rule.indicator is not None:
            of_indicators[rule.indicator.code] = rule.rule
        elif rule.agency is not None:
            agencies[rule.agency.code] = rule.rule
        else:
            usual = rule.rule
    # Who sees a ratio and one of its counts can work out the other. Who sees a breakdown sees what it adds up to.
    private |= {code for code, counts in behind.items() if counts & private}
    return Rules(
        usual, of_indicators, agencies, owners, moved, frozenset(private), frozenset(yearly), delays, breakdowns
    )


def find_rule(area: PartnershipArea, code: str) -> Rule:
    """Return the rule that applies to one indicator. Two queries."""
    return effective_rules(area).of(code)


def list_waiting_rules(area: PartnershipArea) -> list[RuleRequest]:
    """Return the rules that wait for a second person. One query."""
    waiting = RuleRequest.objects.waiting(timezone.localdate()).filter(area=area)
    return list(waiting.select_related("area", "agency", "indicator", "owner", "asked_by", "decided_by"))


def find_waiting_move(indicator: Indicator) -> RuleRequest | None:
    """Return the request that another agency supplies an indicator, while it waits for a second person. One query."""
    waiting = RuleRequest.objects.waiting(timezone.localdate()).filter(indicator=indicator, owner__isnull=False)
    return waiting.select_related("owner", "asked_by").first()


def find_since(indicator: Indicator) -> Month | None:
    """Return the month after the last one for which an indicator has a figure, or the counts behind it have one; None
    where there is none. Another agency supplies it from then on. One query."""
    behind = Q(indicator=indicator) | Q(indicator__ratios_of=indicator) | Q(indicator__ratios_by=indicator)
    last = Observation.objects.filter(behind).aggregate(last=Max("period__starts_on"))["last"]
    return Month.of(last).next if last is not None else None


FOR = {Audience.PARTNERS: "partners", Audience.PUBLIC: "the public"}  # in a sentence


def get_marking(period: ReportingPeriod, *, audience: Audience = Audience.PARTNERS) -> Marking:
    """Return a month's current marking. One query."""
    return marking_in(period.area, period.month, audience=audience)


def marking_in(area: PartnershipArea, month: Month, *, audience: Audience = Audience.PARTNERS) -> Marking:
    """Return the marking; the usual one for a month that the area doesn't have. One query."""
    marked = MonthMarking.objects.filter(period__area=area, period__starts_on=month.first_day, audience=audience.value)
    # By id, not by time: the newest row counts even if the clock was put back.
    return or_usual(marked.order_by("-id").values_list("marking", flat=True).first(), audience)


def newest_marking(period: str, audience: Audience) -> Subquery:
    """Return the newest marking of the month that a field leads to, for `or_usual`: to annotate other rows with."""
    marked = MonthMarking.objects.filter(period=OuterRef(period), audience=audience.value).order_by("-id")
    return Subquery(marked.values("marking")[:1])


def or_usual(marked: str | None, audience: Audience) -> Marking:
    return USUAL_MARKING[audience] if marked is None else Marking(marked)


@dataclass(frozen=True, slots=True)
class Marked:
    """A month's marking for an audience, and the row that set it: none if nobody changed it."""

    audience: Audience
    marking: Marking
    last: MonthMarking | None

    @property
    def is_lowered(self) -> bool:
        return self.marking.is_below(USUAL_MARKING[self.audience])


def list_markings(area: PartnershipArea) -> list[tuple[ReportingPeriod, list[Marked]]]:
    """List the months of an area, newest first, each with its marking for each audience. Two queries."""
    newest = {
        (row.period_id, row.audience): row
        for row in MonthMarking.objects.filter(period__area=area).select_related("set_by").order_by("id")
    }
    periods = ReportingPeriod.objects.filter(area=area).order_by("-starts_on")
    return [
        (period, [_marked(audience, newest.get((period.pk, audience.value))) for audience in Audience])
        for period in periods
    ]


def _marked(audience: Audience, last: MonthMarking | None) -> Marked:
    return Marked(audience, or_usual(last.marking if last else None, audience), last)


def list_changes(period: ReportingPeriod) -> list[MonthMarking]:
    """List each change of a month's marking, newest first. One query."""
    return list(MonthMarking.objects.filter(period=period).select_related("set_by").order_by("-id"))


def get_strictest(periods: Iterable[ReportingPeriod]) -> Marking:
    """Return the partner marking of a page with one month of several areas: the strictest of theirs. One query."""
    periods = list(periods)
    rows = MonthMarking.objects.filter(period__in=periods, audience=Audience.PARTNERS.value).order_by("id")
    # The last row of each month wins: the newest.
    newest = dict(rows.values_list("period", "marking"))
    marked = [or_usual(newest.get(period.pk), Audience.PARTNERS) for period in periods]
    return max(marked, key=list(Marking).index, default=USUAL_MARKING[Audience.PARTNERS])
