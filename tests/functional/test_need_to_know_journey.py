"""An information officer lowers a month's marking, and lets somebody see line names, in the browser."""

from playwright.sync_api import expect

from tests.functional.accessibility import faults_of
from tests.functional.pages import INFORMATION, MARKINGS, NAMES, OCTOBER, mark, press, send
from tests.functional.site import MEMBER

ANALYST = "analyst@anytown.example"
NAME = "Zebra Line 77"


def test_a_marking_is_lowered_and_stands_on_the_months_page(own_site, visit):
    officer, member = visit(own_site, INFORMATION), visit(own_site, MEMBER)
    member.goto(OCTOBER)
    assert member.locator(".vv-marking").all_inner_texts() == ["OFFICIAL-SENSITIVE"] * 2

    officer.goto(f"{MARKINGS}2026-10/")
    mark("partners", "OFFICIAL", "The strategic group agreed on 3 November.")(officer)
    row = officer.get_by_role("row").filter(has=officer.get_by_role("rowheader", name="October 2026"))
    expect(row).to_contain_text("OFFICIAL Lowered")
    expect(row).to_contain_text("The strategic group agreed on 3 November.")
    assert faults_of(officer) == []
    officer.goto(f"{MARKINGS}2026-10/")
    assert faults_of(officer) == []

    member.goto(OCTOBER)
    assert member.locator(".vv-marking").all_inner_texts() == ["OFFICIAL"] * 2


def test_somebody_is_named_looks_and_is_written_down(own_site, visit):
    officer, analyst = visit(own_site, INFORMATION), visit(own_site, ANALYST)
    assert analyst.goto(NAMES).status == 403

    officer.goto(NAMES)
    label = officer.locator("#grant-user option", has_text=ANALYST).inner_text()
    officer.locator("#grant-user").select_option(label=label)
    officer.locator("#grant-why").fill("Works on county lines.")
    send(officer, "Let this person see names")
    expect(officer.get_by_text("can see line names from now on.")).to_be_visible()
    assert faults_of(officer) == []

    analyst.goto(NAMES)
    analyst.locator("#note-origin").select_option(label="Birmingham")
    analyst.locator("#note-name").fill(NAME)
    send(analyst, "Save the name")
    expect(analyst.get_by_role("heading", name="Birmingham: 1 name held")).to_be_visible()
    assert faults_of(analyst) == []
    send(analyst, "Show the names")
    expect(analyst.locator(".govuk-error-message")).to_contain_text("Say why you need to see the names")
    assert faults_of(analyst) == []
    press("Show the names", why="A strategy meeting.")(analyst)
    expect(analyst.get_by_role("listitem").filter(has_text=NAME)).to_be_visible()
    assert NAME not in analyst.url
    assert faults_of(analyst) == []
    analyst.goto(NAMES)
    expect(analyst.get_by_text(NAME)).to_have_count(0)

    officer.goto(NAMES)
    expect(officer.get_by_role("table")).to_contain_text("A strategy meeting.")
    expect(officer.get_by_text(NAME)).to_have_count(0)
    assert faults_of(officer) == []
