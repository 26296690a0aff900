"""How is a KPI doing, in one bar? Its figures with their range, against baseline, trajectory and target. Pure.

Places along it are percentages, so that it fills the page's width.
"""

from dataclasses import dataclass

from reporting.charts.control_chart import number, percent, rules_to

HEIGHT, BOTTOM = 56, 36  # the whole picture; the bar, with its scale under it


@dataclass(frozen=True, slots=True)
class Bullet:
    """`bar` is the length of the figures from 0. The range is drawn from `lower`, `across` wide. The others are places
    along it. `scale` has numbers with their places, the first at 0 and the last at the end.
    """

    bar: str
    lower: str
    across: str
    upper: str
    baseline: str
    trajectory: str
    target: str
    scale: tuple[tuple[str, str], ...]
    height: int = HEIGHT


def bullet(
    value: float, *, lower: float, upper: float, baseline: float, trajectory: float, target: float, unit: str = ""
) -> Bullet:
    """Draw values of 0 or more; the scale starts at 0."""
    # At least 1, because `rules_to` takes a logarithm.
    step, top = rules_to(max(value, upper, baseline, trajectory, target, 1))

    def place(one: float) -> str:
        return percent(one / top)

    # With a single step there is no round number in between.
    ends = (0, top // step // 2 * step, top) if top // step > 1 else (0, top)
    return Bullet(
        bar=place(value),
        lower=place(lower),
        across=percent((upper - lower) / top),
        upper=place(upper),
        baseline=place(baseline),
        trajectory=place(trajectory),
        target=place(target),
        scale=tuple((place(one), f"{number(one)}{unit}") for one in ends),
    )
