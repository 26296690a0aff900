"""Keys of the demonstration, for the tests of a live server: prints the secret of each, as JSON."""

import json
from datetime import timedelta
from typing import Any

import django


def make_keys() -> dict[str, str]:
    from django.utils import timezone  # noqa: PLC0415

    from boards.key_secrets import Scope  # noqa: PLC0415
    from boards.models import Agency, PartnershipArea  # noqa: PLC0415
    from boards.services.keys import make_key, turn_keys  # noqa: PLC0415
    from core.models import User  # noqa: PLC0415
    from tests.functional.site import COORDINATOR, LEAD  # noqa: PLC0415

    area = PartnershipArea.objects.get(slug="anytown")
    coordinator, lead = (User.objects.get(email=email) for email in (COORDINATOR, LEAD))
    turn_keys(area, on=True, by=coordinator)
    reading: list[Scope] = [scope for scope in Scope if scope is not Scope.RETURN]
    police = Agency.objects.get(area=area, code="police")
    told: dict[str, Any] = {"name": "A live server", "ends_on": timezone.localdate() + timedelta(days=30)}
    person = make_key(area, agency=None, scopes=reading, by=coordinator, **told)
    agency = make_key(area, agency=police, scopes=list(Scope), by=lead, **told)
    narrow = make_key(area, agency=None, scopes=[Scope.PLAN], by=lead, **told)
    return {"person": person[1].key, "agency": agency[1].key, "narrow": narrow[1].key}


if __name__ == "__main__":
    django.setup()
    print(json.dumps(make_keys()))  # noqa: T201
