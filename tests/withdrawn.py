"""A town with public months, and an attack: it asks every public address for the figures of September."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from hashlib import sha256

from django.test import Client
from django.urls import reverse

from boards.models import ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from core.models import User
from indicators.disclosure import Audience
from reporting.models import IssuedPack, PublicEdition
from reporting.public.services import agree, publish_edition
from reporting.workflow import EditionState
from tests import scenarios
from tests.factories import make_dimension, make_indicator
from tests.scenarios import Town

SEPTEMBER, OCTOBER = (Month(2026, number) for number in (9, 10))
PACKAGE = tuple(f"public-package-{part}" for part in ("json", "zip", "figures", "years", "indicators", "editions"))
# Figures of September that occur nowhere else, as they are shown, with each of their sums.
SECRET = ("7,351", "8,462", "3,917", "4,545", "7351", "8462", "3917", "4545")


def make_public_town() -> Town:
    """Two public months with a pack each. Both have the figures of September."""
    town = scenarios.make_town()
    origin = make_dimension(town.area, "origin", ["london", "leeds"])
    make_indicator(town.police, "lines", dimension=origin, position=2, boards=(town.csp,))
    for month in (SEPTEMBER, OCTOBER):
        is_september = month == SEPTEMBER
        scenarios.accept(
            town,
            month,
            {
                "arrests": 7351 if is_september else 20,
                "charges": 12,
                "lines.london": 3917 if is_september else 31,
                "lines.leeds": 4545 if is_september else 32,
            },
        )
        scenarios.publish(town, month)
        scenarios.publish_openly(town, month)
        scenarios.issue(town, month, audience=Audience.PUBLIC)
    return town


def period_of(town: Town, month: Month) -> ReportingPeriod:
    return ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=month.first_day)


def officer_of(town: Town) -> User:
    return town.people[Role.INFORMATION]


def every_public_address(town: Town) -> Iterator[str]:
    """Each address that anybody can ask, also those that nothing links to any more."""
    slug = town.area.slug
    for name in ("public-list", "public-pack-list", "public-feed", *PACKAGE):
        yield reverse(f"reporting:{name}", args=[slug])
    for edition in PublicEdition.objects.filter(number__isnull=False).select_related("period"):
        for name in ("month", "lines", "about", "year", "csv", "json", "xlsx", "ods"):
            address = reverse(f"reporting:public-{name}", args=[slug, edition.period.month])
            yield from (address, f"{address}?edition={edition.number}")
    for pack in IssuedPack.objects.filter(period__area=town.area):
        for name in ("public-pack", "public-pack-pdf"):
            yield reverse(f"reporting:{name}", args=[slug, pack.reference])


def text_of(content: bytes) -> str:
    """What a reader of a page or a file sees, whatever its kind."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            content = b" ".join(book.read(name) for name in book.namelist())
    if content.startswith(b"%PDF"):
        # What it says is what its row has, from which it was set.
        pack = IssuedPack.objects.get(sha256=sha256(content).hexdigest())
        return json.dumps(pack.content)
    return content.decode()


def told_in(text: str) -> list[str]:
    return [secret for secret in SECRET if re.search(rf"(?<!\d){secret}(?!\d)", text)]


def find_leaks(town: Town) -> dict[str, list[str]]:
    """Return the addresses that repeat a figure of September, with the figures."""
    found: dict[str, list[str]] = {}
    for address in every_public_address(town):
        answer = Client().get(address)
        assert answer.status_code in (200, 404, 410)
        if answer.status_code == 200 and (told := told_in(text_of(answer.content))):
            found[address] = told
    return found


def publish_again(town: Town, month: Month) -> PublicEdition:
    """The edition that was prepared is approved and made public, by two people."""
    edition = PublicEdition.objects.select_related("period__area").get(
        period=period_of(town, month), state=EditionState.ASKED.value
    )
    agree(edition, by=officer_of(town), seen=edition.fingerprint)
    publish_edition(edition, by=town.coordinator)
    edition.refresh_from_db()
    return edition
