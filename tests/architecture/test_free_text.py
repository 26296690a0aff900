"""Every box of a form that takes words is looked through for what seems to be a person's, and its length is limited."""

import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from django import forms

import actions
import boards
import indicators
import reporting
from actions.models import Action, Authority, EngagementSession, Event, Highlight, Kpi, Seat, SubGroup
from actions.models.challenges import LONGEST_ANSWER, LONGEST_QUESTION
from actions.models.engagement import LONGEST_HEARD
from actions.models.highlights import LONGEST_STORY
from actions.models.kpis import LONGEST_NOTE as LONGEST_REVIEW
from actions.models.kpis import LONGEST_WHY as LONGEST_AIM
from actions.models.meetings import LONGEST_NOTE as LONGEST_DRAFT
from actions.models.meetings import LONGEST_NOTES, LONGEST_REMIT
from actions.models.plan import LONGEST_TEXT as LONGEST_UPDATE
from boards.models import ApiKey, RegionKey
from boards.services.area import LONGEST as LONGEST_STATEMENT
from boards.services.area import LONGEST_HOW, LONGEST_SIGN, MOST_SIGNS
from core.forms.fields import GuardedForm
from core.texts import LONGEST_REASON, LONGEST_TEXT
from indicators.models import Indicator, LineName
from indicators.services.corrections import LONGEST_WHY
from indicators.services.entries import LONGEST_NOTE
from indicators.services.returns import LONGEST_COMMENT
from reporting.documents.figures import LONGEST_LICENCE, LONGEST_SOURCE
from reporting.documents.figures import LONGEST_TITLE as LONGEST_OF_NUMBERS
from reporting.documents.services import LONGEST_ASKS, LONGEST_CHANGES, LONGEST_OWNER, LONGEST_TITLE
from reporting.documents.services import LONGEST_COMMENT as LONGEST_COMMENT_ON
from reporting.market.forms import ListsForm
from reporting.models.market import LONGEST_WORDS, MarketFigure
from reporting.models.snapshots import LONGEST_COMMENTARY

# Every module of forms of every app and noun but core, which has the kinds that others are of.
MODULES = tuple(
    module.name
    for app in (boards, indicators, actions, reporting)
    for module in pkgutil.walk_packages(app.__path__, f"{app.__name__}.")
    if "forms" in module.name.split(".")
)
# Each with why it isn't.
EXEMPT = {
    "PersonForm.name": "it is a person's name, and is there for that",
    "AreaForm.person": "the same",
    "RegionPersonForm.name": "the same",
    "AgencyForm.domains": "a list of domains: what is none is refused",
    "PeopleForm.table": "they are people's names and addresses, and are there for that",
    "PeopleForm.seen": "the page itself sent it",
    "AreaForm.slug": "a code is letters, digits and hyphens",
    "RegionForm.slug": "the same",
    "AreaForm.ons_code": "a code of the ONS: what is none is refused",
    "TakeForm.catalogue": "the page itself sent it: its question is about each text in it",
    "TakeForm.seen": "the page itself sent it",
    "TakeHistoryForm.seen": "the same",
    "ImportDecisionForm.seen": "the same",
    "TakeHistoryForm.content": "the same: its question is about the notes in it",
    "HistoryForm.place": "a name out of the police’s file: what is none is refused, and nothing keeps it",
    "MeetingForm.meeting": "of a draft, which nothing keeps: IssueForm looks at it",
    "OrderForm.meeting": "the same",
    "PackForm.meeting": "the same",
    "SessionForm.groups": "a count: what is no number is refused",
    "SessionForm.people": "the same",
    "CorrectionForm.value": "the same",
    "CorrectionForm.reason": "out of a list",
    "EntriesForm.pasted": "of a draft: SubmitForm looks at what is handed in",
    "EntriesForm.opened": "the page itself sent it",
    "EntriesForm.start": "the same",
    "EntriesForm.then": "a button",
    "PublisherForm.contact": "an address of an office: what is none is refused",
    "FigureForm.value": "a number: what is anything else is refused",
    "TargetFields.steps": "months and numbers: what is anything else is refused",
    "SettingForm.steps": "the same",
    "MoveForm.steps": "the same",
}


def longest(model: Any, field: str) -> int:
    return model._meta.get_field(field).max_length


# The boxes that a service limits, and to how many characters. A reason is the same everywhere but here.
BY_SERVICE = {
    "AcceptForm.text": LONGEST_QUESTION,
    "ActForm.note": LONGEST_UPDATE,
    "ActionForm.no_measure_why": longest(Action, "no_measure_why"),
    "ActionForm.title": longest(Action, "title"),
    "AnswerForm.text": LONGEST_ANSWER,
    "AuthorityForm.contact": longest(Authority, "contact"),
    "AuthorityForm.name": longest(Authority, "name"),
    "ChapterForm.asks": LONGEST_ASKS,
    "ChapterForm.owner_title": LONGEST_OWNER,
    "ChapterForm.title": LONGEST_TITLE,
    "CloseForm.did": LONGEST_HEARD,
    "CommentForm.text": LONGEST_COMMENT_ON,
    "CommentaryForm.text": LONGEST_COMMENTARY,
    "CompleteForm.text": LONGEST_UPDATE,
    "CorrectionForm.note": LONGEST_NOTE,
    "CorrectionForm.why": LONGEST_WHY,
    "DecideCorrectionForm.comment": LONGEST_WHY,
    "DecideReturnForm.comment": LONGEST_COMMENT,
    "DraftFields.title": longest(Kpi, "title"),
    "DraftFields.why": LONGEST_AIM,
    "EscalateForm.why": LONGEST_QUESTION,
    "EventForm.said_by": longest(Event, "said_by"),
    "EventForm.title": longest(Event, "title"),
    "FigureForm.of_year": longest(MarketFigure, "of_year"),
    "FigureForm.source": longest(MarketFigure, "source"),
    "HighlightForm.reach_of": longest(Highlight, "reach_of"),
    "HighlightForm.story": LONGEST_STORY,
    "HighlightForm.title": longest(Highlight, "title"),
    "IndicatorForm.ages": longest(Indicator, "ages"),
    "KeyForm.name": longest(ApiKey, "name"),
    "RegionKeyForm.name": longest(RegionKey, "name"),
    "KpiForm.title": longest(Kpi, "title"),
    "KpiForm.why": LONGEST_AIM,
    **{f"ListsForm.{box}": LONGEST_WORDS for box in ListsForm.short_text},
    "MeetingNoteForm.text": LONGEST_DRAFT,
    "MilestoneForm.title": longest(Action, "title"),
    "NoteForm.name": longest(LineName, "name"),
    "NumbersForm.licence": LONGEST_LICENCE,
    "NumbersForm.numbers": LONGEST_TEXT,
    "NumbersForm.source": LONGEST_SOURCE,
    "NumbersForm.title": LONGEST_OF_NUMBERS,
    "OfferForm.offer": LONGEST_QUESTION,
    "PictureForm.alt": longest(Highlight, "picture_alt"),
    "PressForm.text": LONGEST_QUESTION,
    "RaiseForm.question": LONGEST_QUESTION,
    "RecordForm.notes": LONGEST_NOTES,
    "ReviewForm.note": LONGEST_REVIEW,
    "SeatForm.substitute": longest(Seat, "substitute"),
    "SeatForm.title": longest(Seat, "title"),
    "SessionForm.groups_named": longest(EngagementSession, "groups_named"),
    "SessionForm.title": longest(EngagementSession, "title"),
    "SettingForm.title": longest(Kpi, "title"),
    "SettingForm.why": LONGEST_AIM,
    "SettleForm.answer": LONGEST_COMMENT_ON,
    "SignsForm.how_to_report": LONGEST_HOW,
    "SignsForm.signs": MOST_SIGNS * LONGEST_SIGN,
    "StatementsForm.accessibility": LONGEST_STATEMENT,
    "StatementsForm.privacy": LONGEST_STATEMENT,
    "SubGroupForm.name": longest(SubGroup, "name"),
    "SubGroupForm.remit": LONGEST_REMIT,
    "UpdateForm.rag_why": longest(Action, "rag_why"),
    "UpdateForm.text": LONGEST_UPDATE,
    "VoiceForm.said": LONGEST_HEARD,
    "WriteForm.changes": LONGEST_CHANGES,
    "WriteForm.text": LONGEST_TEXT,
}
REASONS = ("why", "went_on_why", "owner_why", "reason")  # the names of other boxes, which `checked_reason` limits


def form_classes() -> set[Any]:
    return {
        found
        for module in map(import_module, MODULES)
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, forms.BaseForm) and found.__module__ in MODULES
    }


def boxes() -> Iterator[tuple[str, bool]]:
    """Each box that takes words, "BoardForm.basis", and whether it is looked at."""
    for form in form_classes():
        guarded = {*form.free_text, *form.short_text} if issubclass(form, GuardedForm) else set()
        for name, field in form.base_fields.items():
            takes_words = isinstance(field, forms.CharField) and not isinstance(field, forms.EmailField)
            if takes_words and name != "code" and not field.widget.is_hidden:  # a code is letters, digits and hyphens
                yield f"{form.__name__}.{name}", name in guarded


def limits() -> Iterator[tuple[str, int]]:
    """Each box that is looked at, and how many characters it may have; 0 if nothing limits it."""
    for form in form_classes():
        if issubclass(form, GuardedForm):
            for name in (*form.free_text, *form.short_text):
                box = f"{form.__name__}.{name}"
                of_field = getattr(form.base_fields.get(name), "max_length", None)
                of_form = LONGEST_TEXT if name in form.long_text else 0
                of_service = BY_SERVICE.get(box, LONGEST_REASON if name in REASONS else 0)
                yield box, of_field or of_form or of_service


def test_each_that_is_looked_at_is_limited():
    """The guard doesn't look at a text that is too long, so nothing may save one."""
    found = dict(limits())
    assert [box for box, most in found.items() if not 0 < most <= LONGEST_TEXT] == []
    assert BY_SERVICE.keys() <= found.keys()


def test_it_finds_the_boxes():
    names = {name for name, _ in boxes()}
    assert {"BoardForm.basis", "IndicatorForm.definition", "HighlightForm.story", "AnswerForm.text"} <= names


def test_each_is_looked_at():
    assert sorted(name for name, is_guarded in boxes() if not is_guarded and name not in EXEMPT) == []


def test_what_is_exempt_is_there():
    assert EXEMPT.keys() <= {name for name, is_guarded in boxes() if not is_guarded}
