"""Keys for machines, as people make them, and requests with one."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, cast

from django.test import RequestFactory
from django.utils import timezone

from boards.key_access import KeyAccess, find_key
from boards.key_secrets import Scope
from boards.models import Agency, ApiKey, Region, RegionKey
from boards.rules import RegionRole
from boards.services.keys import make_key, make_region_key, turn_keys
from core.models import User
from tests.factories.regions import make_region_member
from tests.scenarios import Town

READ: list[Scope] = [scope for scope in Scope if scope is not Scope.RETURN]


def turn_on(town: Town) -> None:
    turn_keys(town.area, on=True, by=town.coordinator)


def give_key(
    town: Town, by: User, *, agency: Agency | None = None, scopes: list[Scope] | None = None, **options: Any
) -> tuple[ApiKey, str]:
    """A key and its secret. Keys are on."""
    turn_on(town)
    told: dict[str, Any] = {"name": "Power BI", "ends_on": timezone.localdate() + timedelta(days=90), **options}
    key, secret = make_key(town.area, agency=agency, scopes=scopes or READ, by=by, **told)
    return key, secret.key


def agency_key(town: Town, **options: Any) -> tuple[ApiKey, str]:
    return give_key(town, town.lead, agency=town.police, **{"scopes": list(Scope), "name": "Niche", **options})


def give_region_key(region: Region, by: User | None = None, **options: Any) -> tuple[RegionKey, str]:
    """A key of a region and its secret; a new analyst's, if nobody is named."""
    told: dict[str, Any] = {"name": "pandas", "ends_on": timezone.localdate() + timedelta(days=90), **options}
    key, secret = make_region_key(region, by=by or make_region_member(region, RegionRole.ANALYST), **told)
    return key, secret.key


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def opened(secret: str, path: str = "/api/v1/areas", scopes: Iterable[Scope] = ()) -> KeyAccess:
    """What an area's key opens."""
    return cast("KeyAccess", find_key(RequestFactory().get(path, headers=bearer(secret)), scopes))
