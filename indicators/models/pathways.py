"""The pathways that an area has set up: see indicators.pathways."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from boards.models import Agency, PartnershipArea, code_field
from core.database import RetirableQuerySet
from core.pages import link_to
from indicators.models.catalogue import Category, Indicator
from indicators.pathways import FOLLOWED


class Pathway(models.Model):
    """What should happen to the people the area found, step by step."""

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="pathways")
    code = code_field()
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(max_length=80, help_text="Such as Children identified as exploited.")
    question = models.CharField(
        max_length=200, help_text="As the board would ask it: What became of the children whom we identified?"
    )
    retired = models.BooleanField(default=False)

    objects = RetirableQuerySet["Pathway"].as_manager()

    class Meta:
        ordering = ("position", "title")
        constraints = (
            models.UniqueConstraint(
                fields=("area", "code"),
                name="one_pathway_per_code",
                violation_error_message="This area has a pathway with that code.",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return link_to("reporting:pathway-view", self.area.slug, self.code)


class PathwayStep(models.Model):
    """A step of a pathway: an indicator, or one of its categories; or something that no one counts, in words.

    `followed`: its figure in a month is of those who were counted in the first step so many months earlier.
    """

    pathway = models.ForeignKey(Pathway, models.PROTECT, related_name="steps")
    code = code_field()
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=80, help_text="What happens in it, such as Discussed at the panel.")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="pathway_steps", verbose_name="answers for it")
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="pathway_steps", verbose_name="counted by"
    )
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="pathway_steps")
    followed = models.PositiveSmallIntegerField(
        "people followed",
        default=0,
        choices=[(0, "No: it counts what happened in the month")]
        + [(months, f"For {months} months: it counts people from that month’s first step") for months in FOLLOWED],
    )
    nobody_counts = models.CharField(
        max_length=150,
        blank=True,
        help_text="If no indicator counts it, the end of the sentence “No one counts …”, such as: how many of them "
        "have a plan.",
    )
    retired = models.BooleanField(default=False)

    objects = RetirableQuerySet["PathwayStep"].as_manager()

    class Meta:
        ordering = ("position", "code")
        verbose_name = "step of a pathway"
        verbose_name_plural = "steps of pathways"
        constraints = (
            models.UniqueConstraint(
                fields=("pathway", "code"),
                name="one_pathway_step_per_code",
                violation_error_message="This pathway has a step with that code.",
            ),
            models.CheckConstraint(
                condition=Q(Q(indicator__isnull=False), nobody_counts="")
                | Q(~Q(nobody_counts=""), indicator__isnull=True, category__isnull=True, followed=0),
                name="pathway_step_is_counted_or_says_so",
                violation_error_message="Choose what counts it, or say what no one counts.",
            ),
            models.CheckConstraint(condition=Q(followed__in=(0, *FOLLOWED)), name="pathway_step_is_followed_so_long"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def area(self) -> PartnershipArea:
        return self.pathway.area

    def clean(self) -> None:
        """Refuse parts of another area, a count that can't be added up over months, and a first step that follows
        people of itself."""
        for name in ("agency", "indicator"):
            if getattr(self, f"{name}_id") is not None and getattr(self, name).area_id != self.pathway.area_id:
                raise ValidationError({name: "Choose one from this area."})
        if self.indicator is None:
            if not self.nobody_counts.strip():
                raise ValidationError({"nobody_counts": "Choose what counts it, or say what no one counts"})
            return
        if self.nobody_counts:
            raise ValidationError({"nobody_counts": f"{self.indicator} counts it: leave this empty"})
        if not self.indicator.has_yearly_total:
            raise ValidationError(
                {"indicator": f"{self.indicator} can’t be added up over months: choose a count of each month’s events"}
            )
        if self.category is not None and self.category.dimension_id != self.indicator.dimension_id:
            raise ValidationError({"category": f"{self.indicator} has no category “{self.category.code}”"})
        if self.followed and not self._has_first():
            raise ValidationError(
                {"followed": "The first step has to come before this one, and has to count what happened in the month"}
            )

    def _has_first(self) -> bool:
        """Return whether the pathway begins with another step, of which this one can follow the people."""
        others = PathwayStep.objects.in_use().filter(pathway=self.pathway).exclude(pk=self.pk)
        first = others.order_by("position", "code").first()
        return (
            first is not None
            and first.indicator_id is not None
            and not first.followed
            and (first.position, first.code) < (self.position, self.code)
        )
