"""A pathway as its readers see it: what is counted, what isn't, and what is asked about it."""

import html
import re
from collections.abc import Mapping

import pytest

from actions.models import Challenge
from boards.models import Membership
from boards.rules import Role
from core.calendar import Month, months_between
from indicators.models import Indicator, Pathway, PathwayStep
from indicators.services.returns import accept_return
from tests import scenarios
from tests.challenging import in_days
from tests.factories import make_board, make_indicator, make_member, make_pathway
from tests.scenarios import Town
from tests.standing import stand
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OCTOBER, JUNE = Month(2026, 10), Month(2026, 6)
YEAR = list(months_between(OCTOBER + -11, OCTOBER))
PAGE, SETUP = "/testford/pathways/found/", "/testford/setup/pathways/"


def make_year() -> Town:
    """Four arrests and three charges a month, without June's charges; two who were charged within three months."""
    town = scenarios.make_town()
    follows = make_indicator(town.police, "charged-in-three", boards=(town.csp,), position=2)
    make_pathway(town.area, "found", town.police, uncounted="with-a-plan")
    PathwayStep.objects.create(
        pathway=Pathway.objects.get(),
        code="charged-in-three",
        name="Charged",
        agency=town.police,
        indicator=follows,
        followed=3,
        position=4,
    )
    for month in months_between(OCTOBER + -14, OCTOBER):
        figures: Mapping[str, object] = {"arrests": 4, "charges": None if month == JUNE else 3, "charged-in-three": 2}
        scenarios.accept(town, month, figures)
        scenarios.publish(town, month)
    return town


made, town = stand(make_year)


def read(town: Town, role: Role = Role.BOARD_MEMBER, url: str = PAGE) -> str:
    answer = signed_in(town.people[role]).get(url)
    assert answer.status_code == 200
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def test_each_step_says_what_it_counts_and_who_answers_for_it(town: Town):
    page = read(town)
    assert "November 2025 to October 2026" in page
    assert "1. Arrested Police reports the count. 48" in page
    assert "No one counts how many of them have a plan." in page


def test_two_counts_of_the_same_months_are_no_share_and_a_missing_month_is_said(town: Town):
    page = read(town)
    assert "This count covers 11 of the 12 months, so it isn’t their total: June 2026 has no figure." in page
    assert "In the 11 months with both figures, 44 arrested and 33 charged: 75 for each 100." in page


def test_only_those_who_are_followed_are_told_as_of_the_people_with_a_range(town: Town):
    page = read(town)
    followed = (
        "Of the 48 arrested from August 2025 to July 2026, 24 charged within 3 months: 50%, 95% range 36% to 64%."
    )
    assert page.count("Of the ") == 1
    assert followed in page


def test_a_follow_up_of_more_people_than_there_were_is_no_share(town: Town):
    scenarios.accept(town, OCTOBER.next, {"arrests": 4, "charges": 3, "charged-in-three": 5})
    scenarios.publish(town, OCTOBER.next)
    page = read(town)
    assert "In November 2026, this count is larger than the number arrested 3 months before. That can’t be" in page
    assert "95% range" not in page


def test_a_count_under_another_definition_is_left_out(town: Town):
    charges = Indicator.objects.get(area=town.area, code="charges")
    charges.definitions.create(applies_from=Month(2026, 11).first_day, text="Counted anew.")
    scenarios.accept(town, OCTOBER.next, {"arrests": 4, "charges": 9, "charged-in-three": 2})
    scenarios.publish(town, OCTOBER.next)
    page = read(town)
    assert "it was counted differently, or not at all, before November 2026" in page
    assert "In the one month with both figures, 4 arrested and 9 charged: 225 for each 100." in page


def test_a_figure_that_may_still_change_is_said(town: Town):
    sent = scenarios.submit(town, OCTOBER.next, {"arrests": 4, "charges": 3, "charged-in-three": 2})
    accept_return(sent, provisional=["charges"], by=town.coordinator)
    scenarios.publish(town, OCTOBER.next)
    page = read(town)
    assert page.count("November 2026 is provisional, and may still change.") == 1


def test_the_boards_page_leads_to_it_and_that_of_another_board_does_not(town: Town):
    assert 'href="/testford/pathways/found/"' in raw(town, "/testford/2026-10/csp/")
    other = make_board(town.area, "hwbb")
    member = make_member(town.area, Role.BOARD_MEMBER, board=other)
    assert 'href="/testford/pathways/found/"' not in signed_in(member).get("/testford/2026-10/hwbb/").content.decode()
    assert 'href="/testford/pathways/found/"' in raw(town, "/testford/pathways/")
    assert 'href="/testford/pathways/"' in raw(town, "/testford/indicators/")


def raw(town: Town, url: str) -> str:
    return signed_in(town.people[Role.BOARD_MEMBER]).get(url).content.decode()


def test_a_challenge_is_raised_about_the_step_that_nobody_counts(town: Town):
    strategic = signed_in(town.people[Role.STRATEGIC])
    page = strategic.get(PAGE).content.decode()
    step = PathwayStep.objects.get(code="with-a-plan")
    url = f"/testford/challenges/raise/?step={step.pk}"
    assert f'href="{url}"' in page
    # A step that is counted is asked about by its month.
    assert 'href="/testford/challenges/raise/?indicator=charges&amp;month=2026-10"' in page
    form = strategic.get(url)
    to = f"agency-{town.police.pk}-{town.lead.pk}"
    assert f'value="{to}" selected' in form.content.decode()
    typed = {"step": step.pk, "question": "Who counts the plans?", "to": to, "due_on": in_days(7).strftime("%d %m %Y")}
    assert strategic.post("/testford/challenges/raise/", typed).status_code == 302
    raised = Challenge.objects.get()
    assert (raised.step, raised.agency, raised.period) == (step, town.police, None)
    assert "People arrested: With a plan" in read(town, Role.STRATEGIC, "/testford/challenges/")
    # The board of its indicators reads it, on the pathway's page too; a member of another board doesn't.
    assert "Who counts the plans?" in read(town)
    other = make_member(town.area, Role.BOARD_MEMBER, board=make_board(town.area, "hwbb"))
    assert "Who counts the plans?" not in signed_in(other).get(PAGE).content.decode()


def test_nobody_asks_about_a_step_that_is_counted_or_retired(town: Town):
    strategic = signed_in(town.people[Role.STRATEGIC])
    step = PathwayStep.objects.get(code="with-a-plan")
    counted = PathwayStep.objects.get(code="charged")
    assert strategic.get(f"/testford/challenges/raise/?step={counted.pk}").status_code == 404
    signed_in(town.coordinator).post(f"{SETUP}found/steps/with-a-plan/retire/")
    assert strategic.get(f"/testford/challenges/raise/?step={step.pk}").status_code == 404
    assert "No one counts" not in read(town)


def test_a_coordinator_sets_a_step_up(town: Town):
    coordinator = signed_in(town.coordinator)
    url = f"{SETUP}found/steps/add/"
    assert '<option value="0" selected>No: it counts what happened in the month</option>' in (
        coordinator.get(url).content.decode()
    )
    typed = {"name": "Seen", "code": "seen", "agency": town.police.pk, "followed": 0, "position": 9}
    refused = coordinator.post(url, typed).content.decode()
    assert "Choose what counts it, or say what no one counts" in refused
    both = coordinator.post(url, typed | {"indicator": "charges", "nobody_counts": "who was seen"}).content.decode()
    assert "Charges counts it: leave this empty" in both
    assert coordinator.post(url, typed | {"nobody_counts": "who was seen"}).status_code == 302
    assert "No one counts who was seen." in read(town)
    # The first step can't follow people of itself.
    first = coordinator.post(
        f"{SETUP}found/steps/arrested/edit/",
        {"name": "Arrested", "agency": town.police.pk, "indicator": "arrests", "followed": 3, "position": 0},
    )
    assert "The first step has to come before this one" in html.unescape(first.content.decode())


def test_another_areas_pathway_is_no_page(town: Town):
    outsider = scenarios.make_outsider()
    assert signed_in(outsider).get(PAGE).status_code == 404
    assert (
        signed_in(Membership.objects.get(area=town.area, role="strategic").user)
        .get("/testford/pathways/no-such/")
        .status_code
        == 404
    )
