"""What is measured, and what was reported."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from boards.models import Agency, Board, PartnershipArea, ReportingPeriod, code_field
from core.labels import Labelled
from indicators.figures import LARGEST
from indicators.trend import CellState, Polarity
from indicators.workflow import SubmissionState


class Section(models.Model):
    """A part of the month's page, such as Lines or Youth."""

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="sections")
    code = code_field()
    title = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)
    retired = models.BooleanField(default=False)

    class Meta:
        ordering = ("position", "title")
        constraints = (
            models.UniqueConstraint(
                fields=("area", "code"),
                name="one_section_per_code",
                violation_error_message="This area has a section with that code.",
            ),
        )

    def __str__(self) -> str:
        return self.title


class Dimension(models.Model):
    """A way to split a count: where from, age group."""

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="dimensions")
    code = code_field()
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=("area", "code"),
                name="one_dimension_per_code",
                violation_error_message="This area has a dimension with that code.",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    """One part of a dimension: Birmingham; young people. An origin has a place on the map."""

    dimension = models.ForeignKey(Dimension, models.PROTECT, related_name="categories")
    code = code_field()
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)
    longitude = models.FloatField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    retired = models.BooleanField(default=False, help_text="A retired category is asked for no more.")

    class Meta:
        ordering = ("position", "name")
        verbose_name_plural = "categories"
        constraints = (
            models.UniqueConstraint(
                fields=("dimension", "code"),
                name="one_category_per_code",
                violation_error_message="This dimension has a category with that code.",
            ),
            models.CheckConstraint(
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(
                    # Named, since a NULL in a comparison would let the row pass.
                    longitude__isnull=False,
                    latitude__isnull=False,
                    longitude__gte=-180,
                    longitude__lte=180,
                    latitude__gte=-90,
                    latitude__lte=90,
                ),
                name="category_place_is_whole",
                violation_error_message="Give both longitude and latitude, in degrees, or neither.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def area(self) -> PartnershipArea:
        return self.dimension.area


class Collection(Labelled):
    """How an indicator's figures come in."""

    RETURN = "return", "The agency's monthly return"
    IMPORT = "import", "An import from open data"


class Indicator(models.Model):
    """One question that the month answers, and how to read the answer."""

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="indicators")
    section = models.ForeignKey(Section, models.PROTECT, related_name="indicators")
    code = code_field()
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(max_length=80, help_text="A short name, such as Drug arrests.")
    question = models.CharField(
        max_length=200, help_text="As the board asks it: How many drug arrests in the past month?"
    )
    unit_one = models.CharField("what is counted, one of it", max_length=60, help_text="arrest")
    unit_many = models.CharField("what is counted, several", max_length=60, help_text="arrests")
    polarity = models.CharField(max_length=10, choices=Polarity.choices(), default=Polarity.NEUTRAL.value)
    polarity_reason = models.CharField(
        max_length=300, help_text="Why it is good to be higher or lower, or why neither can be said."
    )
    why_it_matters = models.TextField(blank=True)
    source = models.CharField(max_length=200, blank=True, help_text="The system or record it is counted from.")
    owner = models.ForeignKey(Agency, models.PROTECT, related_name="indicators", verbose_name="supplied by")
    dimension = models.ForeignKey(
        Dimension, models.PROTECT, null=True, blank=True, related_name="indicators", verbose_name="split by"
    )
    part_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    collection = models.CharField(
        "collected by", max_length=10, choices=Collection.choices(), default=Collection.RETURN.value
    )
    boards = models.ManyToManyField(Board, through="IndicatorBoard", related_name="indicators")
    retired_from = models.DateField(
        null=True, blank=True, help_text="The first month that it is not asked for any more."
    )

    class Meta:
        ordering = ("section__position", "position", "code")
        constraints = (
            models.UniqueConstraint(
                fields=("area", "code"),
                name="one_indicator_per_code",
                violation_error_message="This area has an indicator with that code.",
            ),
            models.CheckConstraint(
                condition=~Q(polarity_reason=""),
                name="polarity_has_its_reason",
                violation_error_message="Say why it is good to be higher or lower, or why neither can be said.",
            ),
            models.CheckConstraint(
                condition=Q(part_of__isnull=True) | ~Q(part_of=F("id")),
                name="indicator_is_not_part_of_itself",
                violation_error_message="An indicator can't be a part of itself.",
            ),
            models.CheckConstraint(
                condition=Q(retired_from__isnull=True) | Q(retired_from__day=1),
                name="indicator_retires_on_the_first",
                violation_error_message="Choose the first day of a month.",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Refuse a relation that leaves the area, for no row crosses it; and a circle of parts."""
        others = {"section": "section_id", "owner": "owner_id", "dimension": "dimension_id", "part_of": "part_of_id"}
        for name, key in others.items():
            if getattr(self, key) is not None and getattr(self, name).area_id != self.area_id:
                raise ValidationError({name: "Choose one of this area."})
        whole, seen = self.part_of, set()
        while whole is not None and whole.pk not in seen:
            if whole.pk == self.pk:
                sentence = f"{self.part_of} is itself a part of {self}: choose another indicator"
                raise ValidationError({"part_of": sentence})
            seen.add(whole.pk)
            whole = whole.part_of

    def get_absolute_url(self) -> str:
        return reverse("indicators:indicator-edit", args=[self.area.slug, self.code])


class IndicatorDefinition(models.Model):
    """What exactly is counted, from a month on. A new one starts a new series: no arrow and no
    limit crosses it."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="definitions")
    applies_from = models.DateField()
    text = models.TextField()

    class Meta:
        ordering = ("indicator", "applies_from")
        constraints = (
            models.UniqueConstraint(
                fields=("indicator", "applies_from"),
                name="one_definition_per_month",
                violation_error_message="This indicator has a definition from that month.",
            ),
            models.CheckConstraint(
                condition=Q(applies_from__day=1),
                name="definition_applies_from_the_first",
                violation_error_message="Choose the first day of a month.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator}, from {self.applies_from:%Y-%m}"


class IndicatorBoard(models.Model):
    """That an indicator is for a board, and where on the board's page it stands."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="board_places")
    board = models.ForeignKey(Board, models.CASCADE, related_name="indicator_places")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("board", "position")
        constraints = (models.UniqueConstraint(fields=("indicator", "board"), name="one_place_per_board"),)

    def __str__(self) -> str:
        return f"{self.indicator} for {self.board}"

    def clean(self) -> None:
        if self.indicator_id and self.board_id and self.indicator.area_id != self.board.area_id:
            raise ValidationError(f"{self.board} belongs to another area than {self.indicator}.")


class Submission(models.Model):
    """A return: one agency's figures for one month.

    `draft` keeps what was typed, as text: {box: text}. `revision` counts its savings, so that a
    form that was opened before the last one is told from a current one.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="submissions")
    period = models.ForeignKey(ReportingPeriod, models.PROTECT, related_name="submissions")
    state = models.CharField(max_length=10, choices=SubmissionState.choices(), default=SubmissionState.DRAFT.value)
    draft = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
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
                for act in ("saved", "submitted", "accepted", "returned")
            ),
            models.CheckConstraint(
                condition=~Q(state=SubmissionState.SUBMITTED.value) | Q(submitted_at__isnull=False),
                name="submitted_return_was_submitted",
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

    def get_absolute_url(self) -> str:
        return reverse("indicators:return-edit", args=[self.period.area.slug, self.period.month, self.agency.code])


class ObservationQuerySet(models.QuerySet["Observation"]):
    def signed_off(self) -> "ObservationQuerySet":
        return self.filter(signed_off_at__isnull=False)


REPORTED = [
    (state.value, state.label) for state in (CellState.FIGURE, CellState.NOT_AVAILABLE, CellState.NOT_APPLICABLE)
]


class Observation(models.Model):
    """A figure: the count of an indicator, or of one category of it, in a month; or the reason why
    there is none. No row: not yet submitted.

    It comes either through a return (`submission`) or from a file (`imported_from`). Only a
    signed-off one counts.
    """

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="observations")
    category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="observations")
    period = models.ForeignKey(ReportingPeriod, models.PROTECT, related_name="observations")
    submission = models.ForeignKey(Submission, models.PROTECT, null=True, related_name="observations")
    imported_from = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=20, choices=REPORTED, default=CellState.FIGURE.value)
    value = models.PositiveBigIntegerField(null=True)
    note = models.CharField(max_length=500, blank=True)
    signed_off_at = models.DateTimeField(null=True)
    signed_off_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = ObservationQuerySet.as_manager()

    class Meta:
        ordering = ("period", "indicator", "category")
        verbose_name = "figure"
        constraints = (
            models.UniqueConstraint(
                fields=("indicator", "category", "period"),
                condition=Q(category__isnull=False),
                name="one_figure_per_category_and_month",
            ),
            models.UniqueConstraint(
                fields=("indicator", "period"),
                condition=Q(category__isnull=True),
                name="one_figure_per_indicator_and_month",
            ),
            models.CheckConstraint(
                condition=Q(state=CellState.FIGURE.value, value__isnull=False)
                | (~Q(state=CellState.FIGURE.value) & Q(value__isnull=True)),
                name="value_if_and_only_if_a_figure",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[code for code, _ in REPORTED]),
                name="a_figure_or_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(value__gte=0, value__lte=LARGEST),
                name="value_in_range",
            ),
            models.CheckConstraint(
                condition=Q(state=CellState.FIGURE.value) | ~Q(note=""),
                name="no_figure_without_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(submission__isnull=False, imported_from="")
                | (Q(submission__isnull=True, signed_off_at__isnull=False) & ~Q(imported_from="")),
                name="from_a_return_or_a_file",
            ),
            models.CheckConstraint(
                # A file that an operator imports at the command line has no person to name.
                condition=Q(signed_off_at__isnull=True, signed_off_by__isnull=True)
                | Q(signed_off_at__isnull=False, signed_off_by__isnull=False)
                | Q(signed_off_at__isnull=False, submission__isnull=True),
                name="figure_signed_off_at_by",
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator}, {self.period.month.label}"
