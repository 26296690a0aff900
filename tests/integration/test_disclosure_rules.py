"""The rules that protect small numbers: which applies, who sets it, what it would change, and its pages."""

import re
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from boards.models import Agency
from boards.rules import Role
from core.calendar import Month
from core.models import AuditEvent, User
from indicators.disclosure import Audience, AudienceRefused
from indicators.models import DisclosureRule, Indicator, RuleRequest
from indicators.protection.rules import DEFAULT, Round, Show, Suppress, Withhold
from indicators.selectors.disclosure import Decides, Rules, effective_rules, find_rule
from reporting.models import IndicatorLine, Snapshot
from reporting.public.lines import Issued, prepare
from reporting.public.presenters.disclosure import Effect, describe_rule, describe_whose_rule, try_rules
from tests import scenarios
from tests.factories import make_agency, make_dimension, make_indicator
from tests.ruling import remove_rule, set_rule
from tests.scenarios import Town
from tests.standing import stand

pytestmark = pytest.mark.django_db
AUGUST, SEPTEMBER, OCTOBER = Month(2026, 8), Month(2026, 9), Month(2026, 10)
LIST, USUAL = "/testford/disclosure/", "/testford/disclosure/usual/"
ARRESTS, POLICE = "/testford/disclosure/indicator/arrests/", "/testford/disclosure/agency/police/"
WHY = "Paragraph 7 of the agreement"


@pytest.fixture
def officer(town: Town) -> User:
    return town.people[Role.INFORMATION]


@pytest.fixture
def arrests(town: Town) -> Indicator:
    return Indicator.objects.get(area=town.area, code="arrests")


@pytest.fixture
def town(request: pytest.FixtureRequest, db: None) -> Town:
    """The published one, in a test of it."""
    is_published = "published" in request.fixturenames
    return request.getfixturevalue("published") if is_published else scenarios.make_town()


def make_published_town() -> Town:
    """Three months of arrests 3, 12, 9 and charges 6, 4, 0: by the rule where none is set, 3 and 4 are small."""
    town = scenarios.make_town()
    for month, of_arrests, of_charges in ((AUGUST, 3, 6), (SEPTEMBER, 12, 4), (OCTOBER, 9, 0)):
        scenarios.accept(town, month, {"arrests": of_arrests, "charges": of_charges})
    scenarios.sweep()
    scenarios.publish(town, OCTOBER)
    return town


made, published = stand(make_published_town)


def put(town: Town, **fields: Any) -> DisclosureRule:
    return set_rule(town.area, **{"why": WHY, "by": town.people[Role.INFORMATION], **fields})


def rule_events() -> list[tuple[str, dict[str, Any]]]:
    events = AuditEvent.objects.filter(verb__startswith="rule.").order_by("id")
    return [(event.verb, event.details) for event in events]


# --- Which rule applies


def test_without_any_rule_the_default_applies(town: Town):
    rules = effective_rules(town.area)
    assert rules.of("arrests") == rules.of("no-such-code") == DEFAULT == Suppress(5)
    assert rules.decides("arrests") is Decides.DEFAULT


def test_an_indicators_own_rule_takes_the_place_of_the_usual_one(town: Town, arrests: Indicator):
    put(town, kind="suppress", below=8)
    put(town, indicator=arrests, kind="show")
    rules = effective_rules(town.area)
    assert (rules.of("arrests"), rules.of("charges"), rules.of("no-such-code")) == (Show(), Suppress(8), Suppress(8))
    assert (rules.decides("arrests"), rules.decides("charges")) == (Decides.INDICATOR, Decides.USUAL)


@pytest.mark.parametrize(
    ("own", "agency", "applies", "decides"),
    [
        (Show(), Suppress(6), Suppress(6), Decides.AGENCY),
        (Suppress(9), Suppress(6), Suppress(9), Decides.INDICATOR),
        (Suppress(6), Suppress(6), Suppress(6), Decides.INDICATOR),
        (Suppress(12), Round(7, 5), Round(11, 5), Decides.BOTH),
        (Withhold(), Show(), Withhold(), Decides.INDICATOR),
        (None, Withhold(), Withhold(), Decides.AGENCY),
        (None, Show(), Suppress(5), Decides.DEFAULT),
    ],
)
def test_of_the_own_side_and_the_agencys_the_strictest_applies(own, agency, applies, decides):
    rules = Rules(None, {"arrests": own} if own else {}, {"police": agency}, {"arrests": "police"})
    assert (rules.of("arrests"), rules.decides("arrests")) == (applies, decides)


def test_who_decides_in_words():
    rules = Rules(None, {"a": Suppress(12)}, {"nhs": Round()}, {"a": "nhs", "b": "nhs"})
    a, b, c = (Indicator(code=code, owner=Agency(name="NHS")) for code in "abc")
    assert describe_whose_rule(rules, a) == "its own rule and the rule of NHS together"
    assert describe_whose_rule(rules, b) == "the rule of NHS"
    assert describe_whose_rule(rules, c) == "the usual rule"


def test_a_ratio_follows_the_rules_of_the_counts_behind_it():
    owner = Agency(name="NHS")
    trained, staff = (Indicator(code=code, owner=owner) for code in ("trained", "staff"))
    share = Indicator(code="share", owner=owner, ratio="share", numerator=trained, denominator=staff)
    rules = Rules()
    assert describe_whose_rule(rules, share) == "the usual rule"
    assert describe_rule(rules, share) == "withheld if one of its two counts, or the rest, is withheld or 1 to 4"
    rules = Rules(indicators={"staff": Withhold()})
    assert describe_whose_rule(rules, share) == "the rules for the counts behind it"
    assert describe_rule(rules, share) == "no figure is shown"


def test_as_if_one_rule_were_another(town: Town, arrests: Indicator):
    put(town, agency=town.police, kind="suppress", below=7)
    rules = effective_rules(town.area)
    assert rules.as_if(Withhold(), indicator="arrests").of("arrests") == Withhold()
    assert rules.as_if(Round(), agency="police").of("charges") == Round()
    assert rules.as_if(Suppress(10)).of("charges") == Suppress(10)
    assert rules.as_if(None, agency="police").of("arrests") == DEFAULT
    assert rules.of("arrests") == Suppress(7)


def test_two_queries_however_many_rules(town: Town, django_assert_num_queries):
    nhs = make_agency(town.area, "nhs")
    for number in range(9):
        put(town, indicator=make_indicator(nhs, f"more-{number}"), kind="suppress", below=number + 2)
    put(town, agency=nhs, kind="suppress", below=6)
    put(town, agency=town.police, kind="withhold")
    put(town, kind="show")
    with django_assert_num_queries(2):
        rules = effective_rules(town.area)
        assert rules.of("more-0") == Suppress(6)
    for code in ("more-0", "more-8", "arrests", "no-such-code"):
        with django_assert_num_queries(2):
            assert find_rule(town.area, code) == rules.of(code)


def test_another_areas_rules_do_not_apply(town: Town):
    other = scenarios.make_town("otherford")
    put(other, kind="withhold")
    put(other, agency=other.police, kind="withhold")
    put(other, indicator=Indicator.objects.get(area=other.area, code="arrests"), kind="withhold")
    assert effective_rules(town.area).of("arrests") == find_rule(town.area, "arrests") == DEFAULT


# --- Setting and removing one


def test_setting_changing_and_removing_are_written_down(town: Town, officer: User):
    put(town, kind="suppress", below=8)
    changed = put(town, kind="round", suppress_to=7, base=5, why=" The NHS asks for it ")
    assert (changed.rule, changed.why, changed.set_by) == (Round(7, 5), "The NHS asks for it", officer)
    assert DisclosureRule.objects.count() == 1
    remove_rule(changed, why="The NHS has left", by=officer)
    assert not DisclosureRule.objects.exists()
    assert rule_events() == [
        ("rule.set", {"before": "", "after": "suppress-8", "why": WHY}),
        ("rule.set", {"before": "suppress-8", "after": "round-7-5", "why": "The NHS asks for it"}),
        (
            "rule.removed",
            {"before": "round-7-5", "after": "", "why": "The NHS has left", "asked_by": officer.email},
        ),
    ]
    # What protects less is the act of the second person.
    assert set(AuditEvent.objects.filter(verb__startswith="rule.").values_list("area", "verb", "actor")) == {
        ("testford", "rule.set", officer.email),
        ("testford", "rule.removed", town.coordinator.email),
    }


def test_the_same_again_records_nothing(town: Town, officer: User, arrests: Indicator):
    first = put(town, indicator=arrests, kind="withhold")
    again = put(town, indicator=arrests, kind="withhold")
    assert (again.pk, again.set_at) == (first.pk, first.set_at)
    remove_rule(again, why=WHY, by=officer)
    remove_rule(first, why=WHY, by=officer)
    assert [verb for verb, _ in rule_events()] == ["rule.set", "rule.removed"]


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.INFORMATION, Role.OPERATOR)])
def test_only_an_information_officer_sets_or_removes_one(town: Town, role: Role):
    held = put(town, kind="show")
    with pytest.raises(PermissionDenied, match="Only an information officer of Testford can set"):
        set_rule(town.area, kind="withhold", why=WHY, by=town.people[role])
    with pytest.raises(PermissionDenied):
        remove_rule(held, why=WHY, by=town.people[role])
    assert DisclosureRule.objects.get().rule == Show()


def test_nor_does_an_operator_or_another_areas_officer(town: Town):
    for by in (scenarios.make_operator(), scenarios.make_town("otherford").people[Role.INFORMATION]):
        with pytest.raises(PermissionDenied):
            set_rule(town.area, kind="show", why=WHY, by=by)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"kind": "suppress", "below": 1}, "below", "must be a whole number from 2 to 20"),
        ({"kind": "suppress", "below": 10_000}, "below", "must be a whole number from 2 to 20"),
        ({"kind": "suppress"}, "below", "must be a whole number from 2 to 20"),
        ({"kind": "round", "suppress_to": 2, "base": 5}, "suppress_to", "must be a whole number from 3 to 20"),
        ({"kind": "round", "suppress_to": 7, "base": 21}, "base", "must be a whole number from 3 to 20"),
        ({"kind": "hide-it"}, "kind", "From the list, choose what is withheld"),
        ({"kind": "show", "why": "  "}, "why", "Say why"),
        ({"kind": "show", "why": "x" * 301}, "why", "Shorten the reason to 300 characters; it has 301"),
        ({"kind": "show", "below": 5}, "__all__", "its own numbers"),
    ],
)
def test_what_does_not_hold_is_refused_with_a_sentence(town: Town, typed, field, sentence):
    with pytest.raises(ValidationError) as refusal:
        put(town, **typed)
    assert sentence in " ".join(refusal.value.message_dict[field])
    assert not DisclosureRule.objects.exists()
    assert rule_events() == []


def test_a_rule_of_another_areas_agency_or_of_both_is_refused(town: Town, arrests: Indicator):
    other = scenarios.make_town("otherford")
    for fields in ({"agency": other.police}, {"agency": town.police, "indicator": arrests}):
        with pytest.raises(ValidationError):
            put(town, kind="show", **fields)
    assert not DisclosureRule.objects.exists()


def test_removing_asks_for_a_reason(town: Town, officer: User):
    held = put(town, kind="show")
    with pytest.raises(ValidationError, match="Say why"):
        remove_rule(held, why=" ", by=officer)
    assert DisclosureRule.objects.exists()


# --- What it would change


def lines_of(town: Town, month: Month = OCTOBER) -> list[IndicatorLine]:
    snapshot = Snapshot.objects.filter(period__area=town.area, period__starts_on=month.first_day).latest("version")
    return list(snapshot.lines.order_by("position"))


def tried(town: Town, proposed: Rules, *, issued: tuple[Issued, ...] = ()) -> Effect:
    current = effective_rules(town.area)
    return try_rules(OCTOBER, lines_of(town), current, proposed, issued, audience=Audience.PARTNERS)


def cells(effect: Effect, label: str) -> list[tuple[str, str]]:
    """The last three months of a line, the newest last."""
    row = next(row for row in effect.rows if row.label == label)
    return [(cell.figure, cell.words) for cell in row.cells][2::-1]


def test_a_higher_threshold_hides_more(published: Town):
    effect = tried(published, effective_rules(published.area).as_if(Suppress(10), indicator="arrests"))
    assert (effect.now, effect.then, effect.figures, effect.others) == (2, 3, 6, 0)
    assert (effect.months[0], effect.months[-1], len(effect.months)) == (OCTOBER, OCTOBER + -11, 12)
    assert cells(effect, "Arrests") == [("3", "withheld"), ("12", ""), ("9", "would be withheld in new editions")]
    assert cells(effect, "Charges") == [("6", ""), ("4", "withheld"), ("0", "")]
    assert [(row.now, row.then, row.figures) for row in effect.rows] == [(1, 2, 3), (1, 1, 3)]


def test_rounding_says_how_a_figure_would_be_shown(published: Town):
    effect = tried(published, effective_rules(published.area).as_if(Round(7, 5)))
    assert (effect.now, effect.then) == (2, 3)
    assert cells(effect, "Arrests") == [
        ("3", "withheld"),
        ("12", "would be shown as 10 in new editions"),
        ("9", "would be shown as 10 in new editions"),
    ]
    assert cells(effect, "Charges") == [("6", "would be withheld in new editions"), ("4", "withheld"), ("0", "")]


def test_withholding_hides_a_zero_and_showing_hides_nothing(published: Town):
    rules = effective_rules(published.area)
    assert cells(tried(published, rules.as_if(Withhold(), indicator="charges")), "Charges")[-1] == (
        "0",
        "would be withheld in new editions",
    )
    effect = tried(published, rules.as_if(Show()))
    assert (effect.now, effect.then) == (2, 0)
    assert cells(effect, "Arrests")[0] == ("3", "would be shown in new editions")


def test_what_would_give_a_small_figure_away_counts_too(town: Town):
    origin = make_dimension(town.area, "origin", ["leeds", "london"])
    make_indicator(town.police, "lines", dimension=origin, position=2)
    scenarios.accept(town, OCTOBER, {"arrests": 50, "charges": 60, "lines.leeds": 30, "lines.london": 2})
    scenarios.sweep()
    effect = tried(town, effective_rules(town.area).as_if(Show(), indicator="lines"))
    # 2 is small, and so one of the other two figures, 30 and 32, is withheld with it.
    assert (effect.now, effect.then, effect.figures, effect.others) == (2, 0, 5, 3)
    assert cells(effect, "Lines, London")[-1] == ("2", "would be shown in new editions")


def test_a_part_of_another_is_tried_without_its_categories(town: Town, arrests: Indicator):
    age = make_dimension(town.area, "age", ["old", "young"])
    make_indicator(town.police, "knives", dimension=age, position=2, part_of=arrests)
    scenarios.accept(town, OCTOBER, {"arrests": 50, "charges": 60, "knives.old": 1, "knives.young": 1})
    scenarios.sweep()
    effect = tried(town, effective_rules(town.area).as_if(Withhold()))
    assert [row.label for row in effect.rows] == ["Arrests", "Charges", "Knives"]
    assert effect.figures == 3


def test_a_figure_that_was_once_withheld_in_public_stays_withheld(published: Town):
    rules = effective_rules(published.area)
    lines = lines_of(published)
    issued = Issued(OCTOBER, prepare(OCTOBER, lines, rules, []).lines, lines)
    effect = tried(published, rules.as_if(Show()), issued=(issued,))
    assert (effect.now, effect.then) == (2, 2)
    assert cells(effect, "Arrests")[0] == ("3", "withheld")


def later(effect: Effect) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(each.rule, each.revealed, each.titles) for each in effect.later]


def test_a_milder_rule_changes_nothing_that_is_public_and_shows_more_from_the_next_month(published: Town):
    rules = effective_rules(published.area)
    lines = lines_of(published)
    issued = Issued(OCTOBER, prepare(OCTOBER, lines, rules, []).lines, lines)
    effect = tried(published, rules.as_if(Show(), indicator="arrests"), issued=(issued,))
    assert (effect.is_changed, effect.next_month) == (False, OCTOBER.next)
    assert later(effect) == [("every figure is shown", "figures from 1 to 4", ("Arrests",))]


@pytest.mark.parametrize(
    ("before", "after", "revealed"),
    [
        (Suppress(5), Suppress(9), ""),
        (Suppress(5), Round(7, 5), ""),
        (Suppress(3), Suppress(2), "the figure 2"),
        (Round(7, 5), Suppress(5), "exact figures that are rounded now, and figures from 5 to 7"),
        (Withhold(), Suppress(5), "figures that the public never sees now"),
        (Show(), Withhold(), ""),
    ],
)
def test_what_a_milder_rule_would_reveal(published: Town, before, after, revealed):
    effect = try_rules(OCTOBER, lines_of(published), Rules(before), Rules(after), [], audience=Audience.PARTNERS)
    assert [each[1:] for each in later(effect)] == [(revealed, ("Arrests", "Charges"))]


def test_a_rule_that_no_indicator_follows_changes_nothing_later(published: Town):
    put(published, agency=published.police, kind="withhold")
    assert later(tried(published, effective_rules(published.area).as_if(Show()))) == []


def test_the_effect_is_nothing_for_the_public(published: Town):
    rules = effective_rules(published.area)
    with pytest.raises(AudienceRefused):
        try_rules(OCTOBER, lines_of(published), rules, rules, [], audience=Audience.PUBLIC)


# --- Pages


def as_text(answer: Any) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.fixture
def page(client: Client, officer: User) -> Client:
    client.force_login(officer)
    return client


def checked_in(answer: Any) -> str:
    found = re.search(r'name="checked" value="(\w+)"', answer.content.decode())
    assert found, as_text(answer)
    return found[1]


NEW = {"kind": "suppress", "below": "10", "suppress_to": "7", "base": "5", "why": WHY}


def test_the_list_says_what_applies_who_decides_and_why(town: Town, arrests: Indicator, page: Client):
    put(town, agency=town.police, kind="suppress", below=7)
    put(town, indicator=arrests, kind="withhold", why="Too few")
    text = as_text(page.get(LIST))
    assert (
        "Figures from 1 to 4 are withheld, and other figures that would reveal them. This is the product’s standard "
        "rule. No one here has changed it." in text
    )
    assert "Police Figures from 1 to 6 are withheld, and other figures that would reveal them" in text
    assert "Arrests Police No figure is shown Its own rule No figure is shown: Too few information" in text
    assert (
        "Charges Police Figures from 1 to 6 are withheld, and other figures that would reveal them "
        "The rule of Police None" in (text)
    )
    assert "Change the rule of Charges" in text


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ANALYST])
def test_others_read_the_list_and_change_nothing(town: Town, client: Client, role: Role):
    client.force_login(town.people[role])
    text = as_text(client.get(LIST))
    assert "An information officer of Testford sets these rules." in text
    assert "Change" not in text
    for path in (USUAL, ARRESTS, POLICE):
        assert client.get(path).status_code == client.post(path, {**NEW, "act": "save"}).status_code == 403


def test_checked_then_saved(published: Town, page: Client):
    answer = page.post(ARRESTS, {**NEW, "act": "check"})
    text = as_text(answer)
    assert "to October 2026, 2 of 6 figures are withheld now. With this rule: 3 ." in text
    assert "9 would be withheld in new editions" in text
    assert "From November 2026 Figures from 1 to 9 are withheld, and other figures that would reveal them." in text
    assert "Nothing is saved yet." in text
    assert not DisclosureRule.objects.exists()

    done = page.post(ARRESTS, {**NEW, "act": "save", "checked": checked_in(answer)}, follow=True)
    assert done.redirect_chain == [(LIST, 302)]
    assert "Rule for Arrests: saved." in as_text(done)
    assert DisclosureRule.objects.get().rule == Suppress(10)


def test_the_page_warns_that_what_is_public_stays_so(page: Client):
    text = as_text(page.get(ARRESTS))
    assert "You can’t take back anything that is already public" in text
    assert "A figure that a public edition once withheld stays withheld" in text


@pytest.mark.parametrize("checked", [{}, {"checked": ""}, {"checked": "made-up"}])
def test_saving_without_a_check_is_answered_by_the_check(published: Town, page: Client, checked):
    answer = page.post(ARRESTS, {**NEW, "act": "save", **checked})
    assert "Nothing is saved yet." in as_text(answer)
    assert checked_in(answer)
    assert not DisclosureRule.objects.exists()


def test_saving_another_rule_than_was_checked_is_answered_by_its_check(published: Town, page: Client):
    checked = checked_in(page.post(ARRESTS, {**NEW, "act": "check"}))
    answer = page.post(ARRESTS, {**NEW, "below": "2", "act": "save", "checked": checked})
    assert "The rules or figures have changed since you checked. Look at this again." in as_text(answer)
    assert checked_in(answer) != checked
    assert not DisclosureRule.objects.exists()


def test_a_check_is_stale_once_somebody_set_another_rule(published: Town, page: Client):
    checked = checked_in(page.post(ARRESTS, {**NEW, "act": "check"}))
    put(published, agency=published.police, kind="withhold")
    page.post(ARRESTS, {**NEW, "act": "save", "checked": checked})
    assert DisclosureRule.objects.get().agency == published.police


def test_a_rule_is_removed_after_a_check_with_a_reason(published: Town, page: Client, arrests: Indicator):
    # The usual rule protects as much, so nobody else has to agree.
    put(published, kind="suppress", below=10)
    put(published, indicator=arrests, kind="suppress", below=10)
    answer = page.post(ARRESTS, {"act": "check-removal", "remove-why": "Asked for by mistake"})
    assert "Nothing would change" in as_text(answer)
    typed = {"act": "remove", "remove-why": "Asked for by mistake", "checked": checked_in(answer)}
    assert "removed" in as_text(page.post(ARRESTS, typed, follow=True))
    assert not DisclosureRule.objects.filter(indicator=arrests).exists()
    assert rule_events()[-1] == ("rule.removed", {"before": "suppress-10", "after": "", "why": "Asked for by mistake"})
    assert "someone has already removed this rule" in as_text(page.post(ARRESTS, typed, follow=True))


def test_removing_without_a_reason_is_refused(published: Town, page: Client, arrests: Indicator):
    put(published, indicator=arrests, kind="withhold")
    answer = page.post(ARRESTS, {"act": "remove", "remove-why": " "})
    assert "Say why, such as the paragraph" in as_text(answer)
    assert "<title>Error: " in answer.content.decode()
    assert DisclosureRule.objects.exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"below": "1"}, "The number below which figures are withheld must be a whole number from 2 to 20"),
        ({"below": "10000"}, "must be a whole number from 2 to 20"),
        ({"below": "five"}, "must be a whole number from 2 to 20"),
        ({"below": "4.5"}, "must be a whole number from 2 to 20"),
        ({"below": ""}, "must be a whole number from 2 to 20"),
        ({"below": "9" * 5000}, "must be a whole number from 2 to 20"),
        ({"kind": "round", "base": "0"}, "after “round to the nearest” must be a whole number from 3 to 20"),
        ({"kind": ""}, "Choose the rule"),
        ({"kind": "everything"}, "Choose the rule from the list"),
        ({"why": ""}, "Say why, such as the paragraph"),
        ({"why": "x" * 301}, "too long: shorten it to 300 characters"),
        ({"why": "a\x00b"}, "Null characters are not allowed"),
    ],
)
@pytest.mark.parametrize("act", ["check", "save"])
def test_bad_input_is_answered_with_a_sentence(published: Town, page: Client, typed, sentence, act):
    answer = page.post(USUAL, {**NEW, **typed, "act": act})
    assert answer.status_code == 200
    assert sentence in as_text(answer)
    assert "<title>Error: " in answer.content.decode()
    assert 'name="checked"' not in answer.content.decode()
    assert not DisclosureRule.objects.exists()


def test_numbers_of_a_kind_that_is_not_chosen_are_left_alone(published: Town, page: Client):
    typed = {**NEW, "kind": "show", "below": "five", "base": "10000"}
    checked = checked_in(page.post(USUAL, {**typed, "act": "check"}))
    page.post(USUAL, {**typed, "act": "save", "checked": checked})
    assert RuleRequest.objects.get().rule == Show()


def test_before_any_month_is_published_there_is_nothing_to_try_it_on(page: Client):
    answer = page.post(USUAL, {**NEW, "act": "check"})
    assert "No month is published yet" in as_text(answer)
    page.post(USUAL, {**NEW, "act": "save", "checked": checked_in(answer)})
    assert DisclosureRule.objects.get().rule == Suppress(10)


@pytest.mark.parametrize("rest", ["agency/nope/", "indicator/nope/", "indicator/elsewhere/", "board/csp/"])
def test_an_address_of_nothing(page: Client, rest: str):
    make_indicator(scenarios.make_town("otherford").police, "elsewhere")
    assert page.get(f"{LIST}{rest}").status_code == 404


def test_what_is_set_already_stands_in_the_form(town: Town, page: Client):
    put(town, agency=town.police, kind="round", suppress_to=9, base=10)
    body = page.get(POLICE).content.decode()
    assert re.search(r'value="round"\s+checked', body)
    assert 'value="9"' in body
    assert 'value="10"' in body
    assert WHY in body


def test_it_is_reached_from_the_homes(town: Town, client: Client):
    for role, path in ((Role.INFORMATION, "/testford/"), (Role.COORDINATOR, "/testford/setup/")):
        client.force_login(town.people[role])
        assert f'href="{LIST}"' in client.get(path).content.decode()
    client.force_login(town.people[Role.BOARD_MEMBER])
    assert LIST not in client.get("/testford/").content.decode()


def test_the_passport_follows_the_rule(published: Town, client: Client):
    client.force_login(published.people[Role.BOARD_MEMBER])
    path = "/testford/indicators/arrests/"
    assert "Partners see every figure; for the public, figures from 1 to 4 are withheld" in as_text(client.get(path))
    put(published, agency=published.police, kind="withhold")
    assert "Partners see every figure; for the public, no figure is shown." in as_text(client.get(path))
