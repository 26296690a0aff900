from typing import Any

from indicators.imports.series import read_counts
from indicators.judgement.judge import Entry, judge
from indicators.judgement.tokens import judged
from indicators.management.json_lines import SeriesCommand
from indicators.trend import Polarity


class Command(SeriesCommand):
    help = (
        "How pages and files judge, for any series of monthly counts (docs/judgement.md): reads series as JSON Lines, "
        'writes a line for each. In: {"id", "values": [1, null, …], "kind": "flow"|"stock", "improvement": '
        '"higher"|"lower"|"neutral", "starts": [index, …]}; only "values" is needed (flow, neutral, no starts). Out: '
        '{"id", "months": […]} with an entry for each month: "signal", "tier", "judgement", "window", "sum", "due", '
        '"usual", "lower", "upper", "level", "since", "before" and "back"; for a line that can\'t be read '
        '{"line": n, "error": "…"}. Exits 0, or 1 when a line was refused.'
    )

    def answer(self, row: dict[str, Any]) -> dict[str, Any]:
        series = read_counts(row)
        entries = judge(series.values, counted=series.counted, starts=series.starts)
        return {"months": [show(entry, series.polarity) for entry in entries]}


def show(entry: Entry, polarity: Polarity) -> dict[str, Any]:
    return {
        "signal": entry.signal,
        "tier": entry.tier,
        "judgement": judged(entry.signal, entry.tier, polarity) if entry.signal is not None else None,
        "window": entry.window,
        "usual": entry.usual,
        "lower": entry.lower,
        "upper": entry.upper,
        "level": entry.level,
        "since": entry.since,
        "before": entry.before,
        "back": entry.is_back,
        "sum": entry.sum,
        "due": entry.due,
    }
