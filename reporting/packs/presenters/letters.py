"""What does the letter about an issued pack, or a month, say? No figure leaves by e-mail, and not what stands out."""

from collections.abc import Mapping, Sequence

from django.utils import timezone

from boards.models import PartnershipArea, ReportingPeriod
from core.months import Month, date_label
from core.services.letters import Letter, one_line
from indicators.disclosure import USUAL_MARKING, Audience
from indicators.models import FigureImport, RuleRequest
from reporting.models import IssuedPack, MonthWithdrawal, PackKind

MEMBER = "You get this as a member of a board of {}."
DECIDES = "You get this as coordinator or information officer for {}."
OFFICER = "You get this as information officer for {}."
OPERATOR = "You get this as the operator."

WHAT_IT_IS = {
    PackKind.MONTH: ("The {board} pack for {month}", "It shows how the board’s indicators are doing."),
    PackKind.YEAR: (
        "The {board} pack on the year to {month}",
        "It shows how the board’s indicators compare with the year before.",
    ),
    PackKind.APPENDIX: (
        "The partners’ appendix to the {board} pack for {month}",
        "It shows members what isn’t in the public pack. Don’t pass it on.",
    ),
}


def write_letter(pack: IssuedPack) -> Letter:
    """Return the letter's text, the same for each member of the board."""
    title, about = WHAT_IT_IS[PackKind(pack.kind)]
    title = title.format(board=pack.board.short_name or pack.board.name, month=pack.period.month.label)
    day = date_label(pack.meeting_on)
    return Letter(
        marking=pack.marking,
        # A subject with a line break is refused.
        subject=one_line(f"{title}, for the meeting on {day}"),
        opening=one_line(f"{title} is ready: {pack.meeting}, {day}."),
        sentences=[about, f"Pack number: {pack.reference}"],
        link_words="Read the pack",
        reason=f"You get this as a member of the {pack.board.name}.",
    )


# --- A month ---------------------------------------------------------------------------------------


def write_published(period: ReportingPeriod, found: str, *, marking: str) -> Letter:
    """Write about a published month. `found` says how many series stand out, but not which."""
    published = one_line(f"{period.month.label} is published in {period.area}")
    return Letter(marking, published, f"{published}.", [f"{found}."], "Read the month", MEMBER.format(period.area))


def write_corrected(area: PartnershipArea, versions: Sequence[tuple[str, int, str]], *, marking: str) -> Letter:
    """Write about corrected months. `versions` are each one's name, its version, and how many series stand out."""
    months = ", ".join(month for month, _, _ in versions)
    corrected = one_line(f"Corrected figures of {months} are published in {area}")
    sentences = [f"{month}, version {version}. {found}." for month, version, found in versions]
    return Letter(marking, corrected, f"{corrected}.", sentences, "Read the month", MEMBER.format(area))


def write_edition(period: ReportingPeriod, *, marking: str, is_operator: bool) -> Letter:
    waits = one_line(f"{period.month.label} needs your approval to be public in {period.area}")
    sentences = ["See what the public would see, then approve or decline."]
    reason = OPERATOR if is_operator else OFFICER.format(period.area)
    return Letter(marking, waits, f"{waits}.", sentences, "Make the decision", reason)


def write_withdrawn(withdrawal: MonthWithdrawal, again: Mapping[Month, str], *, marking: str) -> Letter:
    """Write about a month that was taken down. `again` are the months whose editions went with it, each with why no new
    edition could be prepared; empty if one was.
    """
    period = withdrawal.period
    withdrawn = one_line(f"{period.month.label} was withdrawn from the public in {period.area}")
    day = date_label(timezone.localdate(withdrawal.withdrawn_at))
    sentences = [f"{withdrawal.withdrawn_by} did this on {day}. The month’s page says why."]
    prepared = [month.label for month in sorted(again) if not again[month]]
    refused = [month.label for month in sorted(again) if again[month]]
    if prepared:
        sentences.append(f"These editions came down too, and new ones need approval: {', '.join(prepared)}.")
    if refused:
        sentences.append(f"These stay down, and their pages say why: {', '.join(refused)}.")
    return Letter(marking, withdrawn, f"{withdrawn}.", sentences, "See the public pages", DECIDES.format(period.area))


def write_own_consent(area: PartnershipArea, *, is_operator: bool) -> Letter:
    waits = one_line(f"Permission to use the figures of {area} needs your agreement")
    sentences = ["A coordinator gave this permission. It applies once you agree."]
    marking = USUAL_MARKING[Audience.PARTNERS].value
    reason = OPERATOR if is_operator else OFFICER.format(area)
    return Letter(marking, waits, f"{waits}.", sentences, "Make the decision", reason)


def write_rule_request(asked: RuleRequest, *, is_operator: bool) -> Letter:
    thing = (
        f"An agency whose rule protects less for {asked.indicator}" if asked.owner_id else "A rule that protects less"
    )
    waits = one_line(f"{thing} needs your agreement in {asked.area}")
    sentences = [f"{asked.asked_by} asked for it. See what the public would see, then agree or decline."]
    people = f"You get this as information officer or coordinator of {asked.area}."
    reason = OPERATOR if is_operator else people
    return Letter(USUAL_MARKING[Audience.PARTNERS].value, waits, f"{waits}.", sentences, "Make the decision", reason)


def write_figure_import(asked: FigureImport, *, is_operator: bool) -> Letter:
    waits = one_line(f"Past figures wait for you to confirm them in {asked.area}")
    figures = "1 figure" if asked.figures == 1 else f"{asked.figures:,} figures"
    sentences = [
        f"{asked.asker} brought in {figures}, {asked.span}. They count only once you confirm them.",
        f"It ends on {date_label(asked.ends_on)} if nobody decides.",
    ]
    people = f"You get this as information officer or coordinator of {asked.area}."
    reason = OPERATOR if is_operator else people
    return Letter(USUAL_MARKING[Audience.PARTNERS].value, waits, f"{waits}.", sentences, "Make the decision", reason)
