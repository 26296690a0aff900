"""Editions of a month: the newest, the one in progress, what the next one would show, and which KPIs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from actions.models import KpiTarget
from boards.models import PartnershipArea, ReportingPeriod
from core.calendar import Month, months_between
from indicators.disclosure import AudienceRefused, refuse_unprotected
from indicators.kpis.aims import YEAR
from indicators.models import Indicator
from indicators.protection.rules import Round, parse_token
from indicators.selectors.disclosure import effective_rules
from indicators.selectors.validation import list_strict_rules
from indicators.trend import CellState
from reporting.models import IndicatorLine, KpiLine, PublicEdition, PublicLine, Snapshot, SnapshotState
from reporting.models.line_fields import Line, line_key
from reporting.months.selectors import list_version_kpis
from reporting.public.lines import GivenAway, Issued, Prepared, prepare
from reporting.public.regional import find_undone
from reporting.public.selectors import list_public_lines, list_withdrawn_months
from reporting.workflow import UNDER_WAY, EditionState

# Never the owner: a public KPI names nobody.
SHOWN = (
    *("number", "title", "kind", "indicator_code", "indicator_title", "better", "per", "unit", "aim_unit"),
    *("baseline", "target"),
    *("months", "value", "lower", "upper", "due_baseline", "due_trajectory", "due_target", "state", "said"),
)


def cut_kpis(
    month: Month,
    kpis: Iterable[tuple[KpiLine, KpiTarget]],
    public: Iterable[PublicLine],
    true: Iterable[IndicatorLine],
    earlier: Iterable[Issued],
) -> Iterator[dict[str, Any]]:
    """Yield the KPIs that follow from an edition's exact figures, as the edition saves them, without their owners.

    The edition must show each month of the baseline and each of the last twelve, neither withheld nor rounded. The
    baseline's figures must be those it was set with. This edition or `earlier` ones must show each month that the range
    rests on, or a withheld one could be worked out from it. The public isn't told that any other KPI exists.
    """
    shown = {line.indicator_code: line for line in public if not line.category_code}
    behind = {line.indicator_code: line for line in true if not line.category_code}
    for line, target in kpis:
        figures = shown.get(line.indicator_code)
        if figures is None:
            continue
        # The gate, once more: these lines aren't saved yet.
        refuse_unprotected(figures)
        exact = list_exact(figures, behind[line.indicator_code], month)
        if is_public(target, exact, month) and list_months_behind(target) <= list_known(
            line.indicator_code, earlier
        ) | {*exact}:
            yield {name: getattr(line, name) for name in SHOWN} | {"target_month": str(Month.of(line.target_month))}


type Counts = tuple[int | None, int | None]  # a month's cases, and what they are out of; None for a count


def list_exact(line: PublicLine, true: IndicatorLine, month: Month) -> dict[Month, Counts]:
    """Return the counts of the months that the public sees exactly."""
    if isinstance(parse_token(line.protected_by), Round):
        return {}
    behind = list_counts(true, month)
    return {past: counts for past, counts in list_counts(line, month).items() if counts == behind.get(past)}


def list_counts(line: Line, month: Month) -> dict[Month, Counts]:
    """Return the counts of each month that has a figure."""
    cases = line.numerators if line.ratio else line.history
    of = line.denominators if line.ratio else [None] * len(line.history)
    first = month + -(len(line.history) - 1)
    return {first + place: (cases[place], of[place]) for place, value in enumerate(line.history) if value is not None}


def is_public(target: KpiTarget, exact: dict[Month, Counts], month: Month) -> bool:
    baseline = {Month.parse(one["month"]): (one["value"], one["of"]) for one in target.baseline_figures}
    year = months_between(month + -(YEAR - 1), month)
    return all(exact.get(past) == counts for past, counts in baseline.items()) and all(past in exact for past in year)


def list_months_behind(target: KpiTarget) -> set[Month]:
    """Return the months before the KPI begins that its range rests on."""
    if target.history_from is None:
        return set()
    return {*months_between(Month.of(target.history_from), Month.of(target.begins).previous)}


def list_known(code: str, issued: Iterable[Issued]) -> set[Month]:
    """Return the months in which earlier editions show a count exactly."""
    known: set[Month] = set()
    for edition in issued:
        true = {line.indicator_code: line for line in edition.true if not line.category_code}
        for line in edition.lines:
            # The true line of a ratio was read without what it is of.
            if line.indicator_code == code and not line.category_code and not line.ratio:
                known |= {*list_exact(line, true[code], edition.month)}
    return known


READ = ("indicator_code", "category_code", "history", "steps")  # of a line that an edition was made of


def prepare_edition(snapshot: Snapshot, ahead: Sequence[Issued] = ()) -> Prepared:
    """Return the edition that a version would make now, given all that is already public, and what goes out `ahead` of
    it. Twelve queries, or thirteen if it has KPIs, however many months. It also reads the period's area.
    """
    period = snapshot.period
    lines = list(IndicatorLine.objects.filter(snapshot=snapshot).order_by("position"))
    before = period.starts_on if snapshot.state == SnapshotState.DRAFT else None
    # Not the month itself: with a new edition of its own, it comes back.
    withdrawn = {month for month in list_withdrawn_months(period.area) if month < period.month}
    issued = [*issued_editions(period.area, together_before=before), *ahead]
    across = list_strict_rules(period.area)
    prepared = prepare(period.month, lines, effective_rules(period.area), issued, withdrawn, across)
    prepared.given_away += find_undone(period.area, period.month, prepared.lines, lines, prepared.left_out)
    describe(prepared, period)
    prepared.kpis = list(cut_kpis(period.month, list_version_kpis(snapshot), prepared.lines, lines, issued))
    return prepared


def describe(prepared: Prepared, period: ReportingPeriod) -> None:
    """Copy the text beside the figures: what is counted, why it matters, and its source."""
    indicators = {
        indicator.code: indicator
        for indicator in Indicator.objects.filter(area=period.area_id).prefetch_related("definitions")
    }
    for line in prepared.lines:
        indicator = indicators.get(line.indicator_code)
        if indicator is None or line.category_code:
            continue
        # In the model's own order, the oldest first.
        in_force = [
            definition for definition in indicator.definitions.all() if definition.applies_from <= period.starts_on
        ]
        line.definition = in_force[-1].text if in_force else ""
        line.why_it_matters, line.source = indicator.why_it_matters, indicator.source


def issued_editions(area: PartnershipArea, *, together_before: date | None = None) -> list[Issued]:
    """Return all editions of an area that are public or were, in the order of publishing; then those of earlier months
    that wait to go out together with one of the month that starts `together_before`. Three queries.
    """
    # Withdrawn ones too: whoever saw one still knows what it showed.
    wanted = Q(state=EditionState.PUBLISHED.value)
    if together_before is not None:
        wanted |= Q(
            state__in=UNDER_WAY, snapshot__state=SnapshotState.DRAFT.value, period__starts_on__lt=together_before
        )
    editions = list(
        PublicEdition.objects.filter(wanted, period__area=area)
        .select_related("period", "withdrawal__cause")
        .order_by(F("published_at").asc(nulls_last=True), "period__starts_on", "id")
    )
    lines: dict[int, list[PublicLine]] = defaultdict(list)
    for line in PublicLine.objects.filter(edition__in=[one.pk for one in editions]).order_by("position"):
        lines[line.edition_id].append(line)
    true: dict[int, list[IndicatorLine]] = defaultdict(list)
    snapshots = {one.snapshot_id for one in editions}
    # Any other field of these lines would be a query for each.
    for kept in IndicatorLine.objects.filter(snapshot__in=snapshots).only("snapshot_id", *READ):
        true[kept.snapshot_id].append(kept)
    return [
        Issued(
            one.period.month,
            lines[one.pk],
            true[one.snapshot_id],
            left_out=frozenset(map(Month.parse, one.left_out)),
            years=one.years,
            is_withdrawn=hasattr(one, "withdrawal") and one.withdrawal.cause.period_id == one.period_id,
        )
        for one in editions
    ]


def newest_edition(period: ReportingPeriod) -> PublicEdition | None:
    """Return the newest published edition, with its withdrawal."""
    published = PublicEdition.objects.filter(period=period, state=EditionState.PUBLISHED.value)
    return published.select_related("withdrawal__cause__period").order_by("-number").first()


def published_edition(period: ReportingPeriod, snapshot: Snapshot | None = None) -> PublicEdition | None:
    """Return the newest edition that anybody can read, or the newest of that version."""
    published = PublicEdition.objects.filter(
        period=period, state=EditionState.PUBLISHED.value, withdrawal__isnull=True, period__area__has_public_pages=True
    )
    if snapshot is not None:
        published = published.filter(snapshot=snapshot)
    return published.select_related("snapshot").order_by("-number").first()


def lines_for_the_public(snapshot: Snapshot, edition: PublicEdition | None) -> list[PublicLine]:
    """Return what the public sees in an edition; without one, what it would see of a version. Raises AudienceRefused if
    the month was withdrawn, or if such an edition would give a figure away.
    """
    if edition is not None:
        return list_public_lines(edition)
    # Without an edition of its own since, nobody decided that it may be shown again.
    if snapshot.period.month in list_withdrawn_months(snapshot.period.area):
        raise AudienceRefused(WITHDRAWN.format(month=snapshot.period.month.label))
    prepared = prepare_edition(snapshot)
    if prepared.given_away:
        raise AudienceRefused(describe_given_away(prepared.given_away))
    return prepared.lines


WITHDRAWN = "The public can’t see {month} now. It was withdrawn, or is marked OFFICIAL-SENSITIVE for the public."
MOST_NAMED = 3  # figures in a refusal


def describe_given_away(given_away: Sequence[GivenAway]) -> str:
    """Name the figures that an edition would give away, without their values."""
    names = [f"{figure.label} in {figure.month.label}" for figure in given_away[:MOST_NAMED]]
    more = f", and {len(given_away) - MOST_NAMED} more" if len(given_away) > MOST_NAMED else ""
    return (
        f"From figures that are already public, someone could work out {'; '.join(names)}{more}. Nothing was made "
        "public. A stricter rule may help: the information officer decides."
    )


def list_behind(area: PartnershipArea) -> list[tuple[PublicEdition, int]]:
    """Return the editions that anybody reads with a count that is another one in the boards' newest version, if that is
    settled; each with that version, but none whose next edition is in progress. Two queries, or four."""
    # Nothing mentions a version that can still be taken back.
    settled = Snapshot.objects.standing().filter(period__area=area, fresh_until__lte=timezone.now())
    versions: dict[int, tuple[int, int]] = {}  # the key and number of each month's newest
    for period, key, number in settled.order_by("version").values_list("period", "pk", "version"):
        versions[period] = key, number
    newest: dict[int, PublicEdition] = {}
    editions = PublicEdition.objects.filter(period__area=area, period__area__has_public_pages=True)
    for edition in editions.select_related("period", "snapshot", "withdrawal").order_by("number"):
        if edition.state in UNDER_WAY:
            versions.pop(edition.period_id, None)
        elif edition.number is not None:
            newest[edition.period_id] = edition
    older = [
        edition
        for period, edition in newest.items()
        if not hasattr(edition, "withdrawal") and period in versions and versions[period][1] > edition.snapshot.version
    ]
    if not older:
        return []
    true = {
        (line.snapshot_id, *line_key(line)): line
        for line in IndicatorLine.objects.filter(snapshot__in=[versions[edition.period_id][0] for edition in older])
    }
    behind: dict[int, PublicEdition] = {}
    by_key = {edition.pk: edition for edition in older}
    for line in PublicLine.objects.filter(edition__in=by_key):
        edition = by_key[line.edition_id]
        now = true.get((versions[edition.period_id][0], *line_key(line)))
        if now is not None and is_behind(line, now, edition.period.month):
            behind[edition.period_id] = edition
    return [(edition, versions[period][1]) for period, edition in sorted(behind.items())]


def is_behind(line: PublicLine, now: IndicatorLine, month: Month) -> bool:
    """Return whether a line shows a count exactly that is another one now, or none where one has come."""
    if isinstance(parse_token(line.protected_by), Round):
        return False
    has_come = line.state == CellState.AWAITED and now.state == CellState.FIGURE
    return has_come or list_counts(line, month) != list_exact(line, now, month)
