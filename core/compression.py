"""How is a page compressed without its length telling a secret?

Compression writes a text once that occurs twice. So somebody who can put a guess into a page, and who sees how long the
page is on its way, learns whether it already has the guess (BREACH). We compress pieces of a page, each by itself, and
never a piece in which a guess could meet a secret that its author can't read. See docs/adr/0087.
"""

import re
import struct
import zlib
from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")
HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # of a gzip file without a name, a time and a system
LAST = b"\x03\0"  # an empty block, which ends the stream
START_OF_OWN = b"<main"  # what is above is the frame: the person's name, their menu and a masked token
AS_IT_IS, SMALL = 0, 6
TO_FIND = 100  # bytes


def takes_gzip(request: HttpRequest) -> bool:
    return TAKES_GZIP.search(request.headers.get("Accept-Encoding", "")) is not None


def deflate(piece: bytes, level: int = SMALL) -> bytes:
    """Return a piece of a stream. It refers to nothing before it, and ends on a whole byte."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)


def compress_page(request: HttpRequest, response: HttpResponse, parts: Iterable[tuple[str, bytes]]) -> HttpResponse:
    """Compress a page's frame, and the parts that come from the cache: their texts, in the page's order, with what
    `deflate` made of them. Everything else travels as it is. Only for parts in which everybody who may write into them
    may read them: a month's draft isn't one.
    """
    patch_vary_headers(response, ["Accept-Encoding"])
    if not takes_gzip(request):
        return response
    body = response.content
    frame = max(body.find(START_OF_OWN), 0)
    made, done = [deflate(body[:frame])], frame
    for text, packed in parts:
        part = text.encode()
        start = body.find(part[:TO_FIND], done)  # a long text takes long to find, and no time to compare
        if part and start >= 0 and body.startswith(part, start):
            made += [deflate(body[done:start], AS_IT_IS), packed]
            done = start + len(part)
    made += [deflate(body[done:], AS_IT_IS), LAST]
    end = struct.pack("<LL", zlib.crc32(body), len(body) & 0xFFFFFFFF)
    response.content = b"".join([HEAD, *made, end])
    response.headers["Content-Encoding"] = "gzip"
    return response
