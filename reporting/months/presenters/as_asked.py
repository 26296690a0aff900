"""What did a figure look like when somebody asked about it? Every figure passes the disclosure gate here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from actions.month_figures import Question
from boards.models import PartnershipArea
from boards.presenters.nav import indicators_url, month_query
from indicators.disclosure import Audience
from reporting.models import IndicatorLine, Snapshot
from reporting.months.presenters.series import Series, SeriesPoint, series_of_lines

HISTORY_SHOWN = 12  # months beside a question
type Key = tuple[int, str]  # a version, and an indicator's code


@dataclass(frozen=True, slots=True)
class AsAsked:
    """What a challenge asked about, as it was then."""

    series: Series
    version: int
    since: str
    indicators_url: str  # the address of an indicator's page as of that month and version, with {} for its code

    @property
    def cards(self) -> Sequence[Series]:
        return [self.series]

    @property
    def points(self) -> Sequence[SeriesPoint]:
        """Return the last months, the newest first."""
        return self.series.points[: -HISTORY_SHOWN - 1 : -1]


def list_as_asked(area: PartnershipArea, questions: Sequence[Question]) -> list[AsAsked | None]:
    """Return what each question was about. Two queries, however many there are; none without questions."""
    if not questions:
        return []
    versions = list_published(area, {question.period.pk for question in questions})
    shown = [find_shown(question, versions[question.period.pk]) for question in questions]
    wanted = [
        (version, question.code)
        for question, first in zip(questions, shown, strict=True)
        for version in (first, *versions[question.period.pk][:1])
        if version is not None
    ]
    found = list_wholes(wanted)
    return [
        make_as_asked(area, question, version, versions[question.period.pk], found) if version else None
        for question, version in zip(questions, shown, strict=True)
    ]


def make_as_asked(
    area: PartnershipArea,
    question: Question,
    version: Snapshot,
    versions: Sequence[Snapshot],
    found: Mapping[Key, Series],
) -> AsAsked | None:
    then, now = found.get((version.pk, question.code)), found.get((versions[0].pk, question.code))
    if then is None:
        return None
    query = month_query(version.period.month, version.version if version is not versions[0] else "")
    since = describe_since(then, now, versions[0].version)
    return AsAsked(then, version.version, since, indicators_url(area.slug, query))


def list_published(area: PartnershipArea, periods: Iterable[int]) -> dict[int, list[Snapshot]]:
    """Return the published versions of these months, the newest first. One query."""
    found: dict[int, list[Snapshot]] = {pk: [] for pk in periods}
    published = Snapshot.objects.standing().filter(period__in=list(found), period__area=area).select_related("period")
    for snapshot in published.order_by("-version"):
        found[snapshot.period_id].append(snapshot)
    return found


def find_shown(question: Question, versions: Sequence[Snapshot]) -> Snapshot | None:
    """Return the version that people read at that moment; the first if none was published yet."""
    read = (each for each in versions if each.published_at is not None and each.published_at <= question.at)
    return next(read, versions[-1] if versions else None)


def list_wholes(wanted: Sequence[tuple[Snapshot, str]]) -> dict[Key, Series]:
    """Return each of these indicators as a whole, as its version has it, for partners. One query."""
    versions = {version.pk: version for version, _ in wanted}
    codes = {code for _, code in wanted}
    found = {}
    for line in IndicatorLine.objects.filter(snapshot__in=versions, indicator_code__in=codes, category_code=""):
        period = versions[line.snapshot_id].period
        for series in series_of_lines([line], period.month, period.due_on, audience=Audience.PARTNERS):
            found[line.snapshot_id, line.indicator_code] = series
    return found


def describe_since(then: Series, now: Series | None, version: int) -> str:
    """ "Version 2, published since, shows 13."; empty if no later version differs."""
    if now is None or now.line.short_text == then.line.short_text:
        return ""
    return f"Version {version}, published since, shows {now.line.short_text}."
