"""What would the public see of a month, beside what partners see? For the people who decide."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.utils.text import capfirst

from indicators.disclosure import Audience, disclose
from indicators.protection.rules import describe_for_ratio, describe_small, parse_token
from indicators.trend import CellState
from reporting.models import IndicatorLine, PublicLine, Snapshot
from reporting.months.presenters.month import view_lines
from reporting.months.presenters.shapes import LineView
from reporting.public.lines import Prepared


@dataclass(frozen=True, slots=True)
class Beside:
    """A figure as partners see it and as the public would. A whole also has its rule."""

    label: str
    partners: str
    public: str
    rule: str
    is_withheld: bool
    months_withheld: int  # of all that the line shows


@dataclass(frozen=True, slots=True)
class PublishingView:
    """An edition that could be published, or is in progress."""

    rows: tuple[Beside, ...]
    left_out: tuple[str, ...]  # lines that the public isn't shown at all
    attack: str
    in_no_total: tuple[tuple[str, str], ...]  # withheld figures that no sum explains, each with its range by its rule

    @property
    def withheld(self) -> int:
        return sum(row.is_withheld for row in self.rows)


def publishing_view(snapshot: Snapshot, public: Iterable[PublicLine], prepared: Prepared) -> PublishingView:
    """Return each line of a version beside its line in the edition. One query. Raises AudienceRefused if a line of the
    edition says more than it may.
    """
    month, due_on = snapshot.period.month, snapshot.period.due_on
    lines = IndicatorLine.objects.filter(snapshot=snapshot).order_by("position")
    partners = view_lines(disclose(lines, audience=Audience.PARTNERS), month, due_on)
    shown = view_lines(disclose(public, audience=Audience.PUBLIC), month, due_on)
    rows = [
        Beside(
            label=true.label,
            partners=true.short_text,
            public=seen.short_text,
            rule="" if true.category_code else capfirst(describe_rule(seen)),
            is_withheld=seen.state is CellState.WITHHELD,
            months_withheld=sum(
                state == CellState.WITHHELD for step in seen.steps for state in step["without"].values()
            ),
        )
        for key, true in partners.items()
        if (seen := shown.get(key)) is not None
    ]
    left_out = tuple(true.label for key, true in partners.items() if key not in shown)
    return PublishingView(tuple(rows), left_out, describe_attack(prepared), tuple(find_in_no_total(shown.values())))


def find_in_no_total(lines: Collection[LineView]) -> Iterator[tuple[str, str]]:
    """Yield the withheld figures of a month that belong to no total, each with the range that its rule calls small. No
    other figure needs them to be withheld, so their being withheld says that they are small.
    """
    codes = {line.indicator_code for line in lines}
    ties = [(line.indicator_code, line.part_of_code) for line in lines if line.part_of_code in codes]
    tied = {line.indicator_code for line in lines if line.category_code}.union(*ties)
    for line in lines:
        if line.state is not CellState.WITHHELD or line.ratio or line.indicator_code in tied:
            continue
        if small := describe_small(parse_token(line.protected_by)):
            yield line.label, small


def describe_rule(line: LineView) -> str:
    rule = parse_token(line.protected_by)
    return describe_for_ratio(rule, line.ratio) if line.ratio else rule.words


def describe_attack(prepared: Prepared) -> str:
    """ "This edition keeps 104 figures unknown. By adding and subtracting alone, nobody can …"."""
    if not prepared.sensitive and not prepared.known_before:
        return "Its months have no figure that its rule counts as small"
    one = prepared.sensitive == 1
    words = f"This edition keeps {prepared.sensitive:,} {'figure' if one else 'figures'} unknown"
    if prepared.narrowest is None:
        words += f". No total gives {'it' if one else 'any of them'} away"
    else:
        words += (
            f". By adding and subtracting alone, nobody can narrow {'it' if one else 'any of them'} to "
            f"fewer than {prepared.narrowest + 1} values. Somebody who also knows the rules may guess that a withheld "
            "figure is small"
        )
    if prepared.known_before:
        words += f". Earlier editions already say too much about {prepared.known_before:,} more"
    return words
