"""Shares, rates and averages wherever a figure stands: never in the tenths in which they are kept."""

import re

import pytest
from django.test import Client

from boards.rules import Role
from core.calendar import Month
from indicators.figures import Entry
from indicators.models import Indicator
from indicators.services.corrections import accept_correction, ask_correction
from reporting.months.services import publish_corrections
from tests import scenarios
from tests.integration.test_ratios import AUGUST, JULY, make_ratio_town
from tests.scenarios import Town, publish, publish_openly, sweep
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
KEPT = re.compile(r"\b(578|567|625|6,?67)\b")  # tenths of 57.8 %, and of the months before


def make() -> Town:
    town = make_ratio_town()
    publish(town, AUGUST)
    publish_openly(town, AUGUST)
    scenarios.issue(town, AUGUST)
    return town


made, town = stand(make)


def read(town: Town, path: str, role: Role | None = Role.COORDINATOR) -> str:
    client = Client()
    if role is not None:
        client.force_login(town.people[role])
    response = client.get(path)
    assert response.status_code == 200
    # Geometry of a picture is no figure.
    return re.sub(r'\b(d|points|viewBox|x|y|cx|cy|x1|x2|y1|y2|width|height)="[^"]*"', "", response.content.decode())


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("/testford/2026-08/", Role.COORDINATOR),
        ("/testford/2026-08/csp/", Role.BOARD_MEMBER),
        ("/testford/2026-08/year/", Role.BOARD_MEMBER),
        ("/testford/indicators/", Role.ANALYST),
        ("/testford/indicators/share-trained/", Role.ANALYST),
        ("/testford/indicators/share-trained/?chart=nhs", Role.ANALYST),
        ("/testford/public/2026-08/", None),
        ("/testford/public/2026-08/year/", None),
        ("/testford/packs/TESTFORD-2026-08-CSP-1/", Role.BOARD_MEMBER),
        ("/testford/2026-08/figures.csv", Role.ANALYST),
        ("/testford/indicators/share-trained/figures.csv", Role.ANALYST),
        ("/testford/public/2026-08/figures.csv", None),
    ],
)
def test_a_share_is_in_per_cent(town: Town, path: str, role: Role | None):
    text = read(town, path, role)
    assert re.search(r"57\.(8%|7777)", text)
    assert KEPT.findall(text) == []


def test_the_page_of_a_ratio_says_what_it_is_worked_out_from(town: Town):
    text = read(town, "/testford/indicators/share-trained/")
    assert "52 out of 90 (the number in July 2026)" in text
    assert "95% range 47.5% to 67.5%" in text
    assert ": per cent of the staff." in text
    assert '<dt>Worked out from</dt><dd><a class="govuk-link" href="/testford/indicators/trained/">Trained</a>' in text


def test_a_corrected_share_is_told_in_per_cent_too(town: Town):
    trained = Indicator.objects.get(area=town.area, code="trained")
    august = town.area.periods.get(starts_on=AUGUST.first_day)
    asked = ask_correction(trained, None, august, entry=Entry("60"), reason="Counted once more", by=town.lead)
    accept_correction(asked, by=town.coordinator)
    sweep()
    text = read(town, "/testford/changes/2026-08/")
    assert "57.8%" in text
    assert "66.7%" in text
    assert KEPT.findall(text) == []
    publish_corrections(town.area, by=town.coordinator)
    text = read(town, "/testford/packs/")
    assert KEPT.findall(text) == []


def test_the_return_shows_the_share_beside_its_boxes(town: Town):
    scenarios.open_month(town, Month(2026, 9))
    text = read(town, "/testford/returns/2026-09/police/", Role.AGENCY_LEAD)
    assert "Share trained: <output" in text
    assert ">not known yet</output>, out of 90 (Staff, July 2026)" in text
    assert JULY.label in text


def test_trying_a_rule_looks_at_counts_alone(town: Town):
    client = signed_in(town.people[Role.INFORMATION])
    tried = {"kind": "suppress", "below": "20", "why": "", "then": "try"}
    text = client.post("/testford/disclosure/indicator/trained/", tried).content.decode()
    assert KEPT.findall(text) == []
