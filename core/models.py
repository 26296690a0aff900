"""Who signs in, and what was done: the two things that everything else leans on."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from core.timetable import MOST_TRIES


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address. What they may do in an area is a membership
    (boards.Membership); an operator, who runs the product across areas, is a superuser."""

    email = models.EmailField("e-mail address", max_length=254, unique=True)
    name = models.CharField(max_length=150)
    is_staff = models.BooleanField("may open the operator's admin", default=False)
    is_active = models.BooleanField(default=True)
    is_reminded = models.BooleanField("gets reminders by e-mail", default=True)
    unwanted = models.JSONField("e-mails that are switched off", default=list, blank=True)
    joined_on = models.DateField(default=timezone.localdate, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                Lower("email"),
                name="one_user_per_email",
                violation_error_message="Somebody already signs in with that address.",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email

    def wants(self, kind: str) -> bool:
        """Whether they get e-mails of a kind (core.letter_kinds)."""
        return self.is_active and self.is_reminded and kind not in self.unwanted

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class AuditEvent(models.Model):
    """One thing that somebody did: who, when, what, to what, where.

    It has no foreign keys, so that it survives what it tells of and never stands in the way of
    live data. Written by core.audit.record, in the transaction of the act itself, and read by the
    operator's admin alone: what a rule or a page needs to know is a row or a column of its own.
    """

    happened_at = models.DateTimeField(default=timezone.now, db_index=True)
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=254, help_text="The person's e-mail address, or “system”.")
    area = models.CharField(max_length=60, blank=True, db_index=True)
    verb = models.CharField(max_length=60, help_text="Dotted and in the past tense: submission.accepted")
    target_type = models.CharField(max_length=60)
    target_id = models.CharField(max_length=60)
    target = models.CharField(max_length=200)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ("-happened_at", "-id")
        indexes = (models.Index(fields=("target_type", "target_id"), name="audit_by_target"),)

    def __str__(self) -> str:
        return f"{self.happened_at:%Y-%m-%d %H:%M} {self.actor} {self.verb} {self.target}"


class SentForm(models.Model):
    """A form that was taken, and where it led to: see core.services.sent_once."""

    digest = models.CharField(max_length=64, primary_key=True)
    led_to = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.sent_at:%Y-%m-%d %H:%M} {self.led_to}"


class Claim(models.Model):
    """That somebody is told of something by e-mail. For the tables of apps that tell of something: a row for each thing
    that a person is told; the rows that share a `message_id` are one e-mail.

    The row is claimed, and saved, before the mail is handed over, and confirmed after it: `sent_at`. One that isn't
    confirmed is tried again, with the same Message-ID, so that a mail reader can drop the second: docs/adr/0041.
    """

    message_id = models.CharField("Message-ID", max_length=120, blank=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=1, editable=False)
    claimed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    fault = models.CharField("why it was not sent", max_length=300, blank=True)

    class Meta:
        abstract = True

    @property
    def is_tried_again(self) -> bool:
        """Whether one that isn't confirmed is tried again by itself, sooner or later."""
        return bool(self.message_id) and self.tries < MOST_TRIES


class DayLetter(Claim):
    """The one letter that a person gets on a day, of all that is due for them. What it tells of stands in other claims,
    which share its `message_id`."""

    person = models.ForeignKey(User, models.CASCADE, related_name="day_letters")
    day = models.DateField()

    class Meta:
        ordering = ("-day", "-id")
        verbose_name = "letter of a day"
        verbose_name_plural = "letters of a day"
        constraints = (models.UniqueConstraint(fields=("person", "day"), name="one_letter_a_person_a_day"),)

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}, to {self.person}"


class Job(models.Model):
    """How a job fares that runs by the clock: see settings.JOBS for when each is to run, and core.services.jobs.

    `done_for` is the newest moment at which it was to run, and did: of reminders, the day on which they were sent.
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
    """What the clock showed when jobs were last woken, in one row.

    `doubted_at` is what it showed when it had jumped: until it is right again, or an operator says that it is, no job
    runs that goes by the day. `trusted_at` is what it showed when an operator said so.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    seen_at = models.DateTimeField()
    doubted_at = models.DateTimeField(null=True)
    trusted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="there_is_one_clock"),)

    def __str__(self) -> str:
        return f"{self.seen_at:%Y-%m-%d %H:%M}"
