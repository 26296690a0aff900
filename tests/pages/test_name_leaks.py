"""Line names: on no other page, in no file, not in the audit and not in a session."""

import json
from collections.abc import Iterator

import pytest
from django.urls import NoReverseMatch

from boards.models import Membership
from core.models import AuditEvent, Session
from indicators.models import LineName
from indicators.services.names import retire_name
from tests import scenarios
from tests.architecture import places
from tests.integration.command_line import run
from tests.integration.test_names import OCTOBER, OTHER, SECRET, ask, category, fill_in, note, officer, viewer
from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db


def area_pages(town: Town) -> Iterator[str]:
    """Every address of the area that is filled in here."""
    known = {
        "area": "testford",
        "month": OCTOBER,
        "agency": "police",
        "board": "csp",
        "dimension": "origin",
        "category": "london",
        "membership": Membership.objects.get(user=viewer(town)).pk,
        "code": "lines",
    }
    for name in sorted(places.names()):
        try:
            path = places.address(name, known)
        except (NoReverseMatch, KeyError):
            continue
        if path.startswith("/testford/"):
            yield path


def test_no_name_is_on_any_other_page_in_a_file_in_the_audit_or_in_a_session(town: Town):
    fill_in(town)
    scenarios.accept(town, OCTOBER, {"arrests": 3, "charges": 2, "lines.london": 4, "lines.leeds": 1})
    scenarios.publish(town, OCTOBER)
    note(town)
    retire_name(note(town, OTHER), by=viewer(town))
    shown = ask(viewer(town), act="reveal", origin=category().pk, why="A strategy meeting").content.decode()
    assert SECRET in shown
    assert OTHER in shown
    ask(viewer(town), act="note", origin=category().pk, name=SECRET)  # refused: it is held

    pages = list(area_pages(town))
    assert len(pages) > 40
    for reader in (viewer(town), officer(town), town.coordinator, town.lead, scenarios.make_operator()):
        client = signed_in(reader)
        for path in pages:
            body = client.get(path).content.decode("utf-8", "replace")
            assert SECRET not in body, path
            assert OTHER not in body, path
    kept = [event.target + json.dumps(event.details) for event in AuditEvent.objects.all()]
    kept += [str(session.get_decoded()) for session in Session.objects.all()]
    kept += [str(noted) for noted in LineName.objects.all()]
    for form in ("json", "csv"):
        kept.append(run("export_month", "--area", "testford", "--month", "2026-10", "--format", form).out)
    assert not [text for text in kept if SECRET in text or OTHER in text]
