"""Set a KPI, change it, move its target, review it. The services check the rules."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from actions.forms.plan import FEW_ROWS, MORE_ROWS, WHY_HINT, PersonChoice, text_box
from actions.models import Kpi, KpiKind, Meeting
from actions.selectors.meetings import readable_meetings, with_bodies
from actions.selectors.plan import list_members
from actions.workflow import MeetingState
from boards.forms.parts import PolishedForm
from boards.models import Board, PartnershipArea, Strand
from boards.permissions import Access
from core.calendar import Month, months_between
from core.forms.fields import DAY_HINT, ChoiceFilters, Choices, DayField, RevisionField, get_field
from core.models import User
from indicators.forms.setup import MonthField
from indicators.kpis.aims import KpiState, Step
from indicators.trend import Polarity
from reporting.kpis.services import KpiDraft
from reporting.kpis.targets import TargetDraft

AHEAD = 5 * 12  # months in which a target can be due
MOST_STEPS = 20
STEP = "Write each step as a month and a value, such as 2027-03 8.5"
WAYS = [(Polarity.LOWER.value, "Lower is better"), (Polarity.HIGHER.value, "Higher is better")]
LATER = ("went_on_why", "not_personal")  # fields of the page in between


class MeetingChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, meeting: Any) -> str:
        return f"{meeting.reference}, {meeting.body}, {meeting.held_on:%d/%m/%Y}"


class NumberField(forms.FloatField):
    """A number as people type one. It refuses values such as “inf”."""

    widget = forms.TextInput(attrs={"class": "govuk-input--width-5", "inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, *, such_as: str, **options: Any) -> None:
        super().__init__(**options)
        self.error_messages["invalid"] = f"{options['label']} must be a number, such as {such_as}"


class WholeField(forms.IntegerField):
    widget = forms.TextInput(attrs={"class": "govuk-input--width-3", "inputmode": "numeric", "autocomplete": "off"})

    def __init__(self, *, such_as: str, **options: Any) -> None:
        super().__init__(**options)
        self.error_messages["invalid"] = f"{options['label']} must be a whole number, such as {such_as}"


class DraftFields(PolishedForm):
    """A KPI's fields, except its target."""

    free_text: ClassVar[tuple[str, ...]] = ("why",)
    short_text: ClassVar[tuple[str, ...]] = ("title",)
    nouns: ClassVar = {
        "why": "reason",
        "smallest": "smallest change",
        "review_every": "number of months",
        "next_review": "meeting",
    }
    title = forms.CharField(
        label="Title",
        help_text="What should change, such as “Fewer cuckooed houses”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    kind = forms.TypedChoiceField(label="Kind", coerce=KpiKind, choices=KpiKind.choices(), widget=forms.RadioSelect)
    why = forms.CharField(
        label="Why it is measured", widget=text_box(FEW_ROWS), help_text="In a sentence or two, up to 500 characters."
    )
    board = forms.ModelChoiceField(Board.objects.none(), label="Board", help_text="The KPI is on this board’s page.")
    strand = forms.ModelChoiceField(Strand.objects.none(), label="Strand")
    owner = PersonChoice(
        User.objects.none(),
        label="Owner (optional)",
        required=False,
        help_text=(
            "One person who is responsible for it and has a role in this area. A KPI without an owner needs attention."
        ),
    )
    smallest = WholeField(
        label="Smallest change worth noticing, in %",
        such_as="20",
        help_text="A smaller change isn’t worth a KPI.",
    )
    review_every = WholeField(label="Months between reviews", such_as="3", help_text="From 1 to 24.")
    next_review = MeetingChoice(
        Meeting.objects.none(), label="Next review (optional)", required=False, help_text="A planned meeting."
    )

    def offer(self, area: PartnershipArea, kpi: Kpi | None = None) -> None:
        """Set the choices. A KPI can keep its present value, even if that is retired or the owner left."""
        current = {name: getattr(kpi, f"{name}_id", None) for name in ("board", "strand", "owner", "next_review")}
        # An order in the subquery would only cost time.
        people = Q(pk__in=list_members(area).order_by().values("pk")) | Q(pk=current["owner"])
        meetings = Q(state=MeetingState.PLANNED.value) | Q(pk=current["next_review"])
        offered: dict[str, Any] = {
            "board": Board.objects.in_use(or_held=[current["board"]]).filter(area=area),
            "strand": Strand.objects.in_use(or_held=[current["strand"]]).filter(area=area),
            "owner": User.objects.filter(people).order_by("name", "email"),
            "next_review": with_bodies(Meeting.objects.filter(meetings, area=area)).order_by("held_on", "number"),
        }
        for name, rows in offered.items():
            get_field(self, name, forms.ModelChoiceField).queryset = rows

    def draft(self) -> KpiDraft:
        # A dataclass with slots has the names of its fields there.
        typed: dict[str, Any] = {name: self.cleaned_data.get(name) for name in KpiDraft.__slots__}
        return KpiDraft(**typed)


class KpiForm(DraftFields):
    """Changes to a KPI."""

    revision = RevisionField()

    def __init__(self, *args: Any, kpi: Kpi, **kwargs: Any) -> None:
        kwargs["initial"] = {name: getattr(kpi, name) for name in (*KpiDraft.__slots__, "revision")}
        super().__init__(*args, **kwargs)
        self.offer(kpi.area, kpi)


class TargetFields(PolishedForm):
    """A KPI's baseline and target, and the reason to set it even if the town's figures may not show the change."""

    free_text: ClassVar[tuple[str, ...]] = ("went_on_why",)
    nouns: ClassVar = {"went_on_why": "reason", "better": "way that is better"}
    baseline_from = MonthField(
        label="First month of the baseline",
        help_text=(
            "A baseline is a fixed period of published months, each with a figure. You can’t change it afterwards."
        ),
    )
    baseline_to = MonthField(label="Last month of the baseline")
    better = forms.TypedChoiceField(
        label="Which way is better", coerce=Polarity, choices=WAYS, widget=forms.RadioSelect
    )
    is_own_aim = forms.BooleanField(
        label="This way is the KPI’s own aim",
        required=False,
    )
    target = NumberField(label="Target", such_as="8.5")
    due = MonthField(label="Month of the target")
    begins = MonthField(
        label="First month that counts (optional)",
        required=False,
        help_text="The month after the baseline, unless you choose another.",
    )
    steps = forms.CharField(
        label="Steps (optional)",
        required=False,
        widget=text_box(FEW_ROWS),
        help_text=(
            "Write one step on each line, with the month it starts: 2027-03 8.5. Without steps, the trajectory is a "
            "straight line."
        ),
    )
    went_on_why = forms.CharField(
        label="Why you are setting it anyway", required=False, widget=text_box(FEW_ROWS), help_text=WHY_HINT
    )

    def offer_months(self, published: Sequence[Month], *, per_month: str) -> None:
        """Set the months to choose. `published` are the indicator's, the oldest first. `per_month` says what a target
        counts.
        """
        now = Month.of(timezone.localdate())
        ahead = list(months_between(now.next, now + AHEAD))
        first = published[0] if published else now
        offered = {
            "baseline_from": list(reversed(published)),
            "baseline_to": list(reversed(published)),
            "due": ahead,
            "begins": list(months_between(first, now + 12))[::-1],
        }
        for name, months in offered.items():
            nothing = "Choose one" if self.fields[name].required else "The month after the baseline"
            get_field(self, name, MonthField).choices = [
                ("", nothing),
                *((str(month), month.label) for month in months),
            ]
        self.fields["target"].help_text = per_month

    def ask_whose_aim(self, polarity: str, said: str) -> None:
        """Ask for a tick if the way isn't the indicator's, whose way is `said`: nobody contradicts it unawares."""
        self.polarity = polarity
        self.fields["is_own_aim"].help_text = f"{said} Tick this if you choose another way all the same."

    def clean_is_own_aim(self) -> bool:
        is_own_aim: bool = self.cleaned_data["is_own_aim"]
        better = self.cleaned_data.get("better")
        if better is not None and better != self.polarity and not is_own_aim:
            raise ValidationError("Tick “This way is the KPI’s own aim”, or choose the indicator’s way")
        return is_own_aim

    def clean_steps(self) -> tuple[Step, ...]:
        lines = [line.split() for line in self.cleaned_data["steps"].splitlines() if line.strip()]
        if len(lines) > MOST_STEPS:
            raise ValidationError(f"Leave out some steps: {len(lines)} is more than the limit of {MOST_STEPS}")
        try:
            # float() also reads “nan” and “inf”. `find_faults` refuses those.
            return tuple(Step(Month.parse(month), float(value)) for month, value in lines)
        except ValueError:
            raise ValidationError(STEP) from None

    def target_draft(self) -> TargetDraft:
        typed: dict[str, Any] = {name: self.cleaned_data.get(name) for name in TargetDraft.__slots__}
        return TargetDraft(**typed)

    @property
    def is_ready(self) -> bool:
        """Return whether everything is valid except the fields of the page in between."""
        return self.is_bound and not set(self.errors) - set(LATER)

    def show_all_but_the_reason(self) -> None:
        self.fields["went_on_why"].widget = forms.HiddenInput()

    def show_the_reason_alone(self) -> None:
        """Keep what was typed in hidden boxes."""
        for name, field in self.fields.items():
            if name not in LATER:
                field.widget = forms.HiddenInput()


class SettingForm(TargetFields, DraftFields):
    """A new KPI, with its target."""

    free_text: ClassVar[tuple[str, ...]] = (*DraftFields.free_text, *TargetFields.free_text)
    nouns: ClassVar = {**DraftFields.nouns, **TargetFields.nouns}
    field_order = (
        *DraftFields.base_fields,
        *TargetFields.base_fields,
    )

    def __init__(self, *args: Any, area: PartnershipArea, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(area)


class MoveForm(TargetFields):
    """A KPI's next target. `seen` is the version that the page shows."""

    free_text: ClassVar[tuple[str, ...]] = ("reason", *TargetFields.free_text)
    nouns: ClassVar = {**TargetFields.nouns, "reason": "reason"}
    reason = forms.CharField(
        label="Why you are moving the target",
        widget=text_box(FEW_ROWS),
        help_text=f"The old target stays on the page, with this reason. {WHY_HINT}",
    )
    seen = RevisionField()


class ReviewForm(PolishedForm):
    """A review of a KPI."""

    free_text = ("note",)
    nouns: ClassVar = {"reviewed_on": "day", "note": "note"}
    meeting = MeetingChoice(
        Meeting.objects.none(),
        label="Meeting (optional)",
        required=False,
        help_text="Choose a meeting recorded as held. The review then takes the meeting’s date.",
    )
    reviewed_on = DayField(noun="day", label="Day", is_past=True, help_text=f"{DAY_HINT}.")
    note = forms.CharField(
        label="What the review found",
        widget=text_box(MORE_ROWS),
        help_text="It appears on the KPI’s page and can’t be changed afterwards.",
    )

    def __init__(self, *args: Any, access: Access, kpi: Kpi, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held_meetings = readable_meetings(access).filter(state=MeetingState.HELD.value)
        related = held_meetings.filter(
            Q(board=kpi.board_id) | Q(sub_group__board=kpi.board_id) | Q(pk=kpi.next_review_id)
        )
        offered = with_bodies(related).order_by("-held_on", "-number")
        get_field(self, "meeting", MeetingChoice).queryset = offered


BY_STRAND = "strand"


class KpiFilter(ChoiceFilters):
    """Filters for KPIs by their fields. `state` belongs to a month, so the page looks at it."""

    board = django_filters.ChoiceFilter(label="Board", field_name="board__code", empty_label="All boards")
    strand = django_filters.ChoiceFilter(label="Strand", field_name="strand__code", empty_label="All strands")
    kind = django_filters.ChoiceFilter(label="Kind", empty_label="Any kind", choices=KpiKind.choices())
    state = django_filters.ChoiceFilter(
        label="State", method="all_of_them", empty_label="Any state", choices=KpiState.choices()
    )
    owner = django_filters.ChoiceFilter(label="Owner", method="owned_by", empty_label="Everyone")
    by = django_filters.ChoiceFilter(
        label="Grouped by", method="all_of_them", empty_label="Board", choices=[(BY_STRAND, "Strand")]
    )

    class Meta:
        model = Kpi
        fields: Sequence[str] = ()

    def __init__(self, data: QueryDict, *, queryset: QuerySet[Kpi], kpis: Iterable[Kpi], kept: dict[str, str]) -> None:
        """`kpis` are all KPIs: the choices are values that one of them has."""
        super().__init__(data, queryset=queryset)
        self.kept = kept
        kpis = list(kpis)
        owners = {str(kpi.owner.pk): str(kpi.owner) for kpi in kpis if kpi.owner}
        choices: dict[str, Choices] = {
            "board": sorted({(kpi.board.code, kpi.board.short_name) for kpi in kpis}, key=lambda choice: choice[1]),
            "strand": sorted({(kpi.strand.code, kpi.strand.name) for kpi in kpis}, key=lambda choice: choice[1]),
            "owner": [*sorted(owners.items(), key=lambda choice: choice[1].casefold()), ("none", "No one")],
        }
        self.offer(choices)

    def all_of_them(self, kpis: QuerySet[Kpi], name: str, value: str) -> QuerySet[Kpi]:
        return kpis

    def owned_by(self, kpis: QuerySet[Kpi], name: str, value: str) -> QuerySet[Kpi]:
        return kpis.filter(owner=None) if value == "none" else kpis.filter(owner=int(value))

    @property
    def numbers(self) -> set[int]:
        """Return the KPIs that match. One query."""
        return set(self.qs.values_list("number", flat=True))

    @property
    def asked_state(self) -> str:
        self.errors  # noqa: B018  # which cleans the form
        return str(self.form.cleaned_data.get("state") or "")

    @property
    def is_by_strand(self) -> bool:
        self.errors  # noqa: B018
        return bool(self.form.cleaned_data.get("by") == BY_STRAND)
