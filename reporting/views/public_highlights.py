"""The pictures of highlights that anybody may see."""

from hashlib import sha256

from django.http import HttpRequest

from actions.pictures import content_type_of
from actions.selectors.highlights import public_picture
from reporting.selectors import NotHeld
from reporting.views.public import Page, anybody

LARGEST_KEY = 2**63 - 1


@anybody
def public_highlight_picture(request: HttpRequest, town: str, highlight: int) -> Page:
    """As long as anybody may read the highlight; with ?size=small the small one. Its tag is what it looks like."""
    is_small = request.GET.get("size") == "small"
    content = public_picture(town, highlight, is_small=is_small) if highlight <= LARGEST_KEY else None
    if content is None:
        raise NotHeld("There is no such picture, or it isn’t public.")
    return Page((sha256(content).hexdigest(),), lambda: content, content_type_of(content))
