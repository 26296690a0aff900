"""Which colours do pictures have? Those of the pages, from their style sheet. Pure."""

import re
from pathlib import Path

SHEET = Path(__file__).parents[2] / "static" / "css" / "app.css"


def _read_colour(name: str) -> str:
    """Return a custom property of the style sheet, which comes from assets/_brand.scss."""
    # The build may leave out the space.
    found = re.search(rf"--{name}: ?(#[0-9a-f]{{6}})\b", SHEET.read_text(encoding="utf-8"))
    if found is None:
        raise LookupError(f"{SHEET.name} has no --{name}.")
    return found[1]


BETTER, WORSE, BAND, LAND = map(_read_colour, ("vv-better", "vv-worse", "vv-band", "vv-land"))
INK, QUIET = _read_colour("govuk-text-colour"), _read_colour("govuk-secondary-text-colour")
ACCENT, PROBLEM = _read_colour("govuk-brand-colour"), _read_colour("govuk-error-colour")
HAIRLINE, RULE = _read_colour("govuk-border-colour"), _read_colour("govuk-surface-border-colour")
