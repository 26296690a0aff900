"""What does an e-mail about an offer of support, or about a meeting, say? Text only."""

from actions.models import Meeting, Support
from core.months import date_label
from core.services.letters import Letter, one_line
from indicators.disclosure import USUAL_MARKING, Audience

MARKING = USUAL_MARKING[Audience.PARTNERS].value


def write_support(support: Support) -> Letter:
    """Write the e-mail without the offer itself, which is somebody's own text."""
    to = support.board or support.agency
    waits = one_line(f"Offer of support {support.reference} to {to} is waiting for an answer in {support.area}")
    return Letter(
        MARKING,
        waits,
        f"{waits}.",
        ["Take it up or decline it. One answer is enough."],
        "Read the offer",
        one_line(f"You get this because you answer for {to}."),
    )


def write_meeting(meeting: Meeting) -> Letter:
    day = date_label(meeting.held_on)
    invited = one_line(f"{meeting.body} meets on {day}")
    return Letter(
        MARKING,
        invited,
        f"{invited}.",
        [one_line(f"This is meeting {meeting.reference} of {meeting.area}.")],
        "See its agenda",
        one_line(f"You get this as a member of {meeting.body}."),
    )
