"""The pages of KPIs: what they say of each, how one is set, and who is offered what."""

import html
import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from actions.models import Kpi, KpiTarget
from boards.rules import Role
from indicators.models import Indicator
from indicators.services.setup import define, retire_indicator
from indicators.trend import CellState
from reporting.kpis.services import retire_kpi, review_kpi
from tests.factories import make_board, make_indicator, make_member
from tests.integration.clock import Clock
from tests.measuring import LAST, SEEN, history, move_one, set_one, target_draft
from tests.planning import make_strand
from tests.scenarios import Town, accept, make_town, publish
from tests.visiting import signed_in

KPIS = "/testford/kpis/"
OCTOBER = LAST.next
type Get = Callable[..., str]


@pytest.fixture(scope="module")
def made(standing) -> Town:
    return standing(make)


def make() -> Town:
    town = make_town()
    history(town, *SEEN * 8)  # long enough for other dates
    make_strand(town)
    return town


@pytest.fixture
def town(db, made, monkeypatch) -> Town:
    Clock(monkeypatch)("2026-11-05")
    return deepcopy(made)


@pytest.fixture
def get(town: Town) -> Get:
    """A page's HTML, as somebody of the town sees it: the board's member, unless it says otherwise."""

    def visit(path: str = "", *, role: Role = Role.BOARD_MEMBER, status: int = 200) -> str:
        answer = signed_in(town.people[role]).get(f"{KPIS}{path}")
        assert answer.status_code == status
        return tidy(answer.content)

    return visit


def tidy(content: bytes) -> str:
    return " ".join(html.unescape(content.decode()).split())


def count_october(town: Town, value: int = 18) -> None:
    accept(town, OCTOBER, {"arrests": value, "charges": 1})
    publish(town, OCTOBER)


def typed(town: Town, **other: Any) -> dict[str, Any]:
    """A KPI as somebody types it."""
    return {
        "title": "Fewer arrests",
        "kind": "activity",
        "why": "Too many",
        "board": town.csp.pk,
        "strand": make_strand(town).pk,
        "owner": town.people[Role.BOARD_MEMBER].pk,
        "smallest": "10",
        "review_every": "3",
        "baseline_from": str(LAST + -23),
        "baseline_to": str(LAST),
        "better": "lower",
        "target": "18",
        "due": str(LAST + 24),
        "act": "set",
    } | other


# --- The list ---------------------------------------------------------------------------------------


def test_without_one_it_says_who_sets_them(get):
    assert "No KPI is set yet. The coordinator can set one." in get()
    page = get(role=Role.COORDINATOR)
    assert f'href="{KPIS}set/"' in page
    assert "Set the first one above." in page


def test_a_kpi_says_how_it_stands_with_a_bar(get, town):
    set_one(town)
    count_october(town)

    page = get()

    assert "KPIs of Testford, October 2026" in page
    assert f'<a class="govuk-link" href="{KPIS}1/">K1 Fewer arrests</a>' in page
    assert "Too early to tell: 1 month with a figure so far, and 3 are needed." in page
    assert "From 35.8 a month to 18 a month by September 2028. Population outcome." in page
    assert "<strong>18</strong> (8.8 to 32, allowing for chance)" in page
    assert page.count('class="vv-bullet__picture"') == 1
    assert "was published before" not in page


def test_one_that_was_set_since_stands_as_it_would(get, town):
    set_one(town, target_draft(baseline_from=LAST + -23, baseline_to=LAST + -6, begins=LAST + -5))

    page = get()

    assert "September 2026 was published before this target was set. This is how the KPI would have looked." in page
    assert "in the 6 months since it started" in page


def test_one_whose_indicator_is_asked_for_no_more_stands_as_it_did_last(get, town):
    set_one(town)
    count_october(town)
    indicator = Indicator.objects.get(area=town.area, code="arrests")
    retire_indicator(indicator, month=OCTOBER.next, by=town.coordinator)
    accept(town, OCTOBER.next, {"charges": 1})
    publish(town, OCTOBER.next)

    page = get()
    assert "K1 Fewer arrests" in page
    assert "As it was in October 2026: November 2026 has no figure for it." in page
    page = get("1/")
    assert "Arrests isn’t collected after October 2026. Retire this KPI" in page
    assert "Too early to tell" in page
    assert "18 a month by September 2028." in page
    assert "KPI K1 Fewer arrests is no longer measured" in tidy(signed_in(town.coordinator).get("/testford/").content)


def test_one_that_no_month_has_yet_is_named(get, town):
    set_one(town)
    indicator = Indicator.objects.get(area=town.area, code="arrests")
    retire_indicator(indicator, month=OCTOBER, by=town.coordinator)
    accept(town, OCTOBER, {"charges": 1})
    publish(town, OCTOBER)
    page = get()
    assert "No month yet" in page
    assert "K1 Fewer arrests" in page
    assert "No month that you can read shows it yet." in get("1/")


def test_a_past_month_has_what_it_was_published_with(get, town):
    kpi = set_one(town)
    count_october(town)
    move_one(town, kpi)

    assert "to 24 a month by September 2028" in get()
    assert "to 18 a month by September 2028" in get(f"?month={OCTOBER}")
    assert "These are the KPIs as they were in October 2026." in get(f"?month={OCTOBER}")
    assert "September 2026 has no KPI." in get(f"?month={LAST}")


def test_they_are_grouped_by_board_or_strand_and_filtered(get, town):
    other = make_board(town.area, "sab")
    set_one(town)
    set_one(town, title="Another", board=other, strand=make_strand(town, "pursue"), owner=None)

    def groups(page: str) -> list[str]:
        return re.findall(r'<h2 class="govuk-heading-m" id="s-[\w-]+">([^<]+)</h2>', page)

    assert groups(get()) == ["CSP", "SAB"]
    assert groups(get("?by=strand")) == ["Prevent", "Pursue"]
    assert groups(get("?board=sab")) == ["SAB"]
    assert "1 of 2 KPIs." in get("?owner=none")
    assert "2 of 2 KPIs." in get("?state=too_early")
    assert "No KPI matches these filters." in get("?state=met")
    assert "isn’t an option under “Kind”" in get("?kind=nope")


def test_a_kpi_without_an_owner_says_so(get, town):
    set_one(town, owner=None)
    assert "<strong>No owner</strong>" in get()
    assert "No one yet" in get("1/")


# --- One --------------------------------------------------------------------------------------------


def test_its_page_keeps_each_target_with_its_reason_and_what_was_said(get, town):
    kpi = set_one(town, target_draft(target=35.0), smallest=1, went_on_why="We promised it")
    move_one(town, kpi)

    page = get("1/")

    assert "Now: 24 a month by September 2028." in page
    assert "35 a month by September 2028." in page
    assert "The first was too far" in page
    assert "Applied to no published month." in page
    assert page.count("towns with figures like these") == 2
    assert "We promised it" in page
    assert 'class="vv-aim__way"' in page


def test_its_page_has_the_months_and_the_reviews(get, town):
    kpi = set_one(town)
    count_october(town)
    review_kpi(kpi, note="Go on with the visits", reviewed_on=LAST.first_day.replace(2026, 11, 5), by=town.coordinator)

    page = get("1/")

    assert "Go on with the visits" in page
    assert "It showed October 2026" in page
    assert "Reviewed on 5 November 2026. The next is due by 5 February 2027." in page
    row = page.partition('<th scope="row">October 2026</th>')[2].partition("</tr>")[0]
    assert '<td class="vv-number">18</td>' in row
    assert "Too early to tell" in row


def test_before_its_first_month_it_says_from_when_it_counts(get, town):
    set_one(town)
    page = get("1/")
    assert "This KPI counts from October 2026. No month since then is published." in page
    assert "has no figure for it" not in page


def test_a_month_without_a_figure_says_why(get, town):
    """None of what is counted is 0, which is another thing."""
    set_one(town)
    accept(town, LAST.next, {"arrests": CellState.AWAITED, "charges": 6})
    publish(town, LAST.next)
    row = get("1/").partition('<th scope="row">October 2026</th>')[2].partition("</tr>")[0]
    assert '<td class="vv-number">awaited</td>' in row


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        (Role.COORDINATOR, {"review", "move", "change", "retire"}),
        (Role.BOARD_MEMBER, {"review"}),  # its owner
        (Role.BOARD_CHAIR, {"review"}),
        (Role.ANALYST, set()),
    ],
)
def test_who_is_offered_what(get, town, role, offered):
    set_one(town)
    assert set(re.findall(rf'href="{KPIS}1/(\w+)/"', get("1/", role=role))) == offered


def test_a_retired_one_stays(get, town):
    kpi = set_one(town)
    retire_kpi(kpi, why="No one looks at it", by=town.coordinator)

    page = get("1/", role=Role.COORDINATOR)

    assert "Retired on 5 November 2026 by coordinator: No one looks at it" in page
    assert f"{KPIS}1/move/" not in page
    assert "No one looks at it" in get()


def test_it_warns_where_its_indicator_is_counted_otherwise_by_now(get, town):
    set_one(town)
    indicator = Indicator.objects.get(area=town.area, code="arrests")
    define(indicator, applies_from=OCTOBER, text="Each arrest", by=town.coordinator)
    count_october(town, 60)

    warning = "Arrests has been counted differently since October 2026, but its baseline was counted in the old way."
    assert warning in get("1/")


def test_another_areas_is_not_there(town, outsider):
    set_one(town)
    assert signed_in(outsider).get(f"{KPIS}1/").status_code == 404
    assert signed_in(outsider).get(KPIS).status_code == 404


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30])
def test_a_number_that_no_kpi_can_have_is_not_found(town, get, number):
    set_one(town)
    get(f"{number}/", status=404)
    get(f"{number}/change/", role=Role.COORDINATOR, status=404)


def test_target_and_trajectory_stand_on_the_indicators_own_chart(get, town):
    kpi = set_one(town)
    count_october(town)
    move_one(town, kpi)  # which holds from November on

    page = tidy(signed_in(town.coordinator).get("/testford/indicators/arrests/").content)

    assert (
        f'Target and trajectory of <a class="govuk-link" href="{KPIS}1/">K1: to 18 a month by September 2028</a>'
        in page
    )
    assert page.count('class="vv-aim__way" d="M') == 2  # in the picture and in its key
    before = tidy(signed_in(town.coordinator).get(f"/testford/indicators/arrests/?month={LAST}").content)
    assert "vv-aim" not in before


def test_a_tile_of_the_month_and_the_boards_page_lead_to_it(get, town):
    set_one(town)
    count_october(town)
    member = signed_in(town.people[Role.BOARD_MEMBER])

    month = tidy(member.get(f"/testford/{OCTOBER}/").content)
    board = tidy(member.get(f"/testford/{OCTOBER}/csp/").content)

    tag = f'<a href="{KPIS}1/" aria-label="K1, a KPI: Too early to tell">K1</a></h3>'
    assert month.count(tag) == board.count(tag) == 1
    assert "This board’s KPIs" not in month
    assert f'<a class="govuk-link" href="{KPIS}1/">K1 Fewer arrests</a>' in board
    assert "a KPI: " not in tidy(member.get(f"/testford/{LAST}/").content)


# --- Set --------------------------------------------------------------------------------------------


def test_first_an_indicator_is_chosen(get, town):
    assert f'href="{KPIS}set/arrests/">Arrests</a>' in get("set/", role=Role.COORDINATOR)
    get("set/nope/", role=Role.COORDINATOR, status=404)


def test_the_form_begins_with_two_years(get, town):
    page = get("set/arrests/", role=Role.COORDINATOR)
    assert "In the 12 months to September 2026 it was 35.8 a month." in page
    assert f'<option value="{LAST + -23}" selected>' in page
    assert "In many a month." in page


def test_a_month_of_so_few_deaths_has_no_plan_of_a_part_of_one(get, town):
    Indicator.objects.filter(area=town.area, code="arrests").update(counts_as="deaths")
    kpi = set_one(town)
    accept(town, OCTOBER, {"arrests": 1, "charges": 0})
    publish(town, OCTOBER)
    rows = re.findall(r'<td class="vv-number">([^<]*)</td><td class="vv-number">([^<]*)</td>', get(f"{kpi.number}/"))
    assert len(rows) > 24
    assert {plan for _, plan in rows} == {""}


def test_nothing_is_saved_before_somebody_saw_whether_the_town_could_see_it(town):
    client = signed_in(town.coordinator)
    looked = client.post(f"{KPIS}set/arrests/", typed(town, act="look"))

    page = tidy(looked.content)
    assert "Could the figures show this change?" in page
    assert "From 35.8 a month (October 2024 to September 2026) to 18 a month by September 2028." in page
    assert "towns with figures like these" in page
    assert "That is enough" in page
    assert not Kpi.objects.exists()

    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    answer = client.post(f"{KPIS}set/arrests/", hidden | {"act": "set"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{KPIS}1/"
    assert KpiTarget.objects.get().target == 18


def test_where_it_could_hardly_see_it_a_reason_is_asked_and_nothing_typed_is_lost(town):
    client = signed_in(town.coordinator)
    wanted = typed(town, target="35", smallest="1", act="set")

    refused = client.post(f"{KPIS}set/arrests/", wanted)

    page = tidy(refused.content)
    assert "Say why you are setting it anyway" in page
    assert "What would show the change more clearly" in page
    assert 'name="target" value="35"' in page
    assert not Kpi.objects.exists()
    client.post(f"{KPIS}set/arrests/", wanted | {"went_on_why": "We promised it"})
    assert KpiTarget.objects.get().went_on_why == "We promised it"


@pytest.mark.parametrize(
    ("polarity", "better", "says"),
    [
        ("neutral", "lower", "For the indicator, neither way is better. Nothing can be said either way."),
        ("lower", "higher", "For the indicator, lower is better. Nothing can be said either way."),
    ],
)
def test_a_way_that_isnt_the_indicators_is_asked_about_and_said(town, get, polarity, better, says):
    Indicator.objects.filter(code="arrests").update(polarity=polarity)
    wanted = typed(town, better=better, target="60" if better == "higher" else "18", act="look")
    client = signed_in(town.coordinator)
    page = tidy(client.post(f"{KPIS}set/arrests/", wanted).content)
    assert f"{says} Tick this if you choose another way all the same." in page
    assert "Tick “This way is the KPI’s own aim”, or choose the indicator’s way" in page
    looked = client.post(f"{KPIS}set/arrests/", wanted | {"is_own_aim": "on"})
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', tidy(looked.content)))
    client.post(f"{KPIS}set/arrests/", hidden | {"act": "set"})
    count_october(town)
    assert f"{better.capitalize()} is this KPI’s own aim. {says}" in get("1/")


def test_the_indicators_own_way_is_nothing_to_ask(town, get):
    set_one(town)
    count_october(town)
    assert "Lower, as for the indicator. Nothing can be said either way." in get("1/")


def test_what_is_to_be_set_can_be_changed_first(town):
    answer = signed_in(town.coordinator).post(f"{KPIS}set/arrests/", typed(town, act="edit"))
    page = tidy(answer.content)
    assert re.search(r'<input type="text" name="target" value="18"', page)
    assert ">Change it first<" not in page
    assert "There is a problem" not in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"target": "40"}, "Enter a target below the baseline: lower is better here."),
        ({"target": "few"}, "Target must be a number, such as 8.5"),
        ({"target": "inf"}, "Target must be a number, such as 8.5"),
        ({"smallest": "a tenth"}, "Smallest change worth noticing, in % must be a whole number, such as 20"),
        ({"due": str(LAST)}, "Choose the month of the target from the list"),
        ({"steps": "next year: 20"}, "Write each step as a month and a value, such as 2027-03 8.5"),
        ({"steps": "2027-01 nan"}, "Enter numbers that are 0 or more."),
        ({"steps": "2027-01 12"}, "Each step must move from the baseline towards the target, and not past it."),
        ({"baseline_to": str(LAST + -22)}, "Choose at least 3 months for the baseline."),
        ({"title": ""}, "Enter the title"),
        ({"why": "Call 07700 900123"}, "looks like"),
    ],
)
def test_what_is_wrong_is_a_sentence(town, wrong, sentence):
    answer = signed_in(town.coordinator).post(f"{KPIS}set/arrests/", typed(town, **wrong))
    assert answer.status_code == 200
    assert sentence in tidy(answer.content)
    assert not Kpi.objects.exists()


def test_a_target_moves_with_its_reason(town):
    kpi = set_one(town)
    client = signed_in(town.coordinator)
    shown = tidy(client.get(f"{KPIS}1/move/").content)
    assert 'name="target" value="18"' in shown
    wanted = typed(town, target="24", seen="1")
    assert "Enter the reason" in tidy(client.post(f"{KPIS}1/move/", wanted).content)
    assert client.post(f"{KPIS}1/move/", wanted | {"reason": "Too far"}).headers["Location"] == f"{KPIS}1/"
    assert kpi.targets.latest("version").reason == "Too far"
    again = client.post(f"{KPIS}1/move/", wanted | {"reason": "Too far", "target": "20"})
    assert "The target was moved after you opened this form." in tidy(again.content)
    assert kpi.targets.count() == 2


def test_it_is_changed_reviewed_and_retired(town):
    kpi = set_one(town)
    client = signed_in(town.coordinator)
    assert (
        client.post(f"{KPIS}1/change/", typed(town, title="Far fewer arrests", revision="0")).headers["Location"]
        == f"{KPIS}1/"
    )
    assert (
        client.post(f"{KPIS}1/review/", {"reviewed_on": "5/11/2026", "note": "Go on"}).headers["Location"]
        == f"{KPIS}1/"
    )
    assert client.post(f"{KPIS}1/retire/", {"why": ""}).status_code == 200
    assert client.post(f"{KPIS}1/retire/", {"why": "Done"}).headers["Location"] == f"{KPIS}1/"
    kpi.refresh_from_db()
    assert (kpi.title, kpi.reviews.get().note, kpi.retired_why) == ("Far fewer arrests", "Go on", "Done")
    late = client.post(f"{KPIS}1/change/", typed(town, revision="1"))
    assert "K1 is retired, so it is no longer measured." in tidy(late.content)


def test_an_owner_who_left_is_told(get, town):
    leaver = make_member(town.area, Role.ANALYST)
    set_one(town, owner=leaver)
    leaver.memberships.all().delete()
    assert "who no longer has a role in Testford" in get("1/")


def test_a_baseline_of_nought_can_be_set_with_a_reason(town):
    other = make_town("noughts")
    history(other, 0, 0, 0)
    higher = {"better": "higher", "is_own_aim": "on", "target": "2"}
    wanted = typed(other, baseline_from=str(LAST + -2), went_on_why="There were none", **higher)
    assert signed_in(other.coordinator).post("/noughts/kpis/set/arrests/", wanted).status_code == 302
    assert KpiTarget.objects.get().outlook == ["The baseline is 0, so we can’t give the change in per cent."]


# --- Needs attention --------------------------------------------------------------------------------


def home(town: Town, role: Role) -> str:
    return tidy(signed_in(town.people[role]).get("/testford/").content)


def test_a_kpi_that_nobody_reviewed_needs_its_owners_and_the_coordinators_attention(town, monkeypatch):
    kpi = set_one(town)  # on 5 November 2026, to be reviewed every three months
    for day, is_due in (("2027-02-05", False), ("2027-02-06", True)):
        Clock(monkeypatch)(day)
        for role in (Role.COORDINATOR, Role.BOARD_MEMBER):
            assert ("Review KPI K1 Fewer arrests" in home(town, role)) is is_due
    assert "Review KPI" not in home(town, Role.BOARD_CHAIR)
    mine = tidy(signed_in(town.people[Role.BOARD_MEMBER]).get("/testford/mine/").content)
    assert "Your tasks: 1 task" in home(town, Role.BOARD_MEMBER)
    assert "1 task is waiting for you" in mine
    assert "Review KPI K1 Fewer arrests" in mine
    review_kpi(kpi, note="Go on", reviewed_on=LAST.first_day.replace(2027, 2, 6), by=town.coordinator)
    assert "Review KPI" not in home(town, Role.COORDINATOR)


def test_a_kpi_without_an_owner_needs_the_coordinators_attention(town):
    leaver = make_member(town.area, Role.ANALYST)
    set_one(town, owner=None)
    set_one(town, owner=leaver)
    retire_kpi(set_one(town, owner=None), why="Done", by=town.coordinator)
    leaver.memberships.all().delete()

    page = home(town, Role.COORDINATOR)

    assert "KPI K1 Fewer arrests has no owner" in page
    assert "KPI K2 Fewer arrests has no owner" in page
    assert "no longer has a role in Testford. Choose someone else." in page
    assert "KPI K3" not in page
    assert "has no owner" not in home(town, Role.BOARD_CHAIR)


@pytest.mark.parametrize("form", ["move", "change", "review", "retire"])
def test_a_retired_one_says_so_before_anybody_types(get, town, form):
    retire_kpi(set_one(town), why="Not needed", by=town.coordinator)
    page = get(f"1/{form}/", role=Role.COORDINATOR)
    assert "K1 is retired, so it is no longer measured." in page
    assert "<form method" not in page.partition("<main")[2]


def test_without_a_published_figure_there_is_nothing_to_begin_from(get, town):
    make_indicator(town.police, "houses", boards=(town.csp,))
    page = get("set/houses/", role=Role.COORDINATOR)
    assert "No published month has a figure for it yet. A baseline needs figures." in page
    assert "<form method" not in page.partition("<main")[2]
