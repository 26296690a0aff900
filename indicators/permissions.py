"""Who may enter a return, import figures, or say how a series is read?"""

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


def list_confirming(asked: FigureImport, held: Iterable[Membership], *, today: date) -> list[Membership]:
    """Return the roles, of these memberships with their people, that let somebody confirm figures that another person
    brought in: coordinators and information officers who decide alone. No query."""
    return [
        each
        for each in held
        if each.area_id == asked.area_id
        and each.user.is_active
        and each.user_id != asked.asked_by_id
        and (
            each.role == Role.COORDINATOR
            or (each.role == Role.INFORMATION and each.acts_from is not None and each.acts_from <= today)
        )
    ]


def check_can_confirm_import(asked: FigureImport, *, by: User) -> None:
    """Raise PermissionDenied for anybody but the second person to figures that somebody brought in. Where there is
    nobody, that is the operator."""
    area = asked.area
    # A constraint refuses it too, but without a sentence.
    if asked.asked_by_id == by.pk:
        raise PermissionDenied("You brought these figures in yourself, so somebody else has to confirm them.")
    confirming = list_confirming(asked, list_holders(area, *CONFIRMED_ROLES), today=timezone.localdate())
    if is_operator(by) and not confirming:
        return
    if access_to(area, by=by).is_any(Role.INFORMATION):
        check_decides_alone(area, by=by)
    otherwise = f"Only another coordinator or an information officer of {area.name} can confirm figures."
    check_second(asked.asked_by, confirming, by=by, otherwise=otherwise)


def can_protect(access: Access) -> bool:
    return access.is_any(Role.INFORMATION)


def check_can_protect(area: PartnershipArea, *, by: User) -> None:
    if not can_protect(access_to(area, by=by)):
        raise PermissionDenied(f"Only an information officer of {area.name} can set what is withheld from the public.")


def can_ask(access: Access, asked: RuleRequest) -> bool:
    """Return whether somebody could have asked for it: coordinators say which agency supplies an indicator, information
    officers set rules."""
    return access.can_coordinate if asked.owner_id is not None else can_protect(access)


def check_can_ask(asked: RuleRequest, *, by: User) -> None:
    if asked.owner_id is not None:
        check_can_coordinate(asked.area, by=by)
    else:
        check_can_protect(asked.area, by=by)


def list_answering(asked: RuleRequest, held: Iterable[Membership], ties: Ties, *, today: date) -> list[Membership]:
    """Return the roles, of an area's memberships with their people, that let somebody agree to a weaker rule: of the
    other information officers, or of the coordinators too where none of those can. No query."""
    held = [each for each in held if each.area_id == asked.area_id and each.user.is_active]
    officers = [each for each in held if each.role == Role.INFORMATION and each.user_id != asked.asked_by_id]
    if ties.list_seconds(asked.asked_by, officers):
        return officers
    # Otherwise a coordinator and the officer whom they have just found could do it together.
    if is_new_officer(asked.asked_by, held, today=today):
        return officers
    return [*officers, *(each for each in held if each.role == Role.COORDINATOR)]


def is_new_officer(person: User, held: Iterable[Membership], *, today: date) -> bool:
    """Return whether somebody is an information officer in their first days, by an area's memberships. No query."""
    return any(each.user_id == person.pk and each.acts_from is not None and each.acts_from > today for each in held)


def check_can_answer(asked: RuleRequest, *, by: User) -> None:
    """Raise PermissionDenied for anybody but the second person to a weaker rule: another information officer, or a
    coordinator where the area has no other."""
    area, today = asked.area, timezone.localdate()
    if asked.asked_by_id == by.pk:
        raise PermissionDenied("You asked for this yourself, so somebody else has to decide.")
    check_decides_alone(area, by=by)
    held = list_holders(area, *CONFIRMED_ROLES)
    answering = list_answering(asked, held, read_ties(held, asked.asked_by), today=today)
    otherwise = f"Another information officer of {area.name} has to decide this."
    if not answering and access_to(area, by=by).can_coordinate:
        otherwise = (
            f"{asked.asked_by} is a new information officer, so only another information officer can decide this."
        )
    check_second(asked.asked_by, answering, by=by, otherwise=otherwise)


WHO_JUDGES = "Only a coordinator or an analyst of {area} can say how a count is recorded or name a level."


def can_judge(access: Access) -> bool:
    return access.is_any(Role.COORDINATOR, Role.ANALYST)


def check_can_confirm_recording(change: RecordingChange, *, by: User) -> None:
    """Raise PermissionDenied for anybody but the second person to a change of recording: another coordinator or
    analyst."""
    area = change.indicator.area
    if change.asked_by_id == by.pk:
        raise PermissionDenied("You asked for this change. Somebody else has to confirm it.")
    judging = list_holders(area, Role.COORDINATOR, Role.ANALYST)
    check_second(change.asked_by, judging, by=by, otherwise=WHO_JUDGES.format(area=area.name))


def check_can_judge(area: PartnershipArea, *, by: User) -> None:
    if not can_judge(access_to(area, by=by)):
        raise PermissionDenied(WHO_JUDGES.format(area=area.name))
