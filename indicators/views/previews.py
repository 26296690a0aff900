"""Shows what a file or a pasted block would change in one or several returns, before anything is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.months import Month
from indicators.entries import REASONS, Entry, write_opened
from indicators.services.return_files import Preview, PreviewRow, Problem
from indicators.views.places import Place

NO_FRAME: Mapping[str, object] = {}
NOTHING_PASTED: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class PreviewPart:
    """The changes in one return, with the entries that its form would hold. The button carries these, so nothing is
    stored in between. A part without a `place` has rows that belong to no return here. `words` describe its state."""

    title: str
    rows: Sequence[PreviewRow]
    prefix: str = ""
    revision: int = 0
    opened: str = ""
    entries: list[tuple[str, Entry]] = field(default_factory=list)
    changed: int = 0
    can_be_saved: bool = False
    words: str = ""

    @property
    def is_held(self) -> bool:
        """Return whether a return has a fault, so nothing of it can be saved."""
        return bool(self.entries) and not self.can_be_saved and any(row.problems for row in self.rows)

    def held_back(self) -> "PreviewPart":
        """Return the same part for a file with too many faults, so nothing of it is saved."""
        return replace(self, can_be_saved=False)

    @property
    def shown(self) -> list[PreviewRow]:
        """Return the rows worth showing."""
        return [row for row in self.rows if row.is_changed or row.problems]


def make_part(
    place: Place, preview: Preview, typed: Mapping[str, Entry], *, prefix: str = "", title: str = "", words: str = ""
) -> PreviewPart:
    return PreviewPart(
        title=title,
        rows=preview.rows,
        prefix=prefix,
        revision=place.revision,
        opened=write_opened(typed),
        entries=[(box.name, preview.entries.get(box.name, Entry())) for box in place.boxes],
        changed=len(preview.changed),
        can_be_saved=preview.can_be_saved,
        words=words,
    )


def show_parts(
    request: HttpRequest,
    parts: Sequence[PreviewPart],
    problems: Sequence[Problem],
    *,
    month: Month,
    whose: str,
    what_follows: str,
    by_letter: bool,
    form_url: str,
    file_url: str = "",
    name: str = "",
    told: Sequence[str] = (),
    is_counted: bool = False,
    pasted: Mapping[str, object] = NOTHING_PASTED,
    frame: Mapping[str, object] = NO_FRAME,
) -> HttpResponse:
    """Show the preview. `whose` figures: "Police". `what_follows` says what is saved and what isn't. `name` is the
    file's, and None for a pasted block. `told` has sentences about counted records. `pasted` is what the page needs to
    paste again. `frame` is the context of the page's frame."""
    context = {
        **frame,
        **pasted,
        "subject": f"{month.label} figures from {whose}",
        "subject_of_count": f"{month.label} from {whose}",
        "month": month,
        "parts": parts,
        "problems": problems,
        "lines": {row.line for part in parts for row in part.shown},
        "has_errors": bool(problems),
        "changed": sum(part.changed for part in parts),
        "asked": sum(len(part.entries) for part in parts),
        "can_be_saved": any(part.can_be_saved for part in parts),
        "what_follows": what_follows,
        "is_pasted": not file_url,
        "by_letter": by_letter,
        "reasons": {reason.value: label for reason, label in REASONS.items()},
        "form_url": form_url,
        "file_url": file_url,
        "name": name,
        "told": told,
        "is_counted": is_counted,
    }
    return render(request, "indicators/return_file_preview.html", context)
