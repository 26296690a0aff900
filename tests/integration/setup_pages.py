"""What the tests of the set-up pages share: a town on 20 November 2026 whose coordinator opens
pages, and what a page or the audit log says."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from boards.models import ReportingPeriod, Strand
from core.calendar import Month
from core.models import AuditEvent
from tests import scenarios
from tests.factories import make_dimension
from tests.scenarios import Town

SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)

type Page = Callable[..., Any]


def make_town(monkeypatch: pytest.MonkeyPatch) -> Town:
    """With two origins and a strand, on a day of which the months to choose from are known."""
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: date(2026, 11, 20))
    town = scenarios.make_town()
    make_dimension(town.area, "origin", ["london", "leeds"])
    Strand.objects.create(area=town.area, code="prevent", name="Prevent")
    return town


def opener(town: Town, client: Client) -> Page:
    """Opens a page by the name of its address and what that takes after the area; sends what is
    typed, if anything is, and follows to the next page."""
    client.force_login(town.coordinator)

    def visit(name: str, /, *keys: object, **typed: object) -> Any:
        url = reverse(name, args=[town.area.slug, *keys])
        return client.post(url, typed, follow=True) if typed else client.get(url)

    return visit


def verbs() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("verb", flat=True))


def errors(response: Any) -> list[str]:
    """What the error summary says. The title says that there is an error, too."""
    assert response.status_code == 200
    sentences = [sentence for of_field in response.context["form"].errors.values() for sentence in of_field]
    body = response.content.decode()
    assert sentences
    assert "<title>Error: " in body
    assert "There is a problem" in body
    return sentences


def roll_up_months(town: Town) -> None:
    """September, published, and October, open; neither is stale."""
    scenarios.accept(town, SEPTEMBER, {"arrests": 4, "charges": 1})
    scenarios.publish(town, SEPTEMBER)
    scenarios.accept(town, OCTOBER, {"arrests": 5, "charges": 2})
    scenarios.sweep()
    assert ReportingPeriod.objects.get(area=town.area, starts_on=SEPTEMBER.first_day).is_published
    assert stale_months(town) == []


def stale_months(town: Town) -> list[Month]:
    return [p.month for p in ReportingPeriod.objects.filter(area=town.area, stale_since__isnull=False)]
