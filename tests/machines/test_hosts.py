"""Beyond one machine: each host is lost in turn, and nothing that anybody was told is saved.

It needs root, so script/test runs it with --all only. `python -m bench.hosts --drill` loses each host in each way.
"""

import sys
from collections.abc import Iterator

import pytest

from tests.machines.drill import BACK_WITHIN, CABLE, PAUSE, POWER, Drill
from tests.machines.hosts import Site, site


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with site() as made:
        yield made


def test_any_host_may_go_and_nothing_acknowledged_is_lost(running: Site):
    with running.written() as written:
        drill = Drill(running, written, lambda words: sys.stderr.write(f"{words}\n"))
        drill.wait_until_calm()
        drill.lose_standby(POWER)
        # The standby catches up meanwhile.
        drill.lose_web("web1", POWER)
        drill.lose_web("web2", CABLE)
        drill.lose_primary(CABLE)
        drill.lose_worker("work1", POWER)
        drill.lose_worker("work2", CABLE)
        drill.lose_redis(PAUSE)
        drill.freeze_etcd()
        drill.switch_over()
        drill.split()
        drill.say(drill.check())

    assert [str(figure) for figure in drill.figures if figure.anywhere > BACK_WITHIN] == []
    assert len(drill.figures) == 10


def test_behind_the_poolers_each_kind_of_client_has_its_own_limits(running: Site):
    """Whatever connection of the pooler's a transaction gets, and however many there were."""
    for name, limits in (("vvdash", ("5s", "4s", "20s")), ("vvdash_worker", ("110s", "0", "5min"))):
        for _ in range(3):
            assert running.ask_pooler(running.primary, name) == limits


def test_a_pooler_refuses_limits_that_it_would_not_set(running: Site):
    """Without DB_POOLED=1 the product would believe that it has some."""
    refused = running.ask_pooler(running.primary, "vvdash", options="-c statement_timeout=5s")
    assert "unsupported startup parameter" in refused
