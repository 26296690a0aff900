"""The form of a rule across figures."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms

from boards.forms.parts import PartForm, position_field
from boards.models import PartnershipArea
from indicators.judgement.judge import Counted
from indicators.models import Collection, Indicator, ValidationRule
from indicators.validation import Term

BOXES = 4  # counts to choose on a side; more where a rule has more
SIDES = {"left": "These counts together", "right": "Compared with these counts together"}


def list_choices(area: PartnershipArea) -> Iterator[tuple[str, str]]:
    """Yield the counts that a rule can compare: of each indicator, of each of its categories, and of the month before
    for what is there on a day."""
    yield "", "None"
    indicators = (
        Indicator.objects.in_use().filter(area=area, breaks_down=None).exclude(collection=Collection.RATIO.value)
    )
    for indicator in indicators.select_related("dimension").prefetch_related("dimension__categories"):
        terms = {Term(indicator.code): indicator.title}
        for category in indicator.dimension.categories.all() if indicator.dimension else ():
            terms[Term(indicator.code, category.code)] = f"{indicator.title}, {category.name}"
        for term, name in terms.items():
            yield str(term), name
            if Counted(indicator.counts_as).is_on_a_day:
                yield str(Term(term.indicator, term.category, is_before=True)), f"{name}, the month before"


class ValidationRuleForm(PartForm):
    short_text: ClassVar[tuple[str, ...]] = ("name",)
    free_text: ClassVar[tuple[str, ...]] = ("why",)
    nouns: ClassVar = {"why": "reason", "relation": "comparison", "strength": "meaning of a figure that breaks it"}
    position = position_field()

    class Meta:
        model = ValidationRule
        fields = ("name", "code", "relation", "each_category", "strength", "why", "position")
        widgets: ClassVar = {"strength": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list(list_choices(self.instance.area))
        for side, label in SIDES.items():
            terms = getattr(self.instance, side)
            for place, name in enumerate(self.name_boxes(side)):
                self.fields[name] = forms.ChoiceField(
                    label=f"{label}" if place == 0 else "And",
                    choices=choices,
                    required=False,
                    initial=terms[place] if place < len(terms) else "",
                    error_messages={"invalid_choice": "Choose the count from the list"},
                )
        left, right = (self.name_boxes(side) for side in SIDES)
        self.order_fields(["name", "code", *left, "relation", *right, "each_category", "strength", "why", "position"])

    def name_boxes(self, side: str) -> list[str]:
        """Return the names of a side's boxes: the first has the name of the model's field, whose errors it shows."""
        boxes = max(BOXES, len(getattr(self.instance, side)))
        return [side, *(f"{side}_{number}" for number in range(2, boxes + 1))]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        names = {side: self.name_boxes(side) for side in SIDES}
        for side, boxes in names.items():
            setattr(self.instance, side, [cleaned[name] for name in boxes if cleaned.get(name)])
        return cleaned
