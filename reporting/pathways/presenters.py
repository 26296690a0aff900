"""A pathway as text: each step with its count of twelve months, beside the first step. Every figure passes the gate."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from actions.permissions import can_challenge
from actions.presenters.threads import make_query, raise_url
from boards.permissions import Access
from core.calendar import Month, months_between
from core.pages import link_to
from indicators.disclosure import Audience, Disclosed, disclose
from indicators.models import Pathway, PathwayStep
from indicators.pathways import EACH, Beside, Figures, Sum, add_up, put_beside
from indicators.trend import YEAR
from reporting.models.line_fields import Line, line_key
from reporting.months.kpi_lines import list_held
from reporting.months.presenters.words import listed, lower_first, upper_first

NONE = "–"  # a month without a figure
ABOUT = (
    "Each step is a count for these months. It does not follow the same people or homes. Something in March may "
    "follow from something in February, so a step can be larger than the one before it."
)
ABOUT_FOLLOWED = (
    "Where an agency follows up the people or homes from one month, we say how many of them reached the step, with the "
    "range that chance explains. We use only months whose follow-up is over."
)
NOT_BESIDE = "We can’t compare this with the first step, because no month has both figures."
NO_COUNT = "No count is published for this month."


@dataclass(frozen=True, slots=True)
class StepView:
    """A step. `count` is its count of the months; empty without one, and if nobody counts it. `said` are sentences, and
    `shortly` says the same in a line of a table."""

    name: str
    agency: str
    count: str
    counted_by: str
    said: tuple[str, ...]
    shortly: str
    months: tuple[str, ...]
    is_counted: bool
    url: str
    ask_url: str


@dataclass(frozen=True, slots=True)
class PathwayView:
    """A pathway in the twelve months to a published one."""

    code: str
    title: str
    question: str
    url: str
    months: tuple[Month, ...]
    steps: tuple[StepView, ...]
    about: tuple[str, ...]

    @property
    def span(self) -> str:
        """ "November 2025 to October 2026"."""
        return name_months(self.months)

    @property
    def counted(self) -> tuple[StepView, ...]:
        return tuple(step for step in self.steps if step.is_counted)


def make_pathways(
    pathways: Iterable[Pathway], lines: Iterable[Line], *, month: Month, slug: str, access: Access | None = None
) -> list[PathwayView]:
    """Make the views of pathways from the lines of a month. `access` is of a reader who may ask about a step; without
    one, nobody may. Partners alone read it."""
    by_key = {line_key(one.line): one for one in disclose(lines, audience=Audience.PARTNERS)}
    months = tuple(months_between(month + -(YEAR - 1), month))
    return [make_pathway(pathway, by_key, months, slug=slug, access=access) for pathway in pathways]


def make_pathway(
    pathway: Pathway,
    lines: Mapping[tuple[str, str], Disclosed[Line]],
    months: tuple[Month, ...],
    *,
    slug: str,
    access: Access | None,
) -> PathwayView:
    steps = list(pathway.steps.all())
    read = [read_step(step, lines, months[-1]) for step in steps]
    views = []
    for step, own in zip(steps, read, strict=True):
        first = (steps[0], read[0]) if step is not steps[0] else None
        views.append(make_step(Told(step, own, first, months), slug=slug, access=access))
    about = (ABOUT, ABOUT_FOLLOWED) if any(step.followed for step in steps) else (ABOUT,)
    url = link_to("reporting:pathway-view", slug, pathway.code)
    return PathwayView(pathway.code, pathway.title, pathway.question, url, months, tuple(views), about)


@dataclass(frozen=True, slots=True)
class Read:
    """The figures that count a step, the month since which it is counted alike, and the months that may still
    change."""

    figures: Figures
    since: Month
    provisional: frozenset[Month]


def read_step(step: PathwayStep, lines: Mapping[tuple[str, str], Disclosed[Line]], month: Month) -> Read | None:
    """Return the figures of a step; None if nobody counts it, or the month doesn't have its count."""
    if step.indicator is None:
        return None
    shown = lines.get((step.indicator.code, step.category.code if step.category else ""))
    if shown is None:
        return None
    line = shown.line
    first, held = month + -(len(line.history) - 1), list_held(line)
    # Months under another definition, or recorded in another way, count something else.
    alike = line.steps[-1]["at"] if line.steps else 0
    figures = {
        first + place: value
        for place, value in enumerate(line.history)
        if value is not None and place >= alike and place not in held
    }
    provisional = frozenset(first + place for part in line.steps for place in part.get("provisional", ()))
    return Read(figures, first + alike, provisional)


def make_step(told: "Told", *, slug: str, access: Access | None) -> StepView:
    step, month, in_year = told.step, told.months[-1], [told.figures.get(month) for month in told.months]
    url = link_to("reporting:indicator-view", slug, step.indicator.code) if step.indicator else ""
    return StepView(
        name=name_step(step),
        agency=step.agency.name,
        count=f"{told.counted.count:,}" if any(value is not None for value in in_year) else "",
        counted_by=describe_count(step),
        said=tuple(told.sentences),
        shortly=told.shortly,
        months=tuple(NONE if value is None else f"{value:,}" for value in in_year),
        is_counted=step.indicator is not None,
        url=f"{url}?month={month}" if url else "",
        ask_url=ask_about(step, month, access) if access else "",
    )


def name_step(step: PathwayStep) -> str:
    return f"{step.name} within {step.followed} months" if step.followed else step.name


def describe_count(step: PathwayStep) -> str:
    if step.indicator is None:
        return ""
    return f"{step.indicator.title}, {step.category.name}" if step.category else step.indicator.title


def ask_about(step: PathwayStep, month: Month, access: Access) -> str:
    """Return where somebody asks: about its count in the month; about the step itself if nobody counts it."""
    if not can_challenge(access):
        return ""
    query = make_query(indicator=step.indicator.code, month=month) if step.indicator else make_query(step=step.pk)
    return raise_url(access, query)


# --- Sentences ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """A step in its months, and the first one, if it isn't that: what can be said of it."""

    step: PathwayStep
    own: Read | None
    first: tuple[PathwayStep, Read | None] | None
    months: tuple[Month, ...]

    @property
    def figures(self) -> Figures:
        return self.own.figures if self.own else {}

    @property
    def counted(self) -> Sum:
        return add_up(self.figures, self.months)

    @property
    def beside(self) -> Beside | None:
        """Return it beside the first step; None for that itself, and if one of the two isn't counted."""
        if self.own is None or self.first is None or self.first[0].indicator is None:
            return None
        first, read = self.first
        followed = 0 if first.followed else self.step.followed
        return put_beside(read.figures if read else {}, self.own.figures, self.months, followed=followed)

    @property
    def names(self) -> tuple[str, str]:
        """Return the first step and this one, as they follow a number: "30 discussed at the panel"."""
        return lower_first(self.first[0].name if self.first else ""), lower_first(name_step(self.step))

    @property
    def sentences(self) -> Iterator[str]:
        """Yield what its count lacks, and how it compares with the first step."""
        if self.step.indicator is None:
            yield f"No one counts {self.step.nobody_counts.rstrip('.')}."
            return
        if self.own is None:
            yield NO_COUNT
            return
        yield from describe_missing(self.counted, self.own.since, self.months)
        yield from describe_provisional([month for month in self.months if month in self.own.provisional])
        if self.beside is not None:
            yield describe_beside(self.beside, *self.names, of=len(self.months))

    @property
    def shortly(self) -> str:
        if self.step.indicator is None or self.own is None:
            return " ".join(self.sentences)
        lacks = len(self.counted.missing)
        partly = f"In {len(self.months) - lacks} of the {len(self.months)} months. " if lacks else ""
        beside = self.beside
        if beside is None:
            return partly.strip()
        return partly + describe_beside_shortly(beside, self.names[0], of=len(self.months))


def describe_missing(counted: Sum, since: Month, months: tuple[Month, ...]) -> Iterator[str]:
    """Yield why a count isn't the total of its months."""
    if not counted.missing:
        return
    without = [month.label for month in counted.missing if month >= since]
    why = []
    if since > months[0]:
        why.append(f"it was counted differently, or not at all, before {since.label}")
    if without:
        are = "has" if len(without) == 1 else "have"
        why.append(f"{listed(without, are_proper=True)} {are} no figure")
    there = len(months) - len(counted.missing)
    covered = f"{there} of the {len(months)} months" if there else "none of the months"
    yield f"This count covers {covered}, so it isn’t their total: {', and '.join(why)}."


def describe_provisional(months: Sequence[Month]) -> Iterator[str]:
    if months:
        are = "is" if len(months) == 1 else "are"
        yield f"{listed([month.label for month in months], are_proper=True)} {are} provisional, and may still change."


def describe_beside(beside: Beside, first: str, step: str, *, of: int) -> str:
    """Put a step beside the first one. Only of people who were followed do we say “of the”, and give a range."""
    if not beside.months:
        return NOT_BESIDE
    which = "" if len(beside.months) == of else f"In the {name_count(beside.months)} with both figures, "
    if not beside.before:
        both = f"{which}{beside.first:,} {first} and {beside.step:,} {step}"
        same = "" if which else f" in the same {of} months"
        return f"{both}{same}{describe_ratio(beside, before=': ')}."
    if beside.impossible:
        when = listed([month.label for month in beside.impossible], are_proper=True)
        larger = f"In {when}, this count is larger than the number {first} {beside.before} months before"
        return f"{larger}. That can’t be right, so we give no share."
    if not beside.first:
        return f"None were {first} {name_cohort(beside)}."
    whole = f"of the {beside.first:,} {first} {name_cohort(beside)}, {beside.step:,} {step}"
    return f"{upper_first(f'{which}{whole}')}: {describe_share(beside)}."


def describe_beside_shortly(beside: Beside, first: str, *, of: int) -> str:
    if not beside.months or beside.impossible or not beside.first:
        return describe_beside(beside, first, "", of=of)
    if beside.before:
        return f"{describe_share(beside)}, of the {beside.first:,} {first} {name_cohort(beside)}"
    ratio = f"{describe_ratio(beside)} {first}"
    return ratio if len(beside.months) == of else f"{ratio}, in the {name_count(beside.months)} with both"


def describe_ratio(beside: Beside, *, before: str = "") -> str:
    """ "63 for each 100"; empty if there were none."""
    return "" if beside.for_each is None else f"{before}{beside.for_each:,} for each {EACH}"


def describe_share(beside: Beside) -> str:
    """ "58%, 95% range 50% to 66%"; empty without one."""
    share = beside.share
    if share is None or share.lower is None or share.upper is None:
        return ""
    return f"{share.value:.0f}%, 95% range {share.lower:.0f}% to {share.upper:.0f}%"


def name_cohort(beside: Beside) -> str:
    """Return the months of the first step that are followed: "from August 2025 to July 2026"."""
    months = [month + -beside.before for month in beside.months]
    return f"{'in' if len(months) == 1 else 'from'} {name_months(months)}"


def name_count(months: Sequence[Month]) -> str:
    return "one month" if len(months) == 1 else f"{len(months)} months"


def name_months(months: Sequence[Month]) -> str:
    """ "November 2025 to October 2026"."""
    return months[0].label if len(months) == 1 else f"{months[0].label} to {months[-1].label}"
