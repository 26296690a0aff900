"""Who publishes a page or a file for the public, whom to ask about it, and the licence of its figures."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from boards.models import Licence, PartnershipArea
from boards.models.areas import OPEN_LICENCE

# In the codes of opendefinition.org, as a Data Package needs them.
LICENCES = {
    Licence.OPEN: {"name": "OGL-UK-3.0", "title": Licence.OPEN.label, "path": OPEN_LICENCE},
    Licence.ASK: {"name": "other-closed", "title": "No licence: ask the publisher first"},
}
TERMS = {
    Licence.OPEN: f"Anyone may reuse these figures under the {Licence.OPEN.label}: {OPEN_LICENCE}",
    Licence.ASK: "These figures have no licence. Ask us before you reuse them.",
}
NO_TERMS = "These figures have no licence."


@dataclass(frozen=True, slots=True)
class Publisher:
    """`contact` is an email address or the address of a page, or empty. `licence` is empty while none is chosen."""

    name: str
    contact: str
    licence: str

    @property
    def contact_url(self) -> str:
        return self.contact if self.is_page else f"mailto:{quote(self.contact, safe='@')}"

    @property
    def is_page(self) -> bool:
        return "://" in self.contact

    @property
    def has_open_licence(self) -> bool:
        return self.licence == Licence.OPEN

    @property
    def terms(self) -> str:
        """Return how the figures can be reused."""
        return TERMS[Licence(self.licence)] if self.licence else NO_TERMS

    def list_notes(self) -> list[tuple[str, str]]:
        """Return what the notes of a file say."""
        return [
            ("Published by", self.name),
            ("Questions", self.contact or "No contact is given."),
            ("Licence", self.terms),
        ]

    def describe(self) -> dict[str, Any]:
        """Return what the description of a data package says."""
        reached = {"path" if self.is_page else "email": self.contact} if self.contact else {}
        licences = {"licenses": [LICENCES[Licence(self.licence)]]} if self.licence else {}
        return {"contributors": [{"title": self.name, "role": "publisher", **reached}], **licences}


def make_publisher(area: PartnershipArea) -> Publisher:
    return Publisher(area.publisher or area.name, area.contact, area.licence)
