"""Plan a meeting, and set up a sub-group. The service validates both."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core import signing
from django.db.models import Q, QuerySet
from django.http import QueryDict

from actions.forms.plan import FEW_ROWS, MORE_ROWS, WHY_HINT, PeopleChoice, PersonChoice, text_box
from actions.models import Meeting, SubGroup
from actions.month_figures import Version
from actions.presenters.meetings import Point, group_points
from actions.selectors.plan import list_members
from actions.services.meetings import ItemDraft, MeetingDraft, SubGroupDraft
from actions.workflow import MeetingState, WhyProposed
from boards.forms.parts import PolishedForm, SeenForm
from boards.models import Board, PartnershipArea
from core.forms.fields import DAY_HINT, CountedFilters, DayField
from core.models import User
from core.texts import tidy_text

BOARD, SUB_GROUP = "board", "sub-group"


def body_key(body: Board | SubGroup) -> str:
    """Return the value in a form or an address: "board:csp", "sub-group:perpetrators"."""
    return f"{BOARD if isinstance(body, Board) else SUB_GROUP}:{body.code}"


def version_key(version: Version) -> str:
    """Return the value in a form, "2026-10.2"."""
    period, number = version
    return f"{period.month}.{number}"


class MeetingForm(SeenForm):
    """A meeting. `meeting` is the one to change. It can look at one of the `versions`, newest first."""

    free_text = ("why",)
    nouns: ClassVar = {"body": "board or sub-group", "held_on": "date", "looks_at": "month", "why": "reason"}
    body = forms.ChoiceField(label="Who meets")
    held_on = DayField(noun="date", label="Date", help_text=DAY_HINT)
    looks_at = forms.ChoiceField(
        label="Month that the meeting looks at",
        required=False,
        help_text="Choose the version that the meeting looks at. For a sub-group, you can leave this empty.",
    )
    why = forms.CharField(label="Reason for the change", required=False, widget=text_box(FEW_ROWS), help_text=WHY_HINT)

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
        self.bodies: dict[str, Board | SubGroup] = {body_key(one_of): one_of for one_of in boards}
        self.bodies |= {body_key(sub_group): sub_group for sub_group in groups}
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


class SubGroupForm(SeenForm):
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

    def __init__(self, *args: Any, area: PartnershipArea, group: SubGroup | None = None, **kwargs: Any) -> None:
        current: list[int] = []
        if group is not None:
            current = [person.pk for person in group.members.all()]
            names = ("name", "remit", "board", "chair", "revision")
            kwargs["initial"] = {name: getattr(group, name) for name in names} | {"members": current}
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        del self.fields["revision" if group is None else "code"]
        boards = Board.objects.in_use(or_held=[group.board_id if group else None]).filter(area=area)
        # Members who have left the area stay among the options. Otherwise saving would remove them.
        people = User.objects.filter(Q(pk__in=list_members(area).order_by().values("pk")) | Q(pk__in=current))
        fields["board"].queryset = boards
        fields["members"].queryset = fields["chair"].queryset = people.order_by("name", "email")

    def draft(self) -> SubGroupDraft:
        typed = {name: self.cleaned_data[name] for name in ("name", "remit", "board", "chair")}
        return SubGroupDraft(**typed, members=tuple(self.cleaned_data["members"]))


class MeetingFilter(CountedFilters):
    """Filters of meetings, by body, state and year. The options are the values that exist."""

    body = django_filters.ChoiceFilter(label="Who meets", method="of_body", empty_label="Everyone")
    state = django_filters.ChoiceFilter(label="State", empty_label="Any state", choices=MeetingState.choices())
    year = django_filters.ChoiceFilter(label="Year", field_name="held_on__year", empty_label="All years")
    nouns = ("meeting", "meetings")

    class Meta:
        model = Meeting
        fields: Sequence[str] = ()

    def __init__(self, data: QueryDict, *, queryset: QuerySet[Meeting]) -> None:
        super().__init__(data, queryset=queryset)
        columns = ("board__code", "board__name", "sub_group__code", "sub_group__name", "held_on")
        meetings = list(queryset.order_by("board__position", "board__name", "sub_group__name").values_list(*columns))
        self.total = len(meetings)
        self.offer(
            {
                "body": list(dict.fromkeys(body_choice(row) for row in meetings)),
                "year": [(str(year), str(year)) for year in sorted({row[4].year for row in meetings}, reverse=True)],
            }
        )

    def of_body(self, meetings: QuerySet[Meeting], name: str, key: str) -> QuerySet[Meeting]:
        kind, _, code = key.partition(":")
        return meetings.filter(**{f"{'board' if kind == BOARD else 'sub_group'}__code": code})


def body_choice(row: Iterable[Any]) -> tuple[str, str]:
    code, name, group, group_name, _ = row
    return (f"{BOARD}:{code}", name) if code else (f"{SUB_GROUP}:{group}", group_name)


MORE = 5  # things that people can add in one form
SALT = "actions.forms.meetings"
LOST_AGENDA = (
    "We didn’t receive the agenda with your form, so nothing has been saved yet. The agenda below is the current "
    "one, with your ticks where they match. Check it, then press the button again."
)
LOST_TICKS = (
    "You ticked something that is no longer available, so we removed that tick. Check the ticks, then press the "
    "button again."
)


# --- The agenda that a page showed -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """A point of the agenda. `key` is its subject: "action-12"."""

    why: WhyProposed
    key: str
    words: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The agenda that a page showed, and the meeting's revision at that time."""

    revision: int
    rows: Sequence[Row]


def signed(meeting: Meeting, points: Sequence[Point]) -> str:
    """Return the signed value for the form."""
    rows = [[point.why.value, point.key, point.words] for point in points]
    # Signed, because it comes back from a browser: the record may only have what we showed.
    return signing.dumps([meeting.pk, meeting.revision, rows], salt=SALT, compress=True)


def shown_by(meeting: Meeting, sent: str) -> Shown | None:
    """Return the agenda that came with a form; None if it isn't ours."""
    try:
        key, revision, rows = signing.loads(sent, salt=SALT)
    except signing.BadSignature:
        return None
    # It is ours, but from another meeting's page.
    if key != meeting.pk:
        return None
    return Shown(revision, [Row(WhyProposed(why), point, words) for why, point, words in rows])


# --- The form --------------------------------------------------------------------------------------


class Ticks(forms.MultipleChoiceField):
    """Things to tick. A key that is no longer among them isn't an error: the form finds its place."""

    widget = forms.CheckboxSelectMultiple

    def valid_value(self, value: Any) -> bool:
        return True


class Another(forms.ChoiceField):
    """Something to add; an unknown key isn't an error either."""

    def valid_value(self, value: Any) -> bool:
        return True


class RecordForm(SeenForm):
    """What was discussed.

    `points` are on the agenda; `addable` is what else people can add, by kind. If the meeting is already recorded, the
    discussed points are ticked. `is_lost` says that the agenda which the page showed didn't come back with the form.
    """

    free_text = ("notes", "why")
    nouns: ClassVar = {"notes": "notes", "why": "reason"}
    notes = forms.CharField(label="What was said (optional)", required=False, widget=text_box(MORE_ROWS))
    why = forms.CharField(label="Reason for the change", required=False, widget=text_box(FEW_ROWS), help_text=WHY_HINT)
    agenda = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        typed: QueryDict | None,
        *,
        meeting: Meeting,
        points: Sequence[Point],
        addable: Mapping[str, Sequence[Point]],
        is_lost: bool = False,
    ) -> None:
        groups = {f"discussed_{group.why.value}": group for group in group_points(points)}
        ticked = {name: [point.key for point in group.points if point.is_discussed] for name, group in groups.items()}
        self.meeting, self.points, self.is_lost = meeting, list(points), is_lost
        self.addable = {point.key: point for listed in addable.values() for point in listed}
        self.of_group = {name: [point.key for point in group.points] for name, group in groups.items()}
        self.more = [f"more_{number}" for number in range(1, MORE + 1)] if self.addable else []
        self.signed = signed(meeting, points)
        self.has_lost_ticks = False
        initial = {"notes": meeting.notes, "revision": meeting.revision, "agenda": self.signed, **ticked}
        super().__init__(None if typed is None else self._in_place(typed), initial=initial)
        if meeting.state != MeetingState.HELD:
            del self.fields["why"]
        for name, group in groups.items():
            choices = [(point.key, point.words) for point in group.points]
            self.fields[name] = Ticks(label=group.heading, required=False, choices=choices)
        offered = [(kind, [(point.key, point.words) for point in listed]) for kind, listed in addable.items() if listed]
        for number, name in enumerate(self.more, start=1):
            label = "Something else that was discussed" if number == 1 else f"Something else, {number}"
            self.fields[name] = Another(label=label, required=False, choices=[("", "None"), *offered])
        last = [name for name in ("notes", "why", "agenda", "revision") if name in self.fields]
        self.order_fields([*groups, *self.more, *last])

    def _in_place(self, typed: QueryDict) -> QueryDict:
        """Return the input with each tick where its point is now: in its group, or among the additions."""
        typed = typed.copy()
        chosen = chosen_keys(typed)
        for name, keys in self.of_group.items():
            typed.setlist(name, [key for key in keys if key in chosen])
        placed = {point.key for point in self.points}
        added = [key for key in chosen if key in self.addable and key not in placed]
        kept = {name: str(typed.get(name)) for name in self.more if typed.get(name) in added}
        others = iter([key for key in added if key not in kept.values()])
        for name in self.more:
            typed[name] = kept.get(name) or next(others, "")
        for why in WhyProposed:
            if f"discussed_{why.value}" not in self.of_group:
                typed.pop(f"discussed_{why.value}", None)
        # More may be ticked than there are boxes: what finds no place is lost, and the form says so.
        shown_keys = {*placed, *(typed[name] for name in self.more)}
        self.has_lost_ticks = any(key not in shown_keys for key in chosen)
        if self.meeting.state != MeetingState.HELD:
            # From here on the form goes by the agenda that is shown now.
            typed["agenda"] = self.signed
        return typed

    def clean(self) -> dict[str, Any]:
        if self.is_lost:
            self.add_error(None, LOST_AGENDA)
        if self.has_lost_ticks:
            self.add_error(None, LOST_TICKS)
        return self.cleaned_data

    def items(self) -> list[ItemDraft]:
        """Return everything that the page showed, ticked or not, and what was added."""
        data: Any = self.data
        chosen = chosen_keys(data)
        proposed = {point.key for point in self.points}
        points = [
            *(replace(point, is_discussed=point.key in chosen) for point in self.points),
            # Every key is in `addable` here: `clean` refuses a form with a lost tick.
            *(replace(self.addable[key], is_discussed=True) for key in chosen if key not in proposed),
        ]
        return [ItemDraft(point.why, point.thing, point.words, point.is_discussed) for point in points]

    # --- Where somebody else recorded it first ------------------------------------------------------

    @property
    def is_behind(self) -> bool:
        """Return whether the meeting was changed or recorded after the page was opened."""
        return self.is_bound and str(self.data.get("revision", "")) != str(self.meeting.revision)

    def take_in(self, sentence: str) -> None:
        """Say so, add the other person's ticks, and accept the next save."""
        self.add_error(None, sentence)
        data: Any = self.data
        for point in self.points:
            name = f"discussed_{point.why.value}"
            if point.is_discussed and point.key not in data.getlist(name):
                data.appendlist(name, point.key)
        data["revision"] = str(self.meeting.revision)

    @property
    def has_other_notes(self) -> bool:
        """Return whether the record's notes differ from the box."""
        return (
            self.is_bound and bool(self.meeting.notes) and tidy_text(self.data.get("notes", "")) != self.meeting.notes
        )


def chosen_keys(typed: QueryDict) -> list[str]:
    """Return the keys of everything that was ticked or added, without duplicates."""
    return list(dict.fromkeys(_read_keys(typed)))


def _read_keys(typed: QueryDict) -> Iterator[str]:
    for why in WhyProposed:
        yield from typed.getlist(f"discussed_{why.value}")
    for number in range(1, MORE + 1):
        if key := typed.get(f"more_{number}"):
            yield key


class MeetingNoteForm(PolishedForm):
    """A decision or a challenge, in a few words. The hidden boxes have what the screen showed."""

    free_text = ("text",)
    nouns: ClassVar = {"text": "note"}
    text = forms.CharField(widget=text_box(FEW_ROWS))

    def __init__(self, *args: Any, label: str, shown: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = label
        # They survive a sign-in that ended, which loses the address.
        for name, value in shown.items():
            self.fields[name] = forms.CharField(required=False, widget=forms.HiddenInput, initial=value)
