"""What must travel with every page, so that a browser does nothing with it that we don't mean."""

import re

from playwright.sync_api import Response

POLICY = {
    "default-src 'none'",
    *(f"{kind} 'self'" for kind in ("script-src", "style-src", "img-src", "font-src", "connect-src", "form-action")),
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "report-uri /csp-reports/",
}
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
}
# The pages with a sign-in that may travel compressed: a month, and its two years at a glance (docs/adr/0103).
COMPRESSED = re.compile(r"https?://[^/]+/[\w-]+/\d{4}-\d\d/(year/)?(\?version=\d+)?")
# What the policy would refuse to show.
INLINE = ("<style", " style=", "javascript:", "data:image")


def unguarded(answer: Response, *, is_public: bool = False) -> list[str]:
    """What is missing, or there without need. A page for the public may be kept, and brings no cookie."""
    headers = answer.headers
    faults = [name for name, value in HEADERS.items() if headers.get(name) != value]
    keeping = {"public", "max-age=0", "must-revalidate"} if is_public else {"no-store", "private"}
    if not keeping <= set(headers.get("cache-control", "").split(", ")):
        faults.append("cache-control")
    if set(headers.get("content-security-policy", "").split("; ")) != POLICY:
        faults.append("content-security-policy")
    if is_public:
        faults += ["set-cookie"] if "set-cookie" in headers else []
        faults += ["vary"] if headers.get("vary", "Accept-Encoding") != "Accept-Encoding" else []
        faults += ["etag"] if answer.ok and "etag" not in headers else []
    elif "content-encoding" in headers and not COMPRESSED.fullmatch(answer.url):
        faults.append("content-encoding: its length could tell a secret")
    elif "etag" in headers:
        faults.append("etag: what no one may keep can't be asked for again")
    return faults + [word for word in INLINE if word in answer.text()]
