"""Requests about roles: one that waits, one that was declined and one that was confirmed; and how each constraint of
their kind, and of the roles themselves, is violated."""

from collections.abc import Callable
from datetime import date

from django.db.models import F
from django.utils import timezone

from boards.models import Membership, RoleRequest, Tie
from boards.rules import Role
from boards.services.requests import ask_role, confirm_request, decline_request, end_wait
from tests.factories import make_user
from tests.integration.rows import one, twice
from tests.scenarios import Town

NOW = timezone.now()


def leave_roles(town: Town) -> None:
    officer = town.people[Role.INFORMATION]
    waiting, declined, confirmed = (
        ask_role(
            town.area,
            email=f"{name}@test.example",
            name=name,
            role=Role.INFORMATION,
            is_attested=True,
            by=town.coordinator,
        )
        for name in ("waits", "declined", "confirmed")
    )
    decline_request(declined, why="No one knows them", by=officer)
    confirm_request(confirmed, by=officer)
    end_wait(confirmed, why="Our deputy", by=officer)
    assert RoleRequest.objects.filter(outcome="").get() == waiting


WAITING, DECLINED, CONFIRMED = (
    RoleRequest.objects.filter(outcome=outcome) for outcome in ("", "declined", "confirmed")
)
OFFICER = Membership.objects.filter(role=Role.INFORMATION.value)
TIE = Tie.objects.filter(person__name="waits")
ROLE_CASES: list[tuple[str, Callable[[Town], object]]] = [
    ("one_tie_a_kind", lambda town: twice(TIE)),
    ("tie_between_two_people", lambda town: TIE.update(person=F("made_by"))),
    ("coordinator_or_officer", lambda town: twice(one(OFFICER), role=Role.COORDINATOR.value, acts_from=None)),
    ("officer_has_a_first_day", lambda town: OFFICER.update(acts_from=None)),
    (
        "officer_has_a_first_day",
        lambda town: Membership.objects.filter(role=Role.ANALYST.value).update(acts_from=date(2026, 1, 1)),
    ),
    ("role_request_of_these_roles", lambda town: WAITING.update(role=Role.ANALYST.value)),
    ("one_open_role_request", lambda town: twice(WAITING)),
    ("role_request_decided_at_by", lambda town: WAITING.update(outcome="withdrawn")),
    ("role_request_decided_at_by", lambda town: WAITING.update(decided_at=NOW, decided_by=make_user())),
    ("role_request_confirmed_by_another", lambda town: CONFIRMED.update(decided_by=town.coordinator)),
    ("role_not_confirmed_for_oneself", lambda town: CONFIRMED.update(decided_by=CONFIRMED.get().user)),
    ("role_request_declined_with_reason", lambda town: DECLINED.update(decided_why="")),
    ("wait_shortened_at_by", lambda town: CONFIRMED.update(shortened_why="")),
    ("wait_shortened_at_by", lambda town: CONFIRMED.update(shortened_at=None)),
    ("wait_shortened_by_another", lambda town: CONFIRMED.update(shortened_by=CONFIRMED.get().user)),
    ("wait_shortened_by_another", lambda town: CONFIRMED.update(shortened_by=town.coordinator)),
    (
        "wait_shortened_by_another",
        lambda town: DECLINED.update(shortened_at=NOW, shortened_by=make_user(), shortened_why="Now"),
    ),
]
