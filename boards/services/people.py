"""Give people roles in an area, one by one or from a table, tell them, and end the roles."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models.functions import Lower
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from boards.invitations import PersonRow, is_within, normal
from boards.models import Agency, Board, Membership, PartnershipArea, RegionMembership, TieKind, describe_domains
from boards.permissions import (
    access_to,
    check_can_confirm_roles,
    check_can_coordinate,
    check_can_make_areas,
    needs_factor,
)
from boards.rules import AGENCY_ROLES, BOARD_ROLES, CONFIRMED_ROLES, Role
from boards.services.area import lock_area
from boards.services.factors import note_tie
from core import audit
from core.files.sheets import is_formula
from core.forms.pages import check_seen
from core.identity.providers import find_provider, find_required
from core.identity.sign_in import end_everything
from core.labels import Labelled
from core.mail.account import password_path
from core.mail.letters import make_message, site_address
from core.models import User

SUBJECT = "Your access to the V+V Dashboard"


@transaction.atomic
def grant_role(
    area: PartnershipArea,
    *,
    email: str,
    name: str,
    role: Role,
    agency: Agency | None = None,
    board: Board | None = None,
    is_attested: bool,
    by: User,
) -> tuple[Membership, bool]:
    """Give the person with this address a role. If there is no such person, create them first.

    An existing person keeps their name: another area, unknown to the coordinator, may use it. Returns the membership,
    and whether the person is new. A new person has no password; `send_access` sends them a link to set one. Raises
    PermissionDenied, or ValidationError for a role that doesn't fit, or if `by` doesn't attest who the person is.
    """
    check_can_coordinate(area, by=by)
    check_attested(is_attested)
    lock_area(area)
    check_place(role, agency=agency, board=board)
    if role in CONFIRMED_ROLES:
        # boards.services.requests asks for these.
        raise ValidationError({"role": f"Someone else has to confirm the role “{role.label}”."})
    user, is_new = find_or_make_person(email.strip(), name.strip(), area=area.slug, by=by)
    membership = Membership(user=user, area=area, role=role.value, agency=agency, board=board)
    return give_role(membership, attested_by=by, by=by), is_new


@transaction.atomic
def make_first_coordinator(
    area: PartnershipArea, *, email: str, name: str, is_attested: bool = False, by: User | None
) -> Membership:
    """Give a new area its first coordinator, who gives all other roles. `by` is an operator, or None at the command
    line.

    Raises PermissionDenied, or ValidationError if the area already has a coordinator.
    """
    if by is not None:
        check_can_make_areas(by=by)
        check_attested(is_attested)
    lock_area(area)
    coordinators = Membership.objects.filter(area=area, role=Role.COORDINATOR.value, user__is_active=True)
    if coordinators.exists():
        raise ValidationError(f"{area.name} already has a coordinator, who gives all other roles.")
    user, _ = find_or_make_person(email.strip(), name.strip(), area=area.slug, by=by)
    membership = Membership(user=user, area=area, role=Role.COORDINATOR.value)
    return give_role(membership, attested_by=by if is_attested else None, by=by)


def give_role(membership: Membership, *, attested_by: User | None, by: User | None) -> Membership:
    """Save a membership. The caller has checked the permission and locked the area."""
    if attested_by is not None:
        membership.attested_at, membership.attested_by = timezone.now(), attested_by
    membership.full_clean()
    membership.save()
    details = {"role": membership.role, "is_attested": attested_by is not None}
    audit.record("membership.granted", membership, by=by, area=membership.area.slug, **details)
    note_tie(membership.user, TieKind.ROLE, by=attested_by)
    return membership


def check_attested(is_attested: bool) -> None:
    """Raise ValidationError unless whoever invites says that they know who the person is."""
    if not is_attested:
        raise ValidationError({"is_attested": "Confirm that you know who you are inviting"})


def check_place(role: Role, *, agency: Agency | None, board: Board | None) -> None:
    """Raise ValidationError by field if a role lacks its agency or board, or has one that it can't have."""
    if role is Role.OPERATOR:
        raise ValidationError({"role": "An operator doesn't belong to an area. Choose another role."})
    errors = {}
    for kind, place, roles in (("agency", agency, AGENCY_ROLES), ("board", board, BOARD_ROLES)):
        if role in roles and place is None:
            errors[kind] = f"Choose the {kind} that the {role.label.lower()} acts for."
        elif role not in roles and place is not None:
            errors[kind] = f"“{role.label}” is not a role for one {kind}: leave the {kind} empty."
    if errors:
        raise ValidationError(errors)


def find_or_make_person(email: str, name: str, *, area: str, by: User | None) -> tuple[User, bool]:
    """Return the person with this address, and whether they are new. `area` is the slug for the record; empty for a
    region. The caller has checked the permission."""
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = User(email=email.lower(), name=name)
        user.set_unusable_password()
        user.full_clean()
        try:
            # A savepoint: on PostgreSQL, a failed INSERT would otherwise end the whole transaction.
            with transaction.atomic():
                user.save()
        except IntegrityError:  # a coordinator of another area has just added the same person
            user = User.objects.get(email__iexact=email)
        else:
            audit.record("user.created", user, by=by, area=area)
            return user, True
    if not user.is_active:
        raise ValidationError({"email": "Someone with this address can't be added. Ask the operator why."})
    return user, False


def send_access(*memberships: Membership, by: User) -> None:
    """E-mail a person what they can do in an area and how to sign in. If they have no password, it includes a link to
    set one.

    `memberships` are those that the e-mail names. Call it after the roles are saved: nobody can take an e-mail back.
    Raises OSError if sending fails (smtplib's errors are among them).
    """
    area, user = memberships[0].area, memberships[0].user
    check_can_tell(area, Role(memberships[0].role), by=by)
    required = find_required(settings.OIDC_PROVIDERS, user.email)
    context = {
        "user": user,
        "by": by,
        "area": area,
        "memberships": memberships,
        "sign_in_url": site_address(reverse("account_login")),
        "password_url": "" if user.has_usable_password() or required else site_address(password_path(user)),
        "provider": required or find_provider(settings.OIDC_PROVIDERS, user.email),
        "days": settings.INVITATION_DAYS,
        # Whoever asked for a strong role can send the link again. An officer who confirmed it can't.
        "asker": memberships[0].attested_by or by,
        "needs_factor": needs_factor(user),
        "first_day": max((membership.acts_from for membership in memberships if membership.acts_from), default=None),
    }
    # If this raises, the roles stay: the page offers to send it again.
    make_message(SUBJECT, render_to_string("emails/access_granted.txt", context), to=[user.email]).send()
    for membership in memberships:
        audit.record("membership.told", membership, by=by, area=area.slug)


def check_can_tell(area: PartnershipArea, role: Role, *, by: User) -> None:
    """Raise PermissionDenied for somebody who can't tell a person about this role: only a coordinator can, or whoever
    confirmed it."""
    if role in CONFIRMED_ROLES and not access_to(area, by=by).can_coordinate:
        check_can_confirm_roles(area, by=by)
    else:
        check_can_coordinate(area, by=by)


@transaction.atomic
def revoke_role(membership: Membership, *, by: User) -> None:
    """Remove a role. Raises PermissionDenied, or ValidationError for a role that somebody else has to confirm."""
    check_can_coordinate(membership.area, by=by)
    lock_area(membership.area)
    if membership.role in CONFIRMED_ROLES:
        # boards.services.requests asks for these.
        raise ValidationError(f"Someone else has to confirm the end of the role “{membership.get_role_display()}”.")
    # As it is now, under the lock.
    current = Membership.objects.select_related("user", "area", "agency", "board").filter(pk=membership.pk).first()
    if current is not None:  # or somebody pressed the button twice
        take_role(current, by=by)


def take_role(membership: Membership, *, by: User) -> None:
    """Delete a membership. The caller has checked the permission and locked the area."""
    audit.record("membership.revoked", membership, by=by, area=membership.area.slug, role=membership.role)
    membership.delete()
    end_with_last_role(membership.area, membership.user, by=by)


def end_with_last_role(area: PartnershipArea, person: User, *, by: User) -> None:
    """End what hung on somebody's roles in an area once they have none there. A new role must not bring it back."""
    if not Membership.objects.filter(area=area, user=person).exists():
        for end in map(import_string, settings.ENDS_WITH_LAST_ROLE):
            end(area, person, by=by)
    end_if_outsider(person, by=by)


def end_if_outsider(person: User, *, by: User | None) -> None:
    """Sign somebody out everywhere once they have no role in any area or region. An operator needs none."""
    kinds = (Membership, RegionMembership)
    if not person.is_superuser and not any(kind.objects.filter(user=person).exists() for kind in kinds):
        end_everything(person, by=by)


# A table of people to invite: plan what each line does, and do it.

# roles that can do the most: a typing slip must not give them
BY_HAND = frozenset({Role.COORDINATOR, Role.INFORMATION})
OFFERED = [role for role in Role if role not in BY_HAND and role is not Role.OPERATOR]
LONGEST_EMAIL: int = User._meta.get_field("email").max_length or 0
LONGEST_NAME: int = User._meta.get_field("name").max_length or 0

type Place = Agency | Board | None


class InvitationAct(Labelled):
    """The effect of one line of the table."""

    INVITE = "invite", "New account, and an email to set a password"
    ALSO = "also", "Another role for that new account"
    ADD = "add", "Role added to the existing account; its name doesn’t change"
    NOTHING = "nothing", "Nothing to do: this person already has this role"
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
        return [(invitation.row.line, fault) for invitation in self.invitations for fault in invitation.faults]

    @property
    def to_do(self) -> list[Invitation]:
        return [
            invitation
            for invitation in self.invitations
            if invitation.act in (InvitationAct.INVITE, InvitationAct.ALSO, InvitationAct.ADD)
        ]

    @property
    def people(self) -> int:
        """Return how many people get an e-mail."""
        return len({invitation.row.email.lower() for invitation in self.to_do})

    @property
    def fingerprint(self) -> str:
        acts = [
            f"{invitation.row.email.lower()} {invitation.role} {invitation.place} {invitation.act}"
            for invitation in self.invitations
        ]
        return sha256("\n".join(acts).encode()).hexdigest()[:16]


def plan_invitations(area: PartnershipArea, rows: Sequence[PersonRow]) -> Plan:
    """Return the effect of each line, and everything that is wrong with it. Four queries."""
    invitations = [Invitation(row) for row in rows]
    agencies = list(Agency.objects.in_use().filter(area=area))
    boards = list(Board.objects.in_use().filter(area=area))
    for invitation in invitations:
        invitation.faults += _list_faults_of_person(invitation.row)
        _read_role(invitation)
        if invitation.role is not None:
            _find_place(invitation, invitation.role, area, agencies, boards)
    _match_accounts(area, invitations)
    _compare_lines(invitations)
    return Plan(invitations)


def _list_faults_of_person(row: PersonRow) -> list[str]:
    faults = []
    if not row.email:
        faults.append("There is no email address.")
    elif len(row.email) > LONGEST_EMAIL or not _is_address(row.email):
        faults.append(f"“{row.email[:80]}” isn’t an email address. Write it in full, such as name@council.example.")
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


def _read_role(invitation: Invitation) -> None:
    wanted = normal(invitation.row.role)
    role = next((role for role in Role if wanted in (normal(role.label), role.value)), None)
    if not wanted:
        invitation.faults.append("There is no role: enter one.")
    elif role is None:
        roles = ", ".join(role.label for role in OFFERED)
        invitation.faults.append(f"“{invitation.row.role[:80]}” isn’t a role. Use one of these: {roles}.")
    elif role not in OFFERED:
        invitation.faults.append(
            f"The role “{role.label}” can’t be given with a table. Add this person on the page “People” instead."
        )
    else:
        invitation.role = role


def _find_place(
    invitation: Invitation, role: Role, area: PartnershipArea, agencies: list[Agency], boards: list[Board]
) -> None:
    typed = invitation.row.place
    noun, places = ("agency", agencies) if role in AGENCY_ROLES else ("board", boards)
    if role not in AGENCY_ROLES | BOARD_ROLES:
        if typed:
            invitation.faults.append(f"The role “{role.label}” is for the whole area: leave the agency or board empty.")
        return
    if not typed:
        invitation.faults.append(f"The role “{role.label}” needs the {noun}.")
        return
    wanted = normal(typed)
    matches = [place for place in places if wanted in _list_names(place)]
    if len(matches) == 1:
        invitation.place = place = matches[0]
        if isinstance(place, Agency) and not is_within(invitation.row.email, place.domains):
            invitation.faults.append(describe_domains(place, invitation.row.email[:80]))
        if role is Role.AGENCY_APPROVER and isinstance(place, Agency) and not place.needs_release:
            invitation.note = (
                f"{place.name} does not release its own returns yet. Turn that on at the agency in Set-up."
            )
    else:
        names = ", ".join(place.name for place in places) or "none yet"
        problem = "has no" if not matches else "has more than one"
        invitation.faults.append(f"{area.name} {problem} {noun} “{typed[:80]}”. It has: {names}.")


def _list_names(place: Agency | Board) -> set[str]:
    return {normal(name) for name in (place.name, place.code, getattr(place, "short_name", "")) if name}


def _match_accounts(area: PartnershipArea, invitations: Iterable[Invitation]) -> None:
    emails = {invitation.row.email.lower() for invitation in invitations}
    users = {
        user.email.lower(): user
        # Lower is what the index of one_user_per_email has. `iexact` can't ask for many together.
        for user in User.objects.annotate(address=Lower("email")).filter(address__in=emails).only("email", "is_active")
    }
    roles = {
        (membership.user_id, membership.role, membership.agency_id, membership.board_id)
        for membership in Membership.objects.filter(area=area, user__in=users.values())
    }
    for invitation in invitations:
        user = users.get(invitation.row.email.lower())
        if user is None:
            if not invitation.row.name:
                invitation.faults.append("There is no name: a new account needs one.")
            invitation.act = InvitationAct.INVITE
        elif not user.is_active:
            invitation.faults.append("Someone with this address can’t be added. Ask the operator why.")
        else:
            agency, board = (
                invitation.place.pk if isinstance(invitation.place, kind) else None for kind in (Agency, Board)
            )
            is_held = (user.pk, invitation.role, agency, board) in roles
            invitation.act = InvitationAct.NOTHING if is_held else InvitationAct.ADD


def _compare_lines(invitations: list[Invitation]) -> None:
    """Find people who are in the table twice. Two roles are fine. The same role twice and two names for a new person
    aren't."""
    first: dict[tuple[str, Role | None, str], int] = {}
    named: dict[str, PersonRow] = {}
    for invitation in invitations:
        row = invitation.row
        if (
            invitation.role is not None
            and not invitation.faults
            and first.setdefault(invitation.key, row.line) != row.line
        ):
            invitation.faults.append(f"Line {first[invitation.key]} already gives this person that role.")
        earlier = named.setdefault(row.email.lower(), row)
        if invitation.act is InvitationAct.INVITE and row.email and normal(earlier.name) != normal(row.name):
            invitation.faults.append(f"Line {earlier.line} has another name for this address: “{earlier.name[:80]}”.")
        if invitation.faults:
            invitation.act = InvitationAct.FAULTY
        elif invitation.act is InvitationAct.INVITE and earlier is not row:
            invitation.act = InvitationAct.ALSO


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
    memberships: dict[int, list[Membership]] = defaultdict(list)
    for invitation in plan.to_do:
        user, _ = find_or_make_person(invitation.row.email, invitation.row.name, area=area.slug, by=by)
        membership = Membership(user=user, area=area, role=invitation.role.value if invitation.role else "")
        membership.agency = invitation.place if isinstance(invitation.place, Agency) else None
        membership.board = invitation.place if isinstance(invitation.place, Board) else None
        memberships[user.pk].append(give_role(membership, attested_by=by, by=by))
    return list(memberships.values())
