"""The tables that everything else depends on: people, the record of what they did, jobs, emails and stored files."""

from datetime import timedelta
from importlib import import_module
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Lower
from django.utils import timezone

from core.chain import make_salt
from core.database import at_by
from core.labels import Labelled
from core.letter_kinds import ALWAYS, AccountLetterKind, LetterKind, OutboxKind
from core.timetable import MOST_TRIES

# What is announced, held and removed, and what stays in its place: docs/adr/0061.
#
# Like the record, these tables name an area by its slug, and have no foreign key to it. The area is empty for what
# belongs to no area.


NOTICE_DAYS = 30  # from the announcement of a deletion to the deletion, at least


class AuditCheckpoint(models.Model):
    """The end of a removed part of a chain: the number and the link of the last event that was removed.

    The next event still links to it. `removed` is how many events went with it, and `older_than` is the moment before
    which they all happened. The database deletes no event of a chain without a checkpoint that covers it.
    """

    area = models.CharField(max_length=60, blank=True)
    number = models.PositiveBigIntegerField("number of the last removed event")
    link = models.CharField("link of the last removed event", max_length=64)
    removed = models.PositiveBigIntegerField("how many were removed")
    older_than = models.DateTimeField("they happened before")
    removed_at = models.DateTimeField()

    class Meta:
        ordering = ("area", "-number")
        verbose_name = "checkpoint of the audit log"
        verbose_name_plural = "checkpoints of the audit log"
        constraints = (
            models.UniqueConstraint(fields=("area", "number"), name="one_checkpoint_per_number"),
            models.CheckConstraint(condition=Q(number__gte=1) & ~Q(link=""), name="checkpoint_has_its_event"),
            models.CheckConstraint(
                condition=Q(removed__gte=1, removed__lte=F("number")), name="checkpoint_removes_at_most_all"
            ),
        )

    def __str__(self) -> str:
        return f"The audit log of {self.area or 'no area'}, removed up to event {self.number}"


class NoticeOutcome(Labelled):
    """What became of an announcement."""

    DELETED = "deleted", "Deleted"
    CANCELLED = "cancelled", "Cancelled"


class RetentionNotice(models.Model):
    """An announcement of what will be deleted. Nothing is deleted without one.

    It covers what is older than `older_than`. The job deletes that on `deletes_on` or later, and then ends the notice.
    A hold or another rule cancels it.
    """

    area = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=20)
    older_than = models.DateTimeField("covers what is older than")
    count = models.PositiveBigIntegerField("how many, when it was announced")
    announced_on = models.DateField()
    deletes_on = models.DateField()
    outcome = models.CharField(max_length=10, choices=NoticeOutcome.choices(), blank=True)
    ended_on = models.DateField(null=True)
    deleted = models.PositiveBigIntegerField("how many were deleted", default=0)

    class Meta:
        ordering = ("-announced_on", "-id")
        verbose_name = "announcement of a deletion"
        verbose_name_plural = "announcements of deletions"
        constraints = (
            models.UniqueConstraint(fields=("area", "kind"), condition=Q(outcome=""), name="one_open_notice_per_kind"),
            models.CheckConstraint(condition=Q(count__gte=1), name="notice_covers_something"),
            models.CheckConstraint(condition=Q(deletes_on__gt=F("announced_on")), name="notice_comes_before"),
            models.CheckConstraint(
                condition=Q(outcome="", ended_on__isnull=True) | (~Q(outcome="") & Q(ended_on__isnull=False)),
                name="notice_ends_with_an_outcome",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.area or 'no area'}, before {self.older_than:%Y-%m-%d}"


class HoldState(Labelled):
    ON = "on", "In force"
    RELEASED = "released", "Released"


class LegalHold(models.Model):
    """An order to delete nothing of an area: of one kind, or of every kind if `kind` is empty. Another person releases
    it."""

    area = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    why = models.CharField("reason", max_length=300)
    ends_on = models.DateField("last day", null=True)
    state = models.CharField(max_length=10, choices=HoldState.choices(), default=HoldState.ON.value)
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    released_why = models.CharField("reason for the release", max_length=300, blank=True)

    class Meta:
        ordering = ("-placed_at", "-id")
        constraints = (
            models.CheckConstraint(condition=~Q(why=""), name="hold_has_its_reason"),
            models.CheckConstraint(
                condition=Q(
                    state=HoldState.ON.value, released_at__isnull=True, released_by__isnull=True, released_why=""
                )
                | (
                    Q(state=HoldState.RELEASED.value, released_at__isnull=False, released_by__isnull=False)
                    & ~Q(released_why="")
                ),
                name="hold_released_at_by",
            ),
        )

    def __str__(self) -> str:
        return f"Hold on {self.kind or 'every kind'} of {self.area or 'no area'}"


class RuleState(Labelled):
    ASKED = "asked", "Waiting for a second person"
    AGREED = "agreed", "In force"
    DECLINED = "declined", "Declined"


class RetentionRule(models.Model):
    """How long an area keeps records of a kind, where that differs from the usual. The newest AGREED one counts.

    A rule that keeps them for a shorter time than before (`is_shorter`) needs a second person.
    """

    area = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=20)
    months = models.PositiveSmallIntegerField()
    is_shorter = models.BooleanField()
    why = models.CharField("reason", max_length=300)
    state = models.CharField(max_length=10, choices=RuleState.choices(), default=RuleState.ASKED.value)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_why = models.CharField("why it was declined", max_length=300, blank=True)

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = (
            models.CheckConstraint(condition=~Q(why="") & Q(months__gte=1), name="retention_rule_has_its_reason"),
            models.UniqueConstraint(
                fields=("area", "kind"), condition=Q(state=RuleState.ASKED.value), name="one_open_retention_rule"
            ),
            models.CheckConstraint(name="retention_rule_decided_at_by", condition=at_by("decided")),
            models.CheckConstraint(
                # Only a rule that keeps records for longer takes effect without a second person.
                condition=Q(state=RuleState.ASKED.value, decided_by__isnull=True, is_shorter=True)
                | Q(state=RuleState.AGREED.value, decided_by__isnull=False)
                | Q(state=RuleState.AGREED.value, decided_by__isnull=True, is_shorter=False)
                | Q(state=RuleState.DECLINED.value, decided_by__isnull=False),
                name="shorter_retention_needs_another",
            ),
            models.CheckConstraint(
                condition=~Q(state=RuleState.DECLINED.value) | ~Q(decided_why=""),
                name="retention_rule_declined_with_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.area or 'no area'}: {self.months} months"


class StoredObject(models.Model):
    """Bytes under their own hash, in hexadecimal digits. The database refuses to change them (core.freeze).

    `content` is None if they are in a store outside the database. `unused_since` is when a job found that no row refers
    to it. Load `content` only to send it: it may have megabytes.
    """

    sha256 = models.CharField("SHA-256", max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField("size in bytes")
    media_type = models.CharField(max_length=40)
    content = models.BinaryField(null=True)
    unused_since = models.DateTimeField("no row has used it since", null=True)

    class Meta:
        ordering = ("sha256",)
        constraints = (
            models.CheckConstraint(condition=~Q(media_type=""), name="stored_object_has_its_type"),
            models.CheckConstraint(
                condition=Q(content__isnull=True) | Q(size=Length("content")), name="stored_object_has_its_size"
            ),
        )

    def __str__(self) -> str:
        return self.sha256[:12]


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an email address.

    A membership (boards.Membership) says what they can do in an area. An operator, who runs the product for all areas,
    is a superuser.
    """

    email = models.EmailField("email address", max_length=254, unique=True)
    name = models.CharField(max_length=150)
    is_staff = models.BooleanField("may open the operator's admin", default=False)
    is_active = models.BooleanField(default=True)
    is_reminded = models.BooleanField("gets reminders by email", default=True)
    is_offered_factor = models.BooleanField("is offered a second factor on their home page", default=True)
    unwanted = models.JSONField("emails that are switched off", default=list, blank=True)
    joined_on = models.DateField(default=timezone.localdate, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                # `unique` alone would take “A@town.example” and “a@town.example” for two people.
                Lower("email"),
                name="one_user_per_email",
                violation_error_message="Someone already signs in with that address.",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email

    def wants(self, kind: str) -> bool:
        """Return whether they get emails of a kind (core.letter_kinds)."""
        return self.is_active and (kind in ALWAYS or (self.is_reminded and kind not in self.unwanted))

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class LastCode(models.Model):
    """The last code of an authenticator app that we accepted from a person, as the number of its half minute: see
    core.identity.factors. It outlives the app, so a code that was seen can never be used again."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="last_code")
    step = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.user}, {self.step}"


class Recorded(models.Model):
    """One thing that one person did: who, when, what, to what, where.

    It has no foreign keys, so it outlives what it describes and never prevents a change of live data. Triggers let
    no one change or delete it (core.freeze). `erasures` counts how often someone's name was erased from it.
    """

    happened_at = models.DateTimeField(default=timezone.now, db_index=True)
    actor_id = models.BigIntegerField(null=True, db_index=True)
    actor = models.CharField(max_length=254, help_text="The person's email address, or “system”.")
    area = models.CharField(max_length=60, blank=True, db_index=True)
    verb = models.CharField(max_length=60, help_text="Dotted and in the past tense: submission.accepted")
    target_type = models.CharField(max_length=60)
    target_id = models.CharField(max_length=60)
    target = models.CharField(max_length=200)
    details = models.JSONField(default=dict)
    erasures = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ("-happened_at", "-id")

    def __str__(self) -> str:
        return f"{self.happened_at:%Y-%m-%d %H:%M} {self.actor} {self.verb} {self.target}"


class AuditEvent(Recorded):
    """One act that changed something. core.audit.record writes it in the transaction of the act. Only the pages about
    the record read it. What a rule or another page needs has its own row or column.

    Once the act is committed, core.audit_log.sealing chains the event to those before it in its area: core.chain has
    the meaning of `number`, `salt`, `digest` and `link`.
    """

    number = models.PositiveBigIntegerField("its place in the area's chain", null=True)
    salt = models.CharField(max_length=32, default=make_salt)
    digest = models.CharField(max_length=64, blank=True)
    link = models.CharField(max_length=64, blank=True)

    class Meta(Recorded.Meta):
        indexes = (
            models.Index(fields=("target_type", "target_id"), name="audit_by_target"),
            models.Index(fields=("area",), condition=models.Q(number__isnull=True), name="audit_to_chain"),
        )
        constraints = (
            # Two writers can't fork a chain.
            models.UniqueConstraint(fields=("area", "number"), name="one_event_a_number_of_a_chain"),
            models.CheckConstraint(
                condition=models.Q(number__isnull=True, link="", digest="")
                # Say that it isn't NULL: a NULL in a comparison would let the row pass.
                | (models.Q(number__isnull=False, number__gte=1) & ~models.Q(link="") & ~models.Q(digest="")),
                name="chained_event_has_its_link",
            ),
        )


class ReadEvent(Recorded):
    """One look at something that not everyone may see: a draft, a pack, a file of figures. boards.reads
    writes it. It is in no chain, so that readers needn't wait for each other: docs/adr/0020."""

    class Meta(Recorded.Meta):
        indexes = (models.Index(fields=("target_type", "target_id"), name="reads_by_target"),)


class AuditChain(models.Model):
    """The head of an area's chain of audit events, and what its last check found. The area is empty for events that
    belong to no area. core.audit_log.sealing locks this row while it chains events."""

    area = models.CharField(max_length=60, blank=True, unique=True)
    number = models.PositiveBigIntegerField(default=0)
    link = models.CharField(max_length=64, blank=True)
    checked_at = models.DateTimeField(null=True)
    checked_number = models.PositiveBigIntegerField(default=0)
    fault = models.CharField("what is wrong with it", max_length=300, blank=True)

    class Meta:
        ordering = ("area",)

    def __str__(self) -> str:
        return f"The audit log of {self.area or 'no area'}, up to event {self.number}"


class Session(AbstractBaseSession):
    """A session, with its person: see core.identity.sessions. No one is signed in without one."""

    person = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    device = models.CharField(max_length=80, blank=True, help_text="The browser: Firefox on Windows.")
    began_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta(AbstractBaseSession.Meta):
        ordering = ("-seen_at",)

    def __str__(self) -> str:
        return f"{self.person or 'no one'}, {self.device or 'unknown browser'}"  # never the key, which lets people in

    @classmethod
    def get_session_store_class(cls) -> Any:
        return import_module(settings.SESSION_ENGINE).SessionStore


class KnownDevice(models.Model):
    """A browser in which someone has signed in. Its cookie has the key; `key` is the key's hash.

    Wrong passwords from it count by themselves, so strangers can't lock its person out (core.identity.sign_in).
    """

    person = models.ForeignKey(User, models.CASCADE, related_name="devices")
    key = models.CharField(max_length=64, editable=False)
    device = models.CharField(max_length=80, help_text="The browser: Firefox on Windows.")
    first_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("person", "-seen_at")
        constraints = (models.UniqueConstraint(fields=("person", "key"), name="one_known_device_per_key"),)

    def __str__(self) -> str:
        return f"{self.person}, {self.device}"


class Limit(models.Model):
    """How often someone tried something: a row of core.identity.sessions. It counts until `ends_at`."""

    key = models.CharField(max_length=250, primary_key=True)
    value = models.JSONField()
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key


class KeptForm(models.Model):
    """A form that we could not accept, until its person has signed in: see core.forms.kept."""

    key = models.CharField(max_length=43, primary_key=True, help_text="The session has it.")
    person = models.ForeignKey(User, models.CASCADE, related_name="kept_forms")
    path = models.CharField(max_length=500)
    typed = models.TextField()
    size = models.PositiveIntegerField()
    kept_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.person}, {self.path}"


class SentForm(models.Model):
    """A form that we accepted, and the page that it led to: see core.forms.pages."""

    digest = models.CharField(max_length=64, primary_key=True)
    led_to = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.sent_at:%Y-%m-%d %H:%M} {self.led_to}"


# A worker sends within seconds of its claim. A claim that isn't confirmed after this time was interrupted.
UNKNOWN_AFTER = timedelta(hours=1)


class OutboxEntries(models.QuerySet["OutboxEntry"]):
    def waiting(self) -> Self:
        """Return what is claimed, isn't confirmed, and is tried again sooner or later."""
        # Entries from before there were names have none.
        return self.filter(sent_at=None, tries__lt=MOST_TRIES).exclude(message_id="")

    def failed(self) -> Self:
        """Return what could not be sent, or isn't known to be sent an hour after its claim: its worker was killed."""
        return self.filter(~Q(fault="") | Q(claimed_at__lt=timezone.now() - UNKNOWN_AFTER), sent_at=None)


class OutboxEntry(models.Model):
    """A note that we email a person about one occasion. Every email leaves by this table: docs/adr/0041.

    `kind` says what it is about: a LetterKind, an AccountLetterKind or an OutboxKind. `occasion` identifies it within
    its kind, for example by the key of its subject, so that each person hears of it once. Entries with the same
    `message_id` share one email. We claim and save an entry before we hand over the email, and confirm it afterwards
    in `sent_at`. If it isn't confirmed, we try again with the same Message-ID, so that a mail reader can drop the
    second one.

    The text isn't stored: it is written when we send it, as it is true then. So this has no figure and no link to a
    password.
    """

    # Nobody, for what goes to the operator's address.
    person = models.ForeignKey(User, models.CASCADE, null=True, related_name="outbox")
    kind = models.CharField(
        max_length=20, choices=[*LetterKind.choices(), *AccountLetterKind.choices(), *OutboxKind.choices()]
    )
    occasion = models.CharField(max_length=80)
    area = models.CharField(max_length=60, blank=True, help_text="The slug of its area; empty for none.")
    address = models.EmailField(
        max_length=254, blank=True, help_text="Where it goes, if it isn't the person's email of the day."
    )
    about = models.CharField(
        max_length=300, blank=True, help_text="The browser, the new address, the change, or the fault."
    )
    written_at = models.DateTimeField(default=timezone.now)
    message_id = models.CharField("Message-ID", max_length=120, blank=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=1, editable=False)
    claimed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    fault = models.CharField("why it was not sent", max_length=300, blank=True)

    objects = OutboxEntries.as_manager()

    class Meta:
        ordering = ("-claimed_at", "-id")
        verbose_name = "email"
        constraints = (
            # A claim depends on these: without them, two workers could both send it.
            models.UniqueConstraint(fields=("kind", "occasion", "person"), name="one_entry_an_occasion_and_person"),
            models.UniqueConstraint(
                fields=("kind", "occasion"), condition=models.Q(person=None), name="one_entry_an_occasion_of_nobody"
            ),
        )
        indexes = (
            models.Index(fields=("message_id",), name="outbox_by_message"),
            models.Index(fields=("claimed_at",), condition=models.Q(sent_at=None), name="outbox_unsent"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.occasion}, to {self.person or 'the operator'}"

    @property
    def is_tried_again(self) -> bool:
        """Return whether an unconfirmed one is tried again automatically, sooner or later."""
        return bool(self.message_id) and self.tries < MOST_TRIES


class ResetRequest(models.Model):
    """An address that someone typed to get a link to a new password. We delete it within a minute.

    The page saves one for every address, so it does the same work whether or not there is an account.
    """

    email = models.CharField(max_length=254)
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M}"


class Alarm(models.Model):
    """A check that doesn't work (operations.health.checks). See operations.health.alarms.

    It is open until `over_at`. `told_at` is when we decided to email the operator about it.
    """

    name = models.CharField("check", max_length=60)
    since = models.DateTimeField()
    sentence = models.CharField(max_length=300)
    told_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-since", "-id")
        constraints = (
            models.UniqueConstraint(fields=("name",), condition=models.Q(over_at=None), name="one_open_alarm_a_check"),
        )

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d %H:%M} {self.name}{', over' if self.over_at else ''}"


class Job(models.Model):
    """The state of a scheduled job: see settings.JOBS for its timetable, and core.jobs.

    `done_for` is the newest scheduled time for which it is done: for reminders, the day on which they were sent.
    """

    name = models.CharField(max_length=60, primary_key=True)
    done_for = models.DateTimeField("done for", null=True)
    started_at = models.DateTimeField("last started at", null=True)
    succeeded_at = models.DateTimeField("last done at", null=True)
    failed_at = models.DateTimeField("last failed at", null=True)
    fault = models.CharField("its last error", max_length=500, blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Clock(models.Model):
    """The clock's time when we last looked for due jobs, in one row.

    `doubted_at` is its time after a jump. Until it is right again, or an operator confirms it, no daily job runs.
    `trusted_at` is its time when an operator confirmed it.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    seen_at = models.DateTimeField()
    doubted_at = models.DateTimeField(null=True)
    trusted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="there_is_one_clock"),)

    def __str__(self) -> str:
        return f"{self.seen_at:%Y-%m-%d %H:%M}"
