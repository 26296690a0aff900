"""The month, from a figure typed to an arrow on the board's page, without a line of JavaScript."""

from playwright.sync_api import Page, expect

from tests.functional.accessibility import faults_of
from tests.functional.browsing import sign_in
from tests.functional.pages import NOVEMBER, send, take_step, unfold
from tests.functional.pages import RETURNS as GRID
from tests.functional.site import COORDINATOR, LEAD, MEMBER, served

APPROVER = "police.approver@anytown.example"
PWITS = 5  # October’s figure is 4, and this is still usual
CHECK, SUBMIT = "Check November 2026 figures", "Submit November 2026 figures"


def follow(page: Page, link: str) -> None:
    with page.expect_navigation():
        page.get_by_role("link", name=link).first.click()


def tile(page: Page, title: str) -> str:
    """The words of a figure on a month's page."""
    return page.locator(".vv-figure", has_text=title).first.inner_text()


def test_from_a_figure_to_the_board(own_site, visit):
    lead, approver, coordinator, member = (visit(own_site, javascript=False) for _ in range(4))

    sign_in(lead, LEAD)
    follow(lead, "November 2026 figures")
    for box in lead.locator("input[name$=':value']").all():
        box.fill("4")
    lead.locator("[name='line-groups.london:value']").fill("1")  # four would be asked about
    lead.locator("[name='lines.london:value']").fill("1")
    lead.locator("[name='drug-arrests.young-people:value']").fill(str(PWITS))
    lead.locator("[name='homicides:value']").fill("0")
    for flow in lead.locator("input[name^='lines-'][name$=':value'], [name='line-holders-charged:value']").all():
        flow.fill("0")
    # 13 lines are left of 21.
    for reason, closed in (("charged", "3"), ("dormant", "5")):
        lead.locator(f"[name='lines-closed.{reason}:value']").fill(closed)
    lead.locator("[name='line-holders-charged:value']").fill("2")
    lead.locator("[name='pwits:value']").fill("10a")
    send(lead, CHECK)
    assert lead.title().startswith("Error: ")
    expect(lead.locator(".govuk-error-summary a")).to_have_text(
        "Possession with intent to supply, children: enter a whole number, such as 12. You entered “10a”."
    )
    expect(lead.locator("[name='pwits:value']")).to_have_value("10a")
    lead.locator("[name='pwits:value']").fill(f" {PWITS} ")
    send(lead, CHECK)
    row = lead.get_by_role("row", name="Possession with intent to supply, children")
    assert row.inner_text().split()[-4:] == ["4", str(PWITS), "Up", "1"]
    send(lead, SUBMIT)
    expect(lead.get_by_role("heading", name="November 2026 figures from Police are submitted")).to_be_visible()
    assert lead.locator("main input").count() == 0

    sign_in(member, MEMBER)
    assert member.goto(NOVEMBER).status == 403
    expect(member.get_by_text("November 2026 is not published yet.")).to_be_visible()

    sign_in(approver, APPROVER)
    follow(approver, "Release November 2026 figures from Police")
    send(approver, "Release November 2026 figures")
    expect(approver.get_by_text("You released Police, November 2026. It is now with the coordinator.")).to_be_visible()

    sign_in(coordinator, COORDINATOR)
    follow(coordinator, "Returns for November 2026")
    follow(coordinator, "Police")
    send(coordinator, "Accept November 2026 figures from Police")
    expect(coordinator.get_by_text("You accepted Police, November 2026.")).to_be_visible()
    follow(coordinator, "See the draft of November 2026")
    assert tile(coordinator, "Possession with intent").split()[-3:] == [f"{PWITS}", "Up", "1"]
    assert "Up 1" in tile(coordinator, "Possession with intent")
    assert tile(coordinator, "Lines into the town").split()[-5:] == ["8", "0", "found,", "8", "closed."]
    assert member.goto(NOVEMBER).status == 403

    coordinator.locator(".vv-group summary", has_text="Month").click()
    follow(coordinator, "Returns")
    take_step(coordinator, "Close November 2026")
    expect(coordinator.get_by_text("November 2026 is closed.")).to_be_visible()
    expect(coordinator.get_by_role("button", name="Reopen November 2026")).to_be_visible()
    assert member.goto(NOVEMBER).status == 403
    take_step(coordinator, "Publish November 2026")
    expect(coordinator.get_by_text("November 2026 is published: the boards see it now.")).to_be_visible()

    follow(member, "Go to your home page")
    follow(member, "This is Anytown, November 2026")
    assert "Up 1" in tile(member, "Possession with intent")
    expect(member.get_by_text("7 of 19 figures in; awaited from")).to_be_visible()


def test_several_returns_are_accepted_at_once(own_site, visit):
    coordinator = visit(own_site, COORDINATOR)
    coordinator.goto(GRID)
    coordinator.get_by_label("Accept the return of Council children’s services").check()
    send(coordinator, "Accept the chosen returns")
    expect(coordinator.get_by_text("You accepted 1 return for November 2026: Council children’s")).to_be_visible()
    assert faults_of(coordinator) == []


def test_the_states_on_the_way_are_accessible(own_site, visit):
    coordinator = visit(own_site, COORDINATOR)

    coordinator.goto(GRID)
    take_step(coordinator, "Close November 2026")
    assert faults_of(coordinator) == []
    coordinator.goto(NOVEMBER)
    assert faults_of(coordinator) == []
    coordinator.goto(f"{GRID}council-children/")
    assert coordinator.get_by_role("button", name="Accept").count() == 1  # it came in time, and is accepted late
    assert faults_of(coordinator) == []


def test_a_stale_month_says_so(demo, redis_url, tmp_path, visit):
    """With a queue that no worker empties, so that the change stays to be taken in."""
    with served(demo, tmp_path, REDIS_URL=redis_url) as site:
        coordinator = visit(site, COORDINATOR)
        coordinator.goto(f"{GRID}council-children/")
        send(coordinator, "Accept")

        coordinator.goto(NOVEMBER)

        expect(coordinator.get_by_text("Figures for this month have changed since.")).to_be_visible()
        assert "From Council children’s services" in tile(coordinator, "Children identified")
        assert faults_of(coordinator) == []


def test_a_long_word_widens_no_page(own_site, visit):
    word = "x" * 300
    lead, coordinator = visit(own_site, LEAD), visit(own_site, COORDINATOR)
    lead.goto(f"{GRID}police/")
    lead.locator("[name='pwits:value']").fill(word)
    unfold(lead, "pwits")
    lead.locator("[name='pwits:note']").fill(word)
    send(lead, CHECK)
    assert faults_of(lead) == []
    coordinator.goto(f"{GRID}police/")
    assert faults_of(coordinator) == []

    coordinator.goto(f"{GRID}council-children/")
    coordinator.get_by_label("Or send it back with a comment").fill(word)
    send(coordinator, "Send it back to")
    assert faults_of(coordinator) == []
    children = visit(own_site, "council-children.lead@anytown.example")
    for path in ("/anytown/", f"{GRID}council-children/"):
        children.goto(path)
        assert faults_of(children) == []
