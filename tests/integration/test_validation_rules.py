"""Rules across figures of several agencies: only who accepts learns that one is broken."""

from collections.abc import Mapping
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from boards.models import Agency, Membership
from boards.rules import Role
from core.calendar import Month
from core.labels import TransitionRefused
from indicators.figures import Entry
from indicators.models import Indicator
from indicators.selectors.figures import figure_at
from indicators.selectors.returns import list_boxes
from indicators.selectors.series import get_background
from indicators.services.corrections import accept_correction, ask_correction, errors_in
from indicators.services.entries import Checked, check_entries
from indicators.services.returns import ReturnHasErrors, accept_return, save_draft, submit_return
from indicators.validation import Relation, Strength
from tests.factories import make_agency, make_dimension, make_indicator, make_member, make_validation_rule
from tests.scenarios import Town, accept, entries, open_month, publish, submit
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OCTOBER, NOVEMBER = Month(2024, 10), Month(2024, 11)
WHOLE = 7_919  # arrests


@pytest.fixture
def council(town: Town) -> Agency:
    """It counts those of the arrests that are of children."""
    council = make_agency(town.area, "council")
    Membership.objects.create(user=town.lead, area=town.area, role=Role.AGENCY_LEAD.value, agency=council)
    make_indicator(council, "children", part_of=Indicator.objects.get(area=town.area, code="arrests"))
    return council


def check(agency: Agency, typed: Mapping[str, object], *, month: Month = OCTOBER) -> Checked:
    boxes = list_boxes(agency, month)
    return check_entries(boxes, entries(typed), get_background(agency, month, boxes))


def declare(town: Town, left: str, relation: Relation, right: str, **more: object) -> None:
    make_validation_rule(town.area, "rule", left=left.split(), relation=relation.value, right=right.split(), **more)


def test_an_agency_never_learns_whether_it_breaks_a_rule_with_another(town: Town, council: Agency):
    accept(town, OCTOBER, {"arrests": WHOLE, "charges": 4})
    answers = [check(council, {"children": children}) for children in (0, WHOLE, WHOLE + 1, 10 * WHOLE)]
    assert [(checked.errors, checked.questions) for checked in answers] == [({}, {})] * 4


def test_who_accepts_learns_it_and_nothing_is_lost(town: Town, council: Agency):
    accept(town, OCTOBER, {"arrests": WHOLE, "charges": 4})
    sent = submit(town, OCTOBER, {"children": 8_000}, agency=council)
    with pytest.raises(TransitionRefused) as refused:
        accept_return(sent, by=town.coordinator)
    assert str(refused.value).endswith(
        "can’t be accepted. “Children” is 8,000, and can’t be more than “Arrests”, 7,919. A part can’t be more than its"
        " whole."
    )
    sent.refresh_from_db()
    assert (sent.state, sent.draft["children"]["value"]) == ("submitted", "8000")


def test_a_contradiction_between_others_holds_up_nobody(town: Town, council: Agency):
    """A rule may be younger than the figures that break it."""
    health = make_agency(town.area, "health")
    Membership.objects.create(user=town.lead, area=town.area, role=Role.AGENCY_LEAD.value, agency=health)
    make_indicator(health, "wounds")
    accept(town, OCTOBER, {"arrests": 3, "charges": 4})
    declare(town, "charges", Relation.AT_MOST, "arrests")
    sent = submit(town, OCTOBER, {"wounds": 2}, agency=health)
    assert accept_return(sent, by=town.coordinator).state == "accepted"


def test_a_rule_of_the_month_before_alone_is_nothing_to_answer_for_now(town: Town):
    for code in ("register", "list"):
        make_indicator(town.police, code, counts_as="stock")
    accept(town, OCTOBER, {"arrests": 1, "charges": 1, "register": 10, "list": 9})
    declare(town, "register@month-before", Relation.AT_MOST, "list@month-before")
    typed = {"arrests": 1, "charges": 1, "register": 1, "list": 1}
    assert check(town.police, typed, month=NOVEMBER).errors == {}


def test_nothing_is_held_against_a_whole_without_a_figure(town: Town, council: Agency):
    accept(town, OCTOBER, {"arrests": None, "charges": 4})
    accept(town, OCTOBER, {"children": 8_000}, agency=council)


def test_a_correction_says_nothing_of_another_agency_until_somebody_accepts_it(town: Town, council: Agency):
    accept(town, OCTOBER, {"arrests": WHOLE, "charges": 4})
    accept(town, OCTOBER, {"children": 7}, agency=council)
    children, period = Indicator.objects.get(code="children"), open_month(town, OCTOBER)
    typed = Entry("8000", note="Counted anew")
    assert errors_in(figure_at(children, None, period), typed, "A second count") == {}
    asked = ask_correction(children, None, period, entry=typed, reason="A second count", by=town.lead)
    with pytest.raises(TransitionRefused, match="“Children” is 8,000, and can’t be more than “Arrests”, 7,919"):
        accept_correction(asked, by=town.coordinator)


def test_a_strict_rule_of_ones_own_is_an_error_when_it_is_sent_but_not_when_it_is_saved(town: Town):
    declare(town, "charges", Relation.AT_MOST, "arrests")
    wrong = {"arrests:value": "Arrests: 3 can’t be less than “Charges”, 4. It is so."}
    assert check(town.police, {"arrests": 3, "charges": 4}).errors == wrong
    assert check(town.police, {"arrests": 4, "charges": 4}).errors == {}
    period = open_month(town, OCTOBER)
    saved = save_draft(town.police, period, entries({"arrests": 3, "charges": 4}), revision=0, by=town.lead)
    with pytest.raises(ReturnHasErrors) as refused:
        submit_return(town.police, period, revision=saved.revision, by=town.lead)
    assert refused.value.errors == wrong


def test_a_doubtful_rule_asks_and_a_note_answers(town: Town):
    declare(town, "charges", Relation.AT_MOST, "arrests", strength=Strength.DOUBTFUL.value)
    asked = check(town.police, {"arrests": 3, "charges": 4}).questions["arrests:note"]
    assert asked == (
        "Arrests: 3 is less than “Charges”, 4. It is so. Correct it or, if it is right, say why in the note."
    )
    boxes = list_boxes(town.police, OCTOBER)
    noted = entries({"arrests": 3, "charges": 4}) | {"arrests": Entry("3", note="Charged in November for October")}
    assert check_entries(boxes, noted, get_background(town.police, OCTOBER, boxes)).questions == {}


def test_a_register_is_held_against_the_month_before(town: Town):
    make_indicator(town.police, "register", counts_as="stock")
    declare(town, "register", Relation.AT_MOST, "register@month-before arrests")
    accept(town, OCTOBER, {"arrests": 1, "charges": 1, "register": 10})
    typed = {"arrests": 2, "charges": 1, "register": 13}
    assert check(town.police, typed, month=NOVEMBER).errors == {
        "register:value": "Register: 13 can’t be more than the month before with “Arrests”, 12. It is so."
    }
    assert check(town.police, typed | {"register": 12}, month=NOVEMBER).errors == {}


def test_each_category_is_held_against_its_own(town: Town):
    dimension = make_dimension(town.area, "origin", ["london", "luton"])
    for code in ("groups", "lines"):
        make_indicator(town.police, code, dimension=dimension)
    declare(town, "groups", Relation.AT_MOST, "lines", each_category=True)
    typed = {"groups.london": 1, "lines.london": 0, "groups.luton": 0, "lines.luton": 5, "arrests": 1, "charges": 1}
    assert check(town.police, typed).errors == {
        "lines.london:value": "Lines, London: 0 can’t be less than “Groups, London”, 1. It is so."
    }
    assert check(town.police, typed | {"lines.london": 1}).errors == {}


def test_the_leads_of_two_agencies_are_asked_apart(town: Town, council: Agency):
    """Also where one person enters both returns: each answers for its own agency."""
    member, period = make_member(town.area, Role.AGENCY_LEAD, agency=council), open_month(town, OCTOBER)
    accept(town, OCTOBER, {"arrests": 3, "charges": 4})
    saved = save_draft(council, period, {"children": Entry("8000")}, revision=0, by=member)
    assert submit_return(council, period, revision=saved.revision, by=member).state == "submitted"


@pytest.mark.parametrize(
    ("left", "right", "more", "said"),
    [
        ("arrests", "arrests", {}, "is on both sides"),
        ("arrests arrests", "charges", {}, "Choose each count once"),
        ("nothing", "arrests", {}, "has no indicator"),
        ("arrests.london", "charges", {}, "has no category"),
        ("arrests", "charges@month-before", {}, "only a count on a day"),
        ("arrests", "charges", {"each_category": True}, "split by the same dimension"),
        ("", "charges", {}, "Choose at least one count"),
        ("Arrests!", "charges", {}, "Write “Arrests!”"),
    ],
)
def test_what_cannot_be_compared_is_refused(town: Town, left: str, right: str, more: dict[str, object], said: str):
    with pytest.raises(ValidationError, match=said):
        declare(town, left, Relation.AT_MOST, right, **more)


def test_who_decides_sees_what_is_doubtful_and_strict_and_nobody_else_does(town: Town, council: Agency):
    make_indicator(council, "interviews")
    declare(town, "arrests", Relation.AT_MOST, "interviews", strength=Strength.DOUBTFUL.value)
    accept(town, OCTOBER, {"arrests": 10, "charges": 4})
    submit(town, OCTOBER, {"children": 11, "interviews": 9}, agency=council)
    path = "/testford/returns/2024-10/council/"
    seen = unescape(signed_in(town.coordinator).get(path).content.decode())
    assert "Parts and their whole</strong>: “Children” is 11, and can’t be more than “Arrests”, 10." in seen
    assert "A rule</strong> (unusual): “Arrests” is 10, which is more than “Interviews”, 9." in seen
    for person in (town.lead, town.people[Role.AGENCY_CONTACT], town.people[Role.ANALYST]):
        assert "Arrests" not in unescape(signed_in(person).get(path).content.decode())


def test_what_published_months_break_is_on_the_page_of_the_rules_as_the_command_prints_it(town: Town, capsys):
    page = "/testford/setup/rules/"
    accept(town, OCTOBER, {"arrests": 3, "charges": 4})
    accept(town, NOVEMBER, {"arrests": 3, "charges": 3})
    publish(town, OCTOBER)
    folded = signed_in(town.coordinator).get(page).content.decode()
    assert "1 published month: 0 strict and 0 doubtful rules broken." in folded
    assert '<details class="govuk-details">' in folded
    declare(town, "charges", Relation.AT_MOST, "arrests")
    publish(town, NOVEMBER)
    seen = unescape(signed_in(town.coordinator).get(page).content.decode())
    sentence = "“Charges” is 4, and can’t be more than “Arrests”, 3. It is so."
    assert '<details class="govuk-details" open>' in seen
    assert seen.count(sentence) == 1
    with pytest.raises(SystemExit):
        call_command("check_figures", "testford")
    printed = capsys.readouterr().out
    assert f"October 2024: {sentence}" in printed
    words = "2 published months: 1 strict and 0 doubtful rules broken."
    assert words in printed
    assert words in seen
