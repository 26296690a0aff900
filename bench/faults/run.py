"""How does a run go? People write while one thing after another goes wrong; then all is made good, and checked."""

import contextlib
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from django.db import connection

from bench.faults.browser import Browser, NoAnswer
from bench.faults.checks import find_faults, make_good
from bench.faults.kinds import FAULTS, World, kinds_for
from bench.faults.model import Model, State
from bench.faults.people import Person
from bench.faults.plans import Act, Step, make_plan
from bench.faults.programs import running
from bench.faults.stores import Postgres, RedisServer, Sqlite
from bench.faults.towns import Place, make_places
from core.tasks import run_due_jobs
from tests.mail_server import MailServer
from tests.waits.lines import line

BACK_WITHIN = 30.0  # seconds, once every program runs again
UNREADY = (500, 502, 503, 504)


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def run(
    seed: int,
    faults: int,
    *,
    database: Postgres | Sqlite,
    redis: RedisServer,
    mail: MailServer,
    environment: Mapping[str, str],
    ahead: timedelta,
    folder: Path,
    only: Sequence[str],
    longest: float,
) -> bool:
    """Do a whole run. Return whether everything held. `only` names the kinds of faults; without any, all."""
    plan = make_plan(seed, faults, only or kinds_for(database), longest=longest)
    model, began = Model(), time.monotonic()
    places = make_places(plan)
    say(f"Seed {seed}, {faults} faults, {database.kind}: {len(places)} towns made in {time.monotonic() - began:.0f} s")
    with contextlib.ExitStack() as ends:
        told = dict(environment)
        by = None
        if isinstance(database, Postgres):
            by = ends.enter_context(line(database.port))
            told["DATABASE_URL"] = database.url_at(by.port)
        programs = ends.enter_context(running(folder, told, ahead=ahead))
        world = World(database, redis, programs, mail, by)
        for step in plan:
            take(step, world, places, model)
    say(f"      After {time.monotonic() - began:.0f} s: everything is made good, and checked.")
    connection.close()  # the server may have ended it long ago
    found = [*make_good(), *find_faults(model, mail.letters)]
    say_result(model, found, mail, seconds=time.monotonic() - began)
    return not found


def take(step: Step, world: World, places: Sequence[Place], model: Model) -> None:
    """One fault, while people write."""
    say(str(step))
    before, known = model.count(), len(model.writes)
    people = [threading.Thread(target=act_as, args=[act, world, places, model]) for act in step.acts]
    for person in people:
        person.start()
    time.sleep(step.begins)
    FAULTS[step.fault](world, step)
    over = time.monotonic()
    world.mend()
    mended = time.monotonic()
    wait_for_the_site(world, places[0])
    back = time.monotonic()
    if back - mended > BACK_WITHIN:
        model.wonder(f"After fault {step.number}, {step.fault}, the site was back after {back - mended:.1f} s.")
    for person in people:
        person.join()
    # As beat does each minute. Here, something is to be under way when the next thing goes wrong.
    run_due_jobs.apply_async(expires=3600)
    for write in model.writes[known:]:
        if write.state is not State.ACKNOWLEDGED:
            say(f"      {write}")
    after = model.count() - before
    say(f"     {dict(sorted((state.value, count) for state, count in after.items()))}; back after {back - over:.1f} s")


def act_as(act: Act, world: World, places: Sequence[Place], model: Model) -> None:
    time.sleep(act.wait)
    try:
        Person(act, places[act.town], world.programs.port, model).do()
    except Exception as broken:  # noqa: BLE001  # whatever it is, the run has to say so
        model.wonder(f"{act} broke: {broken!r}")


def wait_for_the_site(world: World, place: Place) -> None:
    """Wait until every process of the site is well: eight pages in a row. Or until that is hopeless."""
    browser, well = Browser(world.programs.port, place.coordinator), 0
    deadline = time.monotonic() + 4 * BACK_WITHIN
    while well < 8 and time.monotonic() < deadline:
        try:
            well = 0 if browser.get(f"/{place.slug}/plan/").status in UNREADY else well + 1
        except NoAnswer:
            well = 0
        if not well:
            time.sleep(0.1)


def say_result(model: Model, found: Sequence[str], mail: MailServer, *, seconds: float) -> None:
    for fault in found:
        say(f"FAULT: {fault}")
    kinds = Counter(write.kind for write in model.writes)
    say(f"{len(model.writes)} writes ({', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items()))}):")
    say(f"{', '.join(f'{count} {state.value}' for state, count in sorted(model.count().items()))}.")
    say(f"{len(mail.letters)} emails arrived. {seconds:.0f} s, {os.times().children_user:.0f} s of CPU in programs.")
    say("Nothing is lost, doubled or spoilt." if not found else f"{len(found)} faults of the product.")
