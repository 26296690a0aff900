"""What goes down when a month is withdrawn from the public."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from boards.models import ReportingPeriod
from core.calendar import Month
from indicators.disclosure import Audience
from reporting.models import DocumentEdition, IssuedPack, PublicEdition, PublicLine
from reporting.public.cells import shows
from reporting.public.years import is_counted
from reporting.workflow import EditionState


@dataclass(frozen=True, slots=True)
class Reach:
    """Everything public that shows a month's figures: editions, the oldest month first, the packs made of them, and
    the documents with a figure from one of them. `waiting` are editions in progress that show them too.
    """

    editions: Sequence[PublicEdition]
    packs: Sequence[IssuedPack]
    waiting: Sequence[PublicEdition]
    documents: Sequence[DocumentEdition] = ()

    def __bool__(self) -> bool:
        return bool(self.editions or self.waiting)


def find_reach(period: ReportingPeriod) -> Reach:
    """Return what goes down with a month: its own editions, and the later ones that repeat it. Four queries."""
    editions = list(
        PublicEdition.objects.filter(period__area=period.area_id, period__starts_on__gte=period.starts_on)
        .exclude(state=EditionState.DECLINED.value)
        .filter(withdrawal__isnull=True)
        .select_related("period__area")
        .order_by("period__starts_on", "number", "id")
    )
    lines: dict[int, list[PublicLine]] = defaultdict(list)
    later = [edition.pk for edition in editions if edition.period_id != period.pk]
    for line in PublicLine.objects.filter(edition__in=later).only("edition_id", "history", "steps"):
        lines[line.edition_id].append(line)
    packs: dict[int, list[IssuedPack]] = defaultdict(list)
    issued = IssuedPack.objects.filter(audience=Audience.PUBLIC.value, edition__in=editions, removed_on__isnull=True)
    for pack in issued.select_related("board", "period").order_by("issued_at", "id"):
        packs[pack.edition_id or 0].append(pack)
    reached = [
        edition
        for edition in editions
        if edition.period_id == period.pk
        or any(shows(line, edition.period.month, period.month) for line in lines[edition.pk])
        or is_counted(edition.years, period.month)
        or names_beyond(edition.period.month, period.month, lines[edition.pk], packs[edition.pk])
    ]
    published = [edition for edition in reached if edition.state == EditionState.PUBLISHED]
    return Reach(
        editions=published,
        documents=list_documents(period.area_id, {edition.pk for edition in published}),
        packs=[pack for edition in reached for pack in packs[edition.pk]],
        waiting=[edition for edition in reached if edition.state != EditionState.PUBLISHED],
    )


def list_documents(area: int, editions: AbstractSet[int]) -> list[DocumentEdition]:
    """Return the public documents with a figure from one of these editions. One query."""
    there = DocumentEdition.objects.filter(document__area=area, audience=Audience.PUBLIC.value, withdrawn_at=None)
    documents = there.select_related("document").defer("content").order_by("issued_at", "pk")
    return [document for document in documents if not editions.isdisjoint(document.rests_on)]


def names_beyond(month: Month, withdrawn: Month, lines: Iterable[PublicLine], packs: Iterable[IssuedPack]) -> bool:
    """Return whether a pack names a month that its edition doesn't go back to, because a pack lists what was revised in
    any month before. Where the edition goes back to it, the edition's lines decide.
    """
    if any(len(line.history) > month - withdrawn for line in lines):
        return False
    return any(withdrawn.label in json.dumps(pack.content, ensure_ascii=False) for pack in packs)
