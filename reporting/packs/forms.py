"""Choose a pack, and the meeting that it is issued for."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from boards.forms.parts import polish
from boards.models import Board, ReportingPeriod
from core.calendar import Month
from core.forms.fields import DAY_HINT, ChoiceFilters, DayField, GuardedForm, get_field
from indicators.disclosure import Audience
from reporting.models.packs import IssuedPack, PackCharts, PackKind, PackScope

LONGEST_MEETING: int = IssuedPack._meta.get_field("meeting").max_length or 0
OPTIONAL = "Not needed for a draft"
AS_USUAL = "As this board usually gets it"


class MeetingForm(forms.Form):
    """The meeting that a pack is for."""

    use_required_attribute = False

    meeting = forms.CharField(
        label="Meeting",
        max_length=LONGEST_MEETING,
        help_text="Its name, such as Board meeting",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    meeting_on = DayField(noun="day of the meeting", label="Day of the meeting", help_text=DAY_HINT)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        polish(self)

    def clean_meeting(self) -> str:
        return " ".join(self.cleaned_data["meeting"].split())


class IssueForm(GuardedForm, MeetingForm):
    """The meeting that a pack is issued for. The pack has its name from then on."""

    short_text: ClassVar[tuple[str, ...]] = ("meeting",)


class OrderForm(MeetingForm):
    """A pack of a given board and month. What is left out gets its usual value; `audience` is then empty."""

    kind = forms.ChoiceField(label="Kind of pack", choices=PackKind.choices(), required=False)
    audience = forms.ChoiceField(label="Who it is for", choices=Audience.choices(), required=False)
    scope = forms.ChoiceField(label="Full page for", choices=PackScope.choices(), required=False)
    charts = forms.ChoiceField(label="Charts", choices=PackCharts.choices(), required=False)
    field_order: Sequence[str] | None = ("kind", "audience", "scope", "charts", "meeting", "meeting_on")
    nouns: Mapping[str, str] = {
        "kind": "kind of pack",
        "audience": "readers",
        "scope": "indicators that have a full page",
        "charts": "kind of chart",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, hint in (("meeting", OPTIONAL), ("meeting_on", f"{OPTIONAL}. {DAY_HINT}")):
            field = self.fields[name]
            # Django copies the fields for each form, so no other form changes.
            field.required = False
            field.help_text = hint
        get_field(self, "audience", forms.ChoiceField).choices = [("", AS_USUAL), *Audience.choices()]

    def clean_kind(self) -> PackKind:
        return PackKind(self.cleaned_data["kind"] or PackKind.MONTH)

    def clean_scope(self) -> PackScope:
        return PackScope(self.cleaned_data["scope"] or PackScope.SIGNALS)

    def clean_charts(self) -> PackCharts:
        return PackCharts(self.cleaned_data["charts"] or PackCharts.JUDGED)

    def clean(self) -> None:
        # A field with an error has no cleaned value.
        if (self.cleaned_data.get("kind"), self.cleaned_data.get("audience")) == (PackKind.APPENDIX, Audience.PUBLIC):
            self.add_error("audience", "A partners’ appendix is never for the public. Choose partners")

    def audience_for(self, board: Board) -> Audience:
        """Return the audience asked for, or the usual one of the board's packs. An appendix is always for partners."""
        if self.cleaned_data["audience"]:
            return Audience(self.cleaned_data["audience"])
        is_public = board.packs_are_public and self.cleaned_data["kind"] is not PackKind.APPENDIX
        return Audience.PUBLIC if is_public else Audience.PARTNERS


class PackForm(OrderForm):
    """Any pack of an area, from the boards and months that somebody may read."""

    board = forms.ChoiceField(label="Board")
    month = forms.ChoiceField(label="Month")
    field_order = ("board", "month", *(OrderForm.field_order or ()))

    def __init__(self, *args: Any, boards: Sequence[Board], periods: Sequence[ReportingPeriod], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.boards = {board.code: board for board in boards}
        self.periods = {str(period.month): period for period in periods}
        offered = {
            "board": [(code, board.name) for code, board in self.boards.items()],
            "month": [(month, label_month(period)) for month, period in self.periods.items()],
        }
        for name, choices in offered.items():
            get_field(self, name, forms.ChoiceField).choices = choices
        published = (month for month, period in self.periods.items() if period.is_published)
        self.fields["month"].initial = next(published, None)

    @property
    def board_chosen(self) -> Board:
        return self.boards[self.cleaned_data["board"]]

    @property
    def month_chosen(self) -> Month:
        return self.periods[self.cleaned_data["month"]].month


def label_month(period: ReportingPeriod) -> str:
    """ "November 2026 (open)"."""
    label = period.month.label
    return label if period.is_published else f"{label} ({period.get_status_display().lower()})"


class PackFilter(ChoiceFilters):
    """Filters for issued packs: the boards and months that have packs."""

    board = django_filters.ChoiceFilter(label="Board", field_name="board__code", empty_label="All boards")
    month = django_filters.ChoiceFilter(label="Month", method="of_month", empty_label="All months")

    class Meta:
        model = IssuedPack
        fields: Sequence[str] = ()

    def __init__(self, data: QueryDict, *, queryset: QuerySet[IssuedPack], boards: Iterable[Board]) -> None:
        super().__init__(data, queryset=queryset)
        rows = list(queryset.order_by("-period__starts_on").values_list("board_id", "period__starts_on").distinct())
        self.has_any = bool(rows)
        issued = {board for board, _ in rows}
        months = dict.fromkeys(Month.of(day) for _, day in rows)
        self.offer(
            {
                "board": [(board.code, board.name) for board in boards if board.pk in issued],
                "month": [(str(month), month.label) for month in months],
            }
        )

    def of_month(self, packs: QuerySet[IssuedPack], name: str, month: str) -> QuerySet[IssuedPack]:
        return packs.filter(period__starts_on=Month.parse(month).first_day)
