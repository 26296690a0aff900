"""Sets up the database with its demonstration, and serves the product. One process for both, because importing Django
and the product is what takes a second start's time.
"""

import argparse
import gc
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vvdash.settings")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    address = parser.parse_args().address
    gc.disable()  # hardly anything of a start is garbage, and to look for it takes an eighth of the time
    set_up()
    gc.freeze()  # nor does the process that serves look there, which would also copy the memory that it shares
    gc.enable()
    serve(address)


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


def serve(address: str) -> None:
    from gunicorn.app.wsgiapp import run

    # One process: SQLite has one writer, and tasks run in the process that asks for them.
    sys.argv[1:] = ["vvdash.wsgi:application", "--bind", address, "--workers", "1", "--threads", "4"]
    sys.argv += ["--log-level", "warning", "--no-control-socket", "--graceful-timeout", "3"]
    run(prog="gunicorn")


if __name__ == "__main__":
    main()
