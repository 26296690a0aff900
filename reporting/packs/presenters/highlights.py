"""What does a pack say about what was done? It shows highlights, with their pictures."""

from collections.abc import Iterable
from hashlib import sha256

from actions.models import Highlight
from actions.pictures import for_print
from actions.presenters.highlights import make_view
from actions.selectors.highlights import get_pictures, highlights_in
from reporting.models import PackKind
from reporting.packs.presenters.shapes import Abreast, Block, Chapter, Heading, Paragraph, Photo, empty
from reporting.packs.presenters.sources import Sources, whose

YEAR = 12  # months
# A story up to this many characters has its picture beside it, on the same page; a longer one has it above.
LONGEST_BESIDE = 1_500
MOST_PRINTED = 128  # pictures that a process caches as documents need them: some 10 MB
SHARE = 40  # per cent of the page's width, for a picture beside text


def highlights(sources: Sources) -> Chapter:
    """Show what was done in the month, or in the year for a year’s pack. The public sees what is marked public."""
    month = sources.month
    first = month + -(YEAR - 1) if sources.order.kind is PackKind.YEAR else month
    found = highlights_in(
        sources.area,
        first.first_day,
        month.last_day,
        board=whose(sources.order.board),
        public_only=sources.is_public,
    )
    if not found:
        when = "in the year" if sources.order.kind is PackKind.YEAR else f"in {month.label}"
        return empty("highlights", "Highlights", f"Nothing was reported about what was done {when}.")
    pictures = get_pictures(found)
    blocks = [block for each in found for block in highlight(each, pictures.get(each.pk))]
    return Chapter("highlights", "Highlights", tuple(blocks), follows=True)


def highlight(each: Highlight, picture: bytes | None) -> Iterable[Block]:
    said, story = Paragraph(make_view(each).facts, look="quiet"), Paragraph(each.story)
    yield Heading(each.title, f"highlight-{each.pk}")
    if picture is None:
        yield from (said, story)
    elif len(each.story) <= LONGEST_BESIDE:
        yield Abreast((said, story), (photo(each, picture),), share=SHARE, is_whole=True)
    else:
        yield from (said, photo(each, picture), story)


def photo(each: Highlight, picture: bytes) -> Photo:
    content, width, height = printed(picture)
    return Photo(content, sha256(content).hexdigest(), width, height, each.picture_alt, each.pk)


_printed: dict[str, tuple[bytes, int, int]] = {}  # by the hash of the picture, the oldest first


def printed(picture: bytes) -> tuple[bytes, int, int]:
    """Call for_print once for each picture: it takes 50 ms, and each look at a draft makes it again."""
    key = sha256(picture).hexdigest()
    found = _printed.get(key) or for_print(picture)
    _printed[key] = found
    # Another thread may do the same, so copy the keys, and accept that one is gone.
    for oldest in list(_printed)[:-MOST_PRINTED]:
        _printed.pop(oldest, None)
    return found
