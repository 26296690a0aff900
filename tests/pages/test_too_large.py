"""A form that is larger than is read: a sentence, and nothing is saved."""

from html import unescape

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from core.calendar import Month
from indicators.models import Submission
from tests.scenarios import Town, open_month
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)
URL = reverse("indicators:return-edit", args=["testford", OCTOBER, "police"])


@pytest.fixture
def lead(town: Town) -> Client:
    open_month(town, OCTOBER)
    return signed_in(town.lead)


def test_a_form_that_is_too_large_says_so(lead: Client):
    answer = lead.post(URL, {"revision": "0", "arrests:note": "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE})
    assert answer.status_code == 400
    page = unescape(answer.content.decode())
    assert "What you sent is larger than 8 MB. Go back, shorten the longest note, and send it again" in page
    assert Submission.objects.count() == 0


@pytest.mark.parametrize("note", ["x", "é", "字"])
def test_a_long_note_fits_in_any_script(lead: Client, note: str):
    text = note * (1_000_000 // len(note.encode()))  # a megabyte
    content_type = "application/x-www-form-urlencoded"
    body = "&".join(["revision=0", f"arrests:note={''.join(f'%{byte:02X}' for byte in text.encode())}"])
    assert lead.post(URL, body, content_type=content_type).status_code == 302
    assert Submission.objects.get().draft["arrests"]["note"] == text


def test_what_else_cannot_be_read_has_its_own_sentence(lead: Client):
    fields = {f"field-{number}": "1" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
    answer = lead.post(URL, fields)
    assert answer.status_code == 400
    assert "doesn’t understand. Nothing was saved." in unescape(answer.content.decode())
