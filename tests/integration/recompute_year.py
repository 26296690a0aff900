"""Work the numbers of a pack of one year on out again, from an area's history file and its set-up.

    python recompute_year.py history.csv set-up.json

The history file is what `manage.py export_figures` prints. This knows nothing of the product: each rule is written down
here once more, by docs/year.md, docs/kpis.md and docs/impact.md. Prints JSON; numbers are texts, as the pack has them.
"""

import csv
import json
import math
import sys
from fractions import Fraction
from pathlib import Path
from statistics import NormalDist
from typing import Any

YEAR = 12
Z, Z_EARLY = NormalDist().inv_cdf(0.975), NormalDist().inv_cdf(0.995)
TAIL = Fraction(1, 40)
ON_A_DAY = ("stock", "census")

type Months = dict[int, int]  # the month's number, counted from year 0, and its figure
type Pair = tuple[int, int]  # cases, and what they are of


def read_month(text: str) -> int:
    year, month = text.split("-")
    return int(year) * YEAR + int(month) - 1


def name_month(month: int) -> str:
    return f"{month // YEAR}-{month % YEAR + 1:02}"


def show(number: Fraction | float, digits: int) -> str:
    """Half a unit is rounded up."""
    unit = 10**digits
    return f"{math.floor(Fraction(number) * unit + Fraction(1, 2)) / unit:,.{digits}f}"


def show_shortly(number: float) -> str:
    return f"{number:.2g}" if 0 < number < 1 else f"{number:,.1f}".removesuffix(".0")


# --- The figures ----------------------------------------------------------------------------------


def read_figures(path: Path) -> dict[str, Months]:
    """Of each indicator, by month: what is split up is the sum of its categories."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        next(file)  # how the file is marked
        rows = list(csv.DictReader(file))
    found: dict[str, Months] = {}
    for row in rows:
        months = found.setdefault(row["indicator"], {})
        if row["value"]:
            month = read_month(row["month"])
            months[month] = months.get(month, 0) + int(row["value"])
    return found


def hold(months: Months, last: int) -> Months:
    """Of a count that isn't asked for each month: its newest figure until the next."""
    held, newest = {}, None
    for month in range(min(months), last + 1):
        newest = months.get(month, newest)
        if newest is not None:
            held[month] = newest
    return held


class History:
    def __init__(self, figures: dict[str, Months], set_up: dict[str, Any]) -> None:
        self.figures, self.last = figures, read_month(set_up["month"])
        self.indicators = {each["code"]: each for each in set_up["indicators"]}

    def count(self, code: str) -> Months:
        """By month, as a page shows it."""
        months = self.figures.get(code, {})
        return hold(months, self.last) if self.indicators[code]["asked"] != "monthly" and months else months

    def own(self, code: str) -> dict[int, Pair | int]:
        """By month, what the indicator says of its own: of a ratio its two counts."""
        indicator = self.indicators[code]
        if not indicator["ratio"]:
            return dict(self.figures.get(code, {}))
        cases = self.count(indicator["numerator"])
        if indicator["denominator"]:
            of = self.count(indicator["denominator"])
        else:
            years = {int(year): number for year, number in indicator["residents"].items()}
            of = {
                month: years[max(year for year in years if year <= month // YEAR)]
                for month in cases
                if min(years) <= month // YEAR
            }
        both = {month: (cases[month], of[month]) for month in cases if of.get(month)}
        is_share = indicator["ratio"] == "share"
        return {month: pair for month, pair in both.items() if not is_share or pair[0] <= pair[1]}


# --- Years ----------------------------------------------------------------------------------------


def compare_years(history: History, code: str) -> dict[str, Any] | None:
    indicator, own = history.indicators[code], history.own(code)
    is_stock, ratio = indicator["counts_as"] in ON_A_DAY, indicator["ratio"]
    starts = [read_month(start) for start in indicator["starts"]]
    months = [
        month
        for month in range(history.last - YEAR + 1, history.last + 1)
        if month in own
        and month - YEAR in own
        and not any(month - YEAR < start <= month for start in starts)
        and (month == history.last or not (ratio and is_stock))
    ]
    if len(months) < (1 if ratio and is_stock else 3):
        return None
    years: list[list[Any]] = [[own[month - back] for month in months] for back in (0, YEAR)]
    told: dict[str, Any] = {"months": [name_month(month) for month in months], "cases": []}
    if ratio:
        sums = [[sum(pair[place] for pair in year) for place in (0, 1)] for year in years]
        values = [Fraction(cases * indicator["per"], of) for cases, of in sums]
        told["cases"] = [f"{sums[0][0]:,}", f"{sums[1][0]:,}"]
        if ratio != "rate":
            told["cases"] = [f"{number:,}" for pair in sums for number in pair]
    else:
        values = [Fraction(sum(year), len(year) if is_stock else 1) for year in years]
    digits = 1 if ratio or is_stock else 0
    now, before = (math.floor(value * 10**digits + Fraction(1, 2)) for value in values)
    told["now"], told["before"] = (show(Fraction(value, 10**digits), digits) for value in (now, before))
    told["change"], told["way"] = show(Fraction(abs(now - before), 10**digits), digits), (now > before) - (now < before)
    is_told = not is_stock and ratio != "average" and len(months) >= 6
    told["is_more_than_chance"] = differ(years, ratio) if is_told else None
    return told


def differ(years: list[list[Any]], ratio: str) -> bool:
    if ratio == "share":
        return differ_as_shares(*years)
    pairs = [[each if ratio else (each, 1) for each in year] for year in years]
    (now, exposure), (before, earlier) = ([sum(pair[place] for pair in year) for place in (0, 1)] for year in pairs)
    squares, used = 0.0, 0
    for (one, weight), (other, other_weight) in zip(*pairs, strict=True):
        due, other_due = now / exposure * weight, before / earlier * other_weight
        both = one + other
        if both and due and other_due:
            share = due / (due + other_due)
            squares += (one - both * share) ** 2 / (both * share * (1 - share))
            used += 1
    spread = max(1.0, squares / (used - 1)) if used > 1 else 1.0
    now, before = round(now / spread), round(before / spread)
    share, both = Fraction(exposure, exposure + earlier), now + before
    chances = [math.comb(both, each) * share**each * (1 - share) ** (both - each) for each in range(both + 1)]
    return sum(chances[: now + 1]) <= TAIL or sum(chances[now:]) <= TAIL


def differ_as_shares(now: list[Pair], before: list[Pair]) -> bool:
    squares, free, sums = 0.0, -2, []
    for year in (now, before):
        cases, of = (sum(pair[place] for pair in year) for place in (0, 1))
        share = cases / of
        if 0 < share < 1:
            squares += sum((one - all_ * share) ** 2 / (all_ * share * (1 - share)) for one, all_ in year)
        free += len(year)
        sums.append((cases, of))
    spread = max(1.0, squares / free) if free > 0 else 1.0
    (one, low, high), (other, other_low, other_high) = (wilson(cases / spread, of / spread) for cases, of in sums)
    lower = one - other - math.hypot(one - low, other_high - other)
    upper = one - other + math.hypot(high - one, other - other_low)
    return lower > 0 or upper < 0


# --- KPIs -----------------------------------------------------------------------------------------


def stand(history: History, kpi: dict[str, Any]) -> dict[str, Any]:
    """From its baseline to now."""
    indicator = history.indicators[kpi["indicator"]]
    per = indicator["per"] if indicator["ratio"] else None
    if indicator["ratio"] == "rate":  # of a year: its cases are added up, and its residents aren't
        per *= YEAR
    own = {
        month: value if isinstance(value, tuple) else (value, 1)
        for month, value in history.own(kpi["indicator"]).items()
    }
    span = range(read_month(kpi["baseline_from"]), read_month(kpi["baseline_to"]) + 1)
    before = [own[month] for month in span if month in own]
    baseline = come_to(before, per)
    begins, due = read_month(kpi["begins"]), read_month(kpi["due"])
    months = range(max(begins, history.last - YEAR + 1), history.last + 1)
    found = {month: own[month] for month in months if month in own}
    known = len(found)
    if indicator["counts_as"] in ON_A_DAY:  # the newest alone: most of it was there the month before
        found = {month: found[month] for month in list(found)[-1:]}
    told: dict[str, Any] = {"months": len(months), "figures": known, "start": show_shortly(baseline)}
    if not found:
        return told
    cases, of = (sum(pair[place] for pair in found.values()) for place in (0, 1))
    way = {month: trajectory(kpi, baseline, begins, due, month) for month in found}
    scale = 1.0 if per is None else 1 / of
    value = cases if per is None else per * cases * scale
    lines = [
        sum(line[month] * found[month][1] for month in found) * scale for line in (dict.fromkeys(found, baseline), way)
    ]
    goal = kpi["target"] * of * scale
    # No other dates: the history begins with the baseline, or less than a year and eleven months before.
    assert begins - min(history.own(kpi["indicator"])) < len(span) + 2 * YEAR - 1
    spread = find_spread(before, history.last - begins + 1, is_share=indicator["ratio"] == "share")
    clump = spread * (1 + of / sum(pair[1] for pair in before))
    # Whoever looks every month asks for more until the target is due.
    z = Z if history.last >= due else Z_EARLY
    lower, upper = find_range(cases, of, clump, z, per=per, is_share=indicator["ratio"] == "share")
    low, high = (1 if per is not None else 2 if end < 1 else 1 if end < 10 else 0 for end in (lower, upper))
    lower_shown = min(math.ceil(lower * 10**low - 1e-9) / 10**low, round(value, low))
    upper_shown = max(math.floor(upper * 10**high + 1e-9) / 10**high, round(value, high))
    sign = 1 if kpi["better"] == "higher" else -1
    if indicator["counts_as"] in ON_A_DAY:  # everybody there is: chance plays no part
        lower = upper = value

    def lies(by: float) -> int:
        """1: the range is wholly better, -1: wholly worse, 0: around."""
        return sign if lower > by else -sign if upper < by else 0

    told |= {
        "value": show_shortly(value),
        "baseline": show_shortly(lines[0]),
        "trajectory": show_shortly(lines[1]),
        "target": show_shortly(goal),
        "lower": show_shortly(lower_shown),
        "upper": show_shortly(upper_shown),
    }
    told["state"] = name_state(
        known,
        indicator,
        is_met=history.last >= due and (value - goal) * sign >= 0,
        lies=(lies(lines[0]), lies(lines[1])),
    )
    return told


def name_state(known: int, indicator: dict[str, Any], *, is_met: bool, lies: tuple[int, int]) -> str:
    """`lies` says where the range is by the baseline and by the trajectory."""
    by_baseline, by_trajectory = lies
    if known < 3:
        return "Too early to tell"
    if indicator["counts_as"] == "deaths":
        return "Not judged"
    if is_met:
        return "Met"
    if by_baseline < 0:
        return "Worse than the baseline"
    if by_trajectory >= 0:
        return "On course" if by_baseline > 0 else "Too close to call"
    return "Behind" if by_baseline > 0 else "No clear change"


def find_range(
    cases: int, of: int, clump: float, z: float, *, per: float | None, is_share: bool
) -> tuple[float, float]:
    """Wilson's of a share; Byar's of a count, and of a rate's cases: of as many clumps."""
    if is_share:
        _, lower, upper = wilson(cases / clump, of / clump, z)
        return lower * 100, upper * 100
    scale = clump if per is None else clump * per / of
    lower, upper = byars(cases / clump, z)
    return lower * scale, upper * scale


DRIFT = 0.2  # of a year, where a series is too short to say


def find_spread(before: list[Pair], since: int, *, is_share: bool) -> float:
    """How many times more than by chance the months vary, and what a drift adds after so many months."""
    cases, of = (sum(pair[place] for pair in before) for place in (0, 1))
    ratio = cases / of
    rest = 1 - ratio if is_share else 1
    squares = []
    for (earlier, whole), (later, next_whole) in zip(before, before[YEAR:], strict=False):
        due, both = earlier * next_whole / whole, earlier + later
        by_chance = both * next_whole / whole * (1 - both / (whole + next_whole) if is_share else 1)
        squares += [(later - due) ** 2 / by_chance] if by_chance > 0 else []
    if len(squares) >= YEAR:
        spread = max(1.0, sum(squares) / len(squares))
    elif len(before) >= YEAR:
        squares = [(one - whole * ratio) ** 2 / (whole * ratio * rest) for one, whole in before]
        spread = max(1.0, sum(squares) / (len(before) - 1))
    else:
        spread = 1.0
    months = min(since, YEAR)
    return spread + DRIFT**2 * cases * months / len(before) * rest / (1 + months / len(before))


def come_to(pairs: list[Pair], per: float | None) -> float:
    """Of months: a count's mean, a ratio of all of them."""
    cases, of = (sum(pair[place] for pair in pairs) for place in (0, 1))
    return cases / of if per is None else per * cases / of


def trajectory(kpi: dict[str, Any], baseline: float, begins: int, due: int, month: int) -> float:
    if month >= due:
        return float(kpi["target"])
    if kpi["steps"]:
        reached = [value for since, value in kpi["steps"] if read_month(since) <= month]
        return reached[-1] if reached else baseline
    return baseline + (month - begins + 1) / (due - begins + 1) * (kpi["target"] - baseline)


# --- Ranges ---------------------------------------------------------------------------------------


def wilson(cases: float, of: float, z: float = Z) -> tuple[float, float, float]:
    """A share, and its range."""
    share, squared = cases / of, z * z
    middle, reach = 2 * cases + squared, z * math.sqrt(squared + 4 * cases * (1 - share))
    return share, (middle - reach) / (2 * (of + squared)), (middle + reach) / (2 * (of + squared))


def byars(events: float, z: float = Z) -> tuple[float, float]:
    """The range of a count: Byar's from 10 on, below that of Poisson's sum, by halving. Clumps need not be whole."""
    tail = math.erfc(z / math.sqrt(2)) / 2
    if events >= 10:
        low = events * (1 - 1 / (9 * events) - z / (3 * math.sqrt(events))) ** 3
        more = events + 1
        return low, more * (1 - 1 / (9 * more) + z / (3 * math.sqrt(more))) ** 3
    lower = halve(lambda mean: at_least(events, mean) < tail) if events else 0.0
    return lower, halve(lambda mean: at_least(events + 1, mean) < 1 - tail)


def at_least(events: float, mean: float) -> float:
    """How likely so many or more are: the lower incomplete gamma function, by its series."""
    term = total = math.exp(events * math.log(mean) - mean - math.lgamma(events + 1)) if mean else 0.0
    for more in range(1, 400):
        term *= mean / (events + more)
        total += term
    return total


def halve(is_below: Any) -> float:
    low, high = 0.0, 100.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return low


# --- Levels ---------------------------------------------------------------------------------------


def level(history: History, asked: dict[str, str]) -> str:
    """What the months that the pack names come to: a count's mean, a ratio's one sum out of the other."""
    months = range(read_month(asked["first"]), read_month(asked["last"]) + 1)
    indicator = history.indicators[asked["indicator"]]
    if not indicator["ratio"]:
        figures = history.count(asked["indicator"])
        return f"{sum(figures[month] for month in months) / len(months):,.1f}"
    pairs: list[Any] = [history.own(asked["indicator"])[month] for month in months]
    found = come_to(pairs, indicator["per"])
    if indicator["ratio"] == "share":
        return f"{found:,.1f}%"
    return f"{found:,.{1 if found >= 1 else 2}f} per {indicator['per']:,}"


def recompute(figures: dict[str, Months], set_up: dict[str, Any]) -> dict[str, Any]:
    history = History(figures, set_up)
    return {
        "months": {
            code: {name_month(month): f"{value:,}" for month, value in history.count(code).items()}
            for code, indicator in history.indicators.items()
            if not indicator["ratio"]
        },
        "years": {code: compare_years(history, code) for code in history.indicators},
        "kpis": {kpi["number"]: stand(history, kpi) for kpi in set_up["kpis"]},
        "levels": [level(history, asked) for asked in set_up["levels"]],
    }


if __name__ == "__main__":
    history_file, set_up_file = map(Path, sys.argv[1:])
    json.dump(recompute(read_figures(history_file), json.loads(set_up_file.read_text(encoding="utf-8"))), sys.stdout)
