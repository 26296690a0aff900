"""Which text would a spreadsheet run as a formula? Pure."""

# What a spreadsheet takes for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula; `unguarded` gives it back."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA) else cell


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would run it. What begins with a minus may be a number, or a note."""
    return cell.startswith(("=", "+", "@"))
