"""What is measured: indicators with their definitions, sections and categories, and how they are recorded."""

from collections.abc import Iterable
from datetime import date
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from boards.models import Agency, Board, PartnershipArea, code_field
from core.calendar import Month
from core.database import RetirableQuerySet
from core.labels import Labelled
from indicators.judgement.judge import Counted
from indicators.lines import AgesRefused, list_ways
from indicators.openness import LONGEST_DELAY, NOBODY_DECIDED, UNDECIDED, Openness, describe
from indicators.ratios import PERSONS, RATIO_KINDS, Asked, RatioKind, ShownOn
from indicators.trend import Polarity
from indicators.workflow import RecordingState


class Section(models.Model):
    """A part of the month's page, such as Lines or Youth."""

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="sections")
    code = code_field()
    title = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)
    retired = models.BooleanField(default=False)

    objects = RetirableQuerySet["Section"].as_manager()

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
    """A way to split a count: where from, age group. Its population is what the area's people, such as its children,
    are by the same categories."""

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="dimensions")
    code = code_field()
    name = models.CharField(max_length=80)
    population_source = models.CharField("source of its population", max_length=200, blank=True)
    population_year = models.PositiveSmallIntegerField("year of its population", null=True, blank=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=("area", "code"),
                name="one_dimension_per_code",
                violation_error_message="This area has a dimension with that code.",
            ),
            models.CheckConstraint(
                condition=Q(population_source="", population_year__isnull=True)
                | (~Q(population_source="") & Q(population_year__isnull=False)),
                name="population_has_source_and_year",
                violation_error_message="Give both the source of its population and the year, or neither.",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    """One part of a dimension: Birmingham; young people. An origin has a place on the map. One category may be for
    those of whom it isn't known; any other may have a population."""

    dimension = models.ForeignKey(Dimension, models.PROTECT, related_name="categories")
    code = code_field()
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)
    longitude = models.FloatField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    is_unknown = models.BooleanField("for “not known”", default=False)
    population = models.PositiveIntegerField(null=True, blank=True)
    retired = models.BooleanField(default=False, help_text="A retired category is no longer asked for.")

    objects = RetirableQuerySet["Category"].as_manager()

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
                    # Both are named, because a NULL in a comparison would let the row pass.
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
            models.UniqueConstraint(
                fields=("dimension",),
                condition=Q(is_unknown=True),
                name="one_unknown_per_dimension",
                violation_error_message="This dimension already has a category for “not known”.",
            ),
            models.CheckConstraint(
                condition=Q(is_unknown=False) | Q(population__isnull=True),
                name="unknown_has_no_population",
                violation_error_message="Leave the population empty: no one is counted as unknown there.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def area(self) -> PartnershipArea:
        return self.dimension.area


SHORT_TITLE = 34  # characters that fit on a tile of the month's page in two lines
FLOW_WORD = 10  # characters that fit behind a tile's number


class Collection(Labelled):
    """How an indicator's figures arrive."""

    RETURN = "return", "The agency's monthly return"
    IMPORT = "import", "An import from open data"
    RATIO = "ratio", "Worked out: a share, a rate or an average"


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    def in_use(self, *, or_held: Iterable[int | None] = ()) -> Self:
        """Return what can be chosen, and what someone has already chosen, by id, even if it is retired."""
        return self.filter(Q(retired_from=None) | Q(pk__in=list(or_held)))

    def in_use_on(self, day: date) -> Self:
        return self.filter(Q(retired_from=None) | Q(retired_from__gt=day))

    def undecided(self) -> Self:
        """Return those that an information officer still has to decide about."""
        return self.in_use().filter(openness=UNDECIDED)


ALIKE = ("owner", "collection", "asked", "counts_as")  # of a breakdown and its whole


class Indicator(models.Model):
    """One question that the month answers, and how to read the answer."""

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="indicators")
    section = models.ForeignKey(Section, models.PROTECT, related_name="indicators")
    code = code_field()
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(max_length=80, help_text="A short name, such as Drug arrests.")
    short_title = models.CharField(
        "title on a tile",
        max_length=SHORT_TITLE,
        blank=True,
        help_text="A short name for the month’s page, if the title has over 34 characters or an abbreviation.",
    )
    question = models.CharField(
        max_length=200, help_text="As the board would ask it: How many drug arrests in the past month?"
    )
    unit_one = models.CharField("what is counted, in the singular", max_length=60, help_text="arrest")
    unit_many = models.CharField("what is counted, in the plural", max_length=60, help_text="arrests")
    flow_word = models.CharField(
        "word on a tile",
        max_length=FLOW_WORD,
        blank=True,
        help_text="Such as found: “7 found” then stands beside the count that it changes, by a rule across figures.",
    )
    polarity = models.CharField(max_length=10, choices=Polarity.choices(), default=Polarity.NEUTRAL.value)
    polarity_reason = models.CharField(
        max_length=300, help_text="Why higher or lower is better, or why neither can be said."
    )
    counts_as = models.CharField(
        "counts",
        max_length=10,
        choices=Counted.choices(),
        default=Counted.FLOW.value,
        help_text="A count on a day is judged by its month alone, because most of it was there the month before. Where "
        "all are counted, chance plays no part, so there is no usual range. Rare deaths are told in words.",
    )
    why_it_matters = models.TextField(blank=True)
    source = models.CharField(max_length=200, blank=True, help_text="The system or record it is counted from.")
    owner = models.ForeignKey(Agency, models.PROTECT, related_name="indicators", verbose_name="supplied by")
    dimension = models.ForeignKey(
        Dimension, models.PROTECT, null=True, blank=True, related_name="indicators", verbose_name="split by"
    )
    part_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    # It counts the same as its whole, by its own dimension. It never changes, because public editions depend on it.
    breaks_down = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="breakdowns")
    collection = models.CharField(
        "collected by", max_length=10, choices=Collection.choices(), default=Collection.RETURN.value
    )
    asked = models.CharField(
        "asked for",
        max_length=10,
        choices=Asked.choices(),
        default=Asked.MONTHLY.value,
        help_text="A figure applies until the next one.",
    )
    ratio = models.CharField("kind of ratio", max_length=10, choices=RatioKind.choices(), blank=True)
    numerator = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="ratios_of", verbose_name="cases"
    )
    denominator = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="ratios_by", verbose_name="out of"
    )
    ages = models.CharField("residents aged", max_length=5, blank=True, help_text="all, 10-24 or 65+.")
    per = models.PositiveIntegerField("for each", default=1)
    shown_on = models.CharField("shown on", max_length=10, choices=ShownOn.choices(), default=ShownOn.MONTH.value)
    counts_residents = models.BooleanField(
        "counts residents", null=True, blank=True, help_text="Whether its cases are the area’s own residents."
    )
    residents_why = models.CharField("why it doesn’t count residents", max_length=300, blank=True)
    # An empty one is older than the choice, so its figures stay public until an information officer decides.
    openness = models.CharField(
        "who may see it", max_length=10, choices=Openness.choices(), default=Openness.PARTNERS.value, blank=True
    )
    openness_delay = models.PositiveSmallIntegerField(
        "months until it is public", default=0, validators=[MaxValueValidator(LONGEST_DELAY)]
    )
    openness_why = models.CharField("why they may see it", max_length=300, default=NOBODY_DECIDED, blank=True)
    boards = models.ManyToManyField(Board, through="IndicatorBoard", related_name="indicators")
    retired_from = models.DateField(null=True, blank=True, help_text="The first month that it is no longer asked for.")

    objects = IndicatorQuerySet.as_manager()

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
                violation_error_message="Say why higher or lower is better, or why neither can be said.",
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
            # Also for whatever doesn't call clean(), such as a shell: later sums rely on each kind's own fields.
            models.CheckConstraint(
                condition=Q(
                    ~Q(collection=Collection.RATIO.value),
                    ratio="",
                    numerator__isnull=True,
                    denominator__isnull=True,
                    ages="",
                    per=1,
                )
                | Q(
                    Q(ratio=RatioKind.SHARE.value, denominator__isnull=False, ages="", per=100)
                    | Q(ratio=RatioKind.AVERAGE.value, denominator__isnull=False, ages="", per=1)
                    | Q(ratio=RatioKind.RATE.value, denominator__isnull=False, ages="", per__in=PERSONS)
                    | Q(Q(ratio=RatioKind.RATE.value, denominator__isnull=True, per__in=PERSONS), ~Q(ages="")),
                    collection=Collection.RATIO.value,
                    numerator__isnull=False,
                    dimension__isnull=True,
                    part_of__isnull=True,
                    asked=Asked.MONTHLY.value,
                ),
                name="ratio_is_of_two_counts",
                violation_error_message="A ratio is worked out from two counts, and a count isn’t.",
            ),
            models.CheckConstraint(
                condition=Q(breaks_down__isnull=True)
                | Q(dimension__isnull=False, part_of__isnull=True, ratio="", shown_on=ShownOn.RATIOS.value),
                name="breakdown_is_split",
                violation_error_message="A breakdown is split by a dimension, and shown with its whole.",
            ),
            models.CheckConstraint(
                # Each part names whether it is known, because a NULL in a comparison would let the row pass.
                condition=Q(counts_residents__isnull=True, residents_why="")
                | Q(counts_residents__isnull=False, counts_residents=True, residents_why="", ratio="")
                | Q(Q(counts_residents__isnull=False, counts_residents=False, ratio=""), ~Q(residents_why="")),
                name="no_residents_for_a_reason",
                violation_error_message="Say why it doesn’t count residents. Only then enter a reason.",
            ),
            models.CheckConstraint(
                condition=Q(openness=UNDECIDED, openness_why="") | (~Q(openness=UNDECIDED) & ~Q(openness_why="")),
                name="openness_has_its_reason",
                violation_error_message="Say who may see it, and why.",
            ),
            models.CheckConstraint(
                condition=Q(openness_delay=0) | Q(openness=Openness.MONTH.value),
                name="only_months_are_public_later",
                violation_error_message="Only an indicator that is public month by month can have a delay.",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Refuse a title that is too long for a tile, a relation to another area, a circle of parts, and a ratio of
        anything except two counts."""
        if not self.short_title and len(self.title) > SHORT_TITLE:
            sentence = f"The title is longer than {SHORT_TITLE} characters: enter a shorter one for its tile."
            raise ValidationError({"short_title": sentence})
        # A foreign key accepts any area's row.
        for name in ("section", "owner", "dimension", "part_of", "breaks_down", "numerator", "denominator"):
            if getattr(self, f"{name}_id") is not None and getattr(self, name).area_id != self.area_id:
                raise ValidationError({name: "Choose one from this area."})
        # `seen` ends the walk if other indicators already form a circle.
        whole, seen = self.part_of, set()
        while whole is not None and whole.pk not in seen:
            if whole.pk == self.pk:
                sentence = f"{self.part_of} is itself a part of {self}: choose another indicator"
                raise ValidationError({"part_of": sentence})
            seen.add(whole.pk)
            whole = whole.part_of
        if self.collection == Collection.RATIO:
            self._clean_ratio()
        elif self.ratio or self.numerator is not None or self.denominator is not None or self.ages:
            raise ValidationError({"collection": "Choose “Worked out”, or leave the fields for a ratio empty"})
        self._clean_part()
        self._clean_breakdown()
        self._clean_residents()
        if self.openness == Openness.YEAR and not self.has_yearly_total:
            # Not by field: its form doesn't ask who may see it.
            raise ValidationError(
                "The public sees this indicator’s total for the year, so it has to count what happens in each month."
            )

    def _clean_residents(self) -> None:
        if self.ratio and self.counts_residents is not None:
            raise ValidationError({"counts_residents": "A ratio has its own denominator: choose “Not decided”"})
        if self.counts_residents is False and not self.residents_why.strip():
            raise ValidationError({"residents_why": "Say why it doesn’t count the area’s residents"})
        if self.counts_residents is not False and self.residents_why:
            raise ValidationError(
                {"residents_why": "Only a count that isn’t of residents needs a reason: leave this empty"}
            )

    def _clean_part(self) -> None:
        """Keep a share's cases as a part of its denominator. Public editions depend on this."""
        # Django refuses to follow a reverse relation of a row without a key.
        parts = [kind.value for kind in RatioKind if RATIO_KINDS[kind].is_part]
        shares = self.ratios_of.filter(ratio__in=parts) if self.pk else Indicator.objects.none()
        for share in shares.exclude(denominator=self.part_of).select_related("denominator"):
            sentence = f"{share} is worked out from this indicator, which has to stay a part of {share.denominator}"
            raise ValidationError({"part_of": sentence})

    def _clean_breakdown(self) -> None:
        """Keep a breakdown's categories a partition of its whole. In public editions, such partitions and the parts of
        a total make a tree; a partition of a part of a total would not."""
        for name in ("part_of", "numerator", "denominator"):
            named = getattr(self, name)
            if named is not None and named.breaks_down is not None:
                raise ValidationError(
                    {name: f"{named} breaks down {named.breaks_down}: choose {named.breaks_down} instead"}
                )
        if self.part_of is not None and self.pk and self.breakdowns.exists():
            raise ValidationError({"part_of": f"{self} has breakdowns, so it can’t be part of another: choose none"})
        whole = self.breaks_down
        if whole is None:
            return
        for is_wrong, sentence in (
            (bool(whole.ratio), f"{whole} is worked out: choose a count"),
            (whole.breaks_down is not None, f"{whole} is itself a breakdown: choose the indicator that it breaks down"),
            (whole.part_of is not None, f"{whole} is part of another indicator, and only a whole can be broken down"),
            (self.dimension is None, "Also choose what it is split by"),
            (self.dimension_id == whole.dimension_id, f"{whole} is already split in the same way"),
        ):
            if is_wrong:
                raise ValidationError({"breaks_down": sentence})
        for name in ALIKE:
            if getattr(self, name) != getattr(whole, name):
                label = getattr(whole, f"get_{name}_display", lambda: whole.owner)()
                raise ValidationError({name: f"Choose the same as for {whole}, which it breaks down: {label}"})

    def _clean_ratio(self) -> None:
        cases, whole = self.numerator, self.denominator
        kind = RATIO_KINDS.get(self.ratio)  # None for what its own field refuses
        faults = (
            (self.dimension is not None, "dimension", "A ratio has no categories: choose none"),
            (self.part_of is not None, "part_of", "A ratio can’t be part of another indicator: choose none"),
            (not self.ratio, "ratio", "Choose a share, a rate or an average"),
            (cases is None, "numerator", "Choose the cases that are counted"),
            (
                (whole is None) == (not self.ages),
                "denominator",
                "Choose either a count or the ages of residents",
            ),
            (
                bool(self.ages and kind and not kind.takes_residents),
                "ages",
                "Only a rate can be out of residents: choose a rate, or a count",
            ),
            (cases == whole, "denominator", "Choose a count other than the cases"),
            (bool(cases and cases.ratio), "numerator", f"{cases} is itself a ratio: choose a count"),
            (bool(whole and whole.ratio), "denominator", f"{whole} is itself a ratio: choose a count"),
            # Then a return asks about cases above the whole, and nobody can subtract the two to find a small number.
            (
                kind is not None and kind.is_part and cases is not None and cases.part_of_id != self.denominator_id,
                "numerator",
                f"{cases} has to be a part of {whole}: change {cases} first",
            ),
        )
        for is_wrong, field, sentence in faults:
            if is_wrong:
                raise ValidationError({field: sentence})
        if self.ages:
            try:
                list_ways(self.ages)
            except AgesRefused as refused:
                raise ValidationError({"ages": str(refused)}) from None

    @property
    def openness_words(self) -> str:
        return describe(self.openness, self.openness_delay)

    @property
    def has_yearly_total(self) -> bool:
        """Return whether its months add up to a year of its own: a count of events that is asked for each month. A
        breakdown's year is its whole's."""
        return (
            not self.ratio
            and self.breaks_down_id is None
            and not Counted(self.counts_as).is_on_a_day
            and self.asked == Asked.MONTHLY
        )

    @property
    def takes_figures(self) -> bool:
        """Return whether its figures are entered or imported, not worked out."""
        return self.collection != Collection.RATIO

    def get_absolute_url(self) -> str:
        return reverse("indicators:indicator-edit", args=[self.area.slug, self.code])


class IndicatorDefinition(models.Model):
    """What exactly is counted, from a month on. A new one starts a new series: no arrow or limit crosses its start."""

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
    """An indicator's place on the page of a board that it is for."""

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
            raise ValidationError(f"{self.board} belongs to a different area from {self.indicator}.")


class RecordingChange(models.Model):
    """A change in how an indicator is recorded, from a month on, under the same definition: a new system, a new team.
    One person asks for it and another confirms it. It then permanently starts a new series: no one can silence an alarm
    alone."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="recording_changes")
    applies_from = models.DateField("first month")
    why = models.CharField("what is recorded differently", max_length=300)
    state = models.CharField(
        max_length=10, choices=RecordingState.choices(), default=RecordingState.ASKED.value, editable=False
    )
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-applies_from", "-asked_at")
        verbose_name = "change of recording"
        verbose_name_plural = "changes of recording"
        constraints = (
            # After a refusal somebody may ask for the same month again.
            models.UniqueConstraint(
                fields=("indicator", "applies_from"),
                condition=~Q(state=RecordingState.DECLINED.value),
                name="one_recording_change_per_month",
            ),
            models.CheckConstraint(condition=Q(applies_from__day=1), name="recording_changes_on_the_first"),
            models.CheckConstraint(condition=~Q(why=""), name="recording_change_has_its_reason"),
            models.CheckConstraint(
                condition=Q(state=RecordingState.ASKED.value, decided_at__isnull=True, decided_by__isnull=True)
                | ~Q(state=RecordingState.ASKED.value) & Q(decided_at__isnull=False, decided_by__isnull=False),
                name="recording_change_decided_at_by",
            ),
            models.CheckConstraint(
                # A second person has to confirm it.
                condition=Q(decided_by__isnull=True)
                | ~Q(decided_by=F("asked_by"))
                | Q(state=RecordingState.DECLINED.value),
                name="recording_change_confirmed_by_another",
                violation_error_message="The person who asked for it can’t confirm it.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator}, recorded differently from {self.applies_from:%Y-%m}"


class LevelName(models.Model):
    """The name of a level that was found, and why it started. It changes no reading. Rows are only added: the newest
    counts."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="level_names")
    category = models.ForeignKey(Category, models.PROTECT, null=True, related_name="level_names")
    since = models.DateField("first month")
    name = models.CharField(max_length=80)
    reason = models.CharField(max_length=300)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("given_at", "id")
        verbose_name = "name of a level"
        verbose_name_plural = "names of levels"
        constraints = (
            models.CheckConstraint(condition=Q(since__day=1), name="level_begins_on_the_first"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(reason=""), name="level_has_name_and_reason"),
        )

    def __str__(self) -> str:
        return f"{self.indicator}, since {self.since:%Y-%m}: {self.name}"


class IndicatorMove(models.Model):
    """A change of the agency that supplies an indicator. The months before `since` were this agency's, so its rule
    protects them too (indicators.selectors.disclosure). Rows are only added."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="moves")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name="agency before")
    since = models.DateField("first month of the next agency")
    moved_at = models.DateTimeField()
    moved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("indicator", "since", "id")
        verbose_name = "move of an indicator"
        verbose_name_plural = "moves of indicators"
        constraints = (models.CheckConstraint(condition=Q(since__day=1), name="indicator_moves_on_the_first"),)

    def __str__(self) -> str:
        return f"{self.indicator}: {self.agency} before {Month.of(self.since).label}"
