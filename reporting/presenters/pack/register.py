"""What became of an issued pack? The later versions and editions that say something else than it does."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from core.months import Month, date_label
from indicators.disclosure import Audience, disclose
from indicators.trend import CellState
from indicators.workflow import EditionState
from reporting.models import IndicatorLine, IssuedPack, PublicEdition, PublicLine, Snapshot, SnapshotState
from reporting.presenters.words import cell_text, listed, version_words

MOST_NAMED = 6  # figures in a sentence
# Of a line that says what was revised in it: enough for a sentence.
READ = ("snapshot", "title", "category_name", "boards", "state", "value")
REVISED = ("revised_state", "revised_value", "is_previous_revised", "steps")


@dataclass(frozen=True, slots=True)
class Later:
    """What came after a pack was issued, in a sentence; and of which month the changes are listed, where they are."""

    words: str
    changes_of: Month | None = None


def later_than(packs: Iterable[IssuedPack]) -> dict[int, tuple[Later, ...]]:
    """What came after each of these packs, the oldest first, by the pack's key: what touches its board's own lines,
    and of a public one each later edition too. Four queries at most, however many packs.

    The packs come with their month, board, version and edition. Raises AudienceRefused where a public line says
    more than it may.
    """
    packs = list(packs)
    return corrected([pack for pack in packs if not pack.edition_id]) | republished(
        [pack for pack in packs if pack.edition_id]
    )


# --- For partners: versions -----------------------------------------------------------------------


def corrected(packs: Sequence[IssuedPack]) -> dict[int, tuple[Later, ...]]:
    """A version says itself what it has otherwise than the one before it, so only the later ones are read."""
    versions: dict[int, list[Snapshot]] = defaultdict(list)
    if packs:
        published = Snapshot.objects.filter(period__in={pack.period_id for pack in packs})
        for snapshot in published.filter(state=SnapshotState.PUBLISHED.value).order_by("version"):
            versions[snapshot.period_id].append(snapshot)
    after = {
        pack.pk: [each for each in versions[pack.period_id] if each.version > pack.snapshot.version] for pack in packs
    }
    lines: dict[int, list[IndicatorLine]] = defaultdict(list)
    if wanted := {snapshot.pk for snapshots in after.values() for snapshot in snapshots}:
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
    own = [line for line in disclose(lines, audience=Audience.PARTNERS) if board in line.boards]
    figures = [
        change_words(line, figure_words(line.revised_state, line.revised_value)) for line in own if line.revised_state
    ]
    others = [label_of(line) for line in own if not line.revised_state and shows_revised(line)]
    if not figures and not others:
        return None
    version, _, rest = version_words(snapshot).partition(", ")
    said = [f"{version.capitalize()} of {month.label}, {rest}, {changes_words(figures)}"]
    if others:
        said.append(f"Figures of earlier months, and what follows from them, are other ones in {listed(others)}.")
    return Later(" ".join(said), month)


def shows_revised(line: IndicatorLine) -> bool:
    """Whether a month before this one has another figure in it."""
    return line.is_previous_revised or any("revised" in step for step in line.steps)


# --- For the public: editions ---------------------------------------------------------------------


def republished(packs: Sequence[IssuedPack]) -> dict[int, tuple[Later, ...]]:
    editions: dict[int, list[PublicEdition]] = defaultdict(list)
    if packs:
        published = PublicEdition.objects.filter(period__in={pack.period_id for pack in packs})
        published = published.filter(state=EditionState.PUBLISHED.value).select_related("withdrawal")
        for edition in published.order_by("number"):
            editions[edition.period_id].append(edition)
    shown = {
        pack.pk: [each for each in editions[pack.period_id] if (each.number or 0) >= number_of(pack)] for pack in packs
    }
    lines: dict[int, list[PublicLine]] = defaultdict(list)
    if wanted := {each.pk for several in shown.values() if several[1:] for each in several}:
        for line in PublicLine.objects.filter(edition__in=wanted).order_by("position"):
            lines[line.edition_id].append(line)
    return {pack.pk: tuple(of_editions(pack, shown[pack.pk], lines)) for pack in packs}


def number_of(pack: IssuedPack) -> int:
    return (pack.edition and pack.edition.number) or 0


def of_editions(
    pack: IssuedPack, editions: Sequence[PublicEdition], lines: Mapping[int, Sequence[PublicLine]]
) -> Iterable[Later]:
    """Whether its own edition, the first of these, was withdrawn; then each later one beside the one before it.
    What a later one said that was withdrawn isn't repeated."""
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
        yield Later(f"{words}, took the place of edition {before.number}, and {changes_words(changed)}")
        before = edition


def withdrawn_on(edition: PublicEdition) -> str:
    """ "3 December 2026"; empty where it wasn't."""
    if not hasattr(edition, "withdrawal"):
        return ""
    return date_label(timezone.localdate(edition.withdrawal.withdrawn_at))


def between(older: Iterable[PublicLine], newer: Iterable[PublicLine], board: str) -> list[str]:
    """The board's own figures that two editions say differently."""
    before = {key_of(line): line for line in disclose(older, audience=Audience.PUBLIC)}
    changed = []
    for line in disclose(newer, audience=Audience.PUBLIC):
        old = before.get(key_of(line))
        was = figure_words(old.state, old.value) if old else figure_words(CellState.AWAITED.value, None)
        if board in line.boards and was != figure_words(line.state, line.value):
            changed.append(change_words(line, was))
    return changed


def key_of(line: PublicLine) -> tuple[str, str]:
    return line.indicator_code, line.category_code


# --- In words -------------------------------------------------------------------------------------


def label_of(line: IndicatorLine | PublicLine) -> str:
    return f"{line.title}, {line.category_name}" if line.category_name else line.title


def figure_words(state: str, value: int | None) -> str:
    return cell_text(CellState(state), value)


def change_words(line: IndicatorLine | PublicLine, was: str) -> str:
    """ "Lines 21 → 22"."""
    return f"{label_of(line)} {was} → {figure_words(line.state, line.value)}"


def changes_words(figures: Sequence[str]) -> str:
    if not figures:
        return "changes none of its figures."
    more = f"; and {len(figures) - MOST_NAMED} more" if len(figures) > MOST_NAMED else ""
    return f"changes {len(figures)} of its figures: {'; '.join(figures[:MOST_NAMED])}{more}."
