"""What was taken off the public pages, since when and why? These rows are only added, as editions never change."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from boards.models import ReportingPeriod
from core.reasons import LONGEST_REASON
from reporting.models.editions import PublicEdition


class MonthWithdrawal(models.Model):
    """The withdrawal of a month's figures from everything that is public, whichever edition repeats them.

    `last_number` is the number of the month's newest edition at that time, or 0. The figures come back only with a
    later edition of the month itself, which two people decide about. An urgent withdrawal needs no reason at first.
    """

    period = models.ForeignKey(ReportingPeriod, models.PROTECT, related_name="public_withdrawals")
    last_number = models.PositiveIntegerField()
    why = models.CharField("reason", max_length=LONGEST_REASON, blank=True)
    is_urgent = models.BooleanField("taken down before the reason was given", default=False)
    withdrawn_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("period", "-id")
        verbose_name = "withdrawal of a month"
        verbose_name_plural = "withdrawals of months"
        constraints = (
            models.CheckConstraint(
                condition=Q(is_urgent=True, why="") | Q(is_urgent=False) & ~Q(why=""),
                name="month_withdrawal_has_its_reason",
                violation_error_message="Say why.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.period}, withdrawn from the public"

    @property
    def reason(self) -> str:
        """Return the reason, also one that was given later; empty if there is none yet."""
        return self.why or (self.explanation.why if hasattr(self, "explanation") else "")


class WithdrawalExplanation(models.Model):
    """The reason for an urgent withdrawal, which somebody gave after it."""

    withdrawal = models.OneToOneField(MonthWithdrawal, models.PROTECT, related_name="explanation")
    why = models.CharField("reason", max_length=LONGEST_REASON)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "reason for a withdrawal"
        verbose_name_plural = "reasons for withdrawals"
        constraints = (
            models.CheckConstraint(
                condition=~Q(why=""), name="explanation_has_its_reason", violation_error_message="Say why."
            ),
        )

    def __str__(self) -> str:
        return f"{self.withdrawal}, explained"


class EditionWithdrawal(models.Model):
    """The row that takes a published edition down, with its files and packs, from `withdrawn_at` on. The edition itself
    stays as it was: it can still be proved what it showed. `cause` is the withdrawal of a month whose figures it shows.
    """

    edition = models.OneToOneField(PublicEdition, models.PROTECT, related_name="withdrawal")
    cause = models.ForeignKey(MonthWithdrawal, models.PROTECT, related_name="editions")
    withdrawn_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.edition}, withdrawn"

    @property
    def is_own(self) -> bool:
        """Return whether the edition's own month was withdrawn, and not only one that it repeats."""
        return self.cause.period_id == self.edition.period_id


class Replacement(models.Model):
    """A month whose edition went down because it repeated a withdrawn month. These rows are the queue of editions to
    prepare.

    `refused` says why no edition could be prepared; the month then stays down.
    """

    withdrawal = models.ForeignKey(MonthWithdrawal, models.PROTECT, related_name="replacements")
    period = models.ForeignKey(ReportingPeriod, models.PROTECT, related_name="replacements")
    is_tried = models.BooleanField(default=False)
    refused = models.TextField("why no edition could be prepared", blank=True)

    class Meta:
        ordering = ("withdrawal", "period")
        constraints = (
            models.UniqueConstraint(fields=("withdrawal", "period"), name="one_replacement_per_month"),
            models.CheckConstraint(
                condition=Q(is_tried=True) | Q(refused=""), name="replacement_is_refused_once_tried"
            ),
        )

    def __str__(self) -> str:
        return f"{self.period}, a new edition for the public"
