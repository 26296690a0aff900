"""Add a session with the community, what people said and what was done, and choose what is counted.

The service validates all of it.
"""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from actions.filters import ArchivedFilters, archived_filter
from actions.forms.plan import MORE_ROWS, ReasonForm, month_field, percent_field, text_box, way_field
from actions.models import CountedIndicator, EngagementSession, Event, EventKind, SessionCount, Voice, Way
from actions.services.engagement import CountChanged, SessionDraft, not_a_count, why_not_counted
from actions.services.events import MISSING, EventDraft
from actions.services.progress import ExpectationDraft
from boards.forms.parts import PolishedForm, SeenForm
from boards.models import Agency, Board, PartnershipArea
from boards.permissions import Access
from core.forms.fields import (
    CHANGED,
    DAY_HINT,
    ChoiceFilters,
    DayField,
    RevisionField,
    get_field,
)
from core.forms.pages import ChangedMeanwhile
from indicators.figures import NotAFigure, read_figure
from indicators.models import Indicator

AS_GROUPS = (
    "Describe groups, never people: “Parents from year 8; residents of the harbour flats”. Leave it empty if "
    "no group took part."
)


class CountField(forms.CharField):
    """A number as people type one in a return: 1240, 1,240 or 1 240. `noun` is its label inside a sentence."""

    widget = forms.TextInput(attrs={"class": "govuk-input--width-5", "inputmode": "numeric", "autocomplete": "off"})

    def __init__(self, *, noun: str, **options: Any) -> None:
        super().__init__(**options)
        self.noun = noun

    def to_python(self, value: Any) -> Any:
        typed = super().to_python(value)
        if not typed:
            return typed
        try:
            return read_figure(typed)
        except NotAFigure:
            raise ValidationError(not_a_count(self.noun)) from None


class SessionForm(SeenForm):
    """A session that was held: a new one by one of `agencies`, or an existing one."""

    free_text = ("title", "groups_named")
    nouns: ClassVar = {"agency": "agency", "groups": "number of groups", "people": "number of people"}
    agency = forms.ModelChoiceField(Agency.objects.none(), label="Held by")
    held_on = DayField(noun="day", is_past=True, label="Day on which it was held", help_text=DAY_HINT)
    title = forms.CharField(
        label="Title",
        help_text="What it was and where: “An evening at the community centre”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    groups = CountField(
        label="Groups heard", noun="number of groups", help_text="How many groups took part. Enter 0 if none did."
    )
    groups_named = forms.CharField(label="Which groups", required=False, widget=text_box(2), help_text=AS_GROUPS)
    people = CountField(
        label="People reached", noun="number of people", help_text="How many people came or were spoken to."
    )

    def __init__(
        self,
        *args: Any,
        agencies: Sequence[Agency] = (),
        chosen: Agency | None = None,
        session: EngagementSession | None = None,
        **kwargs: Any,
    ) -> None:
        if session is not None:
            names = (*SessionDraft.__dataclass_fields__, "revision")
            kwargs["initial"] = {name: getattr(session, name) for name in names}
        else:
            kwargs["initial"] = {"agency": chosen or (agencies[0] if len(agencies) == 1 else None)}
        super().__init__(*args, **kwargs)
        if session is not None:
            del self.fields["agency"]
        else:
            # The field refuses every other agency. The service checks the permission again.
            keys = [agency.pk for agency in agencies]
            get_field(self, "agency", forms.ModelChoiceField).queryset = Agency.objects.filter(pk__in=keys)
            del self.fields["revision"]

    @property
    def draft(self) -> SessionDraft:
        return SessionDraft(**{name: self.cleaned_data[name] for name in SessionDraft.__dataclass_fields__})


class VoiceForm(SeenForm):
    """What people said: new or existing."""

    free_text = ("said",)
    nouns: ClassVar = {"said": "text of what people said", "due_on": "day of the answer"}
    said = forms.CharField(
        label="You said",
        widget=text_box(MORE_ROWS),
        help_text="What people said or asked for, in a sentence or two. Do not say who said it.",
    )
    due_on = DayField(noun="day of the answer", label="Answer promised by", help_text=DAY_HINT)

    def __init__(self, *args: Any, voice: Voice | None = None, **kwargs: Any) -> None:
        if voice is not None:
            kwargs["initial"] = {"said": voice.said, "due_on": voice.due_on, "revision": voice.revision}
        super().__init__(*args, **kwargs)


class CloseForm(SeenForm):
    free_text = ("did",)
    nouns: ClassVar = {"did": "text of what was done"}
    did = forms.CharField(label="We did", widget=text_box(4), help_text="What was done, or why nothing was done.")


class ReopenForm(SeenForm, ReasonForm):
    """A reason for reopening an answer."""


class CountsForm(forms.Form):
    """What each indicator counts.

    Beside each choice is the value that the page showed, so we save only changes. An indicator that already counts
    something may stay unchanged or stop counting, whatever its state.
    """

    use_required_attribute = False
    SHOWN = "{}.was"  # the name of the hidden box beside a choice

    def __init__(
        self, *args: Any, indicators: Iterable[Indicator], counted: dict[int, CountedIndicator], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Not counted from sessions"), *SessionCount.choices()]
        self.indicators = {indicator.code: indicator for indicator in indicators}
        for code, indicator in self.indicators.items():
            previous = counted.get(indicator.pk)
            self.fields[code] = forms.ChoiceField(
                label=indicator.title,
                help_text=f"Supplied by {indicator.owner.name}. {self.default_note(indicator)}".strip(),
                required=False,
                choices=choices,
                initial=previous.counts if previous else "",
                error_messages={"invalid_choice": f"{indicator.title}: choose what it counts from the list"},
            )
            self.fields[self.SHOWN.format(code)] = forms.CharField(
                required=False, initial=previous.counts if previous else "", widget=forms.HiddenInput
            )

    @staticmethod
    def default_note(indicator: Indicator) -> str:
        why_not = why_not_counted(indicator)
        return f"{why_not} Leave it unchanged, or choose “Not counted from sessions”." if why_not else ""

    @property
    def changed(self) -> list[tuple[Indicator, SessionCount | None, str]]:
        """Return the choices that differ from what the page showed, with both. A missing box means no change."""
        return [
            (
                indicator,
                SessionCount(self.cleaned_data[code]) if self.cleaned_data[code] else None,
                self.data[self.SHOWN.format(code)],
            )
            for code, indicator in self.indicators.items()
            if self.is_changed(code)
        ]

    def is_changed(self, code: str) -> bool:
        shown = self.SHOWN.format(code)
        return code in self.data and shown in self.data and self.data[code] != self.data[shown]

    def tell_changed(self, changed: ChangedMeanwhile) -> None:
        """Show the error, and each indicator's current count, except for those that were chosen here."""
        at = changed.indicator.code if isinstance(changed, CountChanged) else None
        self.add_error(at, ValidationError(str(changed), code=CHANGED))
        counted = CountedIndicator.objects.filter(indicator__in=self.indicators.values())
        now = dict(counted.values_list("indicator__code", "counts"))
        # A plain dict, because the request's own QueryDict can't be changed.
        data = {name: self.data[name] for name in self.data}
        for code in self.indicators:
            data[self.SHOWN.format(code)] = now.get(code, "")
            if not self.is_changed(code):
                data[code] = now.get(code, "")
        self.data = data


# --- Filters ----------------------------------------------------------------------------------------

WAITING, OVERDUE, DONE = "waiting", "overdue", "done"


class SessionFilter(ArchivedFilters):
    """Filters of an area's sessions. The options are the values that exist."""

    agency = django_filters.ChoiceFilter(label="Agency", field_name="agency__code", empty_label="All agencies")
    year = django_filters.ChoiceFilter(label="Year", field_name="held_on__year", empty_label="All years")
    answers = django_filters.ChoiceFilter(
        label="Answers",
        method="that_owe",
        empty_label="Any",
        choices=[(WAITING, "An answer is promised but not given"), (OVERDUE, "An answer is overdue")],
    )
    archived = archived_filter()
    nouns = ("session", "sessions")

    class Meta:
        model = EngagementSession
        fields: tuple[str, ...] = ()

    def __init__(self, data: QueryDict, *, queryset: QuerySet[EngagementSession]) -> None:
        super().__init__(data, queryset=queryset)
        sessions = list(
            queryset.order_by("agency__position", "agency__name").values_list(
                "agency__code", "agency__name", "held_on", "archived_at"
            )
        )
        self.has_any = bool(sessions)
        self.total = sum(archived_at is None for *_, archived_at in sessions)
        years = sorted({held_on.year for _, _, held_on, _ in sessions}, reverse=True)
        self.offer(
            {
                "agency": list({code: name for code, name, _, _ in sessions}.items()),
                "year": [(str(year), str(year)) for year in years],
            }
        )

    def that_owe(self, sessions: QuerySet[EngagementSession], name: str, which: str) -> QuerySet[EngagementSession]:
        # By keys: joining the voices would list a session once for each.
        owed = Voice.objects.filter(closed_at=None)
        if which == OVERDUE:
            owed = owed.filter(due_on__lt=timezone.localdate())
        return sessions.filter(pk__in=owed.values("session"))


class VoiceFilter(ChoiceFilters):
    """Filters of what people said in an area, by agency and answer."""

    agency = django_filters.ChoiceFilter(label="Agency", field_name="session__agency__code", empty_label="All agencies")
    state = django_filters.ChoiceFilter(
        label="Answer",
        method="that_are",
        empty_label="Any",
        choices=[(WAITING, "Promised"), (OVERDUE, "Overdue"), (DONE, "Done")],
    )

    class Meta:
        model = Voice
        fields: tuple[str, ...] = ()

    def __init__(self, data: QueryDict, *, queryset: QuerySet[Voice]) -> None:
        super().__init__(data, queryset=queryset)
        voices = list(
            queryset.order_by("session__agency__position", "session__agency__name").values_list(
                "session__agency__code", "session__agency__name"
            )
        )
        self.total = len(voices)
        self.offer({"agency": list(dict(voices).items())})

    def that_are(self, voices: QuerySet[Voice], name: str, state: str) -> QuerySet[Voice]:
        if state == OVERDUE:
            return voices.filter(closed_at=None, due_on__lt=timezone.localdate())
        return voices.filter(closed_at__isnull=state == WAITING)

    @property
    def count(self) -> str:
        number = self.qs.count()
        return f"{number:,} of {self.total:,}" if self.chosen else f"{number:,} in all"


AIMS = ("aims", "aims_2", "aims_3", "aims_4")  # the service names errors after the first one


class ExpectationForm(PolishedForm):
    """What somebody expects of an action or an event. The service says what is missing."""

    nouns: ClassVar = {"way": "way", "percent": "per cent", "by_month": "month"}
    indicator = forms.ModelChoiceField(Indicator.objects.none(), label="Indicator", required=False)
    way = way_field()
    percent = percent_field(
        help_text="Compared with its value now: a share that rises from 40% to 48% rises by 20 per cent."
    )
    by_month = month_field()

    def __init__(self, *args: Any, offered: Iterable[Indicator], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = [indicator.pk for indicator in offered]
        choice = get_field(self, "indicator", forms.ModelChoiceField)
        choice.queryset = Indicator.objects.filter(pk__in=keys)
        if len(keys) == 1:
            choice.initial = keys[0]

    def draft(self) -> ExpectationDraft:
        typed: dict[str, Any] = {name: self.cleaned_data.get(name) for name in ExpectationDraft.__slots__}
        return ExpectationDraft(**typed)


class EventForm(PolishedForm):
    """An event. `event` is the one to change, None for a new one. A chair chooses one of their own boards."""

    short_text = ("title", "said_by")
    nouns: ClassVar = {"kind": "kind of event", "starts_on": "first day", "ends_on": "last day", "said_by": "source"}
    kind = forms.TypedChoiceField(
        label="Kind of event", coerce=EventKind, choices=EventKind.choices(), widget=forms.RadioSelect
    )
    title = forms.CharField(label="Title", help_text="In a few words: “Operation Raptor”, “First lockdown”.")
    board = forms.ModelChoiceField(
        Board.objects.none(),
        label="Board",
        required=False,
        help_text="Leave it empty if the event concerned the whole area.",
    )
    starts_on = DayField(is_past=True, noun="first day", label="First day", help_text=DAY_HINT)
    ends_on = DayField(
        is_past=True,
        noun="last day",
        label="Last day",
        required=False,
        help_text="Leave it empty for a single day, or if the event continues.",
    )
    said_by = forms.CharField(
        label="Source", help_text="A team or a document. Do not name a person: “Police, operations”."
    )
    aims = forms.ChoiceField(
        label="Indicator that it may change",
        help_text="We compare the months before and after the event. Choose indicators before you look at the results.",
    )
    aims_2 = forms.ChoiceField(label="Second indicator that it may change", required=False)
    aims_3 = forms.ChoiceField(label="Third indicator that it may change", required=False)
    aims_4 = forms.ChoiceField(label="Fourth indicator that it may change", required=False)
    revision = RevisionField()

    def __init__(
        self, *args: Any, access: Access, area: PartnershipArea, event: Event | None = None, **kwargs: Any
    ) -> None:
        current = [aim.indicator_id for aim in event.aims.all()] if event else []
        if event is not None:
            kwargs["initial"] = make_initial(event)
        super().__init__(*args, **kwargs)
        self.indicators = {
            indicator.code: indicator for indicator in Indicator.objects.in_use(or_held=current).filter(area=area)
        }
        for name, sentence in MISSING.items():  # shown with all other errors
            self.fields[name].error_messages["required"] = sentence
        for name in AIMS:
            nothing = "Choose one" if name == AIMS[0] else "None"
            get_field(self, name, forms.ChoiceField).choices = [("", nothing), *self.list_aims()]
        if event is None:
            del self.fields["revision"]
        boards = Board.objects.in_use(or_held=[event.board_id if event else None]).filter(area=area)
        choice = get_field(self, "board", forms.ModelChoiceField)
        if not access.can_coordinate:
            # The service checks it again: a form can be forged.
            boards = boards.filter(pk__in=access.chaired)
            choice.help_text = "A board that you chair."
        choice.queryset = boards

    def list_aims(self) -> list[tuple[str, str]]:
        return [
            (f"{code}:{way.value}", f"{indicator.title}: {way.label.lower()}")
            for code, indicator in self.indicators.items()
            for way in Way
        ]

    def draft(self) -> EventDraft:
        typed = self.cleaned_data
        # The codes are from the options: the fields refuse any other.
        chosen = [str(typed[name]).partition(":") for name in AIMS if typed.get(name)]
        return EventDraft(
            kind=typed["kind"],
            title=typed["title"],
            board=typed["board"],
            starts_on=typed["starts_on"],
            ends_on=typed["ends_on"],
            said_by=typed["said_by"],
            aims=tuple((self.indicators[code], Way(way)) for code, _, way in chosen),
        )


def make_initial(event: Event) -> dict[str, Any]:
    names = ("kind", "title", "board", "starts_on", "ends_on", "said_by", "revision")
    aims = [f"{aim.indicator.code}:{aim.way}" for aim in event.aims.all()]
    return {name: getattr(event, name) for name in names} | dict(zip(AIMS, aims, strict=False))
