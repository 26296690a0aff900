"""The set-up pages of an area: who may open them, and the parts that are alike."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from boards.models import Agency, Board, Membership, Strand
from boards.rules import Role
from boards.services import area as boards_responsibilities
from boards.services import area as boards_setup
from boards.services.people import grant_role, revoke_role
from boards.services.requests import ask_end, ask_role
from core.calendar import Month
from core.models import AuditEvent
from indicators.models import Category, Dimension, Indicator, Section
from indicators.services import setup as indicators_setup
from reporting.models import IndicatorLine
from tests import scenarios
from tests.factories import make_agency, make_dimension
from tests.integration import setup_pages
from tests.integration.setup_pages import OCTOBER, SEPTEMBER, errors, roll_up_months, stale_months, verbs
from tests.visiting import signed_in

# Every page of the set-up, by the name of its address and what that takes after the area.
PAGES = {
    "indicators:setup": (),
    "boards:agency-list": (),
    "boards:agency-add": (),
    "boards:agency-edit": ("police",),
    "boards:board-list": (),
    "boards:board-add": (),
    "boards:board-edit": ("csp",),
    "indicators:board-order": ("csp",),
    "boards:strand-list": (),
    "boards:strand-add": (),
    "boards:strand-edit": ("prevent",),
    "indicators:section-list": (),
    "indicators:section-add": (),
    "indicators:section-edit": ("arrests",),
    "indicators:dimension-list": (),
    "indicators:dimension-add": (),
    "indicators:dimension-edit": ("origin",),
    "indicators:category-list": ("origin",),
    "indicators:category-add": ("origin",),
    "indicators:category-edit": ("origin", "london"),
    "indicators:indicator-list": (),
    "indicators:indicator-add": (),
    "indicators:indicator-edit": ("arrests",),
    "indicators:definition-add": ("arrests",),
    "indicators:definition-edit": ("arrests", Month(2020, 1)),
    "indicators:indicator-retire": ("arrests",),
    "boards:people-list": (),
    "boards:person-add": (),
}
ACTS = {
    "boards:agency-retire": ("police",),
    "boards:agency-bring-back": ("police",),
    "boards:board-retire": ("csp",),
    "indicators:section-retire": ("arrests",),
    "indicators:category-retire": ("origin", "london"),
    "indicators:indicator-bring-back": ("arrests",),
}


@pytest.fixture
def town(db, monkeypatch):
    return setup_pages.make_town(monkeypatch)


@pytest.fixture
def page(town, client):
    return setup_pages.opener(town, client)


def address(town, name: str, keys: tuple) -> str:
    return reverse(name, args=[town.area.slug, *keys])


def agency_form(**typed: object) -> dict[str, object]:
    return {"name": "Fire service", "code": "fire", "kind": "fire", "position": "2"} | typed


# --- Who may ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_for_the_coordinator_alone(town, outsider, name):
    url = address(town, name, PAGES[name])

    assert signed_in(town.coordinator).get(url).status_code == 200
    for role, user in town.people.items():
        if role is not Role.COORDINATOR:
            assert signed_in(user).get(url).status_code == 403, role
    assert signed_in(outsider).get(url).status_code == 404


@pytest.mark.parametrize("name", ACTS)
def test_acts_are_for_the_coordinator_alone_and_need_a_post(town, outsider, name):
    url = address(town, name, ACTS[name])

    assert signed_in(outsider).post(url).status_code == 404
    assert signed_in(town.lead).post(url).status_code == 403
    assert signed_in(town.coordinator).get(url).status_code == 405
    assert signed_in(town.coordinator).post(url).status_code == 302


def test_a_page_of_another_areas_part_is_not_found(town, outsider, page):
    elsewhere = outsider.memberships.get().area
    make_agency(elsewhere, "fire")
    make_dimension(elsewhere, "age", ["adults"])
    held = elsewhere.memberships.first()

    assert page("boards:agency-edit", "fire").status_code == 404
    assert page("boards:agency-retire", "fire", go="1").status_code == 404
    assert page("indicators:category-list", "age").status_code == 404
    assert page("indicators:category-edit", "age", "adults").status_code == 404
    assert page("boards:person-remove", held.pk).status_code == 404
    assert page("boards:person-remove", held.pk, go="1").status_code == 404
    assert page("boards:person-tell", held.pk, go="1").status_code == 404
    assert Membership.objects.filter(pk=held.pk).exists()


def test_services_refuse_whoever_is_not_the_coordinator(town):
    agency = Agency(area=town.area, code="fire", name="Fire", kind="fire")
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    acts = [
        lambda by: boards_setup.save_part(agency, area=town.area, by=by),
        lambda by: boards_setup.retire_part(town.police, area=town.area, by=by),
        lambda by: boards_responsibilities.set_responsibilities(town.csp, ["All"], by=by),
        lambda by: indicators_setup.save_indicator(arrests, boards=[], by=by),
        lambda by: indicators_setup.define(arrests, text="New", applies_from=OCTOBER, by=by),
        lambda by: indicators_setup.reword_definition(arrests.definitions.get(), text="New", by=by),
        lambda by: indicators_setup.retire_indicator(arrests, month=OCTOBER, by=by),
        lambda by: indicators_setup.bring_back_indicator(arrests, by=by),
        lambda by: indicators_setup.order_board(town.csp, {}, by=by),
        lambda by: grant_role(town.area, email="a@b.example", name="A", role=Role.ANALYST, is_attested=True, by=by),
        lambda by: revoke_role(Membership.objects.filter(area=town.area)[0], by=by),
        lambda by: ask_role(town.area, email="a@b.example", name="A", role=Role.INFORMATION, is_attested=True, by=by),
        lambda by: ask_end(Membership.objects.filter(area=town.area, role=Role.COORDINATOR.value)[0], by=by),
    ]
    for act in acts:
        with pytest.raises(PermissionDenied, match="Only a coordinator"):
            act(town.people[Role.ANALYST])
    assert "agency.added" not in verbs()


def test_a_role_that_two_remove_is_removed_once(town):
    held = Membership.objects.filter(area=town.area, role=Role.ANALYST.value)
    for membership in [held.get(), held.get()]:  # each opened the page before the other pressed
        revoke_role(membership, by=town.coordinator)
    assert verbs().count("membership.revoked") == 1
    assert not held.exists()


def test_a_part_of_another_area_cannot_be_saved_as_ours(town, outsider):
    foreign = outsider.memberships.get().area.agencies.get()
    foreign.name = "Ours now"

    with pytest.raises(ValidationError, match="belongs to another area"):
        boards_setup.save_part(foreign, area=town.area, by=town.coordinator)
    with pytest.raises(ValidationError, match="belongs to another area"):
        boards_setup.retire_part(foreign, area=town.area, by=town.coordinator)
    foreign.refresh_from_db()
    assert (foreign.name, foreign.retired) == ("Police", False)


# --- Parts that are alike --------------------------------------------------------------------------


def test_an_agency_is_added_changed_retired_and_brought_back(town, page):
    added = page("boards:agency-add", **agency_form())
    assert "Fire service has been saved." in added.content.decode()
    fire = Agency.objects.get(area=town.area, code="fire")

    page("boards:agency-edit", "fire", **agency_form(name="Fire and rescue", code="other"))
    fire.refresh_from_db()
    assert (fire.name, fire.code) == ("Fire and rescue", "fire")

    page("boards:agency-retire", "fire", go="1")
    assert "Retired" in page("boards:agency-list").content.decode()
    page("boards:agency-retire", "fire", go="1")  # pressed twice
    page("boards:agency-bring-back", "fire", go="1")
    fire.refresh_from_db()
    assert not fire.retired

    assert verbs()[-4:] == ["agency.added", "agency.changed", "agency.retired", "agency.brought_back"]
    changed = AuditEvent.objects.get(verb="agency.changed")
    assert changed.details == {"changes": {"name": ["Fire service", "Fire and rescue"]}}
    assert (changed.actor, changed.area, changed.target) == (town.coordinator.email, town.area.slug, "Fire and rescue")


def test_saving_without_a_change_leaves_no_trace(town, page):
    page("boards:agency-edit", "police", **agency_form(name="Police", kind="police", position="0"))

    assert "agency.changed" not in verbs()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": "  "}, "Enter the name"),
        ({"name": "x" * 81}, "The name is too long: shorten it to 80 characters"),
        ({"code": "Fire Service"}, "Use lower-case letters, digits and single hyphens: drug-arrests."),
        ({"code": "police"}, "“police” is already in use: choose another code"),
        ({"kind": "army"}, "Choose the kind from the list"),
        ({"kind": ""}, "Choose the kind"),
        ({"position": "first"}, "The order must be a whole number, such as 3"),
        ({"position": "-1"}, "The order must be 0 or more"),
        ({"position": "1000"}, "The order must be 999 or less"),
    ],
)
def test_bad_input_gets_a_sentence_and_keeps_what_was_typed(town, page, typed, sentence):
    before = Agency.objects.count()
    sent = agency_form(**typed)

    response = page("boards:agency-add", **sent)

    assert errors(response) == [sentence]
    assert response.context["form"]["name"].value() == sent["name"]
    assert Agency.objects.count() == before


def test_a_code_is_free_in_another_area(town, outsider, page):
    assert outsider.memberships.get().area.agencies.filter(code="police").exists()
    make_agency(outsider.memberships.get().area, "fire")

    page("boards:agency-add", **agency_form())

    assert Agency.objects.filter(area=town.area, code="fire").exists()


def test_the_code_cannot_change_even_through_the_service(town):
    town.police.code = "other"

    with pytest.raises(ValidationError, match="can't change"):
        boards_setup.save_part(town.police, area=town.area, by=town.coordinator)


@pytest.mark.both_databases
def test_whoever_comes_second_with_a_code_is_told(town, monkeypatch):
    """Somebody else's row came between the check and the saving."""
    late = Agency(area=town.area, code="fire", name="Late", kind="fire")

    def check_and_be_overtaken() -> None:
        Agency.full_clean(late)
        if not Agency.objects.filter(code="fire").exists():
            make_agency(town.area, "fire")

    monkeypatch.setattr(late, "full_clean", check_and_be_overtaken)

    with pytest.raises(ValidationError, match="This area already has an agency with that code"):
        boards_setup.store(late)
    assert Agency.objects.get(area=town.area, code="fire").name == "Fire"


def test_a_board_keeps_what_it_answers_for(town, page):
    board = {"name": "Safety Partnership", "short_name": "CSP", "position": "1"}
    page("boards:board-edit", "csp", **board, responsibilities="Patrols \r\n\r\n  Closure   orders\n")

    town.csp.refresh_from_db()
    assert town.csp.name == "Safety Partnership"
    assert [r.text for r in town.csp.responsibilities.all()] == ["Patrols", "Closure orders"]
    shown = page("boards:board-edit", "csp")
    assert shown.context["form"]["responsibilities"].value() == "Patrols\nClosure orders"
    assert verbs()[-2:] == ["board.changed", "board.responsibilities_set"]

    response = page("boards:board-edit", "csp", **board | {"name": "Other"}, responsibilities="Short\n" + "x" * 301)
    assert errors(response) == ["Line 2 is too long: shorten it to 300 characters"]
    town.csp.refresh_from_db()
    assert town.csp.name == "Safety Partnership"
    assert town.csp.responsibilities.count() == 2


def test_a_board_and_its_responsibilities_are_saved_together_or_not_at_all(town, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise ValidationError("No")

    monkeypatch.setattr(boards_responsibilities, "set_responsibilities", fail)
    board = Board(area=town.area, code="sab", name="Adults", short_name="SAB")

    with pytest.raises(ValidationError):
        boards_responsibilities.save_board(board, responsibilities=["All"], area=town.area, by=town.coordinator)
    assert not Board.objects.filter(code="sab").exists()
    assert "board.added" not in verbs()


@pytest.mark.parametrize("code", ["year", "lines", "present", "kpis", "impact", "search"])
def test_a_board_is_not_called_like_a_page_of_a_month(page, code):
    response = page("boards:board-add", name="Another", short_name="Another", code=code, position="1")

    assert errors(response) == [f"“{code}” is already the address of a month’s page. Choose another."]
    assert not Board.objects.filter(code=code).exists()


def test_strands_sections_dimensions_and_categories_are_added(town, page):
    page("boards:strand-add", name="Pursue", code="pursue", summary="", position="2")
    page("indicators:section-add", title="Health", code="health", position="2")
    page("indicators:dimension-add", name="Age group", code="age-group")
    page("indicators:category-add", "age-group", name="Adults", code="adults", position="1")

    assert Strand.objects.get(code="pursue").area == town.area
    assert Section.objects.get(code="health").area == town.area
    assert Category.objects.get(code="adults").dimension == Dimension.objects.get(code="age-group")
    assert verbs()[-4:] == ["strand.added", "section.added", "dimension.added", "category.added"]


@pytest.mark.parametrize(
    ("place", "sentences"),
    [
        (("-1.9", "52.5"), []),
        (("", ""), []),
        (("-1.9", ""), ["Enter the latitude too, or leave both empty"]),
        (("", "52.5"), ["Enter the longitude too, or leave both empty"]),
        (("181", "52.5"), ["The longitude must be between -180 and 180 degrees"]),
        (("1", "-91"), ["The latitude must be between -90 and 90 degrees"]),
        (("nan", "52.5"), ["The longitude must be a number of degrees, such as -1.9"]),
        (("west", "52.5"), ["The longitude must be a number of degrees, such as -1.9"]),
    ],
)
def test_an_origin_has_both_coordinates_or_neither(town, page, place, sentences):
    longitude, latitude = place
    typed = {"name": "Birmingham", "code": "birmingham", "position": "3"}

    response = page("indicators:category-add", "origin", **typed, longitude=longitude, latitude=latitude)

    if sentences:
        assert errors(response) == sentences
        assert not Category.objects.filter(code="birmingham").exists()
    else:
        origin = Category.objects.get(code="birmingham")
        assert origin.longitude == (float(longitude) if longitude else None)
        assert origin.latitude == (float(latitude) if latitude else None)


# --- Months that have to be redrawn ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "keys", "typed"),
    [
        ("boards:agency-edit", ("police",), {"name": "Essex Police", "kind": "police", "position": "0"}),
        ("boards:board-retire", ("csp",), {"go": "1"}),
        ("indicators:section-edit", ("arrests",), {"title": "Custody", "position": "0"}),
        ("indicators:category-retire", ("origin", "london"), {"go": "1"}),
        ("indicators:definition-add", ("arrests",), {"applies_from": "2026-10", "text": "People, not arrests."}),
        ("indicators:indicator-retire", ("charges",), {"month": "2026-10"}),
    ],
)
def test_a_change_of_what_lines_show_marks_the_unpublished_months(town, page, name, keys, typed):
    roll_up_months(town)

    page(name, *keys, **typed)

    assert stale_months(town) == [OCTOBER]


def test_the_next_roll_up_shows_the_change_and_leaves_what_is_published(town, page):
    roll_up_months(town)

    page("boards:agency-edit", "police", name="Essex Police", kind="police", position="0")
    scenarios.sweep()

    lines = IndicatorLine.objects.filter(indicator_code="arrests").order_by("snapshot__period__starts_on")
    shown = lines.values_list("snapshot__period__starts_on", "snapshot__version", "owner_name")
    assert list(shown) == [
        (SEPTEMBER.first_day, 1, "Police"),
        (OCTOBER.first_day, 1, "Essex Police"),
    ]
    assert stale_months(town) == []


def test_a_strand_redraws_nothing(town, page):
    roll_up_months(town)

    page("boards:strand-edit", "prevent", name="Prevention", summary="", position="0")

    assert Strand.objects.get(code="prevent").name == "Prevention"
    assert stale_months(town) == []


def test_another_areas_months_are_left_alone(town, page):
    other = scenarios.make_town("otherford")
    scenarios.accept(other, OCTOBER, {"arrests": 5, "charges": 2})
    roll_up_months(town)

    page("boards:agency-edit", "police", name="Essex Police", kind="police", position="0")

    assert stale_months(town) == [OCTOBER]
    assert stale_months(other) == []


# --- As every form ---------------------------------------------------------------------------------
