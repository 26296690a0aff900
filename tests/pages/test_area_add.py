"""The operator's page that makes an area: what it offers, takes and refuses."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from boards.models import Agency, Membership, PartnershipArea, ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from indicators.catalogues.files import read_starter
from indicators.models import Indicator
from indicators.selectors.catalogues import get_catalogue
from tests import scenarios
from tests.answers import Answer
from tests.factories import make_member
from tests.tiers import vary_at_release

pytestmark = pytest.mark.django_db
PAGE = "/areas/add/"


def this_month() -> Month:
    return Month.of(timezone.localdate())


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(scenarios.make_operator())
    return client


def as_offered(operator: Client, query: str = "") -> dict[str, object]:
    """What the page would send if nothing but the names were typed."""
    form = operator.get(PAGE + query).context["form"]
    ticks = {field.name: field.value() for field in form.ticks}
    return ticks | {
        "name": "Newtown",
        "slug": "newtown",
        "first_month": str(this_month()),
        "email": "alex@council.example",
        "person": "Alex Green",
        "is_attested": "on",
    }


def send(operator: Client, changed: dict[str, Any] | None = None, query: str = "") -> Answer:
    return operator.post(PAGE + query, as_offered(operator, query) | (changed or {}))


def test_an_area_is_made_with_its_month_and_its_coordinator(operator: Client):
    answer = send(operator, {"ons_code": "e07000001"})
    area = PartnershipArea.objects.get(slug="newtown")
    assert answer.url == area.get_absolute_url()
    assert area.ons_code == "E07000001"
    usual = [entry.code for entry in read_starter().indicator if not entry.optional]
    assert [entry.code for entry in get_catalogue(area).indicator] == usual
    assert ReportingPeriod.objects.get(area=area).month == this_month()
    held = Membership.objects.get(area=area)
    assert (held.role, str(held.user)) == (Role.COORDINATOR, "Alex Green")
    assert mail.outbox[0].to == ["alex@council.example"]
    assert "/account/password/reset/key/" in mail.outbox[0].body


def test_a_ratio_that_is_ticked_brings_what_it_is_worked_out_from(operator: Client):
    offered = operator.get(PAGE).context["form"]
    assert "housing-staff" not in dict(offered.fields["in-workforce"].choices)
    send(operator, {"in-workforce": ["housing-share-trained"], "boards": ["csp", "sab"]})
    made = get_catalogue(PartnershipArea.objects.get(slug="newtown"))
    assert {"housing-staff", "housing-trained", "housing-share-trained"} <= {entry.code for entry in made.indicator}
    assert [board.code for board in made.board] == ["csp", "sab"]


def test_an_area_is_made_like_another(operator: Client):
    town = scenarios.make_town()
    send(operator, query="?from=testford")
    made = get_catalogue(PartnershipArea.objects.get(slug="newtown"))
    assert [entry.code for entry in made.indicator] == [e.code for e in get_catalogue(town.area).indicator]
    assert operator.get(PAGE + "?from=nowhere").status_code == 404


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("slug", "public", "“public” is already the address of another page. Choose another."),
        ("slug", "New Town", "Use lower-case letters, digits and single hyphens: drug-arrests."),
        ("slug", "", "Enter the name in web addresses"),
        ("ons_code", "E0700", "“E0700” isn’t an ONS code, such as E06000033."),
        ("longitude", "1.5", "Enter the latitude too, or leave both empty"),
        ("first_month", "2998-01", "Choose the first month from the list"),
        ("email", "alex", "Enter an email address in full, such as name@council.example"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(operator: Client, field: str, typed: str, sentence: str):
    answer = send(operator, {field: typed, "boards": ["csp"]})
    assert sentence in [error for errors in answer.context["form"].errors.values() for error in errors]
    assert answer.context["form"]["boards"].value() == ["csp"]
    assert answer.context["form"]["name"].value() == "Newtown"
    assert not PartnershipArea.objects.exists()


def test_an_area_that_measures_nothing_is_not_made(operator: Client):
    ticks = {name: [] for name in as_offered(operator) if name.startswith("in-")}
    answer = send(operator, ticks)
    assert "Tick at least one indicator" in str(answer.context["form"].errors)
    assert not Indicator.objects.exists()


def test_a_slug_that_is_taken_is_refused_with_whose_it_is(operator: Client):
    town = scenarios.make_town()
    answer = send(operator, {"slug": "testford"})
    assert f"“testford” is already the address of {town.area.name}. Choose another." in str(
        answer.context["form"].errors["slug"]
    )


def test_home_leads_an_operator_there_and_nobody_else(operator: Client):
    assert PAGE in operator.get(reverse("reporting:home")).content.decode()
    town = scenarios.make_town()
    assert PAGE in operator.get(town.area.get_absolute_url()).content.decode()
    operator.force_login(town.coordinator)
    assert PAGE not in operator.get(town.area.get_absolute_url()).content.decode()
    assert operator.get(PAGE).status_code == 403


@pytest.mark.parametrize("role", vary_at_release([Role.COORDINATOR, Role.AGENCY_LEAD, Role.STRATEGIC]))
@pytest.mark.parametrize("has_month", [True, False])
def test_every_page_that_the_menu_of_the_new_area_offers_is_there(operator: Client, role: Role, has_month: bool):
    send(operator)
    area = PartnershipArea.objects.get(slug="newtown")
    if not has_month:
        ReportingPeriod.objects.all().delete()
    police = Agency.objects.get(area=area, code="police")
    operator.force_login(make_member(area, role, agency=police if role is Role.AGENCY_LEAD else None))
    home = operator.get(area.get_absolute_url()).content.decode()
    for path in sorted({part.split('"')[0] for part in home.split('href="')[1:]}):
        if path.startswith("/newtown/"):
            assert operator.get(path, follow=True).status_code == 200, path
