"""Hold what would be deleted, release it, and say how long an area keeps records: docs/adr/0061.

An information officer does this for their area. The operator does it for what belongs to no area, and may hold an area.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from boards.deletion import cancel_notices, find_months, is_first_in_a_row
from boards.models import Membership, PartnershipArea
from boards.permissions import access_to, check_decides_alone, check_second, check_second_officer, list_holders
from boards.presenters.retention import count_records
from boards.retention import ACCOUNTS, Kind, describe_months, list_kinds
from boards.rules import PUBLISHERS, Role
from boards.services.area import lock_area
from core import audit
from core.calendar import date_label
from core.database import Areas, within
from core.forms.pages import checked_reason
from core.freeze import EVENTS, READS
from core.labels import TransitionRefused
from core.letter_kinds import LetterKind
from core.mail.daily import Occasion, Source
from core.mail.letters import Letter, Part
from core.models import HoldState, LegalHold, RetentionNotice, RetentionRule, RuleState, User
from core.permissions import is_operator

NAMED_IN = ("", EVENTS, READS)  # kinds of records in which names are, so no account is erased


def check_can_hold(area: PartnershipArea | None, *, by: User) -> None:
    """Raise PermissionDenied for anybody but an information officer of the area and an operator."""
    if is_operator(by):
        return
    if area is None:
        raise PermissionDenied("Only the operator can do this.")
    if not access_to(area, by=by).is_any(Role.INFORMATION):
        raise PermissionDenied(f"Only an information officer of {area.name} or the operator can do this.")


def check_can_set(area: PartnershipArea | None, *, by: User) -> None:
    """Raise PermissionDenied for anybody but an information officer of the area, or an operator for no area."""
    if area is None:
        check_can_hold(None, by=by)
    elif not access_to(area, by=by).is_any(Role.INFORMATION):
        raise PermissionDenied(f"Only an information officer of {area.name} can set how long it keeps records.")


def find_kind(area: PartnershipArea | None, code: str) -> Kind | None:
    return next((kind for kind in list_kinds(_slug(area)) if kind.code == code), None)


def _slug(area: PartnershipArea | None) -> str:
    return area.slug if area else ""


def _lock(area: PartnershipArea | None) -> None:
    if area is not None:
        lock_area(area)


@transaction.atomic
def place_hold(area: PartnershipArea | None, *, kind: str, why: str, ends_on: date | None, by: User) -> LegalHold:
    """Stop all deletions of a kind, or of every kind. What was announced is cancelled."""
    check_can_hold(area, by=by)
    why = checked_reason(why, missing="Say why nothing may be deleted: for example, give the number of a claim.")
    if kind and find_kind(area, kind) is None:
        raise ValidationError({"kind": "Choose a kind of records from the list."})
    if ends_on is not None and ends_on < timezone.localdate():
        raise ValidationError({"ends_on": "The last day can’t be in the past."})
    _lock(area)
    slug = _slug(area)
    # The job locks the notices too. Once they are cancelled, nothing more of the hold's records goes.
    cancel_notices(slug, kind, today=timezone.localdate())
    if kind in NAMED_IN:
        cancel_notices("", ACCOUNTS, today=timezone.localdate())
    hold = LegalHold.objects.create(
        area=slug, kind=kind, why=why, ends_on=ends_on, placed_at=timezone.now(), placed_by=by
    )
    audit.record("hold.placed", hold, by=by, area=slug, kind=kind, why=why, ends_on=str(ends_on or ""))
    return hold


def check_can_release(area: PartnershipArea | None, hold: LegalHold, *, by: User) -> None:
    """Raise PermissionDenied for anybody but the second person to a hold: another information officer of the area, or
    an operator."""
    # The database refuses this too, but without a sentence.
    if hold.placed_by_id == by.pk:
        raise PermissionDenied("You placed this hold, so someone else has to release it.")
    check_can_hold(area, by=by)
    if area is not None and not is_operator(by):
        check_second_officer(hold.placed_by, area, by=by, otherwise="")


@transaction.atomic
def release_hold(area: PartnershipArea | None, hold: LegalHold, *, why: str, by: User) -> None:
    """Release a hold that somebody else placed. Deletions are announced anew, at least 30 days before.

    Raises PermissionDenied, ValidationError without a reason, or TransitionRefused if it is released already.
    """
    check_can_release(area, hold, by=by)
    hold = LegalHold.objects.select_for_update().get(pk=hold.pk)
    why = checked_reason(why, missing="Say why the records may be deleted again.")
    if hold.state == HoldState.RELEASED:
        raise TransitionRefused("Someone has already released this hold.")
    hold.state, hold.released_why = HoldState.RELEASED.value, why
    hold.released_at, hold.released_by = timezone.now(), by
    hold.save(update_fields=["state", "released_why", "released_at", "released_by"])
    audit.record("hold.released", hold, by=by, area=hold.area, kind=hold.kind, why=why, placed_by=hold.placed_by.email)


@transaction.atomic
def set_months(area: PartnershipArea | None, kind: Kind, *, months: int, why: str, by: User) -> RetentionRule:
    """Keep records of a kind for this number of months. If that is shorter than now, it waits for a second person."""
    check_can_set(area, by=by)
    if not kind.least <= months <= kind.most:
        raise ValidationError({"months": f"Enter a number of months from {kind.least} to {kind.most}."})
    why = checked_reason(why, missing="Give a reason, such as your agency’s retention schedule.")
    _lock(area)
    slug, now = _slug(area), timezone.now()
    current = find_months(slug, kind)
    if current == months:
        raise ValidationError({"months": f"Records of this kind are already kept for {describe_months(months)}."})
    if RetentionRule.objects.filter(area=slug, kind=kind.code, state=RuleState.ASKED.value).exists():
        raise ValidationError(
            "Someone has already asked for another period. The request is waiting for a second person."
        )
    is_shorter = months < current
    rule = RetentionRule.objects.create(
        area=slug,
        kind=kind.code,
        months=months,
        is_shorter=is_shorter,
        why=why,
        state=(RuleState.ASKED if is_shorter else RuleState.AGREED).value,
        asked_at=now,
        asked_by=by,
    )
    if not is_shorter:
        cancel_notices(slug, kind.code, today=timezone.localdate())
    verb = "retention_rule.asked" if is_shorter else "retention_rule.changed"
    audit.record(verb, rule, by=by, area=slug, kind=kind.code, months=months, before=current, why=why)
    return rule


def check_can_answer(area: PartnershipArea | None, rule: RetentionRule, *, by: User) -> None:
    """Raise PermissionDenied for somebody who can't decide about a shorter period: another information officer can, or
    a coordinator; for no area, another operator."""
    if rule.asked_by_id == by.pk:
        raise PermissionDenied("You asked for this yourself, so someone else has to decide.")
    if area is None:
        check_can_hold(None, by=by)
        return
    check_decides_alone(area, by=by)
    otherwise = f"An information officer or a coordinator of {area.name} has to decide this."
    check_second(rule.asked_by, list_holders(area, *PUBLISHERS), by=by, otherwise=otherwise)


@transaction.atomic
def decide_rule(area: PartnershipArea | None, rule: RetentionRule, *, agrees: bool, why: str, by: User) -> None:
    """Agree to a shorter period, or decline it with a reason.

    Raises PermissionDenied, ValidationError without a reason, or TransitionRefused if somebody has decided.
    """
    check_can_answer(area, rule, by=by)
    rule = RetentionRule.objects.select_for_update().get(pk=rule.pk)
    if not agrees:
        why = checked_reason(why, missing="Say why you decline it. The information officer will read your reason.")
    if rule.state != RuleState.ASKED:
        raise TransitionRefused("Someone has already decided this.")
    rule.state = (RuleState.AGREED if agrees else RuleState.DECLINED).value
    rule.decided_why = "" if agrees else why
    rule.decided_at, rule.decided_by = timezone.now(), by
    rule.save(update_fields=["state", "decided_why", "decided_at", "decided_by"])
    details = {"kind": rule.kind, "months": rule.months, "asked_by": rule.asked_by.email}
    audit.record(
        f"retention_rule.{rule.state}", rule, by=by, area=rule.area, **details, **({} if agrees else {"why": why})
    )


def find_first_notices(today: date, areas: Areas = None) -> Iterator[Occasion]:
    """Return the open announcements of an area that follow no other, for each of its information officers.

    Two queries, and one for each announcement. The page has the later ones too: an e-mail each month would go unread.
    """
    slugs = PartnershipArea.objects.filter(within(areas, "pk")).values("slug")  # an announcement has no key of its area
    opened = RetentionNotice.objects.filter(outcome="", area__in=slugs)
    notices: dict[str, list[RetentionNotice]] = defaultdict(list)
    for notice in opened.order_by("pk"):
        if is_first_in_a_row(notice):
            notices[notice.area].append(notice)
    officers = Membership.objects.filter(role=Role.INFORMATION.value, area__slug__in=notices)
    for membership in officers.select_related("area", "user").order_by("area", "user"):
        for notice in notices[membership.area.slug]:
            yield Occasion(LetterKind.RECORD, membership.area, membership.user, f"retention:{notice.pk}", notice)


def write_notices(occasions: Sequence[Occasion], today: date) -> Iterator[Part]:
    by_area: dict[str, list[Occasion]] = defaultdict(list)
    for occasion in occasions:
        by_area[occasion.area.slug].append(occasion)
    for slug, several in by_area.items():
        name, labels = several[0].area.name, {kind.code: kind.label for kind in list_kinds(slug)}
        sentences = [
            f"{labels.get(occasion.thing.kind, occasion.thing.kind)}: {count_records(occasion.thing)}, on "
            f"{date_label(occasion.thing.deletes_on)}"
            for occasion in several
        ]
        letter = Letter(
            marking="",
            subject=f"Old records of {name} will be deleted",
            opening="We delete these under the retention rules, unless you place a hold first.",
            sentences=sentences,
            link_words="See how long records are kept",
            reason=f"You get this because you are an information officer of {name}.",
        )
        yield Part(letter, reverse("boards:retention", args=[slug]))


NOTICES = Source(find_first_notices, write_notices)
