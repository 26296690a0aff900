"""The demonstration's accounts: plainly made up, all under .example, one password for all."""

from datetime import date
from functools import cache

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from boards.models import Agency, Board, Membership, PartnershipArea, Region, RegionMembership
from boards.roles import RegionRole, Role
from core.models import User

PASSWORD = "anytown-demo-2026"  # noqa: S105  # printed at start; these accounts guard nothing

# The name before @anytown.example → role, and its board or agency.
ANYTOWN = {
    "coordinator": (Role.COORDINATOR, ""),
    "strategic": (Role.STRATEGIC, ""),
    "csp.member": (Role.BOARD_MEMBER, "csp"),
    "hwbb.member": (Role.BOARD_MEMBER, "hwbb"),
    "lscb.chair": (Role.BOARD_CHAIR, "lscb"),
    "csp.chair": (Role.BOARD_CHAIR, "csp"),
    "sab.chair": (Role.BOARD_CHAIR, "sab"),
    "police.lead": (Role.AGENCY_LEAD, "police"),
    "council-children.lead": (Role.AGENCY_LEAD, "council-children"),
    "council-housing.lead": (Role.AGENCY_LEAD, "council-housing"),
    "council-community-safety.lead": (Role.AGENCY_LEAD, "council-community-safety"),
    "youth-justice.lead": (Role.AGENCY_LEAD, "youth-justice"),
    "education.lead": (Role.AGENCY_LEAD, "education"),
    "nhs.lead": (Role.AGENCY_LEAD, "nhs"),
    "probation.lead": (Role.AGENCY_LEAD, "probation"),
    "police.approver": (Role.AGENCY_APPROVER, "police"),
    "council-community-safety.approver": (Role.AGENCY_APPROVER, "council-community-safety"),
    "police.contact": (Role.AGENCY_CONTACT, "police"),
    "analyst": (Role.ANALYST, ""),
    "information": (Role.INFORMATION, ""),
    "voluntary-sector.lead": (Role.AGENCY_LEAD, "voluntary-sector"),
}
SOUTHEND = {"coordinator": (Role.COORDINATOR, ""), "information": (Role.INFORMATION, "")}
OPERATOR = "operator@vvdash.example"
OFFICERS_SINCE = date(2025, 1, 1)


@cache
def hash_password() -> str:
    """Return one hash for all accounts: Argon2 takes its time on purpose."""
    return make_password(PASSWORD)


def make_accounts(area: PartnershipArea, people: dict[str, tuple[Role, str]]) -> dict[str, User]:
    """Make the people of an area, and give each their role. Returns them by the name before the @."""
    agencies = {agency.code: agency for agency in Agency.objects.filter(area=area)}
    boards = {board.code: board for board in Board.objects.filter(area=area)}
    made: dict[str, User] = {}
    for name, (role, place) in people.items():
        words = f"{area.name} {name.replace('.', ' ').replace('-', ' ')} (demo)"
        made[name] = user = User.objects.create(
            email=f"{name}@{area.slug}.example", name=words, password=hash_password()
        )
        Membership.objects.create(
            user=user,
            area=area,
            role=role.value,
            agency=agencies.get(place),
            board=boards.get(place),
            # An officer of long standing, so that everything can be tried.
            acts_from=OFFICERS_SINCE if role is Role.INFORMATION else None,
        )
    return made


def make_region(*, by: User) -> None:
    """Make the region Essex with its two people, and without any area. Its first visitor has its areas made."""
    region, is_new = Region.objects.get_or_create(
        slug="essex", defaults={"name": "Essex", "made_at": timezone.now(), "made_by": by}
    )
    for role in RegionRole if is_new else ():
        user = User.objects.create(
            email=f"{role.value}@essex.example", name=f"Essex {role.value} (demo)", password=hash_password()
        )
        RegionMembership.objects.create(user=user, region=region, role=role.value, given_at=timezone.now(), given_by=by)


def make_operator() -> User:
    fields = {"name": "Operator (demo)", "is_staff": True, "is_superuser": True, "password": hash_password}
    return User.objects.get_or_create(email=OPERATOR, defaults=fields)[0]


def account_table() -> str:
    """Return one account for each role, for the console."""
    shown: dict[Role, str] = {}
    for name, (role, _) in ANYTOWN.items():
        shown.setdefault(role, f"{name}@anytown.example")
    lines = [f"  {role.label:<24} {email}" for role, email in shown.items()]
    lines.append(f"  {Role.OPERATOR.label:<24} {OPERATOR}")
    lines += [f"  {f'{role.label}, Southend':<24} {name}@southend.example" for name, (role, _) in SOUTHEND.items()]
    lines += [f"  {f'{role.label}, Essex':<24} {role.value}@essex.example" for role in RegionRole]
    return "\n".join([f"Demo accounts, all with the password {PASSWORD}:", *lines])
