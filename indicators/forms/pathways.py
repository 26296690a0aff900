"""The forms of a pathway and of its steps."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from boards.forms.parts import PartForm, position_field
from boards.models import Agency
from indicators.models import Category, Indicator, Pathway, PathwayStep

type Counted = tuple[Indicator, Category | None]


class PathwayForm(PartForm):
    short_text: ClassVar[tuple[str, ...]] = ("title",)
    free_text: ClassVar[tuple[str, ...]] = ("question",)
    position = position_field()

    class Meta:
        model = Pathway
        fields = ("title", "code", "question", "position")


class PathwayStepForm(PartForm):
    """A step. What counts it is one choice: an indicator, or one of its categories."""

    holder = "pathway"
    short_text: ClassVar[tuple[str, ...]] = ("name",)
    free_text: ClassVar[tuple[str, ...]] = ("nobody_counts",)
    nouns: ClassVar = {"agency": "agency that is responsible for it", "indicator": "count", "nobody_counts": "words"}
    position = position_field()
    indicator = forms.ChoiceField(label="Counted by", required=False)

    class Meta:
        model = PathwayStep
        fields = ("name", "code", "agency", "followed", "nobody_counts", "position")
        help_texts: ClassVar = {
            "name": "Words that follow a number, such as “discussed at the panel” in “30 discussed at the panel”."
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        area, step = self.instance.pathway.area, self.instance
        self.fields["agency"].queryset = Agency.objects.in_use(or_held=[step.agency_id]).filter(area=area)  # type: ignore[attr-defined]
        self.counted = {name_count(*counted): counted for counted in list_counted(step)}
        choices = [(name, describe_count(*counted)) for name, counted in self.counted.items()]
        self.fields["indicator"].choices = [("", "No one"), *choices]  # type: ignore[attr-defined]
        if step.indicator is not None:
            self.initial["indicator"] = name_count(step.indicator, step.category)
        self.order_fields(["name", "code", "agency", "indicator", "followed", "nobody_counts", "position"])

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        counted = self.counted.get(cleaned.get("indicator", ""))
        self.instance.indicator, self.instance.category = counted or (None, None)
        return cleaned

    def add_error(self, field: str | None, error: Any) -> None:
        """Show an error of the model's category beside what it is chosen with."""
        if field is None and hasattr(error, "error_dict") and "category" in error.error_dict:
            error = ValidationError({"indicator": error.error_dict["category"]})
        super().add_error(field, error)


def list_counted(step: PathwayStep) -> Iterator[Counted]:
    """Yield what can count a step: what happens in each month, as a whole and in each category."""
    indicators = Indicator.objects.in_use(or_held=[step.indicator_id]).filter(area=step.pathway.area)
    for indicator in indicators.select_related("dimension").prefetch_related("dimension__categories"):
        if indicator.has_yearly_total:
            yield indicator, None
            yield from (
                (indicator, one) for one in (indicator.dimension.categories.all() if indicator.dimension else ())
            )


def name_count(indicator: Indicator, category: Category | None) -> str:
    return f"{indicator.code}.{category.code}" if category else indicator.code


def describe_count(indicator: Indicator, category: Category | None) -> str:
    return f"{indicator.title}, {category.name}" if category else indicator.title
