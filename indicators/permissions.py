"""Who may enter a return, import figures, protect them, or say how a series is read."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from boards.models import Agency, Membership, PartnershipArea
from boards.permissions import Access, access_to, check_can_coordinate, check_decides_alone, check_second, list_holders
from boards.rules import CONFIRMED_ROLES, Role
from boards.ties import Ties, read_ties
from core.models import User
from core.permissions import is_operator
from indicators.models import FigureImport, RecordingChange, RuleRequest, Submission


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


def list_confirming(request: FigureImport, memberships: Iterable[Membership], *, today: date) -> list[Membership]:
    """Return the roles, of these memberships with their people, that let somebody confirm figures that another person
    brought in: coordinators and information officers who decide alone. No query."""
    return [
        membership
        for membership in memberships
        if membership.area_id == request.area_id
        and membership.user.is_active
        and membership.user_id != request.asked_by_id
        and (
            membership.role == Role.COORDINATOR
            or (
                membership.role == Role.INFORMATION
                and membership.acts_from is not None
                and membership.acts_from <= today
            )
        )
    ]


def check_can_confirm_import(request: FigureImport, *, by: User) -> None:
    """Raise PermissionDenied for anybody but the second person to figures that somebody brought in. Where there is
    nobody, that is the operator."""
    area = request.area
    # A constraint refuses it too, but without a sentence.
    if request.asked_by_id == by.pk:
        raise PermissionDenied("You imported these figures yourself, so someone else has to confirm them.")
    confirming = list_confirming(request, list_holders(area, *CONFIRMED_ROLES), today=timezone.localdate())
    if is_operator(by) and not confirming:
        return
    if access_to(area, by=by).is_any(Role.INFORMATION):
        check_decides_alone(area, by=by)
    otherwise = f"Only another coordinator or an information officer of {area.name} can confirm figures."
    check_second(request.asked_by, confirming, by=by, otherwise=otherwise)


def can_protect(access: Access) -> bool:
    return access.is_any(Role.INFORMATION)


def check_can_protect(area: PartnershipArea, *, by: User) -> None:
    if not can_protect(access_to(area, by=by)):
        raise PermissionDenied(f"Only an information officer of {area.name} can set what is withheld from the public.")


def can_ask(access: Access, request: RuleRequest) -> bool:
    """Return whether somebody could have asked for it: coordinators say which agency supplies an indicator, information
    officers set rules."""
    return access.can_coordinate if request.owner_id is not None else can_protect(access)


def check_can_ask(request: RuleRequest, *, by: User) -> None:
    if request.owner_id is not None:
        check_can_coordinate(request.area, by=by)
    else:
        check_can_protect(request.area, by=by)


def list_answering(
    request: RuleRequest, memberships: Iterable[Membership], ties: Ties, *, today: date
) -> list[Membership]:
    """Return the roles, of an area's memberships with their people, that let somebody agree to a weaker rule: of the
    other information officers, or of the coordinators too where none of those can. No query."""
    memberships = [
        membership for membership in memberships if membership.area_id == request.area_id and membership.user.is_active
    ]
    officers = [
        membership
        for membership in memberships
        if membership.role == Role.INFORMATION and membership.user_id != request.asked_by_id
    ]
    if ties.list_seconds(request.asked_by, officers):
        return officers
    # Otherwise a coordinator and the officer whom they have just found could do it together.
    if is_new_officer(request.asked_by, memberships, today=today):
        return officers
    return [*officers, *(membership for membership in memberships if membership.role == Role.COORDINATOR)]


def is_new_officer(person: User, memberships: Iterable[Membership], *, today: date) -> bool:
    """Return whether somebody is an information officer in their first days, by an area's memberships. No query."""
    return any(
        membership.user_id == person.pk and membership.acts_from is not None and membership.acts_from > today
        for membership in memberships
    )


def check_can_answer(request: RuleRequest, *, by: User) -> None:
    """Raise PermissionDenied for anybody but the second person to a weaker rule: another information officer, or a
    coordinator where the area has no other."""
    area, today = request.area, timezone.localdate()
    if request.asked_by_id == by.pk:
        raise PermissionDenied("You asked for this yourself, so someone else has to decide.")
    check_decides_alone(area, by=by)
    memberships = list_holders(area, *CONFIRMED_ROLES)
    answering = list_answering(request, memberships, read_ties(memberships, request.asked_by), today=today)
    otherwise = f"Another information officer of {area.name} has to decide this."
    if not answering and access_to(area, by=by).can_coordinate:
        otherwise = (
            f"{request.asked_by} is a new information officer, so only another information officer can decide this."
        )
    check_second(request.asked_by, answering, by=by, otherwise=otherwise)


WHO_JUDGES = "Only a coordinator or an analyst of {area} can name a level, or say how a count is recorded."


def can_judge(access: Access) -> bool:
    return access.is_any(Role.COORDINATOR, Role.ANALYST)


def check_can_confirm_recording(change: RecordingChange, *, by: User) -> None:
    """Raise PermissionDenied for anybody but the second person to a change of recording: another coordinator or
    analyst."""
    area = change.indicator.area
    if change.asked_by_id == by.pk:
        raise PermissionDenied("You asked for this change. Someone else has to confirm it.")
    judging = list_holders(area, Role.COORDINATOR, Role.ANALYST)
    check_second(change.asked_by, judging, by=by, otherwise=WHO_JUDGES.format(area=area.name))


def check_can_judge(area: PartnershipArea, *, by: User) -> None:
    if not can_judge(access_to(area, by=by)):
        raise PermissionDenied(WHO_JUDGES.format(area=area.name))
