"""Plan a meeting, and set up a sub-group. The service validates both."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict

from actions.forms.plan import FEW_ROWS, MORE_ROWS, WHY_HINT, PeopleChoice, PersonChoice, PolishedForm, text_box
from actions.models import Meeting, SubGroup
from actions.month_figures import Version
from actions.selectors.plan import list_members
from actions.services.meetings import MeetingDraft
from actions.services.sub_groups import SubGroupDraft
from actions.workflow import MeetingState
from boards.models import Board, PartnershipArea
from core.filters import ChoiceFilters
from core.forms import DAY_HINT, DayField, RevisionField
from core.models import User

BOARD, SUB_GROUP = "board", "sub-group"


def body_key(body: Board | SubGroup) -> str:
    """Return the value in a form or an address: "board:csp", "sub-group:perpetrators"."""
    return f"{BOARD if isinstance(body, Board) else SUB_GROUP}:{body.code}"


def version_key(version: Version) -> str:
    """Return the value in a form, "2026-10.2"."""
    period, number = version
    return f"{period.month}.{number}"


class MeetingForm(PolishedForm):
    """A meeting. `meeting` is the one to change. It can look at one of the `versions`, newest first."""

    free_text = ("why",)
    nouns: ClassVar = {"body": "board or sub-group", "held_on": "date", "looks_at": "month", "why": "reason"}
    body = forms.ChoiceField(label="Who meets")
    held_on = DayField(noun="date", label="Date", help_text=DAY_HINT)
    looks_at = forms.ChoiceField(
        label="Month that the meeting looks at",
        required=False,
        help_text="Choose the version that the meeting has. For a sub-group, you can leave this empty.",
    )
    why = forms.CharField(label="Reason for the change", required=False, widget=text_box(FEW_ROWS), help_text=WHY_HINT)
    revision = RevisionField()

    def __init__(
        self,
        *args: Any,
        area: PartnershipArea,
        versions: Sequence[Version],
        meeting: Meeting | None = None,
        body: str = "",
        **kwargs: Any,
    ) -> None:
        initial: dict[str, Any] = {"body": body, "looks_at": version_key(versions[0]) if versions else ""}
        if meeting is not None:
            looked = (meeting.period, meeting.version or 0) if meeting.period else None
            initial = {
                "body": body_key(meeting.body),
                "held_on": meeting.held_on,
                "looks_at": version_key(looked) if looked else "",
                "revision": meeting.revision,
            }
        super().__init__(*args, initial=initial, **kwargs)
        if meeting is None:
            del self.fields["revision"]
        if meeting is None or meeting.state != MeetingState.HELD:
            del self.fields["why"]
        board, group = (meeting.board_id, meeting.sub_group_id) if meeting else (None, None)
        boards = Board.objects.in_use(or_held=[board]).filter(area=area)
        groups = SubGroup.objects.in_use(or_held=[group]).filter(area=area)
        self.bodies: dict[str, Board | SubGroup] = {body_key(each): each for each in boards}
        self.bodies |= {body_key(each): each for each in groups}
        self.versions = {version_key(version): version for version in versions}
        fields: dict[str, Any] = self.fields
        fields["body"].choices = [("", "Choose one"), *self._grouped()]
        fields["looks_at"].choices = [
            ("", "None"),
            *((key, f"{period.month.label}, version {number}") for key, (period, number) in self.versions.items()),
        ]

    def _grouped(self) -> list[tuple[str, list[tuple[str, str]]]]:
        boards = [(key, str(body)) for key, body in self.bodies.items() if isinstance(body, Board)]
        groups = [(key, str(body)) for key, body in self.bodies.items() if isinstance(body, SubGroup)]
        return [(name, bodies) for name, bodies in (("Boards", boards), ("Sub-groups", groups)) if bodies]

    def draft(self) -> MeetingDraft:
        typed = self.cleaned_data
        # The service loads it again under a lock: it may have retired since the page was opened.
        body = self.bodies[typed["body"]]
        period, version = self.versions.get(typed["looks_at"], (None, None))
        return MeetingDraft(
            board=body if isinstance(body, Board) else None,
            sub_group=body if isinstance(body, SubGroup) else None,
            held_on=typed["held_on"],
            period=period,
            version=version,
        )

    @property
    def seen(self) -> int:
        return int(self.cleaned_data["revision"])


class SubGroupForm(PolishedForm):
    """A sub-group. `group` is the one to change: its code stays."""

    free_text = ("name", "remit")
    nouns: ClassVar = {"board": "board that it reports to", "members": "members"}
    name = forms.CharField(label="Name", widget=forms.TextInput(attrs={"autocomplete": "off"}))
    code = forms.CharField(
        label="Code",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="Use lower-case letters, digits and hyphens. Addresses use it, so you can’t change it later.",
    )
    remit = forms.CharField(label="Remit", widget=text_box(MORE_ROWS), help_text="What this sub-group has to do.")
    board = forms.ModelChoiceField(Board.objects.none(), label="Board that it reports to")
    members = PeopleChoice(
        User.objects.none(),
        label="Members",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="People with a role in this area.",
    )
    chair = PersonChoice(
        User.objects.none(), label="Chair", required=False, help_text="One of the members. You can leave this empty."
    )
    revision = RevisionField()

    def __init__(self, *args: Any, area: PartnershipArea, group: SubGroup | None = None, **kwargs: Any) -> None:
        held: list[int] = []
        if group is not None:
            held = [person.pk for person in group.members.all()]
            names = ("name", "remit", "board", "chair", "revision")
            kwargs["initial"] = {name: getattr(group, name) for name in names} | {"members": held}
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        del self.fields["revision" if group is None else "code"]
        boards = Board.objects.in_use(or_held=[group.board_id if group else None]).filter(area=area)
        # Members who have left the area stay among the options. Otherwise saving would remove them.
        people = User.objects.filter(Q(pk__in=list_members(area).order_by().values("pk")) | Q(pk__in=held))
        fields["board"].queryset = boards
        fields["members"].queryset = fields["chair"].queryset = people.order_by("name", "email")

    def draft(self) -> SubGroupDraft:
        typed = {name: self.cleaned_data[name] for name in ("name", "remit", "board", "chair")}
        return SubGroupDraft(**typed, members=tuple(self.cleaned_data["members"]))

    @property
    def seen(self) -> int:
        return int(self.cleaned_data["revision"])


class MeetingFilter(ChoiceFilters):
    """Filters of meetings, by body, state and year. The options are the values that exist."""

    body = django_filters.ChoiceFilter(label="Who meets", method="of_body", empty_label="Everybody")
    state = django_filters.ChoiceFilter(label="State", empty_label="Any state", choices=MeetingState.choices())
    year = django_filters.ChoiceFilter(label="Year", method="of_year", empty_label="All years")

    class Meta:
        model = Meeting
        fields: Sequence[str] = ()

    def __init__(self, data: QueryDict, *, queryset: QuerySet[Meeting]) -> None:
        super().__init__(data, queryset=queryset)
        columns = ("board__code", "board__name", "sub_group__code", "sub_group__name", "held_on")
        found = list(queryset.order_by("board__position", "board__name", "sub_group__name").values_list(*columns))
        self.total = len(found)
        self.offer(
            {
                "body": list(dict.fromkeys(body_choice(row) for row in found)),
                "year": [(str(year), str(year)) for year in sorted({row[4].year for row in found}, reverse=True)],
            }
        )

    def of_body(self, meetings: QuerySet[Meeting], name: str, key: str) -> QuerySet[Meeting]:
        kind, _, code = key.partition(":")
        return meetings.filter(**{f"{'board' if kind == BOARD else 'sub_group'}__code": code})

    def of_year(self, meetings: QuerySet[Meeting], name: str, year: str) -> QuerySet[Meeting]:
        return meetings.filter(held_on__year=int(year))

    @property
    def count(self) -> str:
        """Return "5 of 16 meetings"."""
        noun = "meeting" if self.total == 1 else "meetings"
        return f"{self.qs.count()} of {self.total} {noun}" if self.chosen else f"{self.total} {noun}"


def body_choice(row: Iterable[Any]) -> tuple[str, str]:
    code, name, group, group_name, _ = row
    return (f"{BOARD}:{code}", name) if code else (f"{SUB_GROUP}:{group}", group_name)
