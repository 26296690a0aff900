"""People are invited by a table: what each line would do, then all of it or nothing."""

import html
import io
import smtplib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import xlsxwriter
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.mail import EmailMessage
from django.test import Client

from boards.models import Membership
from boards.rules import Role
from core.models import AuditEvent, User
from tests.factories import make_agency, make_member, make_user
from tests.factories.spreadsheets import parts_with, spreadsheet, table_of
from tests.factories.workbooks import packed, workbook
from tests.scenarios import Town
from tests.visiting import signed_in

PAGE = "/testford/setup/people/file/"
HEADING = "Name\tE-mail address\tRole\tAgency or board\n"
TWO = (
    HEADING
    + "Ann Lee\tAnn.Lee@police.example\tAgency lead\tPolice\n"
    + "Bo Ray\tbo@council.example\tBoard member\tCSP\n"
)


@pytest.fixture
def client(town: Town) -> Client:
    return signed_in(town.coordinator)


@pytest.fixture
def look(client: Client) -> Callable[..., str]:
    """What the page says of a table."""

    def send(table: str = "", **typed: Any) -> str:
        answer = client.post(PAGE, {"table": table, "act": "look"} | typed)
        assert answer.status_code == 200
        return " ".join(html.unescape(answer.content.decode()).split())

    return send


def seen_on(client: Client, table: str) -> str:
    return str(client.post(PAGE, {"table": table, "act": "look"}).context["form"].plan.fingerprint)


def invite(client: Client, table: str, seen: str | None = None) -> str:
    seen = seen_on(client, table) if seen is None else seen
    typed = {"table": table, "act": "invite", "seen": seen, "is_attested": "on"}
    answer = client.post(PAGE, typed, follow=True)
    return " ".join(html.unescape(answer.content.decode()).split())


def people() -> set[tuple[str, str]]:
    return {(held.user.email, held.role) for held in Membership.objects.select_related("user")}


def test_a_table_is_looked_at_before_anybody_is_written_to(look, client, mailoutbox):
    before = people()
    answer = look(TWO)
    assert answer.count("New account, and an email to set a password") == 2
    assert "Invite these 2 people" in answer
    assert "Agency lead for Police" in answer
    assert (people(), mailoutbox) == (before, [])
    answer = invite(client, TWO)
    assert "2 people have been invited by email." in answer
    assert people() - before == {("ann.lee@police.example", "agency-lead"), ("bo@council.example", "board-member")}
    assert [message.to for message in mailoutbox] == [["ann.lee@police.example"], ["bo@council.example"]]
    host = urlsplit(settings.SITE_URL).hostname
    assert all(message.message()["Message-ID"].endswith(f"@{host}>") for message in mailoutbox)
    assert "/account/password/reset/key/" in mailoutbox[0].body
    assert User.objects.get(email="bo@council.example").name == "Bo Ray"
    assert AuditEvent.objects.filter(verb="membership.told").count() == 2


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_without_a_heading_and_columns_in_another_order(look, separator):
    line = separator.join(["Ann Lee", "ann@police.example", "agency-lead", "police"])
    assert "Invite this person" in look(line)
    turned = separator.join(["role", "email", "agency", "board", "name"])
    line = separator.join(["Board chair", "ann@police.example", "", "csp", "Ann Lee"])
    assert "Board chair for Board csp" in look(f"{turned}\n{line}")


def test_somebody_with_two_roles_gets_one_e_mail(town, client, mailoutbox):
    table = TWO + "Ann Lee\tann.lee@police.example\tBoard member\tcsp\n"
    assert "2 people have been invited" in invite(client, table)
    assert len(mailoutbox) == 2
    assert "given you roles in Testford" in mailoutbox[0].body
    assert "agency lead for Police; board member for Board csp." in mailoutbox[0].body


def test_an_account_that_exists_keeps_its_name_and_gets_the_role(town, look, client, mailoutbox):
    user = make_user("ann.lee@police.example", name="Dr Ann Lee")
    answer = look(TWO)
    assert "Role added to the existing account; its name doesn’t change" in answer
    assert "Dr Ann Lee" not in answer  # nor does it tell what somebody is called elsewhere
    invite(client, TWO)
    user.refresh_from_db()
    assert (user.name, user.memberships.get().role) == ("Dr Ann Lee", "agency-lead")


def test_what_is_done_already_is_nothing_to_do(look, client, mailoutbox):
    seen = seen_on(client, TWO)
    invite(client, TWO, seen)
    again = invite(client, TWO, seen)  # a button that was pressed twice
    assert "Everyone in the table already has their roles." in again
    assert len(mailoutbox) == 2
    answer = look(TWO)
    assert answer.count("Nothing to do: this person already has this role") == 2
    assert 'value="invite"' not in answer


KNOWN = (
    "Agency lead, Agency approver, Agency second contact, Board member, Board chair, Strategic group member, Analyst"
)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "Al\tal at x\tAgency lead\tPolice",
            "Line 2: “al at x” isn’t an email address. Write it in full, such as name@council.example.",
        ),
        ("Al\t\tAgency lead\tPolice", "Line 2: There is no email address."),
        ("\tal@x.example\tAgency lead\tPolice", "Line 2: There is no name: a new account needs one."),
        ("=Al\tal@x.example\tAnalyst\t", "Line 2: “=Al” starts like a formula."),
        (f"{'A' * 151}\tal@x.example\tAnalyst\t", "Line 2: The name is too long: shorten it to 150 characters."),
        ("Al\tal@x.example\tBoss\tPolice", f"Line 2: “Boss” isn’t a role. Use one of these: {KNOWN}."),
        ("Al\tal@x.example\t\tPolice", "Line 2: There is no role: enter one."),
        (
            "Al\tal@x.example\tCoordinator\t",
            "The role “Coordinator” can’t be given with a table. Add this person on the page “People” instead.",
        ),
        ("Al\tal@x.example\tinformation\t", "The role “Information officer” can’t be given with a table."),
        ("Al\tal@x.example\toperator\t", "The role “Operator” can’t be given with a table."),
        ("Al\tal@x.example\tAgency lead\tArmy", "Line 2: Testford has no agency “Army”. It has: Police."),
        ("Al\tal@x.example\tBoard chair\tPolice", "Line 2: Testford has no board “Police”. It has: Board csp."),
        ("Al\tal@x.example\tAgency lead\t", "Line 2: The role “Agency lead” needs the agency."),
        ("Al\tal@x.example\tAnalyst\tPolice", "The role “Analyst” is for the whole area"),
        (
            "Al\tal@x.example\tAnalyst\t\nAl\tAL@x.example\tanalyst\t",
            "Line 3: Line 2 already gives this person that role.",
        ),
        (
            "Al\tal@x.example\tAnalyst\t\nBo\tal@x.example\tAgency lead\tPolice",
            "Line 3: Line 2 has another name for this address: “Al”.",
        ),
    ],
)
def test_each_fault_is_a_sentence_and_nothing_is_half_done(look, client, mailoutbox, line, sentence):
    before = people()
    table = HEADING + line + "\nBo Ray\tbo@council.example\tBoard member\tCSP\n"
    answer = look(table)
    assert sentence in answer
    assert "There is a problem" in answer
    assert 'value="invite"' not in answer
    assert "bo@council.example" in answer.partition("<textarea")[2]  # what was typed is there
    assert "Nothing has been saved" in invite(client, table)
    assert (people(), mailoutbox) == (before, [])


def test_whoever_invites_an_approver_for_nothing_is_told(town, look):
    line = "Ann Lee\tann@police.example\tAgency approver\tPolice"
    note = "Police does not release its own returns yet."
    assert note in look(line)
    town.police.needs_release = True
    town.police.save()
    assert note not in look(line)


def test_another_areas_agency_and_a_retired_one_are_none(town, look):
    make_agency(town.area, "nhs", retired=True)
    table = "Al\tal@x.example\tAgency lead\tnhs"
    assert "Testford has no agency “nhs”. It has: Police." in look(table)


def test_somebody_who_was_switched_off_stays_so(look):
    make_user("ann.lee@police.example", is_active=False)
    assert "Line 2: Someone with this address can’t be added. Ask the operator why." in look(TWO)


def test_what_changed_since_it_was_looked_at_is_looked_at_again(town, client, mailoutbox):
    seen = seen_on(client, TWO)
    make_member(town.area, Role.BOARD_MEMBER, board=town.csp, email="bo@council.example")
    before = people()
    answer = invite(client, TWO, seen)
    assert "The effect of this table has changed since you opened this page. Check it again." in answer
    assert "Invite this person" in answer
    assert (people(), mailoutbox) == (before, [])


def test_a_hundred_thousand_lines_are_refused(look):
    table = "\n".join(f"P{number}\tp{number}@x.example\tAnalyst\t" for number in range(100_000))
    answer = look(table)
    assert "The table has 100,000 lines, but you can send at most 200 at once. Send it in parts." in answer


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("", "The table is empty."),
        (HEADING, "The table has a heading but no people."),
        ("Name\tRole\nAl\tAnalyst", "The heading row has no column “Email address”."),
        ("Name\tE-mail\tE-mail address\tRole\na\tb\tc\td", "The heading row has the column “Email address” twice."),
        ('Name,Email,Role\n"Al,al@x.example,Analyst', "Line 2: This isn’t proper CSV: a quotation mark isn’t closed"),
    ],
)
def test_what_is_no_table_is_refused(look, table, sentence):
    assert sentence in look(table)


# --- Files ------------------------------------------------------------------------------------------


def rows() -> list[list[str]]:
    return [line.split("\t") for line in TWO.splitlines()]


def test_a_workbook_is_read_and_can_be_put_right_on_the_page(look, client):
    wrong = [*rows(), ["Cy", "cy@x.example", "Boss", ""]]
    answer = look("", file=SimpleUploadedFile("people.xlsx", workbook(wrong)))
    assert "Line 4: “Boss” isn’t a role." in answer
    box = html.unescape(answer.partition("<textarea")[2].partition(">")[2].partition("</textarea")[0])
    assert "Cy cy@x.example Boss" in box  # with its tabs made blanks above
    answer = look("", file=SimpleUploadedFile("people.xlsx", workbook(rows())))
    assert "Invite these 2 people" in answer


def test_an_open_document_is_read_and_its_hidden_sheet_told_of(look):
    answer = look("", file=SimpleUploadedFile("people.ods", spreadsheet(rows())))
    assert "Invite these 2 people" in answer
    tables = table_of(rows(), name="People") + table_of([["someone else"]], name="Old", style="ta2")
    answer = look("", file=SimpleUploadedFile("people.ods", packed(parts_with(tables))))
    assert "The hidden sheet “Old” was not read." in answer
    assert "Invite these 2 people" in answer
    answer = look("", file=SimpleUploadedFile("people.ods", spreadsheet(rows(), formulas={"A3": "of:=1"})))
    assert "A3 of the sheet “Sheet1” is a formula. Replace it with the text that it shows." in answer


def test_a_csv_file_is_read(look):
    csv = TWO.replace("\t", ";").encode("utf-8-sig")
    assert "Invite these 2 people" in look("", file=SimpleUploadedFile("people.csv", csv))


def test_a_formula_is_refused_and_a_hidden_sheet_is_told_of(look):
    answer = look("", file=SimpleUploadedFile("people.xlsx", workbook(rows(), formulas={"A4": '="x"'})))
    assert "A4 of the sheet “Sheet1” is a formula. Replace it with the text that it shows." in answer
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet, hidden = book.add_worksheet("People"), book.add_worksheet("Old")
    for number, cells in enumerate(rows()):
        sheet.write_row(number, 0, cells)
    hidden.write(0, 0, "someone else")
    hidden.hide()
    book.close()
    answer = look("", file=SimpleUploadedFile("people.xlsx", content.getvalue()))
    assert "The hidden sheet “Old” was not read." in answer
    assert "Invite these 2 people" in answer


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"%PDF-1.7", "This file is a PDF, whatever its name says."),
        (b"PK\x03\x04 nothing", "This workbook is damaged or cut short."),
        (b"a,b\n" * 700_000, "The file is larger than 2 MB."),
    ],
)
def test_a_file_that_is_no_table_is_refused(look, content, sentence):
    assert sentence in look("", file=SimpleUploadedFile("people.csv", content or b" "))


# --- E-mails that fail ------------------------------------------------------------------------------


def test_who_was_not_reached_is_named_and_has_the_role(client, monkeypatch):
    tried: list[str] = []

    def fail(message: EmailMessage, *_: object, **__: object) -> int:
        tried.append(message.to[0])
        raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")

    monkeypatch.setattr(EmailMessage, "send", fail)
    table = TWO + "Cy Fox\tcy@x.example\tAnalyst\t\n"
    answer = invite(client, table)
    named = "ann.lee@police.example, bo@council.example, cy@x.example"
    assert f"The roles are given, but no email could be sent to {named}." in answer
    assert ("cy@x.example", "analyst") in people()
    assert len(tried) == 2  # each may take ten seconds to fail


def test_whoever_invites_attests_who_they_are(client, town, mailoutbox):
    before = people()
    typed = {"table": TWO, "act": "invite", "seen": seen_on(client, TWO)}
    answer = client.post(PAGE, typed)
    assert "Confirm that you know who you are inviting" in answer.content.decode()
    assert (people(), mailoutbox) == (before, [])
    client.post(PAGE, typed | {"is_attested": "on"})
    new = Membership.objects.exclude(attested_by=None)
    assert {held.attested_by for held in new} == {town.coordinator}
    assert len(new) == len(people() - before)


def test_a_line_outside_an_agencys_domains_is_refused(look, client, town):
    town.police.domains = ["police.example"]
    town.police.save()
    table = "Al;al@elsewhere.example;Agency lead;Police"
    assert "al@elsewhere.example can’t get a role for Police." in look(table)
    before = people()
    invite(client, table)
    assert people() == before
