"""What the witness of two database hosts decides (deploy/failover.py). tests/machines has it at real hosts."""

import importlib.util
import json
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

FILE = Path(__file__).resolve().parents[2] / "deploy" / "failover.py"
spec = importlib.util.spec_from_file_location("failover", FILE)
failover = importlib.util.module_from_spec(spec)
sys.modules["failover"] = failover  # dataclasses look there
spec.loader.exec_module(failover)
Look, Mind, decide, names_of = failover.Look, failover.Mind, failover.decide, failover.names_of

SAFE = Mind(primary="db1", has_all=True, has_names=True, since_names=100)
PRIMARY = Look(is_standby=False, names=names_of("db2"), written=200, flushed=200, is_sync=True)
STANDBY = Look(is_standby=True, receives=True)
DEAF = replace(STANDBY, receives=False)


def after(mind: Any, seconds: int, **looks: object) -> tuple[Any, list[tuple[str, str]]]:
    """Look for so many seconds; return the mind, and what there was to do."""
    done: list[tuple[str, str]] = []
    for second in range(seconds + 1):
        mind, acts = decide(mind, looks, 1000.0 + second)
        done += [(act.what, act.host) for act in acts]
    return mind, done


def test_as_long_as_both_are_there_nothing_happens():
    assert after(SAFE, 60, db1=PRIMARY, db2=STANDBY) == (SAFE, [])


def test_a_standby_that_has_everything_is_promoted():
    assert after(SAFE, 9, db1=None, db2=DEAF)[1] == []
    mind, done = after(SAFE, 10, db1=None, db2=DEAF)
    assert done == [("promote", "db2")]
    assert mind == Mind(primary="db2")


def test_it_is_not_promoted_while_it_hears_from_the_primary():
    """Only the witness can't reach it."""
    assert after(SAFE, 60, db1=None, db2=STANDBY)[1] == []


def test_a_moment_of_silence_is_not_enough():
    mind, done = after(SAFE, 60, db1=None, db2=STANDBY)
    mind, acts = decide(mind, {"db1": None, "db2": DEAF}, 1100.0)
    assert done + acts == []
    assert [act.what for act in decide(mind, {"db1": None, "db2": DEAF}, 1103.0)[1]] == ["promote"]


def test_a_standby_that_may_lack_something_is_never_promoted():
    assert after(replace(SAFE, has_all=False), 600, db1=None, db2=DEAF)[1] == []


def test_without_its_standby_the_primary_goes_on_alone():
    lonely = replace(PRIMARY, flushed=None, is_sync=False)
    assert after(SAFE, 9, db1=lonely, db2=None) == (replace(SAFE, standby_gone=1000.0), [])
    mind, done = after(SAFE, 10, db1=lonely, db2=None)
    assert done == [("alone", "db1")]
    assert not mind.has_all, "it must be written down before commits stop waiting"
    # And now it goes too: what the standby has is old.
    assert after(mind, 600, db1=None, db2=DEAF)[1] == []


def test_a_standby_that_is_back_is_waited_for_only_once_it_is_near():
    alone = Mind(primary="db1")
    far = replace(PRIMARY, names="", written=failover.NEAR + 201, is_sync=False)
    assert after(alone, 5, db1=far, db2=STANDBY)[1] == []
    near = replace(far, written=300)
    assert after(alone, 0, db1=near, db2=STANDBY)[1] == [("together", "db1")]


def test_it_has_everything_only_after_it_was_waited_for():
    waits = replace(PRIMARY, written=300, flushed=250)
    mind, _ = after(Mind(primary="db1"), 5, db1=waits, db2=STANDBY)
    assert (mind.since_names, mind.has_all) == (300, False)
    mind, _ = after(mind, 0, db1=replace(waits, written=400, flushed=299), db2=STANDBY)
    assert not mind.has_all
    mind, _ = after(mind, 0, db1=replace(waits, written=500, flushed=300), db2=STANDBY)
    assert mind.has_all


def test_somebody_who_takes_the_names_away_is_noticed():
    by_hand = replace(PRIMARY, names="")
    assert not after(SAFE, 0, db1=by_hand, db2=STANDBY)[0].has_all


def test_a_former_primary_is_shut_out_once():
    promoted = Mind(primary="db2")
    new = replace(PRIMARY, names="", flushed=None)
    assert after(promoted, 0, db1=replace(PRIMARY, flushed=None), db2=new)[1] == [("fence", "db1")]
    assert after(promoted, 9, db1=replace(PRIMARY, flushed=None, is_fenced=True), db2=new)[1] == []
    assert after(promoted, 0, db1=replace(PRIMARY, flushed=None), db2=None)[1] == [("fence", "db1")]


def test_a_promise_outlives_the_witness():
    """It ended after it had written down that db2 is the primary."""
    assert after(Mind(primary="db2"), 0, db1=None, db2=DEAF)[1] == [("promote", "db2")]


def test_a_change_by_hand_is_left_alone():
    """The record says db1; somebody has promoted db2 and made db1 its standby."""
    mind, done = after(SAFE, 60, db1=STANDBY, db2=PRIMARY)
    assert (done, mind.has_all) == ([], False)


def test_a_witness_without_a_memory_believes_what_it_sees_and_promises_nothing():
    assert failover.begin({"db1": PRIMARY, "db2": STANDBY}) == Mind(primary="db1")
    assert failover.begin({"db1": PRIMARY, "db2": replace(PRIMARY, is_fenced=True)}) == Mind(primary="db1")
    assert failover.begin({"db1": PRIMARY, "db2": PRIMARY}) is None
    assert failover.begin({"db1": None, "db2": STANDBY}) is None


@pytest.mark.parametrize("what", ["alone", "together", "promote", "fence", "unfence"])
def test_every_act_ends_with_a_row(what: str):
    """… because asking reads one."""
    assert failover.list_statements(failover.Act(what, "db1", ""), other="db2")[-1].startswith("SELECT ")


def test_what_it_writes_down_it_reads_again(tmp_path: Path):
    hosts = {"db1": "port=1", "db2": "port=2"}
    before = failover.Witness(hosts, tmp_path / "state.json")
    before.mind = SAFE
    before.save(SAFE)
    assert json.loads((tmp_path / "state.json").read_text()) == {"primary": "db1", "has_all": True}
    assert failover.Witness(hosts, tmp_path / "state.json").mind == Mind(primary="db1", has_all=True)


def test_a_host_that_does_not_answer_is_seen_as_none():
    assert failover.look_at("host=127.0.0.1 port=1 user=x dbname=x", other="db2") is None


def test_it_explains_itself():
    done = subprocess.run([sys.executable, FILE, "--help"], capture_output=True, text=True, check=True)
    assert "NAME=DSN" in done.stdout


# --- Whatever happens, in whatever order


@dataclass
class World:
    """Two hosts as simple as can be: a host's log is the list of what was committed there."""

    logs: dict[str, list[int]] = field(default_factory=lambda: {"db1": [], "db2": []})
    is_primary: dict[str, bool] = field(default_factory=lambda: {"db1": True, "db2": False})
    names: dict[str, str] = field(default_factory=lambda: {"db1": "", "db2": ""})
    fenced: dict[str, bool] = field(default_factory=lambda: {"db1": False, "db2": False})
    acknowledged: set[int] = field(default_factory=set)
    up: dict[str, bool] = field(default_factory=lambda: {"db1": True, "db2": True})
    seen: dict[str, bool] = field(default_factory=lambda: {"db1": True, "db2": True})  # by the witness
    linked: bool = True  # the two, with each other
    texts: int = 0

    def other(self, name: str) -> str:
        return "db2" if name == "db1" else "db1"

    def follows(self, name: str) -> bool:
        """Whether the other host follows this one now."""
        other, up = self.other(name), all(self.up.values())
        whole = self.logs[name][: len(self.logs[other])] == self.logs[other]
        return up and self.linked and self.is_primary[name] and not self.is_primary[other] and whole

    def write(self, name: str) -> None:
        if not (self.up[name] and self.is_primary[name] and not self.fenced[name]):
            return
        self.texts += 1
        self.logs[name].append(self.texts)
        if self.follows(name):
            self.logs[self.other(name)] = list(self.logs[name])
        elif self.names[name]:
            return  # it waits, and nobody is told
        self.acknowledged.add(self.texts)

    def look(self, name: str) -> object:
        if not (self.up[name] and self.seen[name]):
            return None
        if not self.is_primary[name]:
            return Look(is_standby=True, receives=self.follows(self.other(name)))
        length, follows = len(self.logs[name]), self.follows(name)
        flushed = len(self.logs[self.other(name)]) if follows else None
        is_sync = follows and bool(self.names[name])
        return Look(False, self.names[name], self.fenced[name], length, flushed, is_sync)

    def do(self, act: Any) -> None:
        if not (self.up[act.host] and self.seen[act.host]):
            return  # the witness tries again
        if act.what in ("alone", "promote"):
            self.names[act.host] = ""
        if act.what == "together":
            self.names[act.host] = names_of(self.other(act.host))
        if act.what in ("fence", "unfence"):
            self.fenced[act.host] = act.what == "fence"
        if act.what == "promote":
            self.is_primary[act.host] = True


EVENTS = (
    "write db1",
    "write db2",
    "up db1",
    "up db2",
    "seen db1",
    "seen db2",
    "link",
    "restart",
    "look",
    "wait",
    "rejoin",
)


@settings(max_examples=400)
@given(st.lists(st.sampled_from(EVENTS), min_size=10, max_size=80))
def test_nothing_that_was_acknowledged_is_lost(events: list[str]):
    """Hosts go and come back, so do their lines, and the witness is started again."""
    world, mind, now = World(), Mind(primary="db1"), 0.0

    def turn() -> None:
        nonlocal mind, now
        now += 1
        mind, acts = decide(mind, {name: world.look(name) for name in ("db1", "db2")}, now)
        for act in acts:
            world.do(act)

    turn()
    for event in events:
        what, _, name = event.partition(" ")
        if what == "write":
            world.write(name)
        elif what == "link":
            world.linked = not world.linked
        elif what in ("up", "seen"):
            changed = getattr(world, what)
            changed[name] = not changed[name]
        elif what == "restart":
            mind = Mind(**mind.saved)
        elif what == "rejoin":
            rejoin(world, mind.primary)
        else:
            for _ in range(13 if what == "wait" else 1):
                turn()
    assert world.acknowledged <= set(world.logs[mind.primary]), (world, mind)


def rejoin(world: World, primary: str) -> None:
    """An operator makes a former primary a standby."""
    former = world.other(primary)
    if all(world.up.values()) and world.is_primary[primary] and world.is_primary[former]:
        world.is_primary[former], world.logs[former] = False, list(world.logs[primary])
        world.names[former], world.fenced[former] = "", False
