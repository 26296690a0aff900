"""An NHS control chart of a series: its limits and signals, by the rules that analyse_series has, and no judgement."""

from indicators.trend import Polarity, analyse
from reporting.charts.control_chart import Start
from reporting.months.presenters.series import nhs_months

VALUES = [10, 12, 9, 11, None, 10, 13, 9, 11, 10, 12, 40]


def test_each_month_has_the_limits_and_the_signal_of_analyse_series():
    months, chart = list(nhs_months(VALUES, [])), analyse(VALUES, polarity=Polarity.NEUTRAL)

    assert [month.usual and month.usual.upper for month in months] == chart.upper
    assert [month.usual and month.usual.middle for month in months] == chart.mean
    assert [month.shows.lower() for month in months] == [signal.label for signal in chart.signal]


def test_a_signal_is_marked_and_not_judged():
    months = list(nhs_months(VALUES, []))

    assert months[-1].look == "unjudged"
    assert months[-1].shows == "Above the usual range"
    assert {month.judgement for month in months} == {""}
    assert months[4].look == ""


def test_a_definition_begins_anew_and_a_level_does_not():
    values = [10] * 6 + [50] * 6
    broken = list(nhs_months(values, [Start(6, "New definition", breaks=True)]))
    levelled = list(nhs_months(values, [Start(6, "New level", breaks=False)]))

    assert [month.usual and month.usual.middle for month in broken] == [10.0] * 6 + [50.0] * 6
    assert {month.usual and month.usual.middle for month in levelled} == {30.0}
