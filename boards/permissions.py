"""Who may, in an area?

`access_to` says what a person is in an area; the check_can_* functions raise PermissionDenied with
a sentence for the user, and the can_* properties say yes or no. Services use the first kind,
templates the second.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol, cast

from django.core.exceptions import PermissionDenied
from django.db import DEFAULT_DB_ALIAS
from django.http import Http404, HttpRequest, HttpResponseBase

from boards.models import Membership, PartnershipArea, ReportingPeriod
from boards.roles import CHAIR_ROLES, DRAFT_READERS, Role
from core.models import User
from core.selectors import fetch_rows
from core.statements import statement


@dataclass(frozen=True, slots=True)
class Access:
    """What one person is in one area. Empty roles: an outsider."""

    user: User
    area: PartnershipArea
    roles: frozenset[Role] = frozenset()
    led: frozenset[int] = field(default_factory=frozenset)  # agencies whose return they enter
    approved: frozenset[int] = field(default_factory=frozenset)  # agencies whose return they release
    told: frozenset[int] = field(default_factory=frozenset)  # agencies whose second contact they are
    seated: frozenset[int] = field(default_factory=frozenset)  # boards they sit on
    chaired: frozenset[int] = field(default_factory=frozenset)  # … and chair

    @property
    def is_outsider(self) -> bool:
        return not self.roles

    def is_any(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def can_coordinate(self) -> bool:
        return Role.COORDINATOR in self.roles

    @property
    def can_see_drafts(self) -> bool:
        return not self.roles.isdisjoint(DRAFT_READERS)

    def can_see_board(self, board_id: int) -> bool:
        return self.can_see_drafts or board_id in self.seated

    def can_see_month(self, period: ReportingPeriod) -> bool:
        return bool(self.roles) and (period.is_published or self.can_see_drafts)

    @property
    def role_labels(self) -> list[str]:
        return [role.label for role in Role if role in self.roles]


# A person's memberships in an area, each with the area's own columns: what every page of an area asks
# first. One statement by hand: see core.selectors.
AREA_COLUMNS = [field.attname for field in PartnershipArea._meta.concrete_fields]
HELD = statement(
    """
    SELECT held.role, held.agency_id, held.board_id, {columns}
    FROM {held} held
    JOIN {area} area ON area.id = held.area_id
    WHERE held.user_id = %s AND area.slug = %s
""",
    columns=[f"area.{column}" for column in AREA_COLUMNS],
    held=Membership,
    area=PartnershipArea,
)
type Held = tuple[str, int | None, int | None]  # role, agency, board


def access_from(user: User, area: PartnershipArea, held: Iterable[Held]) -> Access:
    """Build a person's access from their memberships in the area."""
    held = list(held) if user.is_active else []
    roles = {Role(role) for role, _, _ in held}
    if user.is_superuser and user.is_active:
        roles.add(Role.OPERATOR)
    return Access(
        user=user,
        area=area,
        roles=frozenset(roles),
        led=frozenset(agency for role, agency, _ in held if role == Role.AGENCY_LEAD and agency),
        approved=frozenset(agency for role, agency, _ in held if role == Role.AGENCY_APPROVER and agency),
        told=frozenset(agency for role, agency, _ in held if role == Role.AGENCY_CONTACT and agency),
        seated=frozenset(board for _, _, board in held if board),
        chaired=frozenset(board for role, _, board in held if role in CHAIR_ROLES and board),
    )


def access_to(area: PartnershipArea, *, by: User) -> Access:
    """What this person is in this area: one query."""
    held = Membership.objects.filter(user=by, area=area)
    return access_from(by, area, held.values_list("role", "agency_id", "board_id"))


def check_can_coordinate(area: PartnershipArea, *, by: User) -> None:
    if not access_to(area, by=by).can_coordinate:
        raise PermissionDenied(f"Only a coordinator of {area.name} can do this.")


def check_can_see_month(access: Access, period: ReportingPeriod) -> None:
    if not access.can_see_month(period):
        raise PermissionDenied(
            f"{period.month.label} is not published yet. You can read it here as soon as the coordinator publishes it."
        )


def find_access(user: User, slug: str) -> Access:
    """What a person is in the area of that slug: one query.

    Raises Http404 where they have no part in it, or there is none.
    """
    rows = fetch_rows(HELD, [user.pk, slug])
    if rows:
        area = PartnershipArea.from_db(DEFAULT_DB_ALIAS, AREA_COLUMNS, rows[0][3:])
        return access_from(user, area, [row[:3] for row in rows])
    if user.is_superuser:
        found = PartnershipArea.objects.filter(slug=slug).first()
        if found is not None:
            return access_from(user, found, [])
    raise Http404("There is no such page, or it isn't open to you.")


type View = Callable[..., HttpResponseBase]


class OpenView(Protocol):
    """A view of an area that says whom it is open to, by `open_to`."""

    open_to: tuple[Role, ...]
    refusal: str


class AreaRequest(HttpRequest):
    """A request for a page of an area, by somebody who belongs to it."""

    user: User
    access: Access


def open_to(*roles: Role, because: str = "") -> Callable[[View], View]:
    """Say which roles a view of an area is open to; `open_to()` is everybody in the area.

    A view of an area without this answers nobody. `because` is the sentence that others are shown.
    """

    def mark(view: View) -> View:
        opened = cast("OpenView", view)
        opened.open_to = roles
        opened.refusal = because or "Your role in this area doesn't include this page."
        return view

    return mark
