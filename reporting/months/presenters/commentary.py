"""How does a commentary look on a page and in a pack?"""

from dataclasses import dataclass

from django.utils import timezone

from boards.roles import Role
from core.months import date_label
from reporting.models.commentaries import MOST_WORDS
from reporting.months.selectors.commentaries import Words


@dataclass(frozen=True, slots=True)
class CommentaryView:
    """`signed`: by whom, in which role and when. `about` says what it was written for, if that isn't what it appears
    beside.
    """

    paragraphs: tuple[str, ...]
    signed: str
    about: str = ""


def make_commentary(held: Words, *, version: int, board_code: str = "") -> CommentaryView:
    """Return a commentary as it appears beside a version of the month, on a board's page or the month's."""
    about = []
    if board_code and held.board_id is None:
        about.append("for all boards")
    if held.version != version:
        about.append(f"for version {held.version}")
    return CommentaryView(
        paragraphs=split_paragraphs(held.text),
        signed=f"{held.written_by}, {Role(held.signed_as).label.lower()}, "
        f"{date_label(timezone.localdate(held.written_at))}",
        about=f"Written {' and '.join(about)}" if about else "",
    )


def split_paragraphs(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def count_words(text: str) -> int:
    return len(text.split())


def describe_length(text: str) -> str:
    """ "120 of 300 words"."""
    return f"{count_words(text)} of {MOST_WORDS} words"
