"""Every page in its states, as the demo has them. What takes more than one page to reach (a month that
was closed, a link out of an e-mail) stands with the tests of that journey."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import time_ns

from playwright.sync_api import Page

from boards.guides import ORDER
from tests.functional.site import COORDINATOR, COUNTY, LEAD, MEMBER, OPERATOR, PASSWORD, SECOND, STRATEGIC
from tests.highlights import picture

type Act = Callable[[Page], object]
OCTOBER, NOVEMBER = "/anytown/2026-10/", "/anytown/2026-11/"
RETURNS = "/anytown/returns/2026-11/"
CLOSE = "/anytown/months/2026-11/close/"
SETUP = "/anytown/setup/"
CHILDREN, HOUSING, JUSTICE, NHS = (
    f"{agency}.lead@anytown.example" for agency in ("council-children", "council-housing", "youth-justice", "nhs")
)
BOARDS = ("csp", "lscb", "sab", "hwbb", "strategic")


@dataclass(frozen=True)
class State:
    """A page in one state: who opens it, what they do there, and what the answer is by then. `tallest` is how many
    pixels it may be high on a phone."""

    name: str
    path: str
    who: str = ""
    act: Act | None = None
    status: int = 200
    is_public: bool = False
    tallest: int = 100_000

    def __str__(self) -> str:
        return self.name


def send(page: Page, button: str = "") -> None:
    """Press a form's button, and be there when its answer is."""
    buttons = page.locator("main").get_by_role("button", name=button) if button else page.locator("main form button")
    with page.expect_event("load"):
        buttons.first.click()


def take_step(page: Page, step: str) -> None:
    """ "Close November 2026": by the grid's link, and by the page in between, with a reason."""
    with page.expect_navigation():
        page.get_by_role("link", name=step).click()
    page.locator("[name=why]").fill("The board meets")
    send(page, step)


def press(button: str, **typed: str) -> Act:
    """Fill in fields by their name, and press a button."""

    def act(page: Page) -> None:
        for name, text in typed.items():
            page.locator(f"main [name='{name}']").fill(text)
        send(page, button)

    return act


SIGNING_IN = (
    State("sign-in", "/account/login/"),
    State("sign-in-empty", "/account/login/", act=press("Sign in")),
    State(
        "sign-in-wrong",
        "/account/login/",
        act=press("Sign in", login="nobody@anytown.example", password="not the password"),
    ),
    State("sign-out", "/account/logout/", LEAD),
    State("sign-up", "/account/signup/"),
    State("inactive", "/account/inactive/"),
    State("confirm", "/account/confirm-email/"),
    State("confirm-key", "/account/confirm-email/no-such-key/"),
    State("code", "/account/login/code/confirm/"),
    State("reset", "/account/password/reset/"),
    State("reset-wrong", "/account/password/reset/", act=press("Send the link", email="not an address")),
    State("reset-sent", "/account/password/reset/", act=press("Send the link", email="nobody@anytown.example")),
    State("reset-done", "/account/password/reset/done/"),
    State("reset-stale-link", "/account/password/reset/key/1-no-such-key/"),
    State("reset-key-done", "/account/password/reset/key/done/"),
    State("change-password", "/account/password/change/", LEAD),
    State(
        "change-password-wrong",
        "/account/password/change/",
        LEAD,
        press("Change password", oldpassword="x", password1="short", password2="other"),
    ),
    State("set-password", "/account/password/set/", LEAD),
    State("confirm-it-is-you", "/account/reauthenticate/", LEAD),
    State("confirm-it-is-you-wrong", "/account/reauthenticate/", LEAD, press("Confirm", password="wrong")),
    State("email", "/account/email/", LEAD),
    State("reminders", "/account/reminders/", LEAD),
    State("reminders-saved", "/account/reminders/", LEAD, press("Save")),
    State("sign-ins", "/account/sign-ins/", LEAD),
    State("single-sign-on-direct", "/account/oidc/nobody/login/", status=404),
    State("single-sign-on-none", "/account/oidc/nobody/login/callback/", status=404),
    State("link-not-whole", "/account/link/no-such-token/", LEAD),
)

FACTOR = "/account/second-factor/"
LOST = "/anytown/setup/lost-devices/"
INFORMATION = "information@anytown.example"


def confirm_by_password(page: Page) -> None:
    """Where we ask again who it is."""
    if page.locator("main [name=password]").count():
        page.locator("main [name=password]").fill(PASSWORD)
        send(page, "Confirm")


def wrong_code(page: Page) -> None:
    confirm_by_password(page)
    page.locator("main [name=code]").fill("nothing of the kind")
    send(page, "Set up the app")


SECOND_FACTORS = (
    State("second-factor-none", FACTOR, LEAD),
    State("second-factor-helper", FACTOR, INFORMATION),
    State("second-factor-held", FACTOR, SECOND),
    State("second-factor-later", f"{FACTOR}later/", LEAD, status=405),
    State("second-factor-direct", f"{FACTOR}authenticate/"),
    State("second-factor-again", f"{FACTOR}reauthenticate/", SECOND),
    State("second-factor-again-wrong", f"{FACTOR}reauthenticate/", SECOND, press("Confirm", code="1")),
    State("second-factor-app", f"{FACTOR}totp/activate/", STRATEGIC, confirm_by_password),
    State("second-factor-app-wrong", f"{FACTOR}totp/activate/", STRATEGIC, wrong_code),
    State("second-factor-app-remove", f"{FACTOR}totp/deactivate/", SECOND),
    State("second-factor-codes", f"{FACTOR}recovery-codes/", SECOND),
    State("second-factor-codes-new", f"{FACTOR}recovery-codes/generate/", SECOND),
    State("second-factor-passkeys", f"{FACTOR}webauthn/", SECOND),
    State("second-factor-passkeys-none", f"{FACTOR}webauthn/", LEAD),
    State("second-factor-passkey-add", f"{FACTOR}webauthn/add/", STRATEGIC, confirm_by_password),
    State("second-factor-passkey-name", f"{FACTOR}webauthn/keys/77/edit/", SECOND),
    State("second-factor-passkey-remove", f"{FACTOR}webauthn/keys/77/remove/", SECOND),
    State("second-factor-passkey-again", f"{FACTOR}webauthn/reauthenticate/", LEAD),
    State("second-factor-roles", f"{SETUP}second-factor/", COORDINATOR),
    State("lost-devices", LOST, INFORMATION),
    State("lost-devices-not-yours", LOST, LEAD, status=403),
    State("lost-device-decide", f"{LOST}1/", INFORMATION),
    State("lost-device-own-request", f"{LOST}1/", COORDINATOR),
    State("lost-device-ask", f"{SETUP}people/1/lost-device/", INFORMATION),
    State("lost-device-ask-wrong", f"{SETUP}people/1/lost-device/", INFORMATION, press("Ask for a reset")),
)

HOMES = (
    State("areas", "/", OPERATOR),
    State("area-add", "/areas/add/", OPERATOR),
    State("area-add-like", "/areas/add/?from=southend", OPERATOR),
    State("area-add-wrong", "/areas/add/", OPERATOR, press("Add the area", slug="public", ons_code="E1")),
    State("jobs", "/operator/jobs/", OPERATOR),
    State("jobs-date-is-right", "/operator/jobs/", OPERATOR, press("The date is right")),
    State("jobs-not-yours", "/operator/jobs/", LEAD, status=403),
    State("state", "/operator/state/", OPERATOR),
    State("state-not-yours", "/operator/state/", LEAD, status=403),
    State("record-everywhere", "/operator/audit/", OPERATOR),
    State("record-everywhere-checked", "/operator/audit/", OPERATOR, press("Check every audit log now")),
    State("record-read-everywhere", "/operator/audit/read/", OPERATOR),
    State("record-everywhere-not-yours", "/operator/audit/", LEAD, status=403),
    *(
        State(f"home-{who.partition('@')[0]}", "/anytown/", who)
        for who in (
            COORDINATOR,
            STRATEGIC,
            MEMBER,
            "lscb.chair@anytown.example",
            LEAD,
            JUSTICE,
            CHILDREN,
            NHS,
            "police.approver@anytown.example",
            "council-community-safety.approver@anytown.example",
            "police.contact@anytown.example",
            "analyst@anytown.example",
            "information@anytown.example",
            OPERATOR,
        )
    ),
    State("home-changed-all", "/anytown/?changed=all", COORDINATOR),
    State("southend-home", "/southend/", "coordinator@southend.example"),
    State("home-first-steps", "/newtown/", "coordinator@newtown.example"),
    State("home-first-steps-with-history", "/oldtown/", "coordinator@oldtown.example"),
    State("southend-indicators", "/southend/indicators/", "coordinator@southend.example"),
    State("southend-setup", "/southend/setup/", "coordinator@southend.example"),
    State("southend-no-month", "/southend/2018-07/", "coordinator@southend.example", status=404),
)

MONTHS = (
    State("month", OCTOBER, MEMBER),
    State("month-coordinator", OCTOBER, COORDINATOR),
    State("month-first", "/anytown/2023-11/", MEMBER),
    State("month-not-applicable", "/anytown/2026-08/", MEMBER),
    State("month-draft", NOVEMBER, STRATEGIC),
    *(State(f"board-{code}", f"{OCTOBER}{code}/", STRATEGIC) for code in BOARDS),
    State("board-member", f"{OCTOBER}csp/", MEMBER),
    State("indicator-list", "/anytown/indicators/", MEMBER),
    State("indicator-list-drafts", "/anytown/indicators/?month=2026-11", STRATEGIC),
    State("indicator-view", "/anytown/indicators/cuckooed/", MEMBER),
    State("breakdowns", "/anytown/indicators/juveniles/whom/", MEMBER),
    State("breakdowns-compared", "/anytown/indicators/assessments/whom/", MEMBER),
    State("breakdowns-none", "/anytown/indicators/cuckooed/whom/", MEMBER, status=404),
    State("indicator-view-broken-down", "/anytown/indicators/juveniles/", MEMBER),
    State("indicator-view-breakdown", "/anytown/indicators/juveniles-sex/", MEMBER),
    State("indicator-view-split", "/anytown/indicators/lines/?month=2026-11", STRATEGIC),
    State("indicator-view-rare", "/anytown/indicators/woundings/", MEMBER),
    State("indicator-view-gaps", "/anytown/indicators/missing-education/", MEMBER),
    State("indicator-view-redefined-early", "/anytown/indicators/assessments/", MEMBER),
    State("indicator-view-awaited", "/anytown/indicators/pwits/?month=2026-11", COORDINATOR),
    State("indicator-view-history", "/anytown/indicators/lines/?page=2", COORDINATOR),
    State("indicator-view-version", "/anytown/indicators/lines/?month=2026-10&version=1", MEMBER),
    State("indicator-view-of-a-draft", "/anytown/indicators/lines/?month=2026-11", MEMBER, status=403),
    State("indicator-view-unknown", "/anytown/indicators/nope/", MEMBER, status=404),
    State("indicator-list-filtered", "/anytown/indicators/?board=csp&judgement=usual", MEMBER),
    State("indicator-list-none", "/anytown/indicators/?section=lines&judgement=worse", MEMBER),
    State("indicator-list-unknown-filter", "/anytown/indicators/?section=nope&agency=nhs", MEMBER),
    State("search", "/anytown/search/", MEMBER),
    State("search-found", "/anytown/search/?q=cuckooed", COORDINATOR),
    State("search-nothing", "/anytown/search/?q=nothing+of+the+kind", MEMBER),
    State("search-blank", "/anytown/search/?q=+", MEMBER),
    State("method", "/anytown/method/", MEMBER),
    State("exports", "/anytown/exports/", MEMBER),
    State("exports-drafts", "/anytown/exports/", COORDINATOR),
    State("exports-no-month", "/southend/exports/", "coordinator@southend.example", status=404),
    State("board-draft", f"{NOVEMBER}csp/", COORDINATOR),
    State("returns-own", "/anytown/returns/", LEAD),
    State("present", f"{OCTOBER}present/", MEMBER),
    State("present-chart", f"{OCTOBER}present/?chart=cuckooed", MEMBER),
    State("present-plan", f"{OCTOBER}present/?show=plan", MEMBER),
    State("present-chart-noting", f"{OCTOBER}present/?chart=cuckooed", STRATEGIC),
    State("present-plan-noting", f"{OCTOBER}present/?show=plan", STRATEGIC),
    State("lines", f"{OCTOBER}lines/", MEMBER),
    State("lines-draft", f"{NOVEMBER}lines/", COORDINATOR),
    State("lines-first", "/anytown/2023-11/lines/", MEMBER),
    State("lines-wrong-month", f"{OCTOBER}lines/?month=soon", MEMBER, status=404),
    State("month-version", f"{OCTOBER}?version=1", MEMBER),
    State("month-version-unknown", f"{OCTOBER}?version=2", MEMBER, status=404),
    State("changes-none", "/anytown/changes/2026-10/", MEMBER),
    State("corrections-none", "/anytown/corrections/publish/", COORDINATOR),
)

CHECK = "Check November 2026 figures"
PERSONAL = "Ring 07700 900123"  # is asked about


def unfold(page: Page, name: str) -> None:
    """Show a figure's reason and note, if they aren't shown."""
    folded = page.locator(f"[data-row='{name}'] .vv-return__fold:not([open]) summary")
    if folded.count():
        folded.click()


def give_reason(page: Page, name: str, reason: str) -> None:
    unfold(page, name)
    page.locator(f"[name='{name}:reason']").select_option(reason)


def faulty(page: Page) -> None:
    """A word, a negative number, a reason beside a number, a reason without a note."""
    page.locator("[name='lines.london:value']").fill("twelve")
    page.locator("[name='lines.birmingham:value']").fill("-1")
    give_reason(page, "drug-arrests.young-people", "not_available")
    page.locator("[name='pwits:value']").fill("3")
    give_reason(page, "pwits", "not_applicable")
    send(page, CHECK)


def unusual(page: Page) -> None:
    """Everything filled in, and one figure far above the usual range."""
    for control in page.locator("input[name$=':value']").all():
        control.fill("4")
    page.locator("[name='drug-arrests.adults:value']").fill("400")
    send(page, CHECK)


def paste(block: str) -> Act:
    """Put a block into the box for it, and press the button."""

    def act(page: Page) -> None:
        page.get_by_text("Paste from a spreadsheet").click()
        press("Preview the changes", pasted=block)(page)

    return act


def filled(page: Page) -> None:
    """Everything filled in, and not sent."""
    for control in page.locator("input[name$=':value']").all():
        control.fill("4")


def opened(page: Page) -> None:
    """What is counted is shown."""
    for summary in page.locator("main summary").all()[:3]:
        summary.click()


def send_file(content: str) -> Act:
    """Choose a file of figures, and press the button."""

    def act(page: Page) -> None:
        page.locator("#file").set_input_files(
            {"name": "return.csv", "mimeType": "text/csv", "buffer": content.encode()}
        )
        send(page, "Preview the changes")

    return act


FIGURES = """agency,indicator,category,month,value,state,note
police,pwits,,2026-11,1200,,
police,missing-home,,2026-11,,not_available,The system was down
"""

COUNTY_FIGURES = """area,agency,indicator,category,month,value,state,note
town-2,police,arrests,,2026-11,12,,
town-3,police,arrests,,2026-11,many,,
elsewhere,police,arrests,,2026-11,3,,
"""
TOGETHER = "/returns/2026-11/"


def county(*ready: str, faulty: str = "") -> Act:
    """Fill in all figures of some towns, a word in one of another, and have all of them checked."""

    def act(page: Page) -> None:
        for town in ready:
            for control in page.locator(f"input[name^='{town}/'][name$=':value']").all():
                control.fill("4")
        if faulty:
            page.locator(f"[name='{faulty}/police/arrests:value']").fill("many")
        send(page, "Check all")

    return act


RETURNED_TOGETHER = (
    State("together", TOGETHER, COUNTY),
    State("together-paste-nowhere", TOGETHER, COUNTY, paste("1\n2")),
    State("together-check", TOGETHER, COUNTY, county("town-2", "town-3", faulty="town-4")),
    State("together-check-none", TOGETHER, COUNTY, county(faulty="town-5")),
    State("together-check-again", f"{TOGETHER}check/", COUNTY),
    State("together-none", TOGETHER, MEMBER),
    State("together-file", f"{TOGETHER}file/", COUNTY),
    State("together-file-none", f"{TOGETHER}file/", COUNTY, press("Preview the changes")),
    State("together-file-preview", f"{TOGETHER}file/", COUNTY, send_file(COUNTY_FIGURES)),
    State("home-county", "/town-2/", COUNTY),
    State("mine-county", "/town-2/mine/", COUNTY),
    State("areas-county", "/", COUNTY),
)
RETURNED = (
    State("return-draft", f"{RETURNS}police/", LEAD),
    State("return-definitions", f"{RETURNS}police/", LEAD, opened),
    State("return-errors", f"{RETURNS}police/", LEAD, faulty),
    State("return-unusual", f"{RETURNS}police/", LEAD, unusual),
    State("return-filled", f"{RETURNS}police/", LEAD, filled),
    State("return-paste", f"{RETURNS}police/", LEAD, paste("Burglary\t31\nLondon\t1,200\tmore\nBirmingham\t0.4")),
    State("return-paste-refused", f"{RETURNS}nhs/", NHS, paste("\n".join("1234"))),
    State("return-nil", f"{RETURNS}education/nil/", "education.lead@anytown.example"),
    State("return-receipt", f"{RETURNS}council-children/receipt/", CHILDREN),
    State("return-receipt-accepted", f"{RETURNS}council-housing/receipt/", HOUSING),
    State("return-file", f"{RETURNS}police/file/", LEAD),
    State("return-file-none", f"{RETURNS}police/file/", LEAD, press("Preview the changes")),
    State("return-file-unreadable", f"{RETURNS}police/file/", LEAD, send_file("%PDF-1.7")),
    State("return-file-preview", f"{RETURNS}police/file/", LEAD, send_file(FIGURES)),
    State("return-file-errors", f"{RETURNS}police/file/", LEAD, send_file(FIGURES.replace("1200", "12a"))),
    State("return-empty", f"{RETURNS}nhs/", NHS),
    State("return-returned", f"{RETURNS}youth-justice/", JUSTICE),
    State("return-check", f"{RETURNS}youth-justice/check/", JUSTICE),
    State("return-submitted", f"{RETURNS}council-children/", CHILDREN),
    State("return-to-decide", f"{RETURNS}council-children/", COORDINATOR),
    State(
        "return-to-release",
        f"{RETURNS}council-community-safety/",
        "council-community-safety.approver@anytown.example",
    ),
    State("return-accepted", f"{RETURNS}council-housing/", COORDINATOR),
    State("return-read-draft", f"{RETURNS}police/", COORDINATOR),
    State("return-read-returned", f"{RETURNS}youth-justice/", COORDINATOR),
    State("return-read-none", f"{RETURNS}nhs/", COORDINATOR),
    State("return-published", "/anytown/returns/2026-10/police/", LEAD),
    State("return-no-comment", f"{RETURNS}council-children/", COORDINATOR, press("Send it back to")),
    State("return-asks", f"{RETURNS}council-children/", COORDINATOR, press("Send it back to", comment=PERSONAL)),
    State("grid-open", RETURNS, COORDINATOR),
    State("grid-none-chosen", RETURNS, COORDINATOR, press("Accept the chosen returns")),
    State("grid-read", RETURNS, STRATEGIC),
    State("grid-published", "/anytown/returns/2026-10/", COORDINATOR),
    State("months", "/anytown/months/", COORDINATOR),
    State("month-take-away", "/anytown/months/2026-11/take-away/", COORDINATOR),
    State("month-close", CLOSE, COORDINATOR),
    State("month-close-errors", CLOSE, COORDINATOR, press("Close November 2026")),
    State("month-closed-already", "/anytown/months/2026-10/close/", COORDINATOR),
    State("month-take-back-late", "/anytown/months/2026-10/take-back/", COORDINATOR),
)

FIGURES = "/anytown/figures/2026-10/"
OF_FIGURES = (
    State("figure", f"{FIGURES}pwits/", LEAD),
    State("figure-errors", f"{FIGURES}pwits/", LEAD, press("Ask to correct", value="12a", why="")),
    State("figure-asks", f"{FIGURES}pwits/", LEAD, press("Ask to correct", value="3", why=PERSONAL)),
    State("figure-coordinator", f"{FIGURES}pwits/", COORDINATOR),
    State("figure-split", f"{FIGURES}lines/", LEAD),
    State("figure-part", f"{FIGURES}lines/london/", LEAD),
    State("figure-with-its-lead", "/anytown/figures/2026-11/pwits/", LEAD),
    State("figure-refused", f"{FIGURES}pwits/", MEMBER, status=403),
    State("figure-unknown", f"{FIGURES}nope/", LEAD, status=404),
)

REFUSALS = (
    State("refused", SETUP, MEMBER, status=403),
    State("refused-month", NOVEMBER, MEMBER, status=403),
    State("refused-board", f"{OCTOBER}lscb/", MEMBER, status=403),
    State("not-found", "/anytown/2027-01/", MEMBER, status=404),
    State("not-an-address", "/anytown/no/such/page/", MEMBER, status=404),
    State("not-found-stranger", "/no/such/page/", status=404),
)


PUBLIC = "/anytown/public/"


def unfolded(page: Page) -> None:
    """All that folds: what isn't shown, and all figures as a table."""
    for summary in page.locator("main summary").all():
        summary.click()


def end_the_wait(page: Page) -> None:
    """Without a reason: the form is folded away."""
    unfolded(page)
    send(page, "End the wait")


FOR_THE_PUBLIC = (
    State("public-list", PUBLIC, is_public=True),
    State("public-month", f"{PUBLIC}2026-10/", is_public=True, tallest=5_000),
    State("public-month-unfolded", f"{PUBLIC}2026-10/", act=unfolded, is_public=True),
    State("public-about", f"{PUBLIC}2026-10/about/", is_public=True),
    State("public-year", f"{PUBLIC}2026-10/year/", is_public=True),
    State("public-lines", f"{PUBLIC}2026-10/lines/", is_public=True),
    State("public-lines-none", f"{PUBLIC}2026-11/lines/", status=404, is_public=True),
    State("public-month-withdrawn", f"{PUBLIC}2026-07/", status=410, is_public=True),
    State("public-month-none", f"{PUBLIC}2026-11/", status=404, is_public=True),
    State("public-signs", f"{PUBLIC}signs/", is_public=True),
    State("public-signs-none", "/southend/public/signs/", status=404, is_public=True),
    State("privacy", "/privacy/"),
    State("accessibility", "/accessibility/"),
    State("public-privacy", f"{PUBLIC}privacy/", is_public=True),
    State("public-privacy-none", "/southend/public/privacy/", status=404, is_public=True),
    State("public-accessibility", f"{PUBLIC}accessibility/", is_public=True),
    State("public-packs", f"{PUBLIC}packs/", is_public=True),
    State("public-pack", f"{PUBLIC}packs/ANYTOWN-2026-10-HWBB-1/", is_public=True),
    State("public-pack-none", f"{PUBLIC}packs/ANYTOWN-2026-10-CSP-1/", status=404, is_public=True),
    State("public-documents", f"{PUBLIC}documents/", is_public=True),
    State("public-document", f"{PUBLIC}documents/ANYTOWN-REVIEW-2025-2/", is_public=True),
    State("public-document-none", f"{PUBLIC}documents/ANYTOWN-REVIEW-2025-1/", status=404, is_public=True),
)

PACKS = "/anytown/packs/"


def issue_wrongly(page: Page) -> None:
    page.locator("#issue_meeting").fill("")
    page.locator("#issue_meeting_on").fill("31 2 2026")
    send(page, "Issue this pack")


MAKE = f"{PACKS}make/?board=csp&month=2026-10"
OF_PACKS = (
    State("packs", PACKS, COORDINATOR),
    State("packs-member", PACKS, MEMBER),
    State("packs-filtered", f"{PACKS}?board=csp&month=2026-10", COORDINATOR),
    State("packs-no-such-filter", f"{PACKS}?board=nope", COORDINATOR),
    State("packs-empty", "/southend/packs/", "coordinator@southend.example"),
    State("packs-refused", PACKS, LEAD, status=403),
    State("pack-choose", f"{PACKS}make/", MEMBER),
    State("pack-choose-errors", f"{PACKS}make/?board=nope&month=2026-10&meeting_on=31+2", COORDINATOR),
    State("pack-make", f"{MAKE}&meeting=Board+meeting", COORDINATOR),
    State("pack-make-member", MAKE, MEMBER),
    State("pack-make-year", f"{MAKE}&kind=year", STRATEGIC),
    State("pack-make-draft", f"{PACKS}make/?board=csp&month=2026-11", COORDINATOR),
    State("pack-make-signals", f"{PACKS}make/?board=strategic&month=2026-10&scope=signals", COORDINATOR),
    State("pack-make-appendix", f"{PACKS}make/?board=hwbb&month=2026-10&kind=appendix", COORDINATOR),
    State("pack-make-errors", MAKE, COORDINATOR, issue_wrongly),
    State("pack-issued", f"{PACKS}ANYTOWN-2026-10-CSP-1/", COORDINATOR),
    State("pack-issued-member", f"{PACKS}ANYTOWN-2026-10-CSP-1/", MEMBER),
    State("pack-issued-public", f"{PACKS}ANYTOWN-2026-10-HWBB-1/", COORDINATOR),
    State("bundle-waiting", f"{PACKS}bundles/1/", STRATEGIC),
    State("bundle-finished", PACKS, COORDINATOR, press("Make all boards’ packs")),
    State("bundle-none", f"{PACKS}bundles/99/", STRATEGIC, status=404),
    State("pack-none", f"{PACKS}ANYTOWN-2026-10-CSP-99/", MEMBER, status=404),
    State("pack-refused", f"{PACKS}2026-10/csp/?kind=nope", MEMBER, status=400),
)


def without_what_is_required(page: Page) -> None:
    """Empty every field of the page's first form, and press its button."""
    for control in (
        page.locator("main form")
        .first.locator("input:not([type=radio], [type=checkbox], [type=hidden]), textarea")
        .all()
    ):
        control.fill("")
    send(page)


def part(folder: str, code: str = "") -> Iterator[State]:
    """The pages of one kind of thing: its list; add; change one. Each form with errors too."""
    name, path = folder.replace("/", "-"), f"{SETUP}{folder}/"
    yield State(name, path, COORDINATOR)
    yield State(f"{name}-add", f"{path}add/", COORDINATOR)
    yield State(f"{name}-add-errors", f"{path}add/", COORDINATOR, without_what_is_required)
    if code:
        yield State(f"{name}-edit", f"{path}{code}/edit/", COORDINATOR)
        yield State(f"{name}-edit-errors", f"{path}{code}/edit/", COORDINATOR, without_what_is_required)


INDICATOR = f"{SETUP}indicators/lines/"
# As many lines as the board has; a challenge of the demo is about the third, which would say something else.
OTHER_DUTY = "Safeguarding assessments\nChild sexual exploitation measures\nSchool visits\nReferrals to the NRM\nA team"
SET_UP = (
    State("setup", SETUP, COORDINATOR),
    *part("agencies", "police"),
    *part("boards", "csp"),
    *part("strands", "prevent"),
    *part("sections", "lines"),
    *part("rules", "groups-have-lines"),
    *part("pathways", "cuckooed-homes"),
    *part("pathways/cuckooed-homes/steps", "found"),
    *part("dimensions", "origin"),
    *part("dimensions/origin/categories", "london"),
    *part("indicators", "lines"),
    *part("people"),
    State("population-list", "/southend/setup/populations/", "coordinator@southend.example"),
    State("population-list-none", f"{SETUP}populations/", COORDINATOR),
    State("returns-edit", f"{SETUP}returns/", COORDINATOR),
    State("returns-edit-errors", f"{SETUP}returns/", COORDINATOR, press("Save the days", due_day="29", check_days="")),
    State("publisher-edit", f"{SETUP}publisher/", COORDINATOR),
    State("publisher-edit-errors", f"{SETUP}publisher/", COORDINATOR, press("Save", publisher="", contact="ask us")),
    State("signs-edit", f"{SETUP}signs/", COORDINATOR),
    State(
        "signs-edit-errors", f"{SETUP}signs/", COORDINATOR, press("Save the signs", signs="", how_to_report="x" * 2001)
    ),
    State("signs-edit-personal", f"{SETUP}signs/", COORDINATOR, press("Save the signs", signs="Ring 07700 900123")),
    State("signs-edit-first", "/southend/setup/signs/", "coordinator@southend.example"),
    State("signs-preview", f"{SETUP}signs/preview/", COORDINATOR),
    State("statements-edit", f"{SETUP}statements/", COORDINATOR),
    State("statements-edit-errors", f"{SETUP}statements/", COORDINATOR, press("Save both", privacy="x" * 4001)),
    State(
        "statements-edit-personal", f"{SETUP}statements/", COORDINATOR, press("Save both", privacy="Ring 07700 900123")
    ),
    State("statements-edit-saved", "/southend/setup/statements/", "coordinator@southend.example", press("Save both")),
    State("people-file", f"{SETUP}people/file/", COORDINATOR),
    State("people-file-faults", f"{SETUP}people/file/", COORDINATOR, press("See what", table="Al;al at x;Boss;Police")),
    State("people-file-good", f"{SETUP}people/file/", COORDINATOR, press("See what", table="Al;al@x.example;Analyst")),
    State("people-unused", f"{SETUP}people/unused/", COORDINATOR),
    State("people-unused-done", f"{SETUP}people/unused/", COORDINATOR, press("Record")),
    State("person-remove", f"{SETUP}people/1/remove/", COORDINATOR),
    State("person-remove-refused", f"{SETUP}people/1/remove/", COORDINATOR, press("Ask to end the role")),
    State("board-other-duty", f"{SETUP}boards/lscb/edit/", COORDINATOR, press("Save", responsibilities=OTHER_DUTY)),
    State("board-order", f"{SETUP}boards/csp/order/", COORDINATOR),
    State("board-order-errors", f"{SETUP}boards/csp/order/", COORDINATOR, without_what_is_required),
    State("indicator-personal", f"{INDICATOR}edit/", COORDINATOR, press("Save indicator", source="Ring 07700 900123")),
    State("definition-add", f"{INDICATOR}define/", COORDINATOR),
    State("definition-add-errors", f"{INDICATOR}define/", COORDINATOR, without_what_is_required),
    State("definition-edit", f"{INDICATOR}definitions/2023-11/", COORDINATOR),
    State("definition-edit-errors", f"{INDICATOR}definitions/2023-11/", COORDINATOR, without_what_is_required),
    State("commentary", f"{NOVEMBER}commentary/", "analyst@anytown.example"),
    State("commentary-published", f"{OCTOBER}commentary/csp/", COORDINATOR),
    State(
        "commentary-preview",
        f"{NOVEMBER}commentary/csp/",
        "analyst@anytown.example",
        press("Preview", text="One paragraph.\n\nAnother one."),
    ),
    State(
        "commentary-too-long",
        f"{NOVEMBER}commentary/",
        COORDINATOR,
        press("Sign and save the draft", text="word " * 301),
    ),
    State("year", f"{OCTOBER}year/", MEMBER),
    State("year-draft", f"{NOVEMBER}year/", COORDINATOR),
    State("recording", f"{INDICATOR}recording/", COORDINATOR),
    State("recording-errors", f"{INDICATOR}recording/", COORDINATOR, without_what_is_required),
    State("recording-waits", f"{SETUP}indicators/drug-arrests/recording/", COORDINATOR),
    State("recording-decide", f"{SETUP}indicators/drug-arrests/recording/1/", COORDINATOR),
    State("recording-decide-own", f"{SETUP}indicators/drug-arrests/recording/1/", "analyst@anytown.example"),
    State("level-name", "/anytown/indicators/appropriate-adult/level/", COORDINATOR),
    State("level-name-errors", "/anytown/indicators/appropriate-adult/level/", COORDINATOR, without_what_is_required),
    State("indicator-nhs", "/anytown/indicators/appropriate-adult/?chart=nhs", COORDINATOR),
    State("indicator-level", "/anytown/indicators/appropriate-adult/", MEMBER),
    State("indicator-retire", f"{INDICATOR}retire/", COORDINATOR),
    State("indicator-retire-errors", f"{INDICATOR}retire/", COORDINATOR, without_what_is_required),
)

INFORMATION = "information@anytown.example"
DISCLOSURE = "/anytown/disclosure/"


def choose(kind: str, button: str, **typed: str) -> Act:
    """Choose a kind of disclosure rule, and press a button."""

    def act(page: Page) -> None:
        page.locator(f"main [name='kind'][value='{kind}']").check()
        press(button, **typed)(page)

    return act


TRY = "Check what would change"
OF_DISCLOSURE = (
    State("disclosure", DISCLOSURE, INFORMATION),
    State("disclosure-reader", DISCLOSURE, COORDINATOR),
    State("disclosure-usual", f"{DISCLOSURE}usual/", INFORMATION),
    State(
        "disclosure-usual-effect",
        f"{DISCLOSURE}usual/",
        INFORMATION,
        choose("round", TRY, why="The NHS asks for it", suppress_to="7", base="5"),
    ),
    State("disclosure-edit", f"{DISCLOSURE}indicator/juveniles/", INFORMATION),
    State(
        "disclosure-edit-effect",
        f"{DISCLOSURE}indicator/lines/",
        INFORMATION,
        choose("suppress", TRY, why="Asked for", below="8"),
    ),
    State(
        "disclosure-edit-errors",
        f"{DISCLOSURE}agency/police/",
        INFORMATION,
        choose("suppress", TRY, why="", below="10000"),
    ),
    State(
        "disclosure-removal-effect",
        f"{DISCLOSURE}indicator/juveniles/",
        INFORMATION,
        press("Check what removing it would change", **{"remove-why": "By mistake"}),
    ),
    State("openness", f"{DISCLOSURE}openness/", INFORMATION),
    State("openness-reader", f"{DISCLOSURE}openness/", COORDINATOR),
    State("openness-edit", f"{DISCLOSURE}openness/lines/", INFORMATION),
    State("openness-edit-errors", f"{DISCLOSURE}openness/lines/", INFORMATION, press("Save this decision", why="")),
    State("disclosure-request", f"{DISCLOSURE}requests/4/", COORDINATOR),
    State("disclosure-request-no-reason", f"{DISCLOSURE}requests/4/", COORDINATOR, press("Decline")),
    State("disclosure-request-own", f"{DISCLOSURE}requests/4/", INFORMATION),
    State("disclosure-request-missing", f"{DISCLOSURE}requests/999/", INFORMATION, status=404),
)


def mark(audience: str, marking: str, why: str) -> Act:
    """Choose for whom a month is marked and how, and press the button."""

    def act(page: Page) -> None:
        page.locator(f"main [name='audience'][value='{audience}']").check()
        page.locator(f"main [name='marking'][value='{marking}']").check()
        press("Mark October 2026", why=why)(page)

    return act


MARKINGS, NAMES = "/anytown/markings/", "/anytown/names/"
OF_MARKINGS_AND_NAMES = (
    State("markings", MARKINGS, INFORMATION),
    State("markings-reader", MARKINGS, COORDINATOR),
    State("marking-edit", f"{MARKINGS}2026-10/", INFORMATION),
    State("marking-edit-errors", f"{MARKINGS}2026-10/", INFORMATION, press("Mark October 2026", why="")),
    State("marking-edit-same", f"{MARKINGS}2026-10/", INFORMATION, mark("partners", "OFFICIAL-SENSITIVE", "Again")),
    State(
        "marking-edit-takes-down",
        f"{MARKINGS}2026-10/",
        INFORMATION,
        mark("public", "OFFICIAL-SENSITIVE", "It names a place"),
    ),
    State("marking-refused", f"{MARKINGS}2026-10/", COORDINATOR, status=403),
    State("names-officer", NAMES, INFORMATION),
    State("names-officer-errors", NAMES, INFORMATION, press("Let this person see names", why="")),
    State("names-officer-personal", NAMES, INFORMATION, press("Let this person see names", why="Ring 07700 900123")),
    State("names-refused", NAMES, COORDINATOR, status=403),
)

PUBLISHING = "/anytown/publishing/"
OF_PUBLISHING = (
    State("publishing", PUBLISHING, COORDINATOR),
    State("publishing-officer", PUBLISHING, INFORMATION),
    State("publishing-off", f"{PUBLISHING}off/", INFORMATION),
    State("publishing-month", f"{PUBLISHING}2026-06/", COORDINATOR),
    State("publishing-month-published", f"{PUBLISHING}2026-10/", INFORMATION),
    State("publishing-month-draft", f"{PUBLISHING}2026-11/", COORDINATOR),
    State("publishing-month-withdrawn", f"{PUBLISHING}2026-07/", INFORMATION),
    State("publishing-withdraw", f"{PUBLISHING}2026-10/withdraw/", INFORMATION),
    State("publishing-withdraw-nothing", f"{PUBLISHING}2026-06/withdraw/", INFORMATION),
    State(
        "publishing-withdraw-errors",
        f"{PUBLISHING}2026-10/withdraw/",
        INFORMATION,
        press("Withdraw October 2026", why=""),
    ),
    State(
        "publishing-withdraw-personal",
        f"{PUBLISHING}2026-10/withdraw/",
        INFORMATION,
        press("Withdraw October 2026", why="Ring 07700 900123"),
    ),
    State("publishing-withdraw-refused", f"{PUBLISHING}2026-10/withdraw/", COORDINATOR, status=403),
)

HIGHLIGHTS = "/anytown/highlights/"


def show_picture(page: Page) -> None:
    page.locator("main [name='picture']").set_input_files(
        {"name": "stall.jpg", "mimeType": "image/jpeg", "buffer": picture(size=(1800, 1200))}
    )
    press("Save the picture", alt="A stall in the High Street")(page)


# Those of the demo are never archived; what is done to one here is done to one of its own.
OF_HIGHLIGHTS = (
    State("highlights", HIGHLIGHTS, MEMBER),
    State("highlights-coordinator", HIGHLIGHTS, COORDINATOR),
    State("highlights-filtered", f"{HIGHLIGHTS}?kind=campaign&year=2026&board=nowhere", MEMBER),
    State("highlights-none", f"{HIGHLIGHTS}?kind=team&board=hwbb&year=2025", MEMBER),
    State("highlights-southend", "/southend/highlights/", "coordinator@southend.example"),
    State("highlight", f"{HIGHLIGHTS}1/", MEMBER),
    State("highlight-coordinator", f"{HIGHLIGHTS}1/", COORDINATOR),
    State("highlight-none", f"{HIGHLIGHTS}999/", MEMBER, status=404),
    State("highlight-add", f"{HIGHLIGHTS}add/", COORDINATOR),
    State("highlight-add-empty", f"{HIGHLIGHTS}add/", COORDINATOR, press("Save")),
    State("highlight-add-personal", f"{HIGHLIGHTS}add/", COORDINATOR, press("Save", story="Ring 07700 900123.")),
    State("highlight-add-refused", f"{HIGHLIGHTS}add/", MEMBER, status=403),
    State("highlight-change", f"{HIGHLIGHTS}1/change/", COORDINATOR),
    State("highlight-change-wrong", f"{HIGHLIGHTS}1/change/", COORDINATOR, press("Save", ends_on="1 1 2001")),
    State("highlight-change-unchecked", f"{HIGHLIGHTS}1/change/", COORDINATOR, press("Save", title="Whose child?")),
    State("highlight-picture", f"{HIGHLIGHTS}1/picture/change/", COORDINATOR),
    State("highlight-picture-wrong", f"{HIGHLIGHTS}1/picture/change/", COORDINATOR, press("Save the picture")),
    State("highlight-picture-shown", f"{HIGHLIGHTS}2/picture/change/", COORDINATOR, show_picture),
    State("highlight-archive", f"{HIGHLIGHTS}3/archive/", COORDINATOR),
    State("highlight-archive-wrong", f"{HIGHLIGHTS}3/archive/", COORDINATOR, press("Archive it")),
    State("highlight-archived", f"{HIGHLIGHTS}4/archive/", COORDINATOR, press("Archive it", why="It was told twice.")),
    State("highlight-bring-back", f"{HIGHLIGHTS}3/bring-back/", COORDINATOR),
    State("highlight-bring-back-wrong", f"{HIGHLIGHTS}3/bring-back/", COORDINATOR, press("Bring it back")),
)


WRITTEN, REVIEW = "/anytown/documents/", "/anytown/documents/4/"
OPEN = f"{WRITTEN}editions/ANYTOWN-REVIEW-2025-2/"
SERVICES = f"{WRITTEN}3/30/"  # a drafted chapter of the needs assessment
NUMBERS = {"title": "Residents", "numbers": "All; 172,300; people", "source": "Census 2021, ONS", "day": "1/12/2026"}
OF_DOCUMENT_FIGURES = (
    State("figure-take", f"{SERVICES}figure/", COORDINATOR),
    State("figure-take-empty", f"{SERVICES}figure/", COORDINATOR, press("Take it")),
    State("figure-take-agreed", f"{WRITTEN}3/28/figure/", COORDINATOR),
    State("figure-type", f"{SERVICES}numbers/", COORDINATOR),
    State("figure-type-empty", f"{SERVICES}numbers/", COORDINATOR, press("Put them into the chapter")),
    State("figure-type-wrong", f"{SERVICES}numbers/", COORDINATOR, press("Put them", **NUMBERS | {"numbers": "All"})),
    State("figure-typed", f"{SERVICES}numbers/", COORDINATOR, press("Put them into the chapter", **NUMBERS)),
    State("figure-remove", f"{WRITTEN}3/figures/13/remove/", COORDINATOR),
    State("document-public", f"{REVIEW}public/", COORDINATOR),
    State("document-public-not-agreed", f"{WRITTEN}3/public/", COORDINATOR),
    State("document-public-officer", f"{REVIEW}public/", INFORMATION),
    State("document-withdraw", f"{OPEN}withdraw/", INFORMATION),
    State("document-withdraw-empty", f"{OPEN}withdraw/", INFORMATION, press("Withdraw it")),
    State("document-withdraw-none", f"{WRITTEN}editions/ANYTOWN-REVIEW-2025-1/withdraw/", INFORMATION),
)
OF_PATHWAYS = (
    State("pathway-list", "/anytown/pathways/", MEMBER),
    State("pathway-list-none", "/southend/pathways/", "coordinator@southend.example"),
    State("pathway", "/anytown/pathways/children-exploited/", MEMBER),
    State("pathway-strategic", "/anytown/pathways/cuckooed-homes/", STRATEGIC),
)

MARKET, ASSESSOR = "/anytown/market/", "public-health.lead@anytown.example"


OF_MARKET = (
    State("market", MARKET, MEMBER),
    State("market-before", f"{MARKET}2025/", MEMBER),
    State("market-none", f"{MARKET}2011/", MEMBER, status=404),
    State("market-southend", "/southend/market/", "coordinator@southend.example", status=404),
    State("market-owner", "/anytown/setup/market/", COORDINATOR),
    State("market-begin", f"{MARKET}begin/", ASSESSOR),
    State("market-begin-wrong", f"{MARKET}begin/", ASSESSOR, press("Begin", year="2026")),
    # The draft of tests.functional.make_demo.
    State("market-draft", f"{MARKET}2019/", ASSESSOR),
    State("market-figure", f"{MARKET}2019/deaths/", ASSESSOR),
    State("market-paste", f"{MARKET}2019/paste/", ASSESSOR),
    State(
        "market-paste-preview",
        f"{MARKET}2019/paste/",
        ASSESSOR,
        press("Preview the changes", pasted="deaths\t9\tStatistics of deaths\t2022"),
    ),
    State("market-lists", f"{MARKET}2019/lists/", ASSESSOR),
    State("market-agree", f"{MARKET}2019/agree/", ASSESSOR),
)

KPIS = "/anytown/kpis/"


def fill_kpi(page: Page, *, button: str = "Could the figures show this change?") -> None:
    """A KPI that this town would hardly see."""
    for name, label in (("kind", "Activity"), ("better", "Lower is better")):
        page.locator(f"main fieldset:has([name='{name}'])").get_by_label(label).check()
    page.locator("main [name='is_own_aim']").check()
    for name, option in (("board", 1), ("strand", 1), ("due", 20)):
        page.locator(f"main [name='{name}']").select_option(index=option)
    press(button, title="Fewer arrests", why="It is too many", smallest="10", review_every="3", target="8")(page)


def set_kpi_without_a_reason(page: Page) -> None:
    fill_kpi(page)
    send(page, "Set this KPI")


OF_KPIS = (
    State("kpis", KPIS, MEMBER),
    State("kpis-coordinator", f"{KPIS}?by=strand", COORDINATOR),
    State("kpis-filtered", f"{KPIS}?state=on_course&kind=nope", MEMBER),
    State("kpis-none", f"{KPIS}?state=met", MEMBER),
    State("kpis-month", f"{KPIS}?month=2025-06", MEMBER),
    State("kpis-southend", "/southend/kpis/", "coordinator@southend.example"),
    State("kpi", f"{KPIS}1/", MEMBER),
    State("kpi-coordinator", f"{KPIS}6/", COORDINATOR),
    State("kpi-unknown", f"{KPIS}99/", MEMBER, status=404),
    State("kpi-choose", f"{KPIS}set/", COORDINATOR),
    State("kpi-set", f"{KPIS}set/drug-arrests/", COORDINATOR),
    State("kpi-set-empty", f"{KPIS}set/drug-arrests/", COORDINATOR, press("Could the figures show this change?")),
    State("kpi-could-see", f"{KPIS}set/drug-arrests/", COORDINATOR, fill_kpi),
    State("kpi-could-see-no-reason", f"{KPIS}set/drug-arrests/", COORDINATOR, set_kpi_without_a_reason),
    State("kpi-move", f"{KPIS}1/move/", COORDINATOR),
    State("kpi-move-no-reason", f"{KPIS}1/move/", COORDINATOR, press("Could the figures show this change?")),
    State("kpi-change", f"{KPIS}1/change/", COORDINATOR),
    State("kpi-review", f"{KPIS}4/review/", "council-children.lead@anytown.example"),
    State("kpi-review-empty", f"{KPIS}1/review/", COORDINATOR, press("Add this review")),
    State("kpi-retire", f"{KPIS}1/retire/", COORDINATOR),
    State("kpi-retire-no-reason", f"{KPIS}1/retire/", COORDINATOR, press("Retire it")),
)

PLAN = "/anytown/plan/"
OF_THE_PLAN = (
    State("plan", PLAN, MEMBER),
    State("plan-coordinator", PLAN, COORDINATOR),
    State("plan-board", f"{PLAN}?board=csp", MEMBER),
    State("plan-filtered", f"{PLAN}?due=overdue&rag=nope", MEMBER),
    State("plan-none", f"{PLAN}?due=overdue&rag=blue", MEMBER),
    State("plan-archived", f"{PLAN}?state=archived", COORDINATOR),
    State("plan-empty", "/southend/plan/", "coordinator@southend.example"),
    State("timeline", f"{PLAN}timeline/", MEMBER),
    State("timeline-table", f"{PLAN}timeline/", MEMBER, opened),
    State("timeline-board", f"{PLAN}timeline/?board=csp", COORDINATOR),
    State("timeline-filtered", f"{PLAN}timeline/?due=overdue&rag=nope", MEMBER),
    State("timeline-none", f"{PLAN}timeline/?due=overdue&rag=blue", MEMBER),
    State("timeline-complete", f"{PLAN}timeline/?state=complete", MEMBER),
    State("timeline-empty", "/southend/plan/timeline/", "coordinator@southend.example"),
    State("strand-plan", f"{PLAN}strands/prevent/", STRATEGIC),
    State("action", f"{PLAN}2/", MEMBER),
    State("action-coordinator", f"{PLAN}2/", COORDINATOR),
    State("action-complete", f"{PLAN}5/", COORDINATOR),
    State("action-unknown", f"{PLAN}999/", MEMBER, status=404),
    State("action-add", f"{PLAN}add/", COORDINATOR),
    State("action-add-errors", f"{PLAN}add/", COORDINATOR, without_what_is_required),
    State("action-add-personal", f"{PLAN}add/", COORDINATOR, press("Add it to the plan", title="Ring 07700 900123")),
    State("action-change", f"{PLAN}2/change/", COORDINATOR),
    State("action-change-errors", f"{PLAN}2/change/", COORDINATOR, press("Save", title="To train", due_on="1 1 2020")),
    State("action-update", f"{PLAN}2/update/", COORDINATOR),
    State("action-update-errors", f"{PLAN}2/update/", COORDINATOR, without_what_is_required),
    State("action-complete-refused", f"{PLAN}2/complete/", COORDINATOR, press("Mark as complete")),
    State("action-reopen", f"{PLAN}5/reopen/", COORDINATOR),
    State("action-archive", f"{PLAN}2/archive/", COORDINATOR),
    State("action-archive-errors", f"{PLAN}2/archive/", COORDINATOR, without_what_is_required),
    State("action-bring-back", f"{PLAN}2/bring-back/", COORDINATOR),
    State("action-hand-over", f"{PLAN}hand-over/8/", COORDINATOR),
    State("action-hand-over-challenges", f"{PLAN}hand-over/10/", COORDINATOR),
    State("action-hand-over-errors", f"{PLAN}hand-over/8/", COORDINATOR, without_what_is_required),
    State("milestone-change", f"{PLAN}1/milestones/1/", COORDINATOR),
    State("milestone-change-errors", f"{PLAN}1/milestones/1/", COORDINATOR, press("Save", title="", due_on="x")),
    State("milestone-remove", f"{PLAN}2/milestones/5/remove/", COORDINATOR),
    State("milestone-remove-errors", f"{PLAN}2/milestones/5/remove/", COORDINATOR, without_what_is_required),
    State("milestone-undo", f"{PLAN}1/milestones/1/undo/", COORDINATOR),
    State("milestone-undo-errors", f"{PLAN}1/milestones/1/undo/", COORDINATOR, without_what_is_required),
    State("milestone-add", f"{PLAN}2/milestones/add/", COORDINATOR),
    State("milestone-add-errors", f"{PLAN}2/milestones/add/", COORDINATOR, without_what_is_required),
    State("milestones-ticked", f"{PLAN}2/", COORDINATOR, press("Save milestones")),
)


def open_and_press(summary: str, button: str) -> Act:
    """Open one of the forms of a page, and send it as it is."""

    def act(page: Page) -> None:
        page.locator("main summary").get_by_text(summary, exact=True).click()
        send(page, button)

    return act


def too_long(page: Page) -> None:
    press("Send the answer", **{"answer-text": "word " * 10_000})(page)


# Those of the demo: 1 is answered, 2 waits for an answer, 3 is accepted, 4 is pressed again, 5 is with a chair.
CHALLENGES, SUPPORT, SAB_CHAIR = "/anytown/challenges/", "/anytown/support/", "sab.chair@anytown.example"
RAISE = f"{CHALLENGES}raise/?indicator=cuckooed&month=2026-10"
ASKED = (
    State("challenges", CHALLENGES, STRATEGIC),
    State("challenges-member", CHALLENGES, MEMBER),
    State("challenges-filtered", f"{CHALLENGES}?state=open&about=action", STRATEGIC),
    State("challenges-none", f"{CHALLENGES}?state=withdrawn&overdue=yes&agency=nope", STRATEGIC),
    State("challenges-empty", "/southend/challenges/", "coordinator@southend.example"),
    State("challenge-raise", RAISE, STRATEGIC),
    State("challenge-raise-errors", RAISE, STRATEGIC, press("Raise this challenge", question="", due_on="31 2 2027")),
    State("challenge-raise-personal", RAISE, STRATEGIC, press("Raise this challenge", question="Ring 07700 900123?")),
    State("challenge-raise-noted", f"{RAISE}&note=900", STRATEGIC),
    State("challenge-choose", f"{CHALLENGES}raise/", STRATEGIC),
    State("challenge-choose-none", f"{CHALLENGES}raise/?about=", STRATEGIC),
    State("challenge-figure-answered", f"{CHALLENGES}1/", HOUSING),
    State("meeting-asks", "/anytown/meetings/6/", STRATEGIC),
    State("challenge-raise-refused", RAISE, MEMBER, status=403),
    State("challenge-to-judge", f"{CHALLENGES}1/", STRATEGIC),
    State("challenge-press-errors", f"{CHALLENGES}1/", STRATEGIC, open_and_press("Ask again", "Ask again")),
    State("challenge-escalate-errors", f"{CHALLENGES}1/", STRATEGIC, open_and_press("Escalate to a chair", "Escalate")),
    State("challenge-to-answer", f"{CHALLENGES}2/", SAB_CHAIR),
    State("challenge-answer-errors", f"{CHALLENGES}2/", SAB_CHAIR, press("Send the answer")),
    State("challenge-answer-too-long", f"{CHALLENGES}2/", SAB_CHAIR, too_long),
    State("challenge-closed", f"{CHALLENGES}3/", STRATEGIC),
    State("challenge-hand-over-errors", f"{CHALLENGES}4/", COORDINATOR, open_and_press("Hand over", "Hand over")),
    State("challenge-escalated", f"{CHALLENGES}5/", MEMBER),
    State("challenge-none", f"{CHALLENGES}999/", STRATEGIC, status=404),
    State("notices", "/anytown/notices/", COORDINATOR),
    State("notices-again", "/anytown/notices/", COORDINATOR, press("Send again")),
    State("notices-none", "/southend/notices/", "coordinator@southend.example"),
    State("notices-refused", "/anytown/notices/", MEMBER, status=403),
    State("support", SUPPORT, STRATEGIC),
    State("support-filtered", f"{SUPPORT}?state=declined&board=nope", STRATEGIC),
    State("support-empty", "/southend/support/", "coordinator@southend.example"),
    State("support-offer", f"{SUPPORT}offer/?strand=prevent", STRATEGIC),
    State("support-offer-errors", f"{SUPPORT}offer/?strand=prevent", STRATEGIC, press("Offer this support")),
    State("support-offered", f"{SUPPORT}1/", STRATEGIC),
    State("support-to-decide", f"{SUPPORT}2/", SAB_CHAIR),
)

MINE = "/anytown/mine/"


def open_updates(page: Page) -> None:
    for summary in page.locator("main summary").all():
        summary.click()


OF_MINE = (
    *(State(f"mine-{who.partition('@')[0]}", MINE, who) for who in (COORDINATOR, STRATEGIC, LEAD, SAB_CHAIR)),
    State("mine-updates", MINE, LEAD, open_updates),
    State("mine-nothing", MINE, "information@anytown.example"),
)

# Those of the demo stay as they are, but for one voice: 4 is overdue, 1 and 2 are closed.
ENGAGEMENT, VOLUNTARY = "/anytown/engagement/", "voluntary-sector.lead@anytown.example"


def archive_one(*links: str) -> Act:
    """Add a session, archive it, and follow links from its page."""

    def act(page: Page) -> None:
        press("Save", held_on="1 3 2025", title="A market stall", groups="0", people="1,240")(page)
        for link in ("Archive it", *links):
            with page.expect_event("load"):
                page.locator("main").get_by_role("link", name=link).click()
            if link == "Archive it":
                press("Archive it", why="It was told twice.")(page)

    return act


OF_ENGAGEMENT = (
    State("home-voluntary", "/anytown/", VOLUNTARY),
    State("mine-voluntary", "/anytown/mine/", VOLUNTARY, open_updates),
    State("return-counted", f"{RETURNS}voluntary-sector/", VOLUNTARY),
    State("sessions", ENGAGEMENT, MEMBER),
    State("sessions-lead", ENGAGEMENT, VOLUNTARY),
    State("sessions-coordinator", ENGAGEMENT, COORDINATOR),
    State("sessions-filtered", f"{ENGAGEMENT}?answers=overdue&year=2026&agency=nowhere", MEMBER),
    State("sessions-waiting", f"{ENGAGEMENT}?answers=waiting", MEMBER),
    State("sessions-none", f"{ENGAGEMENT}?archived=only", MEMBER),
    State("sessions-not-put-in", f"{ENGAGEMENT}carry/2026-11/voluntary-sector/", VOLUNTARY),
    State("sessions-southend", "/southend/engagement/", "coordinator@southend.example"),
    State("session", f"{ENGAGEMENT}1/", MEMBER),
    State("session-lead", f"{ENGAGEMENT}3/", VOLUNTARY),
    State("session-none", f"{ENGAGEMENT}999/", MEMBER, status=404),
    State("session-add", f"{ENGAGEMENT}add/", COORDINATOR),
    State("session-add-empty", f"{ENGAGEMENT}add/", VOLUNTARY, press("Save")),
    State("session-add-personal", f"{ENGAGEMENT}add/", VOLUNTARY, press("Save", title="Ring 07700 900123")),
    State("session-add-refused", f"{ENGAGEMENT}add/", MEMBER, status=403),
    State("session-change", f"{ENGAGEMENT}1/change/", VOLUNTARY),
    State("session-change-wrong", f"{ENGAGEMENT}1/change/", VOLUNTARY, press("Save", people="0", held_on="1 1 1999")),
    State("session-archive", f"{ENGAGEMENT}3/archive/", VOLUNTARY),
    State(
        "session-archive-refused", f"{ENGAGEMENT}3/archive/", VOLUNTARY, press("Archive it", why="It was told twice.")
    ),
    State("session-archived", f"{ENGAGEMENT}add/", VOLUNTARY, archive_one()),
    State("session-bring-back", f"{ENGAGEMENT}add/", VOLUNTARY, archive_one("Bring it back")),
    State("session-not-archived", f"{ENGAGEMENT}3/bring-back/", COORDINATOR),
    State("voices", f"{ENGAGEMENT}you-said/", VOLUNTARY),
    State("voices-filtered", f"{ENGAGEMENT}you-said/?state=done&agency=nowhere", MEMBER),
    State("voices-southend", "/southend/engagement/you-said/", "coordinator@southend.example"),
    State("voice-add", f"{ENGAGEMENT}1/voices/add/", VOLUNTARY),
    State("voice-add-wrong", f"{ENGAGEMENT}1/voices/add/", VOLUNTARY, press("Save", due_on="1 1 2026", said="A light")),
    State("voice-change", f"{ENGAGEMENT}voices/4/change/", VOLUNTARY),
    State("voice-change-answered", f"{ENGAGEMENT}voices/1/change/", VOLUNTARY),
    State("voice-close", f"{ENGAGEMENT}voices/4/close/", VOLUNTARY),
    State("voice-close-empty", f"{ENGAGEMENT}voices/4/close/", VOLUNTARY, press("Save")),
    State("voice-reopen", f"{ENGAGEMENT}voices/1/reopen/", VOLUNTARY),
    State("counted", f"{ENGAGEMENT}counts/", COORDINATOR),
    State("counted-saved", f"{ENGAGEMENT}counts/", COORDINATOR, press("Save")),
)

# Each of these plans a meeting of its own: those of the demo stay as they are.
MEETINGS, GROUPS, SEATS = "/anytown/meetings/", "/anytown/sub-groups/", "/anytown/group/"
DUTY, NOTES = "/anytown/duty/", "/anytown/meeting-notes/"
NOTED = f"{NOTES}add/?kind=challenge&month=2026-10&indicator=cuckooed"
MEETING_PAGES, GROUP_PAGES = ("change", "record", "call-off"), ("change", "retire", "bring-back")


def plan_one(held_on: str, *links: str, looks_at: str = "") -> Act:
    """Plan a meeting, about the newest month or another one, and follow links from its page."""

    def act(page: Page) -> None:
        if looks_at:
            page.locator("main select[name=looks_at]").select_option(looks_at)
        press("Plan it", held_on=held_on)(page)
        for link in links:
            with page.expect_event("load"):
                page.locator("main").get_by_role("link", name=link).first.click()

    return act


def record_one(page: Page) -> None:
    plan_one("20 11 2026", "Record what was discussed")(page)
    page.locator("main input[type=checkbox]").first.check()
    press("Save the record", notes="The figures are late.")(page)


def amend_one(page: Page) -> None:
    record_one(page)
    with page.expect_event("load"):
        page.get_by_role("link", name="Amend the record").click()
    send(page, "Save the record")


def put_one_right(page: Page) -> None:
    record_one(page)
    with page.expect_event("load"):
        page.get_by_role("link", name="Change this meeting").click()
    press("Save", held_on="19 11 2026")(page)


def record_without_its_agenda(page: Page) -> None:
    """As where a form was tampered with."""
    plan_one("20 11 2026", "Record what was discussed")(page)
    page.locator("main [name=agenda]").evaluate("box => box.remove()")
    press("Save the record", notes="The figures are late.")(page)


def record_one_second(page: Page) -> None:
    """Two people record one meeting: the form that was opened before is sent after the other."""
    plan_one("20 11 2026", "Record what was discussed")(page)
    url, before = page.url, page.locator("main [name=agenda]").input_value()
    press("Save the record", notes="The figures are late.")(page)
    page.goto(url)
    page.locator("main [name=agenda]").evaluate("(box, before) => { box.value = before }", before)
    page.locator("main [name=revision]").evaluate("box => { box.value = '0' }")
    press("Save the record", notes="Housing has fewer trainers.")(page)


def decide_in_one(page: Page) -> None:
    record_one(page)
    with page.expect_event("load"):
        page.get_by_role("link", name="Add a decision as an action").click()


def attend_otherwise(page: Page) -> None:
    """Change who was there, without a reason."""
    page.get_by_label("Sent apologies").first.check()
    press("Save who was there")(page)


def set_up_one(code: str, *links: str) -> Act:
    """Set up a sub-group, and follow links from its page."""

    def act(page: Page) -> None:
        page.locator("main select[name=board]").select_option(index=1)
        page.locator("main [name=members]").first.check()
        press("Set it up", name=f"The {code} sub-group", code=code, remit="To tell drivers what to look for.")(page)
        for link in links:
            with page.expect_event("load"):
                page.locator("main").get_by_role("link", name=link).first.click()

    return act


def retire_one(page: Page) -> None:
    set_up_one("hotels", "Retire it")(page)
    press("Retire it", why="Its task is done.")(page)


DOCUMENTS, SOUTHEND = "/southend/documents/", "coordinator@southend.example"
DOCUMENT, CHAPTER = f"{DOCUMENTS}900/", f"{DOCUMENTS}900/900/"
OF_DOCUMENTS = (
    State("document-list", DOCUMENTS, SOUTHEND),
    State("document-begin", f"{DOCUMENTS}begin/", SOUTHEND),
    State("document-begin-empty", f"{DOCUMENTS}begin/", SOUTHEND, press("Begin it")),
    State("document", DOCUMENT, SOUTHEND),
    State("document-none", f"{DOCUMENTS}999/", SOUTHEND, status=404),
    State("document-read", f"{DOCUMENT}read/", SOUTHEND),
    State("document-remove-frozen", f"{DOCUMENT}remove/", SOUTHEND),
    State("document-edition", f"{DOCUMENTS}editions/SOUTHEND-NEEDS-2026-1/", SOUTHEND),
    State("document-chapter", CHAPTER, SOUTHEND),
    State("document-chapter-comment-empty", CHAPTER, SOUTHEND, press("Comment")),
    State("chapter-write", f"{CHAPTER}write/", SOUTHEND),
    State("chapter-write-look", f"{CHAPTER}write/", SOUTHEND, press("Look at it first")),
    State("chapter-write-empty", f"{CHAPTER}write/", SOUTHEND, press("Save", text="")),
    State("chapter-add", f"{DOCUMENT}add/", SOUTHEND),
    State("chapter-add-empty", f"{DOCUMENT}add/", SOUTHEND, press("Add the chapter")),
    State("chapter-change", f"{CHAPTER}change/", SOUTHEND),
    State("chapter-remove", f"{CHAPTER}remove/", SOUTHEND),
    State("comment-settle", f"{DOCUMENT}comments/900/", SOUTHEND),
    State("comment-settle-empty", f"{DOCUMENT}comments/900/", SOUTHEND, press("Settle the comment")),
)

OF_MEETINGS = (
    State("meetings", MEETINGS, MEMBER),
    State("meetings-coordinator", MEETINGS, COORDINATOR),
    State("meetings-filtered", f"{MEETINGS}?state=called_off&year=2026&body=board:nope", STRATEGIC),
    State("meetings-southend", "/southend/meetings/", "coordinator@southend.example"),
    State("meeting-none", f"{MEETINGS}999/", MEMBER, status=404),
    State("meeting-add", f"{MEETINGS}add/", COORDINATOR),
    State("meeting-add-empty", f"{MEETINGS}add/", COORDINATOR, press("Plan it")),
    State("meeting-add-no-month", "/southend/meetings/add/", "coordinator@southend.example"),
    State("meeting-add-refused", f"{MEETINGS}add/", MEMBER, status=403),
    State("meeting-planned", f"{MEETINGS}add/?board=csp", COORDINATOR, plan_one("4 12 2026")),
    State("meeting-newer", f"{MEETINGS}add/?board=csp", COORDINATOR, plan_one("4 12 2026", looks_at="2026-08.1")),
    State("meeting-change", f"{MEETINGS}add/?board=csp", COORDINATOR, plan_one("4 12 2026", "Change this meeting")),
    State("meeting-call-off", f"{MEETINGS}add/?board=csp", COORDINATOR, plan_one("4 12 2026", "Cancel this meeting")),
    State("meeting-record", f"{MEETINGS}add/?board=strategic", COORDINATOR, plan_one("20 11 2026", "Record what")),
    State("meeting-held", f"{MEETINGS}add/?board=csp", COORDINATOR, record_one),
    State("meeting-amend-wrong", f"{MEETINGS}add/?board=csp", COORDINATOR, amend_one),
    State("meeting-put-right-wrong", f"{MEETINGS}add/?board=csp", COORDINATOR, put_one_right),
    State("meeting-record-lost", f"{MEETINGS}add/?board=csp", COORDINATOR, record_without_its_agenda),
    State("meeting-record-second", f"{MEETINGS}add/?board=csp", COORDINATOR, record_one_second),
    State("meeting-decision", f"{MEETINGS}add/?board=csp", COORDINATOR, decide_in_one),
    State("meeting-attendance", f"{MEETINGS}5/attendance/", COORDINATOR),
    State("meeting-attendance-no-reason", f"{MEETINGS}5/attendance/", COORDINATOR, attend_otherwise),
    State("meeting-attendance-none", f"{MEETINGS}999/attendance/", COORDINATOR, status=404),
    State("group", SEATS, MEMBER),
    State("group-coordinator", SEATS, COORDINATOR),
    State("group-southend", "/southend/group/", "coordinator@southend.example"),
    State("seat-add", f"{SEATS}add/", COORDINATOR),
    State("seat-add-empty", f"{SEATS}add/", COORDINATOR, press("Add the member")),
    State("seat-change", f"{SEATS}1/change/", COORDINATOR),
    State("seat-end", f"{SEATS}1/end/", COORDINATOR),
    *(State(f"seat-{page}-none", f"{SEATS}999/{page}/", COORDINATOR, status=404) for page in ("change", "end")),
    State("notes", NOTES, STRATEGIC),
    State("notes-coordinator", NOTES, COORDINATOR),
    State("notes-none", "/southend/meeting-notes/", "coordinator@southend.example"),
    State("note-decision", f"{NOTES}add/?kind=decision&month=2026-10", STRATEGIC),
    State("note-challenge", NOTED, STRATEGIC),
    State("note-challenge-empty", NOTED, STRATEGIC, press("Save the draft")),
    State("note-challenge-refused", NOTED, COORDINATOR, status=403),
    State("note-no-month", "/southend/meeting-notes/add/", "coordinator@southend.example", status=404),
    State("note-delete", f"{NOTES}900/delete/", STRATEGIC),
    State("note-delete-none", f"{NOTES}999/delete/", STRATEGIC, status=404),
    State("duty", DUTY, MEMBER),
    State("duty-coordinator", DUTY, COORDINATOR),
    State("duty-southend", "/southend/duty/", "coordinator@southend.example"),
    State("duty-start", "/southend/duty/start/", "coordinator@southend.example"),
    State("duty-end", f"{DUTY}end/", COORDINATOR),
    State("authority-add", f"{DUTY}add/", COORDINATOR),
    State("authority-add-empty", f"{DUTY}add/", COORDINATOR, press("Add it")),
    State("authority-change", f"{DUTY}1/change/", COORDINATOR),
    State("act-add", f"{DUTY}1/act/", COORDINATOR),
    State("act-add-empty", f"{DUTY}1/act/", COORDINATOR, press("Save it")),
    State("act-remove", f"{DUTY}acts/1/remove/", COORDINATOR),
    State("act-remove-none", f"{DUTY}acts/999/remove/", COORDINATOR, status=404),
    *(State(f"authority-{page}-none", f"{DUTY}999/{page}/", COORDINATOR, status=404) for page in ("change", "act")),
    State("sub-groups", GROUPS, MEMBER),
    State("sub-groups-southend", "/southend/sub-groups/", "coordinator@southend.example"),
    State("sub-group-add", f"{GROUPS}add/", COORDINATOR),
    State("sub-group-add-empty", f"{GROUPS}add/", COORDINATOR, press("Set it up")),
    State("sub-group", f"{GROUPS}add/", COORDINATOR, set_up_one("taxis")),
    State("sub-group-change", f"{GROUPS}add/", COORDINATOR, set_up_one("shops", "Change this sub-group")),
    State("sub-group-retire", f"{GROUPS}add/", COORDINATOR, set_up_one("trains", "Retire it")),
    State("sub-group-retired", f"{GROUPS}add/", COORDINATOR, retire_one),
    *(State(f"meeting-{page}-none", f"{MEETINGS}999/{page}/", COORDINATOR, status=404) for page in MEETING_PAGES),
    State("sub-group-none", f"{GROUPS}nope/", MEMBER, status=404),
    *(State(f"sub-group-{page}-none", f"{GROUPS}nope/{page}/", COORDINATOR, status=404) for page in GROUP_PAGES),
    State("place-edit", f"{SETUP}place/", COORDINATOR),
    State("place-edit-half", f"{SETUP}place/", COORDINATOR, press("Save the coordinates", latitude="")),
    State("meetings-edit", f"{SETUP}meetings/", COORDINATOR),
    State("meetings-edit-errors", f"{SETUP}meetings/", COORDINATOR, press("Save the number", silent_meetings="13")),
)

EVENTS, IMPACT = "/anytown/events/", "/anytown/impact/"
DIRECTOR = "director@essex.example"

KEYS, OWN_KEYS = "/anytown/keys/", "/southend/keys/"


def open_form_of_key(page: Page) -> None:
    """Keys are turned on, if nobody has done it yet."""
    if page.get_by_role("button", name="Turn keys on").count():
        send(page, "Turn keys on")
    with page.expect_navigation():
        page.get_by_role("button", name="Make a key").click()
    confirm_by_password(page)


def make_key(page: Page) -> None:
    """Each with a name of its own."""
    open_form_of_key(page)
    page.locator("[name=name]").fill(f"Excel {time_ns()}")
    page.locator("[name=scopes]").first.check()
    send(page, "Make this key")


def make_key_wrongly(page: Page) -> None:
    open_form_of_key(page)
    press("Make this key", ends_on="1 May 2099")(page)


def open_key(page: Page) -> None:
    make_key(page)
    open_newest(page)


def open_newest(page: Page) -> None:
    page.goto(OWN_KEYS)
    with page.expect_navigation():
        page.get_by_role("link", name="Open").first.click()


def open_uses(page: Page) -> None:
    """A key that has just asked for what it may read, and for what it may not."""
    make_key(page)
    sent = {"Authorization": f"Bearer {page.locator('.govuk-inset-text code').inner_text()}"}
    for path in ("", "/months", "/plan"):
        page.request.get(f"/api/v1/areas/southend{path}", headers=sent)
    open_newest(page)
    with page.expect_navigation():
        page.get_by_role("link", name="Uses by hour").click()


REGION_KEYS = "/regions/essex/keys/"


def make_region_key(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Make a key").click()
    confirm_by_password(page)
    page.locator("[name=name]").fill(f"Notebook {time_ns()}")
    send(page, "Make this key")


def open_region_key(page: Page) -> None:
    make_region_key(page)
    page.goto(REGION_KEYS)
    with page.expect_navigation():
        page.get_by_role("link", name="Open").first.click()


def open_region_uses(page: Page) -> None:
    open_region_key(page)
    with page.expect_navigation():
        page.get_by_role("link", name="Uses by hour").click()


OF_KEYS = (
    State("keys-off", KEYS, LEAD),
    State("keys-none-of-mine", "/account/keys/", MEMBER),
    State("keys-officer", OWN_KEYS, "information@southend.example"),
    State("key-add", OWN_KEYS, "coordinator@southend.example", open_form_of_key),
    State("key-add-wrong", OWN_KEYS, "coordinator@southend.example", make_key_wrongly),
    State("key-made", OWN_KEYS, "coordinator@southend.example", make_key),
    State("key", OWN_KEYS, "coordinator@southend.example", open_key),
    State("key-uses", OWN_KEYS, "coordinator@southend.example", open_uses),
    State("keys-mine", "/account/keys/", "coordinator@southend.example"),
    State("api", "/api/v1/", is_public=True),
    State("region-keys", REGION_KEYS, DIRECTOR),
    State("region-key-made", REGION_KEYS, DIRECTOR, make_region_key),
    State("region-key", REGION_KEYS, DIRECTOR, open_region_key),
    State("region-key-uses", REGION_KEYS, DIRECTOR, open_region_uses),
    State("region-keys-not-yours", REGION_KEYS, COORDINATOR, status=404),
    State("region-key-missing", f"{REGION_KEYS}999/", DIRECTOR, status=404),
    State("region-key-uses-missing", f"{REGION_KEYS}999/uses/", DIRECTOR, status=404),
    State("key-missing", f"{KEYS}999/", COORDINATOR, status=404),
    State("key-uses-missing", f"{KEYS}999/uses/", COORDINATOR, status=404),
)


def give_consent(page: Page) -> None:
    """One that waits for the information officer, and its page."""
    press("Give this permission", starts_on="1 May 2028", ends_on="30 April 2029")(page)
    page.get_by_role("link", name="Withdraw").first.click()


# Those of the demo stay as they are.
OF_IMPACT = (
    State("events", EVENTS, MEMBER),
    State("events-coordinator", EVENTS, COORDINATOR),
    State("events-none", "/southend/events/", "coordinator@southend.example"),
    State("event-add", f"{EVENTS}add/", COORDINATOR),
    State("event-add-empty", f"{EVENTS}add/", COORDINATOR, press("Save")),
    State("event-add-refused", f"{EVENTS}add/", MEMBER, status=403),
    State("event-change", f"{EVENTS}1/change/", COORDINATOR),
    State("event-change-wrong", f"{EVENTS}1/change/", COORDINATOR, press("Save", ends_on="1 1 2001")),
    State("event-remove", f"{EVENTS}1/remove/", COORDINATOR),
    State("event-expect", f"{EVENTS}1/expect/", COORDINATOR),
    State("event-expect-wrong", f"{EVENTS}1/expect/", COORDINATOR, press("Save", percent="a fifth")),
    State("event-missing", f"{EVENTS}999/change/", COORDINATOR, status=404),
    State("action-expect", "/anytown/plan/10/expect/", COORDINATOR),
    State("action-with-impact", "/anytown/plan/10/", COORDINATOR),
    State("record", "/anytown/audit/", INFORMATION),
    State("record-checked", "/anytown/audit/", INFORMATION, press("Check the audit log now")),
    State("record-filtered", "/anytown/audit/?verb=month.published&days=7", INFORMATION),
    State("record-wrong-filter", "/anytown/audit/?verb=no.such&page=x", INFORMATION),
    State("record-story", "/anytown/audit/?of=boards.partnershiparea:1", INFORMATION),
    State("record-no-story", "/anytown/audit/?of=no.such:thing", INFORMATION),
    State("record-read", "/anytown/audit/read/", INFORMATION),
    State("record-not-yours", "/anytown/audit/", COORDINATOR, status=403),
    State("regions", "/regions/", OPERATOR),
    State("regions-none", "/regions/", MEMBER),
    State("region-add", "/regions/add/", OPERATOR),
    State("region-add-wrong", "/regions/add/", OPERATOR, press("Add the region", name="Kent", slug="add")),
    State("region-setup", "/regions/essex/setup/", OPERATOR),
    State("region-setup-director", "/regions/essex/setup/", DIRECTOR),
    State("region-setup-not-yours", "/regions/essex/setup/", COORDINATOR, status=404),
    State("region-towns", "/regions/essex/towns/", DIRECTOR),
    State("region-editions", "/regions/essex/editions/", DIRECTOR),
    State("region-edition-too-few", "/regions/essex/editions/2018-07/", DIRECTOR),
    State("region-edition-not-yours", "/regions/essex/editions/2018-07/", OPERATOR, status=404),
    State("region-edition-publish-none", "/regions/essex/editions/2018-07/publish/", DIRECTOR),
    State("region-public-none", "/regions/essex/public/", status=404, is_public=True),
    State("region-public-month-none", "/regions/essex/public/2018-07/", status=404, is_public=True),
    State("region-public-indicator-none", "/regions/essex/public/2018-07/drugs/", status=404, is_public=True),
    State("region-waiting", "/regions/essex/", DIRECTOR),
    State("region-home", "/regions/county/", DIRECTOR),
    State("region-month", "/regions/county/2026-10/", DIRECTOR),
    State("region-month-rates", "/regions/county/2026-10/?as=rates&sort=name", DIRECTOR),
    State("region-month-one-area", "/regions/county/2026-10/?area=anytown&signal=yes", DIRECTOR),
    State("region-month-nothing-chosen", "/regions/county/2026-10/?section=none", DIRECTOR),
    State("region-month-none", "/regions/county/2001-01/", DIRECTOR, status=404),
    State("region-month-not-yours", "/regions/county/2026-10/", COORDINATOR, status=404),
    State("region-indicator", "/regions/county/indicators/drug-arrests/", DIRECTOR),
    State("region-indicator-year", "/regions/county/indicators/drug-arrests/?month=2026-10&over=year", DIRECTOR),
    State("region-indicator-none", "/regions/county/indicators/no-such/", DIRECTOR, status=404),
    State("region-lines", "/regions/county/2026-10/lines/", DIRECTOR),
    State("region-lines-newest", "/regions/county/lines/", DIRECTOR),
    State("region-packs", "/regions/county/packs/", DIRECTOR),
    State("region-packs-none", "/regions/essex/packs/", DIRECTOR),
    State("region-pack", "/regions/county/packs/COUNTY-2026-10-REGION-1/", DIRECTOR),
    State("region-pack-missing", "/regions/county/packs/COUNTY-2001-01-REGION-1/", DIRECTOR, status=404),
    State("region-pack-not-yours", "/regions/county/packs/", COORDINATOR, status=404),
    State("region-place-add", "/regions/essex/setup/areas/add/", OPERATOR),
    State("region-place-add-empty", "/regions/essex/setup/areas/add/", OPERATOR, press("Invite the area")),
    State("region-place-missing", "/regions/essex/setup/areas/999/remove/", OPERATOR, status=404),
    State("region-person-add", "/regions/essex/setup/people/add/", DIRECTOR),
    State("region-person-add-empty", "/regions/essex/setup/people/add/", OPERATOR, press("Add this person")),
    State("region-person-remove", "/regions/essex/setup/people/2/remove/", DIRECTOR),
    State("consents", "/anytown/consent/", COORDINATOR),
    State("consents-officer", "/anytown/consent/", INFORMATION),
    State("consents-empty", "/anytown/consent/", COORDINATOR, press("Give this permission")),
    State("consent-missing", "/anytown/consent/999/", COORDINATOR, status=404),
    State("consent-given", "/southend/consent/", "coordinator@southend.example", give_consent),
    State("impact", IMPACT, MEMBER, tallest=4_000),
    State("impact-none", "/southend/impact/", "coordinator@southend.example"),
    State("impact-fell", f"{IMPACT}e1/missing-home/", MEMBER),
    State("impact-no-change", f"{IMPACT}a10/missing-home/", MEMBER),
    State("impact-too-early", f"{IMPACT}a11-end/nrm-referrals/", MEMBER),
    State("impact-share", f"{IMPACT}e4/assessments-share-in-time/", MEMBER),
    State("impact-refused", f"{IMPACT}a2/lines/", MEMBER),
    State("impact-missing", f"{IMPACT}e999/cuckooed/", MEMBER, status=404),
)

SOUTHEND, SOUTHEND_OFFICER = "coordinator@southend.example", "information@southend.example"
OF_RETENTION = (
    State("retention", "/anytown/retention/", INFORMATION),
    State("retention-coordinator", "/anytown/retention/", COORDINATOR),
    State("retention-not-yours", "/anytown/retention/", LEAD, status=403),
    State("retention-months", "/anytown/retention/reads/", INFORMATION),
    State("retention-months-no-reason", "/anytown/retention/reads/", INFORMATION, press("Save")),
    State("retention-no-such-kind", "/anytown/retention/no-such/", INFORMATION, status=404),
    State("retention-decide", "/southend/retention/asked/1/", SOUTHEND),
    State("retention-decide-no-reason", "/southend/retention/asked/1/", SOUTHEND, press("Decline")),
    State("retention-held", "/southend/retention/", SOUTHEND_OFFICER),
    State("hold", "/anytown/retention/hold/", INFORMATION),
    State("hold-no-reason", "/anytown/retention/hold/", INFORMATION, press("Place the hold")),
    State("hold-release", "/southend/retention/hold/1/", SOUTHEND_OFFICER),
    State(
        "hold-release-no-reason",
        "/southend/retention/hold/1/",
        SOUTHEND_OFFICER,
        press("Release the hold"),
    ),
    State("operator-retention", "/operator/retention/", OPERATOR),
    State("operator-hold", "/operator/retention/hold/", OPERATOR),
    State("operator-hold-no-reason", "/operator/retention/hold/", OPERATOR, press("Place the hold")),
    State("operator-hold-own", "/operator/retention/hold/1/", OPERATOR),
    State("operator-retention-months", "/operator/retention/accounts/", OPERATOR),
    State("operator-retention-decide", "/operator/retention/asked/2/", OPERATOR),
)

OF_ROLES = (
    State("roles", "/southend/roles/", SOUTHEND),
    State("roles-officer", "/southend/roles/", SOUTHEND_OFFICER),
    State("roles-none", "/anytown/roles/", COORDINATOR),
    State("roles-in-people", "/southend/setup/people/", SOUTHEND),
    State("role-request", "/southend/roles/1/", SOUTHEND_OFFICER),
    State("role-request-no-reason", "/southend/roles/1/", SOUTHEND_OFFICER, press("Decline")),
    State("role-request-asked", "/southend/roles/1/", SOUTHEND),
    State("role-request-new", "/southend/roles/2/", SOUTHEND_OFFICER),
    State("role-request-new-no-reason", "/southend/roles/2/", SOUTHEND_OFFICER, end_the_wait),
    State("role-request-missing", "/anytown/roles/999/", COORDINATOR, status=404),
    State("operator-roles", "/operator/roles/", OPERATOR),
    State("operator-role", "/operator/roles/1/", OPERATOR),
    State("operator-role-no-reason", "/operator/roles/1/", OPERATOR, press("Decline")),
)

CATALOGUE = """[catalogue]
name = "Another town’s"
[[strand]]
code = "prevent"
name = "Prevent and train"
[[strand]]
code = "learn"
name = "Learn"
"""


def send_catalogue(content: str) -> Act:
    """Choose a file, and press the button; none where it is empty."""

    def act(page: Page) -> None:
        page.get_by_label("A file").check()
        if content:
            page.locator("#id_file").set_input_files(
                {"name": "catalogue.toml", "mimeType": "application/toml", "buffer": content.encode()}
            )
        send(page, "Preview the changes")

    return act


def take_nothing(page: Page) -> None:
    send_catalogue(CATALOGUE)(page)
    for box in page.locator("[name='taken']").all():
        box.uncheck()
    send(page, "Make the ticked changes")


OF_CATALOGUES = (
    State("catalogue", "/anytown/setup/catalogue/", COORDINATOR),
    State("catalogue-no-file", "/anytown/setup/catalogue/", COORDINATOR, send_catalogue("")),
    State("catalogue-differences", "/anytown/setup/catalogue/", COORDINATOR, send_catalogue(CATALOGUE)),
    State("catalogue-takes-nothing", "/anytown/setup/catalogue/", COORDINATOR, take_nothing),
)

PAST_FIGURES = """agency,indicator,category,month,value,state,note
police,police-drugs,,2016-11,24,,
police,police-drugs,,2016-12,31,,
"""


def send_history(content: str) -> Act:
    """Choose a file of figures, and press the button; none where it is empty."""

    def act(page: Page) -> None:
        if content:
            page.locator("#id_files_sent").set_input_files(
                {"name": "history.csv", "mimeType": "text/csv", "buffer": content.encode()}
            )
        send(page, "Preview the changes")

    return act


def take_unreached(page: Page) -> None:
    send_history(REACHES)(page)
    send(page, "Import these figures")


REACHES = """agency,indicator,category,month,value,state,note
police,pwits,,2015-01,24,,
"""
OF_HISTORY = (
    State("history", "/southend/history/", "coordinator@southend.example"),
    State("history-no-file", "/southend/history/", "coordinator@southend.example", send_history("")),
    State("history-faults", "/anytown/history/", COORDINATOR, send_history(PAST_FIGURES)),
    State("history-preview", "/southend/history/", "coordinator@southend.example", send_history(PAST_FIGURES)),
    State("history-reaches", "/anytown/history/", COORDINATOR, send_history(REACHES)),
    State("history-unreached", "/anytown/history/", COORDINATOR, take_unreached),
    State("history-waiting", "/oldtown/history/", "coordinator@oldtown.example"),
    State("history-import-own", "/oldtown/history/brought-in/2/", "coordinator@oldtown.example"),
    State("history-import-missing", "/oldtown/history/brought-in/999/", "coordinator@oldtown.example", status=404),
    State("operator-imports", "/operator/imports/", OPERATOR),
    State("operator-import", "/operator/imports/2/", OPERATOR),
    State("operator-import-no-reason", "/operator/imports/2/", OPERATOR, press("Decline")),
    State("history-publish", "/oldtown/history/publish/", "coordinator@oldtown.example"),
    State("history-publish-no-reason", "/oldtown/history/publish/", "coordinator@oldtown.example", press("Publish")),
    State("history-publish-none", "/southend/history/publish/", "coordinator@southend.example"),
)
RECORDS = """Reference,Occurred on,Town,Offence,Origin
1,03/11/2026,Anytown,Possession with intent to supply,
2,04/11/2026,Anytown,Theft,
3,05/11/2026,Elsewhere,Theft,
4,31/10/2026,Anytown,Theft,
5,,Anytown,Theft,
"""
OF_RETURN, OF_PAST = f"{RETURNS}police/records/", "/anytown/history/records/police/"


def send_records(page: Page, button: str) -> None:
    page.locator("#id_file").set_input_files(
        {"name": "records.csv", "mimeType": "text/csv", "buffer": RECORDS.encode()}
    )
    send(page, button)


def begin_records(page: Page) -> None:
    if page.get_by_label("In another way").count():  # another state has left one
        page.get_by_label("In another way").check()
    send_records(page, "Continue")


def choose_columns(page: Page) -> None:
    begin_records(page)
    page.get_by_label("Name for this way of counting").fill(f"Offences {time_ns()}")
    page.get_by_label("Which column has the kind").select_option("Offence")
    page.get_by_label("Do only some of the rows count?").select_option("Town")
    page.get_by_label("Values of that column").fill("Anytown")


def choose_kinds(page: Page) -> None:
    choose_columns(page)
    send_records(page, "Count it")


def count_records(page: Page) -> None:
    choose_kinds(page)
    page.get_by_label("Possession with intent to supply", exact=True).select_option("pwits")
    send(page, "Save this and see the counts")


def leave_columns(page: Page) -> None:
    begin_records(page)
    send(page, "Count it")


def count_twice(page: Page) -> None:
    count_records(page)
    page.goto(page.url)


OF_RECORDS = (
    State("records", OF_RETURN, LEAD),
    State("records-columns", OF_RETURN, LEAD, choose_columns),
    State("records-columns-wrong", OF_RETURN, LEAD, leave_columns),
    State("records-kinds", OF_RETURN, LEAD, choose_kinds),
    State("records-counted", OF_RETURN, LEAD, count_records),
    State("records-again", OF_RETURN, LEAD, count_twice),
    State("records-remove", "/anytown/counting/1/remove/", HOUSING),
    State("records-of-past", OF_PAST, COORDINATOR),
    State("records-of-past-counted", OF_PAST, COORDINATOR, count_records),
)
OF_HELP = (
    State("help", "/help/"),
    State("help-signed-in", "/help/", LEAD),
    *(State(f"help-{guide}", f"/help/{guide}/") for guide in ORDER),
    State("help-none", "/help/nobody/", status=404),
)
STATES = (
    *SIGNING_IN,
    *SECOND_FACTORS,
    *HOMES,
    *MONTHS,
    *RETURNED_TOGETHER,
    *RETURNED,
    *OF_FIGURES,
    *REFUSALS,
    *SET_UP,
    *OF_ROLES,
    *OF_RETENTION,
    *OF_CATALOGUES,
    *OF_HISTORY,
    *OF_RECORDS,
    *OF_HELP,
    *FOR_THE_PUBLIC,
    *OF_PACKS,
    *OF_PUBLISHING,
    *OF_DISCLOSURE,
    *OF_MARKINGS_AND_NAMES,
    *OF_KPIS,
    *OF_PATHWAYS,
    *OF_MARKET,
    *OF_DOCUMENTS,
    *OF_DOCUMENT_FIGURES,
    *OF_THE_PLAN,
    *ASKED,
    *OF_HIGHLIGHTS,
    *OF_IMPACT,
    *OF_KEYS,
    *OF_MINE,
    *OF_ENGAGEMENT,
    *OF_MEETINGS,
)
