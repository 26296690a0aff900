"""Who may see an indicator: what an edition leaves out, and who decides."""

import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from boards.models import ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from core.labels import TransitionRefused
from core.models import AuditEvent, User
from indicators.catalogues.entries import choose_usual, compare
from indicators.catalogues.files import CatalogueRefused, read_catalogue, read_starter, write_catalogue
from indicators.models import Dimension, Indicator, RuleRequest
from indicators.openness import NOBODY_DECIDED, Openness
from indicators.protection.rules import Withhold
from indicators.selectors.catalogues import get_catalogue
from indicators.selectors.disclosure import effective_rules
from indicators.services.catalogues import AreaDraft, make_area, take_catalogue
from indicators.services.openness import decide_openness, set_openness
from indicators.services.rule_requests import agree_to_rule, decline_rule, withdraw_rule
from indicators.services.setup import save_indicator
from reporting.models import PublicEdition
from reporting.months.selectors import latest_snapshot
from reporting.public.editions import lines_for_the_public
from reporting.public.presenters.disclosure import effect_on
from reporting.public.regional import find_gaps
from reporting.public.taking_down import withdraw_month
from tests import scenarios
from tests.factories import make_dimension, make_indicator, make_member
from tests.scenarios import Town, make_town
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER, NOVEMBER = (Month(2026, number) for number in (9, 10, 11))
AGREED = "The force’s disclosure officer agreed on 3 November 2026, in the minutes"


def make_town_with_figures() -> Town:
    """Lines by origin, children as a part of referrals, and a share: two published months, and the public pages on."""
    town = make_town()
    origin = make_dimension(town.area, "origin", ["london", "leeds", "hull"])
    make_indicator(town.police, "lines", dimension=origin, position=2)
    referrals = make_indicator(town.police, "referrals", position=3)
    children = make_indicator(town.police, "children", part_of=referrals, position=4)
    make_indicator(town.police, "adults", part_of=referrals, position=5)
    make_indicator(town.police, "families", part_of=referrals, position=5)
    make_indicator(
        town.police,
        "share",
        collection="ratio",
        ratio="share",
        numerator=children,
        denominator=referrals,
        per=100,
        position=6,
    )
    for month in (SEPTEMBER, OCTOBER):
        figures = {"arrests": 15, "charges": 9, "lines.london": 10, "lines.leeds": 12, "lines.hull": 9}
        scenarios.accept(town, month, figures | {"referrals": 30, "children": 12, "adults": 10, "families": 8})
    scenarios.publish(town, OCTOBER)
    return town


made, town = stand(make_town_with_figures)


@pytest.fixture
def officer(town: Town) -> User:
    return town.people[Role.INFORMATION]


def find(town: Town, code: str = "lines") -> Indicator:
    return Indicator.objects.select_related("area", "owner").get(area=town.area, code=code)


def close(town: Town, code: str) -> None:
    set_openness(find(town, code), openness=Openness.PARTNERS, why="Of use to a gang", by=town.people[Role.INFORMATION])


def ask_to_open(town: Town, code: str = "lines", *, by: User) -> RuleRequest:
    asked = set_openness(find(town, code), openness=Openness.MONTH, why="Asked by the press", agreement=AGREED, by=by)
    assert asked is not None
    return asked


def list_shown(town: Town) -> dict[str, int | None]:
    """What the public would get of October now, by the indicator's and the category's code."""
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=OCTOBER.first_day)
    snapshot = latest_snapshot(period, include_drafts=False)
    return {
        f"{line.indicator_code}.{line.category_code}".rstrip("."): line.value
        for line in lines_for_the_public(snapshot, None)
    }


# --- What an edition leaves out -------------------------------------------------------------------


def test_what_only_partners_may_see_is_in_no_edition(town: Town):
    assert list_shown(town).keys() >= {"lines", "lines.london", "lines.leeds", "lines.hull"}
    close(town, "lines")
    assert list_shown(town).keys() == {"arrests", "charges", "referrals", "children", "adults", "families", "share"}


def test_the_officer_reads_why_each_figure_is_left_out(town: Town, officer: User):
    origin = Dimension.objects.get(area=town.area, code="origin")
    make_indicator(town.police, "girls", dimension=origin, part_of=find(town, "arrests"), position=7)
    figures = {"arrests": 15, "charges": 9, "lines.london": 10, "lines.leeds": 12, "lines.hull": 9}
    figures |= {"referrals": 30, "children": 12, "adults": 10, "families": 8}
    scenarios.accept(town, NOVEMBER, figures | {"girls.london": 1, "girls.leeds": 2, "girls.hull": 3})
    scenarios.publish(town, NOVEMBER)
    Indicator.objects.filter(area=town.area, code="charges").update(openness="year")
    close(town, "lines")
    close(town, "referrals")
    page = signed_in(officer).get("/testford/publishing/2026-11/").content.decode()
    reasons = re.findall(r"<li><strong>([^<]*):</strong> ([^<]*)\.</li>", page)
    titles = dict(Indicator.objects.filter(area=town.area).values_list("code", "title"))
    assert dict(reasons) == {
        "Only as the total of a year": titles["charges"],
        "Partners only": f"{titles['lines']}; {titles['referrals']}; {titles['share']}",
        "Categories of a figure that is part of another figure": titles["girls"],
    }


def test_a_part_can_not_be_worked_out_from_its_whole_and_the_other_part(town: Town):
    """30 less 10 and 8 would be the 12 children."""
    close(town, "children")
    shown = list_shown(town)
    assert "children" not in shown
    assert None in (shown["referrals"], shown["adults"], shown["families"])


def test_a_region_does_not_take_a_whole_for_small_that_is_withheld_for_a_private_part(town: Town):
    """All 12 contacts are covert ones: whoever reads 12 would know it."""
    contacts = make_indicator(town.police, "contacts", position=7)
    make_indicator(town.police, "covert", part_of=contacts, openness="partners", position=8)
    november = OCTOBER.next
    figures = {"arrests": 15, "charges": 9, "lines.london": 10, "lines.leeds": 12, "lines.hull": 9}
    figures |= {"referrals": 30, "children": 12, "adults": 10, "families": 8, "contacts": 12, "covert": 12}
    scenarios.accept(town, november, figures)
    scenarios.publish(town, november)
    edition = scenarios.publish_openly(town, november)
    gap = find_gaps({town.area.pk: edition}, {edition.pk: list(edition.lines.all())})[edition.period_id, "contacts"]
    assert (gap.hidden.value, gap.hidden.shape) == (12, None)


def test_a_whole_can_not_be_worked_out_from_its_parts(town: Town):
    close(town, "referrals")
    shown = list_shown(town)
    assert "referrals" not in shown
    assert None in (shown["children"], shown["adults"], shown["families"])


@pytest.mark.parametrize("code", ["children", "referrals"])
def test_a_ratio_is_as_private_as_its_counts(town: Town, officer: User, code: str):
    close(town, code)
    assert "share" not in list_shown(town)
    close(town, "share")
    with pytest.raises(ValidationError, match="which the public can’t see month by month: open that first"):
        ask_to_open(town, "share", by=officer)


def test_partners_still_see_it(town: Town):
    close(town, "lines")
    page = signed_in(town.people[Role.BOARD_MEMBER]).get("/testford/2026-10/").content.decode()
    assert "Lines" in page


def test_what_a_rule_would_change_leaves_out_what_it_can_not_change(town: Town):
    close(town, "lines")
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=OCTOBER.first_day)
    snapshot = latest_snapshot(period, include_drafts=False)
    rules = effective_rules(town.area)
    assert "Lines" not in {row.label for row in effect_on(snapshot, rules, rules.as_if(Withhold())).rows}
    opened = effect_on(snapshot, rules, rules.as_if_opened("lines"))
    assert [row.label for row in opened.rows if row.cells[0].is_changed][:1] == ["Lines"]


def test_an_edition_without_any_line_can_be_made(town: Town):
    for code in ("lines", "referrals", "children", "adults", "families", "share", "arrests", "charges"):
        close(town, code)
    assert list_shown(town) == {}


def test_what_is_public_stays_until_somebody_withdraws_it(town: Town, officer: User):
    scenarios.publish_openly(town, OCTOBER)
    edition = PublicEdition.objects.get()
    close(town, "lines")
    anybody = Client().get("/testford/public/2026-10/figures.csv").content.decode()
    assert "lines" in anybody
    assert edition.lines.filter(indicator_code="lines").exists()

    page = signed_in(officer).get("/testford/disclosure/openness/lines/").content.decode()
    assert "The public edition of October 2026 lists it" in page
    assert 'href="/testford/publishing/2026-10/withdraw/"' in page
    withdraw_month(edition.period, why="Of use to a gang", by=officer)
    scenarios.publish_openly(town, OCTOBER)
    anybody = Client().get("/testford/public/2026-10/figures.csv").content.decode()
    assert "lines" not in anybody
    assert "arrests" in anybody


# --- Who decides ----------------------------------------------------------------------------------


def test_one_officer_closes_and_the_record_says_why(town: Town, officer: User):
    close(town, "lines")
    lines = find(town)
    assert (lines.openness, lines.openness_why) == ("partners", "Of use to a gang")
    assert effective_rules(town.area).of("lines") == Withhold()
    event = AuditEvent.objects.get(verb="openness.set")
    assert (event.actor, event.details["before"], event.details["after"]) == (officer.email, "month", "partners")


def test_opening_waits_for_a_second_person_with_the_agencys_agreement(town: Town, officer: User):
    close(town, "lines")
    asked = ask_to_open(town, by=officer)
    assert "lines" not in list_shown(town)
    with pytest.raises(PermissionDenied, match="You asked for this yourself"):
        agree_to_rule(asked, by=officer)
    page = signed_in(town.coordinator).get(f"/testford/disclosure/requests/{asked.pk}/").content.decode()
    assert AGREED in page
    assert "let the public see more?" in page
    agree_to_rule(asked, by=town.coordinator)
    assert list_shown(town)["lines"] == 31
    event = AuditEvent.objects.filter(verb="openness.set").latest("pk")
    assert (event.actor, event.details["asked_by"], event.details["agreement"]) == (
        town.coordinator.email,
        officer.email,
        AGREED,
    )


def test_opening_needs_the_agencys_agreement_in_words(town: Town, officer: User):
    close(town, "lines")
    with pytest.raises(ValidationError) as refused:
        set_openness(find(town), openness=Openness.MONTH, why="Asked by the press", agreement=" ", by=officer)
    assert refused.value.message_dict == {
        "agreement": [f"Say how {town.police} agreed: who agreed, when, and where this is written down"]
    }
    assert not RuleRequest.objects.exists()


def test_a_request_that_is_declined_or_withdrawn_opens_nothing(town: Town, officer: User):
    close(town, "lines")
    decline_rule(ask_to_open(town, by=officer), why="The force didn’t", by=town.coordinator)
    withdraw_rule(ask_to_open(town, by=officer), by=officer)
    assert "lines" not in list_shown(town)


def test_two_presses_ask_once(town: Town, officer: User):
    close(town, "lines")
    assert ask_to_open(town, by=officer) == ask_to_open(town, by=officer)


def test_a_request_is_void_once_somebody_else_has_decided(town: Town, officer: User):
    Indicator.objects.filter(code="lines").update(openness="partners", openness_why="Of use to a gang")
    asked = ask_to_open(town, by=officer)
    Indicator.objects.filter(code="lines").update(openness="month", openness_why="Agreed")
    with pytest.raises(TransitionRefused, match="The answer about who may see it has changed"):
        agree_to_rule(asked, by=town.coordinator)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ANALYST, Role.AGENCY_LEAD])
def test_nobody_else_decides(town: Town, role: Role):
    by = town.people[role]
    with pytest.raises(PermissionDenied):
        set_openness(find(town), openness=Openness.PARTNERS, why="No", by=by)
    with pytest.raises(PermissionDenied):
        decide_openness(town.area, {"lines": (Openness.PARTNERS, 0, "No")}, by=by)
    with pytest.raises(PermissionDenied):
        set_openness(find(make_town("otherford"), "arrests"), openness=Openness.PARTNERS, why="No", by=by)


# --- Areas of before, and new ones ----------------------------------------------------------------


def leave_undecided(town: Town) -> None:
    Indicator.objects.filter(area=town.area).update(openness="", openness_why="")


def test_an_undecided_indicator_stays_public_until_the_officer_decides(town: Town, officer: User):
    leave_undecided(town)
    assert list_shown(town)["lines"] == 31
    home = signed_in(officer).get("/testford/").content.decode()
    assert "Decide who may see 8 indicators" in home
    assert "Decide who may see" not in signed_in(town.coordinator).get("/testford/").content.decode()

    client, page = signed_in(officer), "/testford/disclosure/openness/"
    told = client.get(page).content.decode()
    assert "The starter set proposes: partners only. A gang could use the police’s knowledge" in told
    assert "there is no proposal" in told
    answer = client.post(page, {"of-lines": "partners", "of-arrests": "later", "why": ""}, follow=True)
    assert "You decided who may see 1 indicator." in answer.content.decode()
    assert "lines" not in list_shown(town)
    assert find(town).openness_why == next(one.openness_why for one in read_starter().indicator if one.code == "lines")
    assert find(town, "arrests").openness == ""

    # Otherwise than proposed needs a reason.
    again = client.post(page, {"of-arrests": "month", "why": ""})
    assert "Say why you don’t follow the catalogue’s proposal" in again.content.decode()
    client.post(page, {"of-arrests": "month", "why": "The force publishes them"})
    assert (find(town, "arrests").openness, find(town, "arrests").openness_why) == ("month", "The force publishes them")


def test_the_proposal_comes_with_its_delay(town: Town, officer: User):
    Indicator.objects.filter(code="arrests").update(code="sharp-admissions")
    leave_undecided(town)
    typed = {"of-sharp-admissions": "month", "why": ""}
    signed_in(officer).post("/testford/disclosure/openness/", typed)
    assert find(town, "sharp-admissions").openness_words == "the public, month by month, 3 months later"


def test_the_first_of_two_officers_decides(town: Town, officer: User):
    leave_undecided(town)
    other = make_member(town.area, Role.INFORMATION)
    assert decide_openness(town.area, {"lines": (Openness.PARTNERS, 0, "Of use to a gang")}, by=officer) == 1
    assert decide_openness(town.area, {"lines": (Openness.MONTH, 0, "As before")}, by=other) == 0
    assert find(town).openness == "partners"


def test_a_new_indicator_is_private_until_somebody_decides(town: Town):
    lines = find(town)
    new = Indicator(
        area=town.area,
        owner=town.police,
        section=lines.section,
        code="stops",
        title="Stops",
        question="How many?",
        unit_one="stop",
        unit_many="stops",
        polarity_reason="Nothing can be said.",
    )
    save_indicator(new, boards=[], definition="Stops.", applies_from=OCTOBER, by=town.coordinator)
    assert (find(town, "stops").openness, find(town, "stops").openness_why) == ("partners", NOBODY_DECIDED)


def test_a_new_area_begins_with_what_the_catalogue_says():
    area = make_area(
        AreaDraft(slug="newton", name="Newton"), choose_usual(read_starter()), first_month=OCTOBER, by=None
    )
    private = effective_rules(area).private
    assert private >= {"lines", "line-groups", "drug-arrests"}
    assert not private & {"juveniles", "woundings"}
    assert not Indicator.objects.undecided().filter(area=area).exists()


def test_a_newer_catalogue_decides_nothing_for_an_area_that_has_the_indicator(town: Town):
    area = make_area(
        AreaDraft(slug="newton", name="Newton"), choose_usual(read_starter()), first_month=OCTOBER, by=None
    )
    Indicator.objects.filter(area=area, code="lines").update(openness="month", openness_why="Agreed")
    coordinator = make_member(area, Role.COORDINATOR)
    starter = choose_usual(read_starter(), also=["perpetrators"])
    take_catalogue(area, starter, month=OCTOBER, by=coordinator)
    assert Indicator.objects.get(area=area, code="lines").openness == "month"
    assert Indicator.objects.get(area=area, code="perpetrators").openness == "partners"


def test_a_catalogue_says_only_what_it_can():
    written = write_catalogue(read_starter())
    assert compare(read_catalogue(written.encode()), read_starter()) == []
    with pytest.raises(CatalogueRefused, match="its openness must be one of “partners”"):
        read_catalogue(written.replace('openness = "month"', 'openness = "everyone"', 1).encode())
    # Nor can it leave the decision open, as only areas of before have it.
    with pytest.raises(CatalogueRefused, match="its openness must be one of"):
        read_catalogue(written.replace('openness = "month"', 'openness = ""', 1).encode())


def test_what_nobody_decided_is_private_in_another_area(town: Town):
    leave_undecided(town)
    entries = {entry.code: entry for entry in get_catalogue(town.area).indicator}
    assert (entries["lines"].openness, entries["lines"].openness_why) == ("partners", NOBODY_DECIDED)
