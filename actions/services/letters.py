"""Which e-mails do people get about the plan, offers of support and meetings? They have no text of a question, an
answer or an offer, which may have figures."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from actions.models import Meeting, Notice, Support
from actions.presenters.letters import write_meeting, write_support
from actions.presenters.notices import only_answer, write_letter
from actions.schedule import is_told_at_once
from actions.selectors.notices import list_untold, notices_due, still_due, still_waiting
from actions.services.notices import claim_notice
from actions.workflow import MeetingState, SupportState
from boards.models import Board, Membership
from boards.roles import BOARD_ROLES, STRATEGIC_GROUP, Role
from boards.services.telling import Occasion, make_source
from core.letter_kinds import LetterKind
from core.models import User
from core.services.day_letters import Source
from core.services.letters import Part
from core.within import Areas, within
from core.workdays import is_working_day

# --- Challenges, actions and milestones ------------------------------------------------------------


def claim_notices(wanted: Sequence[Notice], message_id: str, today: date) -> list[Notice]:
    """Check again: it may have been done while the other e-mails were sent."""
    waiting = still_due(today, wanted)
    return [notice for each in waiting for notice in claim_notice(each, message_id)]


def find_notices_again(names: Collection[str], today: date) -> list[Notice]:
    if not is_working_day(today):
        return []
    return still_waiting(list(list_untold().filter(message_id__in=names).order_by("pk")), today=today)


def write_notices(notices: Sequence[Notice], today: date) -> Iterator[Part]:
    """Write one part for each area."""
    for area, found in groupby(sorted(notices, key=lambda each: each.area_id), key=lambda each: each.area):
        of_area = list(found)
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
        each
        for each in offered.select_related("area", "board", "agency").order_by("pk")
        if not (each.board or each.agency).retired  # type: ignore[union-attr]  # it has one of them
    ]
    # Some can't sign in or want no e-mails: Source.is_wanted leaves them out.
    leads: defaultdict[int, list[User]] = defaultdict(list)
    led = Membership.objects.filter(
        role=Role.AGENCY_LEAD.value, agency__in={each.agency_id for each in offers if each.agency_id}
    )
    for held in led.select_related("user") if offers else []:
        leads[held.agency_id or 0].append(held.user)
    members = list_members([each.board for each in offers if each.board])
    for each in offers:
        people = members[each.board_id] if each.board_id else leads[each.agency_id or 0]
        for person in people:
            if person.pk != each.offered_by_id:
                yield Occasion(each.area, person, str(each.pk), each)


def list_members(boards: Iterable[Board]) -> defaultdict[int, list[User]]:
    """Return the members of each board; for the strategic group, its own. One query, or none."""
    found: defaultdict[int, list[User]] = defaultdict(list)
    held = {board.pk: board for board in boards}
    groups = {board.area_id: board.pk for board in held.values() if board.code == STRATEGIC_GROUP}
    seats = Membership.objects.filter(
        Q(board__in=held, role__in=[role.value for role in BOARD_ROLES]) | Q(area__in=groups, role=Role.STRATEGIC.value)
    )
    for seat in seats.select_related("user").order_by("pk") if held else []:
        board = seat.board_id or groups[seat.area_id]
        if seat.user not in found[board]:
            found[board].append(seat.user)
    return found


def write_offers(found: Sequence[Occasion], today: date) -> Iterator[Part]:
    for each in found:
        yield Part(write_support(each.thing), each.thing.get_absolute_url())


SUPPORT = make_source(LetterKind.SUPPORT, find_offers, write_offers)

# --- Meetings --------------------------------------------------------------------------------------


def find_meetings(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Find the meetings that were recently planned or moved, for the members of the board or sub-group, without the
    person who planned it. At most four queries."""
    planned = Meeting.objects.filter(within(areas), state=MeetingState.PLANNED.value, held_on__gte=today)
    meetings = [
        each
        for each in planned.select_related("area", "board", "sub_group").order_by("held_on", "pk")
        if is_told_at_once(today, timezone.localdate(each.changed_at or each.planned_at))
    ]
    members = list_members([each.board for each in meetings if each.board])
    groups: defaultdict[int, list[User]] = defaultdict(list)
    held = Membership.objects.filter(user__sub_groups__in={each.sub_group_id for each in meetings if each.sub_group_id})
    # A sub-group keeps members who have left the area. They get no e-mail.
    in_areas = set(held.values_list("area_id", "user_id")) if any(each.sub_group_id for each in meetings) else set()
    for each in meetings:
        if each.sub_group is not None and each.sub_group.pk not in groups:
            of_group = each.sub_group.members.all()
            groups[each.sub_group.pk] = [person for person in of_group if (each.area_id, person.pk) in in_areas]
    for each in meetings:
        people = members[each.board_id] if each.board_id else groups[each.sub_group_id or 0]
        for person in people:
            if person.pk not in (each.planned_by_id, each.changed_by_id):
                # The day is part of the key: a meeting that moves is a new occasion.
                yield Occasion(each.area, person, f"{each.pk}:{each.held_on:%Y%m%d}", each)


def write_meetings(found: Sequence[Occasion], today: date) -> Iterator[Part]:
    for each in found:
        yield Part(write_meeting(each.thing), each.thing.get_absolute_url())


MEETINGS = make_source(LetterKind.MEETINGS, find_meetings, write_meetings)
