"""Which part of a page can the next reader reuse? Everything but the frame, which names the reader."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from core.compression import compress_page, deflate
from core.kept import keep
from reporting.models.snapshots import Snapshot, SnapshotState


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a rendered page that are cached."""

    content: SafeString
    title: str
    more: str = ""  # below the part that each reader has separately
    packed: tuple[bytes, bytes] = (b"", b"")  # the content and what is below, compressed


def cached_parts(depends_on: tuple[object, ...], make: Callable[[], Parts]) -> Parts:
    """Return the cached page if nothing that it depends on has changed; otherwise make it: see core.kept. `depends_on`
    has the rows of the month and the boards as they are now, and what the reader's roles let them see.
    """

    def pack() -> Parts:
        made = make()
        return replace(made, packed=(deflate(made.content.encode()), deflate(made.more.encode())))

    return keep(depends_on, pack)


def compress_parts(request: HttpRequest, response: HttpResponse, parts: Parts, shown: Snapshot) -> HttpResponse:
    """Compress a page that has these parts of a published version. A draft stays as it is: it has notes that an agency
    may still change, beside figures that this agency may not see yet.
    """
    if shown.state != SnapshotState.PUBLISHED:
        return response
    return compress_page(request, response, zip((parts.content, parts.more), parts.packed, strict=True))
