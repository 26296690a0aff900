"""Raise a challenge, offer support, and answer either.

No box limits what people can type or paste. If a text is too long, the service says so and the box keeps it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils import timezone

from actions.models import Challenge
from actions.selectors.challenges import Answerer, answerers_in, boards_above, key_or_none
from actions.services.challenges import ChallengeDraft, SupportDraft
from boards.forms.parts import PolishedForm
from boards.models import Agency, Board, PartnershipArea
from core.forms.fields import DAY_HINT, DayField, RevisionField, get_field
from core.models import User

FORTNIGHT = timedelta(days=14)
CHOOSE = "Choose one"


class TextField(forms.CharField):
    """Text of several lines. Each line's end counts as one character."""

    def __init__(self, *, rows: int = 5, **options: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **options)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")


class ActForm(PolishedForm):
    """A form on a challenge's page, which has several, each with a `prefix`.

    `seen` is how many entries the page showed. `answerers` are the people in the area who can answer.
    """

    seen = RevisionField()

    def __init__(
        self,
        typed: QueryDict | None = None,
        *,
        challenge: Challenge,
        answerers: list[Answerer] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(typed, **options)
        self.fields["seen"].initial = len(challenge.entries.all())
        if "due_on" in self.fields:
            self.fields["due_on"].initial = timezone.localdate() + FORTNIGHT
        if "to" in self.fields:
            # A page has up to six such forms: it loads the people once and hands them over.
            self.offer(challenge, answerers_in(challenge.area) if answerers is None else answerers)

    def offer(self, challenge: Challenge, answerers: list[Answerer]) -> None:
        """Set the options of whom it can go to."""


def why_field(label: str) -> TextField:
    return TextField(label=label, rows=3)


def day_field(label: str) -> DayField:
    return DayField(label=label, help_text=DAY_HINT)


# --- Raising and offering --------------------------------------------------------------------------


def to_choices(answerers: Iterable[Answerer]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the people who can be asked, under their boards and agencies."""
    grouped = groupby(answerers, key=lambda answerer: answerer.place)
    return [(place, [(answerer.key, answerer.words) for answerer in some]) for place, some in grouped]


class RaiseForm(PolishedForm):
    """A question to somebody who can be asked."""

    free_text: ClassVar[tuple[str, ...]] = ("question",)
    nouns: Mapping[str, str] = {"to": "person who answers", "due_on": "day by which you need the answer"}

    question = TextField(label="Question")
    to = forms.ChoiceField(
        label="Who answers", help_text="Choose a person. The list shows which board or agency each person answers for."
    )
    due_on = day_field("Answer due by")

    def __init__(self, *args: Any, answerers: Sequence[Answerer], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The page leaves out whoever asks. The service refuses them too: a form can be forged.
        self.answerers = {answerer.key: answerer for answerer in answerers}
        get_field(self, "to", forms.ChoiceField).choices = [("", CHOOSE), *to_choices(answerers)]
        self.fields["due_on"].initial = today + FORTNIGHT

    def draft(self, area: PartnershipArea, about: Mapping[str, Any]) -> ChallengeDraft:
        """Return the draft. `about` is its subject."""
        answerer, typed = self.answerers[self.cleaned_data["to"]], self.cleaned_data
        return ChallengeDraft(
            area=area,
            question=typed["question"],
            answerer=answerer.user,
            due_on=typed["due_on"],
            board=answerer.board,
            agency=answerer.agency,
            **about,
        )


class OfferForm(PolishedForm):
    """An offer of support to a board or an agency."""

    free_text: ClassVar[tuple[str, ...]] = ("offer",)
    nouns: Mapping[str, str] = {"to": "board or agency that you offer it to", "offer": "offer"}

    offer = TextField(label="What you offer")
    to = forms.ChoiceField(label="Board or agency")

    def __init__(self, *args: Any, boards: Iterable[Board], agencies: Iterable[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        boards, agencies = list(boards), list(agencies)
        self.places: dict[str, Board | Agency] = {
            **{f"board-{board.pk}": board for board in boards},
            **{f"agency-{agency.pk}": agency for agency in agencies},
        }
        get_field(self, "to", forms.ChoiceField).choices = [
            ("", CHOOSE),
            ("Boards", [(f"board-{board.pk}", str(board)) for board in boards]),
            ("Agencies", [(f"agency-{agency.pk}", str(agency)) for agency in agencies]),
        ]

    @property
    def place(self) -> Board | Agency:
        return self.places[self.cleaned_data["to"]]

    def draft(self, area: PartnershipArea, about: Mapping[str, Any]) -> SupportDraft:
        """Return the draft. `about` is its subject."""
        board = self.place if isinstance(self.place, Board) else None
        agency = self.place if isinstance(self.place, Agency) else None
        return SupportDraft(area=area, offer=self.cleaned_data["offer"], board=board, agency=agency, **about)


# --- What is done with a challenge -----------------------------------------------------------------


class AnswerForm(ActForm):
    prefix = "answer"
    free_text: ClassVar[tuple[str, ...]] = ("text",)
    nouns: Mapping[str, str] = {"text": "answer"}
    text = TextField(label="Your answer", rows=8)


class AcceptForm(ActForm):
    prefix = "accept"
    free_text: ClassVar[tuple[str, ...]] = ("text",)
    text = TextField(label="Comment (optional)", rows=3, required=False)


class PressForm(ActForm):
    prefix = "press"
    free_text: ClassVar[tuple[str, ...]] = ("text",)
    nouns: Mapping[str, str] = {"due_on": "day by which you need the answer"}
    text = why_field("What the answer lacks")
    due_on = day_field("Another answer due by")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].error_messages["required"] = "Say what the answer lacks"


class EscalateForm(ActForm):
    prefix = "escalate"
    free_text: ClassVar[tuple[str, ...]] = ("why",)
    nouns: Mapping[str, str] = {
        "to": "board whose chair should answer",
        "why": "reason",
        "due_on": "day by which you need the answer",
    }
    to = forms.ModelChoiceField(label="Chair of", queryset=Board.objects.none())
    why = why_field("Why you are escalating it")
    due_on = day_field("Answer due by")

    def offer(self, challenge: Challenge, answerers: list[Answerer]) -> None:
        above = [board.pk for board in boards_above(challenge, answerers)]
        get_field(self, "to", forms.ModelChoiceField).queryset = Board.objects.filter(pk__in=above)
        self.fields["to"].initial = challenge.board_id


class WithdrawForm(ActForm):
    prefix = "withdraw"
    free_text: ClassVar[tuple[str, ...]] = ("why",)
    nouns: Mapping[str, str] = {"why": "reason"}
    why = why_field("Why you are withdrawing it")


class HandOverForm(ActForm):
    prefix = "hand-over"
    free_text: ClassVar[tuple[str, ...]] = ("why",)
    nouns: Mapping[str, str] = {"to": "person who answers now", "why": "reason"}
    to = forms.ChoiceField(label="Who answers now")
    why = why_field("Why you are handing it over")

    def offer(self, challenge: Challenge, answerers: list[Answerer]) -> None:
        place = (challenge.board_id, challenge.agency_id)
        beside = [
            answerer for answerer in answerers if (key_or_none(answerer.board), key_or_none(answerer.agency)) == place
        ]
        self.people = {
            str(answerer.user.pk): answerer for answerer in beside if answerer.user.pk != challenge.answerer_id
        }
        offered = [(key, answerer.words) for key, answerer in self.people.items()]
        get_field(self, "to", forms.ChoiceField).choices = [("", CHOOSE), *offered]
        if not offered:
            self.fields[
                "to"
            ].help_text = "No one else answers for this board or agency. Give someone the role in Set-up first."

    def clean_to(self) -> User:
        # The field has checked the key against these.
        return self.people[self.cleaned_data["to"]].user


# --- … and with an offer of support ----------------------------------------------------------------


class TakeUpForm(PolishedForm):
    free_text: ClassVar[tuple[str, ...]] = ("why",)
    why = TextField(label="Comment (optional)", rows=3, required=False)


class ReasonForm(PolishedForm):
    """A reason for declining or withdrawing an offer."""

    free_text: ClassVar[tuple[str, ...]] = ("why",)
    nouns: Mapping[str, str] = {"why": "reason"}
    why = why_field("Why")
