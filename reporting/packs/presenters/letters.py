"""What does the letter of an issued pack say? Words only: no figure leaves by e-mail."""

from core.months import date_label
from core.services.letters import Letter, one_line
from reporting.models import IssuedPack, PackKind

WHAT_IT_IS = {
    PackKind.MONTH: ("The {board} pack for {month}", "It shows how the board’s indicators stand."),
    PackKind.YEAR: (
        "The {board} pack on the year to {month}",
        "It shows how the board’s indicators stand against the year before.",
    ),
    PackKind.APPENDIX: (
        "The restricted appendix to the {board} pack for {month}",
        "It shows members what isn’t in the public pack: don’t pass it on.",
    ),
}


def write_letter(pack: IssuedPack) -> Letter:
    """The same for each member of the board."""
    title, about = WHAT_IT_IS[PackKind(pack.kind)]
    title = title.format(board=pack.board.short_name or pack.board.name, month=pack.period.month.label)
    day = date_label(pack.meeting_on)
    return Letter(
        marking=pack.marking,
        subject=one_line(f"{title}, for the meeting on {day}"),
        opening=one_line(f"{title} is ready: {pack.meeting}, {day}."),
        sentences=[about, f"Pack number: {pack.reference}"],
        link_words="Read the pack",
        reason=f"You get this as a member of the {pack.board.name}.",
    )
