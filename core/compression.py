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
LEVEL = 4  # 6 takes half as long again, and saves a twenty-fifth
# zlib fills as much memory as we let it use, which for a small piece takes longer than to compress it.
SMALL, SMALL_WINDOW, SMALL_MEMORY = 2**13, 13, 6
MOST_OF_A_BLOCK = 0xFFFF  # bytes
TO_FIND = 100  # bytes


def takes_gzip(request: HttpRequest) -> bool:
    return TAKES_GZIP.search(request.headers.get("Accept-Encoding", "")) is not None


def deflate(piece: bytes) -> bytes:
    """Return a piece of a stream, compressed. It refers to nothing before it, and ends on a whole byte."""
    window, memory = (SMALL_WINDOW, SMALL_MEMORY) if len(piece) <= SMALL else (zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL)
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -window, memory)
    return packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)


def store(piece: bytes) -> bytes:
    """Return a piece of a stream, as it is."""
    blocks = (piece[start : start + MOST_OF_A_BLOCK] for start in range(0, len(piece), MOST_OF_A_BLOCK))
    # Each says how long it is, and the same with every bit turned.
    return b"".join(struct.pack("<BHH", 0, len(each), len(each) ^ 0xFFFF) + each for each in blocks)


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
            made += [store(body[done:start]), packed]
            done = start + len(part)
    made += [store(body[done:]), LAST]
    end = struct.pack("<LL", zlib.crc32(body), len(body) & 0xFFFFFFFF)
    response.content = b"".join([HEAD, *made, end])
    response.headers["Content-Encoding"] = "gzip"
    return response
