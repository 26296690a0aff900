"""Keep what was typed into a form that could not be taken in: its session had ended, or its token
was too old.

A form that asks for it carries `FIELD`: a signed proof that the page was ours, and made for this
person. Where such a form is refused, what it held is kept in the session, and the page that it
belongs to shows it again to that person, once they have signed in. A form without the proof, such
as one that another site made, is not kept; nor is one of a person who can't sign in any more, or
one that is too long.
"""

from dataclasses import dataclass

from django.contrib.sessions.backends.base import SessionBase
from django.core import signing
from django.http import HttpRequest, QueryDict, UnreadablePostError

from core.models import User

FIELD = "typed_by"
KEPT, LEFT = "kept_form", "left_for_page"  # keys in the session
SALT = "core.kept_forms"
MAX_AGE = 30 * 24 * 60 * 60  # seconds: a page may be left open for a long time
LONGEST = 3 * 1024 * 1024  # bytes of a form that is kept: anybody with an old page could fill the table of sessions


def proof(user: User) -> str:
    """What a form carries in FIELD."""
    return signing.dumps(user.pk, salt=SALT)


def keep(request: HttpRequest) -> bool:
    """Keep the form that this request brought; whether there was one to keep."""
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
    """Every box of a form that an error of ours stopped, in its order: the page of the error has them, to be sent
    again. Nothing without the proof. The database isn't asked: it may be what failed.

    The page sends no token. So what comes back is kept and shown unsaved, as a form whose token was too old; nothing
    that another site made is sent in somebody's name."""
    try:
        signing.loads(request.POST.get(FIELD, ""), salt=SALT, max_age=MAX_AGE)
    except (signing.BadSignature, UnreadablePostError):
        return []
    if len(request.POST.urlencode()) > LONGEST:
        return []
    return [(name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values]


def find(session: SessionBase, *, path: str, by: User) -> QueryDict | None:
    """What this person typed into the form of this page, if it was kept."""
    held = session.get(KEPT)
    if not held or (held["path"], held["by"]) != (path, by.pk):
        return None
    return QueryDict(held["typed"])


def forget(session: SessionBase) -> None:
    """It has been saved, or is of no use any more."""
    session.pop(KEPT, None)
    session.pop(LEFT, None)  # of an earlier try


@dataclass(frozen=True, slots=True)
class Left:
    """What was typed into which form of a page, and why it was refused; nothing where the form itself says so."""

    form: str
    typed: QueryDict
    refusal: str


def leave(session: SessionBase, *, path: str, form: str, typed: QueryDict, refusal: str) -> None:
    """Leave what was typed, and why it was refused, for the page that the person is sent back to."""
    session[LEFT] = {"path": path, "form": form, "typed": typed.urlencode(), "refusal": refusal}


def collect(session: SessionBase, *, path: str) -> Left | None:
    """What was left for this page, once; nothing otherwise."""
    if session.get(LEFT, {}).get("path") != path:
        return None
    left = session.pop(LEFT)
    return Left(left["form"], QueryDict(left["typed"]), left["refusal"])
