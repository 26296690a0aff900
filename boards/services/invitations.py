"""Invite the people in a table. Show first what each line would do, then do all of it or nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Lower

from boards.invitations import PersonRow, is_within, normal
from boards.models import Agency, Board, Membership, PartnershipArea, describe_domains
from boards.permissions import check_can_coordinate
from boards.roles import AGENCY_ROLES, BOARD_ROLES, Role
from boards.services.people import check_attested, find_or_make_person, give_role
from boards.services.setup import lock_area
from core.formulas import is_formula
from core.labels import Labelled
from core.models import User
from core.services.revisions import check_seen

# roles that can do the most: a typing slip must not give them
BY_HAND = frozenset({Role.COORDINATOR, Role.INFORMATION})
OFFERED = [role for role in Role if role not in BY_HAND and role is not Role.OPERATOR]
LONGEST_EMAIL: int = User._meta.get_field("email").max_length or 0
LONGEST_NAME: int = User._meta.get_field("name").max_length or 0

type Place = Agency | Board | None


class InvitationAct(Labelled):
    """The effect of one line of the table."""

    INVITE = "invite", "New account, and an e-mail to set a password"
    ALSO = "also", "Another role for that new account"
    ADD = "add", "Role added to the existing account; its name doesn’t change"
    NOTHING = "nothing", "Nothing to do: already has this role"
    FAULTY = "faulty", "Can’t be done"


@dataclass(slots=True)
class Invitation:
    """A line of the table and its effect."""

    row: PersonRow
    role: Role | None = None
    place: Place = None
    act: InvitationAct = InvitationAct.FAULTY
    faults: list[str] = field(default_factory=list)
    note: str = ""

    @property
    def key(self) -> tuple[str, Role | None, str]:
        """Lines with the same key give the same person the same role."""
        return self.row.email.lower(), self.role, f"{type(self.place).__name__} {self.place.pk if self.place else ''}"


@dataclass(frozen=True, slots=True)
class Plan:
    invitations: list[Invitation]

    @property
    def faults(self) -> list[tuple[int, str]]:
        """Return the faults, each with its line."""
        return [(each.row.line, fault) for each in self.invitations for fault in each.faults]

    @property
    def to_do(self) -> list[Invitation]:
        return [
            each
            for each in self.invitations
            if each.act in (InvitationAct.INVITE, InvitationAct.ALSO, InvitationAct.ADD)
        ]

    @property
    def people(self) -> int:
        """Return how many people get an e-mail."""
        return len({each.row.email.lower() for each in self.to_do})

    @property
    def fingerprint(self) -> str:
        acts = [f"{each.row.email.lower()} {each.role} {each.place} {each.act}" for each in self.invitations]
        return sha256("\n".join(acts).encode()).hexdigest()[:16]


def plan_invitations(area: PartnershipArea, rows: Sequence[PersonRow]) -> Plan:
    """Return the effect of each line, and everything that is wrong with it. Four queries."""
    invitations = [Invitation(row) for row in rows]
    agencies = list(Agency.objects.in_use().filter(area=area))
    boards = list(Board.objects.in_use().filter(area=area))
    for each in invitations:
        each.faults += _list_faults_of_person(each.row)
        _read_role(each)
        if each.role is not None:
            _find_place(each, each.role, area, agencies, boards)
    _match_accounts(area, invitations)
    _compare_lines(invitations)
    return Plan(invitations)


def _list_faults_of_person(row: PersonRow) -> list[str]:
    faults = []
    if not row.email:
        faults.append("There is no e-mail address.")
    elif len(row.email) > LONGEST_EMAIL or not _is_address(row.email):
        faults.append(f"“{row.email[:80]}” isn’t an e-mail address. Write it in full, such as name@council.example.")
    if len(row.name) > LONGEST_NAME:
        faults.append(f"The name is too long: shorten it to {LONGEST_NAME} characters.")
    if "@" in row.name:
        faults.append(f"“{row.name[:80]}” is an address: enter a name.")
    if is_formula(row.name):
        faults.append(f"“{row.name[:80]}” starts like a formula. Enter the name that colleagues use.")
    return faults


def _is_address(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return True


def _read_role(each: Invitation) -> None:
    wanted = normal(each.row.role)
    role = next((role for role in Role if wanted in (normal(role.label), role.value)), None)
    if not wanted:
        each.faults.append("There is no role.")
    elif role is None:
        known = ", ".join(role.label for role in OFFERED)
        each.faults.append(f"“{each.row.role[:80]}” isn’t a role. Use one of these: {known}.")
    elif role not in OFFERED:
        each.faults.append(
            f"The role “{role.label}” can’t be given with a table. Add the person on the page of people."
        )
    else:
        each.role = role


def _find_place(
    each: Invitation, role: Role, area: PartnershipArea, agencies: list[Agency], boards: list[Board]
) -> None:
    typed = each.row.place
    noun, places = ("agency", agencies) if role in AGENCY_ROLES else ("board", boards)
    if role not in AGENCY_ROLES | BOARD_ROLES:
        if typed:
            each.faults.append(f"The role “{role.label}” is for the whole area: leave the agency or board empty.")
        return
    if not typed:
        each.faults.append(f"The role “{role.label}” needs the {noun}.")
        return
    wanted = normal(typed)
    found = [place for place in places if wanted in _list_names(place)]
    if len(found) == 1:
        each.place = place = found[0]
        if isinstance(place, Agency) and not is_within(each.row.email, place.domains):
            each.faults.append(describe_domains(place, each.row.email[:80]))
        if role is Role.AGENCY_APPROVER and isinstance(place, Agency) and not place.needs_release:
            each.note = f"{place.name} does not release its own returns yet. Turn that on at the agency in Set-up."
    else:
        known = ", ".join(place.name for place in places) or "none yet"
        problem = "has no" if not found else "has more than one"
        each.faults.append(f"{area.name} {problem} {noun} “{typed[:80]}”. It has: {known}.")


def _list_names(place: Agency | Board) -> set[str]:
    return {normal(name) for name in (place.name, place.code, getattr(place, "short_name", "")) if name}


def _match_accounts(area: PartnershipArea, invitations: Iterable[Invitation]) -> None:
    emails = {each.row.email.lower() for each in invitations}
    users = {
        user.email.lower(): user
        # Lower is what the index of one_user_per_email has. `iexact` can't ask for many together.
        for user in User.objects.annotate(address=Lower("email")).filter(address__in=emails).only("email", "is_active")
    }
    held = {
        (membership.user_id, membership.role, membership.agency_id, membership.board_id)
        for membership in Membership.objects.filter(area=area, user__in=users.values())
    }
    for each in invitations:
        user = users.get(each.row.email.lower())
        if user is None:
            if not each.row.name:
                each.faults.append("There is no name: a new account needs one.")
            each.act = InvitationAct.INVITE
        elif not user.is_active:
            each.faults.append("Somebody with this address can’t be added. Ask the operator why.")
        else:
            agency, board = (each.place.pk if isinstance(each.place, kind) else None for kind in (Agency, Board))
            is_held = (user.pk, each.role, agency, board) in held
            each.act = InvitationAct.NOTHING if is_held else InvitationAct.ADD


def _compare_lines(invitations: list[Invitation]) -> None:
    """Find people who are in the table twice. Two roles are fine. The same role twice and two names for a new person
    aren't."""
    first: dict[tuple[str, Role | None, str], int] = {}
    named: dict[str, PersonRow] = {}
    for each in invitations:
        row = each.row
        if each.role is not None and not each.faults and first.setdefault(each.key, row.line) != row.line:
            each.faults.append(f"Line {first[each.key]} already gives this person that role.")
        earlier = named.setdefault(row.email.lower(), row)
        if each.act is InvitationAct.INVITE and row.email and normal(earlier.name) != normal(row.name):
            each.faults.append(f"Line {earlier.line} has another name for this address: “{earlier.name[:80]}”.")
        if each.faults:
            each.act = InvitationAct.FAULTY
        elif each.act is InvitationAct.INVITE and earlier is not row:
            each.act = InvitationAct.ALSO


@transaction.atomic
def invite_people(
    area: PartnershipArea, rows: Sequence[PersonRow], *, seen: str, is_attested: bool, by: User
) -> list[list[Membership]]:
    """Give everybody in the table their roles. `seen` is the fingerprint of the plan that the coordinator looked at.

    Returns the new memberships by person, for the e-mails; none if everybody already has their roles. Raises
    PermissionDenied, ChangedMeanwhile, or ValidationError with everything that is wrong, or if `by` doesn't attest who
    they are.
    """
    check_can_coordinate(area, by=by)
    lock_area(area)
    # Again, under the lock: what the page showed may be an hour old.
    plan = plan_invitations(area, rows)
    if plan.faults:
        raise ValidationError([f"Line {line}: {fault}" for line, fault in plan.faults])
    # Before the comparison: for a second press everything is done, and nothing has to be checked again.
    if not plan.to_do:
        return []
    check_attested(is_attested)
    check_seen(
        seen, plan.fingerprint, told="The effect of this table has changed since you opened this page. Check it again."
    )
    given: dict[int, list[Membership]] = defaultdict(list)
    for each in plan.to_do:
        user, _ = find_or_make_person(each.row.email, each.row.name, area=area.slug, by=by)
        membership = Membership(user=user, area=area, role=each.role.value if each.role else "")
        membership.agency = each.place if isinstance(each.place, Agency) else None
        membership.board = each.place if isinstance(each.place, Board) else None
        given[user.pk].append(give_role(membership, attested_by=by, by=by))
    return list(given.values())
