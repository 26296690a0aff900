"""The set-up page about people: a role is given, told of by e-mail, and taken away."""

import re
import smtplib

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from boards.models import Membership
from boards.rules import Role
from boards.services import people
from core.forms.pages import TOKEN, TWICE
from core.models import AuditEvent, User
from core.tasks import send_account_letters
from tests.factories import make_agency, make_member, make_user
from tests.integration import setup_pages
from tests.integration.setup_pages import errors, verbs

PASSWORD = "a-long-and-uncommon-one-2026"


@pytest.fixture
def town(db, monkeypatch):
    return setup_pages.make_town(monkeypatch)


@pytest.fixture
def page(town, client):
    return setup_pages.opener(town, client)


@pytest.fixture
def broken_mail(monkeypatch):
    def fail(*_: object, **__: object) -> int:
        raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")

    monkeypatch.setattr(EmailMessage, "send", fail)


def lead_form(town, **typed: object) -> dict[str, object]:
    return {
        "email": "New.Lead@police.example",
        "name": "New Lead",
        "role": "agency-lead",
        "agency": town.police.pk,
        "board": "",
        "is_attested": "on",
    } | typed


def links(message: EmailMessage) -> list[str]:
    return re.findall(r"https?://[^/]+(/\S*)", str(message.body))


def members(town) -> int:
    return Membership.objects.filter(area=town.area).count()


def test_a_new_person_gets_a_link_to_set_a_password(town, page, mailoutbox):
    response = page("boards:person-add", **lead_form(town))

    told = "New Lead is an agency lead for Police. We have sent an email to new.lead@police.example."
    assert told in response.content.decode()
    user = User.objects.get(email="new.lead@police.example")
    assert not user.has_usable_password()
    assert user.memberships.get().agency == town.police
    assert verbs()[-3:] == ["user.created", "membership.granted", "membership.told"]

    (message,) = mailoutbox
    assert (message.subject, message.to) == ("Your access to the V+V Dashboard", [user.email])
    assert "OFFICIAL" not in message.subject + str(message.body)
    assert "agency lead for Police" in message.body

    visitor = Client()
    form = visitor.get(links(message)[0], follow=True)
    assert form.status_code == 200
    done = visitor.post(form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD}, follow=True)
    assert done.status_code == 200
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    visitor.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert visitor.get(reverse("reporting:area-home", args=[town.area.slug])).status_code == 200
    # The link works once.
    again = Client().get(links(message)[0], follow=True)
    assert "password1" not in again.content.decode()


def test_a_link_that_was_lost_is_replaced_on_the_sign_in_pages(town, page, mailoutbox):
    page("boards:person-add", **lead_form(town))
    mailoutbox.clear()

    Client().post(reverse("account_reset_password"), {"email": "new.lead@police.example"})
    send_account_letters()

    (message,) = mailoutbox
    assert "password1" in Client().get(links(message)[0], follow=True).content.decode()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"is_attested": ""}, "Confirm that you know who you are inviting"),
        ({"email": "police"}, "Enter an email address in full, such as name@council.example"),
        ({"email": ""}, "Enter the email address"),
        ({"name": ""}, "Enter the name"),
        ({"role": ""}, "Choose the role"),
        ({"role": "operator"}, "Choose the role from the list"),
        ({"agency": ""}, "Choose the agency that the agency lead acts for."),
        ({"agency": "0"}, "Choose the agency from the list"),
        ({"role": "board-chair", "agency": ""}, "Choose the board that the board chair acts for."),
        ({"role": "analyst"}, "“Analyst” is not a role for one agency: leave the agency empty."),
        ({"email": "agency-lead@testford.example"}, "This person already has that role."),
    ],
)
def test_a_role_that_does_not_fit_is_refused_with_a_sentence(town, page, mailoutbox, typed, sentence):
    people_before, members_before = User.objects.count(), members(town)
    sent = lead_form(town, **typed)

    response = page("boards:person-add", **sent)

    assert errors(response) == [sentence]
    assert response.context["form"]["name"].value() == sent["name"]
    assert (User.objects.count(), members(town)) == (people_before, members_before)
    assert mailoutbox == []


def test_a_role_for_another_areas_agency_is_refused(town, outsider, page):
    elsewhere = outsider.memberships.get().area
    foreign = make_agency(elsewhere, "nhs")

    response = page("boards:person-add", **lead_form(town, agency=foreign.pk))
    assert errors(response) == ["Choose the agency from the list"]
    with pytest.raises(ValidationError, match="belongs to another area"):
        people.grant_role(
            town.area,
            email="a@b.example",
            name="A",
            role=Role.AGENCY_LEAD,
            agency=foreign,
            is_attested=True,
            by=town.coordinator,
        )
    assert not User.objects.filter(email="a@b.example").exists()


def test_somebody_of_another_area_keeps_their_name_and_their_area_is_not_told(town, outsider, page, mailoutbox):
    outsider.set_password(PASSWORD)
    outsider.save()
    elsewhere = outsider.memberships.get().area

    response = page("boards:person-add", **lead_form(town, email=outsider.email.upper(), name="Other Name"))

    outsider.refresh_from_db()
    assert outsider.name == "coordinator"
    assert outsider.check_password(PASSWORD)
    assert outsider.memberships.filter(area=town.area, agency=town.police).exists()
    assert "user.created" not in verbs()
    (message,) = mailoutbox
    for text in (response.content.decode(), str(message.body)):
        assert elsewhere.name not in text.replace(outsider.email, "")
    assert links(message) == [reverse("account_login")]


def test_a_second_press_gives_the_role_and_sends_the_e_mail_once(town, page, mailoutbox):
    before = members(town)
    sent = lead_form(town, **{TOKEN: "of one page"})

    page("boards:person-add", **sent)
    second = page("boards:person-add", **sent)

    assert second.redirect_chain == [(reverse("boards:people-list", args=[town.area.slug]), 302)]
    assert TWICE in second.content.decode()
    assert (members(town), len(mailoutbox)) == (before + 1, 1)


def test_an_account_that_is_switched_off_gets_no_role(town, page, mailoutbox):
    make_user("gone@police.example", is_active=False)

    response = page("boards:person-add", **lead_form(town, email="gone@police.example"))

    assert errors(response) == ["Someone with this address can't be added. Ask the operator why."]
    assert mailoutbox == []


def test_an_e_mail_that_cannot_be_sent_is_said_and_can_be_sent_again(town, page, broken_mail, monkeypatch, mailoutbox):
    response = page("boards:person-add", **lead_form(town))

    body = response.content.decode()
    assert "New Lead now has the role, but the email to new.lead@police.example could not be sent." in body
    assert "vv-message--error" in body
    held = Membership.objects.get(user__email="new.lead@police.example")
    assert "membership.told" not in verbs()

    monkeypatch.undo()
    again = page("boards:person-tell", held.pk, go="1")
    assert "We have sent an email to new.lead@police.example." in again.content.decode()
    assert len(mailoutbox) == 1
    assert "password" in mailoutbox[0].body


def test_the_list_says_who_has_not_signed_in(town, page):
    assert b"Send email again" in page("boards:people-list").content
    page("boards:person-add", **lead_form(town))
    body = page("boards:people-list").content.decode()
    assert "new.lead@police.example" in body
    assert "Not yet" in body


def test_a_role_is_taken_away_after_a_question(town, page):
    held = Membership.objects.get(area=town.area, role=Role.AGENCY_LEAD)
    question = page("boards:person-remove", held.pk)
    assert "Remove agency-lead as agency lead for Police?" in question.content.decode()
    assert Membership.objects.filter(pk=held.pk).exists()

    response = page("boards:person-remove", held.pk, go="1")

    assert "agency-lead is no longer an agency lead for Police in Testford." in response.content.decode()
    assert not Membership.objects.filter(pk=held.pk).exists()
    assert User.objects.filter(pk=held.user_id).exists()
    assert AuditEvent.objects.get(verb="membership.revoked").details == {"role": "agency-lead"}
    assert page("boards:person-remove", held.pk, go="1").status_code == 404


def test_the_last_coordinator_stays(town, page):
    held = Membership.objects.get(area=town.area, role=Role.COORDINATOR)

    response = page("boards:person-remove", held.pk, go="1")

    assert errors(response) == ["This is the area's only coordinator. Make someone else a coordinator first."]
    assert Membership.objects.filter(pk=held.pk).exists()

    # A colleague whose account is switched off can't stand in.
    colleague = make_member(town.area, Role.COORDINATOR)
    User.objects.filter(pk=colleague.pk).update(is_active=False)
    assert errors(page("boards:person-remove", held.pk, go="1"))


def test_a_coordinator_who_steps_down_waits_for_another_person(town, page):
    make_member(town.area, Role.COORDINATOR)
    held = Membership.objects.get(user=town.coordinator)
    assert "Until then you keep the role." in page("boards:person-remove", held.pk).content.decode()

    response = page("boards:person-remove", held.pk, go="1")

    body = response.content.decode()
    assert "Waiting to be confirmed" in body
    assert "End coordinator’s role as coordinator" in body
    assert Membership.objects.filter(pk=held.pk).exists()


def test_who_attested_the_person_is_saved(town, page):
    page("boards:person-add", **lead_form(town))
    held = Membership.objects.get(user__email="new.lead@police.example")
    assert (held.attested_by, held.attested_at is not None) == (town.coordinator, True)
    assert AuditEvent.objects.get(verb="membership.granted", target_id=str(held.pk)).details["is_attested"]


@pytest.mark.parametrize(
    ("address", "is_taken"),
    [
        ("new@police.example", True),
        ("NEW@Police.Example", True),
        ("new@evilpolice.example", False),
        ("new@sub.police.example", False),
        ("new@police.example.evil.example", False),
    ],
)
def test_an_agency_takes_only_people_of_its_domains(town, page, address, is_taken):
    town.police.domains = ["police.example"]
    town.police.save()
    response = page("boards:person-add", **lead_form(town, email=address))
    assert Membership.objects.filter(user__email__iexact=address).exists() is is_taken
    assert User.objects.filter(email__iexact=address).exists() is is_taken
    if not is_taken:
        assert errors(response) == [
            f"{address.lower()} can’t get a role for Police. People with a role for this agency need an address at "
            "police.example. You can change that at the agency in Set-up."
        ]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("@Police.Example\n county.police.example. police.example", ["police.example", "county.police.example"]),
        ("", []),
        ("police", None),
        ("a@police.example", None),
        ("*.example", None),
        ("\n".join(f"d{number}.example" for number in range(21)), None),
    ],
)
def test_an_agency_has_its_domains(town, page, typed, kept):
    form = {"name": "Police", "kind": "police", "position": "1", "domains": typed}
    response = page("boards:agency-edit", "police", **form)
    town.police.refresh_from_db()
    assert town.police.domains == (kept or [])
    assert (response.redirect_chain == []) is (kept is None)
    if kept:
        assert "\n".join(kept) in page("boards:agency-edit", "police").content.decode()
