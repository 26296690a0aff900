"""The command `python -m tests.services`: see tests/services/__init__.py."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from types import FrameType

from tests.services import ServiceError, postgres, redis
from tests.services.processes import say
from tests.services.programs import missing_packages

USAGE = """Usage: python -m tests.services [postgres] [redis] -- COMMAND…
       python -m tests.services --missing [--all]"""

SERVICES: Mapping[str, tuple[str, Callable[[], contextlib.AbstractContextManager[str]]]] = {
    "postgres": ("DATABASE_URL", postgres),
    "redis": ("REDIS_URL", redis),
}


def run(command: Sequence[str], *, services: Sequence[str]) -> int:
    """Run a command against the named services; returns its exit status.

    Raises ServiceError when a service does not start.
    """
    environment = dict(os.environ)
    with contextlib.ExitStack() as stack:
        for name in services:
            variable, start = SERVICES[name]
            environment[variable] = stack.enter_context(start())
        child = subprocess.Popen(command, env=environment)
        # Ctrl-C reaches the command by itself; we only stay to stop the servers after it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)

        def pass_on(number: int, _frame: FrameType | None) -> None:
            child.send_signal(number)

        signal.signal(signal.SIGTERM, pass_on)
        status = child.wait()
    return status if status >= 0 else 128 - status  # ended by a signal: as a shell says it


def main(arguments: Sequence[str]) -> int:
    """Do what tests/services/__init__.py says; returns the exit status."""
    if arguments[:1] == ["--missing"] and arguments[1:] in ([], ["--all"]):
        sys.stdout.writelines(f"{package}\n" for package in missing_packages(with_machines=len(arguments) > 1))
        return 0
    services = list(arguments)
    command: list[str] = []
    if "--" in services:
        split = services.index("--")
        services, command = services[:split], services[split + 1 :]
    if not command or not set(services) <= SERVICES.keys():
        say(USAGE)
        return 2
    try:
        return run(command, services=services)
    except ServiceError as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
