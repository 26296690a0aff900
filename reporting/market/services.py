"""Assess the drug market of a year. A lead of the agency that the coordinator chose does all of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from boards.models import Agency, PartnershipArea
from boards.permissions import check_can_coordinate
from boards.services.area import lock_area, why_not_chosen
from core import audit
from core.database import lock_row
from core.forms.pages import check_revision, check_seen
from core.labels import TransitionRefused
from core.models import User
from core.texts import one_line
from indicators.protection.rules import is_small
from indicators.unseen import Cell, SeenList, UnseenRefused, estimate_unseen
from reporting.market.permissions import check_can_assess
from reporting.market.presenters import format_value
from reporting.market.selectors import find_owner, find_threshold
from reporting.models import MarketAssessment, MarketFigure, MarketKind, MarketList, MarketOwner
from reporting.models.market import FIRST_YEAR, LAST_YEAR, MOST_VALUE, OVERLAPS, PERCENT, UNITS
from reporting.workflow import MARKET, MarketState

# A comma only before three digits: 41,5 may be meant as 41.5.
NUMBER = re.compile(r"([0-9]{1,3}(,[0-9]{3}){1,3}|[0-9]{1,12})(\.[0-9]{1,12})?")
CHANGED = "was changed after you opened this page."


@transaction.atomic
def choose_owner(area: PartnershipArea, agency: Agency | None, *, by: User) -> MarketOwner:
    """Say which agency assesses the drug market. Without one, nobody sees a page of it; nothing is deleted."""
    check_can_coordinate(area, by=by)
    lock_area(area)
    owner, _ = MarketOwner.objects.select_related("agency").get_or_create(area=area)
    if agency is not None and (why_not := why_not_chosen(agency, area_id=area.pk, held=[owner.agency_id])):
        raise ValidationError({"agency": why_not})
    if owner.agency != agency:
        changes = [owner.agency.code if owner.agency else "", agency.code if agency else ""]
        owner.agency = agency
        owner.save(update_fields=["agency"])
        audit.record("market.owner_chosen", owner, by=by, area=area.slug, changes={"agency": changes})
    return owner


@transaction.atomic
def begin_assessment(area: PartnershipArea, *, year: int, by: User) -> MarketAssessment:
    check_can_assess(area, find_owner(area), by=by)
    # Two that begin together could otherwise be of the same year.
    lock_area(area)
    if not FIRST_YEAR <= year <= min(LAST_YEAR, timezone.localdate().year):
        raise ValidationError({"year": f"Enter a year from {FIRST_YEAR} to {timezone.localdate().year}."})
    if MarketAssessment.objects.filter(area=area, year=year).exists():
        raise ValidationError({"year": f"There is already an assessment of {year}: enter another year."})
    assessment = MarketAssessment.objects.create(area=area, year=year)
    audit.record("market.begun", assessment, by=by, area=area.slug, year=year)
    return assessment


@dataclass(frozen=True, slots=True)
class FigureDraft:
    """A figure as somebody typed it. Without a number there is none."""

    value: str
    source: str = ""
    of_year: str = ""


@transaction.atomic
def save_figure(
    assessment: MarketAssessment, kind: MarketKind, draft: FigureDraft, *, revision: int, by: User
) -> MarketFigure | None:
    """Save a figure, or remove it where the number is empty. `revision` is the figure's, and 0 for a new one."""
    assessment = _locked(assessment, by=by)
    value, source, of_year = read_figure(kind, draft)
    before = assessment.figures.filter(kind=kind.value).first()
    if before is None and value is None:
        return None
    if before is not None and (before.value, before.source, before.of_year) == (value, source, of_year):
        return before  # nothing to do, or a form that was sent twice
    stored = before or MarketFigure(assessment=assessment, kind=kind.value, revision=0)
    shown = f" It now says {format_value(kind, before.value)}, {before.source}, {before.of_year}." if before else ""
    check_revision(stored, revision, told=f"{kind.label} {CHANGED}{shown}")
    _note(assessment)
    if value is None:
        stored.delete()
        audit.record("market.figure_removed", assessment, by=by, area=assessment.area.slug, kind=kind.value)
        return None
    stored.value, stored.source, stored.of_year = value, source, of_year
    stored.revision += 1
    stored.save()
    audit.record("market.figure_saved", assessment, by=by, area=assessment.area.slug, kind=kind.value)
    return stored


@transaction.atomic
def save_pasted(
    assessment: MarketAssessment, drafts: Mapping[MarketKind, FigureDraft], *, revision: int, by: User
) -> None:
    """Save the figures of a pasted table, all or none, if nothing has changed since its page showed them."""
    assessment = _locked(assessment, by=by)
    check_seen(
        revision, assessment.revision, told=f"{assessment} {CHANGED} Look at the table again before you save it."
    )
    for kind, draft in drafts.items():
        stored = assessment.figures.filter(kind=kind.value).first()
        save_figure(assessment, kind, draft, revision=stored.revision if stored else 0, by=by)


@transaction.atomic
def save_lists(
    assessment: MarketAssessment,
    lists: Sequence[SeenList],
    overlaps: Mapping[Cell, int],
    *,
    revision: int,
    by: User,
) -> None:
    """Replace the lists and their overlaps; none of both takes them away. Lists that give no estimate are refused."""
    assessment = _locked(assessment, by=by)
    if lists:
        threshold = find_threshold(assessment.area)
        try:
            estimate_unseen(lists, overlaps, is_small=lambda count: is_small(threshold, count))
        except UnseenRefused as refused:
            raise ValidationError(str(refused)) from None
    before = [row.seen for row in assessment.lists.all()]
    if before == list(lists) and assessment.overlaps == dict(overlaps):
        return  # nothing to do, or a form that was sent twice
    shown = "; ".join(f"{one.name}: {one.people:,}" for one in before) or "none"
    check_revision(assessment, revision, told=f"{assessment} {CHANGED} Its lists are now: {shown}.")
    assessment.lists.all().delete()
    MarketList.objects.bulk_create(
        MarketList(
            assessment=assessment,
            place=place,
            name=one.name,
            people=one.people,
            period=one.period,
            ages=one.ages,
            residents=one.residents,
        )
        for place, one in enumerate(lists)
    )
    for cell, name in OVERLAPS.items():
        setattr(assessment, name, overlaps.get(cell))
    assessment.save(update_fields=[*OVERLAPS.values()])
    _note(assessment)
    audit.record("market.lists_saved", assessment, by=by, area=assessment.area.slug, lists=len(lists))


@transaction.atomic
def agree_assessment(assessment: MarketAssessment, *, revision: int, by: User) -> MarketAssessment:
    """Agree an assessment. From then on it stays as it is, and every partner of the area reads it."""
    check_can_assess(assessment.area, find_owner(assessment.area), by=by)
    assessment = lock_row(MarketAssessment.objects.select_related("area", "agreed_by"), assessment.pk)
    if assessment.is_agreed and assessment.agreed_by == by:
        return assessment  # a button that was pressed twice
    MARKET.check(before=MarketState(assessment.state), after=MarketState.AGREED, thing=str(assessment))
    if not assessment.figures.exists():
        raise TransitionRefused(f"{assessment} has no figure yet, so it can’t be agreed.")
    check_seen(revision, assessment.revision, told=f"{assessment} {CHANGED} Look at it again before you agree it.")
    assessment.state, assessment.agreed_at, assessment.agreed_by = MarketState.AGREED.value, timezone.now(), by
    assessment.save(update_fields=["state", "agreed_at", "agreed_by"])
    audit.record("market.agreed", assessment, by=by, area=assessment.area.slug, year=assessment.year)
    return assessment


# --- What they have in common ------------------------------------------------------------------------


def read_figure(kind: MarketKind, draft: FigureDraft) -> tuple[Decimal | None, str, str]:
    """Return a figure's number, source and year; no number if nothing was typed. Raises ValidationError by field."""
    value, wrong = read_value(kind, draft.value)
    texts = {"source": one_line(draft.source), "of_year": one_line(draft.of_year)}
    errors = {"value": wrong} if wrong else {}
    for name, words in texts.items() if value is not None or wrong else ():
        if not words:
            errors[name] = MISSING[name]
        elif len(words) > LONGEST[name]:
            errors[name] = f"Shorten it to {LONGEST[name]} characters; it has {len(words):,}."
    if errors:
        raise ValidationError(errors)
    return value, texts["source"], texts["of_year"]


MISSING = {
    "source": "Say where the number is from, such as a report and its table.",
    "of_year": "Say which year the number is for, such as 2025/26.",
}
LONGEST: dict[str, int] = {
    "source": MarketFigure._meta.get_field("source").max_length or 0,
    "of_year": MarketFigure._meta.get_field("of_year").max_length or 0,
}
AROUND = str.maketrans("", "", "£% \t")  # what people type around the digits


def read_value(kind: MarketKind, typed: str) -> tuple[Decimal | None, str]:
    """Return the number, and a sentence that says what is wrong with it."""
    unit, digits = UNITS.get(kind), typed.translate(AROUND)
    if not digits:
        return None, ""
    # Decimal would also read 1e5 and other digits.
    if not NUMBER.fullmatch(digits):
        such_as = "41.5" if unit else "1,240"
        return None, f"“{typed[:40]}” isn’t a number: enter digits, such as {such_as}."
    value, most = Decimal(digits.replace(",", "")), Decimal(100) if unit == PERCENT else MOST_VALUE
    if value > most:
        return None, f"Enter a number from 0 to {most:,}."
    if value != round(value, 2 if unit else 0):
        return None, "Enter at most two decimal places." if unit else "This is a count: enter a whole number."
    return value, ""


def _locked(assessment: MarketAssessment, *, by: User) -> MarketAssessment:
    check_can_assess(assessment.area, find_owner(assessment.area), by=by)
    assessment = lock_row(MarketAssessment.objects.select_related("area"), assessment.pk)
    if assessment.is_agreed:
        raise TransitionRefused(
            f"{assessment} is already agreed, so you can’t change it. Begin the assessment of another year."
        )
    return assessment


def _note(assessment: MarketAssessment) -> None:
    """Count a change of a locked assessment."""
    assessment.revision += 1
    assessment.save(update_fields=["revision"])
