"""A published edition stays as it was, whoever writes to the database."""

from copy import deepcopy

import pytest
from django.db import connection

from boards.rules import Role
from core import triggers
from reporting.models import (
    PublicEdition,
    PublicLine,
)
from reporting.public.services import agree, ask_consent, decline, publish_edition, turn_public_pages
from reporting.workflow import EditionState
from tests import scenarios
from tests.integration.frozen import (
    EDITION,
    EDITION_STAYS,
    PUBLIC_LINE,
    SEPTEMBER,
    columns_of,
    refuse_all,
    refused,
    sql,
)
from tests.scenarios import Town

pytestmark = pytest.mark.both_databases

PUBLIC_COLUMNS = columns_of(PublicLine)
PUBLIC_OTHERS = PUBLIC_COLUMNS.replace("category_code", "'new'").replace("edition_id", "{edition}")
# {e} a published edition, {a} one that waits for approval, {l} a line of the first.
REFUSED_OF_EDITIONS = {
    "a line's value": f"UPDATE {PUBLIC_LINE} SET value = 99, state = 'figure' WHERE id = {{l}}",
    "a line's rule": f"UPDATE {PUBLIC_LINE} SET protected_by = 'show' WHERE edition_id = {{e}}",
    "a line to another edition": f"UPDATE {PUBLIC_LINE} SET edition_id = {{a}}, category_code = 'x' WHERE id = {{l}}",
    "a line into it": f"UPDATE {PUBLIC_LINE} SET edition_id = {{e}}, category_code = 'x' WHERE edition_id = {{a}}",
    "a line away": f"DELETE FROM {PUBLIC_LINE} WHERE id = {{l}}",
    "every line away": f"DELETE FROM {PUBLIC_LINE}",
    "a new line": f"INSERT INTO {PUBLIC_LINE} ({PUBLIC_COLUMNS}) "
    f"SELECT {PUBLIC_OTHERS.format(edition='{e}')} FROM {PUBLIC_LINE} WHERE id = {{l}}",
    "back to approved": f"UPDATE {EDITION} SET state = 'agreed', number = NULL, published_at = NULL, "
    f"published_by_id = NULL WHERE id = {{e}}",
    "its number": f"UPDATE {EDITION} SET number = 7 WHERE id = {{e}}",
    "what was approved": f"UPDATE {EDITION} SET fingerprint = 'x' WHERE id = {{e}}",
    "the edition away": f"DELETE FROM {EDITION} WHERE id = {{e}}",
}
POSTGRESQL_OF_EDITIONS = {
    "all lines at once": f"TRUNCATE {PUBLIC_LINE}",
    "all editions at once": f"TRUNCATE {EDITION} CASCADE",
}
SQLITE_OF_EDITIONS = {
    "an edition in its place": f"INSERT OR REPLACE INTO {EDITION} SELECT * FROM {EDITION} WHERE id = {{e}}",
    "a waiting one in its place": f"UPDATE OR REPLACE {EDITION} SET id = {{e}} WHERE id = {{a}}",
    "a line in a line's place": f"UPDATE OR REPLACE {PUBLIC_LINE} SET id = {{l}} WHERE edition_id = {{a}}",
    "a waiting one's line in a line's place": f"INSERT OR REPLACE INTO {PUBLIC_LINE} (id, {PUBLIC_COLUMNS}) "
    f"SELECT {{l}}, {PUBLIC_OTHERS.format(edition='{a}')} FROM {PUBLIC_LINE} WHERE id = {{l}}",
}


@pytest.fixture(scope="module")
def made(standing) -> tuple[Town, dict[str, int]]:
    return standing(make_editions)


@pytest.fixture
def editions(db: None, made: tuple[Town, dict[str, int]]) -> dict[str, int]:
    return made[1]


@pytest.fixture
def town(made: tuple[Town, dict[str, int]]) -> Town:
    return deepcopy(made[0])


def make_editions() -> tuple[Town, dict[str, int]]:
    """A month that is public, and the next one's edition, which waits for approval."""
    town = scenarios.make_town()
    turn_public_pages(town.area, on=True, by=town.coordinator)
    for month, arrests in ((SEPTEMBER, 30), (SEPTEMBER.next, 50)):
        scenarios.accept(town, month, {"arrests": arrests, "charges": 20})
        scenarios.publish(town, month)
    waiting = [ask_consent(scenarios.open_month(town, month), by=town.coordinator) for month in (SEPTEMBER,)]
    agree(waiting[0], by=town.people[Role.INFORMATION], seen=waiting[0].fingerprint)
    publish_edition(waiting[0], by=town.coordinator)
    waiting.append(ask_consent(scenarios.open_month(town, SEPTEMBER.next), by=town.coordinator))
    line = PublicLine.objects.filter(edition=waiting[0]).order_by("pk")[0]
    return town, {"e": waiting[0].pk, "a": waiting[1].pk, "l": line.pk}


@pytest.mark.parametrize("what", REFUSED_OF_EDITIONS)
def test_what_is_public_refuses(editions, what):
    refused(REFUSED_OF_EDITIONS[what], editions, because=EDITION_STAYS)


def test_an_edition_refuses_what_only_this_database_can(editions):
    connection.check_constraints()
    triggers.remove(connection, kinds=[triggers.AREA])  # they refuse another id first
    for statement in (SQLITE_OF_EDITIONS if connection.vendor == "sqlite" else POSTGRESQL_OF_EDITIONS).values():
        refused(statement, editions, because=EDITION_STAYS)


def test_the_orm_is_refused_an_edition_too(editions):
    public = PublicEdition.objects.get(pk=editions["e"])
    refuse_all([public.save, public.delete, public.lines.first().save, public.lines.first().delete])


@pytest.mark.parametrize("state", [EditionState.ASKED, EditionState.AGREED, EditionState.DECLINED])
def test_an_edition_that_is_not_published_is_free(town, editions, state):
    edition, officer = PublicEdition.objects.get(pk=editions["a"]), town.people[Role.INFORMATION]
    if state is EditionState.AGREED:
        agree(edition, by=officer, seen=edition.fingerprint)
    if state is EditionState.DECLINED:
        decline(edition, why="Too small", by=officer)
    assert PublicEdition.objects.get(pk=edition.pk).state == state
    sql(f"UPDATE {PUBLIC_LINE} SET position = 9 WHERE edition_id = {{a}}", **editions)
    sql(
        f"INSERT INTO {PUBLIC_LINE} ({PUBLIC_COLUMNS}) SELECT {PUBLIC_OTHERS.format(edition='{a}')} "
        f"FROM {PUBLIC_LINE} WHERE id = {{l}}",
        **editions,
    )
    sql(f"DELETE FROM {PUBLIC_LINE} WHERE edition_id = {{a}}", **editions)
    sql(f"UPDATE {EDITION} SET fingerprint = 'x' WHERE id = {{a}}", **editions)
    sql(f"DELETE FROM {EDITION} WHERE id = {{a}}", **editions)
    assert not PublicEdition.objects.filter(pk=editions["a"]).exists()
