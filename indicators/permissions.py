"""Who may enter a return, import figures, or say how a series is read?"""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from boards.models import Agency, Membership, PartnershipArea
from boards.permissions import Access, access_to, check_decides_alone, find_first_day
from boards.roles import Role
from core.models import User
from core.permissions import is_operator
from indicators.models import FigureImport, RuleRequest, Submission


def can_enter(access: Access, agency: Agency) -> bool:
    return agency.pk in access.led


def can_release(access: Access, agency: Agency) -> bool:
    return agency.pk in access.approved


def can_read_return(access: Access, agency: Agency) -> bool:
    """Return whether somebody may read the agency's return: its own people, the coordinator, the analyst and the
    information officer."""
    return agency.pk in access.agencies or access.is_any(Role.COORDINATOR, Role.ANALYST, Role.INFORMATION)


def check_can_enter(agency: Agency, *, by: User) -> None:
    check_enters(access_to(agency.area, by=by), agency)


def check_enters(access: Access, agency: Agency) -> None:
    """Do the same for a page, which has the person's access. The service looks again."""
    if not can_enter(access, agency):
        raise PermissionDenied(f"Only a lead of {agency.name} can enter its figures.")


def check_can_release(agency: Agency, *, by: User) -> None:
    if not can_release(access_to(agency.area, by=by), agency):
        raise PermissionDenied(f"Only an approver of {agency.name} can release its return.")


def check_can_read_return(access: Access, agency: Agency) -> None:
    if not can_read_return(access, agency):
        raise PermissionDenied(f"Only people from {agency.name} and the coordinator can read its return.")


def why_not_accepted_by(submission: Submission, person: User) -> str:
    """Return a sentence that says why this coordinator can't accept the figures; empty where they can. No query."""
    # Triggers refuse it too (indicators.freeze), but without a sentence for the person.
    if submission.submitted_by_id == person.pk:
        return "You submitted these figures yourself. Another coordinator has to accept them."
    if submission.released_by_id == person.pk:
        return "You released these figures yourself. Another coordinator has to accept them."
    return ""


IMPORTERS = (Role.COORDINATOR, Role.ANALYST)


def can_import(access: Access) -> bool:
    return access.is_any(*IMPORTERS)


def check_can_import(area: PartnershipArea, *, by: User) -> None:
    if not can_import(access_to(area, by=by)):
        raise PermissionDenied(f"Only a coordinator or an analyst of {area.name} can import figures.")


def check_can_take_in(area: PartnershipArea, *, by: User) -> None:
    """Raise PermissionDenied for somebody who neither brings figures in nor confirms them."""
    if not access_to(area, by=by).is_any(*IMPORTERS, Role.INFORMATION, Role.OPERATOR):
        raise PermissionDenied(f"Only a coordinator or an analyst of {area.name} can import figures.")


def list_confirmers(asked: FigureImport, held: Iterable[Membership], *, today: date) -> list[User]:
    """Return who can confirm figures that somebody brought in, of an area's memberships with their people: coordinators
    and information officers who decide alone. Never the person who brought them in, nor a coordinator who invited that
    analyst. No query."""
    of_area = [each for each in held if each.area_id == asked.area_id]
    # Otherwise a coordinator could bring figures in by a second mailbox of their own, and confirm them.
    of_analyst = {
        each.attested_by_id for each in of_area if each.user_id == asked.asked_by_id and each.role == Role.ANALYST
    }
    return [
        each.user
        for each in of_area
        if each.user.is_active
        and each.user_id != asked.asked_by_id
        and (
            (each.role == Role.COORDINATOR and each.user_id not in of_analyst)
            or (each.role == Role.INFORMATION and each.acts_from is not None and each.acts_from <= today)
        )
    ]


def check_can_confirm_import(asked: FigureImport, *, by: User) -> None:
    """Raise PermissionDenied for somebody who can't confirm figures that somebody brought in: list_confirmers has who
    can. Where there is nobody, the operator can."""
    area = asked.area
    # A constraint refuses it too, but without a sentence.
    if asked.asked_by_id == by.pk:
        raise PermissionDenied("You brought these figures in yourself, so somebody else has to confirm them.")
    held = Membership.objects.filter(area=area).select_related("user")
    confirmers = list_confirmers(asked, held, today=timezone.localdate())
    if by in confirmers or (is_operator(by) and not confirmers):
        return
    access = access_to(area, by=by)
    if access.can_coordinate:
        raise PermissionDenied(f"You invited {asked.asker}, so somebody else has to confirm their figures.")
    if access.is_any(Role.INFORMATION):
        check_decides_alone(area, by=by)
    if is_operator(by):
        raise PermissionDenied(f"{area.name} has somebody who can confirm these figures: {confirmers[0]}.")
    raise PermissionDenied(f"Only another coordinator or an information officer of {area.name} can confirm figures.")


def can_protect(access: Access) -> bool:
    return access.is_any(Role.INFORMATION)


def check_can_protect(area: PartnershipArea, *, by: User) -> None:
    if not can_protect(access_to(area, by=by)):
        raise PermissionDenied(f"Only an information officer of {area.name} can set what is withheld from the public.")


def check_can_answer(asked: RuleRequest, *, by: User) -> None:
    """Raise PermissionDenied for somebody who can't agree to a weaker rule: another information officer can, or a
    coordinator where the area has no other."""
    area = asked.area
    if asked.asked_by_id == by.pk:
        raise PermissionDenied("You asked for this yourself, so somebody else has to decide.")
    access = access_to(area, by=by)
    if can_protect(access):
        check_decides_alone(area, by=by)
        return
    officers = Membership.objects.filter(area=area, role=Role.INFORMATION.value, user__is_active=True)
    if not access.can_coordinate or officers.exclude(user=asked.asked_by).exists():
        raise PermissionDenied(f"Another information officer of {area.name} has to decide this.")
    # Otherwise a coordinator and the officer whom they have just found could do it together.
    if find_first_day(area, asked.asked_by):
        raise PermissionDenied(
            f"{asked.asked_by} is a new information officer, so only another information officer can decide this."
        )


def can_judge(access: Access) -> bool:
    return access.is_any(Role.COORDINATOR, Role.ANALYST)


def check_can_judge(area: PartnershipArea, *, by: User) -> None:
    if not can_judge(access_to(area, by=by)):
        raise PermissionDenied(
            f"Only a coordinator or an analyst of {area.name} can say how a count is recorded or name a level."
        )
