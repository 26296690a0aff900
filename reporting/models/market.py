"""A year's assessment of the drug market: its figures, and the lists that tell how many people no one has seen."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q

from boards.models import Agency, PartnershipArea
from core.database import at_by
from core.labels import Labelled
from core.pages import link_to
from indicators.unseen import MOST, Cell, SeenList
from reporting.workflow import MarketState


class MarketKind(Labelled):
    """What an assessment has a figure of."""

    TREATED = "in-treatment", "Opiate and crack users in treatment"
    PREVALENCE = "prevalence", "Opiate and crack users, by a published estimate"
    DEATHS = "deaths", "Deaths from drug misuse"
    ADMISSIONS = "admissions", "Hospital admissions for drug poisoning"
    SEIZURES = "seizures", "Seizures of heroin and crack"
    HEROIN_PURITY = "heroin-purity", "Purity of seized heroin"
    CRACK_PURITY = "crack-purity", "Purity of seized crack"
    HEROIN_PRICE = "heroin-price", "Street price of heroin"
    CRACK_PRICE = "crack-price", "Street price of crack"
    TESTED = "tested", "Samples tested for adulterants"
    FENTANYL = "fentanyl", "Samples with fentanyl"
    NITAZENES = "nitazenes", "Samples with nitazenes"
    BENZODIAZEPINES = "benzodiazepines", "Samples with benzodiazepines, such as Xanax"


PERCENT, POUNDS = "in %", "in £ a gram"
# Any other is a count.
UNITS = {
    MarketKind.HEROIN_PURITY: PERCENT,
    MarketKind.CRACK_PURITY: PERCENT,
    MarketKind.HEROIN_PRICE: POUNDS,
    MarketKind.CRACK_PRICE: POUNDS,
}
FIRST_YEAR, LAST_YEAR = 2000, 2100
IN_YEARS = (FIRST_YEAR, LAST_YEAR)
LONGEST_WORDS = 60  # of what a list says about itself
MOST_VALUE = Decimal(9_999_999)
# The field of each overlap, by the places of its lists.
OVERLAPS: dict[Cell, str] = {
    (0, 1): "first_second",
    (0, 2): "first_third",
    (1, 2): "second_third",
    (0, 1, 2): "in_every",
}


class MarketOwner(models.Model):
    """Which agency of an area assesses the drug market. Without one, the area has no page of it, and what was assessed
    stays for whenever it has one again."""

    area = models.OneToOneField(PartnershipArea, models.PROTECT, related_name="market_owner")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="+", verbose_name="assessed by")

    class Meta:
        ordering = ("area",)
        verbose_name = "agency that assesses the drug market"
        verbose_name_plural = "agencies that assess the drug market"

    def __str__(self) -> str:
        return f"{self.area}: {self.agency or 'no one'}"


class MarketAssessment(models.Model):
    """An area's drug market in a year. Triggers freeze it once it is agreed: reporting.freeze.

    An overlap counts everyone who is in two of its lists, or in all three. `revision` counts all changes.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="market_assessments")
    year = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=MarketState.choices(), default=MarketState.DRAFTED.value)
    first_second = models.PositiveIntegerField("in the first and the second list", null=True)
    first_third = models.PositiveIntegerField("in the first and the third list", null=True)
    second_third = models.PositiveIntegerField("in the second and the third list", null=True)
    in_every = models.PositiveIntegerField("in all three lists", null=True)
    agreed_at = models.DateTimeField(null=True)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("area", "-year")
        verbose_name = "assessment of the drug market"
        verbose_name_plural = "assessments of the drug market"
        constraints = (
            models.UniqueConstraint(fields=("area", "year"), name="one_market_assessment_per_year"),
            models.CheckConstraint(condition=Q(year__range=IN_YEARS), name="market_assessment_is_of_a_year"),
            models.CheckConstraint(condition=at_by("agreed"), name="market_agreed_at_by"),
            models.CheckConstraint(
                condition=Q(state=MarketState.AGREED.value, agreed_at__isnull=False)
                | Q(state=MarketState.DRAFTED.value, agreed_at__isnull=True),
                name="market_is_agreed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(first_third__isnull=True, second_third__isnull=True, in_every__isnull=True)
                | Q(
                    first_second__isnull=False,
                    first_third__isnull=False,
                    second_third__isnull=False,
                    in_every__isnull=False,
                ),
                name="market_lists_have_all_their_overlaps",
            ),
        )

    def __str__(self) -> str:
        return f"Drug market {self.year}"

    def get_absolute_url(self) -> str:
        return link_to("reporting:market-year", self.area.slug, self.year)

    @property
    def is_agreed(self) -> bool:
        return self.state == MarketState.AGREED

    @property
    def overlaps(self) -> dict[Cell, int]:
        """Return the count of each overlap, by the places of its lists."""
        stored = {cell: getattr(self, name) for cell, name in OVERLAPS.items()}
        return {cell: count for cell, count in stored.items() if count is not None}


class MarketFigure(models.Model):
    """A figure of an assessment, with where it is from and the year that it is of."""

    assessment = models.ForeignKey(MarketAssessment, models.PROTECT, related_name="figures")
    kind = models.CharField("what it counts", max_length=20, choices=MarketKind.choices())
    value = models.DecimalField("number", max_digits=9, decimal_places=2)
    source = models.CharField(max_length=120)
    of_year = models.CharField("year that it is of", max_length=40)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("assessment", "kind")
        verbose_name = "figure of the drug market"
        verbose_name_plural = "figures of the drug market"
        constraints = (
            models.UniqueConstraint(fields=("assessment", "kind"), name="one_market_figure_per_kind"),
            models.CheckConstraint(condition=Q(value__gte=0), name="market_figure_is_not_negative"),
            models.CheckConstraint(condition=~Q(source="") & ~Q(of_year=""), name="market_figure_has_its_source"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.value}"


class MarketList(models.Model):
    """A list of people who use opiates or crack, as a count: who was in treatment, arrested, attended by an ambulance.
    `place` is 0 for the first."""

    assessment = models.ForeignKey(MarketAssessment, models.PROTECT, related_name="lists")
    place = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=LONGEST_WORDS)
    people = models.PositiveIntegerField()
    period = models.CharField(max_length=LONGEST_WORDS)
    ages = models.CharField(max_length=LONGEST_WORDS)
    residents = models.CharField(max_length=LONGEST_WORDS)

    class Meta:
        ordering = ("assessment", "place")
        verbose_name = "list of the drug market"
        verbose_name_plural = "lists of the drug market"
        constraints = (
            models.UniqueConstraint(fields=("assessment", "place"), name="one_market_list_per_place"),
            models.CheckConstraint(condition=Q(place__lt=MOST), name="market_list_is_one_of_three"),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(period="") & ~Q(ages="") & ~Q(residents=""),
                name="market_list_says_of_whom_it_is",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}: {self.people}"

    @property
    def seen(self) -> SeenList:
        return SeenList(self.name, self.people, self.period, self.ages, self.residents)
