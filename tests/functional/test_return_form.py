"""The return in a real browser: a block pasted, totals as one types, nothing left behind unwarned; by
keyboard alone and without scripts, with the pages and keystrokes that it takes."""

from typing import Any

import pytest
from playwright.sync_api import Dialog, Error, Page, expect

from tests.functional.accessibility import faults_of
from tests.functional.browsing import NARROW
from tests.functional.pages import CHECK, JUSTICE, NHS, RETURNS, send, unfold
from tests.functional.site import LEAD, PASSWORD
from tests.functional.test_keyboard import enter, focused, tab_to

POLICE = f"{RETURNS}police/"
SUBMIT = "Submit November 2026 figures"
MOST_PAGES, MOST_KEYS = 4, 20
MOST_ON_A_PHONE = 3900  # pixels, for 26 figures

# Put text on the clipboard's place and paste it into the box that has the focus, as a browser does.
PASTE = """(text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
  return document.activeElement.dispatchEvent(paste);
}"""


def box(page: Page, name: str, control: str = "value"):
    return page.locator(f"[name='{name}:{control}']")


def paste(page: Page, name: str, text: str) -> bool:
    """Paste into a box. Whether the browser was left to do what it does with any text."""
    box(page, name).focus()
    left: bool = page.evaluate(PASTE, text)
    return left


def typed(page: Page, *names: str) -> list[str]:
    return [box(page, name).input_value() for name in names]


def is_unfolded(page: Page, name: str) -> bool:
    return box(page, name, "note").is_visible()


LINES = ("lines.london", "lines.birmingham", "lines.manchester", "lines.merseyside")


TABLE = """Figure\tOctober 2026\tNovember 2026\tComment
Burglary\t40\t31\t
How many lines are coming into the town? Where are they coming from? Is this increasing or decreasing?\t\t\t
Merseyside\t1\t39.4%\t
London\t3\t1,200\t"more
lines"
Manchester\t2\tComes later\ton the 5th
"""


def test_a_table_is_shown_before_it_is_put_in_and_can_be_undone(own_site, visit):
    page = visit(own_site, LEAD)
    page.goto(POLICE)
    box(page, "pwits").fill("12a")  # not saved yet
    before = typed(page, *LINES)
    with page.expect_navigation():
        paste(page, "pwits", TABLE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Changes from your paste")
    expect(page.locator("#row-2")).to_contain_text("“Burglary” isn’t a figure in this return.")
    expect(page.locator("main table")).to_contain_text("You entered “39.4%”.")
    assert faults_of(page) == []
    send(page, "Put these 2 figures into the form")
    assert typed(page, *LINES) == ["1,200", before[1], "", before[3]]
    assert box(page, LINES[0], "note").input_value() == "more lines"
    assert box(page, LINES[2], "reason").input_value() == "awaited"
    assert [is_unfolded(page, name) for name in LINES] == [True, False, True, False]
    assert typed(page, "pwits") == ["12a"]
    box(page, LINES[1]).fill("77")
    send(page, "Undo the paste")
    assert typed(page, *LINES) == [before[0], "77", *before[2:]]


def test_a_column_that_is_too_long_is_refused_whole(own_site, visit):
    page = visit(own_site, LEAD)
    page.goto(POLICE)
    rows = page.locator("[data-row]").count()
    before = typed(page, *LINES)
    with page.expect_navigation():
        paste(page, LINES[1], "\n".join(["9"] * rows))
    expect(page.get_by_role("alert")).to_contain_text(
        f"You pasted {rows} rows, but from this box down the table has only {rows - 1}. Nothing changed"
    )
    assert typed(page, *LINES) == before


def test_one_cell_is_pasted_as_any_text(own_site, visit):
    page = visit(own_site, LEAD)
    page.goto(POLICE)
    assert paste(page, LINES[0], "7\r\n")


def test_a_total_follows_what_is_typed(own_site, visit):
    page = visit(own_site, LEAD)
    page.goto(POLICE)
    total = page.locator("[data-total='lines']")
    others = sum(map(int, typed(page, *LINES[1:])))
    for text, more, mark in (
        ("1 200", 1200, "in all"),
        ("12a", 0, "so far"),
        ("7", 7, "in all"),
        ("12.0", 12, "in all"),
        ("12.5", 0, "so far"),
        ("", 0, "so far"),
        (" 0 ", 0, "in all"),
    ):
        box(page, "lines.london").fill(text)
        expect(total).to_have_text(f"{others + more:,} {mark}")
    box(page, "lines.london").fill("-")  # unfolds why
    for reason, mark in (("awaited", "so far"), ("not_available", "from those with a figure")):
        box(page, "lines.london", "reason").select_option(reason)
        expect(total).to_have_text(f"{others:,} {mark}")
    assert typed(page, "lines.london") == [""]  # the reason says it now


def test_a_rule_is_asked_about_as_one_types_and_again_when_it_is_sent(own_site, visit):
    page = visit(own_site, LEAD)
    page.goto(POLICE)
    said = page.locator("[data-row='lines.london'] .govuk-error-message")
    box(page, "lines.london").fill("1")
    box(page, "line-groups.london").fill("1,200")
    sentence = "can’t be less than “Groups running lines, London”, 1,200. Each group runs at least one"
    expect(said).to_have_count(1)
    expect(said).to_contain_text(f"1 {sentence}")
    box(page, "line-groups.london").fill("")  # nobody knows yet
    expect(said).to_be_hidden()
    box(page, "line-groups.london").fill("1200")
    send(page, "Check November 2026 figures")
    expect(said.filter(visible=True)).to_have_count(1)  # once, by the server
    expect(said.filter(visible=True)).to_contain_text(f"Error: 1 {sentence}")
    assert faults_of(page) == []
    box(page, "lines.london").fill("7")
    box(page, "line-groups.london").fill("0")  # unusual: a note answers
    asked = page.locator("[data-row='line-groups.london'] .vv-question[role]")
    expect(asked).to_have_text(
        "0 is unusual beside “Lines into the town, London”, 7. Each line is run by a group, though we may not "
        "yet know which group. Correct it or, if it is right, say why in the note."
    )
    assert is_unfolded(page, "line-groups.london")
    box(page, "line-groups.london", "note").fill("It is not known yet which group runs it.")
    expect(asked).to_be_hidden()


def test_keys_go_down_the_column_and_to_reason_and_note(own_site, visit):
    page = visit(own_site, LEAD)
    page.goto(POLICE)
    boxes = page.locator("[data-row] input[name$=':value']").evaluate_all("boxes => boxes.map((box) => box.id)")
    at, press = lambda: focused(page)["id"], page.keyboard.press

    box(page, "lines.london").focus()
    for key, place in (
        ("Tab", 1),
        ("Enter", 2),
        ("ArrowDown", 3),
        ("ArrowUp", 2),
        ("Shift+Tab", 1),
        ("Shift+Enter", 0),
    ):
        press(key)
        assert (key, at()) == (key, boxes[place])
    page.keyboard.type("3")  # what stood there is chosen, as after Tab
    assert typed(page, "lines.london") == ["3"]

    assert not is_unfolded(page, "lines.london")
    press("Alt+ArrowDown")
    assert at() == "lines-london-reason"
    press("Tab")
    page.keyboard.type("One line was closed")
    press("Enter")
    assert at() == boxes[1]
    press("ArrowUp")
    press("Alt+ArrowUp")
    assert not is_unfolded(page, "lines.london")
    press("Alt+ArrowDown")
    assert box(page, "lines.london", "note").input_value() == "One line was closed"

    page.locator(f"#{boxes[-1]}").focus()
    for _ in range(3):  # held down
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    assert focused(page)["name"] == CHECK
    assert page.url.endswith(POLICE)  # nothing is sent
    expect(page.get_by_text("Draft saved.")).to_have_count(0)


def test_a_share_is_worked_out_beside_its_boxes_as_one_types(own_site, visit):
    page = visit(own_site, NHS)
    page.goto(f"{RETURNS}nhs/")
    share = page.locator("output[data-ratio='share']")
    expect(share).to_have_text("not known yet")
    box(page, "health-trained").fill("175")
    expect(share).to_have_text("40.6%")  # of October's 431
    for text, told in (("500", "500 is more than 431"), ("39.4%", "“39.4%” isn’t a whole number"), ("175", "40.6%")):
        box(page, "health-trained").fill(text)
        expect(share).to_have_text(told)
        send(page, "Save draft")
        assert f">{told}</output>" in page.request.get(page.url).text()  # as the server says it


def test_a_phone_holds_the_longest_return(own_site, visit):
    page = visit(own_site, LEAD, viewport=NARROW)
    page.goto(POLICE)
    assert page.locator("[data-row]").count() == 26
    for name in page.locator("[data-row]").evaluate_all("rows => rows.map((row) => row.dataset.row)"):
        box(page, name).fill("")
    assert page.evaluate("document.documentElement.scrollHeight") <= MOST_ON_A_PHONE


def leaving(page: Page) -> list[str]:
    """The kinds of dialog that a person meets who closes the page."""
    met: list[str] = []

    def answer(dialog: Dialog) -> None:
        met.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", answer)
    beside = page.context.new_page()
    page.close(run_before_unload=True)
    beside.wait_for_timeout(300)
    return met


NOT_SAVED = "Not saved: you are offline."


def kept(page: Page) -> list[str]:
    stored: list[str] = page.evaluate("Object.values(sessionStorage)")
    return stored


def is_forgotten(page: Page) -> bool:
    """Whether the tab keeps nothing, once the page's script has looked."""
    for _ in range(20):
        if not kept(page):
            return True
        page.wait_for_timeout(100)
    return False


def test_nothing_typed_is_lost_without_a_network(own_site, visit):
    page = visit(own_site, LEAD)
    page.goto(POLICE)
    before = typed(page, *LINES)
    box(page, "lines.london").fill("5")
    box(page, "pwits").fill("n/a")
    box(page, "pwits", "note").fill("A name that must not stay")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save draft", exact=True).last.click()
    expect(page.get_by_role("alert")).to_contain_text(NOT_SAVED)
    assert typed(page, "lines.london", "pwits") == ["5", "n/a"]
    (stored,) = kept(page)
    assert "lines.london" in stored
    assert "n/a" not in stored  # figures only: words may be about a person
    assert "name" not in stored
    page.on("dialog", lambda dialog: dialog.accept())
    with pytest.raises(Error):
        page.goto(POLICE)  # the browser's own page stands there now
    page.context.set_offline(False)
    page.goto(POLICE)
    expect(page.get_by_role("alert")).to_have_text("1 figure that wasn’t saved is back in the form. Save the draft.")
    assert typed(page, *LINES) == ["5", *before[1:]]
    send(page, "Save draft")
    assert typed(page, "lines.london") == ["5"]
    assert is_forgotten(page)


def test_a_network_that_never_answers_is_said_too(own_site, visit):
    page = visit(own_site, LEAD)
    page.goto(POLICE)
    page.route("**/favicon*", lambda route: None)  # as behind a network that swallows everything
    box(page, "lines.london").fill("5")
    page.get_by_role("button", name="Save draft", exact=True).last.click()
    expect(page.get_by_role("alert")).to_contain_text(NOT_SAVED, timeout=15_000)
    assert len(kept(page)) == 1


def test_what_a_tab_keeps_goes_with_the_person(own_site, visit):
    page = visit(own_site, LEAD)
    page.goto(POLICE)
    page.on("dialog", lambda dialog: dialog.accept())
    box(page, "lines.london").fill("6")
    key = page.evaluate("Object.keys(sessionStorage)[0]")
    for other, at in ((key.replace(":", ":9", 1), "Date.now()"), (key, "Date.now() - 3601000")):  # another's; too old
        page.evaluate(
            f"sessionStorage.clear(); sessionStorage.setItem('{other}', JSON.stringify({{at: {at}, typed: []}}))"
        )
        page.evaluate("document.querySelector('[data-return]').reset()")
        page.reload()
        assert kept(page) == []
    box(page, "lines.london").fill("6")
    assert len(kept(page)) == 1
    send(page, "Check November 2026 figures")
    assert is_forgotten(page)  # saved
    page.goto(POLICE)
    box(page, "lines.london").fill("7")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sign in")
    assert is_forgotten(page)


@pytest.mark.parametrize("is_changed", [True, False])
def test_leaving_with_something_unsaved_is_warned_of(own_site, visit, is_changed: bool):
    page = visit(own_site, LEAD)
    page.goto(POLICE)
    (draft,) = typed(page, "lines.london")
    box(page, "lines.london").click()
    page.keyboard.press("Control+A")
    page.keyboard.type("99" if is_changed else draft)
    assert leaving(page) == (["beforeunload"] if is_changed else [])


def test_saving_is_no_leaving(own_site, visit):
    page = visit(own_site, LEAD)
    page.on("dialog", lambda dialog: pytest.fail(f"A {dialog.type} dialog was in the way."))
    page.goto(POLICE)
    box(page, "lines.london").fill("3")
    send(page, "Save draft")
    expect(page.get_by_text("Draft saved.")).to_be_visible()


class Counted:
    """A keyboard whose presses are counted, and the pages that they led to."""

    def __init__(self, page: Page) -> None:
        self.page, self.keys = page, 0
        self.pages: list[str] = []
        press, kind = page.keyboard.press, page.keyboard.type

        def counted_press(key: str, **options: float) -> None:
            self.keys += 1
            press(key, **options)

        def counted_type(text: str, **options: float) -> None:
            self.keys += len(text)
            kind(text, **options)

        keyboard: Any = page.keyboard
        keyboard.press, keyboard.type = counted_press, counted_type
        page.on("load", self.note)

    def note(self, page: Page) -> None:
        self.pages.append(page.title().removesuffix(" – V+V Dashboard"))


def skip_the_menu(page: Page) -> None:
    tab_to(page, "Skip to main content")
    page.keyboard.press("Enter")


def test_by_keyboard_from_the_link_in_an_e_mail_to_the_receipt(own_site, visit):
    page = visit(own_site)
    counted = Counted(page)
    page.goto(f"{RETURNS}youth-justice/")
    tab_to(page, "Email address")
    page.keyboard.type(JUSTICE)
    tab_to(page, "Password")
    page.keyboard.type(PASSWORD)
    enter(page)
    skip_the_menu(page)
    tab_to(page, "Appropriate adult interviews")
    page.keyboard.type("4")
    tab_to(page, CHECK)
    enter(page)
    skip_the_menu(page)
    tab_to(page, SUBMIT)
    enter(page)
    expect(page.get_by_role("heading", name="November 2026 figures from Youth justice are submitted")).to_be_visible()
    assert counted.pages == [
        "Sign in",
        "November 2026 figures from Youth justice",
        "Check November 2026 figures from Youth justice",
        "November 2026 figures from Youth justice are submitted",
    ]
    assert len(counted.pages) <= MOST_PAGES
    credentials = len(JUSTICE) + len(PASSWORD)
    # One figure, and what it takes to get about.
    assert counted.keys - credentials < MOST_KEYS
    assert faults_of(page) == []


def test_without_scripts_from_the_link_in_an_e_mail_to_the_receipt(own_site, visit):
    page = visit(own_site, javascript=False)
    pages: list[str] = []
    page.on("load", lambda _: pages.append(page.url))
    page.goto(f"{RETURNS}nhs/")
    page.get_by_label("Email address").fill(NHS)
    page.get_by_label("Password").fill(PASSWORD)
    send(page, "Sign in")
    for name, value in (("woundings", "2"), ("health-trained", "175"), ("sharp-admissions", "2")):
        box(page, name).fill(value)
    send(page, CHECK)
    send(page, SUBMIT)
    expect(page.get_by_text("What happens next")).to_be_visible()
    assert len(pages) <= MOST_PAGES


def test_without_scripts_a_column_is_pasted_and_the_rest_is_nil(own_site, visit):
    page = visit(own_site, LEAD, javascript=False)
    page.goto(POLICE)
    before = typed(page, *LINES)
    page.get_by_text("Paste from a spreadsheet").click()
    page.get_by_label("Rows of a table, or a column of figures").fill("1\n2\n\n4")
    send(page, "Preview the changes")
    send(page, "Put these 3 figures into the form")
    expect(page.get_by_text("The figures you pasted are in the table")).to_be_visible()
    assert typed(page, *LINES) == ["1", "2", before[2], "4"]
    expect(page.locator("[data-total='lines']")).to_have_text(f"{7 + int(before[2])} in all")
    send(page, "Enter 0 in all blank rows")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Enter 0 in")
    send(page, "Enter 0 in")
    assert "" not in [control.input_value() for control in page.locator("input[name$=':value']").all()]


def test_an_origin_is_added_without_losing_what_was_typed(own_site, visit):
    page = visit(own_site, LEAD)
    page.goto(POLICE)
    box(page, "pwits").fill("12a")
    page.get_by_text("Add another place").first.click()
    page.locator("[name='origin:lines']").select_option(label="Leeds")
    page.locator("button[value='add:lines']").click()
    expect(page.get_by_text("Leeds now has its own row.")).to_be_visible()
    assert box(page, "lines.leeds").count() == 1
    assert typed(page, "pwits") == ["12a"]


def test_what_was_typed_survives_the_end_of_the_session(own_site, visit):
    page = visit(own_site, LEAD)
    page.goto(POLICE)
    box(page, "lines.london").fill("12a")
    unfold(page, "pwits")
    box(page, "pwits", "note").fill("an emoji 🙂")
    page.context.clear_cookies(name="sessionid")
    send(page, CHECK)
    page.get_by_label("Email address").fill(LEAD)
    page.get_by_label("Password").fill(PASSWORD)
    send(page, "Sign in")
    assert typed(page, "lines.london") == ["12a"]
    assert box(page, "pwits", "note").input_value() == "an emoji 🙂"
    assert focused(page)["id"] != "lines-london-value"  # the summary is read first
    assert faults_of(page) == []


def test_two_windows_tell_of_each_other(own_site, visit):
    one, two = visit(own_site, LEAD), visit(own_site, LEAD)
    for page in (one, two):
        page.goto(POLICE)
    box(one, "lines.london").fill("3")
    send(one, "Save draft")
    box(two, "lines.london").fill("4")
    send(two, "Save draft")
    expect(two.get_by_text("Saved since you opened this page: 3", exact=True)).to_be_visible()
    assert typed(two, "lines.london") == ["4"]
    assert faults_of(two) == []
    send(two, "Save draft")
    expect(two.get_by_text("Draft saved.")).to_be_visible()


def test_the_last_return_is_reached_from_ones_home(own_site, visit):
    """By mouse: the row's own link lies over the whole row."""
    page = visit(own_site, LEAD)
    page.goto("/anytown/")
    with page.expect_navigation():
        page.get_by_role("link", name="October 2026: accepted on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("October 2026 figures from Police")
    with page.expect_navigation():
        page.get_by_role("link", name="Possession with intent to supply, children").click()
    expect(page.get_by_role("heading", name="Ask to correct this figure")).to_be_visible()
