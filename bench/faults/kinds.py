"""Every kind of fault: what goes wrong, for how long, and what brings it back."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bench.faults.plans import Step
from bench.faults.programs import WEB, Programs
from bench.faults.stores import Postgres, RedisServer, Sqlite, send
from tests.mail_server import MailServer
from tests.typesetters import each_typesetter_gets
from tests.waits.lines import Line

LOCKED_FOR = 10.0  # seconds
TABLES = ("boards_reportingperiod", "core_sentform", "core_auditevent", "indicators_submission", "actions_action")
JUMPS = (timedelta(hours=2), timedelta(hours=-2))


@dataclass(frozen=True)
class World:
    """All that can go wrong. `line` is by what the product reaches PostgreSQL."""

    database: Postgres | Sqlite
    redis: RedisServer
    programs: Programs
    mail: MailServer
    line: Line | None

    @property
    def postgres(self) -> Postgres:
        assert isinstance(self.database, Postgres)
        return self.database

    def mend(self) -> None:
        """Bring everything back, as service managers do."""
        if isinstance(self.database, Postgres):
            self.database.start()
        self.redis.start()
        self.programs.revive()


type Fault = Callable[[World, Step], None]
FAULTS: dict[str, Fault] = {}
ON_POSTGRES: list[str] = []  # only there
ON_A_SMALL_DISK = ("the disk is full",)


def fault(name: str, *, on_postgres: bool = False) -> Callable[[Fault], Fault]:
    """The decorated function does harm, and returns when it is over. What has ended by then, `mend` starts again."""

    def add(harm: Fault) -> Fault:
        FAULTS[name] = harm
        if on_postgres:
            ON_POSTGRES.append(name)
        return harm

    return add


def kinds_for(database: Postgres | Sqlite) -> list[str]:
    left_out = [] if isinstance(database, Postgres) else [*ON_POSTGRES]
    left_out += [] if database.disk.is_small else ON_A_SMALL_DISK
    return [name for name in FAULTS if name not in left_out]


def last(step: Step) -> None:
    time.sleep(step.seconds)


# --- Programs ----------------------------------------------------------------------------------------


@fault("a process of the site is killed")
def kill_web_process(world: World, step: Step) -> None:
    world.programs.all["web"].kill_child(step.choice)


@fault("the site is killed")
def kill_web(world: World, step: Step) -> None:
    world.programs.all["web"].kill()
    last(step)


@fault("a worker is killed")
def kill_worker(world: World, step: Step) -> None:
    world.programs.all[("worker", "slow")[step.choice % 2]].kill()
    last(step)


@fault("processes of the site hang")
def hang_web_processes(world: World, step: Step) -> None:
    """Half of them, until gunicorn kills them."""
    for number in range(WEB // 2):
        world.programs.all["web"].signal_child(step.choice + number, signal.SIGSTOP)
    last(step)


@fault("a process of a worker hangs")
def hang_worker_process(world: World, step: Step) -> None:
    program = world.programs.all[("worker", "slow")[step.choice % 2]]
    program.signal_child(step.choice, signal.SIGSTOP)
    last(step)
    program.signal_child(step.choice, signal.SIGCONT)


@fault("packs hang")
def hang_packs(world: World, step: Step) -> None:
    _hit_packs(signal.SIGSTOP, world, step)


@fault("packs run out of memory")
def kill_packs(world: World, step: Step) -> None:
    _hit_packs(signal.SIGKILL, world, step)


def _hit_packs(number: int, world: World, step: Step) -> None:
    with (
        each_typesetter_gets(number, world.programs.all["web"].pid),
        each_typesetter_gets(number, world.programs.all["slow"].pid),
    ):
        last(step)


@fault("a process of a worker is killed")
def kill_worker_process(world: World, step: Step) -> None:
    world.programs.all[("worker", "slow")[step.choice % 2]].kill_child(step.choice)


@fault("beat is killed")
def kill_beat(world: World, step: Step) -> None:
    world.programs.all["beat"].kill()


@fault("a clock jumps")
def move_clock(world: World, step: Step) -> None:
    """Of one program: two hours, and then back."""
    program = world.programs.all[("web", "worker", "slow", "beat")[step.choice % 4]]
    right = program.ahead
    program.ahead += JUMPS[step.choice // 4 % 2]
    program.end()
    program.revive()
    last(step)
    program.ahead = right
    program.end()


# --- The database ------------------------------------------------------------------------------------


@fault("PostgreSQL is paused", on_postgres=True)
def pause_postgres(world: World, step: Step) -> None:
    world.postgres.pause()
    last(step)
    world.postgres.resume()


@fault("PostgreSQL ends every connection", on_postgres=True)
def end_connections(world: World, step: Step) -> None:
    world.postgres.end_connections()


@fault("a process of PostgreSQL is killed", on_postgres=True)
def kill_backend(world: World, step: Step) -> None:
    """It ends all others and recovers."""
    if found := world.postgres.all_processes()[1:]:
        send(found[step.choice % len(found)], signal.SIGKILL)


@fault("PostgreSQL is started again", on_postgres=True)
def restart_postgres(world: World, step: Step) -> None:
    world.postgres.stop((signal.SIGINT, signal.SIGQUIT)[step.choice % 2])
    last(step)


@fault("the database is deaf", on_postgres=True)
def deafen(world: World, step: Step) -> None:
    assert world.line is not None
    with world.line.deaf():
        last(step)


@fault("somebody holds a lock")
def hold_lock(world: World, step: Step) -> None:
    with world.database.lock(TABLES[step.choice % len(TABLES)]):
        time.sleep(LOCKED_FOR)


@fault("the disk is full")
def fill_disk(world: World, step: Step) -> None:
    world.database.disk.fill()
    try:
        last(step)
    finally:
        world.database.disk.clear()


# --- Redis, mail ----------------------------------------------------------------------------


@fault("Redis is paused")
def pause_redis(world: World, step: Step) -> None:
    world.redis.pause()
    last(step)
    world.redis.resume()


@fault("Redis is emptied")
def flush_redis(world: World, step: Step) -> None:
    with world.redis.client() as client:
        client.flushall()


@fault("Redis is gone")
def stop_redis(world: World, step: Step) -> None:
    world.redis.stop((signal.SIGTERM, signal.SIGKILL)[step.choice % 2])
    last(step)


@fault("the mail server says nothing")
def mute_mail(world: World, step: Step) -> None:
    world.mail.goes_on.clear()
    world.mail.holds.set()
    last(step)
    world.mail.holds.clear()
    world.mail.goes_on.set()
