"""Who was the first of the two people of an act? For the event of the second one's act."""

from datetime import datetime

from core.models import User

NOBODY = "system"  # as the record calls the command line


def name_asker(person: User | None, at: datetime | None) -> dict[str, str]:
    """Return the details that name the first person and when they asked."""
    asked = {"asked_by": person.email if person is not None else NOBODY}
    return asked | ({"asked_at": at.isoformat()} if at is not None else {})
