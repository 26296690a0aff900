"""Sets up the database with its demonstration, and serves the product. One process for both, because importing Django
and the product is what takes a second start's time.
"""

import argparse
import errno
import gc
import os
import signal
import socket
import sys
from pathlib import Path
from time import monotonic

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
    gc.disable()  # hardly anything of a start is garbage, and to look for it takes an eighth of the time
    set_up()
    gc.freeze()  # nor does the process that serves look there, which would also copy the memory that it shares
    gc.enable()
    serve(listener)


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
    from django.db import connection, connections

    django.setup()
    from core.releases import describe_other_release, is_migrated

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
    import vvdash.urls  # noqa: F401  # every page: the first visitor needn't wait for it

    connections.close_all()  # gunicorn makes its processes from this one
    sys.stdout.flush()  # and each would say again what nobody has read yet


def serve(listener: socket.socket) -> None:
    from gunicorn.app.wsgiapp import run

    # One process: SQLite has one writer, and tasks run in the process that asks for them.
    taken = f"fd://{listener.detach()}"
    sys.argv[1:] = ["vvdash.wsgi:application", "--bind", taken, "--workers", "1", "--threads", "4"]
    sys.argv += ["--log-level", "warning", "--no-control-socket", "--graceful-timeout", "3"]
    run(prog="gunicorn")


if __name__ == "__main__":
    main()
