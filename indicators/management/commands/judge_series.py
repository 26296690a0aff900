from typing import Any

from indicators.imports.series import Counts, read_counts
from indicators.judgement.judge import Entry, judge, judge_ratio, judged
from indicators.management.catalogues import SeriesCommand
from indicators.trend import Polarity


class Command(SeriesCommand):
    help = (
        "Judge any series of monthly counts, shares or rates as pages and files do (docs/judgement.md). Reads "
        'series as JSON Lines and writes a line for each. In: {"id", "values": [1, null, …], "kind": '
        '"flow"|"stock"|"share"|"rate", "denominators": [10, null, …], "counted": "flow"|"stock", "improvement": '
        '"higher"|"lower"|"neutral", "starts": [index, …]}; only "values" is required (flow, neutral, no starts), '
        'and "denominators" for a share or rate; "counted" says how a share or rate counts (flow). Out: '
        '{"id", "months": […]} with an entry for each month: "signal", "tier", "judgement", "window", "sum", "due", '
        '"usual", "lower", "upper", "level", "since", "before" and "back", which are fractions for a share or '
        'rate; for a line that can\'t be read, {"line": n, "error": "…"}. Exits 0, or 1 if a line was refused.'
    )

    def answer(self, row: dict[str, Any]) -> dict[str, Any]:
        series = read_counts(row)
        return {"months": [show(entry, series.polarity) for entry in judge_any(series)]}


def judge_any(series: Counts) -> list[Entry]:
    if series.ratio is None or series.denominators is None:
        return judge(series.values, counted=series.counted, starts=series.starts)
    return judge_ratio(
        series.values, series.denominators, kind=series.ratio, counted=series.counted, starts=series.starts
    )


def show(entry: Entry, polarity: Polarity) -> dict[str, Any]:
    signal, tier, window, counted, due, usual, lower, upper, level, since, before, is_back = entry
    return {
        "signal": signal,
        "tier": tier,
        "judgement": judged(signal, tier, polarity) if signal is not None else None,
        "window": window,
        "usual": usual,
        "lower": lower,
        "upper": upper,
        "level": level,
        "since": since,
        "before": before,
        "back": is_back,
        "sum": counted,
        "due": due,
    }
