"""An agency's return for a month, as it was handed in."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from boards.models import Agency, ApiKey, ReportingPeriod
from core.pages import link_to
from indicators.figures import Entry
from indicators.workflow import SubmissionState


class Submission(models.Model):
    """A return: one agency's figures for one month.

    `draft` stores what was typed, as text: {box: text}. `revision` counts how often it was saved. It shows whether a
    form was opened before the last save. `before_paste` is the draft before a paste, {"draft": …}, and the "revision"
    that the paste made. The paste can be undone while that revision is the current one. `saved_with` is the key of the
    system that saved it last, for which `saved_by` answers.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="submissions")
    period = models.ForeignKey(ReportingPeriod, models.PROTECT, related_name="submissions")
    state = models.CharField(max_length=10, choices=SubmissionState.choices(), default=SubmissionState.DRAFT.value)
    draft = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
    before_paste = models.JSONField(default=dict, blank=True)
    saved_at = models.DateTimeField(null=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    saved_with = models.ForeignKey(
        ApiKey, models.PROTECT, null=True, related_name="+", verbose_name="key that saved it"
    )
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    handed_in_on = models.DateField("day on which it was first submitted", null=True)
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    returned_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    comment = models.TextField("why it was returned", blank=True)

    class Meta:
        ordering = ("period", "agency")
        verbose_name = "return"
        constraints = (
            models.UniqueConstraint(fields=("agency", "period"), name="one_return_per_agency_and_month"),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{act}_at__isnull": True, f"{act}_by__isnull": True})
                    | Q(**{f"{act}_at__isnull": False, f"{act}_by__isnull": False}),
                    name=f"return_{act}_at_by",
                )
                for act in ("saved", "submitted", "released", "accepted", "returned")
            ),
            models.CheckConstraint(
                condition=Q(saved_with__isnull=True) | Q(saved_at__isnull=False),
                name="return_saved_with_a_key_is_saved",
            ),
            models.CheckConstraint(
                condition=~Q(state=SubmissionState.SUBMITTED.value) | Q(submitted_at__isnull=False),
                name="submitted_return_was_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(state=SubmissionState.RELEASED.value)
                | Q(submitted_at__isnull=False, released_at__isnull=False),
                name="released_return_was_released",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True) | Q(handed_in_on__isnull=False),
                name="submitted_return_was_handed_in",
            ),
            models.CheckConstraint(
                condition=~Q(state=SubmissionState.ACCEPTED.value)
                | Q(submitted_at__isnull=False, accepted_at__isnull=False),
                name="accepted_return_was_accepted",
            ),
            models.CheckConstraint(
                condition=~Q(state=SubmissionState.RETURNED.value) | (Q(returned_at__isnull=False) & ~Q(comment="")),
                name="returned_return_says_why",
            ),
        )

    def __str__(self) -> str:
        return f"{self.agency}, {self.period.month.label}"

    @property
    def entries(self) -> dict[str, Entry]:
        """Return the draft's entries, by box."""
        return {name: Entry(**typed) for name, typed in self.draft.items()}

    @property
    def saver(self) -> str:
        """Return who saved it last: "Niche, for which Ann Lead answers", or a person's name."""
        if self.saved_with is None:
            return str(self.saved_by or "")
        return f"{self.saved_with.name}, for which {self.saved_by} answers"

    @property
    def can_undo_paste(self) -> bool:
        return bool(self.before_paste.get("revision") == self.revision)

    def get_absolute_url(self) -> str:
        return link_to("indicators:return-edit", self.period.area.slug, self.period.month, self.agency.code)
