"""What an agency's system does with a key: it reads its agency's return for a month, and saves figures as a draft.

It never submits one. A lead looks at the draft on its page, and submits it there.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, Literal

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from ninja import File, Header, Path, Query, Router, UploadedFile

from boards.key_secrets import Scope
from core.calendar import PATTERN, Month
from core.forms.pages import NAMED_FOR, ReceivedFile
from core.labels import TransitionRefused
from core.models import SentForm
from core.texts import read_number
from indicators.figures import NOTHING_TYPED, Entry
from indicators.imports.figures import FigureFile, FiguresRefused, read_figure_file
from indicators.imports.records import (
    LARGEST_FILE,
    ColumnsMissing,
    Counting,
    RecordsRefused,
    count_records,
    keeps_records_out,
    read_record_file,
)
from indicators.models.history import ColumnMapping
from indicators.presenters.returns import describe_entry
from indicators.selectors.returns import shown
from indicators.selectors.series import get_background
from indicators.services.column_mappings import list_decided, list_targets, make_figures
from indicators.services.entries import Checked, Preview, check_entries, make_preview, most_rows_for, row_of
from indicators.services.returns import save_some
from indicators.views.files import Place, find_place
from reporting.api import schemas
from reporting.api.answers import JSON, WRITING, Town, responses, write_json
from reporting.api.door import Invalid, Key, TooLarge
from reporting.api.partners import KeyRequest, key_for

router = Router(tags=["An agency’s return"])
IfMatch = Annotated[str | None, Header(None, alias="If-Match", description='The revision that you read: "3".')]
RequestName = Annotated[
    str | None,
    Header(
        None,
        alias="Idempotency-Key",
        max_length=200,
        description="A name for this request. The same name and body within 24 hours are saved once.",
    ),
]
MonthOf = Annotated[  # one that is still open in the demonstration
    str, Path(pattern=rf"^{PATTERN.pattern}$", description="The month.", example="2026-11")
]
READS, WRITES = Key(Scope.RETURN), Key(Scope.RETURN, room=LARGEST_FILE)
NO_MATCH = -1  # no return has it


@router.get(
    "/areas/{town}/returns/{month}",
    response=responses(schemas.Return),
    auth=READS,
    url_name="return",
    summary="The agency’s return for a month",
)
def show_return(request: KeyRequest, town: Town, month: MonthOf) -> HttpResponse:
    return answer_return(find_return(request, town, month))


@router.patch(
    "/areas/{town}/returns/{month}",
    response=responses(schemas.Return, WRITING),
    auth=READS,
    url_name="return",
    summary="Save figures as a draft",
)
def save_figures(
    request: KeyRequest,
    town: Town,
    month: MonthOf,
    sent: schemas.SentFigures,
    if_match: IfMatch = None,
    request_name: RequestName = None,
) -> HttpResponse:
    """Replaces these boxes, and leaves the others as they are: a person may have typed them."""
    place = find_return(request, town, month)
    entries = read_entries(place, sent.figures)
    return save(request, place, entries, request_name, request.body.decode(errors="replace"), if_match)


@router.post(
    "/areas/{town}/returns/{month}/file",
    response=responses(schemas.Preview, WRITING),
    auth=WRITES,
    url_name="return-file",
    summary="Send a file: preview it, or save it as a draft",
)
def send_file(
    request: KeyRequest,
    town: Town,
    month: MonthOf,
    file: File[UploadedFile],
    kind: Annotated[
        Literal["figures", "records"], Query("figures", description="Whether the file has figures or records.")
    ],
    mapping: Annotated[str, Query("", max_length=80, description="For records: the saved way of counting.")],
    apply: Annotated[bool, Query(False, description="Save it, unless it has a problem.")],
    if_match: IfMatch = None,
    request_name: RequestName = None,
) -> HttpResponse:
    """Accepts the files that the return’s page accepts. A file of records needs a way of counting that someone saved
    on the page, with a decision about each kind of record. No row of it is stored."""
    place = find_return(request, town, month)
    if not place.takes_entries:
        raise TransitionRefused(f"The return for {place.period.month.label} no longer accepts figures.")
    content = read_content(file)
    read = count_file(place, content, mapping) if kind == "records" else read_file(place, content, file.name or "")
    preview = make_preview(place.agency, place.period.month, place.boxes, place.entries, read)
    if not apply or not preview.changed:
        return answer_preview(preview, is_saved=False, revision=place.revision)
    if not preview.can_be_saved:
        raise Invalid(*(("/file", f"{problem.place}: {problem.sentence}") for problem in preview.problems))
    # Nothing else of the draft that we read: a person may have typed in it since.
    before = place.entries
    changed = {name: entry for name, entry in preview.entries.items() if entry != before.get(name, Entry())}
    save(request, place, changed, request_name, f"{kind} {mapping} {content.hex()}", if_match)
    return answer_preview(preview, is_saved=True, revision=find_return(request, town, month).revision)


def find_return(request: KeyRequest, town: str, month: str) -> Place:
    """Find the return of the key's agency. Raises NotHeld, or Http404 for a month that isn't open."""
    key = key_for(request, town)
    request.access = key.access  # type: ignore[attr-defined]  # as the pages have it
    # Only an agency’s key has the scope: a constraint of the database.
    code = key.area.agencies.values_list("code", flat=True).get(pk=key.agency or 0)
    return find_place(request, key.area, Month.parse(month), code)  # type: ignore[arg-type]


def save(
    request: KeyRequest,
    place: Place,
    entries: Mapping[str, Entry],
    request_name: str | None,
    content: str,
    if_match: str | None,
) -> HttpResponse:
    """Save once, even if the request is sent again under its name, and answer with the return as it is then."""
    key = request.auth
    with transaction.atomic():
        if is_new(request, request_name, content):
            save_some(
                place.agency,
                place.period,
                entries,
                revision=read_revision(if_match),
                by=key.access.user,
                saved_with=key.key,
            )
    return answer_return(find_return(request, key.area.slug, str(place.period.month)))


def is_new(request: KeyRequest, name: str | None, content: str) -> bool:
    """Return whether a request with this name and content is new, and note it. Raises Invalid for a name of another.

    Call it in the transaction of what the request does: if that fails, the name is free again.
    """
    if not name:
        return True
    full_name = f"{request.auth.key} {request.get_full_path()} {name}"
    now, digest = timezone.now(), sha256(full_name.encode()).hexdigest()
    content = sha256(content.encode()).hexdigest()
    sent, is_first = SentForm.objects.select_for_update().get_or_create(
        digest=digest, defaults={"sent_at": now, "led_to": content}
    )
    if is_first:
        return True
    if sent.sent_at > now - NAMED_FOR:
        if sent.led_to != content:
            sentence = "This name was used for another request in the last 24 hours. Choose another name."
            raise Invalid(("Header Idempotency-Key", sentence))
        return False
    sent.sent_at, sent.led_to = now, content
    sent.save(update_fields=["sent_at", "led_to"])
    return True


def read_revision(if_match: str | None) -> int | None:
    """Return the revision that a system read; None if it names none. What isn't a revision matches nothing."""
    if if_match is None or if_match.strip() == "*":
        return None
    number = read_number(if_match.strip().removeprefix("W/").strip('"'))
    return NO_MATCH if number is None else number


def read_entries(place: Place, figures: list[schemas.SentFigure]) -> dict[str, Entry]:
    """Return the entries as if someone had typed them. Raises Invalid for a box that the return doesn't have."""
    entries: dict[str, Entry] = {}
    wrong = []
    for number, figure in enumerate(figures):
        name = f"{figure.indicator}.{figure.category}" if figure.category else figure.indicator
        pointer = f"/figures/{number}"
        if name not in place.names:
            wrong.append((pointer, f"This return has no box “{name}”. GET lists its boxes."))
        elif name in entries:
            wrong.append((pointer, f"“{name}” is here twice."))
        entries[name] = Entry(figure.value or "", figure.reason, figure.note)
    if wrong:
        raise Invalid(*wrong)
    return entries


def answer_return(place: Place) -> HttpResponse:
    """Return the draft, with what the form would say about it."""
    month, entries = place.period.month, place.entries
    background = get_background(place.agency, month, place.boxes)
    checked = Checked()
    if place.takes_entries:
        checked = check_entries(place.boxes, entries, background)
    boxes = []
    for box in place.boxes:
        typed, past = entries.get(box.name, Entry()), background.pasts.get(box.name)
        boxes.append(
            {
                "indicator": box.indicator.code,
                "category": box.category.code if box.category else "",
                "title": box.label,
                "last": shown(background.last.get(box.name)),
                "usual_lower": past.least if past else None,
                "usual_upper": past.most if past else None,
                "value": typed.value,
                "reason": typed.reason,
                "note": typed.note,
            }
        )
    data = {
        "area": place.agency.area.slug,
        "agency": place.agency.code,
        "month": str(month),
        "state": place.status.state,
        "accepts_figures": place.takes_entries,
        "revision": place.revision,
        "saved_by": place.submission.saver if place.submission else "",
        "due_on": str(place.period.due_on),
        "boxes": boxes,
        "errors": say(place, checked.errors),
        "questions": say(place, checked.questions),
    }
    return HttpResponse(write_json(data), content_type=JSON, headers=tagged(place.revision))


def say(place: Place, sentences: Mapping[str, str]) -> list[dict[str, object]]:
    boxes = {box.name: box for box in place.boxes}
    entries = place.entries
    return [
        {
            "indicator": boxes[row_of(control)].indicator.code,
            "category": category.code if (category := boxes[row_of(control)].category) else "",
            "part": control.rpartition(":")[2],
            "is_empty": entries.get(row_of(control), NOTHING_TYPED).is_blank,
            "detail": sentence,
        }
        for control, sentence in sentences.items()
    ]


def tagged(revision: int) -> dict[str, str]:
    # Not for If-None-Match: what the form says changes without a new revision.
    return {"ETag": f'"{revision}"', "Cache-Control": "private, no-store"}


# --- Files ------------------------------------------------------------------------------------------


def read_content(file: UploadedFile) -> bytes:
    if isinstance(file, ReceivedFile) and file.is_too_big:
        raise TooLarge(f"The file is larger than {LARGEST_FILE // 1024**2} MB, so nothing was saved.")
    content: bytes = file.read()
    return content


def read_file(place: Place, content: bytes, name: str) -> FigureFile:
    try:
        return read_figure_file(content, name_of_file=name, most_rows=most_rows_for(place.boxes))
    except FiguresRefused as refused:
        raise Invalid(("/file", str(refused))) from None


def count_file(place: Place, content: bytes, name: str) -> FigureFile:
    """Count a file of records in a saved way. Raises Invalid, without any word of a record."""
    mapping = ColumnMapping.objects.filter(agency=place.agency, name=name.replace("\x00", "")).first()
    if mapping is None:
        raise Invalid(
            ("?mapping", "The agency has no way of counting with this name. A lead can save one on the return’s page.")
        )
    mapping.agency = place.agency
    try:
        with keeps_records_out():
            tally = count_records(read_record_file(content), mapping.columns)
    except ColumnsMissing:
        sentence = f"The file lacks a column that “{mapping}” needs. Send it on the return’s page once."
        raise Invalid(("/file", sentence)) from None
    except RecordsRefused as refused:
        raise Invalid(("/file", str(refused))) from None
    counting = Counting("the file", mapping.name, mapping.columns, tally, list_decided(mapping, tally))
    targets, month = list_targets(place.agency), place.period.month
    if not counting.is_decided(target.name for target in targets):
        undecided = sum(counting.find_target(kind) is None for kind in tally.kinds) or 1
        kinds = "1 kind of record has" if undecided == 1 else f"{undecided} kinds of record have"
        raise Invalid(("/file", f"{kinds} no decision yet. Send the file on the return’s page once, and decide there."))
    if month not in tally.months:
        raise Invalid(("/file", f"None of the rows to count is for {month.label}."))
    names = set(place.names)
    return make_figures(place.agency, counting, [target for target in targets if target.name in names], [month])


def answer_preview(preview: Preview, *, is_saved: bool, revision: int) -> HttpResponse:
    data = {
        "changes": [
            {
                "title": row.label,
                "now": describe_entry(row.now),
                "new": describe_entry(row.new),
                "problems": [problem.sentence for problem in row.problems],
            }
            for row in preview.rows
            if row.is_changed or row.problems
        ],
        "problems": [f"{problem.place}: {problem.sentence}" for problem in preview.problems],
        "is_saved": is_saved,
        "revision": revision,
    }
    return HttpResponse(write_json(data), content_type=JSON, headers=tagged(revision))
