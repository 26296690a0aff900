"""The home page of the set-up: what there is, and what is missing."""

import pytest
from django.urls import reverse

from boards.models import Membership
from boards.rules import Role
from indicators.models import IndicatorDefinition, Section
from indicators.selectors.catalogues import list_gaps
from tests.factories import make_agency, make_board, make_dimension, make_indicator, make_member, make_section
from tests.integration import setup_pages


@pytest.fixture
def town(db, monkeypatch):
    return setup_pages.make_town(monkeypatch)


@pytest.fixture
def page(town, client):
    return setup_pages.opener(town, client)


def sentences(town) -> list[str]:
    return [gap.sentence for gap in list_gaps(town.area)]


def test_a_whole_set_up_lacks_nothing(town, page):
    assert sentences(town) == []
    assert "Nothing is missing: each figure has an agency with a lead" in page("indicators:setup").content.decode()


def test_the_home_page_says_what_is_missing(town, page):
    make_section(town.area, "health", title="Health")
    make_board(town.area, "sab", name="Adults Board")
    nhs = make_agency(town.area, "nhs", name="NHS")
    make_indicator(nhs, "woundings", boards=(town.csp,), section=Section.objects.get(code="arrests", area=town.area))
    make_indicator(town.police, "pwits")
    old = make_agency(town.area, "old", name="Old agency", retired=True)
    make_indicator(old, "cuckooed", boards=(town.csp,)).definitions.all().delete()
    attic = make_section(town.area, "attic", title="Attic", retired=True)
    empty = make_dimension(town.area, "age", [])
    make_indicator(town.police, "lines", boards=(town.csp,), section=attic, dimension=empty)

    assert sorted(sentences(town)) == [
        "Adults Board has no indicators, so its page is empty.",
        "Cuckooed has no definition, so no one is asked for its figures.",
        "Cuckooed is supplied by Old agency, which is retired.",
        "Lines is in the section Attic, which is retired.",
        "Lines is split by Age, which has no categories.",
        "NHS has no lead, so no one can enter its figures: Woundings.",
        "Pwits isn’t for any board.",
        "The section Health has no indicators.",
    ]
    body = page("indicators:setup").content.decode()
    assert all(sentence in body for sentence in sentences(town))
    assert reverse("boards:person-add", args=[town.area.slug]) in body

    make_member(town.area, Role.AGENCY_LEAD, agency=nhs)
    assert not any("NHS" in sentence for sentence in sentences(town))


def test_an_agency_that_releases_its_own_returns_needs_somebody_who_can(town):
    town.police.needs_release = True
    town.police.save()
    assert sentences(town) == []
    Membership.objects.filter(role=Role.AGENCY_APPROVER.value).delete()
    assert sentences(town) == ["Police releases its own returns but has no approver, so no one can release them."]
    Membership.objects.create(area=town.area, user=town.lead, role=Role.AGENCY_APPROVER.value, agency=town.police)
    assert sentences(town) == [
        "Police releases its own returns, but its only approver is its only lead. "
        "People can’t release a return that they submitted themselves."
    ]
    make_member(town.area, Role.AGENCY_LEAD, agency=town.police)
    assert sentences(town) == []


def test_an_area_without_indicators_is_told_where_to_begin(town, page):
    IndicatorDefinition.objects.filter(indicator__area=town.area).delete()
    town.area.indicators.all().delete()

    assert "Nothing is measured yet." in page("indicators:setup").content.decode()
