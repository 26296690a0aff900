"""Which colours do judgements have? Those of the pages, whose style sheet says them once. Pure."""

import re
from pathlib import Path

SHEET = Path(__file__).parents[2] / "static" / "css" / "app.css"


def _said(name: str) -> str:
    """A custom property of the style sheet: what assets/_verdict.scss calls --vv-NAME."""
    found = re.search(rf"--vv-{name}: ?(#[0-9a-f]{{6}})\b", SHEET.read_text(encoding="utf-8"))
    if found is None:
        raise LookupError(f"{SHEET.name} has no --vv-{name}.")
    return found[1]


BETTER, WORSE = _said("better"), _said("worse")
