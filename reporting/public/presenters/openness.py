"""Who may see each indicator, who decided that, and why a new edition may show nothing of it all the same, in words."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils import timezone

from core.calendar import date_label
from indicators.models import Indicator
from indicators.openness import Openness, is_private
from indicators.protection.rules import Withhold, strictest
from indicators.selectors.disclosure import Rules
from indicators.selectors.openness import Decision, find_decisions
from reporting.public.presenters.disclosure import describe_whose_rule, rules_behind

SET_UP = "No one: it came with {area}’s set-up"
ADDED = "No one: {by} added it, {day}"
ALONE = "{by}, {day}"
TWO = "{asked_by} asked and {by} agreed, {day}"
GIVES_AWAY = "A new edition still won’t show it, because that would give away “{other}”."
WITHHELD = "A new edition still won’t show it, because of {rule}."


class OpennessRow(NamedTuple):
    """An indicator with who decided, and why a new edition shows nothing of it although it is open; else empty."""

    indicator: Indicator
    decided: str
    hidden: str


def openness_rows(indicators: Sequence[Indicator], rules: Rules) -> list[OpennessRow]:
    """Return a row for each. `indicators` come with their areas and owners, the counts behind them, and what they break
    down. Two queries."""
    decisions = find_decisions(indicators)
    return [
        OpennessRow(indicator, describe_decision(indicator, decisions.get(indicator.pk)), find_hidden(indicator, rules))
        for indicator in indicators
    ]


def describe_decision(indicator: Indicator, decision: Decision | None) -> str:
    if decision is None:
        return SET_UP.format(area=indicator.area)
    words = ADDED if decision.is_added else TWO if decision.asked_by else ALONE
    day = date_label(timezone.localdate(decision.at))
    return words.format(by=decision.by, asked_by=decision.asked_by, day=day)


def find_hidden(indicator: Indicator, rules: Rules) -> str:
    if indicator.openness == Openness.PARTNERS:
        return ""
    for other in (indicator.numerator, indicator.denominator, indicator.breaks_down):
        if other is not None and is_private(other.openness):
            return GIVES_AWAY.format(other=other)
    # A total of a year is under the rule that its months would have.
    rules = rules.as_if_opened(indicator.code)
    if strictest([rules.of(indicator.code), *rules_behind(rules, indicator)]) != Withhold():
        return ""
    return WITHHELD.format(rule=describe_whose_rule(rules, indicator))
