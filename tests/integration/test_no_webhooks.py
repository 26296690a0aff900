"""There are no webhooks any more. A database that has some loses them, and keeps what people did with them."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations.state import StateApps
from django.utils import timezone

from boards.rules import Role
from core.audit_log.sealing import get_head, seal
from core.models import AuditEvent, Job, LegalHold, OutboxEntry, RetentionNotice, RetentionRule
from operations.checks import guards_are_up
from operations.health.checks import find_letters_tried
from tests.integration.command_line import run
from tests.scenarios import Town, make_town
from tests.upgrading import WAYS, Upgrade
from tests.visiting import signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]
UPGRADE = Upgrade(
    before=[("reporting", "0001_initial")],
    # By the last, what was told leaves by today's table.
    migrations=[
        ("reporting", "0002_no_webhooks"),
        ("boards", "0005_outbox"),
    ],
    gone=["reporting.Hook", "reporting.HookCall", "boards.Told"],
)
VERBS = {
    "hook.made": "Webhook made",
    "hook.secret_shown": "Webhook secret shown",
    "hook.tested": "Webhook tested",
    "hook.renewed": "Webhook renewed",
    "hook.stopped": "Webhook stopped",
    "hook.started": "Webhook started",
    "hook.gave_up": "Webhook gave up",
}


@pytest.fixture
def town() -> Town:
    return make_town()


@pytest.fixture
def others() -> dict[str, Town]:
    return {slug: make_town(slug) for slug in ("otherford", "freeford", "endedford", "quietford")}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def before(town: Town, others: dict[str, Town], way: str) -> Iterator[StateApps]:
    """The models of a release with webhooks, in its database. The models of today may have columns that it lacks."""
    with UPGRADE.undone(way) as models:
        yield models


def leave_hook(before: StateApps, town: Town, name: str, address: str, **fields: object) -> None:
    """A webhook with a call that waits for another try, and the record of everything that people did with it."""
    hook = before.get_model("reporting", "Hook")(
        area_id=town.area.pk, name=name, url=f"https://{address}", kinds=["month.published"], secret="sealed",
        made_at=timezone.now(), made_by_id=town.coordinator.pk, **fields,
    )  # fmt: skip
    hook.save()
    hook.calls.create(kind="month.published", target="snapshot:1", claimed_at=timezone.now(), fault="No answer")
    by, host = town.coordinator, address.partition("/")[0]
    for verb in VERBS:
        AuditEvent.objects.create(
            actor_id=by.pk, actor=by.email, area=town.area.slug, verb=verb, details={"host": host},
            target_type="reporting.hook", target_id=str(hook.pk), target=f"{name}, {town.area}",
        )  # fmt: skip
    seal(town.area.slug)


def test_a_database_without_any_says_nothing_of_them(before: StateApps, way: str, capsys):
    UPGRADE.run(way)
    assert capsys.readouterr().out == ""


def test_a_database_that_has_some(town: Town, others: dict[str, Town], before: StateApps, way: str, capsys):
    """One upgrade for all that is to be seen after it."""
    leave_hook(before, town, "The analyst’s page", "hooks.example.org:8443/in?key=abc")
    leave_hook(before, others["otherford"], "A warehouse", "data.example.org/T0K3N")
    left = {"stopped_at": timezone.now(), "stopped_by_id": town.coordinator.pk}
    leave_hook(before, town, "Stopped long ago", "old.example.org/", **left)
    leave_holds(before, town, others)
    waiting, in_force = leave_what_waits(before, town)
    assert set(connection.introspection.table_names()) >= UPGRADE.tables
    events = AuditEvent.objects.filter(area="testford", number__isnull=False)
    assert set(events.values_list("verb", flat=True)) == set(VERBS)
    head = get_head("testford")

    UPGRADE.run(way)

    assert capsys.readouterr().out == (
        "\n  There are no webhooks any more. We no longer call:\n"
        "    Endedford: A page, at hooks.example.org\n"
        "    Freeford: A page, at hooks.example.org\n"
        "    Otherford: A warehouse, at data.example.org\n"
        "    Testford: The analyst’s page, at hooks.example.org:8443\n"
        "\n  Records are on hold in Testford, but the log of calls goes. Keep the backup from before this upgrade.\n"
    )
    nothing_of_them_is_left()
    nothing_waits_without_end(waiting, in_force)
    assert run("verify_audit", "--area", "testford", "--head", head).out == f"testford: whole. Head {head}\n"
    what_people_did_is_readable(town, events.filter(details__host="hooks.example.org:8443")[0].target_id)


def leave_holds(before: StateApps, town: Town, others: dict[str, Town]) -> None:
    """Records are held where there is a hook, where none is, where a hold has ended, and records of another kind."""
    for slug in ("freeford", "endedford"):
        leave_hook(before, others[slug], "A page", "hooks.example.org/in")
    placed = {"why": "A claim", "placed_at": timezone.now(), "placed_by": town.coordinator}
    LegalHold.objects.create(area="testford", kind="", **placed)
    LegalHold.objects.create(area="freeford", kind="packs", **placed)
    LegalHold.objects.create(area="endedford", kind="", ends_on=date(2026, 1, 31), **placed)
    LegalHold.objects.create(area="quietford", kind="", **placed)


def leave_what_waits(before: StateApps, town: Town) -> tuple[RetentionNotice, RetentionRule]:
    """An e-mail and a job that failed, a notice of deletion and a shorter period that waits; one that is in force."""
    now = timezone.now()
    Job.objects.create(name="send-hooks", failed_at=now, fault="It stopped.")
    told = {"area_id": town.area.pk, "person_id": town.coordinator.pk, "claimed_at": now, "message_id": "m"}
    news = before.get_model("boards", "Told")._default_manager
    news.create(kind="hooks", occasion="hook:1", fault="No answer", **told)
    news.create(kind="hooks", occasion="hook:2", sent_at=now, **told)
    today = timezone.localdate()
    waiting = RetentionNotice.objects.create(
        area="testford", kind="hook-calls", older_than=now, count=3, announced_on=today,
        deletes_on=today + timedelta(days=30),
    )  # fmt: skip
    asked = {"asked_at": now, "asked_by": town.coordinator, "why": "Shorter", "is_shorter": True, "months": 2}
    RetentionRule.objects.create(area="testford", kind="hook-calls", **asked)
    agreed = {"state": "agreed", "decided_at": now, "decided_by": town.lead}
    return waiting, RetentionRule.objects.create(area="testford", kind="hook-calls", **asked, **agreed)


def nothing_of_them_is_left() -> None:
    assert set(connection.introspection.table_names()).isdisjoint(UPGRADE.tables)
    kinds = ContentType.objects.filter(app_label="reporting")
    assert not kinds.filter(model__startswith="hook").exists()
    assert not Permission.objects.filter(codename__endswith="hook").exists()
    assert guards_are_up(databases=["default"]) == []


def nothing_waits_without_end(waiting: RetentionNotice, in_force: RetentionRule) -> None:
    assert [entry.occasion for entry in OutboxEntry.objects.all()] == ["hook:2"]
    assert find_letters_tried() is None
    assert not Job.objects.filter(name="send-hooks").exists()
    waiting.refresh_from_db()
    assert (waiting.outcome, waiting.ended_on, waiting.deleted) == ("cancelled", timezone.localdate(), 0)
    assert list(RetentionRule.objects.all()) == [in_force]


def what_people_did_is_readable(town: Town, hook: str) -> None:
    officer = signed_in(town.people[Role.INFORMATION])
    story = f"?of=reporting.hook:{hook}"
    page, of_one = (officer.get(f"/testford/audit/{which}").content.decode() for which in ("", story))
    assert f'href="/testford/audit/{story.replace(":", "%3A")}"' in page
    assert '<strong class="vv-break">Webhook: The analyst’s page, Testford</strong>' in of_one
    for content in (page, of_one):
        for said in VERBS.values():
            assert f"<span>{said}: The analyst’s page, Testford</span>" in content
    assert of_one.count('<li class="vv-break">host: hooks.example.org:8443</li>') == len(VERBS)
    file = officer.get("/testford/audit/events.csv").content.decode()
    assert all(verb in file for verb in VERBS)
