"""The set-up pages about indicators: what is measured, how it is defined, in which order it stands."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from core.calendar import Month
from core.models import AuditEvent
from indicators.models import Dimension, Indicator, IndicatorBoard, IndicatorDefinition, Section
from indicators.services import setup as indicators_setup
from tests import scenarios
from tests.factories import make_agency, make_board, make_dimension, make_indicator
from tests.integration import setup_pages
from tests.integration.setup_pages import OCTOBER, errors, roll_up_months, stale_months, verbs


@pytest.fixture
def town(db, monkeypatch):
    return setup_pages.make_town(monkeypatch)


@pytest.fixture
def page(town, client):
    return setup_pages.opener(town, client)


def indicator_form(town, **typed: object) -> dict[str, object]:
    section = Section.objects.get(area=town.area)
    return {
        "title": "Knife crime",
        "code": "knives",
        "question": "How many knives?",
        "unit_one": "knife",
        "unit_many": "knives",
        "polarity": "lower",
        "polarity_reason": "Fewer knives, less harm.",
        "counts_as": "flow",
        "owner": town.police.pk,
        "collection": "return",
        "asked": "monthly",
        "shown_on": "month",
        "section": section.pk,
        "position": "3",
        "boards": [town.csp.pk],
        "applies_from": "2026-10",
        "definition": "Knives found.",
    } | typed


def edit_form(town, **typed: object) -> dict[str, object]:
    """What the page of an indicator sends back."""
    sent = indicator_form(town, **typed)
    return {name: value for name, value in sent.items() if name not in ("code", "applies_from", "definition")}


def test_an_indicator_is_added_with_its_first_definition(town, page):
    response = page("indicators:indicator-add", **indicator_form(town))

    assert "Knife crime has been added." in response.content.decode()
    knives = Indicator.objects.get(area=town.area, code="knives")
    assert (knives.polarity, knives.owner, knives.dimension) == ("lower", town.police, None)
    assert [(d.applies_from, d.text) for d in knives.definitions.all()] == [(date(2026, 10, 1), "Knives found.")]
    place = knives.board_places.get()
    assert place.board == town.csp
    assert place.position > max(p.position for p in town.csp.indicator_places.exclude(pk=place.pk))
    assert verbs()[-2:] == ["indicator.added", "indicator.defined"]


def test_an_indicator_says_whether_its_cases_are_residents(town, page):
    page("indicators:indicator-add", **indicator_form(town))
    assert Indicator.objects.get(area=town.area, code="knives").counts_residents is None
    why = "Most are found at the airport."
    for chosen, reason, held in (("False", why, False), ("True", "", True), ("", "", None)):
        sent = edit_form(town, counts_residents=chosen, residents_why=reason)
        page("indicators:indicator-edit", "knives", **sent)
        knives = Indicator.objects.get(area=town.area, code="knives")
        assert (knives.counts_residents, knives.residents_why) == (held, reason)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"title": ""}, "Enter the title"),
        ({"title": "x" * 35}, "The title is longer than 34 characters: enter a shorter one for its tile."),
        ({"short_title": "x" * 35}, "The title on a tile is too long: shorten it to 34 characters"),
        ({"unit_one": ""}, "Enter the singular of what is counted"),
        ({"counts_residents": "False"}, "Say why it doesn’t count the area’s residents"),
        ({"residents_why": "An airport."}, "Only a count that isn’t of residents needs a reason: leave this empty"),
        ({"counts_residents": "perhaps"}, "Choose the answer about residents from the list"),
        ({"code": "arrests"}, "“arrests” is already in use: choose another code"),
        ({"polarity": "sideways"}, "Choose the way that is better from the list"),
        ({"polarity_reason": " "}, "Say why higher or lower is better, or why you can’t say which"),
        ({"owner": "0"}, "Choose the agency from the list"),
        ({"applies_from": "2026-13"}, "Choose the first month from the list"),
        ({"applies_from": ""}, "Choose the first month"),
        ({"definition": ""}, "Enter the definition"),
        ({"boards": ["0"]}, "Choose the boards from the list"),
    ],
)
def test_bad_input_saves_no_part_of_an_indicator(town, page, typed, sentence):
    response = page("indicators:indicator-add", **indicator_form(town, **typed))

    assert errors(response) == [sentence]
    assert not Indicator.objects.filter(area=town.area, code="knives").exists()
    assert not IndicatorDefinition.objects.filter(text="Knives found.").exists()


def test_choices_are_of_this_area_and_in_use(town, outsider, page):
    elsewhere = outsider.memberships.get().area
    foreign = {
        "owner": elsewhere.agencies.get().pk,
        "section": elsewhere.sections.get().pk,
        "boards": [elsewhere.boards.get().pk],
        "part_of": elsewhere.indicators.first().pk,
        "dimension": make_dimension(elsewhere, "origin", ["leeds"]).pk,
    }
    for name, value in foreign.items():
        response = page("indicators:indicator-add", **indicator_form(town, **{name: value}))
        assert list(response.context["form"].errors) == [name]

    old = make_agency(town.area, "old", retired=True)
    assert errors(page("indicators:indicator-add", **indicator_form(town, owner=old.pk))) == [
        "Choose the agency from the list"
    ]


def test_the_service_refuses_what_another_area_holds(town, outsider):
    elsewhere = outsider.memberships.get().area
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    with pytest.raises(ValidationError, match="Choose boards in this area"):
        indicators_setup.save_indicator(arrests, boards=[elsewhere.boards.get()], by=town.coordinator)

    arrests.owner = elsewhere.agencies.get()
    with pytest.raises(ValidationError, match="Choose one from this area"):
        indicators_setup.save_indicator(arrests, boards=[], by=town.coordinator)


def test_an_indicator_is_changed_and_keeps_its_place_on_a_board(town, page):
    sab = make_board(town.area, "sab")
    roll_up_months(town)
    before = IndicatorBoard.objects.get(indicator__code="charges", indicator__area=town.area, board=town.csp)

    page(
        "indicators:indicator-edit", "charges", **edit_form(town, title="People charged", boards=[town.csp.pk, sab.pk])
    )

    charges = Indicator.objects.get(area=town.area, code="charges")
    assert charges.title == "People charged"
    assert charges.board_places.get(board=town.csp).position == before.position
    assert charges.board_places.get(board=sab).position == 1
    changes = AuditEvent.objects.get(verb="indicator.changed").details["changes"]
    assert changes["title"] == ["Charges", "People charged"]
    assert changes["boards"] == [["csp"], ["csp", "sab"]]
    assert stale_months(town) == [OCTOBER]

    page("indicators:indicator-edit", "charges", **edit_form(town, title="People charged", boards=[]))
    assert not charges.board_places.exists()


def test_how_it_is_split_is_fixed_once_there_are_figures(town, page):
    origin = Dimension.objects.get(area=town.area)
    page("indicators:indicator-edit", "charges", **edit_form(town, dimension=origin.pk))
    charges = Indicator.objects.get(area=town.area, code="charges")
    assert charges.dimension == origin

    page("indicators:indicator-edit", "charges", **edit_form(town, dimension=""))
    scenarios.accept(town, OCTOBER, {"arrests": 5, "charges": 2})
    shown = page("indicators:indicator-edit", "charges")
    assert not {"dimension", "asked"} & set(shown.context["form"].fields)
    assert "It is asked for each month. It has figures, so you can’t change this." in shown.content.decode()
    page("indicators:indicator-edit", "charges", **edit_form(town, dimension=origin.pk))
    charges = Indicator.objects.get(pk=charges.pk)
    assert charges.dimension is None

    charges.dimension = origin
    with pytest.raises(ValidationError, match="has figures, so you can’t change how it is split"):
        indicators_setup.save_indicator(charges, boards=[], by=town.coordinator)


def test_a_share_is_added_once_its_two_counts_are_there(town, page):
    charges = Indicator.objects.get(area=town.area, code="charges")
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    typed = {"collection": "ratio", "ratio": "share", "numerator": charges.pk, "denominator": arrests.pk}
    response = page("indicators:indicator-add", **indicator_form(town, **typed))
    assert errors(response) == ["Charges has to be a part of Arrests: change Charges first"]
    Indicator.objects.filter(pk=charges.pk).update(part_of=arrests)
    assert (
        "Knife crime has been added."
        in page("indicators:indicator-add", **indicator_form(town, **typed)).content.decode()
    )
    share = Indicator.objects.get(area=town.area, code="knives")
    assert (share.ratio, share.per, share.numerator, share.denominator) == ("share", 100, charges, arrests)
    # What it is of can't be chosen again; its words can.
    page("indicators:indicator-edit", "knives", **edit_form(town, title="Charged", **typed))
    share.refresh_from_db()
    assert (share.title, share.numerator) == ("Charged", charges)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"ratio": "rate", "ages": "all"}, "Choose how many residents the rate is for"),
        ({"ratio": "share", "ages": "all"}, "Only a rate can be out of residents: choose a rate, or a count"),
        ({"ratio": "rate", "per": "10000", "ages": "3-9"}, "can’t be made up of bands of five years"),
        ({"ratio": "rate", "per": "10000", "ages": "young people"}, "“young people” can’t be made up of bands"),
        ({"ratio": ""}, "Choose a share, a rate or an average"),
        (
            {"ratio": "share", "collection": "return"},
            "Choose “Worked out”, or leave the fields for a ratio empty",
        ),
    ],
)
def test_a_ratio_that_is_of_nothing_is_a_sentence(town, page, typed, sentence):
    charges = Indicator.objects.get(area=town.area, code="charges")
    wanted = {"collection": "ratio", "numerator": charges.pk} | typed
    response = page("indicators:indicator-add", **indicator_form(town, **wanted))
    (error,) = errors(response)
    assert sentence in error
    assert not Indicator.objects.filter(code="knives").exists()


def test_ages_are_typed_as_they_are_said(town, page):
    charges = Indicator.objects.get(area=town.area, code="charges")
    rate = {"collection": "ratio", "ratio": "rate", "per": "10000", "numerator": charges.pk, "ages": "0 to 24"}
    page("indicators:indicator-add", **indicator_form(town, **rate))
    assert Indicator.objects.get(code="knives").ages == "0-24"


def test_parts_form_no_circle(town, page):
    arrests, charges = (Indicator.objects.get(area=town.area, code=code) for code in ("arrests", "charges"))
    page("indicators:indicator-edit", "charges", **edit_form(town, title="Charges", part_of=arrests.pk))
    charges.refresh_from_db()
    assert charges.part_of == arrests

    response = page("indicators:indicator-edit", "arrests", **edit_form(town, title="Arrests", part_of=charges.pk))

    assert errors(response) == ["Charges is itself a part of Arrests: choose another indicator"]
    arrests.refresh_from_db()
    assert arrests.part_of is None


def test_a_new_definition_starts_a_new_series(town, page):
    roll_up_months(town)
    assert "its first month has no arrow" in page("indicators:definition-add", "arrests").content.decode()

    response = page("indicators:definition-add", "arrests", applies_from="2026-10", text="People arrested.")

    assert "a new series starts then" in response.content.decode()
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    assert arrests.definitions.count() == 2
    event = AuditEvent.objects.get(verb="indicator.defined")
    assert event.details == {"applies_from": "2026-10", "text": "People arrested."}

    again = page("indicators:definition-add", "arrests", applies_from="2026-10", text="Something else.")
    assert errors(again) == ["There is already a definition from October 2026: correct its wording instead"]
    assert errors(page("indicators:definition-add", "arrests", applies_from="1850-01", text="Old")) == [
        "Choose the month from the list"
    ]


def test_months_to_choose_reach_from_the_first_that_is_held_into_the_next_few(town, page):
    scenarios.open_month(town, Month(2024, 5))

    choices = page("indicators:definition-add", "arrests").context["form"].fields["applies_from"].choices

    assert choices[:2] == [("", "Choose one"), ("2027-02", "February 2027")]
    assert choices[-1] == ("2024-05", "May 2024")


def test_a_definition_is_reworded_without_a_new_series(town, page):
    roll_up_months(town)

    page("indicators:definition-edit", "arrests", Month(2020, 1), text="What arrests counts, in better words.")

    definition = IndicatorDefinition.objects.get(indicator__area=town.area, indicator__code="arrests")
    assert definition.text == "What arrests counts, in better words."
    assert verbs()[-1] == "definition.reworded"
    assert stale_months(town) == []
    assert page("indicators:definition-edit", "arrests", Month(2021, 1)).status_code == 404


def test_an_indicator_is_retired_from_a_month_and_brought_back(town, page):
    page("indicators:indicator-retire", "charges", month="2026-10")
    charges = Indicator.objects.get(area=town.area, code="charges")
    assert charges.retired_from == date(2026, 10, 1)
    assert "Retired from October 2026" in page("indicators:indicator-list").content.decode()

    page("indicators:indicator-bring-back", "charges", go="1")
    assert Indicator.objects.get(pk=charges.pk).retired_from is None
    assert verbs()[-2:] == ["indicator.retired", "indicator.brought_back"]


def test_an_indicator_is_not_retired_before_it_was_counted(town, page):
    make_indicator(town.police, "new", defined_from=date(2026, 10, 1))

    response = page("indicators:indicator-retire", "new", month="2026-10")

    assert errors(response) == ["It is counted from October 2026: choose a later month"]


def test_a_board_orders_its_indicators(town, outsider, page):
    roll_up_months(town)
    first, second = town.csp.indicator_places.order_by("position")
    foreign = IndicatorBoard.objects.filter(board__area=outsider.memberships.get().area)[0]

    page(
        "indicators:board-order",
        "csp",
        **{f"place-{first.pk}": "7", f"place-{second.pk}": "3", f"place-{foreign.pk}": "99"},
    )

    assert [place.pk for place in town.csp.indicator_places.order_by("position")] == [second.pk, first.pk]
    assert IndicatorBoard.objects.get(pk=foreign.pk).position == foreign.position
    assert AuditEvent.objects.get(verb="board.ordered").details == {"order": {"arrests": 7, "charges": 3}}
    assert stale_months(town) == [OCTOBER]

    response = page("indicators:board-order", "csp", **{f"place-{first.pk}": "", f"place-{second.pk}": "x"})
    assert sorted(errors(response)) == [
        "Enter a number for Arrests",
        "The number for Charges must be whole, such as 3",
    ]
