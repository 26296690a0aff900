"""Tell information officers who is to get or to lose a strong role, and what became of it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import chain

from django.urls import reverse

from boards.models import DAYS_TO_DECIDE, Membership, RequestOutcome, RoleRequest
from boards.presenters.role_requests import request_url, write_asked, write_decided
from boards.roles import CONFIRMED_ROLES, Role
from boards.selectors import list_operators
from boards.services.telling import Occasion, make_source
from boards.ties import Ties, read_ties
from core.letter_kinds import LetterKind
from core.services.letters import Part
from core.within import Areas, within

DECIDED = (RequestOutcome.CONFIRMED.value, RequestOutcome.DECLINED.value)


def find_requests(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Yield what waits for an information officer, or for the operator where an area has none who can confirm it; and
    what was decided, for officers, coordinators and the person. Five queries at most."""
    asked = RoleRequest.objects.select_related("area", "user", "asked_by", "decided_by", "shortened_by").order_by("pk")
    asked = asked.filter(within(areas))
    waiting = list(asked.waiting(today))
    decided = list(asked.filter(outcome__in=DECIDED, decided_at__date__gte=today - timedelta(days=DAYS_TO_DECIDE)))
    if not waiting and not decided:
        return
    held_in = {each.area_id for each in (*waiting, *decided)}
    held = Membership.objects.filter(area__in=held_in, role__in=CONFIRMED_ROLES, user__is_active=True)
    of_area: dict[int, list[Membership]] = defaultdict(list)
    for membership in held.select_related("user").order_by("pk"):
        of_area[membership.area_id].append(membership)
    operators = list(list_operators()) if waiting else []
    ties = read_ties(list(chain(*of_area.values())), *(each.asked_by for each in waiting)) if waiting else Ties()
    for each in waiting:
        officers = [membership for membership in of_area[each.area_id] if membership.role == Role.INFORMATION]
        for person in ties.list_seconds(each.asked_by, officers) or operators:
            if person.pk != each.asked_by_id:
                yield Occasion(each.area, person, f"asked:{each.pk}", each)
    for each in decided:
        told = {membership.user_id: membership.user for membership in of_area[each.area_id]}
        told[each.user_id] = each.user
        for person in told.values():
            if person.pk != each.decided_by_id:
                yield Occasion(each.area, person, f"decided:{each.pk}", each)


def write_requests(found: Sequence[Occasion], today: date) -> Iterator[Part]:
    for each in found:
        asked: RoleRequest = each.thing
        is_operator = each.person.is_superuser
        if asked.outcome:
            # The person may have no role, and then no page of the area to open.
            path = request_url(asked, is_operator) if each.person.pk != asked.user_id else reverse("reporting:home")
            yield Part(write_decided(asked, person=each.person), path)
        else:
            yield Part(write_asked(asked, is_operator=is_operator), request_url(asked, is_operator))


ROLES = make_source(LetterKind.ROLES, find_requests, write_requests)
