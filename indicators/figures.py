"""What figure does the text in a box mean? Pure."""

import re

from core.texts import LONGEST_TEXT

PROVISIONAL = "[p]"  # beside a figure that may still change
LARGEST = 10**9  # far above any monthly count of a town, far below the database's limit
# Spaces (also the narrow and the no-break one, as spreadsheets paste them) and commas that stand
# between groups of three digits.
GROUPED = re.compile(r"[0-9]{1,3}(?:[ ,\u00a0\u2009\u202f][0-9]{3})+|[0-9]+", re.ASCII)


class NotAFigure(ValueError):
    """Raised for text that isn't a count. Its text is a sentence for the user, which doesn't name the figure."""


def read_figure(typed: str) -> int:
    """Read a whole number of at least 0: "12", " 12 ", "1,200", "1 200".

    For anything else, raises NotAFigure with a sentence that says what to do.
    """
    text = typed.strip()
    if not text:
        raise NotAFigure("Enter a number (0 if there were none), or choose why you don’t have the figure.")
    if len(text) > LONGEST_TEXT:
        raise NotAFigure(f"Enter a whole number, such as 12. You entered “{shorten(text)}”.")
    if GROUPED.fullmatch(text):
        digits = re.sub(r"[^0-9]", "", text).lstrip("0") or "0"
        # The length first: Python refuses to read thousands of digits.
        if len(digits) > 10 or int(digits) > LARGEST:
            raise NotAFigure(f"Enter a number of at most {LARGEST:,}. You entered “{shorten(text)}”.")
        return int(digits)
    if re.fullmatch(r"[-−–]\s*+[0-9., ]+", text):
        raise NotAFigure(f"Enter a number that is 0 or more. You entered “{shorten(text)}”.")
    if re.fullmatch(r"[0-9, ]*\.[0-9]+|[0-9, ]+\.", text):
        raise NotAFigure(f"Enter a whole number, without a decimal point. You entered “{shorten(text)}”.")
    raise NotAFigure(f"Enter a whole number, such as 12. You entered “{shorten(text)}”.")


def shorten(text: str, length: int = 30) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
