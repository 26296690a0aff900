"""Set a KPI, change its fields, move its target, review it, and retire it.

A baseline comes from versions of months, so this is not in `actions`, beside the models.
"""

from dataclasses import dataclass, fields
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from actions.models import Kpi, KpiKind, KpiReview, KpiTarget, Meeting
from actions.models.kpis import LONGEST_NOTE, LONGEST_WHY, MOST_MONTHS
from actions.permissions import check_can_review_kpi
from actions.selectors.plan import is_member
from actions.services.challenges import read_text
from actions.workflow import MeetingState
from boards.models import Board, PartnershipArea, ReportingPeriod, Strand
from boards.permissions import check_can_coordinate
from boards.rules import MonthStatus
from boards.services.area import changes_between, lock_area, next_number, why_not_chosen
from boards.services.months import mark_unpublished_stale
from core import audit
from core.calendar import Month, date_label
from core.forms.pages import check_revision, check_seen, checked_reason, is_sent_twice, now_has
from core.labels import TransitionRefused
from core.models import User
from core.texts import one_line, read_reason
from indicators.kpis.aims import YEAR
from indicators.models import Indicator
from reporting.kpis.selectors import find_shown, first_unpublished
from reporting.kpis.targets import Prepared, TargetDraft, prepare_target

LONGEST_TITLE: int = Kpi._meta.get_field("title").max_length or 0
SMALLEST, LARGEST = 1, 1000  # per cent
GO_ON = "Say why you are setting it anyway: this town’s figures may not show the change."


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiDraft:
    """What somebody wants a KPI to be, except its target."""

    title: str
    kind: KpiKind
    board: Board
    strand: Strand
    why: str
    smallest: int
    review_every: int
    owner: User | None = None
    next_review: Meeting | None = None


@transaction.atomic
def set_kpi(indicator: Indicator, draft: KpiDraft, target: TargetDraft, *, went_on_why: str = "", by: User) -> Kpi:
    """Set a KPI with the next number and a first target. Raises PermissionDenied, or ValidationError, by field."""
    area = indicator.area
    check_can_coordinate(area, by=by)
    lock_area(area)
    kpi = Kpi(area=area, indicator=indicator, added_at=timezone.now(), added_by=by)
    faults = _fill(kpi, draft)
    if why_not := why_not_chosen(indicator, area_id=area.pk):
        faults["indicator"] = why_not
    prepared = _prepare(kpi, target, faults)
    # The area is locked, so no two KPIs get the same number.
    kpi.number = next_number(Kpi, area)
    kpi.save()
    _add_target(kpi, prepared, version=1, reason="", went_on_why=went_on_why, by=by)
    audit.record("kpi.set", kpi, by=by, area=area.slug, indicator=indicator.code, **_details(prepared))
    return kpi


@transaction.atomic
def change_kpi(kpi: Kpi, draft: KpiDraft, *, revision: int, by: User) -> Kpi:
    """Change everything except its indicator and its target. Raises PermissionDenied, TransitionRefused,
    ChangedMeanwhile, or ValidationError, by field.
    """
    check_can_coordinate(kpi.area, by=by)
    kpi = _locked(kpi)
    # A second object, because `_fill` writes into the first.
    before = Kpi.objects.select_related("owner", "board", "strand", "next_review").get(pk=kpi.pk)
    faults = _fill(kpi, draft)
    if faults:
        raise ValidationError(faults)
    changes = changes_between(before, kpi)
    if not changes:
        return before
    check_revision(before, revision, told=now_has(before, changes, name=kpi.reference))
    kpi.revision += 1
    kpi.save(update_fields=[*changes, "revision"])
    mark_unpublished_stale(kpi.area)
    audit.record("kpi.changed", kpi, by=by, area=kpi.area.slug, changes=changes)
    return kpi


@transaction.atomic
def move_target(kpi: Kpi, target: TargetDraft, *, reason: str, seen: int, went_on_why: str = "", by: User) -> KpiTarget:
    """Set its next target, from the first unpublished month. `seen` is the version that the page showed.

    Raises PermissionDenied, TransitionRefused, ChangedMeanwhile, or ValidationError, by field.
    """
    check_can_coordinate(kpi.area, by=by)
    kpi = _locked(kpi)
    now = kpi.targets.latest("version")
    check_seen(seen, now.version, told="The target was moved after you opened this form. Look at the new target first.")
    reason, wrong = read_reason(
        reason, missing="Say why you are moving the target. The old target stays on the page, with your reason."
    )
    prepared = _prepare(kpi, target, {"reason": wrong} if wrong else {})
    if prepared.aim == now.aim:
        raise ValidationError({"target": f"{kpi.reference} already has this target."})
    moved = _add_target(kpi, prepared, version=now.version + 1, reason=reason, went_on_why=went_on_why, by=by)
    audit.record("kpi.moved", kpi, by=by, area=kpi.area.slug, version=moved.version, why=reason, **_details(prepared))
    return moved


@transaction.atomic
def review_kpi(kpi: Kpi, *, note: str, reviewed_on: date, meeting: Meeting | None = None, by: User) -> KpiReview:
    """Add a review. If it was at a meeting that was held, it takes that meeting's day. It saves what the newest
    published month shows. Raises PermissionDenied, TransitionRefused, or ValidationError, by field.
    """
    check_can_review_kpi(kpi, by=by)
    kpi = _locked(kpi)
    note, wrong = read_text(note, longest=LONGEST_NOTE, missing="Say what the review found.", what="note")
    faults = {"note": wrong} if wrong else {}
    if meeting is not None:
        reviewed_on = meeting.held_on
        faults |= _fault_of_review(kpi, meeting)
    if reviewed_on > timezone.localdate():
        faults["reviewed_on"] = "Choose today or an earlier day."
    elif reviewed_on < timezone.localdate(kpi.added_at):
        faults["reviewed_on"] = (
            f"This KPI was set on {date_label(timezone.localdate(kpi.added_at))}: choose that day or a later one."
        )
    if faults:
        raise ValidationError(faults)
    # Somebody may press the button twice.
    last = kpi.reviews.order_by("-id").first()
    if last is not None and is_sent_twice(last, note=note, reviewed_on=reviewed_on, made_by=by):
        return last
    shown = find_shown(kpi)
    review = KpiReview.objects.create(
        kpi=kpi,
        meeting=meeting,
        reviewed_on=reviewed_on,
        period=shown.snapshot.period if shown else None,
        state=shown.state if shown else "",
        note=note,
        made_at=timezone.now(),
        made_by=by,
    )
    if meeting is not None and kpi.next_review_id == meeting.pk:
        kpi.next_review = None  # that meeting was
        kpi.save(update_fields=["next_review"])
    audit.record("kpi.reviewed", kpi, by=by, area=kpi.area.slug, day=str(reviewed_on), state=review.state)
    return review


@transaction.atomic
def retire_kpi(kpi: Kpi, *, why: str, by: User) -> Kpi:
    """Retire a KPI. Published months still show it. Raises PermissionDenied, TransitionRefused, or ValidationError (no
    reason).
    """
    check_can_coordinate(kpi.area, by=by)
    why = checked_reason(why, missing="Say why you are retiring the KPI. The reason stays on the KPI’s page.")
    # Not `_locked`, which would refuse the second press of a button.
    kpi = _lock(kpi)
    if is_sent_twice(kpi, retired_by=by, retired_why=why):
        return kpi
    _check_in_use(kpi)
    kpi.retired_at, kpi.retired_by, kpi.retired_why = timezone.now(), by, why
    kpi.save(update_fields=["retired_at", "retired_by", "retired_why"])
    mark_unpublished_stale(kpi.area)
    audit.record("kpi.retired", kpi, by=by, area=kpi.area.slug, why=why)
    return kpi


# --- Held against the area --------------------------------------------------------------------------


def prepare_kpi(indicator: Indicator, draft: KpiDraft, target: TargetDraft, *, by: User) -> Prepared:
    """Return the outlook for the page in between, as if it were set. Raises PermissionDenied, or ValidationError, by
    field.
    """
    check_can_coordinate(indicator.area, by=by)
    kpi = Kpi(area=indicator.area, indicator=indicator)
    return _prepare(kpi, target, _fill(kpi, draft))


def prepare_move(kpi: Kpi, target: TargetDraft, *, by: User) -> Prepared:
    """Do the same for a moved target. Raises TransitionRefused too."""
    check_can_coordinate(kpi.area, by=by)
    _check_in_use(kpi)
    return _prepare(kpi, target, {})


def _fill(kpi: Kpi, draft: KpiDraft) -> dict[str, str]:
    """Write a draft onto a KPI. Returns what is wrong with it, by field."""
    title, why = one_line(draft.title), one_line(draft.why)
    faults = _faults_of_text("title", title, LONGEST_TITLE, "Say what should change.")
    faults |= _faults_of_text("why", why, LONGEST_WHY, "Say why it is measured.")
    faults |= _faults_of_parts(kpi, draft) | _faults_of_next_review(kpi, draft.next_review)
    if not SMALLEST <= draft.smallest <= LARGEST:
        faults["smallest"] = f"Enter a percentage from {SMALLEST} to {LARGEST:,}."
    if not 1 <= draft.review_every <= MOST_MONTHS:
        faults["review_every"] = f"Enter a number of months from 1 to {MOST_MONTHS}."
    if not faults:
        for field in fields(draft):
            setattr(kpi, field.name, getattr(draft, field.name))
        kpi.title, kpi.why, kpi.kind = title, why, draft.kind.value
    return faults


def _faults_of_parts(kpi: Kpi, draft: KpiDraft) -> dict[str, str]:
    """What it already has may be out of date: a retired board, an owner who left."""
    faults = {}
    for name in ("board", "strand"):
        part = getattr(draft, name)
        if why_not := why_not_chosen(part, area_id=kpi.area_id, held=[getattr(kpi, f"{name}_id")]):
            faults[name] = why_not
    if draft.owner is not None and draft.owner.pk != kpi.owner_id and not is_member(draft.owner, kpi.area):
        faults["owner"] = f"{draft.owner} has no role in {kpi.area.name}. Choose someone who has one."
    return faults


def _faults_of_next_review(kpi: Kpi, meeting: Meeting | None) -> dict[str, str]:
    if meeting is None or meeting.pk == kpi.next_review_id:
        return {}
    if meeting.area_id != kpi.area_id:
        return {"next_review": f"{meeting} belongs to another area."}
    if meeting.state != MeetingState.PLANNED:
        return {"next_review": f"{meeting.reference} isn’t in the future. Choose a planned meeting."}
    return {}


def _faults_of_text(name: str, text: str, longest: int, missing: str) -> dict[str, str]:
    if not text:
        return {name: missing}
    if len(text) > longest:
        return {name: f"Shorten it to {longest} characters; it has {len(text):,}."}
    return {}


def _fault_of_review(kpi: Kpi, meeting: Meeting) -> dict[str, str]:
    if meeting.area_id != kpi.area_id:
        return {"meeting": f"{meeting} belongs to another area."}
    if meeting.state != MeetingState.HELD:
        return {"meeting": f"{meeting.reference} has not been recorded yet, so it can’t have reviewed this KPI."}
    return {}


def _prepare(kpi: Kpi, target: TargetDraft, faults: dict[str, str]) -> Prepared:
    """Raise ValidationError, by field, for what is wrong with either."""
    wrong: dict[str, list[str]] = {name: [sentence] for name, sentence in faults.items()}
    # The outlook needs both, so it isn't worked out while one of them is wrong.
    if "strand" not in faults and "smallest" not in faults:
        try:
            prepared = prepare_target(
                kpi.indicator, target, smallest=kpi.smallest or SMALLEST, strand_id=kpi.strand_id or 0
            )
        except ValidationError as refusal:
            wrong |= refusal.message_dict
    if wrong:
        raise ValidationError(wrong)
    return prepared


def _add_target(kpi: Kpi, prepared: Prepared, *, version: int, reason: str, went_on_why: str, by: User) -> KpiTarget:
    aim, is_enough = prepared.aim, prepared.outlook.is_enough
    rests_from = prepared.history.rests_from
    why = "" if is_enough else checked_reason_to_go_on(went_on_why)
    target = KpiTarget.objects.create(
        kpi=kpi,
        version=version,
        baseline_from=prepared.baseline[0].month.first_day,
        baseline_to=prepared.baseline[-1].month.first_day,
        # A copy: a later correction must not move the baseline.
        baseline_figures=prepared.kept_figures,
        history_from=rests_from.first_day if rests_from else None,
        spreads=prepared.history.basis.spreads,
        baseline=aim.baseline,
        rate_months=YEAR,
        better=aim.better.value,
        begins=aim.begins.first_day,
        target=aim.target,
        due=aim.due.first_day,
        steps=[[str(step.month), step.value] for step in aim.steps],
        applies_from=_applies_from(kpi.area).first_day,
        reason=reason,
        outlook=prepared.outlook.sentences,
        is_enough=is_enough,
        went_on_why=why,
        set_at=timezone.now(),
        set_by=by,
    )
    mark_unpublished_stale(kpi.area)
    return target


def checked_reason_to_go_on(why: str) -> str:
    """Raise ValidationError, at `went_on_why`, if a reason is missing."""
    why, wrong = read_reason(why, missing=GO_ON)
    if wrong:
        raise ValidationError({"went_on_why": wrong})
    return why


def _applies_from(area: PartnershipArea) -> Month:
    """Lock the area's unpublished months, and return the first. Otherwise one that is published meanwhile would lack
    the target. Raises ValidationError."""
    unpublished = ReportingPeriod.objects.filter(area=area).exclude(status=MonthStatus.PUBLISHED.value)
    list(unpublished.order_by("area_id", "starts_on").select_for_update(of=("self",)).values_list("pk", flat=True))
    month = first_unpublished(area)
    if month is None:
        raise ValidationError(f"{area.name} has no months yet.")
    return month


def _details(prepared: Prepared) -> dict[str, object]:
    """Return its details for the audit."""
    aim = prepared.aim
    return {"baseline": aim.baseline, "aim": aim.target, "due": str(aim.due), "better": aim.better.value}


def _lock(kpi: Kpi) -> Kpi:
    return Kpi.objects.select_for_update(of=("self",)).select_related("area", "indicator").get(pk=kpi.pk)


def _locked(kpi: Kpi) -> Kpi:
    """Lock the KPI and return it as it is now. Raises TransitionRefused if it is retired."""
    kpi = _lock(kpi)
    _check_in_use(kpi)
    return kpi


def _check_in_use(kpi: Kpi) -> None:
    if closed := why_closed(kpi):
        raise TransitionRefused(closed)


def why_closed(kpi: Kpi) -> str:
    """Say why it can't be changed; empty if it can."""
    return f"{kpi.reference} is retired, so it is no longer measured." if kpi.is_retired else ""
