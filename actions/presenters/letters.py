"""What does a letter of an offer of support, or of a meeting, say? Words only."""

from actions.models import Meeting, Support
from core.months import date_label
from core.services.letters import Letter, one_line
from indicators.disclosure import USUAL_MARKING, Audience

MARKING = USUAL_MARKING[Audience.PARTNERS].value


def write_support(support: Support) -> Letter:
    """Not what is offered: it is somebody's words."""
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
