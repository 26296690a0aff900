"""What is said of a month: who may, how much, which version it stands beside, and that it then stays."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from boards.models import ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from core.forms.pages import ChangedMeanwhile
from core.labels import TransitionRefused
from core.models import AuditEvent
from reporting.models import Commentary, Snapshot
from reporting.months.presenters.month import make_commentary
from reporting.months.selectors import find_commentary
from reporting.months.services import publish_corrections, write_commentary
from tests import scenarios
from tests.commenting import WORDS, comment
from tests.integration.frozen import sql
from tests.integration.test_revisions import correct
from tests.scenarios import Town
from tests.standing import stand

pytestmark = pytest.mark.django_db
SEPTEMBER = Month(2026, 9)
TABLE = Commentary._meta.db_table
STAYS = "The commentary of a published version stays as it was"


def make_september() -> Town:
    town = scenarios.make_town()
    scenarios.accept(town, SEPTEMBER, {"arrests": 3, "charges": 2})
    scenarios.sweep()
    return town


made, town = stand(make_september)


def period_of(town: Town) -> ReportingPeriod:
    return ReportingPeriod.objects.get(area=town.area, starts_on=SEPTEMBER.first_day)


def revise(town: Town) -> Snapshot:
    """A figure of the published month is another one: there is a draft of version 2."""
    correct(town, SEPTEMBER, 4)
    scenarios.sweep()
    return Snapshot.objects.get(period=period_of(town), version=2)


# --- Who, and what ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.ANALYST, Role.COORDINATOR])
def test_an_analyst_or_a_coordinator_signs_it(town, role):
    said = comment(town, SEPTEMBER, by=town.people[role])
    assert said is not None
    assert (said.text, said.written_by, said.signed_as, said.version) == (WORDS, town.people[role], role, 1)
    assert AuditEvent.objects.filter(verb="commentary.written", area=town.area.slug).exists()


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ANALYST, Role.COORDINATOR, Role.OPERATOR)])
def test_nobody_else_does(town, role):
    with pytest.raises(PermissionDenied, match="Only an analyst or a coordinator of"):
        comment(town, SEPTEMBER, by=town.people[role])


def test_it_has_300_words_at_most(town):
    assert comment(town, SEPTEMBER, "word " * 300) is not None
    with pytest.raises(ValidationError, match="to 300 words: it has 302, which is 2 too many"):
        comment(town, SEPTEMBER, "word " * 302)


def test_a_word_without_end_is_refused_too(town):
    with pytest.raises(ValidationError, match="to 4,000 characters: it has 4,001"):
        comment(town, SEPTEMBER, "w" * 4001)


def test_without_words_it_is_taken_back(town):
    comment(town, SEPTEMBER)
    assert comment(town, SEPTEMBER, " \u200b ") is None
    assert not Commentary.objects.exists()
    assert AuditEvent.objects.get(verb="commentary.removed").details["text"] == WORDS


def test_the_second_of_two_at_one_form_is_told(town):
    comment(town, SEPTEMBER, "What the first said.")
    with pytest.raises(ChangedMeanwhile, match=r"differs, the saved text is now: the words: What the first said\."):
        write_commentary(period_of(town), None, "Mine.", revision=0, by=town.coordinator)


def test_whoever_changes_what_was_taken_back_is_told(town):
    comment(town, SEPTEMBER)
    comment(town, SEPTEMBER, "")
    with pytest.raises(ChangedMeanwhile, match=r"differs, the saved text is now: the words: none\."):
        write_commentary(period_of(town), None, "Mine.", revision=1, by=town.coordinator)


def test_a_form_sent_twice_writes_once(town):
    comment(town, SEPTEMBER)
    write_commentary(period_of(town), None, WORDS, revision=0, by=town.people[Role.ANALYST])
    assert Commentary.objects.get().revision == 1


# --- Where it stands --------------------------------------------------------------------------------


def test_a_board_has_its_own_or_that_for_all_boards(town):
    comment(town, SEPTEMBER, "For all.")
    found = find_commentary(period_of(town), 1, town.csp)
    assert found is not None
    assert make_commentary(found, version=1, board_code="csp").about == "Written for all boards"
    comment(town, SEPTEMBER, "For the CSP.", board=town.csp)
    texts = [getattr(find_commentary(period_of(town), 1, board), "text", "") for board in (town.csp, None)]
    assert texts == ["For the CSP.", "For all."]


def test_a_new_version_has_that_of_the_one_before_until_it_gets_its_own(town):
    comment(town, SEPTEMBER, "Of the first.")
    scenarios.publish(town, SEPTEMBER)
    revise(town)
    held = find_commentary(period_of(town), 2)
    assert held is not None
    assert make_commentary(held, version=2).about == "Written for version 1"
    comment(town, SEPTEMBER, "Of the second.")
    texts = [getattr(find_commentary(period_of(town), version), "text", "") for version in (1, 2)]
    assert texts == ["Of the first.", "Of the second."]
    publish_corrections(town.area, by=town.coordinator)
    with pytest.raises(TransitionRefused, match="September 2026 is published, so you can’t change its commentary"):
        comment(town, SEPTEMBER, "Too late.")


# --- It stays ---------------------------------------------------------------------------------------


def refused(statement: str) -> None:
    before = list(Commentary.objects.order_by("pk").values())
    with pytest.raises(IntegrityError, match=STAYS):
        sql(statement)
    assert list(Commentary.objects.order_by("pk").values()) == before


@pytest.mark.both_databases
def test_a_draft_s_can_change_and_a_published_one_s_can_not(town):
    said = comment(town, SEPTEMBER)
    assert said is not None
    said.text = "Other words."
    said.save()
    scenarios.publish(town, SEPTEMBER)
    columns = ", ".join(field.column for field in Commentary._meta.concrete_fields if field.column != "id")
    another = columns.replace("board_id", str(town.csp.pk))
    statements = [
        f"UPDATE {TABLE} SET text = 'x'",
        f"UPDATE {TABLE} SET version = 2",
        f"DELETE FROM {TABLE}",
        f"INSERT INTO {TABLE} ({columns}) SELECT {another} FROM {TABLE}",
    ]
    if connection.vendor == "sqlite":
        statements.append(f"INSERT OR REPLACE INTO {TABLE} SELECT * FROM {TABLE}")
        statements.append(
            f"INSERT OR REPLACE INTO {TABLE} (id, {columns}) SELECT id, {columns.replace('version', '2')} FROM {TABLE}"
        )
    else:
        statements.append(f"TRUNCATE {TABLE} CASCADE")
    for statement in statements:
        refused(statement)


@pytest.mark.both_databases
def test_one_cannot_be_moved_into_a_published_version(town):
    scenarios.publish(town, SEPTEMBER)
    revise(town)
    comment(town, SEPTEMBER)
    refused(f"UPDATE {TABLE} SET version = 1")


@pytest.mark.both_databases
def test_it_crosses_no_area(town):
    other = scenarios.make_town("elsewhere")
    said = comment(town, SEPTEMBER)
    assert said is not None
    said.board = other.csp
    with pytest.raises(IntegrityError), transaction.atomic():
        said.save()
    assert Commentary.objects.get().board is None
    assert period_of(town).area != other.area
