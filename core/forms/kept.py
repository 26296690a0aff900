"""Save a form that we could not accept, because its session had ended or its token was too old.

A form that wants this has `FIELD`: a signed proof that we made the page, for this person. If such a form is refused, we
save what it contained, for this session. Its page shows it again to that person, once they have signed in. We don't
save a form without the proof (such as one from another site), from a person who can no longer sign in, or that is too
long. Anybody with an old page can send its form again and again, so what we save for a person has limits.
"""

from dataclasses import dataclass
from datetime import timedelta
from secrets import token_urlsafe

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core import signing
from django.db import transaction
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, QueryDict, UnreadablePostError
from django.utils import timezone

from core.models import KeptForm, User

FIELD = "typed_by"
KEPT, LEFT = "kept_form", "left_for_page"  # keys in the session
SALT = "core.kept_forms"
MAX_AGE = 30 * 24 * 60 * 60  # seconds: a page may stay open for a long time
LONGEST = 3 * 1024 * 1024  # bytes of a saved form, and of all that a person has
MOST_FORMS = 5  # of one person: each is in another session
MOST_IN_ALL = 20 * LONGEST  # bytes of everybody's
LONGEST_PATH: int = KeptForm._meta.get_field("path").max_length or 0


def proof(user: User) -> str:
    """Return the proof, the value of FIELD."""
    return signing.dumps(user.pk, salt=SALT)


def keep(request: HttpRequest) -> bool:
    """Save the form in this request; return whether there was one."""
    try:
        typed_by = signing.loads(request.POST.get(FIELD, ""), salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return False
    typed, path = request.POST.urlencode(), request.path
    # PostgreSQL stores no NUL. No page of ours has such an address.
    if len(typed) > LONGEST or len(path) > LONGEST_PATH or "\x00" in path:
        return False
    key = _save(typed_by, path, typed, instead_of=request.session.get(KEPT) or "")
    if key:
        request.session[KEPT] = key
    return bool(key)


@transaction.atomic
def _save(typed_by: int, path: str, typed: str, *, instead_of: str) -> str:
    """Save a form and return its key; nothing if there is no room for it. A session has one: a new one replaces it."""
    # Locked, so that two forms sent at the same time can't both take the last room.
    person = User.objects.select_for_update().filter(pk=typed_by, is_active=True).first()
    if person is None:
        return ""
    totals = KeptForm.objects.exclude(pk=instead_of, person=person).aggregate(
        forms=Count("pk", filter=Q(person=person)),
        theirs=Sum("size", filter=Q(person=person), default=0),
        everybodys=Sum("size", default=0),
    )
    size = len(typed)
    is_full = (
        totals["forms"] >= MOST_FORMS or totals["theirs"] + size > LONGEST or totals["everybodys"] + size > MOST_IN_ALL
    )
    if is_full:
        return ""
    KeptForm.objects.filter(pk=instead_of, person=person).delete()
    key = token_urlsafe(32)
    KeptForm.objects.create(pk=key, person=person, path=path, typed=typed, size=size, kept_at=timezone.now())
    return key


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
    key = session.get(KEPT)
    if not key:
        return None
    # Somebody else may sign in on the same machine, in the same session. They must not see it.
    form = KeptForm.objects.filter(pk=key, path=path, person=by).first()
    return QueryDict(form.typed) if form is not None else None


def forget(session: SessionBase) -> None:
    """Delete it: it has been saved, or is no longer useful."""
    key = session.pop(KEPT, None)
    if key:
        KeptForm.objects.filter(pk=key).delete()
    session.pop(LEFT, None)  # from an earlier try


def forget_all(person: User) -> None:
    """Delete every saved form of a person."""
    KeptForm.objects.filter(person=person).delete()


def forget_old() -> None:
    """Delete the forms whose session has ended. Each night."""
    since = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    KeptForm.objects.filter(kept_at__lt=since).delete()


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
