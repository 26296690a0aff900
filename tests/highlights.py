"""Highlights, made through services; and a picture to send."""

from datetime import date
from io import BytesIO
from typing import Any

from PIL import Image

from actions.models import Highlight, HighlightKind
from actions.pictures import read_picture
from actions.services.highlights import HighlightDraft, add_highlight, set_picture
from boards.models import PartnershipArea, Strand
from core.models import User
from tests.scenarios import Town

STORY = "A stall stood in the High Street for a week. People asked what to look out for."


def strand_of(area: PartnershipArea, code: str = "prevent") -> Strand:
    return Strand.objects.get_or_create(area=area, code=code, defaults={"name": code.capitalize()})[0]


def draft(town: Town, **given: Any) -> HighlightDraft:
    told: dict[str, Any] = {
        "kind": HighlightKind.CAMPAIGN,
        "title": "See the signs",
        "boards": (town.csp,),
        "starts_on": date(2026, 9, 14),
        "story": STORY,
        **given,
    }
    return HighlightDraft(**{"strand": strand_of(town.area), **told})


def tell(town: Town, *, picture: bytes = b"", by: User | None = None, **given: Any) -> Highlight:
    """A highlight that the coordinator tells, with a picture if there is one; checked, where the public can read it."""
    by = by or town.coordinator
    told = add_highlight(town.area, draft(town, **given), names_nobody=bool(given.get("is_public")), by=by)
    if not picture:
        return told
    return set_picture(told, read_picture(picture), alt="A stall", revision=told.revision, names_nobody=True, by=by)


def picture(colour: str = "teal", kind: str = "JPEG", size: tuple[int, int] = (90, 60)) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    return file.getvalue()
