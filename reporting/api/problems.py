"""Say at the door for machines that something went wrong: as a problem of RFC 9457, in JSON.

Everything below /api/ answers with one of these, whoever refuses: a view, a middleware, or an error of ours.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

DOOR = "/api/"
HOME = f"{DOOR}v1/"
PUBLIC = f"{HOME}public/"
# As the public answers themselves: a script of another site has to learn that its copy was withdrawn.
OPEN_TO_SCRIPTS = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of problem. Its address leads to its place on our page about the API."""

    slug: str
    status: int
    title: str
    means: str

    @property
    def anchor(self) -> str:
        return f"problem-{self.slug}"

    @property
    def address(self) -> str:
        return f"{HOME}#{self.anchor}"


KINDS = (
    Problem(
        "unreadable", 400, "We can’t read this request", "The body isn’t JSON, or a header is wrong. Nothing was saved."
    ),
    Problem("key-in-address", 400, "A key was in the address", "Addresses are stored in logs. Revoke that key."),
    Problem("key-unknown", 401, "There is no such key", "No key was sent, or one that we don’t know."),
    Problem("key-over", 401, "The key no longer works", "The key has expired, or someone revoked it."),
    Problem("nobody-answers", 403, "The key’s owner has no access", "Its owner has no access here at the moment."),
    Problem(
        "not-opened",
        403,
        "The key doesn’t open this",
        ("The key’s scopes don’t include this, or its owner can’t do this."),
    ),
    Problem("not-found", 404, "There is nothing here", "It doesn’t exist, or it isn’t for this key."),
    Problem(
        "read-only",
        405,
        "This address doesn’t accept that method",
        ("The header Allow lists the methods that it accepts."),
    ),
    Problem("not-now", 409, "This can’t be changed now", "The return has been submitted, or it is closed."),
    Problem("withdrawn", 410, "This has been withdrawn", "It was public once. Delete your copy."),
    Problem(
        "changed",
        412,
        "Someone saved first",
        ("The revision in If-Match isn’t the current one. Read the return again."),
    ),
    Problem("too-large", 413, "This is too large", "We didn’t read it. Nothing was saved."),
    Problem(
        "wrong",
        422,
        "Something in this request is wrong",
        ("`errors` says what is wrong, and where. Nothing was saved."),
    ),
    Problem("too-often", 429, "Too many requests with this key", "Wait for the number of seconds in Retry-After."),
    Problem("too-many-wrong-keys", 429, "Too many wrong keys", "Wait a minute, and check the key."),
    Problem("broken", 500, "Something went wrong on our side", "We have logged it. Try again later."),
    Problem("no-database", 503, "The database can’t answer", "Try again in a few minutes."),
)
BY_SLUG: Mapping[str, Problem] = {kind.slug: kind for kind in KINDS}


def is_for_machines(request: HttpRequest) -> bool:
    return request.path.startswith(DOOR)


def refuse(
    request: HttpRequest,
    slug: str,
    detail: str = "",
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return the answer. `detail` is a sentence for people; `errors` have a JSON pointer and a sentence each."""
    kind = BY_SLUG[slug]
    said: dict[str, object] = {
        "type": kind.address,
        "title": kind.title,
        "status": kind.status,
        "detail": detail or kind.means,
        "instance": request.path,
    }
    if errors:
        said["errors"] = list(errors)
    fixed = {"Cache-Control": "no-store"} | (
        {"WWW-Authenticate": 'Bearer realm="V+V Dashboard"'} if kind.status == 401 else {}
    )
    fixed |= OPEN_TO_SCRIPTS if request.path.startswith(PUBLIC) else {}
    body = json.dumps(said, ensure_ascii=False)
    return HttpResponse(body, status=kind.status, content_type=CONTENT_TYPE, headers=fixed | dict(headers or {}))
