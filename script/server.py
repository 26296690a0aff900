"""Sets up the database with its demonstration, then becomes the server. Nothing that setting up loaded, opened or began
goes on in the server: it is a fresh program, in the same process.
"""

import argparse
import errno
import os
import signal
import socket
import sys
from pathlib import Path
from time import monotonic
from typing import NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vvdash.settings")

EVERY = 2.0  # seconds: how often it says for how long it is at work


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("seconds", type=int, nargs="?", default=0, help="for how long it has been at work already")
    given = parser.parse_args()
    listener = listen(given.address)
    if os.fork() == 0:
        listener.close()  # or the port would be taken for as long as we wait
        announce(given.address, given.seconds)
        return
    set_up()
    become_server(listener)


def listen(address: str) -> socket.socket:
    """Take the port before there is anything to serve: whoever asks meanwhile waits, and no other server gets it. Exits
    with a sentence if it can't be had."""
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    try:
        return socket.create_server((host.strip("[]"), int(port)), family=family)
    except OSError as fault:
        if fault.errno != errno.EADDRINUSE:
            sys.exit(f"Nothing can listen at {address}: {fault.strerror}.")
        sys.exit(f"Another program has just begun to listen at {address}. Stop it, or choose another port with PORT.")


def announce(address: str, seconds: int) -> None:
    """Ask for the first page and say when it is there; until then, every two seconds, for how long we are at work. Says
    nothing if the server ends before."""
    import urllib.error
    import urllib.request

    begun = monotonic() - seconds

    def say_how_long(*_: object) -> None:
        print(f"  {monotonic() - begun:.0f} seconds …", file=sys.stderr, flush=True)

    signal.signal(signal.SIGINT, signal.SIG_DFL)  # without a traceback
    signal.signal(signal.SIGALRM, say_how_long)
    signal.setitimer(signal.ITIMER_REAL, EVERY, EVERY)
    browser = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy: it is on this machine
    try:
        with browser.open(f"http://{address}/"):
            found = f"Ready: http://{address}/ (Ctrl-C stops it)"
    except urllib.error.HTTPError as error:
        found = f"The server runs at http://{address}/, but its first page answers {error.code}."
    except OSError:
        return
    print(f"\n{found}", flush=True)


def set_up() -> None:
    """Make what is missing. Exits with a sentence if the database is another release's."""
    import django
    from django.core.checks import Tags, run_checks
    from django.core.management import call_command
    from django.core.management.base import CommandError
    from django.db import connection

    django.setup()
    from operations.releases import describe_other_release, is_migrated

    if fault := describe_other_release(connection):
        sys.exit(fault)
    if not is_migrated(connection):
        print("Making the tables …", flush=True)
        call_command("migrate", verbosity=0)
    try:
        call_command("load_demo")
        call_command("open_month", confirm=True)  # the demo's newest month may be long ago
        call_command("sweep")
    except CommandError as fault:
        sys.exit(str(fault))
    for message in run_checks(tags=[Tags.database], databases=["default"]):
        print(message, file=sys.stderr)


def become_server(listener: socket.socket) -> NoReturn:
    """Replace this program by gunicorn, which serves what comes in at the listener.

    It mustn't fork from here: the threads that setting up has begun, such as Typst's, wouldn't exist in the new
    process, and whoever waits for one there waits for ever.
    """
    listener.set_inheritable(True)
    sys.stdout.flush()
    # One process: SQLite has one writer, and tasks run in the process that asks for them.
    serving = ["vvdash.wsgi:application", "--bind", f"fd://{listener.fileno()}", "--workers", "1", "--threads", "4"]
    quietly = ["--log-level", "warning", "--no-control-socket", "--graceful-timeout", "3"]
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *serving, *quietly])


if __name__ == "__main__":
    main()
