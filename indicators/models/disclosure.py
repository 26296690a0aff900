"""What the public may see: the rules that protect small numbers, and how months are marked."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from boards.models import (
    Agency,
    PartnershipArea,
    ReportingPeriod,
    Request,
    RequestQuerySet,
    make_request_constraints,
)
from indicators.disclosure import Audience, Marking
from indicators.models.catalogue import Indicator
from indicators.openness import Openness
from indicators.protection.rules import KINDS, LIMITS, Rule, RuleKind, number_names


def number_field(name: str) -> "models.PositiveSmallIntegerField[int | None, int | None]":
    return models.PositiveSmallIntegerField(name, null=True, blank=True)


RULE_HAS_ITS_NUMBERS = (
    Q(
        kind=RuleKind.SUPPRESS.value,
        # The number is named twice, because a NULL in a range check would let the row pass.
        below__range=LIMITS["below"],
        below__isnull=False,
        suppress_to__isnull=True,
        base__isnull=True,
    )
    | Q(
        kind=RuleKind.ROUND.value,
        below__isnull=True,
        suppress_to__range=LIMITS["suppress_to"],
        suppress_to__isnull=False,
        base__range=LIMITS["base"],
        base__isnull=False,
    )
    | Q(
        kind__in=(RuleKind.SHOW.value, RuleKind.WITHHOLD.value),
        below__isnull=True,
        suppress_to__isnull=True,
        base__isnull=True,
    )
)


class DisclosureRule(models.Model):
    """How figures are protected for the public. A rule is for an agency, as its information-sharing agreement says, or
    for an indicator. A rule for neither is the usual rule, for indicators without their own.

    An indicator has its own rule or the usual one. The stricter of that and its agency's rule applies:
    `indicators.selectors.disclosure`.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="disclosure_rules")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="disclosure_rules")
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True, blank=True, related_name="disclosure_rules")
    kind = models.CharField("rule", max_length=10, choices=RuleKind.choices())
    below = number_field("withhold figures below")
    suppress_to = number_field("withhold figures up to")
    base = number_field("round to the nearest")
    why = models.CharField("reason", max_length=300, help_text="Such as the paragraph of the agreement.")
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("area", "agency", "indicator")
        constraints = (
            models.CheckConstraint(
                condition=Q(agency__isnull=True) | Q(indicator__isnull=True),
                name="rule_of_an_agency_or_an_indicator",
                violation_error_message="A rule is for an agency or for an indicator, not for both.",
            ),
            # In a unique constraint no NULL equals another. So each kind of rule has its own.
            models.UniqueConstraint(
                fields=("area",),
                condition=Q(agency__isnull=True, indicator__isnull=True),
                name="one_usual_rule_per_area",
            ),
            models.UniqueConstraint(fields=("agency",), condition=Q(agency__isnull=False), name="one_rule_per_agency"),
            models.UniqueConstraint(
                fields=("indicator",), condition=Q(indicator__isnull=False), name="one_rule_per_indicator"
            ),
            models.CheckConstraint(
                name="rule_has_its_numbers",
                condition=RULE_HAS_ITS_NUMBERS,
                violation_error_message="A rule has its own numbers, each within its range, and no others.",
            ),
            models.CheckConstraint(
                condition=~Q(why=""), name="rule_has_its_reason", violation_error_message="Say why."
            ),
        )

    def __str__(self) -> str:
        return f"{self.target}: {self.rule.words}"

    @property
    def target(self) -> str:
        """Return the name of the agency or indicator that it is for."""
        return str(self.indicator or self.agency or self.area)

    @property
    def rule(self) -> Rule:
        return KINDS[self.kind](*(getattr(self, name) for name in number_names(self.kind)))

    def clean(self) -> None:
        for place in (self.agency, self.indicator):
            if place is not None and place.area_id != self.area_id:
                raise ValidationError(f"{place} belongs to another area.")


class RuleRequest(Request):
    """A request to lift or to weaken a rule, or to set one that is weaker than what applied. Another person has to
    agree: indicators.services.rule_requests.

    The kind is empty where it removes the rule. `before` is the token of what was set then. With an `owner`,
    it asks that this agency supplies the indicator, and the rules are those of the two agencies. With `opens`, it asks
    that the public may see the indicator, as its agency agreed in the words of `agreement`.
    """

    area = models.ForeignKey(PartnershipArea, models.PROTECT, related_name="rule_requests")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="rule_requests")
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True, blank=True, related_name="rule_requests")
    kind = models.CharField("rule", max_length=10, choices=RuleKind.choices(), blank=True)
    below = number_field("withhold figures below")
    suppress_to = number_field("withhold figures up to")
    base = number_field("round to the nearest")
    why = models.CharField("reason", max_length=300)
    before = models.CharField("the rule before", max_length=40, blank=True)
    owner = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="agency that is to supply it"
    )

    opens = models.CharField("who may see it then", max_length=10, choices=Openness.choices(), blank=True)
    opens_delay = models.PositiveSmallIntegerField("months until it is public", default=0)
    agreement = models.CharField("how its agency agreed", max_length=300, blank=True)

    objects = RequestQuerySet["RuleRequest"].as_manager()

    class Meta:
        ordering = ("-asked_at", "-id")
        verbose_name = "request to weaken a rule"
        verbose_name_plural = "requests to weaken rules"
        constraints = (
            models.CheckConstraint(
                condition=Q(agency__isnull=True) | Q(indicator__isnull=True), name="rule_request_of_one_thing"
            ),
            # In a unique constraint no NULL equals another. So each kind of rule has its own.
            models.UniqueConstraint(
                fields=("area",),
                condition=Q(agency__isnull=True, indicator__isnull=True, outcome=""),
                name="one_open_request_for_usual",
            ),
            models.UniqueConstraint(
                fields=("agency",), condition=Q(agency__isnull=False, outcome=""), name="one_open_request_per_agency"
            ),
            models.UniqueConstraint(
                fields=("indicator",),
                condition=Q(indicator__isnull=False, outcome=""),
                name="one_open_request_per_indicator",
            ),
            models.CheckConstraint(
                name="rule_request_has_its_numbers",
                condition=RULE_HAS_ITS_NUMBERS
                | Q(kind="", below__isnull=True, suppress_to__isnull=True, base__isnull=True),
            ),
            models.CheckConstraint(condition=~Q(why=""), name="rule_request_has_its_reason"),
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(indicator__isnull=False), name="only_an_indicator_moves"
            ),
            models.CheckConstraint(
                condition=Q(opens="", agreement="")
                | Q(Q(indicator__isnull=False, owner__isnull=True, kind=""), ~Q(opens=""), ~Q(agreement="")),
                name="agency_agrees_that_it_opens",
            ),
            *make_request_constraints("rule_request"),
        )

    def __str__(self) -> str:
        if self.opens:
            return f"{self.target}: {self.get_opens_display()}"
        moves = f"to {self.owner}, " if self.owner_id else ""
        return f"{self.target}: {moves}{self.rule.words if self.rule else 'no rule of its own'}"

    @property
    def target(self) -> str:
        """Return the name of the agency or indicator that it is for."""
        return str(self.indicator or self.agency or self.area)

    @property
    def rule(self) -> Rule | None:
        """Return the rule that was asked for; None to remove it."""
        if not self.kind:
            return None
        return KINDS[self.kind](*(getattr(self, name) for name in number_names(self.kind)))


class MonthMarking(models.Model):
    """A change of a month's marking for an audience. Rows are only added: the newest counts."""

    period = models.ForeignKey(ReportingPeriod, models.PROTECT, related_name="markings")
    audience = models.CharField(max_length=10, choices=Audience.choices())
    marking = models.CharField(max_length=20, choices=Marking.choices(), blank=True)
    why = models.CharField("reason", max_length=300)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("period", "audience", "id")
        constraints = (
            models.CheckConstraint(
                condition=~Q(why=""), name="marking_has_its_reason", violation_error_message="Say why."
            ),
        )

    def __str__(self) -> str:
        return f"{self.period}, {self.get_audience_display()}: {self.get_marking_display()}"
