"""Editions: published versions as the public may see them, and their withdrawals."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from boards.models import ReportingPeriod
from core.calendar import Month
from core.texts import LONGEST_REASON
from indicators.trend import CellState
from reporting.models.line_fields import LineFields
from reporting.models.snapshots import Snapshot
from reporting.workflow import EditionState


def make_edition_constraints(noun: str, *, ends_by_itself: bool = False) -> tuple[models.CheckConstraint, ...]:
    """Return what two people's decision about any kind of edition has to satisfy, whatever the code does. One that
    `ends_by_itself` is also declined by no one, once it is out of step."""
    by = {} if ends_by_itself else {"declined_by__isnull": False}
    return (
        models.CheckConstraint(
            name=f"{noun}_agreed_at_by",
            condition=Q(agreed_at__isnull=True, agreed_by__isnull=True)
            & ~Q(state__in=(EditionState.AGREED.value, EditionState.PUBLISHED.value))
            | Q(agreed_at__isnull=False, agreed_by__isnull=False) & ~Q(state=EditionState.ASKED.value),
        ),
        models.CheckConstraint(
            name=f"{noun}_declined_at_by_why",
            condition=Q(state=EditionState.DECLINED.value, declined_at__isnull=False, **by) & ~Q(declined_why="")
            | ~Q(state=EditionState.DECLINED.value)
            & Q(declined_at__isnull=True, declined_by__isnull=True, declined_why=""),
        ),
        models.CheckConstraint(
            name=f"{noun}_published_at_by_number",
            condition=Q(
                state=EditionState.PUBLISHED.value,
                published_at__isnull=False,
                published_by__isnull=False,
                number__isnull=False,
                number__gte=1,
            )
            | ~Q(state=EditionState.PUBLISHED.value)
            & Q(published_at__isnull=True, published_by__isnull=True, number__isnull=True),
        ),
        models.CheckConstraint(
            # Two people are needed.
            condition=Q(agreed_by__isnull=True) | Q(asked_by__isnull=True) | ~Q(agreed_by=F("asked_by")),
            name=f"{noun}_agreed_by_another",
            violation_error_message="The person who asked for approval can’t give it.",
        ),
    )


class Edition(models.Model):
    """What two people decide about: someone asks, another approves or declines, and one of them makes it public.

    A month's editions get their `number` when they are published; it is empty until then. No one asked for an edition
    that was prepared after another one went down.
    """

    number = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=10, choices=EditionState.choices(), default=EditionState.ASKED.value)
    fingerprint = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    declined_at = models.DateTimeField(null=True)
    declined_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    declined_why = models.CharField(max_length=300, blank=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True

    @property
    def month(self) -> Month:
        raise NotImplementedError


class PublicEdition(Edition):
    """A published version of a month as the public may see it, under the rules of that day.

    `fingerprint` is a hash of the lines, of `kpis`, `left_out` and `years`. It shows that what is published is what the
    officer approved. `kpis` are those that follow from the lines (reporting.public.editions.cut_kpis). `left_out` are
    the earlier months that it doesn't show because they were withdrawn, as "2026-09". `years` are totals of a
    year (reporting.public.years). `prepared_for` is the withdrawal after which it was prepared.

    An edition of a corrected month is made of the draft of its next version, and goes out with it. `goes_with` is the
    hash of all corrected versions that the coordinator saw then (reporting.months.services.hash_corrections).
    """

    period = models.ForeignKey(ReportingPeriod, models.PROTECT, related_name="editions")
    # A draft goes if the figure is again what was published, and so does what was asked of it.
    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="editions")
    goes_with = models.CharField(max_length=64, blank=True)
    kpis = models.JSONField(default=list)
    left_out = models.JSONField(default=list)
    years = models.JSONField(default=list)
    prepared_for = models.ForeignKey("MonthWithdrawal", models.PROTECT, null=True, related_name="prepared")

    class Meta:
        ordering = ("period", "-number", "-id")
        constraints = (
            *make_edition_constraints("edition"),
            # Editions that aren't published have no number. NULLs never collide.
            models.UniqueConstraint(fields=("period", "number"), name="one_edition_per_number"),
            models.UniqueConstraint(
                fields=("period",),
                condition=Q(state__in=(EditionState.ASKED.value, EditionState.AGREED.value)),
                name="one_edition_under_way_per_month",
            ),
            models.CheckConstraint(
                name="edition_asked_by_somebody_or_prepared",
                condition=Q(asked_at__isnull=False, asked_by__isnull=False, prepared_for__isnull=True)
                | Q(asked_at__isnull=False, asked_by__isnull=True, prepared_for__isnull=False),
            ),
            models.CheckConstraint(
                # Nobody asked for it, so the second person is the one who publishes it.
                condition=Q(prepared_for__isnull=True) | Q(published_by__isnull=True) | ~Q(published_by=F("agreed_by")),
                name="prepared_edition_published_by_another",
                violation_error_message="The person who approved it can’t make it public.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.period}, for the public"

    @property
    def month(self) -> Month:
        return self.period.month


class PublicLine(LineFields):
    """One line of a public edition: a line of its snapshot, with only what may be shown. `protected_by` is the rule, as
    indicators.protection.rules.make_token writes it. A withheld month is None in `history`, and "withheld" in its
    step's "without". The definition, why it matters and the source are the indicator's, as they were when someone
    asked for consent.
    """

    edition = models.ForeignKey(PublicEdition, models.CASCADE, related_name="lines")
    protected_by = models.CharField(max_length=20)
    definition = models.TextField(blank=True)
    why_it_matters = models.TextField(blank=True)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("edition", "position")
        verbose_name = "public line"
        constraints = (
            models.UniqueConstraint(
                fields=("edition", "indicator_code", "category_code"), name="one_public_line_per_category"
            ),
            models.CheckConstraint(
                condition=Q(state=CellState.FIGURE.value, value__isnull=False)
                | (~Q(state=CellState.FIGURE.value) & Q(value__isnull=True)),
                name="public_value_if_and_only_if_a_figure",
            ),
            # Notes and reasons are an agency's words to partners, and may contain a figure.
            models.CheckConstraint(
                condition=Q(note="", revised_why="", revised_by=""), name="public_line_has_no_words_of_an_agency"
            ),
            models.CheckConstraint(condition=~Q(protected_by=""), name="public_line_is_protected"),
        )


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
    """The reason for an urgent withdrawal, which someone gave after it."""

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
