"""E-mail people about their tasks in the plan, offers of support and meetings.

The e-mails have no text of a question, an answer or an offer, which may have figures. We claim each e-mail in the
database first, so two workers can't send the same one. We confirm it afterwards, so nothing is lost.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from actions.models import Meeting, Support
from actions.presenters.letters import only_answer, write_letter, write_meeting, write_support
from actions.selectors.notices import LETTER_KINDS, failed_notices, notices_due, still_due, still_waiting
from actions.workflow import MeetingState, SupportState, is_told_at_once
from boards.models import Board, Membership, PartnershipArea
from boards.rules import BOARD_ROLES, STRATEGIC_GROUP, Role
from boards.services import letters
from core.database import Areas, within
from core.letter_kinds import LetterKind
from core.mail.daily import Mention, Occasion, Source
from core.mail.letters import Part
from core.models import OutboxEntry, User

# --- Challenges, actions and milestones ------------------------------------------------------------


def find_notices(today: date, areas: Areas = None) -> list[Occasion]:
    return [notice.occasion for notice in notices_due(today, areas)]


def find_notices_again(unsent: Sequence[OutboxEntry], today: date) -> list[Occasion]:
    entries = [entry for entry in unsent if entry.kind in LETTER_KINDS]
    return [notice.occasion for notice in still_waiting(entries, today=today)]


def check_notices(occasions: Sequence[Occasion], today: date) -> list[Occasion]:
    """Look again: it may have been done while the other e-mails were sent."""
    return [notice.occasion for notice in still_due(today, [occasion.thing for occasion in occasions])]


def write_notices(occasions: Sequence[Occasion], today: date) -> Iterator[Part]:
    """Write one part for each area."""
    for area, of_area in groupby(
        sorted(occasions, key=lambda occasion: occasion.area.pk), key=lambda occasion: occasion.area
    ):
        notices = [occasion.thing for occasion in of_area]
        answer = only_answer(notices)
        path = answer.get_absolute_url() if answer else reverse("reporting:mine", args=[area.slug])
        yield Part(write_letter(notices, today=today), path)


NOTICES = Source(find_notices, write_notices, find_notices_again, check_notices)


def send_notices_again(area: PartnershipArea, person: User, *, by: User) -> OutboxEntry:
    """Send a person's failed or unconfirmed e-mails again, as one e-mail. Only the coordinator can do this.

    Raises PermissionDenied, or TransitionRefused if there are none: somebody else has just sent them, nothing in them
    is due now, or the person gets no e-mails.
    """

    def find_failed() -> list[Mention]:
        return [Mention(NOTICES, notice.occasion, notice.entry) for notice in failed_notices(area)]

    return letters.send_again(
        area,
        OutboxEntry.objects.filter(kind__in=LETTER_KINDS, area=area.slug, person=person, sent_at=None),
        find_failed,
        refusal=f"There is no email to send to {person} again. It was sent, it is no longer needed, or this "
        "person switched emails off.",
        verb="notice.sent_again",
        by=by,
    )


# --- Offers of support -----------------------------------------------------------------------------


def find_offers(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Find the offers without an answer, for people who answer for the board or the agency:
    actions.permissions.answers_for. At most three queries."""
    offered = Support.objects.filter(within(areas), state=SupportState.OFFERED.value)
    offers = [
        offer
        for offer in offered.select_related("area", "board", "agency").order_by("pk")
        if not (offer.board or offer.agency).retired  # type: ignore[union-attr]  # it has one of them
    ]
    # Some can't sign in or want no e-mails: Source.is_wanted leaves them out.
    leads: defaultdict[int, list[User]] = defaultdict(list)
    led = Membership.objects.filter(
        role=Role.AGENCY_LEAD.value, agency__in={offer.agency_id for offer in offers if offer.agency_id}
    )
    for membership in led.select_related("user") if offers else []:
        leads[membership.agency_id or 0].append(membership.user)
    members = list_members([offer.board for offer in offers if offer.board])
    for offer in offers:
        people = members[offer.board_id] if offer.board_id else leads[offer.agency_id or 0]
        for person in people:
            if person.pk != offer.offered_by_id:
                yield Occasion(LetterKind.SUPPORT, offer.area, person, str(offer.pk), offer)


def list_members(boards: Iterable[Board]) -> defaultdict[int, list[User]]:
    """Return the members of each board; for the strategic group, its own. One query, or none."""
    members: defaultdict[int, list[User]] = defaultdict(list)
    boards_by_key = {board.pk: board for board in boards}
    groups = {board.area_id: board.pk for board in boards_by_key.values() if board.code == STRATEGIC_GROUP}
    seats = Membership.objects.filter(
        Q(board__in=boards_by_key, role__in=[role.value for role in BOARD_ROLES])
        | Q(area__in=groups, role=Role.STRATEGIC.value)
    )
    for seat in seats.select_related("user").order_by("pk") if boards_by_key else []:
        board = seat.board_id or groups[seat.area_id]
        if seat.user not in members[board]:
            members[board].append(seat.user)
    return members


def write_offers(occasions: Sequence[Occasion], today: date) -> Iterator[Part]:
    for occasion in occasions:
        yield Part(write_support(occasion.thing), occasion.thing.get_absolute_url())


SUPPORT = Source(find_offers, write_offers)

# --- Meetings --------------------------------------------------------------------------------------


def find_meetings(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Find the meetings that were recently planned or moved, for the members of the board or sub-group, without the
    person who planned it. At most four queries."""
    planned = Meeting.objects.filter(within(areas), state=MeetingState.PLANNED.value, held_on__gte=today)
    meetings = [
        meeting
        for meeting in planned.select_related("area", "board", "sub_group").order_by("held_on", "pk")
        if is_told_at_once(today, timezone.localdate(meeting.changed_at or meeting.planned_at))
    ]
    members = list_members([meeting.board for meeting in meetings if meeting.board])
    groups: defaultdict[int, list[User]] = defaultdict(list)
    memberships = Membership.objects.filter(
        user__sub_groups__in={meeting.sub_group_id for meeting in meetings if meeting.sub_group_id}
    )
    # A sub-group keeps members who have left the area. They get no e-mail.
    in_areas = (
        set(memberships.values_list("area_id", "user_id"))
        if any(meeting.sub_group_id for meeting in meetings)
        else set()
    )
    for meeting in meetings:
        if meeting.sub_group is not None and meeting.sub_group.pk not in groups:
            of_group = meeting.sub_group.members.all()
            groups[meeting.sub_group.pk] = [person for person in of_group if (meeting.area_id, person.pk) in in_areas]
    for meeting in meetings:
        people = members[meeting.board_id] if meeting.board_id else groups[meeting.sub_group_id or 0]
        for person in people:
            if person.pk not in (meeting.planned_by_id, meeting.changed_by_id):
                # The day is part of the key: a meeting that moves is a new occasion.
                key = f"{meeting.pk}:{meeting.held_on:%Y%m%d}"
                yield Occasion(LetterKind.MEETINGS, meeting.area, person, key, meeting)


def write_meetings(occasions: Sequence[Occasion], today: date) -> Iterator[Part]:
    for occasion in occasions:
        yield Part(write_meeting(occasion.thing), occasion.thing.get_absolute_url())


MEETINGS = Source(find_meetings, write_meetings)
