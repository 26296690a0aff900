"""What happened to an issued public pack's figures: the later editions of its month that differ from it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.utils import timezone

from core.calendar import date_label
from indicators.disclosure import Audience, disclose
from indicators.trend import CellState
from indicators.workflow import EditionState
from reporting.models.editions import PublicEdition, PublicLine
from reporting.models.line_fields import line_key
from reporting.models.packs import IssuedPack
from reporting.packs.presenters.later import Later, describe_change, describe_changes, describe_figure, describe_shown


def republished(packs: Sequence[IssuedPack]) -> dict[int, tuple[Later, ...]]:
    editions: dict[int, list[PublicEdition]] = defaultdict(list)
    if packs:
        published = PublicEdition.objects.filter(period__in={pack.period_id for pack in packs})
        published = published.filter(state=EditionState.PUBLISHED.value).select_related("withdrawal")
        for edition in published.order_by("number"):
            editions[edition.period_id].append(edition)
    shown = {
        pack.pk: [newer for newer in editions[pack.period_id] if (newer.number or 0) >= edition_number(pack)]
        for pack in packs
    }
    lines: dict[int, list[PublicLine]] = defaultdict(list)
    # A pack that has only its own edition has nothing to compare.
    if wanted := {newer.pk for several in shown.values() if several[1:] for newer in several}:
        for line in PublicLine.objects.filter(edition__in=wanted).order_by("position"):
            lines[line.edition_id].append(line)
    return {pack.pk: tuple(of_editions(pack, shown[pack.pk], lines)) for pack in packs}


def edition_number(pack: IssuedPack) -> int:
    return (pack.edition and pack.edition.number) or 0


def of_editions(
    pack: IssuedPack, editions: Sequence[PublicEdition], lines: Mapping[int, Sequence[PublicLine]]
) -> Iterable[Later]:
    """Say whether its own edition, the first of these, was withdrawn; then compare each later one with the one before
    it. What a withdrawn edition said isn't repeated.
    """
    # The pack's own edition is always among them.
    month, before = pack.period.month.label, editions[0]
    if withdrawn := withdrawn_on(before):
        yield Later(f"Edition {before.number} of {month}, which it shows, was withdrawn on {withdrawn}.")
    for edition in editions[1:]:
        day = date_label(timezone.localdate(edition.published_at)) if edition.published_at else ""
        words = f"Edition {edition.number} of {month}, published on {day}"
        if withdrawn := withdrawn_on(edition):
            yield Later(f"{words}, was withdrawn on {withdrawn}.")
            continue
        changed = between(lines[before.pk], lines[edition.pk], pack.board.code)
        yield Later(f"{words}, replaced edition {before.number}, and {describe_changes(changed)}")
        before = edition


def withdrawn_on(edition: PublicEdition) -> str:
    """ "3 December 2026"; empty if it wasn't."""
    if not hasattr(edition, "withdrawal"):
        return ""
    return date_label(timezone.localdate(edition.withdrawal.withdrawn_at))


def between(older: Iterable[PublicLine], newer: Iterable[PublicLine], board: str) -> list[str]:
    """Return the board's own figures that differ between two editions."""
    before = {line_key(old.line): describe_shown(old) for old in disclose(older, audience=Audience.PUBLIC)}
    awaited = describe_figure(CellState.AWAITED.value, None)
    changed = []
    for new in disclose(newer, audience=Audience.PUBLIC):
        was = before.get(line_key(new.line), awaited)
        if board in new.line.boards and was != describe_shown(new):
            changed.append(describe_change(new, was))
    return changed
