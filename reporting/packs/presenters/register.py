"""What happened to an issued pack's figures: the later versions and editions that differ from it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from core.calendar import Month
from indicators.disclosure import Audience, disclose
from reporting.models import IndicatorLine, IssuedPack, Snapshot
from reporting.months.presenters.words import describe_version, listed
from reporting.packs.presenters.later import Later, describe_change, describe_changes, describe_figure
from reporting.packs.presenters.republished import republished

# The columns of a line that a sentence on its revision needs.
READ = ("snapshot", "title", "category_name", "boards", "state", "value")
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
    """ "Version 2 of October 2026, published on 24 November 2026, changes 1 of its figures: Lines 21 → 22."""
    revised = [new for new in disclose(lines, audience=Audience.PARTNERS) if board in new.line.boards]
    figures = [
        describe_change(new, describe_figure(new.line.revised_state, new.line.revised_value, new.line.ratio))
        for new in revised
        if new.line.revised_state
    ]
    others = [new.line.label for new in revised if not new.line.revised_state and shows_revised(new.line)]
    if not figures and not others:
        return None
    version, _, rest = describe_version(snapshot).partition(", ")
    said = [f"{version.capitalize()} of {month.label}, {rest}, {describe_changes(figures)}"]
    if others:
        said.append(f"Figures for earlier months, and what they change, differ in {listed(others)}.")
    return Later(" ".join(said), month)


def shows_revised(line: IndicatorLine) -> bool:
    """Return whether it shows a changed figure for an earlier month."""
    return line.is_previous_revised or any("revised" in step for step in line.steps)
