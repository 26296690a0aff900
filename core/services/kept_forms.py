"""Keep what was typed into a form that could not be taken in: its session had ended, or its token
was too old.

A form that asks for it carries `FIELD`: a signed proof that the page was ours, and made for this
person. Where such a form is refused, what it held is kept in the session, and the page that it
belongs to shows it again to that person, once they have signed in. A form without the proof, such
as one that another site made, is not kept.
"""

from django.contrib.sessions.backends.base import SessionBase
from django.core import signing
from django.http import HttpRequest, QueryDict

from core.models import User

FIELD = "typed_by"
KEPT = "kept_form"  # key in the session
SALT = "core.kept_forms"
MAX_AGE = 30 * 24 * 60 * 60  # seconds: a page may be left open for a long time


def proof(user: User) -> str:
    """What a form carries in FIELD."""
    return signing.dumps(user.pk, salt=SALT)


def keep(request: HttpRequest) -> bool:
    """Keep the form that this request brought; whether there was one to keep."""
    try:
        typed_by = signing.loads(request.POST.get(FIELD, ""), salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return False
    request.session[KEPT] = {"by": typed_by, "path": request.path, "typed": request.POST.urlencode()}
    return True


def kept(session: SessionBase, *, path: str, by: User) -> QueryDict | None:
    """What this person typed into the form of this page, if it was kept."""
    held = session.get(KEPT)
    if not held or (held["path"], held["by"]) != (path, by.pk):
        return None
    return QueryDict(held["typed"])


def forget(session: SessionBase) -> None:
    """It has been saved, or is of no use any more."""
    session.pop(KEPT, None)
