"""Keep an area's authorities under the Serious Violence Duty, and what each did. Only the coordinator does either."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from actions.models import Authority, DutyAct
from actions.models.duty import SPECIFIED, ActKind, AuthorityKind, Paper
from actions.selectors.duty import keeps_duty
from actions.services.progress import OUT_OF_RANGE, is_in_range, read_text
from boards.models import Agency, PartnershipArea
from boards.permissions import check_can_coordinate
from boards.services.area import changes_between, lock_area, why_not_chosen
from core import audit
from core.database import lock_row
from core.forms.pages import check_revision, checked_reason, now_has
from core.labels import TransitionRefused
from core.models import User
from core.texts import one_line

LONGEST_NAME: int = Authority._meta.get_field("name").max_length or 0
AGENCIES = {
    AuthorityKind.POLICE: Agency.Kind.POLICE,
    AuthorityKind.PROBATION: Agency.Kind.PROBATION,
    AuthorityKind.YOUTH_OFFENDING: Agency.Kind.YOUTH_JUSTICE,
    AuthorityKind.FIRE: Agency.Kind.FIRE,
    AuthorityKind.HEALTH: Agency.Kind.NHS,
    AuthorityKind.COUNCIL: Agency.Kind.COUNCIL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityDraft:
    """The content of an authority."""

    kind: AuthorityKind
    name: str
    agency: Agency | None = None
    contact: str = ""
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ActDraft:
    """The content of an act."""

    kind: ActKind
    paper: Paper
    year: int
    done_on: date
    note: str = ""


def propose_authorities(area: PartnershipArea) -> list[AuthorityDraft]:
    """Return an authority for each kind that the law specifies, but for kinds that the area has had before. The only
    agency of its kind stands for it and gives it its name; of several, such as a council's departments, none is chosen.
    """
    agencies = list(Agency.objects.in_use().filter(area=area))
    had = set(Authority.objects.filter(area=area).values_list("kind", flat=True))
    drafts = []
    for kind in (kind for kind in SPECIFIED if kind not in had):
        of_kind = [agency for agency in agencies if agency.kind == AGENCIES[kind]]
        agency = of_kind[0] if len(of_kind) == 1 else None
        drafts.append(AuthorityDraft(kind=kind, name=agency.name if agency else kind.label, agency=agency))
    return drafts


@transaction.atomic
def start_duty(area: PartnershipArea, kinds: Collection[AuthorityKind], *, by: User) -> list[Authority]:
    """Add the proposed authorities of these kinds. Those that were there before recording ended come back, with what
    they did."""
    check_can_coordinate(area, by=by)
    lock_area(area)
    proposed = [draft for draft in propose_authorities(area) if draft.kind in kinds]
    if not keeps_duty(area):
        for authority in Authority.objects.filter(area=area):
            change_authority(authority, _draft_of(authority, retired=False), revision=authority.revision, by=by)
    return [add_authority(area, draft, by=by) for draft in proposed]


@transaction.atomic
def end_duty(area: PartnershipArea, *, by: User) -> None:
    """Take the duty off the area's pages and packs. What each authority did is kept."""
    check_can_coordinate(area, by=by)
    lock_area(area)
    for authority in Authority.objects.in_use().filter(area=area):
        change_authority(authority, _draft_of(authority, retired=True), revision=authority.revision, by=by)


@transaction.atomic
def add_authority(area: PartnershipArea, draft: AuthorityDraft, *, by: User) -> Authority:
    check_can_coordinate(area, by=by)
    lock_area(area)
    authority = Authority(area=area)
    _fill(authority, draft)
    authority.save()
    audit.record("authority.added", authority, by=by, area=area.slug, name=authority.name, kind=authority.kind)
    return authority


@transaction.atomic
def change_authority(authority: Authority, draft: AuthorityDraft, *, revision: int, by: User) -> Authority:
    """Change an authority, take it off the list (`retired`), or bring it back."""
    authority = _locked(authority, by=by)
    before = Authority.objects.select_related("agency").get(pk=authority.pk)
    _fill(authority, draft)
    changes = changes_between(before, authority)
    if not changes:
        return authority  # nothing to do, or a form that was sent twice
    check_revision(before, revision, told=now_has(before, changes, name=before))
    authority.revision += 1
    authority.save()
    audit.record("authority.changed", authority, by=by, area=authority.area.slug, changes=changes)
    return authority


@transaction.atomic
def record_act(authority: Authority, draft: ActDraft, *, by: User) -> DutyAct:
    """Record what an authority did, or what was done with it."""
    authority = _locked(authority, by=by)
    if authority.retired:
        raise TransitionRefused(f"{authority} isn’t on the list any more: bring it back first.")
    note, errors = read_text(draft.note), {}
    if not is_in_range(draft.done_on):
        errors["done_on"] = OUT_OF_RANGE
    elif draft.done_on > timezone.localdate():
        errors["done_on"] = "That day is still to come: enter today’s date or an earlier one."
    if not is_in_range(date(draft.year, 1, 1)):
        errors["year"] = OUT_OF_RANGE
    if errors:
        raise ValidationError(errors)
    what = {"kind": draft.kind.value, "paper": draft.paper.value, "year": draft.year, "done_on": draft.done_on}
    act, is_new = DutyAct.objects.get_or_create(authority=authority, **what, defaults={"note": note})
    if not is_new and act.note != note:
        raise ValidationError("That is already on the list. To change its note, remove it, then record it again.")
    if is_new:
        audit.record("authority.acted", authority, by=by, area=authority.area.slug, **_facts(act))
    return act


@transaction.atomic
def take_back_act(act: DutyAct, *, why: str, by: User) -> None:
    """Remove an act that was recorded wrongly. The record keeps what it said, and the reason."""
    why = checked_reason(why, missing="Say why you are removing it.")
    authority = _locked(act.authority, by=by)
    if there := DutyAct.objects.filter(pk=act.pk).first():
        audit.record("authority.act_removed", authority, by=by, area=authority.area.slug, why=why, **_facts(there))
        there.delete()


# --- What they have in common ------------------------------------------------------------------------


def _locked(authority: Authority, *, by: User) -> Authority:
    check_can_coordinate(authority.area, by=by)
    lock_area(authority.area)
    return lock_row(Authority.objects.select_related("area"), authority.pk)


def _draft_of(authority: Authority, *, retired: bool) -> AuthorityDraft:
    return AuthorityDraft(
        kind=AuthorityKind(authority.kind),
        name=authority.name,
        agency=authority.agency,
        contact=authority.contact,
        retired=retired,
    )


def _facts(act: DutyAct) -> dict[str, str]:
    return {"kind": act.kind, "paper": act.paper_name, "done_on": str(act.done_on), "note": act.note}


def _fill(authority: Authority, draft: AuthorityDraft) -> None:
    name, contact = one_line(draft.name), one_line(draft.contact)
    errors = {}
    if not name:
        errors["name"] = "Enter its name in the area, such as Anytown Fire and Rescue Service."
    for field, words in (("name", name), ("contact", contact)):
        if len(words) > LONGEST_NAME:
            errors[field] = f"Shorten this to {LONGEST_NAME} characters; it has {len(words):,}."
    agency = draft.agency
    if agency is not None and (
        why_not := why_not_chosen(agency, area_id=authority.area_id, held=[authority.agency_id])
    ):
        errors["agency"] = why_not
    if Authority.objects.filter(area=authority.area_id, name=name).exclude(pk=authority.pk).exists():
        errors["name"] = f"{name} is already on the list, or was before: enter another name, or bring it back."
    if errors:
        raise ValidationError(errors)
    authority.kind, authority.name, authority.agency = draft.kind.value, name, agency
    authority.contact, authority.retired = contact, draft.retired
