"""What does an analyst need to repeat the sum of before and after? The code for R, and the series as a file."""

from django.utils import timezone

from core.files import DataFile, Row, make_file_stem
from core.months import Month
from core.workbook import NoteSection
from indicators.disclosure import USUAL_MARKING, Audience
from indicators.impact.claim import BeforeAfter
from indicators.impact.regression import Season
from indicators.ratios import RATIO_KINDS, Ratio
from reporting.impact.presenters.page import ImpactView
from reporting.impact.published import PublishedSeries
from reporting.impact.results import Controls

COLUMNS = ("month", "value", "provisional", "side", "comparison")
RATIO_COLUMNS = ("month", "value", "numerator", "denominator", "provisional", "side", "comparison")
BEFORE, AFTER, NOT_USED = "before", "after", "not compared"
WAVES = " +\n    sin(2 * pi * t / 12) + cos(2 * pi * t / 12) + sin(4 * pi * t / 12) + cos(4 * pi * t / 12)"


def make_r_code(view: ImpactView) -> str:
    """Return R code for the change and its error by chance. Doing the same sum at other dates gives the range's width.
    Empty if there is no sum.
    """
    told = view.told
    if told is None:
        return ""
    waves = WAVES if told.model.season is Season.TWO_WAVES else ""
    trend = " + t" if told.model.trend else ""
    count, offset = ("numerator", " + offset(log(denominator))") if view.ratio else ("value", "")
    return (
        f'd <- read.csv("series.csv", skip = 1)\n'
        f't <- seq_len(nrow(d)); e <- which(d$month == "{view.event}")\n'
        f"use <- t >= e - {told.model.before} & t < e + {told.span.after}\n"
        f"fit <- glm({count} ~ I(t >= e){offset}{trend}{waves},\n"
        f"    data = d, subset = use, family = quasipoisson)\n"
        f"exp(coef(fit)[2]) - 1  # the change{', in per cent of what it was' if view.ratio else ''}\n"
        f"# The range: 1.96 times the larger of two, each way on the log scale:\n"
        f"{describe_error(told, view.ratio)}"
        f"# the root mean square of what the same sum gives at {told.other_dates}\n"
        f"# earlier months, each in place of e."
        f"{describe_controls(view.controls, told)}"
    )


def describe_error(told: BeforeAfter, ratio: Ratio | None) -> str:
    if ratio is None or not RATIO_KINDS[ratio.kind].is_part:
        return "# the error, by family = poisson where the dispersion is below 1;\n"
    return (
        "# the error, by family = poisson where the dispersion is below\n"
        "# left <- 1 - sum(d$numerator[use]) / sum(d$denominator[use]),\n"
        "# and then times sqrt(left), at each month its own;\n"
    )


def describe_controls(controls: Controls, told: BeforeAfter) -> str:
    if told.difference is None:
        return ""
    if controls.areas:
        return "\n# Beside other areas: the same sum of theirs, which isn’t handed on."
    return (
        "\n# Beside the comparison areas: the same with `comparison` in place of `value`.\n"
        "# Their steps are taken from each other, here and at the other months."
    )


def make_series_file(view: ImpactView) -> DataFile | None:
    """Return the series with its two sides, so that somebody can repeat the sum. None if nothing is published."""
    series = view.series
    if series is None:
        return None
    marking = USUAL_MARKING[Audience.PARTNERS]
    title = f"{view.aim.title} before and after {view.title}"
    return DataFile(
        stem=make_file_stem(marking, view.area.slug, view.aim.code, view.happening.reference, "series"),
        title=title,
        marking=marking,
        columns=RATIO_COLUMNS if series.ratio else COLUMNS,
        rows=[make_row(view, series, place, month) for place, month in enumerate(series.months)],
        about={"area": view.area.slug, "indicator": view.aim.code, "event": view.happening.reference},
        notes=lambda: [NoteSection("About", [("Figures", title)])],
        made_at=timezone.now(),
    )


def make_row(view: ImpactView, series: PublishedSeries, place: int, month: Month) -> Row:
    """Return a month's row. A ratio's value isn't rounded, and comes before its two counts."""
    value: float | None = series.values[place]
    of: Row = {}
    if series.ratio:
        cases, whole = series.numerators[place], series.denominators[place]
        of = {"numerator": cases, "denominator": whole}
        value = series.ratio.exact(cases, whole) if value is not None and cases is not None and whole else None
    return {
        "month": str(month),
        "value": value,
        **of,
        "provisional": "yes" if month in series.provisional else "",
        "side": find_side(view, month),
        "comparison": find_open_sum(view.controls, place),
    }


def find_side(view: ImpactView, month: Month) -> str:
    told = view.told
    if told is None:
        return NOT_USED
    if view.event + -told.model.before <= month < view.event:
        return BEFORE
    return AFTER if view.event <= month < view.event + told.span.after else NOT_USED


def find_open_sum(controls: Controls, place: int) -> int | None:
    """Return the sum of the comparison series, if all are open data: other areas' figures are never passed on."""
    if not controls.series or controls.areas:
        return None
    months = [series[place] for series in controls.series]
    return sum(month for month in months if month is not None) if None not in months else None
