"""E-mail people about their tasks in the plan, offers of support and meetings.

The e-mails have no text of a question, an answer or an offer, which may have figures. We claim each e-mail in the
database first, so two workers can't send the same one. We confirm it afterwards, so nothing is lost.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from actions.models import Meeting, Notice, Support
from actions.presenters.letters import list_names, only_answer, write_letter, write_meeting, write_support
from actions.selectors.notices import failed_notices, list_untold, notices_due, still_due, still_waiting
from actions.workflow import MeetingState, SupportState, is_told_at_once
from boards.models import Board, Membership, PartnershipArea
from boards.permissions import check_can_coordinate
from boards.rules import BOARD_ROLES, STRATEGIC_GROUP, Role
from boards.services.letters import Occasion, make_source
from core import audit
from core.calendar import is_working_day
from core.database import Areas, within
from core.labels import TransitionRefused
from core.letter_kinds import LetterKind
from core.mail import letters
from core.mail.daily import Source
from core.mail.letters import Part
from core.models import User


def claim_notice(wanted: Notice, message_id: str) -> list[Notice]:
    """Claim it. Return the claimed row in a list; an empty list if another worker has it."""
    notice = letters.claim(
        Notice,
        message_id=message_id,
        also={"area": wanted.area},
        person=wanted.person,
        kind=wanted.kind,
        challenge=wanted.challenge,
        action=wanted.action,
        milestone=wanted.milestone,
        # Parts of the occasion: without them nobody would hear of another day, or of a second turn.
        due_on=wanted.due_on,
        turn=wanted.turn,
    )
    return [notice] if notice else []


def send_notices(notices: Sequence[Notice]) -> list[Notice]:
    """Send one e-mail about everything for one person in one area, and save when; or, if that fails, why.

    Raises nothing to do with mail: one that fails must not stop the others.
    """
    letters.deliver(notices, lambda: _message(notices))
    return list(notices)


def _message(notices: Sequence[Notice]) -> EmailMultiAlternatives:
    answer = only_answer(notices)
    area, person = notices[0].area, notices[0].person
    path = answer.get_absolute_url() if answer else reverse("reporting:mine", args=[area.slug])
    return letters.compose(write_letter(notices, today=timezone.localdate()), to=person, path=path)


def send_notices_again(area: PartnershipArea, person: User, *, by: User) -> list[Notice]:
    """Send a person's failed or unconfirmed e-mails again, as one e-mail. Only the coordinator can do this.

    Raises PermissionDenied, or TransitionRefused if there are none: somebody else has just sent them, nothing in them
    is due now, or the person gets no e-mails.
    """
    check_can_coordinate(area, by=by)
    with transaction.atomic():
        # Anybody who presses the button at the same time waits here, and then finds them claimed.
        list(Notice.objects.select_for_update().filter(area=area, person=person, sent_at=None).order_by("pk"))
        failed = [notice for notice in failed_notices(area) if notice.person_id == person.pk]
        if not failed:
            raise TransitionRefused(
                f"There is no e-mail to send to {person} again. It was sent or is no longer needed, or they switched "
                f"e-mails off."
            )
        # They may have been several e-mails. Now they are one, with its own name.
        again = {"claimed_at": timezone.now(), "fault": "", "tries": 1, "message_id": letters.make_message_id()}
        Notice.objects.filter(pk__in=[notice.pk for notice in failed]).update(**again)
        for notice in failed:
            notice.message_id, notice.tries = str(again["message_id"]), 1
        audit.record("notice.sent_again", person, by=by, area=area.slug, of=list_names(failed))
    return send_notices(failed)


# --- Challenges, actions and milestones ------------------------------------------------------------


def claim_notices(wanted: Sequence[Notice], message_id: str, today: date) -> list[Notice]:
    """Check again: it may have been done while the other e-mails were sent."""
    waiting = still_due(today, wanted)
    return [notice for waiting_notice in waiting for notice in claim_notice(waiting_notice, message_id)]


def find_notices_again(names: Collection[str], today: date) -> list[Notice]:
    if not is_working_day(today):
        return []
    return still_waiting(list(list_untold().filter(message_id__in=names).order_by("pk")), today=today)


def write_notices(notices: Sequence[Notice], today: date) -> Iterator[Part]:
    """Write one part for each area."""
    for area, area_notices in groupby(
        sorted(notices, key=lambda notice: notice.area_id), key=lambda notice: notice.area
    ):
        of_area = list(area_notices)
        answer = only_answer(of_area)
        path = answer.get_absolute_url() if answer else reverse("reporting:mine", args=[area.slug])
        yield Part(write_letter(of_area, today=today), path)


def kind_of_notice(notice: Notice) -> LetterKind:
    return LetterKind.CHALLENGES if notice.challenge_id else LetterKind.ACTIONS


NOTICES = Source(notices_due, claim_notices, find_notices_again, write_notices, kind_of_notice)

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
                yield Occasion(offer.area, person, str(offer.pk), offer)


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


SUPPORT = make_source(LetterKind.SUPPORT, find_offers, write_offers)

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
                yield Occasion(meeting.area, person, f"{meeting.pk}:{meeting.held_on:%Y%m%d}", meeting)


def write_meetings(occasions: Sequence[Occasion], today: date) -> Iterator[Part]:
    for occasion in occasions:
        yield Part(write_meeting(occasion.thing), occasion.thing.get_absolute_url())


MEETINGS = make_source(LetterKind.MEETINGS, find_meetings, write_meetings)
