"""Which text would a spreadsheet run as a formula? Pure."""

# Characters that start a formula in a spreadsheet. Some programs drop white space in front of it, and read the
# full-width signs of East Asian keyboards (U+FF1D and so on) as the usual ones.
RUN = ("=", "+", "@", "\uff1d", "\uff0b", "\uff20")
FORMULA = (*RUN, "-", "\uff0d", "\t", "\r", "\n")


def guarded(text: str) -> str:
    """Return text that no spreadsheet runs as a formula; `unguarded` reverses it."""
    # After apostrophes too. Otherwise `unguarded` would remove one that somebody typed.
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA) else cell


def is_formula(cell: str) -> bool:
    """Return whether a spreadsheet would run it. A text that starts with a minus may be a number or a note."""
    return cell.startswith(RUN)
