"""What an area adds to the privacy notice and the accessibility statement, as it is saved."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from boards.models import PublicStatements
from boards.services.area import LONGEST, set_statements
from core.models import AuditEvent
from tests.scenarios import Town

pytestmark = pytest.mark.django_db


def save(town: Town, **options: Any) -> PublicStatements:
    held = PublicStatements.objects.filter(area=town.area).first()
    told: dict[str, Any] = {"privacy": "We decide.", "accessibility": "", "revision": held.revision if held else 0}
    return set_statements(town.area, **told | {"by": town.coordinator} | options)


def test_what_changed_is_written_down_and_only_by_a_coordinator(town: Town, outsider):
    for person in (town.lead, outsider):
        with pytest.raises(PermissionDenied):
            save(town, by=person)
    held = save(town)
    save(town, accessibility="We tried a screen reader.")
    save(town, accessibility="We tried a screen reader.")  # sent twice
    assert [event.verb for event in AuditEvent.objects.filter(verb__startswith="statements.").order_by("id")] == [
        "statements.added",
        "statements.changed",
    ]
    held.refresh_from_db()
    assert (held.revision, held.changed_by, str(held)) == (2, town.coordinator, "Testford: privacy and accessibility")


def test_lines_are_tidied_and_a_part_may_be_removed(town: Town):
    assert save(town, privacy="  One.  \r\n\r\nTwo. \n").privacy == "One.\n\nTwo."
    assert save(town, privacy=" \u200b ").privacy == ""


def test_each_part_has_its_limit(town: Town):
    with pytest.raises(ValidationError) as refused:
        save(town, privacy="x" * (LONGEST + 1), accessibility="x" * (LONGEST + 2))
    assert list(refused.value.message_dict) == ["privacy", "accessibility"]
    assert not PublicStatements.objects.exists()
