"""Make a town that has an action, and sign its coordinator in.

Run as `python -m tests.machines.make_site` with the DATABASE_URL of a migrated database. Prints, as JSON, the
session's key and the address at which updates of the action are added.
"""

import json
import sys

import django
from django.conf import settings


def main() -> None:
    django.setup()

    from tests.planning import plan  # noqa: PLC0415
    from tests.scenarios import make_town  # noqa: PLC0415
    from tests.visiting import signed_in  # noqa: PLC0415

    action = plan(town := make_town())
    client = signed_in(town.coordinator)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    json.dump({"session": session, "path": f"/{town.area.slug}/plan/{action.number}/update/"}, sys.stdout)


if __name__ == "__main__":
    main()
