"""What does a region show to anybody?"""

from django.db import models
from django.db.models import F, Q

from boards.models import Consent, Region
from core.months import Month
from indicators.protection.regional import Outcome
from indicators.workflow import EditionState
from reporting.models.editions import Edition, PublicEdition, make_edition_constraints

SHOWN = [outcome.value for outcome in Outcome if outcome.is_total_shown]


class RegionEdition(Edition):
    """A month of a region as anybody may see it: its areas' public editions side by side, with the totals that tell
    nothing about a withheld count.

    `content` is all that the page shows, as plain data.
    """

    region = models.ForeignKey(Region, models.PROTECT, related_name="editions")
    starts_on = models.DateField("first day of the month")
    content = models.JSONField()

    class Meta:
        ordering = ("region", "-starts_on", "-number", "-id")
        verbose_name = "regional edition"
        verbose_name_plural = "regional editions"
        constraints = (
            *make_edition_constraints("region_edition", ends_by_itself=True),
            models.CheckConstraint(condition=Q(starts_on__day=1), name="region_edition_starts_a_month"),
            # Editions that aren't published have no number. NULLs never collide.
            models.UniqueConstraint(fields=("region", "starts_on", "number"), name="one_region_edition_per_number"),
            models.UniqueConstraint(
                fields=("region", "starts_on"),
                condition=Q(state__in=(EditionState.ASKED.value, EditionState.AGREED.value)),
                name="one_region_edition_under_way",
            ),
            models.CheckConstraint(
                # Nobody asked for it, so the second person is the one who publishes it.
                condition=Q(asked_by__isnull=False) | Q(published_by__isnull=True) | ~Q(published_by=F("agreed_by")),
                name="prepared_region_edition_by_another",
                violation_error_message="The person who approved it can’t make it public.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.region}, {self.month.label}, for the public"

    @property
    def month(self) -> Month:
        return Month.of(self.starts_on)


class RegionEditionSource(models.Model):
    """An area's edition in a region's edition, with the consent that lets it be there. The region's edition is down
    while one of them is.
    """

    edition = models.ForeignKey(RegionEdition, models.CASCADE, related_name="sources")
    public_edition = models.ForeignKey(PublicEdition, models.PROTECT, related_name="in_regions")
    consent = models.ForeignKey(Consent, models.PROTECT, related_name="in_editions")

    class Meta:
        ordering = ("edition", "id")
        verbose_name = "source of a regional edition"
        verbose_name_plural = "sources of regional editions"
        constraints = (
            models.UniqueConstraint(fields=("edition", "public_edition"), name="source_once_in_a_region_edition"),
        )

    def __str__(self) -> str:
        return f"{self.public_edition}, {self.edition}"


class RegionTotal(models.Model):
    """An indicator's total in a region's edition: of which areas, and whether it is shown."""

    edition = models.ForeignKey(RegionEdition, models.CASCADE, related_name="totals")
    indicator_code = models.CharField(max_length=40)
    areas = models.JSONField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices())
    value = models.PositiveBigIntegerField(null=True)

    class Meta:
        ordering = ("edition", "id")
        verbose_name = "regional total"
        verbose_name_plural = "regional totals"
        constraints = (
            models.UniqueConstraint(fields=("edition", "indicator_code"), name="one_region_total_per_indicator"),
            models.CheckConstraint(
                condition=Q(outcome__in=SHOWN, value__isnull=False) | ~Q(outcome__in=SHOWN) & Q(value__isnull=True),
                name="region_total_value_if_and_only_if_shown",
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator_code}, {self.edition}"
