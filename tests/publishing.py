"""A town whose months came from a file and were published one after the other."""

from collections.abc import Mapping, Sequence

from boards.models import ReportingPeriod
from core.calendar import Month
from indicators.imports.figures import read_figure_file
from indicators.services.past_figures import import_figures
from tests.scenarios import Town, publish_early, sweep


def publish_months(town: Town, first: Month, figures: Mapping[str, Sequence[int | None]]) -> None:
    """Take in the police's figures from the first month on, None for a month without one, and publish every month."""
    rows = [
        f"police,{code},,{first + place},{'' if value is None else value},{'not-available' if value is None else ''},"
        for code, values in figures.items()
        for place, value in enumerate(values)
    ]
    content = "\n".join(["agency,indicator,category,month,value,state,note", *rows]).encode()
    file = read_figure_file(content, name_of_file="history.csv")
    assert file.faults == []
    import_figures(town.area, file.rows, name_of_file="history.csv", by=None)
    sweep()
    for period in ReportingPeriod.objects.filter(area=town.area, status="open").order_by("starts_on"):
        publish_early(period, by=town.coordinator)
