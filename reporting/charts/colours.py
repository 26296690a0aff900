"""Which colours do pictures have? Those of the pages, from their style sheet. Pure."""

import re
from pathlib import Path

SHEET = Path(__file__).parents[2] / "static" / "css" / "app.css"


def _said(name: str) -> str:
    """Return a custom property of the style sheet, which comes from assets/_brand.scss."""
    found = re.search(rf"--{name}: ?(#[0-9a-f]{{6}})\b", SHEET.read_text(encoding="utf-8"))
    if found is None:
        raise LookupError(f"{SHEET.name} has no --{name}.")
    return found[1]


BETTER, WORSE, BAND, LAND = map(_said, ("vv-better", "vv-worse", "vv-band", "vv-land"))
INK, QUIET = _said("govuk-text-colour"), _said("govuk-secondary-text-colour")
ACCENT, PROBLEM = _said("govuk-brand-colour"), _said("govuk-error-colour")
HAIRLINE, RULE = _said("govuk-border-colour"), _said("govuk-surface-border-colour")
