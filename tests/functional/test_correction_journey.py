"""A published figure is corrected and marked as provisional, as people do it in the browser."""

from playwright.sync_api import expect

from tests.functional.accessibility import faults_of
from tests.functional.pages import FIGURES, OCTOBER, press, send
from tests.functional.site import COORDINATOR, LEAD

PWITS = f"{FIGURES}pwits/"  # October's figure is 4
TITLE = "Possession with intent to supply, children"


def test_from_a_wrong_figure_to_the_months_page(own_site, visit):
    lead, coordinator = (visit(own_site, who) for who in (LEAD, COORDINATOR))

    lead.goto(PWITS)
    press("Ask to correct", value="3", why="One arrest was booked twice.")(lead)
    expect(lead.get_by_text(f"You asked to correct {TITLE} for October 2026.")).to_be_visible()
    assert faults_of(lead) == []

    coordinator.goto(PWITS)
    assert faults_of(coordinator) == []
    send(coordinator, "Decline the correction")
    expect(coordinator.get_by_text("Say why you decline it")).to_be_visible()
    send(coordinator, "Accept the correction")
    expect(coordinator.get_by_text(f"You accepted the correction of {TITLE}, October 2026.")).to_be_visible()
    coordinator.goto(PWITS)  # accepting leads on to what goes out
    corrected = coordinator.get_by_role("row").filter(has=coordinator.get_by_role("rowheader", name="Corrected"))
    expect(corrected).to_contain_text("One arrest was booked twice.")

    press("Mark as provisional", why="The custody audit is not done.")(coordinator)
    expect(coordinator.get_by_role("button", name="Confirm the figure")).to_be_visible()
    assert faults_of(coordinator) == []

    coordinator.goto(OCTOBER)
    expect(coordinator.locator(".vv-figure", has_text="Possession with intent").first).to_contain_text("Revised")
    expect(coordinator.locator(".vv-key")).to_contain_text("[p]")
    assert faults_of(coordinator) == []
    lead.goto(OCTOBER)  # the boards still have the published version
    expect(lead.locator(".vv-figure", has_text="Possession with intent").first).not_to_contain_text("Provisional")
