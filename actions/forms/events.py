"""Add an event that may have changed figures, and say what somebody expects of it or of an action."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms

from actions.forms.expected import month_field, percent_field, way_field
from actions.forms.plan import PolishedForm
from actions.models import Event, EventKind, Way
from actions.services.events import MISSING, EventDraft
from actions.services.expectations import ExpectationDraft
from boards.models import Board, PartnershipArea
from boards.permissions import Access
from core.forms import DAY_HINT, DayField, RevisionField, get_field
from indicators.models import Indicator

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
        help_text="We compare each one before and after. Choose them before you look at the results.",
    )
    aims_2 = forms.ChoiceField(label="Second indicator that it may change", required=False)
    aims_3 = forms.ChoiceField(label="Third indicator that it may change", required=False)
    aims_4 = forms.ChoiceField(label="Fourth indicator that it may change", required=False)
    revision = RevisionField()

    def __init__(
        self, *args: Any, access: Access, area: PartnershipArea, event: Event | None = None, **kwargs: Any
    ) -> None:
        held = [aim.indicator_id for aim in event.aims.all()] if event else []
        if event is not None:
            kwargs["initial"] = make_initial(event)
        super().__init__(*args, **kwargs)
        self.indicators = {
            indicator.code: indicator for indicator in Indicator.objects.in_use(or_held=held).filter(area=area)
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
