"""What a person may do in an area or a region.

`access_to` returns what a person is in an area. The check_can_* functions raise PermissionDenied with a sentence for
the user. The can_* properties and methods of `Access` return yes or no. Services use the first kind, templates the
second. `open_to` says which roles may open a view.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, Protocol, cast

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone

from boards.models import (
    LEAST_AREAS,
    Consent,
    Membership,
    PartnershipArea,
    Region,
    RegionMembership,
    ReportingPeriod,
    RequestOutcome,
    RoleRequest,
    Shows,
    read_factor_roles,
)
from boards.rules import (
    CHAIR_ROLES,
    DRAFT_READERS,
    PUBLISHERS,
    MonthStatus,
    ReadableMonths,
    RegionRole,
    Role,
)
from boards.ties import list_open_to, read_ties
from core.calendar import Month, date_label
from core.identity.factors import list_factors
from core.models import User
from core.permissions import is_operator

type RoleHeld = tuple[str, int | None, int | None]  # role, agency, board


@dataclass(frozen=True, slots=True)
class Access:
    """What one person is in one area. An outsider has no roles."""

    user: User
    area: PartnershipArea
    roles: frozenset[Role] = frozenset()
    led: frozenset[int] = field(default_factory=frozenset)  # agencies whose return they enter
    approved: frozenset[int] = field(default_factory=frozenset)  # agencies whose return they release
    told: frozenset[int] = field(default_factory=frozenset)  # agencies for which they are the second contact
    seated: frozenset[int] = field(default_factory=frozenset)  # boards on which they sit
    chaired: frozenset[int] = field(default_factory=frozenset)  # boards that they chair

    @property
    def is_outsider(self) -> bool:
        return not self.roles

    @property
    def agencies(self) -> frozenset[int]:
        """Return the agencies for which they are a lead, an approver or the second contact."""
        return self.led | self.approved | self.told

    def is_any(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def can_coordinate(self) -> bool:
        return Role.COORDINATOR in self.roles

    @property
    def can_publish(self) -> bool:
        """Return whether they take part in deciding what anybody outside may read."""
        return not self.roles.isdisjoint(PUBLISHERS)

    @property
    def reads_every_board(self) -> bool:
        return not self.roles.isdisjoint(DRAFT_READERS)

    @property
    def can_see_drafts(self) -> bool:
        return self.reads_every_board

    def can_see_board(self, board_id: int) -> bool:
        return self.reads_every_board or board_id in self.seated

    def can_see_month(self, period: ReportingPeriod) -> bool:
        return bool(self.roles) and (period.is_published or self.can_see_drafts)

    @property
    def role_labels(self) -> list[str]:
        return [role.label for role in Role if role in self.roles]


def access_from(user: User, area: PartnershipArea, memberships: Iterable[RoleHeld]) -> Access:
    """Build a person's access from their memberships in the area."""
    memberships = list(memberships) if user.is_active else []
    roles = {Role(role) for role, _, _ in memberships}
    if user.is_superuser and user.is_active:
        roles.add(Role.OPERATOR)
    return Access(
        user=user,
        area=area,
        roles=frozenset(roles),
        led=frozenset(agency for role, agency, _ in memberships if role == Role.AGENCY_LEAD and agency),
        approved=frozenset(agency for role, agency, _ in memberships if role == Role.AGENCY_APPROVER and agency),
        told=frozenset(agency for role, agency, _ in memberships if role == Role.AGENCY_CONTACT and agency),
        seated=frozenset(board for _, _, board in memberships if board),
        chaired=frozenset(board for role, _, board in memberships if role in CHAIR_ROLES and board),
    )


def access_to(area: PartnershipArea, *, by: User) -> Access:
    """Return what this person is in this area. One query."""
    # From the database each time: a page's own access is older than the transaction of the service.
    return access_from(by, area, list_roles_held(by, area))


def list_roles_held(user: User, area: PartnershipArea) -> QuerySet[Membership, RoleHeld]:
    return Membership.objects.filter(user=user, area=area).values_list("role", "agency_id", "board_id")


def needs_factor(user: User) -> bool:
    """Return whether one of a person's roles needs a second factor; every role in a region does. At most one query."""
    if user.is_superuser:
        return True
    in_region = Exists(RegionMembership.objects.filter(user=OuterRef("pk")))
    # One row without a role for somebody who has none in any area.
    people = User.objects.filter(pk=user.pk).annotate(in_region=in_region)
    strong = people.values_list("memberships__role", "memberships__area__factor_roles", "in_region")
    return any(in_region or (role and Role(role) in read_factor_roles(added)) for role, added, in_region in strong)


def lacks_factor(user: User) -> bool:
    """Return whether somebody needs a second factor and has none. At most two queries."""
    return needs_factor(user) and not list_factors(user).exists()


def check_can_coordinate(area: PartnershipArea, *, by: User) -> None:
    if not access_to(area, by=by).can_coordinate:
        raise PermissionDenied(f"Only a coordinator of {area.name} can do this.")


def find_first_day(area: PartnershipArea, person: User) -> date | None:
    """Return the day from which an information officer decides alone; None where they do so now, or are no officer. One
    query."""
    officers = Membership.objects.filter(area=area, user=person, role=Role.INFORMATION.value)
    first = officers.values_list("acts_from", flat=True).first()
    return first if first is not None and first > timezone.localdate() else None


def check_decides_alone(area: PartnershipArea, *, by: User) -> None:
    """Raise PermissionDenied for an information officer in their first days. The caller has checked the role."""
    if first := find_first_day(area, by):
        raise PermissionDenied(
            f"You are a new information officer, so you can’t decide this before {date_label(first)}. "
            "Another information officer can end the wait."
        )


def check_can_confirm_roles(area: PartnershipArea, *, by: User) -> None:
    """Raise PermissionDenied for anybody but an information officer of the area and an operator."""
    if is_operator(by):
        return
    if not access_to(area, by=by).is_any(Role.INFORMATION):
        raise PermissionDenied(f"Only an information officer of {area.name} or the operator can decide this.")
    check_decides_alone(area, by=by)


def list_holders(area: PartnershipArea, *roles: Role) -> list[Membership]:
    """Return the memberships with one of these roles, of people who can sign in. One query."""
    memberships = Membership.objects.filter(area=area, role__in=[role.value for role in roles], user__is_active=True)
    return list(memberships.select_related("user", "area").order_by("pk"))


def list_for_officer[Asked](
    acts: Sequence[Asked], access: Access, *, asker: Callable[[Asked], User | None]
) -> list[Asked]:
    """Return what this information officer can decide, of what others asked for. Three queries; none for nothing."""
    others = [act for act in acts if asker(act) != access.user]
    if not others or find_first_day(access.area, access.user):
        return []  # another information officer decides them
    officers = list_holders(access.area, Role.INFORMATION)
    return list_open_to(others, access.user, officers, asker=asker)


def check_second(first: User | None, holders: Sequence[Membership], *, by: User, otherwise: str = "") -> None:
    """Raise PermissionDenied for somebody who can't be the second person to what `first` did.

    `holders` are the memberships whose role lets somebody decide it. Whoever is tied to `first` can't (boards.ties).
    Where that leaves nobody, an operator can. `otherwise` is the sentence for people without such a role.
    """
    ties = read_ties(holders, first)
    seconds, is_held = ties.list_seconds(first, holders), any(holder.user_id == by.pk for holder in holders)
    if by in seconds or (is_operator(by) and holders and not seconds):
        return
    if first is not None and is_held and (tie := ties.describe(first, by.pk)):
        raise PermissionDenied(f"{tie}, so {'someone else' if seconds else 'the operator'} has to confirm this.")
    if is_operator(by) and seconds:
        otherwise = f"{holders[0].area.name} has someone who can confirm this: {seconds[0]}."
    raise PermissionDenied(otherwise)


def check_second_officer(first: User | None, area: PartnershipArea, *, by: User, otherwise: str) -> None:
    """Do the same where an information officer who decides alone is the second person."""
    check_decides_alone(area, by=by)
    check_second(first, list_holders(area, Role.INFORMATION), by=by, otherwise=otherwise)


def check_can_decide_role(request: RoleRequest, *, by: User, act: str = "confirm it") -> None:
    """Raise PermissionDenied for anybody but the second person to a request: an information officer or an operator, who
    didn't ask for it and whose own new role it isn't. `act` is what they want to do."""
    check_can_confirm_roles(request.area, by=by)
    # Constraints refuse these too, but without a sentence.
    if request.asked_by_id == by.pk:
        raise PermissionDenied(f"You asked for this yourself, so someone else has to {act}.")
    if request.gives and request.user_id == by.pk:
        raise PermissionDenied(f"This is about your own role, so someone else has to {act}.")
    if not is_operator(by):
        check_second(request.asked_by, list_holders(request.area, Role.INFORMATION), by=by)


def why_not_confirmed_by(request: RoleRequest, person: User) -> str:
    """Return a sentence that says why this person can't confirm a request that still waits; empty where they can, and
    for a coordinator, who can't confirm any."""
    if not request.is_waiting(timezone.localdate()):
        return ""
    try:
        check_can_decide_role(request, by=person)
    except PermissionDenied as refusal:
        return "" if access_to(request.area, by=person).can_coordinate else str(refusal)
    return ""


def list_role_decisions(request: RoleRequest, *, by: User) -> list[str]:
    """Return what this person may do with a request now: confirm, decline, withdraw, shorten. These are only the
    buttons: each service checks again."""
    access, is_waiting = access_to(request.area, by=by), request.is_waiting(timezone.localdate())
    try:
        check_can_decide_role(request, by=by)
        decides = True
    except PermissionDenied:
        decides = False
    acts = ["confirm", "decline"] if is_waiting and decides else []
    if is_waiting and access.can_coordinate:
        acts.append("withdraw")
    is_confirmed = request.outcome == RequestOutcome.CONFIRMED and request.gives and request.shortened_at is None
    if is_confirmed and decides and find_first_day(request.area, request.user):
        acts.append("shorten")
    return acts


def check_can_make_areas(*, by: User) -> None:
    if not (by.is_active and by.is_superuser):
        raise PermissionDenied("Only an operator can add an area.")


def check_can_see_month(access: Access, period: ReportingPeriod) -> None:
    if not access.can_see_month(period):
        raise PermissionDenied(
            f"{period.month.label} is not published yet. You can read it here when the coordinator publishes it."
        )


def find_access(user: User, slug: str) -> tuple[Access, ReadableMonths]:
    """Return what a person is in the area with that slug, and which of its months they may read. Three queries.

    Raises Http404 if they have no role in it, or if it doesn't exist.
    """
    area = PartnershipArea.objects.filter(slug=slug).first()
    access = access_to(area, by=user) if area is not None else None
    if access is None or not access.roles:
        raise Http404("This page doesn't exist, or you can't open it.")
    return access, find_readable_months(access)


def find_readable_months(access: Access) -> ReadableMonths:
    """Return the months of their area that somebody may read. One query."""
    months = ReportingPeriod.objects.filter(area=access.area).order_by("starts_on").values_list("starts_on", "status")
    every = tuple((Month.of(day), status == MonthStatus.PUBLISHED) for day, status in months)
    return ReadableMonths(every, with_drafts=access.can_see_drafts)


type View = Callable[..., HttpResponseBase]


class OpenView(Protocol):
    """A view of an area that says who may open it, by `open_to`, and perhaps what we note of it, by `noted_as`."""

    open_to: tuple[Role, ...]
    refusal: str
    noted_as: str


class AreaRequest(HttpRequest):
    """A request for a page of an area, from somebody who belongs to it."""

    user: User
    access: Access
    months: ReadableMonths
    noted_as: str


def noted_as(verb: str) -> Callable[[View], View]:
    """Say that we note who opens a view of an area, as this verb: "pack.read". Drafts of months and files of figures
    are noted without it (boards.middleware)."""

    def mark(view: View) -> View:
        cast("OpenView", view).noted_as = verb
        return view

    return mark


def open_to(*roles: Role, because: str = "") -> Callable[[View], View]:
    """Say which roles may open a view of an area; `open_to()` means everybody in the area.

    Without this, nobody can open a view of an area. `because` is the sentence that other people see.
    """

    def mark(view: View) -> View:
        opened = cast("OpenView", view)
        opened.open_to = roles
        opened.refusal = because or "Your role in this area doesn't include this page."
        return view

    return mark


# In a region: what a person may do there, and what its areas show it.
#
# `open_to_region` says which roles may open a view of a region. Nobody else gets in: not the areas' own people, and not
# the operator, who makes regions and reads no figure of them.


class Place(NamedTuple):
    """An area that the region invited, with the consent that is in force today. Without one, both are None."""

    area_id: int
    slug: str
    name: str
    ons_code: str
    longitude: float | None
    latitude: float | None
    consent_id: int | None
    shows: Shows | None


@dataclass(frozen=True, slots=True)
class RegionAccess:
    """What one person is in one region, and what its areas show today."""

    user: User
    region: Region
    roles: frozenset[RegionRole] = frozenset()
    places: tuple[Place, ...] = ()  # by the area's name

    def is_any(self, *roles: RegionRole) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def can_set_up(self) -> bool:
        return is_operator(self.user) or RegionRole.DIRECTOR in self.roles

    @property
    def shows(self) -> dict[int, Shows]:
        """Return what each consenting area shows, by its key."""
        return {place.area_id: place.shows for place in self.places if place.shows is not None}

    @property
    def missing(self) -> int:
        """Return how many consents the region still lacks to show any figure."""
        return max(0, LEAST_AREAS - len(self.shows))


def find_region_access(user: User, slug: str) -> RegionAccess:
    """Return what a person is in the region with that slug. Four queries.

    Raises Http404 if they have no role in it, or if it doesn't exist. An operator gets in without a role.
    """
    region = Region.objects.filter(slug=slug).first()
    roles_held = RegionMembership.objects.filter(region=region, user=user.pk).values_list("role", flat=True)
    roles = frozenset(RegionRole(role) for role in roles_held) if user.is_active else frozenset()
    if region is None or not (roles or is_operator(user)):
        raise Http404("This page doesn't exist, or you can't open it.")
    return RegionAccess(user, region, roles, list_places(region))


def find_shown(region: Region) -> RegionAccess:
    """Return what a region's areas show it today, for a job: as nobody, without a role. Two queries."""
    return RegionAccess(User(), region, places=list_places(region))


def list_places(region: Region) -> tuple[Place, ...]:
    """List the areas of a region by name. Two queries."""
    # Consents of an area don't overlap (boards.services.regions). The newest comes last, and wins.
    in_force = Consent.objects.in_force(timezone.localdate()).filter(region=region).order_by("pk")
    shows = {area: (pk, Shows(shows)) for pk, area, shows in in_force.values_list("pk", "area", "shows")}
    areas = PartnershipArea.objects.filter(region_places__region=region).order_by("name", "pk")
    rows = areas.values_list("pk", *Place._fields[1:-2])
    return tuple(Place(*row, *shows.get(row[0], (None, None))) for row in rows)


class RegionView(Protocol):
    """A view of a region that says who may open it, by `open_to_region`, and perhaps what we note of it, by
    `boards.permissions.noted_as`."""

    open_to_region: tuple[RegionRole, ...]
    is_set_up: bool
    noted_as: str


class RegionRequest(HttpRequest):
    """A request for a page of a region, from somebody who works for it."""

    user: User
    in_region: RegionAccess
    noted_of_region: str


def open_to_region(*roles: RegionRole, and_operator: bool = False) -> Callable[[View], View]:
    """Say which roles may open a view of a region; without any, every role. `and_operator` is for its set-up only: an
    operator reads no figure there."""

    def mark(view: View) -> View:
        opened = cast("RegionView", view)
        opened.open_to_region, opened.is_set_up = roles or tuple(RegionRole), and_operator
        return view

    return mark
