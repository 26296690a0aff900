"""The seats of the strategic group, and who was at a meeting. The service validates both."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import Q

from actions.forms.plan import FEW_ROWS, WHY_HINT, PersonChoice, text_box
from actions.models import Attendance, Meeting, Seat
from actions.selectors.plan import list_members
from actions.services.group import SeatDraft
from actions.workflow import Presence
from boards.forms.parts import PolishedForm, SeenForm
from boards.models import Board, PartnershipArea
from boards.rules import STRATEGIC_GROUP
from core.forms.fields import DAY_HINT, DayField
from core.models import User


class SeatForm(SeenForm):
    """A seat. `seat` is the one to change."""

    free_text = ("title", "substitute")
    nouns: ClassVar = {"board": "board that sends them", "title": "role", "since": "first day"}
    board = forms.ModelChoiceField(Board.objects.none(), label="Board that sends them")
    title = forms.CharField(
        label="Role",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="A role, such as Director of children’s services, and not a person’s name. When someone new takes "
        "over the role, you don’t need to change it.",
    )
    person = PersonChoice(
        User.objects.none(),
        label="Account",
        required=False,
        help_text="The person who has the role now, if that person has an account.",
    )
    substitute = forms.CharField(
        label="Role of the substitute (optional)",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="The role of the person who comes instead, such as Head of safeguarding.",
    )
    since = DayField(noun="first day", label="Member since", is_past=True, help_text=DAY_HINT)

    def __init__(self, *args: Any, area: PartnershipArea, seat: Seat | None = None, **kwargs: Any) -> None:
        if seat is not None:
            names = ("board", "title", "person", "substitute", "since", "revision")
            kwargs["initial"] = {name: getattr(seat, name) for name in names}
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        if seat is None:
            del self.fields["revision"]
        boards = Board.objects.in_use(or_held=[seat.board_id if seat else None]).filter(area=area)
        fields["board"].queryset = boards.exclude(code=STRATEGIC_GROUP)
        # Somebody who has left the area stays among the options. Otherwise saving would remove them.
        held = Q(pk=seat.person_id if seat else None)
        people = User.objects.filter(Q(pk__in=list_members(area).order_by().values("pk")) | held)
        fields["person"].queryset = people.order_by("name", "email")

    def draft(self) -> SeatDraft:
        names = ("board", "title", "person", "substitute", "since")
        return SeatDraft(**{name: self.cleaned_data[name] for name in names})


class EndSeatForm(PolishedForm):
    nouns: ClassVar = {"ended_on": "last day"}
    ended_on = DayField(noun="last day", label="Member until", is_past=True, help_text=DAY_HINT)


class AttendanceForm(SeenForm):
    """Who came for each seat. A change of what was said before takes a reason."""

    free_text = ("why",)
    nouns: ClassVar = {"why": "reason"}
    why = forms.CharField(label="Reason for the change", required=False, widget=text_box(FEW_ROWS), help_text=WHY_HINT)

    def __init__(
        self, *args: Any, meeting: Meeting, seats: Sequence[Seat], noted: Sequence[Attendance], **kwargs: Any
    ) -> None:
        self.seats = {f"seat_{seat.pk}": seat for seat in [*seats, *(row.seat for row in noted)]}
        initial: dict[str, Any] = {f"seat_{row.seat_id}": row.presence for row in noted}
        super().__init__(*args, initial=initial | {"revision": meeting.revision}, **kwargs)
        for name, seat in self.seats.items():
            instead = f" Substitute: {seat.substitute}." if seat.substitute else ""
            self.fields[name] = forms.ChoiceField(
                label=f"{seat.title}, {seat.board.short_name}",
                choices=Presence.choices(),
                widget=forms.RadioSelect,
                help_text=instead.strip(),
                error_messages={"required": f"Say who came for {seat.title}"},
            )
        if not noted:
            del self.fields["why"]
        last = [name for name in ("why", "revision") if name in self.fields]
        self.order_fields([*self.seats, *last])

    def presences(self) -> dict[Seat, Presence]:
        return {seat: Presence(self.cleaned_data[name]) for name, seat in self.seats.items()}
