"""Pictures of highlights that anybody may see."""

from django.http import HttpRequest

from actions.selectors.highlights import PublicPicture, public_picture, read_public_picture
from core.months import Month, months_between
from core.not_held import NotHeld
from reporting.public.answers import Page, anybody
from reporting.public.selectors.editions import Withdrawn
from reporting.public.selectors.withdrawn import list_withdrawn_in

NO_PICTURE = "There is no such picture, or it is not public."


def is_withdrawn(town: str, picture: PublicPicture) -> bool:
    """Return whether every month that shows the picture was withdrawn. One query."""
    first, last = Month.of(picture.starts_on), Month.of(picture.ends_on or picture.starts_on)
    return set(months_between(first, last)) <= list_withdrawn_in(town)


@anybody
def public_highlight_picture(request: HttpRequest, town: str, highlight: int) -> Page:
    """Return the picture while anybody may read its highlight; with ?size=small, the small one. Its tag is the
    picture's hash, so a reader who has it causes no further transfer.
    """
    is_small = request.GET.get("size") == "small"
    picture = public_picture(town, highlight, is_small=is_small)
    if picture is None:
        raise NotHeld(NO_PICTURE)
    if is_withdrawn(town, picture):
        raise Withdrawn("This picture was published here, and has been withdrawn.")

    def make() -> bytes:
        content = read_public_picture(picture)
        if content is None:  # it was removed just now
            raise NotHeld(NO_PICTURE)
        return content

    return Page((picture.sha256, is_small), make, picture.media_type, is_kept=False)
