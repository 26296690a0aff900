"""Add an action to the plan or change it, update its progress, and more.

No box limits what people can type or paste. If a text is too long, the service says so and the box keeps it.
"""

from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils import timezone

from actions.models import Action, Meeting, Milestone, Way
from actions.selectors.plan import list_members
from actions.services.plan import ActionDraft
from actions.services.progress import ExpectationDraft
from actions.workflow import MeetingState, Rag
from boards.forms.parts import PolishedForm
from boards.models import Agency, Board, PartnershipArea, Strand
from core.calendar import Month
from core.forms.fields import DAY_HINT, DayField, RevisionField, RowsField, get_field
from core.models import User
from indicators.models import Indicator

MONTHS_BACK, MONTHS_AHEAD = 24, 60


def months_to_expect() -> list[tuple[str, str]]:
    current = Month.of(timezone.localdate())
    months = [current + offset for offset in range(-MONTHS_BACK, MONTHS_AHEAD + 1)]
    return [("", "Choose one"), *((str(month), month.label) for month in months)]


def ways_to_expect() -> list[tuple[str, str]]:
    return [("", "Choose one"), *Way.choices()]


def percent_field(**options: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label="By roughly how much, in per cent",
        required=False,
        localize=False,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
        error_messages={"invalid": "Enter the percentage as a whole number, such as 20"},
        **options,
    )


def way_field(label: str = "Which way it should change") -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        coerce=Way,
        required=False,
        empty_value=None,
        choices=ways_to_expect,
    )


def month_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label="By which month",
        coerce=Month.parse,
        required=False,
        empty_value=None,
        # A function: a list would be worked out once, when the process starts, and a worker may run for weeks.
        choices=months_to_expect,
    )


FEW_ROWS, MORE_ROWS = 3, 6
EXPECTED = ("way", "percent", "by_month")
WHY_HINT = "A sentence or two, up to 300 characters."


def text_box(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class PersonChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """People of an area. If two have the same name, each shows more."""

    def label_from_instance(self, person: Any) -> str:
        return f"{person.name}, {person.email}" if person.name else str(person.email)


class PeopleChoice(PersonChoice, RowsField):
    """Several people, with a box each."""


class ActionForm(PolishedForm):
    """An action. `action` is the one to change, None for a new one.

    An action can keep its values, even if they are retired or its owner left.
    """

    free_text = ("title", "no_measure_why", "why")
    nouns: ClassVar = {
        "measure": "indicator",
        "no_measure_why": "reason",
        "why": "reason",
        "way": "way",
        "percent": "per cent",
        "by_month": "month",
    }
    title = forms.CharField(
        label="Title",
        help_text="What will be done. Start with a verb: “Train all housing workers”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    strand = forms.ModelChoiceField(Strand.objects.none(), label="Strand")
    board = forms.ModelChoiceField(
        Board.objects.none(), label="Board", help_text="The board whose work plan this action belongs to."
    )
    agency = forms.ModelChoiceField(Agency.objects.none(), label="Lead agency")
    owner = PersonChoice(
        User.objects.none(),
        label="Owner",
        help_text="The one person who is responsible. They need a role in this area.",
    )
    starts_on = DayField(noun="start date", label="Start date", help_text=DAY_HINT)
    due_on = DayField(noun="due date", label="Due date", help_text=f"After the start date. {DAY_HINT}")
    measure = forms.ModelChoiceField(
        Indicator.objects.none(),
        label="Indicator",
        required=False,
        help_text="The indicator that this action aims to change.",
    )
    no_measure_why = forms.CharField(
        label="Why it is not linked to an indicator",
        required=False,
        widget=text_box(2),
        help_text="Only if you don’t choose an indicator.",
    )
    # Asked only when somebody adds the action: what they expect of its measure.
    way = way_field("Should the indicator go up or down?")
    percent = percent_field(help_text="A guess is enough. We save it with today’s date and show it beside the result.")
    by_month = month_field()
    why = forms.CharField(
        label="Reason for the change",
        required=False,
        widget=text_box(FEW_ROWS),
        help_text="Needed if you change the owner or the due date. The action’s page shows the old "
        "owner or date with this reason.",
    )
    revision = RevisionField()
    # Set only when somebody adds the action: the number of a meeting that was held.
    decided_in = forms.ModelChoiceField(
        Meeting.objects.none(), required=False, to_field_name="number", widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, area: PartnershipArea, action: Action | None = None, **kwargs: Any) -> None:
        if action is not None:
            names = (name for name in (*ActionDraft.__slots__, "revision") if name != "decided_in")
            kwargs["initial"] = {name: getattr(action, name) for name in names}
        super().__init__(*args, **kwargs)
        if action is None:
            del self.fields["why"], self.fields["revision"]
        else:
            del self.fields["decided_in"]
            for name in EXPECTED:
                del self.fields[name]
        current = {
            name: getattr(action, f"{name}_id", None) for name in ("strand", "board", "agency", "owner", "measure")
        }
        # An owner who has left stays an option. Otherwise nobody could change anything else.
        people = Q(pk__in=list_members(area).order_by().values("pk")) | Q(pk=current["owner"])
        offered: dict[str, Any] = {
            "strand": Strand.objects.in_use(or_held=[current["strand"]]).filter(area=area),
            "board": Board.objects.in_use(or_held=[current["board"]]).filter(area=area),
            "agency": Agency.objects.in_use(or_held=[current["agency"]]).filter(area=area),
            "owner": User.objects.filter(people).order_by("name", "email"),
            "measure": Indicator.objects.in_use(or_held=[current["measure"]]).filter(area=area),
        }
        if action is None:
            # The box is hidden, not trusted: only a meeting of this area that was held.
            offered["decided_in"] = Meeting.objects.filter(area=area, state=MeetingState.HELD.value)
        for name, rows in offered.items():
            get_field(self, name, forms.ModelChoiceField).queryset = rows

    def draft(self) -> ActionDraft:
        typed: dict[str, Any] = {name: self.cleaned_data.get(name) for name in ActionDraft.__slots__}
        return ActionDraft(**typed)

    def expected(self) -> ExpectationDraft | None:
        """Return what it should do to its measure; None if nobody said."""
        typed: dict[str, Any] = {name: self.cleaned_data.get(name) for name in EXPECTED}
        # Three empty boxes are no answer. One filled box is, and the service asks for the others.
        if all(value is None for value in typed.values()):
            return None
        return ExpectationDraft(indicator=None, **typed)


class UpdateForm(PolishedForm):
    """The progress of an action."""

    free_text = ("text", "rag_why")
    nouns: ClassVar = {"text": "update", "rag": "RAG", "rag_why": "reason"}
    text = forms.CharField(
        label="What was done and what is next",
        widget=text_box(MORE_ROWS),
        help_text="We add this to the action’s updates. You can’t change it afterwards.",
    )
    rag = forms.TypedChoiceField(
        label="How it’s going",
        coerce=Rag,
        choices=[(rag.value, rag.label) for rag in Rag if rag is not Rag.BLUE],
        widget=forms.RadioSelect,
    )
    rag_why = forms.CharField(
        label="Why it is amber or red", required=False, widget=text_box(2), help_text="Leave it empty for green."
    )


class CompleteForm(PolishedForm):
    free_text = ("text",)
    nouns: ClassVar = {"text": "update"}
    text = forms.CharField(
        label="What was achieved (optional)",
        required=False,
        widget=text_box(MORE_ROWS),
        help_text="We add this to the action’s updates.",
    )


class ReasonForm(PolishedForm):
    free_text = ("why",)
    why = forms.CharField(label="Reason", widget=text_box(FEW_ROWS), help_text=WHY_HINT)


class MilestoneForm(PolishedForm):
    """A milestone of an action: new or existing."""

    free_text = ("title", "why")
    nouns: ClassVar = {"why": "reason"}
    title = forms.CharField(
        label="Milestone",
        help_text="A step that someone can tick as done. Start with a verb: “Agree the training with the NHS”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    due_on = DayField(noun="due date", label="Due date", help_text=DAY_HINT)
    why = forms.CharField(
        label="Reason for the change",
        required=False,
        widget=text_box(FEW_ROWS),
        help_text="Needed if you change the due date. The action’s page shows the old date with this reason.",
    )
    revision = RevisionField()

    def __init__(self, *args: Any, milestone: Milestone | None = None, **kwargs: Any) -> None:
        if milestone is not None:
            kwargs["initial"] = {name: getattr(milestone, name) for name in ("title", "due_on", "revision")}
        super().__init__(*args, **kwargs)
        if milestone is None:
            del self.fields["why"], self.fields["revision"]


class RemoveForm(ReasonForm):
    """A reason for removing a milestone, as it was when the page was opened."""

    revision = RevisionField()

    def __init__(self, *args: Any, milestone: Milestone, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, initial={"revision": milestone.revision})


class HandOverForm(PolishedForm):
    """The person who takes over all open work of somebody."""

    free_text = ("why",)
    nouns: ClassVar = {"to": "person who takes over", "why": "reason"}
    to = PersonChoice(
        User.objects.none(),
        label="Who takes over",
        help_text="This person needs a role in this area. They take over a challenge only if they answer for the board "
        "or agency that was asked. The other challenges stay on this page.",
    )
    why = forms.CharField(label="Reason", widget=text_box(FEW_ROWS), help_text=WHY_HINT)

    def __init__(self, *args: Any, area: PartnershipArea, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        get_field(self, "to", PersonChoice).queryset = list_members(area).exclude(pk=owner.pk)
