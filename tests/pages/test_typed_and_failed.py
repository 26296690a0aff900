"""Where the server fails, what was typed is on the page of the error, and goes back into the form."""

import html
import re

import pytest
from django.db import OperationalError
from django.forms import BaseForm
from django.test import Client

from boards.models import Board
from tests.integration.return_pages import Page

FORM = "/testford/setup/boards/add/"
WORDS = 'A board for "housing" & more\nin two lines'


@pytest.fixture
def client(town) -> Client:
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.force_login(town.coordinator)
    return client


def open_form(client: Client) -> dict[str, str]:
    """What the page's form carries."""
    page = Page(client.get(FORM))
    return {name: page.value(name) for name in ("csrfmiddlewaretoken", "typed_by")}


def fail(*args: object, **kwargs: object) -> None:
    raise OperationalError("database or disk is full")


def read_typed(content: str) -> dict[str, str]:
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', content)
    return {name: html.unescape(value) for name, value in hidden}


def test_it_goes_back_into_the_form_unsaved(client, monkeypatch):
    carried = open_form(client)
    with monkeypatch.context() as broken:
        broken.setattr(BaseForm, "is_valid", fail)
        typed = {"name": "Housing board", "basis": WORDS}
        answer = client.post(FORM, carried | typed)
    content = answer.content.decode()
    assert answer.status_code == 503
    assert "database or disk is full" not in content
    sent = read_typed(content)
    assert sent["basis"] == WORDS
    assert "csrfmiddlewaretoken" not in sent

    answer = client.post(FORM, sent, follow=True)

    page = Page(answer)
    assert (answer.status_code, page.value("id_name")) == (200, "Housing board")
    assert "in two lines" in answer.content.decode()
    assert not Board.objects.filter(name="Housing board").exists()


def test_a_form_that_another_site_made_is_not_shown(client, monkeypatch):
    carried = open_form(client)
    monkeypatch.setattr(BaseForm, "is_valid", fail)
    answer = client.post(FORM, {"csrfmiddlewaretoken": carried["csrfmiddlewaretoken"], "name": "Housing board"})
    assert answer.status_code == 503
    assert "Housing board" not in answer.content.decode()
    forged = client.post(FORM, carried | {"typed_by": "1:forged", "name": "Housing board"})
    assert "Housing board" not in forged.content.decode()
