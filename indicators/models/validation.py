"""The rules across figures that an area has set up: see indicators.validation."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from boards.models import PartnershipArea, code_field
from core.database import RetirableQuerySet
from indicators.judgement.judge import Counted
from indicators.models.catalogue import Indicator
from indicators.validation import Relation, Rule, Strength, Term


class ValidationRule(models.Model):
    """A rule across figures. Each side is a list of terms as the catalogue writes them: an indicator's code, or one of
    its categories. Codes never change, so a term stays what it is."""

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="validation_rules")
    code = code_field()
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=120, help_text="Such as Groups and their lines.")
    left = models.JSONField("these counts together", default=list)
    relation = models.CharField("must be", max_length=10, choices=Relation.choices(), default=Relation.AT_MOST.value)
    right = models.JSONField("compared with these counts together", default=list)
    each_category = models.BooleanField(
        "in each category", default=False, help_text="Both sides are split alike, and each category keeps the rule."
    )
    strength = models.CharField("if not", max_length=10, choices=Strength.choices(), default=Strength.STRICT.value)
    why = models.CharField("why", max_length=300, help_text="A sentence, such as: A group runs at least one line.")
    retired = models.BooleanField(default=False)

    objects = RetirableQuerySet["ValidationRule"].as_manager()

    class Meta:
        ordering = ("position", "code")
        constraints = (
            models.UniqueConstraint(
                fields=("area", "code"),
                name="one_validation_rule_per_code",
                violation_error_message="This area has a rule with that code.",
            ),
            models.CheckConstraint(
                condition=~Q(why=""),
                name="validation_rule_has_its_why",
                violation_error_message="Say why it must be so.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def rule(self) -> Rule:
        return Rule(
            code=self.code,
            name=self.name,
            left=tuple(map(Term.parse, self.left)),
            relation=Relation(self.relation),
            right=tuple(map(Term.parse, self.right)),
            why=self.why,
            strength=Strength(self.strength),
            each_category=self.each_category,
        )

    def clean(self) -> None:
        """Refuse terms that the area doesn't have, and sides that can't be compared."""
        self.left, self.right = list(self.left), list(self.right)
        try:
            rule = self.rule
        except (TypeError, ValueError) as refused:
            raise ValidationError({"left": str(refused)}) from None
        for name, side in (("left", rule.left), ("right", rule.right)):
            if not side:
                raise ValidationError({name: "Choose at least one count"})
            if len(set(side)) < len(side):
                raise ValidationError({name: "Choose each count once"})
        if both := set(rule.left).intersection(rule.right):
            raise ValidationError({"right": f"“{min(both)}” is on both sides: choose another count"})
        indicators = self._find_indicators(rule)
        for name, side in (("left", rule.left), ("right", rule.right)):
            for term in side:
                if fault := describe_fault(term, indicators.get(term.indicator)):
                    raise ValidationError({name: fault})
        if self.each_category:
            self._clean_categories(rule, indicators.values())

    def _find_indicators(self, rule: Rule) -> dict[str, Indicator]:
        rows = Indicator.objects.filter(area=self.area, code__in=rule.indicators).select_related(
            "dimension", "breaks_down"
        )
        return {indicator.code: indicator for indicator in rows.prefetch_related("dimension__categories")}

    def _clean_categories(self, rule: Rule, indicators: Iterable[Indicator]) -> None:
        dimensions: set[Any] = {indicator.dimension_id for indicator in indicators}
        if len(dimensions) > 1 or None in dimensions or any(term.category for term in rule.terms):
            raise ValidationError({"each_category": "Choose whole indicators that are split by the same dimension"})


def describe_fault(term: Term, indicator: Indicator | None) -> str:
    """Say what is wrong with a term; empty where nothing is."""
    if indicator is None:
        return f"“{term}”: the area has no indicator “{term.indicator}”"
    if not indicator.takes_figures:
        return f"{indicator} is worked out: choose the counts behind it"
    # The gate knows what a breakdown's counts add up to, and nothing else of them.
    if indicator.breaks_down is not None:
        return f"{indicator} breaks down {indicator.breaks_down}: choose {indicator.breaks_down} instead"
    categories = [category.code for category in indicator.dimension.categories.all()] if indicator.dimension else []
    if term.category and term.category not in categories:
        return f"“{term}”: {indicator} has no category “{term.category}”"
    if term.is_before and not Counted(indicator.counts_as).is_on_a_day:
        return (
            f"{indicator} counts what happened in the month: only a count on a day carries over from the month before"
        )
    return ""
