"""How do we save a form that we could not accept, because its session had ended or its token was too old?

A form that wants this has `FIELD`: a signed proof that we made the page, for this person. If such a form is refused, we
save what it contained in the session. Its page shows it again to that person, once they have signed in. We don't save a
form without the proof (such as one from another site), from a person who can no longer sign in, or that is too long.
"""

from dataclasses import dataclass

from django.contrib.sessions.backends.base import SessionBase
from django.core import signing
from django.http import HttpRequest, QueryDict, UnreadablePostError

from core.models import User

FIELD = "typed_by"
KEPT, LEFT = "kept_form", "left_for_page"  # keys in the session
SALT = "core.kept_forms"
MAX_AGE = 30 * 24 * 60 * 60  # seconds: a page may stay open for a long time
LONGEST = 3 * 1024 * 1024  # bytes of a saved form: anybody with an old page could fill the table of sessions


def proof(user: User) -> str:
    """Return the proof, the value of FIELD."""
    return signing.dumps(user.pk, salt=SALT)


def keep(request: HttpRequest) -> bool:
    """Save the form in this request; return whether there was one."""
    try:
        typed_by = signing.loads(request.POST.get(FIELD, ""), salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return False
    typed = request.POST.urlencode()
    if len(typed) > LONGEST or not User.objects.filter(pk=typed_by, is_active=True).exists():
        return False
    request.session[KEPT] = {"by": typed_by, "path": request.path, "typed": typed}
    return True


def list_typed(request: HttpRequest) -> list[tuple[str, str]]:
    """Return every field of a form that an error of ours stopped, in order. The error page has them, to send again.

    Returns nothing without the proof. It doesn't query the database, which may be what failed. The page has no token,
    so we save and show the form like one with an old token. Nothing from another site is sent in somebody's name.
    """
    try:
        signing.loads(request.POST.get(FIELD, ""), salt=SALT, max_age=MAX_AGE)
    except (signing.BadSignature, UnreadablePostError):
        return []
    if len(request.POST.urlencode()) > LONGEST:
        return []
    return [(name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values]


def find(session: SessionBase, *, path: str, by: User) -> QueryDict | None:
    """Return what this person typed into the form of this page, if we saved it."""
    held = session.get(KEPT)
    # Somebody else may sign in on the same machine, in the same session. They must not see it.
    if not held or (held["path"], held["by"]) != (path, by.pk):
        return None
    return QueryDict(held["typed"])


def forget(session: SessionBase) -> None:
    """Delete it: it has been saved, or is no longer useful."""
    session.pop(KEPT, None)
    session.pop(LEFT, None)  # from an earlier try


@dataclass(frozen=True, slots=True)
class Left:
    """What somebody typed into which form of a page, and why it was refused; empty if the form itself says so."""

    form: str
    typed: QueryDict
    refusal: str


def leave(session: SessionBase, *, path: str, form: str, typed: QueryDict, refusal: str) -> None:
    """Leave what somebody typed, and why it was refused, for the page to which we redirect them."""
    session[LEFT] = {"path": path, "form": form, "typed": typed.urlencode(), "refusal": refusal}


def collect(session: SessionBase, *, path: str) -> Left | None:
    """Return what was left for this page, once; nothing otherwise."""
    if session.get(LEFT, {}).get("path") != path:
        return None
    left = session.pop(LEFT)
    return Left(left["form"], QueryDict(left["typed"]), left["refusal"])
