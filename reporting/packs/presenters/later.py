"""Says what came after an issued pack: the later versions and editions of its month that differ from it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from core.calendar import Month, date_label
from indicators.disclosure import Audience, Disclosed, disclose
from indicators.trend import CellState
from reporting.models import IndicatorLine, IssuedPack, PublicEdition, PublicLine, Snapshot
from reporting.models.line_fields import Line, line_key
from reporting.months.presenters.changes import shows_changed
from reporting.months.presenters.words import cell_text, describe_version, listed
from reporting.workflow import EditionState

MOST_NAMED = 6  # figures in a sentence


@dataclass(frozen=True, slots=True)
class Later:
    """A sentence on what came after a pack was issued; and the month whose list has the changes, if there is one."""

    words: str
    changes_of: Month | None = None


def describe_figure(state: str, value: int | None, ratio: str = "") -> str:
    return cell_text(CellState(state), value, ratio=ratio)


def describe_shown(disclosed: Disclosed[Line]) -> str:
    line = disclosed.line
    return describe_figure(line.state, line.value, line.ratio)


def describe_change(disclosed: Disclosed[Line], was: str) -> str:
    """ "Lines 21 → 22"."""
    return f"{disclosed.line.label} {was} → {describe_shown(disclosed)}"


def describe_changes(figures: Sequence[str]) -> str:
    if not figures:
        return "changes none of the board’s figures."
    more = f"; and {len(figures) - MOST_NAMED} more" if len(figures) > MOST_NAMED else ""
    return f"changes {len(figures)} of the board’s figures: {'; '.join(figures[:MOST_NAMED])}{more}."


# --- Versions, for partners ---------------------------------------------------------------------

# The columns of a line that a sentence on its revision needs.
READ = ("snapshot", "title", "category_name", "boards", "state", "value", "ratio")
REVISED = ("revised_state", "revised_value", "is_previous_revised", "steps")


def later_than(packs: Iterable[IssuedPack]) -> dict[int, tuple[Later, ...]]:
    """Return what came after each of these packs, the oldest first, by the pack's key: changes of its board's own
    lines, and for a public pack each later edition. At most four queries, however many packs. The packs must have their
    month, board, version and edition loaded. Raises AudienceRefused if a public line says more than it may.
    """
    packs = list(packs)
    return corrected([pack for pack in packs if not pack.edition_id]) | republished(
        [pack for pack in packs if pack.edition_id]
    )


def corrected(packs: Sequence[IssuedPack]) -> dict[int, tuple[Later, ...]]:
    """Return the changes by the pack's key. A version itself says how it differs from the one before it, so only later
    ones are read.
    """
    versions: dict[int, list[Snapshot]] = defaultdict(list)
    if packs:
        published = Snapshot.objects.standing().filter(period__in={pack.period_id for pack in packs})
        for snapshot in published.order_by("version"):
            versions[snapshot.period_id].append(snapshot)
    after = {
        pack.pk: [newer for newer in versions[pack.period_id] if newer.version > pack.snapshot.version]
        for pack in packs
    }
    lines: dict[int, list[IndicatorLine]] = defaultdict(list)
    if wanted := {snapshot.pk for snapshots in after.values() for snapshot in snapshots}:
        # Any other field of these lines would be a query for each.
        for line in IndicatorLine.objects.filter(snapshot__in=wanted).only(*READ, *REVISED).order_by("position"):
            lines[line.snapshot_id].append(line)
    return {
        pack.pk: tuple(
            later
            for snapshot in after[pack.pk]
            if (later := correction(snapshot, lines[snapshot.pk], pack.board.code, pack.period.month))
        )
        for pack in packs
    }


def correction(snapshot: Snapshot, lines: Iterable[IndicatorLine], board: str, month: Month) -> Later | None:
    """ "Version 2 of October 2026, published on 24 November 2026, changes 1 of the board’s figures: Lines 21 → 22."""
    revised = [new for new in disclose(lines, audience=Audience.PARTNERS) if board in new.line.boards]
    figures = [
        describe_change(new, describe_figure(new.line.revised_state, new.line.revised_value, new.line.ratio))
        for new in revised
        if new.line.revised_state
    ]
    others = [new.line.label for new in revised if not new.line.revised_state and shows_changed(new.line)]
    if not figures and not others:
        return None
    version, _, rest = describe_version(snapshot).partition(", ")
    said = [f"{version.capitalize()} of {month.label}, {rest}, {describe_changes(figures)}"]
    if others:
        said.append(
            f"For {listed(others)}, figures for earlier months have changed, and results that use them may have "
            "changed too."
        )
    return Later(" ".join(said), month)


# --- Editions, for the public --------------------------------------------------------------------


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
        yield Later(f"The pack shows edition {before.number} of {month}, which was withdrawn on {withdrawn}.")
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
