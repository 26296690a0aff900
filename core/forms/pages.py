"""The one way in which a page accepts a form.

A view loads what the form is about, makes the form, saves it and redirects:

    form = form_for(request, lambda typed: MilestoneForm(typed, milestone=milestone))
    if is_saved(request, form, lambda: change_milestone(milestone, **form.typed(), by=request.user)):
        messages.success(request, "The milestone has been saved.")
        return redirect(action)
    return show_form(request, "actions/action_form.html", form, {…})

`saved` does the same, and returns what the service made.

The form shows what is wrong, what looks personal and what the service refuses. It keeps everything that somebody typed.
If somebody else saved first, it says so. No other view checks whether a form is valid or catches a refusal:
tests/architecture/test_form_pages.py. A form that adds something is accepted once, with `taken_once`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from datetime import date, timedelta
from functools import wraps
from hashlib import sha256
from io import BytesIO
from typing import Any, Protocol, cast, runtime_checkable

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers
from django.db import models, transaction
from django.db.models import Model
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from core.calendar import date_label
from core.forms import kept
from core.forms.fields import CHANGED, UNREADABLE, RevisionField
from core.labels import Refused
from core.models import SentForm, User
from core.texts import read_reason


class ReceivedFile(InMemoryUploadedFile):
    """A file in memory, up to the limit. `size` is the size of the whole file, in bytes."""

    @property
    def is_too_big(self) -> bool:
        """Return whether a part of it was dropped."""
        return isinstance(self.file, BytesIO) and self.file.getbuffer().nbytes < (self.size or 0)


class CappedUploadHandler(FileUploadHandler):
    """Keeps FILE_UPLOAD_MAX_MEMORY_SIZE bytes from the files of one request together, and drops the rest as it arrives.

    It writes nothing to a disk. A page that accepts larger files says how much `room` they have.
    """

    def __init__(self, *args: Any, room: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.room = settings.FILE_UPLOAD_MAX_MEMORY_SIZE if room is None else room
        self.kept = BytesIO()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.kept = BytesIO()
        # No handler after this one sees the file: it could write it to a disk.
        raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.room -= self.kept.write(raw_data[: self.room])

    def file_complete(self, file_size: int) -> ReceivedFile:
        self.kept.seek(0)
        return ReceivedFile(
            file=self.kept,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )


# A form may be sent twice, because somebody pressed a button twice. It is accepted once, and the second isn't an error.
#
# If it changes a row, the row shows it: it already has these values, from the same person. Services ask with
# `is_sent_twice` once they have locked the row. A form that changes nothing isn't a change, whoever sends it.
#
# If it adds a row, only the page shows it (`taken_once`, for the view). A page's token against forgery is new each
# time. So the same words from the same page within a few minutes are the same form, and get the same answer. Somebody
# who goes back, changes a word and sends the form again sends a new one.

TOKEN = "csrfmiddlewaretoken"  # noqa: S105  # the name of a form's field
SAME_WITHIN = timedelta(minutes=2)  # a slow line, and a second press; after this, somebody means it
TWICE = "This was already saved."
NAMED_FOR = timedelta(hours=24)


def taken_once(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Accept the form of a view that adds something only once.

    Everything that it saves is in one transaction with the note that it was accepted. The second of two at the same
    time waits for the first. A refused form may be sent again.
    """

    @wraps(view)
    def once(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST" or TOKEN not in request.POST:
            return view(request, *args, **kwargs)
        with transaction.atomic():
            # By the database's clock: this machine's may have jumped between the two.
            now, digest = Now(), hash_request(request)
            # The second of two waits here: on PostgreSQL for the first one's digest, which is unique. SQLite has
            # already made it wait at BEGIN (vvdash.env).
            sent, is_first = SentForm.objects.select_for_update().get_or_create(
                digest=digest, defaults={"sent_at": now}
            )
            if not is_first and SentForm.objects.filter(pk=sent.pk, sent_at__gt=now - SAME_WITHIN).exists():
                messages.info(request, TWICE)
                return redirect(sent.led_to)
            response = view(request, *args, **kwargs)
            if isinstance(response, HttpResponseRedirect):
                sent.led_to, sent.sent_at = response.url, now
                sent.save(update_fields=["led_to", "sent_at"])
            else:
                # It wasn't accepted. A note would answer the same form, sent again, with “already saved”.
                sent.delete()
        return response

    return once


def is_sent_twice(row: models.Model, **said: object) -> bool:
    """Return whether a row already says all of this: who did it (`archived_by=by`), and why (`archived_why=why`).

    Another person or another text means that somebody else was first.
    """
    return all(
        getattr(row, f"{name}_id") == value.pk if isinstance(value, models.Model) else getattr(row, name) == value
        for name, value in said.items()
    )


def hash_request(request: HttpRequest) -> str:
    """Return the same hash for two requests that are the same form from the same person."""
    return sha256("\n".join(_parts(request)).encode()).hexdigest()


def _parts(request: HttpRequest) -> Iterator[str]:
    yield str(request.user.pk)
    yield request.get_full_path()
    yield request.POST.urlencode()
    for name, files in request.FILES.lists():
        for file in files:
            content = sha256(b"".join(file.chunks())).hexdigest()
            # The form reads the file after us, from where we stop.
            file.seek(0)
            yield f"{name} {file.name} {content}"


def forget_sent() -> int:
    """Delete the notes that are too old to match a second form or request. Return how many."""
    return SentForm.objects.filter(sent_at__lt=timezone.now() - NAMED_FOR).delete()[0]


# Two people may edit one thing. The second one gets a message. Nothing is overwritten or decided that they didn't see.
#
# A page says what it showed: a revision, a number of entries, a fingerprint. Once a service has locked the row, it
# compares that with the current state.

NOT_SAVED_YET = "We haven’t saved your changes yet. They are below. We save what is in the boxes when you press"


class ChangedMeanwhile(Refused):
    """Somebody changed it after a page was opened.

    With a `revision`, the form takes it over, so that the next save is accepted. Without one, they have to look at it
    again first.
    """

    def __init__(self, sentence: str, *, revision: int | None = None) -> None:
        super().__init__(sentence)
        self.revision = revision


def check_revision(row: Any, seen: int, *, told: str, button: str = "the button again") -> None:
    """Raise ChangedMeanwhile if `row` has another revision than `seen`, the one that the form was opened with.

    `told` says what the row has now. The form keeps what somebody typed, and the next save is accepted.
    """
    if row.revision != seen:
        raise ChangedMeanwhile(f"{told} {NOT_SAVED_YET} {button}.", revision=row.revision)


def check_seen(seen: object, now: object, *, told: str) -> None:
    """Raise ChangedMeanwhile if the page showed something else. For decisions that depend on what people saw."""
    if seen != now:
        raise ChangedMeanwhile(told)


def now_has(row: Model, changes: Mapping[str, Sequence[str]], *, name: object) -> str:
    """Say that it was changed, and its values where the form differs. `changes` are, by field, its text and the
    form's."""
    fields = {field: row._meta.get_field(field) for field in changes}
    labels = {field: str(getattr(model_field, "verbose_name", field)) for field, model_field in fields.items()}
    return now_told(
        {labels[field]: _describe_value(row, field, words[0]) for field, words in changes.items()}, name=name
    )


def now_told(now: Mapping[str, str], *, name: object) -> str:
    """Say the same about values that aren't fields. `now` are their texts, by name."""
    values = "; ".join(f"{label}: {words or 'none'}" for label, words in now.items())
    return f"{name} was changed after you opened this form. Where your text differs, the saved text is now: {values}."


def _describe_value(row: Model, name: str, words: str) -> str:
    """Format a value as pages do: a day, a choice, yes or no."""
    value, field = getattr(row, name), row._meta.get_field(name)
    if isinstance(value, date):
        return date_label(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(dict(getattr(field, "flatchoices", ())).get(value, words))


type Refusal = ValidationError | Refused | PermissionDenied
# Pages show these. An error of ours has to reach the log and the error page.
REFUSALS = (ValidationError, Refused, PermissionDenied)

ANY_FORM = ["GET", "HEAD", "POST"]
WHY_KEPT = "you were signed out, or the page was open too long. It is below."
NOT_SAVED = f"What you typed was not saved: {WHY_KEPT} Send it again."
SIGNED_OUT = "You were signed out. We saved what you typed. Sign in to see it again."
NOT_SENT = f"What you typed was not sent: {WHY_KEPT} Send it again."
NO_ACT = "Nothing was changed. Press one of the buttons below."
# The code of an error that a service raised, and the HTTP status of the page that shows it.
REFUSED, FORBIDDEN, WRONG = "refused", "forbidden", "wrong"
STATUS = {CHANGED: 409, REFUSED: 409, FORBIDDEN: 403, UNREADABLE: 422, WRONG: 200}


# --- What was typed ---------------------------------------------------------------------------------


def typed_into(request: HttpRequest) -> QueryDict | None:
    """Return what somebody sends now, or what they typed before their sign-in ended, if they only open the page."""
    if request.method == "POST":
        return request.POST
    return kept.find(request.session, path=request.path, by=cast("User", request.user))


def pressed(request: HttpRequest, name: str = "act") -> str:
    """Return which button of a page with several somebody pressed, now or before; empty for none."""
    typed = typed_into(request)
    # PostgreSQL raises an error for a NUL in a text; SQLite accepts it.
    return str(typed.get(name, "")).replace("\x00", "") if typed is not None else ""


def seen_in(request: HttpRequest, name: str = "revision", *, missing: int = 0) -> int:
    """Return the revision from a button that has no fields beside it."""
    return int(RevisionField(missing=missing).clean(pressed(request, name)))


def form_for[Form: forms.BaseForm](
    request: HttpRequest, make: Callable[[QueryDict | None], Form], *, kept: str = NOT_SAVED, **buttons: str
) -> Form:
    """Return the form with what somebody typed. For a page that is only opened, return an empty form, or what we kept
    for it.

    On a page with several forms, `buttons` say which form this is: `act="answer"`.
    """
    typed = typed_into(request)
    if typed is None or any(pressed(request, name) != button for name, button in buttons.items()):
        return make(None)
    form = make(typed)
    if request.method != "POST":
        form.add_error(None, kept)
    return form


def form_left[Form: forms.BaseForm](request: HttpRequest, make: Callable[[QueryDict | None], Form]) -> Form:
    """Return a form whose target isn't its own page, with what `send_back` left and the reason."""
    attributes = vars(request)  # a page may have several
    if "left" not in attributes:
        attributes["left"] = kept.collect(request.session, path=request.path)
    left: kept.Left | None = attributes["left"]
    if left is None:
        return make(None)
    form = make(left.typed)
    if left.form != type(form).__name__:  # a different form on the same page
        return make(None)
    if left.refusal and left.refusal not in form.non_field_errors():
        form.add_error(None, left.refusal)
    return form


# --- Saved, or not ----------------------------------------------------------------------------------


def is_chosen(form: forms.BaseForm) -> bool:
    """Return whether the form in an address has values that the page can show."""
    return form.is_bound and form.is_valid()


def is_filled_in(request: HttpRequest, form: forms.BaseForm) -> bool:
    """Return whether somebody sent the form and it is valid. For forms that are checked before they are saved."""
    return request.method == "POST" and form.is_bound and form.is_valid()


def is_saved(request: HttpRequest, form: forms.BaseForm, save: Callable[[], object]) -> bool:
    """Do what a form asks for, and return whether it was done. The form shows a refusal."""
    return saved(request, form, lambda: (save(),)) is not None


def saved[Saved](request: HttpRequest, form: forms.BaseForm, save: Callable[[], Saved]) -> Saved | None:
    """Do what a form asks for, and return what `save` returns; None if it wasn't done. The form shows a refusal."""
    if not is_filled_in(request, form):
        return None
    try:
        row = save()
    except REFUSALS as refusal:
        refuse(form, refusal)
        return None
    # Not before it is saved: a refused form must survive a second sign-out.
    kept.forget(request.session)
    return row


def is_done(request: HttpRequest, act: Callable[[], object], *, done: str = "", undone: str = "") -> bool:
    """Do what a button without fields asks for. The next page shows `done`, or the reason why not and `undone`."""
    refusal = try_to(act)
    if refusal is not None:
        messages.error(request, f"{describe_refusal(refusal)} {undone}".strip())
    elif done:
        messages.success(request, done)
    return refusal is None


def try_to(act: Callable[[], object]) -> Refusal | None:
    """Do it. Return the refusal, or None."""
    try:
        act()
    except REFUSALS as refusal:
        return refusal
    return None


def describe_refusal(refusal: Refusal) -> str:
    return " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)


@runtime_checkable
class ToldOfChanges(Protocol):
    """A form that can say by itself that somebody else changed the row first."""

    def tell_changed(self, changed: ChangedMeanwhile) -> None: ...


def refuse(form: forms.BaseForm, refusal: Refusal) -> None:
    """Show on a form why a service refused it: beside the field that it concerns, if the form has that field."""
    match refusal:
        case ChangedMeanwhile() if isinstance(form, ToldOfChanges):
            form.tell_changed(refusal)
        case ChangedMeanwhile():
            form.add_error(None, ValidationError(str(refusal), code=CHANGED))
            see(form, refusal.revision)
        case ValidationError():
            by_field = refusal.message_dict if hasattr(refusal, "error_dict") else {NON_FIELD_ERRORS: refusal.messages}
            for name, sentences in by_field.items():
                for sentence in sentences:
                    at = name if name in form.fields else None
                    form.add_error(at, ValidationError(sentence, code=WRONG))
        case _:
            code = FORBIDDEN if isinstance(refusal, PermissionDenied) else REFUSED
            form.add_error(None, ValidationError(str(refusal), code=code))


def see(form: forms.BaseForm, revision: int | None) -> None:
    """Set the form's revision to the current one, so that the next save is accepted."""
    if revision is None:
        return
    # A copy, because the request's own QueryDict can't be changed.
    data: Any = copy(form.data)
    for name, field in form.fields.items():
        if isinstance(field, RevisionField):
            data[form.add_prefix(name)] = str(revision)
    form.data = data


def came_between(form: forms.BaseForm) -> bool:
    """Return whether it wasn't saved because somebody else saved first."""
    return CHANGED in _codes(form)


def is_refused(form: forms.BaseForm) -> bool:
    """Return whether it wasn't saved, whatever somebody typed."""
    return not {CHANGED, REFUSED, FORBIDDEN}.isdisjoint(_codes(form))


def _codes(form: forms.BaseForm) -> set[str | None]:
    if not form.is_bound:
        return set()
    return {error.code for errors in form.errors.as_data().values() for error in errors}


# --- The page of a form -----------------------------------------------------------------------------


def show_form(
    request: HttpRequest,
    template: str,
    form: forms.BaseForm | None,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Render the page of a form. `status` is the HTTP status if the form wasn't saved: see response_status."""
    is_forbidden = response_status(form) == STATUS[FORBIDDEN]
    return render(
        request, template, {"form": form, **(context or {})}, status=STATUS[FORBIDDEN] if is_forbidden else status
    )


def make_forms[Form: forms.BaseForm](
    acts: Sequence[str], make: Callable[[str], Form], *, pressed: str, form: Form | None
) -> list[tuple[str, Form, bool]]:
    """Return the forms of a page with several, one for each of the possible `acts`. Each comes with whether it is
    possible.

    The form whose button was `pressed` is included even if it is no longer possible.
    """
    shown = [*acts, pressed] if form is not None and pressed not in acts else acts
    return [(act, form if form is not None and act == pressed else make(act), act in acts) for act in shown]


def response_status(form: forms.BaseForm | None) -> int:
    return max((STATUS.get(code or "", 200) for code in _codes(form)), default=200) if form is not None else 200


def send_back(request: HttpRequest, form: forms.BaseForm, path: str) -> HttpResponse:
    """Return to the page that has the form, when the form's target is another address.

    That page shows the form again, with what somebody typed and why it was refused. It makes the form with `form_left`.
    """
    of_fields = {name: errors for name, errors in form.errors.as_data().items() if name != NON_FIELD_ERRORS}
    refused = [error for errors in of_fields.values() for error in errors if error.code == WRONG]
    refusal = " ".join([*form.non_field_errors(), *(sentence for error in refused for sentence in error.messages)])
    kept.leave(request.session, path=path, form=type(form).__name__, typed=request.POST, refusal=refusal)
    return redirect(path)


def checked_reason(why: str, *, missing: str) -> str:
    """Return the reason to save. Raises ValidationError at `why` if there is none (`missing`) or it is too long."""
    why, wrong = read_reason(why, missing=missing)
    if wrong:
        raise ValidationError({"why": wrong})
    return why
