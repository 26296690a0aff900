"""Which answers travel compressed? Those whose length can't tell a secret: see docs/adr/0103.

Compression writes a text once that occurs twice. So somebody who can put a guess into a page, and who sees how long the
page is on its way, learns whether the page already has it (BREACH). Padding only makes them look more often.
"""

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

PLAIN = ("text/", "application/json", "application/atom+xml", "image/svg+xml")  # all else is compressed already


class PublicGZipMiddleware(GZipMiddleware):
    """Compresses what anybody may store: public pages and files, and our stylesheets and scripts. It is the same for
    every reader, so it has no secret."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if "public" not in response.headers.get("Cache-Control", "").split(", "):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])  # of an answer without a body too
        if response.headers.get("Content-Type", "").startswith(PLAIN):
            return super().process_response(request, response)
        return response


def compress_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Compress a page for somebody who is signed in. Only for a page that repeats nothing of the request, and has no
    text of somebody who may not read all of it and can still change the text. A message isn't of the page: it may say
    anything."""
    if not getattr(get_messages(request), "used", False):
        GZipMiddleware(lambda _: response).process_response(request, response)
    return response
