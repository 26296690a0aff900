"""A return's form, newly opened or unsaved, alone or with those of other areas."""

from collections.abc import Mapping
from dataclasses import replace

from core.form_pages import came_between
from indicators.entries import Entry, merge
from indicators.forms.returns import EntriesForm
from indicators.presenters.return_sheet import NO_FAULTS, Faults, Sheet, make_sheet, read_saved
from indicators.selectors.backgrounds import Background
from indicators.services.entries import list_unfinished
from indicators.views.places import Place


def build_sheet(
    place: Place,
    background: Background,
    faults: Faults = NO_FAULTS,
    *,
    entries: Mapping[str, Entry] | None = None,
    form: EntriesForm | None = None,
    is_sent: bool = False,
    prefix: str = "",
    title: str = "",
) -> Sheet:
    """Build a return's table from what is saved now, or from these `entries`. Or from a `form` that comes back because
    it was refused or, if it isn't `is_sent`, was stored at sign-in. If somebody else saved in between, the two are
    merged. The table carries what it was opened with: what is saved now, or what a refused form was opened with. A
    saved draft has its errors beside their rows."""
    saved = read_saved(background, place.entries)
    if entries is None and form is None:
        faults = replace(faults, marks=list_unfinished(place.boxes, saved))
    entries, opened, revision = saved if entries is None else entries, saved, place.revision
    if form is not None and form.is_bound:
        entries = form.entries
        if is_sent and not came_between(form):
            faults, opened, revision = Faults(refusal=form.refusal), form.opened_with, form.seen
        elif form.seen == place.revision:
            faults = Faults(refusal=form.refusal)
        else:
            entries, faults = bring_together(place, form, saved)
    return make_sheet(
        place.boxes,
        entries,
        background,
        faults,
        month=place.period.month,
        revision=revision,
        opened=opened,
        prefix=prefix,
        title=title,
    )


def bring_together(place: Place, form: EntriesForm, saved: Mapping[str, Entry]) -> tuple[dict[str, Entry], Faults]:
    """Merge what was typed in a form with what is saved now."""
    merged, refusal = merge(form.opened_with, form.entries, saved), form.refusal
    labels = {box.name: box.label for box in place.boxes}
    taken = [labels[name] for name in merged.taken if name in labels]
    if taken:
        refusal += f" These have changed since, where you had typed nothing: {'; '.join(taken)}."
    return merged.entries, Faults(refusal=refusal, clashes=merged.clashes)
