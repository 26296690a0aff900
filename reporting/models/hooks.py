"""Which systems does an area tell that a month was published or withdrawn, and what did we tell them? No figures."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from boards.models import PartnershipArea
from core.labels import Labelled
from core.models import Claim
from core.outside import LONGEST_ADDRESS

# For so long after a hook's secret was renewed, each call is signed with the former secret too.
BOTH_SECRETS = timedelta(days=7)


class HookKind(Labelled):
    """What a hook can be told, with its text on the hook's page."""

    MONTH_PUBLISHED = "month.published", "A month was published for the boards"
    MONTH_CORRECTED = "month.corrected", "A published month was corrected"
    PUBLIC_PUBLISHED = "public.published", "A month was made public"
    PUBLIC_CORRECTED = "public.corrected", "A public month has a new edition"
    PUBLIC_WITHDRAWN = "public.withdrawn", "A public month was withdrawn"
    TEST = "test", "A test"


CHOSEN = [kind for kind in HookKind if kind is not HookKind.TEST]


class HookQuerySet(models.QuerySet["Hook"]):
    def active(self) -> Self:
        return self.filter(stopped_at__isnull=True)


class Hook(models.Model):
    """A system that we tell what happens, by a call to its address. `kinds` are the HookKinds that it wants.

    `secret` signs each call, so that its receiver knows who calls. It is stored encrypted. It stops when somebody stops
    it, or when it gave no good answer for two days (`gave_up`).
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="hooks")
    name = models.CharField(max_length=80)
    url = models.CharField("address", max_length=LONGEST_ADDRESS)
    kinds = models.JSONField("what it is told", default=list)
    secret = models.CharField(max_length=300, editable=False)
    former_secret = models.CharField(max_length=300, blank=True, editable=False)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    renewed_at = models.DateTimeField("secret renewed at", null=True)
    renewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    gave_up = models.BooleanField("stopped by itself", default=False)

    objects = HookQuerySet.as_manager()

    class Meta:
        ordering = ("area", "name", "id")
        verbose_name = "webhook"
        constraints = (
            models.UniqueConstraint(
                fields=("area", "url"),
                condition=Q(stopped_at__isnull=True),
                name="one_active_hook_per_address",
                violation_error_message="There is already a webhook to this address.",
            ),
            models.CheckConstraint(condition=Q(url__startswith="https://"), name="hook_address_is_https"),
            models.CheckConstraint(condition=~Q(secret=""), name="hook_has_a_secret"),
            models.CheckConstraint(
                condition=Q(renewed_at__isnull=True, renewed_by__isnull=True, former_secret="")
                | Q(renewed_at__isnull=False, renewed_by__isnull=False) & ~Q(former_secret=""),
                name="hook_renewed_at_by",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True, stopped_by__isnull=True, gave_up=False)
                | Q(stopped_at__isnull=False, stopped_by__isnull=False, gave_up=False)
                | Q(stopped_at__isnull=False, stopped_by__isnull=True, gave_up=True),
                name="hook_stopped_at_by_or_gave_up",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}, {self.area}"

    @property
    def host(self) -> str:
        """Return the host of its address. The rest of it may be a secret of the receiver's."""
        return self.url.removeprefix("https://").split("/", 1)[0]

    def list_sealed(self, now: datetime) -> list[str]:
        """Return the sealed secrets that sign a call now, the newest first."""
        is_new = self.renewed_at is not None and now - self.renewed_at < BOTH_SECRETS
        return [self.secret, self.former_secret] if is_new else [self.secret]


class HookCall(Claim):
    """A call to a hook about one event: what we send, and what came of it. Its `message_id` is the same for all tries.

    `target` identifies the event within its kind. `content` is the call's body. `status` is that of the last answer.
    """

    is_letter = False  # a receiver that is down is the area's to mend, and no alarm for the operator

    hook = models.ForeignKey(Hook, models.CASCADE, related_name="calls")
    kind = models.CharField(max_length=20, choices=HookKind.choices())
    target = models.CharField(max_length=60)
    content = models.JSONField(default=dict)
    status = models.PositiveSmallIntegerField(null=True)
    milliseconds = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ("-claimed_at", "-id")
        verbose_name = "call of a webhook"
        verbose_name_plural = "calls of webhooks"
        constraints = (
            # This keeps two workers from telling a hook the same thing twice.
            models.UniqueConstraint(fields=("hook", "kind", "target"), name="hook_called_once_of_an_event"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(status__isnull=False, status__gte=200, status__lt=300),
                name="hook_call_is_done_after_a_good_answer",
            ),
        )

    def __str__(self) -> str:
        return f"{self.hook}: {self.get_kind_display()}"
