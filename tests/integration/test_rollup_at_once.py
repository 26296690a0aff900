"""Two at work on one month at once: nothing is doubled, nothing is lost, nobody waits for ever."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import InternalError, connection, connections, transaction

from boards.models import PartnershipArea, ReportingPeriod
from core.calendar import Month
from core.timetable import SomeFailed
from indicators.imports.figures import read_figure_file
from indicators.imports.open_data import INDICATOR_OF, PoliceMonth
from indicators.models import Indicator
from indicators.services.open_data import import_police_months
from indicators.services.past_figures import import_figures
from indicators.services.returns import accept_return
from reporting.models import IndicatorLine, Snapshot
from reporting.months import inputs, rollup
from reporting.months.rollup import Changes, RollUp, WorkedOut, one_view, roll_up, roll_up_each_area, stale_periods
from tests.factories import make_indicator
from tests.scenarios import Town, accept, make_town, newest_lines, stale_months, submit, sweep

pytestmark = pytest.mark.both_databases

AUGUST, SEPTEMBER, OCTOBER = (Month(2024, number) for number in (8, 9, 10))
SOON = 10.0  # seconds after which a test says that somebody waits for ever
A_MOMENT = 0.1  # seconds in which the other one would have finished, did nothing hold it up


@pytest.fixture
def town(shared_database: str) -> Town:
    return make_town()


def on_its_own[Result](act: Callable[[], Result]) -> Callable[[], Result]:
    def done() -> Result:
        try:
            return act()
        finally:
            connections.close_all()

    return done


@contextmanager
def half_done(others: ThreadPoolExecutor, act: Callable[[], object]) -> Iterator[Future[None]]:
    """Somebody has done this and not committed it yet while the block lasts."""
    is_done, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            act()
            is_done.set()
            assert go_on.wait(SOON)

    other = others.submit(on_its_own(hold))
    try:
        assert is_done.wait(SOON)
        yield other
    finally:
        go_on.set()
        other.result(SOON)


def roll_up_stale(*, skip_locked: bool = False) -> RollUp:
    return roll_up(stale_periods(), skip_locked=skip_locked)


def test_a_second_worker_finds_nothing_to_do(town: Town, others: ThreadPoolExecutor):
    accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    with half_done(others, roll_up_stale):
        second = others.submit(on_its_own(roll_up_stale))
        with pytest.raises(TimeoutError):
            second.result(A_MOMENT)
        assert Snapshot.objects.count() == 0
    assert second.result(SOON).months == []
    assert (Snapshot.objects.count(), IndicatorLine.objects.count()) == (1, 2)


def test_a_sweep_leaves_to_another_worker_what_it_is_rolling_up(town: Town, others: ThreadPoolExecutor):
    """PostgreSQL says which rows are taken. SQLite has one writer at a time, so that the sweep waits."""
    accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    with half_done(others, roll_up_stale):
        swept = others.submit(on_its_own(lambda: roll_up_stale(skip_locked=True)))
        if connection.vendor == "postgresql":
            assert swept.result(SOON).months == []
    assert swept.result(SOON).months == []
    assert (Snapshot.objects.count(), IndicatorLine.objects.count()) == (1, 2)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer, whatever it writes")
def test_a_sweep_that_waits_in_one_area_holds_no_month_of_another(town: Town, others: ThreadPoolExecutor):
    """The first area is done, and somebody else's, while the sweep waits for the second."""
    second = make_town("harlow")
    for each in (town, second):
        accept(each, OCTOBER, {"arrests": 12, "charges": 4})
    of_second = ReportingPeriod.objects.filter(area=second.area)
    with half_done(others, lambda: list(of_second.select_for_update())):
        sweeping = others.submit(on_its_own(lambda: list(roll_up_each_area(stale_periods()))))
        deadline = time.monotonic() + SOON
        while stale_months(town):
            assert time.monotonic() < deadline, "The first area waits for the second."
            time.sleep(0.02)
        assert (sweeping.done(), stale_months(second)) == (False, ["2024-10"])
        accept(town, SEPTEMBER, {"arrests": 9, "charges": 4})
    assert [len(report.changed) for report in sweeping.result(SOON)] == [1, 1]


def test_many_workers_at_once_make_one_snapshot_a_month(town: Town, others: ThreadPoolExecutor):
    accept(town, SEPTEMBER, {"arrests": 9, "charges": 4})
    accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    start = threading.Barrier(4)

    def work() -> int:
        start.wait(SOON)
        every = roll_up(ReportingPeriod.objects.all())  # stale or not, as by hand
        return len(every.changed)

    assert sum(future.result(SOON) for future in [others.submit(on_its_own(work)) for _ in range(4)]) == 2
    assert (Snapshot.objects.count(), IndicatorLine.objects.count()) == (2, 4)
    assert stale_months(town) == []


def test_a_figure_accepted_during_a_roll_up_is_not_lost(town: Town, others: ThreadPoolExecutor):
    submission = submit(town, OCTOBER, {"arrests": 12, "charges": 4})
    with half_done(others, roll_up_stale):
        accepting = others.submit(on_its_own(lambda: accept_return(submission, by=town.coordinator)))
        with pytest.raises(TimeoutError):
            accepting.result(A_MOMENT)
    accepting.result(SOON)
    assert newest_lines(town, OCTOBER)["arrests"].state == "awaited"
    assert stale_months(town) == ["2024-10"]
    sweep()
    assert newest_lines(town, OCTOBER)["arrests"].value == 12


def test_a_roll_up_during_an_acceptance_takes_its_figures_in(town: Town, others: ThreadPoolExecutor):
    submission = submit(town, OCTOBER, {"arrests": 12, "charges": 4})
    with half_done(others, lambda: accept_return(submission, by=town.coordinator)):
        rolling = others.submit(on_its_own(roll_up_stale))
        with pytest.raises(TimeoutError):
            rolling.result(A_MOMENT)
    assert [str(period.month) for period in rolling.result(SOON).months] == ["2024-10"]
    assert newest_lines(town, OCTOBER)["arrests"].value == 12
    assert stale_months(town) == []


def test_a_figure_accepted_between_working_out_and_writing_is_not_lost(
    town: Town, others: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
):
    """Nor does the acceptance wait: the sweep has locked nothing yet."""
    submission = submit(town, OCTOBER, {"arrests": 12, "charges": 4})
    write = rollup.save

    def accept_first(worked: WorkedOut, *, skip_locked: bool) -> Changes | None:
        others.submit(on_its_own(lambda: accept_return(submission, by=town.coordinator))).result(SOON)
        return write(worked, skip_locked=skip_locked)

    monkeypatch.setattr(rollup, "save", accept_first)
    [report] = roll_up_each_area(stale_periods(), skip_locked=True)
    monkeypatch.undo()
    assert (report.months, [str(period.month) for period in report.left]) == ([], ["2024-10"])
    assert stale_months(town) == ["2024-10"]
    list(roll_up_each_area(stale_periods(), skip_locked=True))
    assert newest_lines(town, OCTOBER)["arrests"].value == 12
    assert stale_months(town) == []


def test_a_figure_accepted_during_the_working_out_is_all_of_it_later(
    town: Town, others: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
):
    """The set-up is read, and the figures aren't yet. Both are of one moment."""
    submission = submit(town, OCTOBER, {"arrests": 12, "charges": 4})
    list_residents, seen = inputs.list_residents, []

    def accept_first(rates: Sequence[Indicator]) -> inputs.Residents:
        others.submit(on_its_own(lambda: accept_return(submission, by=town.coordinator))).result(SOON)
        return list_residents(rates)

    write = rollup.save

    def look(worked: WorkedOut, *, skip_locked: bool) -> Changes | None:
        seen.extend(line.state for line in worked.lines or ())
        return write(worked, skip_locked=skip_locked)

    monkeypatch.setattr(inputs, "list_residents", accept_first)
    monkeypatch.setattr(rollup, "save", look)
    list(roll_up_each_area(stale_periods()))
    monkeypatch.undo()
    assert seen == ["awaited", "awaited"]
    assert stale_months(town) == ["2024-10"]


def test_many_sweeps_at_once_make_one_snapshot_a_month(town: Town, others: ThreadPoolExecutor):
    accept(town, SEPTEMBER, {"arrests": 9, "charges": 4})
    accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    start = threading.Barrier(4)

    def work() -> int:
        start.wait(SOON)
        return sum(len(report.changed) for report in roll_up_each_area(stale_periods()))

    assert sum(future.result(SOON) for future in [others.submit(on_its_own(work)) for _ in range(4)]) == 2
    assert (Snapshot.objects.count(), IndicatorLine.objects.count()) == (2, 4)
    assert stale_months(town) == []
    assert newest_lines(town, OCTOBER)["arrests"].change == 3


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer, whatever it writes")
def test_a_sweep_leaves_a_month_that_somebody_is_changing_and_does_the_others(town: Town, others: ThreadPoolExecutor):
    accept(town, SEPTEMBER, {"arrests": 9, "charges": 4})
    submission = submit(town, OCTOBER, {"arrests": 12, "charges": 4})
    with half_done(others, lambda: accept_return(submission, by=town.coordinator)):
        swept = others.submit(on_its_own(lambda: list(roll_up_each_area(stale_periods(), skip_locked=True))))
        [report] = swept.result(SOON)
        assert [str(period.month) for period in report.months] == ["2024-09"]
    assert stale_months(town) == ["2024-10"]
    list(roll_up_each_area(stale_periods(), skip_locked=True))
    assert newest_lines(town, OCTOBER)["arrests"].value == 12


def test_a_sweep_that_fails_half_way_keeps_the_months_it_wrote(
    town: Town, others: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
):
    accept(town, SEPTEMBER, {"arrests": 9, "charges": 4})
    accept(town, OCTOBER, {"arrests": 12, "charges": 4})
    write = rollup.save

    def stop_in_october(worked: WorkedOut, *, skip_locked: bool) -> Changes | None:
        if worked.period.month == OCTOBER:
            raise MemoryError
        return write(worked, skip_locked=skip_locked)

    monkeypatch.setattr(rollup, "save", stop_in_october)
    with pytest.raises(SomeFailed):
        list(roll_up_each_area(stale_periods()))
    assert stale_months(town) == ["2024-10"]
    assert newest_lines(town, SEPTEMBER)["arrests"].value == 9


def test_one_view_ends_as_it_began(shared_database: str):
    """Whatever happens in it, the next transaction saves as usual. SQLite doesn't promise to refuse what it saves."""
    if connection.vendor == "postgresql":
        with pytest.raises(InternalError, match="read-only transaction"), one_view():
            make_town("refused")
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"), one_view():
        make_town("refused")
    make_town("harlow")
    assert list(PartnershipArea.objects.values_list("slug", flat=True)) == ["harlow"]


def take_in_history(town: Town) -> object:
    """Figures of August, and of September, whose month isn't open yet."""
    rows = "police,arrests,,2024-08,2,,", "police,arrests,,2024-09,2,,"
    content = "\n".join(["agency,indicator,category,month,value,state,note", *rows]).encode()
    file = read_figure_file(content, name_of_file="history.csv")
    return import_figures(town.area, file.rows, name_of_file="history.csv", by=None)


def take_in_police_data(town: Town) -> object:
    counts = dict.fromkeys(INDICATOR_OF.values(), 3)
    months = [PoliceMonth(f"2024-{number:02}.csv", Month(2024, number), counts, 9, 9, 0) for number in (8, 9)]
    return import_police_months(town.area, months, by=None)


@pytest.mark.parametrize("take_in", [take_in_history, take_in_police_data])
def test_an_import_and_an_acceptance_never_wait_for_each_other(
    town: Town, others: ThreadPoolExecutor, take_in: Callable[[Town], object]
):
    """The acceptance has locked August, and goes on to the months after it. The import opens September, for which
    it locks October, and takes figures of August in."""
    for code in INDICATOR_OF.values():
        make_indicator(town.police, code, collection="import")
    submission = submit(town, AUGUST, {"arrests": 2, "charges": 4})
    submit(town, OCTOBER, {"arrests": 3, "charges": 4})
    has_august, go_on = threading.Event(), threading.Event()

    def hold_then_accept() -> None:
        with transaction.atomic():
            ReportingPeriod.objects.select_for_update().get(pk=submission.period_id)
            has_august.set()
            assert go_on.wait(SOON)
            accept_return(submission, by=town.coordinator)

    accepting = others.submit(on_its_own(hold_then_accept))
    assert has_august.wait(SOON)
    importing = others.submit(on_its_own(lambda: take_in(town)))
    with pytest.raises(TimeoutError):
        importing.result(A_MOMENT)
    go_on.set()
    accepting.result(SOON)
    importing.result(SOON)
    assert stale_months(town) == ["2024-08", "2024-09", "2024-10"]
