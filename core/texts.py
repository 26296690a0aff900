"""What did somebody type, in the form in which we save it, and how long may it be? Pure.

A text that shows nothing is empty: spaces, and invisible characters such as U+200B. Inside other text they stay,
because some scripts and emoji need them.
"""

import unicodedata

LONGEST_TEXT, LONGEST_ENTRY = 10_000, 200  # characters of a free text, and of a day
KEY_DIGITS = 18  # of a row's key: a database reads no more than these
NULL = "\x00"  # no database accepts it
# Spaces, control and format characters, halves of characters, and marks that need a letter.
WITHOUT_INK = frozenset(("Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Mn", "Me"))
# Letters and symbols that show nothing: fillers of Hangul, an empty pattern of Braille.
BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def read_number(text: str, *, digits: int = 9) -> int | None:
    """Return the whole number that an address or a hidden box has; None for anything else, and for more digits than a
    column holds. Python refuses to read thousands.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def one_line(text: str) -> str:
    """Return its words, with one space between them; empty if it shows nothing."""
    return shown(" ".join(text.replace(NULL, "").split()))


def tidy_text(text: str) -> str:
    """Return the text without space around it and with the same line endings throughout; empty if it shows nothing."""
    return shown("\n".join(text.replace(NULL, "").strip().splitlines()))


def bounded(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return a text that a pattern may look through, and nothing of one that is too long: whoever saves texts refuses
    it. White space doesn't count, because some services save a text without it.
    """
    text = text if len(text) <= longest else one_line(text)
    return text if len(text) <= longest else ""


def shown(text: str) -> str:
    return "" if all(shows_nothing(letter) for letter in text) else text


def shows_nothing(letter: str) -> bool:
    return unicodedata.category(letter) in WITHOUT_INK or letter in BLANK_LETTERS
