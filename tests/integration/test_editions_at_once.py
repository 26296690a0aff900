"""Two publish for the public at the same moment: it happens once, and the other is told."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from boards.models import ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from reporting.models import PublicEdition
from reporting.public.services import agree, ask_consent, publish_edition, turn_public_pages
from tests.integration.at_once import at_once
from tests.ruling import set_rule
from tests.scenarios import Town, accept, make_town, publish

pytestmark = pytest.mark.both_databases

SEPTEMBER, OCTOBER = Month(2024, 9), Month(2024, 10)


@pytest.fixture
def town(shared_database: str) -> Town:
    town = make_town()
    for month in (SEPTEMBER, OCTOBER):
        accept(town, month, {"arrests": 12, "charges": 4})
    publish(town, OCTOBER)
    turn_public_pages(town.area, on=True, by=town.coordinator)
    return town


def asked(town: Town, month: Month) -> PublicEdition:
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=month.first_day)
    return ask_consent(period, by=town.coordinator)


def agreed(town: Town, month: Month) -> PublicEdition:
    edition = asked(town, month)
    agree(edition, by=town.people[Role.INFORMATION], seen=edition.fingerprint)
    return edition


def test_one_edition_is_published_once(town: Town, others: ThreadPoolExecutor):
    edition = agreed(town, OCTOBER)
    told = at_once(others, [lambda: publish_edition(edition, by=town.coordinator)] * 4)
    assert sorted(told)[0] == ""
    assert all("is public, so it can't become public" in words for words in sorted(told)[1:])
    assert list(PublicEdition.objects.values_list("number", "state")) == [(1, "published")]


def test_consent_is_asked_for_once(town: Town, others: ThreadPoolExecutor):
    told = at_once(others, [lambda: asked(town, OCTOBER)] * 4)
    assert told.count("") == 1
    assert sum("is already in progress" in words for words in told) == 3


def test_two_months_published_at_once_are_each_held_against_the_other(town: Town, others: ThreadPoolExecutor):
    """Whichever comes second knows of the first: what that withheld stays withheld."""
    first, second = agreed(town, SEPTEMBER), agreed(town, OCTOBER)
    told = at_once(others, [lambda each=each: publish_edition(each, by=town.coordinator) for each in (first, second)])
    assert told == ["", ""]
    set_rule(town.area, kind="show", why="Agreed", by=town.people[Role.INFORMATION])
    again = agreed(town, OCTOBER)
    publish_edition(again, by=town.coordinator)
    assert again.lines.get(indicator_code="charges").history == [None, None]
