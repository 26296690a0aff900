"""Prepares a region's next public edition of a month: its areas' editions side by side, and the totals that the gate
lets through."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from django.utils import timezone

from boards.models import LEAST_AREAS, Consent, Region
from core.calendar import Month
from core.labels import TransitionRefused
from indicators.catalogues.files import read_starter
from indicators.disclosure import Audience, disclose
from indicators.lines import Way, find_odd
from indicators.models import Indicator
from indicators.protection.regional import Outcome, Settled, decide
from indicators.selectors.open_data import list_residents
from indicators.trend import CellState
from reporting.models import PublicEdition, PublicLine
from reporting.months.presenters.month import line_view
from reporting.public.regional import Counted, Gap, find_gaps, find_settled
from reporting.regions.cells import find_counts

# How long we wait for the areas that are late. A total decided without them would bar their counts.
WAIT = timedelta(days=30)
TOO_FEW = f"A region can’t show anything until {LEAST_AREAS} of its areas have given permission."


@dataclass(frozen=True, slots=True)
class Total:
    """What a total of one indicator comes to: the slugs of the areas that it counts, and what it decides about."""

    code: str
    areas: tuple[str, ...]
    outcome: Outcome
    value: int | None
    gaps: Mapping[Counted, Gap] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prepared:
    """An edition that could be published: all that it shows, as plain data, and what that is made of."""

    content: dict[str, Any]
    sources: tuple[tuple[PublicEdition, Consent], ...]
    totals: tuple[Total, ...]

    @property
    def fingerprint(self) -> str:
        sources = [(edition.pk, consent.pk) for edition, consent in self.sources]
        return sha256(json.dumps([self.content, sources], sort_keys=True).encode()).hexdigest()

    @property
    def settled(self) -> int:
        """Return how many withheld counts the edition would decide about."""
        return sum(len(total.gaps) for total in self.totals if total.outcome.settles)

    @property
    def undecided(self) -> dict[str, Any]:
        """Return the content without the totals that would decide about withheld counts. Whoever looks before somebody
        asks could otherwise compare two such totals, and no decision would bar the second."""
        codes = {total.code for total in self.totals if total.outcome.settles}
        hidden = {"value": None, "is_withheld": False, "is_undecided": True}
        lines = [
            {**line, "total": {**line["total"], **hidden}} if line["code"] in codes else line
            for line in self.content["lines"]
        ]
        return {**self.content, "lines": lines}


def prepare_edition(region: Region, month: Month) -> Prepared:
    """Return the edition that a region's areas would make today. Ten queries, however many areas. Raises
    TransitionRefused if too few areas consent, or show the month.
    """
    consents = list_consents(region, timezone.localdate())
    if len(consents) < LEAST_AREAS:
        raise TransitionRefused(TOO_FEW)
    editions = list_editions(consents, period__starts_on=month.first_day)
    if lack := lacks_areas(len(editions)):
        raise TransitionRefused(lack)
    lines = read_lines(editions)
    gaps = find_gaps({edition.period.area_id: edition for edition in editions}, lines)
    settled = find_settled(gaps)
    there = {edition.period.area_id for edition in editions}
    due = max(edition.period.due_on for edition in editions)
    is_over = due + WAIT < timezone.localdate()
    counts = find_who_counts_residents(there)
    residents = list_residents(there, month.year)
    rows, totals = [], []
    for code, of_areas in group_lines(editions, lines).items():
        is_complete = is_over or (
            len(there) == len(consents) and not any(CellState(line.state).is_owed for line in of_areas.values())
        )
        alike = find_alike(code, of_areas)
        total = make_total(code, editions, of_areas, alike, gaps, settled, is_complete=is_complete)
        if total is not None:
            totals.append(total)
        said = [
            counts.get((edition.period.area_id, code), (None, "")) for edition in editions if edition.pk in of_areas
        ]
        public_why = find_reasons().get(code, "")
        who = {
            "counts_residents": find_counts(counts_residents for counts_residents, _ in said),
            "residents_why": public_why
            if public_why in {why for counts_residents, why in said if counts_residents is False}
            else "",
        }
        rows.append(describe(editions, of_areas, alike, total, month) | who)
    content = {
        "areas": [
            {"slug": edition.period.area.slug, "name": edition.period.area.name, "edition": edition.number}
            for edition in editions
        ],
        "missing": [consent.area.name for area, consent in consents.items() if area not in there],
        # Stored, not read with the page: two people approve each rate, and a page shows only what they saw.
        "residents": {
            edition.period.area.slug: residents[edition.period.area_id]._asdict()
            for edition in editions
            if edition.period.area_id in residents
        },
        "lines": rows,
    }
    sources = tuple((edition, consents[edition.period.area_id]) for edition in editions)
    return Prepared(content, sources, tuple(totals))


def try_edition(region: Region, month: Month) -> tuple[Prepared | None, str]:
    """Return the edition, or None and why there can't be one."""
    try:
        return prepare_edition(region, month), ""
    except TransitionRefused as refused:
        return None, str(refused)


def read_lines(editions: Iterable[PublicEdition]) -> dict[int, list[PublicLine]]:
    """Return the lines of these editions by the edition's key. One query."""
    by_edition: dict[int, list[PublicLine]] = defaultdict(list)
    lines = PublicLine.objects.filter(edition__in=[edition.pk for edition in editions]).order_by("position")
    for line in lines:
        by_edition[line.edition_id].append(line)
    return by_edition


def group_lines(
    editions: Iterable[PublicEdition], lines: Mapping[int, Sequence[PublicLine]]
) -> dict[str, dict[int, PublicLine]]:
    """Return the wholes of all editions by the indicator's code and the edition's key, in the areas' own order."""
    wholes = [(edition.pk, line) for edition in editions for line in lines[edition.pk] if not line.category_code]
    by_code: dict[str, dict[int, PublicLine]] = {}
    for key, line in sorted(wholes, key=lambda pair: pair[1].position):
        by_code.setdefault(line.indicator_code, {})[key] = line
    return by_code


def find_who_counts_residents(areas: Collection[int]) -> dict[tuple[int, str], tuple[bool | None, str]]:
    """Return whether an indicator counts residents, and why not, by the area's key and the code. One query."""
    said = Indicator.objects.filter(area__in=areas).values_list("area", "code", "counts_residents", "residents_why")
    return {(area, code): (counts, why) for area, code, counts, why in said}


@cache
def find_reasons() -> dict[str, str]:
    """Return why an indicator of the starter set doesn't count residents, by its code. These texts are for anybody: a
    text that an area typed is for its partners, and may name a number."""
    return {entry.code: entry.residents_why for entry in read_starter().indicator if entry.residents_why}


def find_alike(code: str, of_areas: Mapping[int, PublicLine]) -> frozenset[int]:
    """Return the keys of the lines that count the same thing as most areas do."""
    ways = (
        Way(key, code, line.definition, line.unit_many, line.counts_as, line.asked, line.ratio, line.per)
        for key, line in of_areas.items()
    )
    return frozenset(of_areas) - find_odd(ways).get(code, frozenset())


def make_total(
    code: str,
    editions: Sequence[PublicEdition],
    of_areas: Mapping[int, PublicLine],
    alike: Collection[int],
    gaps: Mapping[Counted, Gap],
    settled: Iterable[Settled[Counted]],
    *,
    is_complete: bool,
) -> Total | None:
    """Return a total with its decision; None for a ratio, which can't be added up."""
    if any(line.ratio for line in of_areas.values()):
        return None
    counted: list[str] = []
    shown, line_gaps = 0, dict[Counted, Gap]()
    for edition in editions:
        if edition.pk not in alike:
            continue
        line, key = of_areas[edition.pk], (edition.period_id, code)
        if line.value is not None:
            shown += line.value
        elif line.state == CellState.WITHHELD:
            line_gaps[key] = gaps[key]
        else:
            continue
        counted.append(edition.period.area.slug)
    concerned = [one for one in settled if not line_gaps.keys().isdisjoint(one.values)]
    outcome = decide({key: gap.hidden for key, gap in line_gaps.items()}, concerned, is_complete=is_complete)
    value = shown + sum(gap.hidden.value or 0 for gap in line_gaps.values()) if outcome.is_total_shown else None
    return Total(code, tuple(counted), outcome, value, line_gaps)


def describe(
    editions: Iterable[PublicEdition],
    of_areas: Mapping[int, PublicLine],
    alike: Collection[int],
    total: Total | None,
    month: Month,
) -> dict[str, Any]:
    """Return one indicator as the edition stores it: plain data, and nothing that its areas' editions don't show.
    Raises AudienceRefused if a line of one says more than it may.
    """
    first = of_areas[min(alike, key=list(of_areas).index)]
    shown = dict(zip(of_areas, disclose(of_areas.values(), audience=Audience.PUBLIC), strict=True))
    cells: list[dict[str, Any] | None] = []
    for edition in editions:
        disclosed = shown.get(edition.pk)
        if disclosed is None:
            cells.append(None)
            continue
        line, view = disclosed.line, line_view(disclosed, month, edition.period.due_on)
        cells.append(
            {
                "state": line.state,
                "value": line.value,
                "text": view.short_text,
                "movement": str(view.movement),
                "words": view.words,
                "why": "" if view.is_figure else view.note or view.text,
                "signal": view.verdict if view.has_signal else "",
                "rounded_to": view.rounded_to,
                "definition": "" if edition.pk in alike else line.definition,
                "is_alike": edition.pk in alike,
            }
        )
    return {
        "code": first.indicator_code,
        "title": first.title,
        "section": first.section_title,
        "question": first.question,
        "unit_one": first.unit_one,
        "unit_many": first.unit_many,
        "definition": first.definition,
        "source": "; ".join(dict.fromkeys(line.source for line in of_areas.values() if line.source)),
        "is_ratio": bool(first.ratio),
        "cells": cells,
        # Not the outcome itself: a second edition that says the same is the same edition.
        "total": None
        if total is None
        else {"value": total.value, "is_withheld": total.outcome.is_withheld, "areas": list(total.areas)},
    }


# --- What could be in an edition -------------------------------------------------------------------


def list_consents(region: Region, day: date) -> dict[int, Consent]:
    """Return by area the consents to a region that apply on a day. One query."""
    consents = Consent.objects.in_force(day).filter(region=region, area__region_places__region=region)
    # The newest comes last, and wins.
    return {consent.area_id: consent for consent in consents.select_related("area").order_by("area__name", "pk")}


def list_editions(areas: Iterable[int], **of_month: object) -> list[PublicEdition]:
    """Return the editions of these areas that anybody may read, each month's newest. One query."""
    newest: dict[int, PublicEdition] = {}
    for edition in (
        PublicEdition.objects.filter(period__area__in=list(areas), number__isnull=False, **of_month)
        .select_related("period__area", "withdrawal")
        .order_by("period__area__name", "number")
    ):
        newest[edition.period_id] = edition
    return [
        edition
        for edition in newest.values()
        if not hasattr(edition, "withdrawal") and edition.period.area.has_public_pages
    ]


def lacks_areas(count: int) -> str:
    """ "Two more areas have to …"; empty if there are enough."""
    if count >= LEAST_AREAS:
        return ""
    return (
        f"A region can show a month only once at least {LEAST_AREAS} areas have made it public: so far, {count} have."
    )
