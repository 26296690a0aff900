from dataclasses import asdict
from typing import Any

from indicators.imports.series import read_points
from indicators.management.catalogues import SeriesCommand
from indicators.trend import analyse


class Command(SeriesCommand):
    help = (
        "Work out the NHS control chart (XmR). Reads series as JSON Lines and writes a line for each. In: "
        '{"id", "values": [1, null, …], "improvement": "higher"|"lower"|"neutral", "target", "step_changes": '
        '[index, …], "baseline_points", "screen_outliers"}; only "values" is required (neutral; no target, no steps, '
        'all points, screened). Out: {"id", "mean", "lower", "upper", "signal", "judgement"} with an entry for each '
        'point, "variation" and "assurance"; for a line that can\'t be read, {"line": n, "error": "…"}. Exits 0, or 1 '
        "if a line was refused. Pages and files use another method: see judge_series."
    )

    def answer(self, row: dict[str, Any]) -> dict[str, Any]:
        return asdict(analyse(**asdict(read_points(row))))
