"""Second factors: note who is tied to whom, choose the roles that need one, and reset one that somebody lost."""

import logging
from collections.abc import Collection
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from boards.models import FactorReset, Membership, PartnershipArea, RegionMembership, Tie, TieKind
from boards.models.requests import RESET_DAYS
from boards.permissions import access_to, check_second, list_holders
from boards.rules import FACTOR_RESETTERS, FACTOR_ROLES, PUBLISHERS, Role
from boards.selectors import list_open_resets, list_operators, list_people
from boards.services.area import change_area, lock_area
from core import audit
from core.identity.factors import list_factors
from core.identity.sign_in import end_everything
from core.labels import TransitionRefused
from core.mail.letters import Letter, Part, compose
from core.models import User
from core.permissions import is_operator, name_asker
from core.texts import read_reason

logger = logging.getLogger(__name__)
SAY_WHY = "Say what happened, and how you know that this person asked."
NOT_TWICE = "You asked for this, so someone else has to confirm it."


def note_tie(person: User, kind: TieKind, *, by: User | None) -> None:
    """Note who did it, in the transaction of the act itself. `by` is None at the command line. Nobody is tied to
    themselves."""
    if by is not None and by.pk != person.pk:
        Tie.objects.get_or_create(made_by=by, person=person, kind=kind.value, defaults={"made_at": timezone.now()})


def set_factor_roles(area: PartnershipArea, *, roles: Collection[Role], by: User) -> PartnershipArea:
    """Set which roles need a second factor, beside those that always do."""
    added = [role.value for role in Role if role in roles and role not in FACTOR_ROLES]
    return change_area(area, by=by, factor_roles=" ".join(added))


def offer_no_factor(*, by: User) -> None:
    """Stop offering a second factor on a person's home page."""
    if by.is_offered_factor:
        by.is_offered_factor = False
        by.save(update_fields=["is_offered_factor"])


# --- A lost device ------------------------------------------------------------------------------------------------


@transaction.atomic
def ask_reset(membership: Membership, *, why: str, by: User) -> FactorReset:
    """Ask for a person's second factor to be removed, because they lost their device.

    Raises PermissionDenied, also for oneself; ValidationError without a reason; or TransitionRefused if there is
    nothing to reset, or somebody has asked already.
    """
    area, person = membership.area, membership.user
    check_can_reset(area, person=person, by=by)
    why, fault = read_reason(why, missing=SAY_WHY)
    if fault:
        raise ValidationError({"why": fault})
    lock_area(area)
    if not list_factors(person).exists():
        raise TransitionRefused(f"{person} has no second factor to reset.")
    now = timezone.now()
    waiting = list_open_resets(area).filter(person=person).first()
    if waiting is not None and not has_lapsed(waiting):
        raise TransitionRefused(f"{waiting.asked_by} has already asked for this. Someone else has to confirm it.")
    if waiting is not None:
        _close(waiting, by=by)
    reset = FactorReset.objects.create(area=area, person=person, why=why, asked_at=now, asked_by=by)
    _note("asked", reset, by=by, why=why)
    return reset


@transaction.atomic
def confirm_reset(reset: FactorReset, *, by: User) -> FactorReset:
    """Remove the person's passkeys, app and recovery codes, and sign them out everywhere.

    Raises PermissionDenied, also for the person and for whoever asked; or TransitionRefused if it was decided or asked
    too long ago.
    """
    reset = _locked(reset)
    check_can_confirm(reset, by=by)
    if reset.confirmed_at is not None:
        return reset  # somebody pressed the button twice
    _check_is_open(reset)
    # They may have lost the role since.
    if not access_to(reset.area, by=reset.asked_by).is_any(*FACTOR_RESETTERS):
        raise TransitionRefused(f"{reset.asked_by} can no longer ask for this. Decline it, and ask again.")
    reset.confirmed_at, reset.confirmed_by = timezone.now(), by
    reset.save(update_fields=["confirmed_at", "confirmed_by"])
    Authenticator.objects.filter(user=reset.person).delete()
    end_everything(reset.person, by=by)
    _note("reset", reset, by=by, **name_asker(reset.asked_by, reset.asked_at))
    # Until the person signs in again, their password alone is enough: for either of these two as well.
    for resetter in (reset.asked_by, by):
        note_tie(reset.person, TieKind.FACTOR, by=resetter)
    return reset


@transaction.atomic
def refuse_reset(reset: FactorReset, *, by: User) -> FactorReset:
    """Decline a request, or take one's own back. Raises PermissionDenied, or TransitionRefused if it was done."""
    reset = _locked(reset)
    if not access_to(reset.area, by=by).is_any(*FACTOR_RESETTERS):
        raise PermissionDenied(f"Only an officer of {reset.area} or an operator can decline this.")
    if reset.refused_at is not None:
        return reset
    _check_is_open(reset, or_lapsed=True)
    _close(reset, by=by)
    return reset


def reset_on_server(person: User) -> bool:
    """Remove the second factor of somebody outside every area (find_outside_areas), at the command line. Return whether
    the e-mail to them was sent.

    Raises TransitionRefused if they have none.
    """
    with transaction.atomic():
        if not list_factors(person).exists():
            raise TransitionRefused(f"{person.email} has no second factor to reset.")
        Authenticator.objects.filter(user=person).delete()
        end_everything(person, by=None)
        audit.record("factor.reset", person, by=None)
    letter = Letter(
        marking="",
        subject="Your second factor was reset",
        opening="Someone with access to the server reset your second factor.",
        sentences=["Sign in with your password, then set up a new one. If you didn’t ask for this, act now."],
        link_words="How you sign in",
        reason="You get this because it is about your account. You can’t switch it off.",
    )
    try:
        compose([Part(letter, reverse("mfa_index"))], to=person).send()
    except OSError:
        logger.exception("The email about a reset of a second factor could not be sent.")
        return False
    return True


def check_can_reset(area: PartnershipArea, *, person: User, by: User) -> None:
    if not access_to(area, by=by).is_any(*FACTOR_RESETTERS):
        raise PermissionDenied(f"Only an officer of {area} or an operator can ask for this.")
    if person.pk == by.pk:
        raise PermissionDenied("No one can reset their own second factor. Ask two others in your area.")


def check_can_confirm(reset: FactorReset, *, by: User) -> None:
    check_can_reset(reset.area, person=reset.person, by=by)
    # The constraint factor_reset_confirmed_by_another refuses it too, but without a sentence.
    if reset.asked_by_id == by.pk:
        raise PermissionDenied(NOT_TWICE)
    if is_operator(by):
        return
    if needs_operator(reset):
        raise PermissionDenied(f"{reset.person} has roles outside this area, so an operator has to confirm it.")
    others = [
        membership for membership in list_holders(reset.area, *PUBLISHERS) if membership.user_id != reset.person_id
    ]
    check_second(reset.asked_by, others, by=by)


def needs_operator(reset: FactorReset) -> bool:
    """Return whether the factor guards more than this area: two people here mustn't open another area's door."""
    elsewhere = Membership.objects.filter(user=reset.person).exclude(area=reset.area)
    is_in_region = RegionMembership.objects.filter(user=reset.person)
    return reset.person.is_superuser or elsewhere.exists() or is_in_region.exists()


def has_lapsed(reset: FactorReset) -> bool:
    return timezone.now() - reset.asked_at > timedelta(days=RESET_DAYS)


def _check_is_open(reset: FactorReset, *, or_lapsed: bool = False) -> None:
    if reset.refused_at is not None:
        raise TransitionRefused("Someone declined this request. Ask again if it is still needed.")
    if reset.confirmed_at is not None:
        raise TransitionRefused("Someone has confirmed this request. The second factor is reset.")
    if has_lapsed(reset) and not or_lapsed:
        raise TransitionRefused(f"This request is more than {RESET_DAYS} days old. Ask again if it is still needed.")


def _close(reset: FactorReset, *, by: User) -> None:
    reset.refused_at, reset.refused_by = timezone.now(), by
    reset.save(update_fields=["refused_at", "refused_by"])
    _note("refused", reset, by=by, **name_asker(reset.asked_by, reset.asked_at))


def _locked(reset: FactorReset) -> FactorReset:
    resets = FactorReset.objects.select_for_update(of=("self",)).select_related("area", "person", "asked_by")
    return resets.get(pk=reset.pk)


def _note(act: str, reset: FactorReset, *, by: User, **details: str) -> None:
    audit.record(f"factor_reset.{act}", reset, by=by, area=reset.area.slug, person=reset.person.email, **details)


def tell_reset(reset: FactorReset) -> list[str]:
    """E-mail the person and every officer of the area about a request or its result; and the operators, if only they
    can confirm it. Return the addresses that we couldn't reach. Call it after the act is saved: nobody can take an
    e-mail back.
    """
    path = reverse("boards:reset-list", args=[reset.area.slug])
    officers = list(list_people(reset.area, *PUBLISHERS))
    others = [officer for officer in officers if officer.pk not in (reset.asked_by_id, reset.person_id)]
    operators = list_operators() if needs_operator(reset) or not others else []
    people = {person.pk: person for person in (*officers, *operators, reset.asked_by, reset.person)}
    lost = []
    for person in people.values():
        try:
            compose([Part(_write(reset, to=person), path)], to=person).send()
        except OSError:
            logger.exception("The email about a reset of a second factor could not be sent.")
            lost.append(person.email)
    return lost


def _write(reset: FactorReset, *, to: User) -> Letter:
    is_own = to.pk == reset.person_id
    whose = "your" if is_own else f"{reset.person}’s"
    if reset.confirmed_by is not None:
        subject = f"A second factor was reset in {reset.area}"
        opening = (
            f"{reset.asked_by} asked for {whose} second factor to be reset, and {reset.confirmed_by} confirmed it."
        )
        then = "Sign in with your password, then set up a new one." if is_own else "They are signed out everywhere."
    elif reset.refused_by is not None:
        subject = f"A second factor was not reset in {reset.area}"
        opening = f"{reset.refused_by} closed the request to reset {whose} second factor. Nothing has changed."
        then = "You can sign in as before." if is_own else "They can sign in as before."
    else:
        subject = f"Someone has asked to reset a second factor in {reset.area}"
        opening = f"{reset.asked_by} has asked for {whose} second factor to be reset, because a device was lost."
        then = f"Another officer or an operator has {RESET_DAYS} days to confirm or decline the request."
    doubt = (
        "If you didn’t ask for this, ring your coordinator now." if is_own else f"If you doubt it, ring {reset.person}."
    )
    return Letter(
        marking=settings.MARKING,
        subject=subject,
        opening=opening,
        sentences=[then, doubt],
        link_words="See the requests",
        reason="You get this because it is about your account or about your area. You can’t switch it off.",
    )
