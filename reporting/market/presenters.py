"""An assessment of the drug market as text, and its one picture: those who were seen, and the range of the unseen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import floor, log10

from django.utils import timezone

from core.calendar import date_label
from indicators.unseen import MOST, Unseen, UnseenRefused, estimate_unseen, list_assumptions, name_model
from reporting.charts.bars import Bullet, bullet
from reporting.market.selectors import Assessed
from reporting.models import MarketFigure, MarketKind
from reporting.models.market import POUNDS, UNITS
from reporting.months.presenters.words import listed, lower_first

NONE = "–"
DIGITS = 2  # of a number of people that nobody has counted


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure beside the one of the assessment before. `figure` is its kind's code, for its address."""

    figure: str
    label: str
    value: str
    before: str
    source: str
    of_year: str


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model of the estimate: which lists depend on each other, how many people it says there are, and whether it is
    near the best."""

    name: tuple[str, ...]
    people: str
    reach: str
    is_near: bool


@dataclass(frozen=True, slots=True)
class UnseenView:
    """`said` is what a chair reads out, `basis` says how far to trust it, and `picture` shows it. `lists` are the lists
    with their counts, and `of` says of whom they are."""

    said: tuple[str, ...]
    basis: str
    picture: Bullet
    seen: str
    reach: str
    lists: tuple[tuple[str, str], ...]
    of: str
    models: tuple[ModelRow, ...]
    impossible: tuple[tuple[str, ...], ...]
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MarketView:
    """An assessment, beside the one of the year `before`; empty where there is none."""

    year: int
    is_agreed: bool
    agreed: str
    before: str
    rows: tuple[FigureRow, ...]
    unseen: UnseenView | None


def make_market(assessed: Assessed, before: Assessed | None, *, area: str) -> MarketView:
    assessment = assessed.assessment
    agreed = ""
    if assessment.agreed_at is not None:
        day = date_label(timezone.localdate(assessment.agreed_at))
        agreed = f"{assessment.agreed_by} agreed this assessment on {day}, so no one can change it."
    earlier = before.figures if before else {}
    return MarketView(
        year=assessment.year,
        is_agreed=assessment.is_agreed,
        agreed=agreed,
        before=str(before.assessment.year) if before else "",
        rows=tuple(make_row(kind, assessed.figures, earlier) for kind in MarketKind),
        unseen=make_unseen(assessed, area=area) if assessed.lists else None,
    )


def make_row(kind: MarketKind, figures: Mapping[str, MarketFigure], earlier: Mapping[str, MarketFigure]) -> FigureRow:
    figure, before = figures.get(kind.value), earlier.get(kind.value)
    return FigureRow(
        figure=kind.value,
        label=name_kind(kind),
        value=format_value(kind, figure.value) if figure else NONE,
        before=format_value(kind, before.value) if before else NONE,
        source=figure.source if figure else "",
        of_year=figure.of_year if figure else "",
    )


def format_value(kind: MarketKind, value: Decimal) -> str:
    """ "1,240"; of what isn't a count "41.5", or "80.00" as a price."""
    if kind not in UNITS:
        return f"{value:,.0f}"
    return f"{value:,.2f}" if UNITS[kind] == POUNDS else f"{value.normalize():,f}"


def name_kind(kind: MarketKind) -> str:
    """ "Purity of seized heroin, in %"."""
    return f"{kind.label}, {UNITS[kind]}" if kind in UNITS else kind.label


# --- The unseen -----------------------------------------------------------------------------------


def make_unseen(assessed: Assessed, *, area: str) -> UnseenView | None:
    """Return the estimate from the lists. What the area withholds was refused when they were saved."""
    lists = [row.seen for row in assessed.lists]
    try:
        unseen = estimate_unseen(lists, assessed.assessment.overlaps, is_small=lambda _: False)
    except UnseenRefused:
        return None  # saved under another rule: the page asks for lists again
    names, first = [one.name for one in lists], lists[0]
    basis, *assumptions = list_assumptions(len(lists))
    lower, upper = round_people(unseen.lower, least=unseen.seen), round_people(unseen.upper, least=unseen.seen)
    return UnseenView(
        said=tuple(describe_unseen(unseen, names, lower, upper, area=area)),
        basis=basis,
        picture=bullet(unseen.seen, lower=lower, upper=upper, baseline=0, trajectory=0, target=0),
        seen=f"{unseen.seen:,}",
        reach=f"{lower:,} to {upper:,}",
        lists=tuple((one.name, f"{one.people:,}") for one in lists),
        of=f"{first.period}, ages {first.ages}, residents of {first.residents}",
        models=tuple(
            ModelRow(
                name_model(one.pairs, names),
                f"{round_people(one.people, least=unseen.seen):,}",
                f"{round_people(one.lower, least=unseen.seen):,} to {round_people(one.upper, least=unseen.seen):,}",
                one in unseen.near,
            )
            for one in (unseen.estimates if len(lists) == MOST else ())
        ),
        impossible=tuple(name_model(pairs, names) for pairs in unseen.impossible),
        assumptions=tuple(assumptions),
    )


def describe_unseen(unseen: Unseen, names: Sequence[str], lower: int, upper: int, *, area: str) -> list[str]:
    """ "612 people are in … Between 910 and 2,100 people in Anytown probably use opiates or crack; so …"."""
    # Of the numbers as they stand beside it, so that readers who divide them find the same.
    least, most = (people / unseen.seen - 1 for people in (lower, upper))
    return [
        f"{unseen.seen:,} people are known from at least one list: {listed([lower_first(name) for name in names])}.",
        f"Between {lower:,} and {upper:,} people in {area} probably use opiates or crack; so for each person seen "
        f"there are {least:.1f} to {most:.1f} unseen.",
    ]


def round_people(people: float, *, least: int) -> int:
    """Return a number of people with two digits that count, and not below those who were seen."""
    return max(least, int(round(people, DIGITS - 1 - floor(log10(people)))))
