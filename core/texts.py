"""What did somebody type, as it is kept? Pure.

A text that shows nothing is none: spaces, and characters that take no room or leave none of their ink, such as U+200B.
Inside other words those stay, since some scripts and emoji need them.
"""

import unicodedata

NULL = "\x00"  # which no database keeps
# Spaces, what controls and formats, halves of characters, and marks that need a letter to stand on.
WITHOUT_INK = frozenset(("Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Mn", "Me"))
# Letters and symbols that show nothing all the same: fillers of Hangul, an empty pattern of Braille.
BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def one_line(text: str) -> str:
    """Its words, with one space between them; empty where it shows nothing."""
    return shown(" ".join(text.replace(NULL, "").split()))


def tidy_text(text: str) -> str:
    """The same text without space around it, its lines ended alike; empty where it shows nothing."""
    return shown("\n".join(text.replace(NULL, "").strip().splitlines()))


def shown(text: str) -> str:
    return "" if all(shows_nothing(letter) for letter in text) else text


def shows_nothing(letter: str) -> bool:
    return unicodedata.category(letter) in WITHOUT_INK or letter in BLANK_LETTERS
