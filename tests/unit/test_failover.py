"""What the witness of two database hosts decides (deploy/failover.py). tests/machines has it at real hosts."""

import importlib.util
import json
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

FILE = Path(__file__).resolve().parents[2] / "deploy" / "failover.py"
spec = importlib.util.spec_from_file_location("failover", FILE)
failover = importlib.util.module_from_spec(spec)
sys.modules["failover"] = failover  # dataclasses look there
spec.loader.exec_module(failover)
Look, Mind, decide, names_of = failover.Look, failover.Mind, failover.decide, failover.names_of

SAFE = Mind(primary="db1", has_all=True, timeline=1, has_names=True, since_names=100)
PROMISED = Mind(primary="db2", is_promised=True, timeline=1)
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
    assert mind == PROMISED


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
    assert after(PROMISED, 0, db1=None, db2=DEAF)[1] == [("promote", "db2")]


def test_a_promise_holds_if_the_former_primary_is_back():
    """The act failed. db1 waits for db2, so nobody was told anything that db2 lacks. Without db2 it is all we have."""
    assert after(PROMISED, 1, db1=PRIMARY, db2=STANDBY)[1] == [("promote", "db2")] * 2
    assert after(PROMISED, 1, db1=PRIMARY, db2=None)[1] == [("alarm", "db2")] * 2
    promoted = replace(PRIMARY, names="", flushed=None, timeline=2)
    mind, done = after(PROMISED, 0, db1=PRIMARY, db2=promoted)
    assert (mind.is_promised, mind.timeline, done) == (False, 2, [("fence", "db1")])


def test_a_promise_ends_if_the_former_primary_no_longer_waits():
    mind, done = after(PROMISED, 0, db1=replace(PRIMARY, names=""), db2=STANDBY)
    assert (mind, done) == (Mind(primary="db1", timeline=1), [("alarm", "db1")])


def test_an_old_promise_says_nothing():
    """It was kept, but the witness ended before it saw it. Since then, somebody has gone back to db1."""
    assert after(PROMISED, 60, db1=None, db2=replace(DEAF, timeline=3))[1] == [("alarm", "db2")] * 61


@pytest.mark.parametrize("former", [STANDBY, None, PRIMARY])
def test_a_promotion_by_hand_is_believed(former: object):
    """The record says db1; somebody has promoted db2, and perhaps made db1 its standby."""
    by_hand = replace(PRIMARY, names="", timeline=2)
    mind, done = after(SAFE, 0, db1=former, db2=by_hand)
    assert (mind, done) == (Mind(primary="db2", timeline=2), [("alarm", "db2")])
    # One look in vain, or many: db1 isn't promoted, whatever it may have.
    assert [what for what, host in after(mind, 60, db1=former, db2=None)[1] if (what, host) != ("fence", "db1")] == []


def test_an_operators_word_counts_more_than_a_timeline():
    """As after `--primary db1`, because db2 was lost. Then db2 comes back."""
    alone, back = replace(PRIMARY, names="", flushed=None), replace(PRIMARY, names="", flushed=None, timeline=2)
    mind, _ = after(Mind(primary="db1"), 30, db1=alone, db2=None)
    assert after(mind, 0, db1=alone, db2=back)[1] == [("fence", "db2")]


def test_two_standbys_are_left_alone():
    assert after(SAFE, 1, db1=STANDBY, db2=STANDBY)[1] == [("alarm", "db1")] * 2


def test_the_names_are_written_again_after_an_act_that_stopped_half_way():
    """The server still has the names, but its file doesn't."""
    lonely = replace(PRIMARY, flushed=None, is_sync=False)
    mind, _ = after(SAFE, 10, db1=lonely, db2=None)
    mind, acts = after(mind, 0, db1=PRIMARY, db2=STANDBY)
    assert (acts, mind.has_all) == ([("together", "db1")], False)
    assert after(failover.mistrust(mind), 0, db1=PRIMARY, db2=STANDBY)[1] == [("together", "db1")]
    mind, acts = after(mind, 1, db1=PRIMARY, db2=STANDBY)
    assert (acts, mind.has_all) == ([], True)


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
    assert json.loads((tmp_path / "state.json").read_text()) == SAFE.saved
    after_restart = Mind(primary="db1", has_all=True, timeline=1)
    assert failover.Witness(hosts, tmp_path / "state.json").mind == after_restart
    # A file from before promises and timelines were in it
    (tmp_path / "state.json").write_text('{"primary": "db1", "has_all": true}')
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
    timeline: dict[str, int] = field(default_factory=lambda: {"db1": 1, "db2": 1})
    names: dict[str, str] = field(default_factory=lambda: {"db1": "", "db2": ""})
    fenced: dict[str, bool] = field(default_factory=lambda: {"db1": False, "db2": False})
    # What the file of a host says of the two. The host reads it when it starts, or is told to.
    file: dict[str, tuple[str, bool]] = field(default_factory=lambda: {"db1": ("", False), "db2": ("", False)})
    acknowledged: set[int] = field(default_factory=set)
    up: dict[str, bool] = field(default_factory=lambda: {"db1": True, "db2": True})
    seen: dict[str, bool] = field(default_factory=lambda: {"db1": True, "db2": True})  # by the witness
    linked: bool = True  # the two, with each other
    watched: bool = True  # the witness is there
    stops_after: int | None = None  # statements of the next act
    lost: set[str] = field(default_factory=set)  # hosts that an operator gave up; they start only when they are rebuilt
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
        timeline = self.timeline[name]
        if not self.is_primary[name]:
            return Look(is_standby=True, receives=self.follows(self.other(name)), timeline=timeline)
        length, follows = len(self.logs[name]), self.follows(name)
        flushed = len(self.logs[self.other(name)]) if follows else None
        is_sync = follows and bool(self.names[name])
        return Look(False, self.names[name], self.fenced[name], length, flushed, is_sync, timeline=timeline)

    def do(self, act: Any) -> bool:
        """Do it, statement by statement. Returns whether the witness hears that it is done."""
        statements = failover.list_statements(act, other=self.other(act.host))
        if not statements:
            return True
        if not (self.up[act.host] and self.seen[act.host]):
            return False
        stops_after, self.stops_after = self.stops_after, None
        for statement in statements[:stops_after]:
            self.run(act.host, statement)
        return stops_after is None

    def run(self, name: str, statement: str) -> None:
        names, is_fenced = self.file[name]
        if statement == failover.RELOAD:
            self.names[name], self.fenced[name] = self.file[name]
        elif "synchronous_standby_names" in statement:
            self.file[name] = ("" if "RESET" in statement else names_of(self.other(name)), is_fenced)
        elif "default_transaction_read_only" in statement:
            self.file[name] = (names, "RESET" not in statement)
        else:
            assert "pg_promote" in statement
            self.promote(name)

    def promote(self, name: str) -> None:
        self.timeline[name] += not self.is_primary[name]
        self.is_primary[name] = True

    # --- What an operator does by hand

    def switch(self, name: str) -> None:
        """Start or stop a host."""
        self.up[name] = not self.up[name] and name not in self.lost
        if self.up[name]:
            self.run(name, failover.RELOAD)

    def rejoin(self, former: str) -> None:
        """Make a former primary a standby. The newest promotion counts."""
        primary = self.other(former)
        is_newer = self.is_primary[primary] and self.timeline[primary] > self.timeline[former]
        if is_newer and self.up[primary] and (self.up[former] or former in self.lost):
            self.lost.discard(former)
            self.up[former], self.is_primary[former] = True, False
            self.logs[former], self.timeline[former] = list(self.logs[primary]), self.timeline[primary]
            self.file[former] = ("", False)
            self.run(former, failover.RELOAD)

    def promote_by_hand(self, name: str) -> None:
        """As ADR 0076 has it: the witness and the primary are lost together. Who decides it accepts what is lost."""
        former = self.other(name)
        is_stuck = not self.watched and not self.up[former] and self.up[name] and not self.is_primary[name]
        if is_stuck and self.timeline[name] == self.timeline[former]:
            for statement in failover.list_statements(failover.Act("promote", name, ""), other=former):
                self.run(name, statement)
            self.acknowledged &= set(self.logs[name])
            self.lost.add(former)


HOSTS = ("db1", "db2")
EVENTS = (
    *(f"{what} {name}" for what in ("write", "up", "seen", "rejoin", "by-hand") for name in HOSTS),
    *("link", "restart", "watch", "wait 1", "wait 10", "wait 11", "wait 13", "stop 0", "stop 1", "stop 2", "stop 4"),
)


class Story:
    """What happens to a world and its witness, one event after the other."""

    def __init__(self) -> None:
        self.world, self.mind, self.now = World(), Mind(primary="db1"), 0.0
        self.turn()

    def turn(self) -> None:
        """As Witness.turn."""
        self.now += 1
        if self.world.watched:
            self.mind, acts = decide(self.mind, {name: self.world.look(name) for name in HOSTS}, self.now)
            done = [self.world.do(act) for act in acts]
            if not all(done):
                self.mind = failover.mistrust(self.mind)

    def happen(self, event: str) -> None:
        world, (what, _, which) = self.world, event.partition(" ")
        if what == "write":
            world.write(which)
        elif what == "up":
            world.switch(which)
        elif what == "seen":
            world.seen[which] = not world.seen[which]
        elif what == "link":
            world.linked = not world.linked
        elif what == "rejoin":
            world.rejoin(which)
        elif what == "by-hand":
            world.promote_by_hand(which)
        elif what == "stop":
            world.stops_after = int(which)
        elif what in ("restart", "watch"):
            world.watched = what == "restart" or not world.watched
            self.mind = Mind(**self.mind.saved)
        else:
            for _ in range(int(which)):
                self.turn()

    def end(self) -> None:
        """Everything is mended, and somebody makes a former primary a standby."""
        world = self.world
        world.linked = world.watched = True
        world.stops_after = None
        for name in HOSTS:
            world.seen[name] = True
            if not world.up[name]:
                world.switch(name)
        for event in ("wait 13", "rejoin db1", "rejoin db2", "write db1", "write db2", "wait 13"):
            self.happen(event)


@settings(max_examples=400)
@given(st.lists(st.sampled_from(EVENTS), min_size=10, max_size=80))
# Somebody promotes db2 by hand, and makes db1 its standby. Then the witness comes back, with its old file.
@example(["wait 13", "watch", "up db1", "by-hand db2", "rejoin db1", "link", "write db2", "up db2", "watch", "wait 1"])
# A promise whose act fails, and the former primary is back.
@example(["wait 13", "up db1", "stop 0", "wait 11", "up db1", "wait 1", "up db2", "wait 13", "up db2", "write db1"])
# It stops between the two statements of `alone`, and `together` fails too. Then db1 starts again and acknowledges.
@example(
    [
        *("wait 13", "up db2", "stop 1", "wait 11", "up db2", "stop 0", "wait 13"),
        *("up db1", "up db1", "link", "write db1", "up db1", "wait 13"),
    ]
)
# It keeps a promise, and ends before it sees it. Then people go back to db1 by hand.
@example(
    [
        *("wait 13", "up db1", "wait 11", "watch", "up db1", "rejoin db1", "up db2", "by-hand db1", "rejoin db2"),
        *("link", "write db1", "up db1", "watch", "wait 1"),
    ]
)
def test_nothing_that_was_acknowledged_is_lost(events: list[str]):
    """Hosts go and come back, so do their lines, the witness and its acts. In the end there is one safe primary."""
    story = Story()
    for event in events:
        story.happen(event)
    story.end()
    world, primary = story.world, story.mind.primary
    assert world.acknowledged <= set(world.logs[primary]), (world, story.mind)
    assert (world.is_primary[primary], world.fenced[primary]) == (True, False), (world, story.mind)
    assert not world.is_primary[world.other(primary)], (world, story.mind)
    assert story.mind.has_all, (world, story.mind)
