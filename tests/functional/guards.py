"""What must travel with every page, so that a browser does nothing with it that we don't mean."""

from playwright.sync_api import Response

POLICY = {
    "default-src 'none'",
    *(f"{kind} 'self'" for kind in ("script-src", "style-src", "img-src", "font-src", "connect-src", "form-action")),
    "base-uri 'none'",
    "frame-ancestors 'none'",
}
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
}
# What the policy would refuse to show.
INLINE = ("<style", " style=", "javascript:", "data:image")


def unguarded(answer: Response) -> list[str]:
    """What is missing, or there without need."""
    headers = answer.headers
    faults = [name for name, value in HEADERS.items() if headers.get(name) != value]
    if not {"no-store", "private"} <= set(headers.get("cache-control", "").split(", ")):
        faults.append("cache-control")
    if set(headers.get("content-security-policy", "").split("; ")) != POLICY:
        faults.append("content-security-policy")
    if "etag" in headers:
        faults.append("etag: what nobody may keep can't be asked for again")
    return faults + [word for word in INLINE if word in answer.text()]
