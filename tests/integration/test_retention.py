"""The nightly job shows before it deletes, and deletes only what it showed; a hold stops it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from actions.models import Highlight, MeetingNote
from actions.services.highlights import archive_highlight
from boards import deletion
from boards.deletion import ERASED_ADDRESS, apply_retention, find_hold, find_months, find_notice
from boards.models import Consent, Membership, Shows
from boards.permissions import access_to
from boards.retention import describe_months, find_moment, list_kinds, load_kinds
from boards.rules import Role
from boards.services.regions import withdraw_consent
from boards.services.retention import NOTICES, decide_rule, find_kind, place_hold, release_hold, set_months
from core.audit_log.sealing import REMOVED, get_head, verify
from core.calendar import Month
from core.files import objects
from core.labels import TransitionRefused
from core.letter_kinds import AccountLetterKind
from core.mail.account import write_letter
from core.models import AuditEvent, LegalHold, OutboxEntry, ReadEvent, RetentionNotice, RetentionRule, User
from core.pages import NotHeld
from reporting.models import IssuedPack, PackPhoto, PublicEdition, RegionEdition
from reporting.packs.selectors import find_pack
from reporting.public.region_publishing import RegionPeriod
from reporting.public.services import ask_consent, decline
from reporting.workflow import EditionState
from tests import scenarios
from tests.factories import make_member, make_user
from tests.highlights import picture, tell
from tests.letters import send_on
from tests.meeting import note
from tests.retained import OLD, give_notice, in_the_past, make_old_chain, make_old_reads
from tests.shires import OCTOBER, make_shire
from tests.standing import stand

YEAR = timedelta(days=366)
today = timezone.localdate  # read in each test: a run may pass midnight
AREA = "testford"
SEPTEMBER = Month(2026, 9)


made, town = stand(scenarios.make_town)


def announce(today: date) -> None:
    """Let the job run on a day that may be over."""
    with in_the_past():
        apply_retention([AREA], today=today)


def test_every_kind_has_its_words_and_limits():
    kinds = load_kinds()
    assert len({(kind.code, kind.is_of_areas) for kind in kinds}) == len(kinds)
    for kind in kinds:
        assert 1 <= kind.least <= kind.months <= kind.most, kind.code
        assert kind.why.endswith(".")
        assert kind.since
    assert len(list_kinds(AREA)) + len(list_kinds("")) == len(kinds)


def test_months_before_a_day():
    assert timezone.localdate(find_moment(date(2026, 3, 31), 1)) == date(2026, 2, 28)
    assert timezone.localdate(find_moment(date(2026, 1, 5), 13)) == date(2024, 12, 5)
    assert (describe_months(84), describe_months(1), describe_months(18)) == ("7 years", "1 month", "18 months")


def test_shows_thirty_days_before_it_deletes(town):
    make_old_reads(3 * YEAR, 3 * YEAR, timedelta(1), area=AREA)
    announce(today() - timedelta(days=30))
    notice = find_notice(AREA, "reads")
    assert notice
    assert (notice.count, notice.deletes_on) == (2, today())
    for day in (30, 29, 1):
        announce(today() - timedelta(days=day))
    assert ReadEvent.objects.filter(area=AREA).count() == 3
    assert apply_retention([AREA], today=today()) == 2
    assert ReadEvent.objects.filter(area=AREA).count() == 1
    notice.refresh_from_db()
    assert (notice.outcome, notice.deleted, notice.ended_on) == ("deleted", 2, today())
    event = AuditEvent.objects.get(area=AREA, verb=REMOVED)
    assert (event.details["kind"], event.details["deleted"], event.actor) == ("reads", 2, "system")
    assert "lead@" not in str(event.details)
    assert apply_retention([AREA], today=today()) == 0


@pytest.mark.both_databases
def test_no_announcement_is_backdated(town):
    for days in (0, 5, 28):
        with pytest.raises(IntegrityError, match="must be announced 30 days in advance"), transaction.atomic():
            RetentionNotice.objects.create(
                area=AREA,
                kind="reads",
                older_than=timezone.now(),
                count=1,
                announced_on=today() - timedelta(days=60),
                deletes_on=today() + timedelta(days=days),
            )


@pytest.mark.both_databases
def test_the_announcement_is_refused_by_the_database_before_its_day(town):
    """… also if the process's clock is wrong."""
    make_old_reads(3 * YEAR, area=AREA)
    announce(today())
    with pytest.raises(Exception, match="The log of what was read stays as it was"):
        apply_retention([AREA], today=today() + timedelta(days=31))
    assert ReadEvent.objects.filter(area=AREA).count() == 1


def test_batches_end_and_add_up(town, monkeypatch):
    make_old_reads(*[3 * YEAR] * 7, area=AREA)
    monkeypatch.setattr(deletion, "list_kinds", lambda area: [small(kind) for kind in list_kinds(area)])
    announce(today() - timedelta(days=30))
    assert apply_retention([AREA], today=today()) == 7
    assert AuditEvent.objects.get(area=AREA, verb=REMOVED).details["deleted"] == 7


def small(kind):
    return replace(kind, at_once=2)


def test_a_stopped_run_goes_on(town, monkeypatch):
    make_old_reads(*[3 * YEAR] * 5, area=AREA)
    announce(today() - timedelta(days=30))
    notice = find_notice(AREA, "reads")
    assert notice
    kind = small(find_kind(town.area, "reads"))
    batches = deletion._delete(notice, kind, today=today())
    assert next(batches) == 2
    del batches  # the process was killed here
    assert ReadEvent.objects.filter(area=AREA).count() == 3
    assert apply_retention([AREA], today=today()) == 3
    assert AuditEvent.objects.get(area=AREA, verb=REMOVED).details["deleted"] == 5


def test_one_that_fails_stops_no_other(town, monkeypatch):
    def fail(area, before):
        raise OSError("No space left")

    kinds = load_kinds()
    broken = [replace(kind, count=fail) if kind.code == "packs" else kind for kind in kinds]
    monkeypatch.setattr(deletion, "list_kinds", lambda area: [k for k in broken if k.is_of_areas == bool(area)])
    make_old_reads(3 * YEAR, area=AREA)
    with pytest.raises(Exception, match="Issued board packs: It stopped: No space left"):
        announce(today())
    assert find_notice(AREA, "reads")


# --- Holds ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["", "reads"])
def test_a_hold_cancels_and_release_announces_anew(town, kind):
    officer = town.people[Role.INFORMATION]
    make_old_reads(3 * YEAR, area=AREA)
    announce(today() - timedelta(days=30))
    held = place_hold(town.area, kind=kind, why="A claim", ends_on=None, by=officer)
    assert find_notice(AREA, "reads") is None
    assert apply_retention([AREA], today=today()) == 0
    assert find_notice(AREA, "reads") is None
    with pytest.raises(PermissionDenied, match="someone else"):
        release_hold(town.area, held, why="Over", by=officer)
    second = make_member(town.area, Role.INFORMATION)
    release_hold(town.area, held, why="Over", by=second)
    with pytest.raises(TransitionRefused):
        release_hold(town.area, held, why="Over", by=second)
    assert apply_retention([AREA], today=today()) == 0
    notice = find_notice(AREA, "reads")
    assert notice
    assert notice.deletes_on == today() + timedelta(days=30)
    assert deletion.is_first_in_a_row(notice)


def test_a_hold_ends_by_itself(town):
    officer = town.people[Role.INFORMATION]
    place_hold(town.area, kind="", why="A claim", ends_on=today(), by=officer)
    assert find_hold(AREA, "packs", today=today())
    assert find_hold(AREA, "packs", today=today() + timedelta(days=1)) is None
    with pytest.raises(ValidationError, match="past"):
        place_hold(town.area, kind="", why="A claim", ends_on=today() - timedelta(days=1), by=officer)
    with pytest.raises(ValidationError):
        place_hold(town.area, kind="no-such", why="A claim", ends_on=None, by=officer)
    with pytest.raises(ValidationError):
        place_hold(town.area, kind="", why=" ", ends_on=None, by=officer)


def test_who_holds(town):
    operator = scenarios.make_operator()
    for person in (town.coordinator, town.lead):
        with pytest.raises(PermissionDenied):
            place_hold(town.area, kind="", why="Mine", ends_on=None, by=person)
    held = place_hold(town.area, kind="", why="A claim", ends_on=None, by=operator)
    with pytest.raises(PermissionDenied):
        release_hold(town.area, held, why="Over", by=operator)
    with pytest.raises(PermissionDenied):
        release_hold(town.area, held, why="Over", by=town.coordinator)
    release_hold(town.area, held, why="Over", by=town.people[Role.INFORMATION])


@pytest.mark.both_databases
def test_the_database_wants_two_people_and_keeps_holds(town):
    officer = town.people[Role.INFORMATION]
    held = place_hold(town.area, kind="", why="A claim", ends_on=None, by=officer)
    now = timezone.now()
    rows = LegalHold.objects.filter(pk=held.pk)
    for change in (
        {"state": "released", "released_at": now, "released_by": officer, "released_why": "x"},
        {"ends_on": today() - timedelta(days=9)},
        {"kind": "reads"},
        {"why": "x"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.delete()


# --- The periods ---------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_longer_applies_at_once_and_shorter_needs_two(town):
    officer, coordinator = town.people[Role.INFORMATION], town.coordinator
    kind = find_kind(town.area, "reads")
    assert kind
    make_old_reads(3 * YEAR, area=AREA)
    announce(today() - timedelta(days=30))
    set_months(town.area, kind, months=60, why="Our schedule", by=officer)
    assert find_months(AREA, kind) == 60
    assert apply_retention([AREA], today=today()) == 0
    assert ReadEvent.objects.filter(area=AREA).count() == 1
    rule = set_months(town.area, kind, months=12, why="Our schedule", by=officer)
    assert find_months(AREA, kind) == 60
    with pytest.raises(ValidationError, match="asked for another"):
        set_months(town.area, kind, months=24, why="Our schedule", by=officer)
    for person in (officer, town.lead):
        with pytest.raises(PermissionDenied):
            decide_rule(town.area, rule, agrees=True, why="", by=person)
    now = timezone.now()
    for change in (
        {"state": "agreed"},
        {"state": "agreed", "decided_by": officer, "decided_at": now},
        {"months": 1},
        {"is_shorter": False},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            RetentionRule.objects.filter(pk=rule.pk).update(**change)
    decide_rule(town.area, rule, agrees=True, why="", by=coordinator)
    assert find_months(AREA, kind) == 12
    with pytest.raises(TransitionRefused):
        decide_rule(town.area, rule, agrees=False, why="No", by=coordinator)


@pytest.mark.parametrize("months", [0, 11, 85, 24])
def test_within_limits_and_another(town, months):
    kind = find_kind(town.area, "reads")
    assert kind
    with pytest.raises(ValidationError):
        set_months(town.area, kind, months=months, why="Our schedule", by=town.people[Role.INFORMATION])
    with pytest.raises(PermissionDenied):
        set_months(town.area, kind, months=36, why="Our schedule", by=town.coordinator)


def test_the_least_applies_whatever_a_row_says(town):
    kind = find_kind(town.area, "events")
    assert kind
    RetentionRule.objects.create(
        area=AREA,
        kind="events",
        months=1,
        is_shorter=False,
        why="x",
        state="agreed",
        asked_at=timezone.now(),
        asked_by=town.coordinator,
    )
    assert find_months(AREA, kind) == kind.least


# --- What goes -----------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_pack_leaves_its_stone(town):
    scenarios.accept(town, SEPTEMBER, {"arrests": 9, "charges": 4})
    scenarios.sweep()
    scenarios.publish(town, SEPTEMBER)
    tell(town, picture=picture())
    pack = scenarios.issue(town, SEPTEMBER)
    kept = IssuedPack.objects.values("reference", "sha256", "meeting", "issued_at", "board").get()
    empty = {"content": {}, "pdf": None, "removed_on": today()}
    rows = IssuedPack.objects.filter(pk=pack.pk)
    with pytest.raises(IntegrityError, match="An issued pack stays as it was"), transaction.atomic():
        rows.update(**empty)  # nobody announced it
    give_notice("packs", older_than=timezone.now() + timedelta(days=1), area=AREA)
    for change in (
        {"content": {}},
        {"pdf": None},
        empty | {"pdf": objects.put(b"other", objects.PDF)},
        empty | {"content": {"title": "other"}},
        empty | {"sha256": "0" * 64},
        empty | {"reference": "X-1"},
    ):
        with pytest.raises(IntegrityError, match="An issued pack stays as it was"), transaction.atomic():
            rows.update(**change)
    place_hold(town.area, kind="packs", why="A claim", ends_on=None, by=scenarios.make_operator())
    with pytest.raises(IntegrityError, match="stays as it was"), transaction.atomic():
        PackPhoto.objects.all().delete()
    release_hold(town.area, LegalHold.objects.get(), why="Over", by=town.people[Role.INFORMATION])
    give_notice("packs", older_than=timezone.now() + timedelta(days=1), area=AREA)
    kind = find_kind(town.area, "packs")
    assert kind
    assert kind.remove(AREA, timezone.now() + timedelta(days=1), 5).count == 1
    assert IssuedPack.objects.values(*kept).get() == kept
    assert not PackPhoto.objects.exists()
    with pytest.raises(NotHeld, match=r"was removed on .* under the retention rule"):
        find_pack(access_to(town.area, by=town.coordinator), pack.reference)
    with pytest.raises(IntegrityError, match="An issued pack stays as it was"), transaction.atomic():
        rows.update(removed_on=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.delete()


def test_pictures_of_archived_highlights_go(town):
    kind = find_kind(town.area, "pictures")
    assert kind
    told = tell(town, picture=picture())
    later = timezone.now() + timedelta(days=1)
    assert kind.count(AREA, later) == 0
    archive_highlight(told, why="Done", by=town.coordinator)
    assert kind.count(AREA, later) == 1
    assert kind.remove(AREA, later, 5).count == 1
    left = Highlight.objects.get(pk=told.pk)
    assert (left.picture, left.picture_alt, left.title) == (None, "", told.title)
    assert kind.count(AREA, later) == 0


def test_notes_that_nobody_finished_go_after_three_months(town):
    kind = find_kind(town.area, "meeting-notes")
    assert kind
    assert kind.months == 3
    old, new = note(town), note(town, text="Another")
    MeetingNote.objects.filter(pk=old.pk).update(noted_at=timezone.now() - timedelta(days=100))
    before = find_moment(timezone.localdate(), kind.months)
    assert (kind.count(AREA, before), kind.count("elsewhere", before)) == (1, 0)
    assert kind.remove(AREA, before, 5).count == 1
    assert MeetingNote.objects.get() == new


def test_only_unpublished_editions_go(town):
    scenarios.accept(town, SEPTEMBER, {"arrests": 9, "charges": 4})
    scenarios.sweep()
    scenarios.publish(town, SEPTEMBER)
    scenarios.publish_openly(town, SEPTEMBER)
    published = PublicEdition.objects.get(state=EditionState.PUBLISHED.value)
    PublicEdition.objects.create(
        period=published.period,
        snapshot=published.snapshot,
        fingerprint="x",
        asked_at=timezone.now(),
        asked_by=town.coordinator,
    )
    kind = find_kind(town.area, "drafts")
    assert kind
    assert kind.remove(AREA, timezone.now() + timedelta(days=1), 5).count == 1
    assert PublicEdition.objects.get() == published


def test_regional_editions_that_nobody_published_go(db):
    """… those that were declined or asked for again, and one that waits. What is public stays, and so does what decided
    about a withheld count (test_regional_editions)."""
    shire = make_shire(20, 30, 30, 20, 7654)
    Consent.objects.update(shows=Shows.PUBLIC.value)
    elford = shire.towns["elford"]
    decline(ask_consent(RegionPeriod(shire.region, OCTOBER), by=shire.analyst), why="A mistake", by=shire.director)
    public = shire.publish()
    withdraw_consent(Consent.objects.get(area=elford.area), by=elford.coordinator)
    waiting = RegionEdition.objects.filter(state=EditionState.ASKED.value).first()
    waiting = waiting or ask_consent(RegionPeriod(shire.region, OCTOBER), by=shire.analyst)
    kind, later = find_kind(None, "region-drafts"), timezone.now() + timedelta(days=1)
    assert kind
    oldest = kind.find_oldest("")
    assert oldest
    assert oldest < waiting.asked_at
    assert (kind.count("", waiting.asked_at), kind.count("", later)) == (1, 2)
    # The declined one shows Elford's figures, and Elford holds its records.
    held = place_hold(elford.area, kind="", why="A claim", ends_on=None, by=elford.people[Role.INFORMATION])
    assert (kind.count("", waiting.asked_at), kind.remove("", later, 5).count) == (0, 1)
    release_hold(elford.area, held, why="Over", by=scenarios.make_operator())
    assert kind.remove("", later, 5).count == 1
    assert (kind.count("", later), kind.find_oldest("")) == (0, None)
    left = RegionEdition.objects.get()
    assert (left, left.sources.count(), left.totals.exists()) == (public, 5, True)


def test_unused_accounts_are_erased(town):
    kind = find_kind(None, "accounts")
    assert kind
    gone, back, new, operator = (make_user(name) for name in ("gone", "back", "new", "op"))
    User.objects.update(joined_on=today() - timedelta(days=900))
    User.objects.filter(pk=back.pk).update(last_login=timezone.now())
    User.objects.filter(pk=new.pk).update(joined_on=today())
    User.objects.filter(pk=operator.pk).update(is_superuser=True, is_staff=True)
    moment = timezone.now() - YEAR
    assert kind.count("", moment) == 1
    assert kind.remove("", moment, 1).count == 1
    gone.refresh_from_db()
    assert gone.email.endswith(ERASED_ADDRESS)
    assert not gone.is_active
    assert kind.remove("", moment, 1).count == 0
    assert Membership.objects.filter(area=town.area).exists()


def test_letters_go(town):
    for age in (2 * YEAR, timedelta(1)):
        write_letter(town.lead, AccountLetterKind.DEVICE)
        OutboxEntry.objects.update(written_at=F("written_at") - age)
    announce(today() - timedelta(days=30))
    apply_retention([], today=today())
    assert OutboxEntry.objects.count() == 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_hold_placed_meanwhile_stops_the_next_batch():
    town = scenarios.make_town()
    make_old_reads(*[3 * YEAR] * 6, area=AREA)
    announce(today() - timedelta(days=30))
    notice, kind = find_notice(AREA, "reads"), small(find_kind(town.area, "reads"))
    assert notice
    batches = deletion._delete(notice, kind, today=today())
    assert next(batches) == 2
    place_hold(town.area, kind="", why="A claim", ends_on=None, by=town.people[Role.INFORMATION])
    assert list(batches) == []
    assert ReadEvent.objects.filter(area=AREA).count() == 4


def test_the_head_stays_known(town):
    make_old_chain(OLD, timedelta(0))
    head = get_head("anytown")
    give_notice("events", older_than=timezone.now() - 7 * YEAR)
    assert apply_retention(["anytown"], today=today()) == 1
    assert verify("anytown", kept=head).fault == ""
    details = AuditEvent.objects.get(verb=REMOVED).details
    assert (details["up_to"], details["deleted"]) == (1, 1)


def test_the_officer_gets_one_email_the_first_time(town, mailoutbox):
    make_old_reads(3 * YEAR, area=AREA)
    apply_retention([AREA], today=today())
    day = next(today() + timedelta(days=n) for n in range(7) if (today() + timedelta(days=n)).weekday() == 2)
    send_on(day, NOTICES)
    assert [mail.to for mail in mailoutbox] == [[town.people[Role.INFORMATION].email]]
    assert "The log of reading: 1 record from before" in mailoutbox[0].body
    send_on(day + timedelta(days=1), NOTICES)
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("kind", ["", "events", "reads"])
def test_no_name_is_erased_from_a_record_on_hold(town, kind):
    gone = make_user("gone")
    User.objects.filter(pk=gone.pk).update(joined_on=today() - timedelta(days=900))
    announce(today() - timedelta(days=30))
    assert find_notice("", "accounts")
    place_hold(town.area, kind=kind, why="A claim", ends_on=None, by=town.people[Role.INFORMATION])
    assert find_notice("", "accounts") is None
    apply_retention([], today=today())
    gone.refresh_from_db()
    assert not gone.email.endswith(ERASED_ADDRESS)
    with pytest.raises(CommandError, match=f"There is a hold on the audit log of {AREA}"):
        call_command("erase_person", gone.email, why="Asked", sure=True)
    gone.refresh_from_db()
    assert not gone.email.endswith(ERASED_ADDRESS)


def test_a_hold_of_pictures_stops_no_other_kind(town):
    place_hold(town.area, kind="pictures", why="A claim", ends_on=None, by=town.people[Role.INFORMATION])
    assert find_hold(AREA, "pictures", today=today())
    assert find_hold(AREA, "reads", today=today()) is None
    assert find_hold("", "accounts", today=today()) is None
