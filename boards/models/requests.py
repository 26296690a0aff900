"""What do acts that need two people have in common? One person asks, another confirms."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.labels import Labelled

DAYS_TO_DECIDE = 14


class RequestOutcome(Labelled):
    """What became of a request."""

    CONFIRMED = "confirmed", "Confirmed"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    LAPSED = "lapsed", "Ended without an answer"


DECIDED = (RequestOutcome.CONFIRMED.value, RequestOutcome.DECLINED.value, RequestOutcome.WITHDRAWN.value)


class RequestQuerySet[Asked: "Request"](models.QuerySet[Asked]):
    def waiting(self, day: date) -> Self:
        """Return those that somebody may still decide on a day."""
        return self.filter(outcome="", ends_on__gte=day)


class Request(models.Model):
    """A request that another person confirms or declines. `outcome` is empty until somebody decides. A request that
    nobody decided ends after `ends_on`."""

    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ends_on = models.DateField("last day to decide")
    outcome = models.CharField(max_length=10, choices=RequestOutcome.choices(), blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_why = models.CharField("why it was declined", max_length=300, blank=True)

    class Meta:
        abstract = True

    def is_waiting(self, day: date) -> bool:
        return not self.outcome and self.ends_on >= day


def make_request_constraints(noun: str) -> tuple[models.BaseConstraint, ...]:
    """Return the constraints of each kind of request."""
    return (
        models.CheckConstraint(
            condition=Q(outcome__in=DECIDED, decided_at__isnull=False, decided_by__isnull=False)
            | (~Q(outcome__in=DECIDED) & Q(decided_at__isnull=True, decided_by__isnull=True)),
            name=f"{noun}_decided_at_by",
        ),
        models.CheckConstraint(
            condition=~Q(outcome=RequestOutcome.CONFIRMED.value) | ~Q(decided_by=F("asked_by")),
            name=f"{noun}_confirmed_by_another",
        ),
        models.CheckConstraint(
            condition=~Q(outcome=RequestOutcome.DECLINED.value) | ~Q(decided_why=""),
            name=f"{noun}_declined_with_reason",
        ),
    )
