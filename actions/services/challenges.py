"""Raise a challenge, answer it, ask again, accept the answer, escalate, withdraw or hand over."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from actions.models import Action, Challenge, ChallengeAct, ChallengeEntry, Support
from actions.models.challenges import LONGEST_ANSWER, LONGEST_QUESTION
from actions.permissions import (
    can_read_about,
    check_can_answer,
    check_can_challenge,
    check_can_decide_support,
    check_can_judge,
)
from actions.selectors.challenges import answerers_in, can_be_asked, chaired, describe_addressee, key_or_none
from actions.workflow import CHALLENGE, CLOSED, SUPPORT, ActionState, ChallengeState, SupportState
from boards.models import Agency, Board, PartnershipArea, ReportingPeriod, Responsibility, Strand
from boards.permissions import access_to, check_can_coordinate
from boards.services.area import lock_area, next_number, why_not_chosen
from core import audit
from core.calendar import date_label
from core.database import lock_row
from core.forms.pages import ChangedMeanwhile, checked_reason, is_sent_twice
from core.labels import TransitionRefused
from core.models import User
from core.texts import tidy_text
from indicators.models import Indicator, PathwayStep

ONE_THING = "Choose what it is about: an indicator in a month, an action, a strand, a responsibility or a pathway step."
ONE_PLACE = "Choose who it goes to: a board or an agency."


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody wants to raise or to offer: about exactly one thing, to a board or an agency."""

    area: PartnershipArea
    board: Board | None = None
    agency: Agency | None = None
    indicator: Indicator | None = None
    period: ReportingPeriod | None = None
    action: Action | None = None
    strand: Strand | None = None
    responsibility: Responsibility | None = None
    step: PathwayStep | None = None

    @property
    def place(self) -> Board | Agency | None:
        return self.board or self.agency

    @property
    def addressee(self) -> str:
        """Return its addressee for a sentence."""
        return f"the {self.board}" if self.board else str(self.agency)

    def columns(self) -> dict[str, object]:
        """Return the values of its row's columns."""
        names = ("area", "board", "agency", "indicator", "period", "action", "strand", "responsibility", "step")
        return {name: getattr(self, name) for name in names}


def read_again[Kind: Draft](draft: Kind) -> Kind:
    """Load its parts again, after the area is locked: somebody may have retired, archived or removed one since it was
    chosen."""
    # Without the area, which is locked as it is.
    parts: dict[str, Any] = {name: part for name, part in draft.columns().items() if part and part != draft.area}
    fresh = {name: type(part)._default_manager.filter(pk=part.pk).first() for name, part in parts.items()}
    return replace(draft, **fresh)


def find_faults(draft: Draft) -> dict[str, str]:
    """Return what is wrong with it, by field. Raises PermissionDenied if a part of it belongs to another area."""
    check_area(draft)
    faults: dict[str, str] = {}
    wrong = fault_of_thing(draft)
    if wrong:
        faults["about"] = wrong
    if (draft.board is None) == (draft.agency is None):
        faults["to"] = ONE_PLACE
    elif why_not := why_not_chosen(draft.place, area_id=draft.area.pk):
        faults["to"] = why_not
    return faults


def check_area(draft: Draft) -> None:
    parts = (draft.board, draft.agency, draft.indicator, draft.period, draft.action, draft.strand)
    areas = {part.area_id for part in parts if part is not None}
    # These two have no area of their own.
    if draft.responsibility is not None:
        areas.add(draft.responsibility.board.area_id)
    if draft.step is not None:
        areas.add(draft.step.pathway.area_id)
    # Not an error beside a field: only a forged form names another area's row.
    if areas - {draft.area.pk}:
        raise PermissionDenied("Choose a subject and a board or agency in this area.")


def fault_of_thing(draft: Draft) -> str:
    things = [draft.indicator, draft.action, draft.strand, draft.responsibility, draft.step]
    if sum(thing is not None for thing in things) != 1 or (draft.indicator is None) != (draft.period is None):
        return ONE_THING
    if draft.period is not None and not draft.period.is_published:
        # The person who is asked must be able to read the subject.
        return f"{draft.period.month.label} is not published yet. You can ask when the boards can read it."
    if draft.action is not None and draft.action.state == ActionState.ARCHIVED:
        return f"{draft.action.reference} is archived, so it is no longer in the plan."
    return fault_of_step(draft.step) if draft.step is not None else ""


def fault_of_step(step: PathwayStep) -> str:
    """Say why nobody can ask about a step; empty if they can."""
    if step.indicator is not None:
        return f"“{step}” is counted: ask about a month’s figure for “{step.indicator}” instead."
    if step.retired or step.pathway.retired:
        return f"“{step}” is retired, so it is no longer in the pathway."
    return ""


def read_text(text: str, *, longest: int, missing: str, what: str) -> tuple[str, str]:
    """Return the text to save and what is wrong with it: `missing`, a sentence if it is too long, or nothing.

    A line's end counts as one character, as people see it when they type.
    """
    text = tidy_text(text)
    if not text:
        return text, missing
    if len(text) > longest:
        return text, f"Shorten the {what} to {longest:,} characters; it has {len(text):,}."
    return text, ""


def named(person: User) -> str:
    """Return a person for the audit log."""
    return person.email


FARTHEST = timedelta(days=366)
DID = {
    ChallengeAct.RAISED: "raised it",
    ChallengeAct.ANSWERED: "answered",
    ChallengeAct.PRESSED: "asked again",
    ChallengeAct.ESCALATED: "escalated it",
    ChallengeAct.ACCEPTED: "accepted the answer",
    ChallengeAct.WITHDRAWN: "withdrew it",
    ChallengeAct.HANDED_OVER: "handed it over",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeDraft(Draft):
    """A question, who has to answer it, and by when."""

    question: str
    answerer: User
    due_on: date


@transaction.atomic
def raise_challenge(draft: ChallengeDraft, *, by: User) -> Challenge:
    """Ask somebody of a board or an agency, with the area's next number.

    Raises PermissionDenied, also for a part of another area; or ValidationError by field.
    """
    check_can_challenge(draft.area, by=by)
    # For the number: two challenges raised together would get the same one.
    lock_area(draft.area)
    draft = read_again(draft)
    faults = find_faults(draft)
    question, wrong = read_text(
        draft.question, longest=LONGEST_QUESTION, missing="Enter the question.", what="question"
    )
    if wrong:
        faults["question"] = wrong
    if "to" not in faults:
        faults |= _fault_of_answerer(draft, by=by)
    faults |= _fault_of_day(draft.due_on)
    if faults:
        raise ValidationError(faults)
    now = timezone.now()
    challenge = Challenge.objects.create(
        **draft.columns(),
        number=next_number(Challenge, draft.area),
        question=question,
        answerer=draft.answerer,
        due_on=draft.due_on,
        raised_at=now,
        raised_by=by,
    )
    _add_entry(challenge, ChallengeAct.RAISED, question, by=by)
    audit.record(
        "challenge.raised",
        challenge,
        by=by,
        area=draft.area.slug,
        asked=str(draft.place),
        answerer=named(draft.answerer),
        due_on=str(draft.due_on),
    )
    return challenge


@transaction.atomic
def answer(challenge: Challenge, *, text: str, seen: int, by: User) -> Challenge:
    """Answer, as its answerer, or as the chair of the board that it was escalated to.

    `seen` is how many entries the page showed. If two people answer at the same time, we save one and tell the other.
    """
    text = _text(text, longest=LONGEST_ANSWER, missing="Enter the answer.", what="answer")
    challenge = _locked(challenge, by=by)
    # Before the permission: once a chair has answered, a second press would be refused as somebody else's turn.
    if _is_repeated(challenge, ChallengeAct.ANSWERED, text, seen=seen, by=by):
        return challenge
    check_can_answer(challenge, by=by)
    return _step(challenge, ChallengeState.ANSWERED, ChallengeAct.ANSWERED, text, by=by)


@transaction.atomic
def press(
    challenge: Challenge, *, text: str, due_on: date | None = None, seen: int | None = None, by: User
) -> Challenge:
    """Say what the answer lacks. The person who gave it has to answer again, by another day if one is given."""
    check_can_challenge(challenge.area, by=by)
    text = _text(text, longest=LONGEST_QUESTION, missing="Say what the answer lacks.", what="text")
    _check_day(due_on)
    challenge = _locked(challenge, by=by)
    if _is_repeated(challenge, ChallengeAct.PRESSED, text, seen=seen, by=by):
        return challenge
    # After the lock: who may judge depends on who answered last.
    check_can_judge(challenge, by=by)
    # A chair who answered is asked again, so this goes by the board and not by the state.
    after = ChallengeState.ESCALATED if challenge.escalated_to else ChallengeState.PRESSED
    if challenge.state == after:
        raise TransitionRefused(f"{challenge.reference} is already waiting for an answer.")
    return _step(challenge, after, ChallengeAct.PRESSED, text, due_on=due_on, why=text, by=by)


@transaction.atomic
def accept(challenge: Challenge, *, text: str = "", seen: int | None = None, by: User) -> Challenge:
    """Accept the answer and close the challenge."""
    check_can_challenge(challenge.area, by=by)
    text = _text(text, longest=LONGEST_QUESTION, missing="", what="text")
    challenge = _locked(challenge, by=by)
    if _is_repeated(challenge, ChallengeAct.ACCEPTED, text, seen=seen, by=by):
        return challenge
    check_can_judge(challenge, by=by)
    return _step(challenge, ChallengeState.ACCEPTED, ChallengeAct.ACCEPTED, text, why=text, by=by)


@transaction.atomic
def escalate(
    challenge: Challenge, *, to: Board, why: str, due_on: date | None = None, seen: int | None = None, by: User
) -> Challenge:
    """Ask a board's chair instead, or another board's chair if one was already asked.

    Raises PermissionDenied, also for another area's board; TransitionRefused; or ValidationError by field.
    """
    check_can_challenge(challenge.area, by=by)
    if to.area_id != challenge.area_id:
        raise PermissionDenied(f"{to} is a board of another area.")
    why = _text(why, longest=LONGEST_QUESTION, missing="Say why you are escalating it.", what="reason", field="why")
    _check_day(due_on)
    # The area before the challenge: nobody may take the chair's role away, or retire the board, before this is saved.
    lock_area(challenge.area)
    challenge = _locked(challenge, by=by)
    text = f"To the chair of the {to}.\n\n{why}"
    if _is_repeated(challenge, ChallengeAct.ESCALATED, text, seen=seen, by=by):
        return challenge
    check_can_judge(challenge, by=by)
    # Retired boards have none here.
    chairs = {chair.pk for chair in chaired(answerers_in(challenge.area)).get(to.pk, [])}
    if not chairs:
        raise ValidationError({"to": f"The {to} has no chair: choose another board."})
    if chairs == {challenge.raised_by_id}:
        raise ValidationError({"to": f"The chair of the {to} raised this question. Choose another board."})
    if challenge.state == ChallengeState.ESCALATED and challenge.escalated_to_id == to.pk:
        raise ValidationError({"to": f"It is already waiting for the chair of the {to}: choose another board."})
    # _step saves it: the column is always among its fields.
    challenge.escalated_to = to
    details = {"chair_of": str(to), "why": why}
    return _step(challenge, ChallengeState.ESCALATED, ChallengeAct.ESCALATED, text, due_on=due_on, by=by, **details)


@transaction.atomic
def withdraw(challenge: Challenge, *, why: str, seen: int | None = None, by: User) -> Challenge:
    """Close it without an answer: nobody has to answer it now."""
    check_can_challenge(challenge.area, by=by)
    why = checked_reason(why, missing="Say why you are withdrawing it. We save the reason with the challenge.")
    challenge = _locked(challenge, by=by)
    if _is_repeated(challenge, ChallengeAct.WITHDRAWN, why, seen=seen, by=by):
        return challenge
    check_can_judge(challenge, by=by)
    return _step(challenge, ChallengeState.WITHDRAWN, ChallengeAct.WITHDRAWN, why, why=why, by=by)


@transaction.atomic
def hand_over_challenge(challenge: Challenge, to: User, *, why: str, seen: int | None = None, by: User) -> Challenge:
    """Let somebody else of the same board or agency answer. Its state stays.

    An escalated challenge can't be handed over: a chair answers it.
    """
    check_can_coordinate(challenge.area, by=by)
    why = checked_reason(why, missing="Say why you are handing it over. We save the reason with the challenge.")
    challenge = _locked(challenge, by=by)
    before = challenge.answerer
    text = f"From {before} to {to}.\n\n{why}"
    if _is_repeated(challenge, ChallengeAct.HANDED_OVER, text, seen=seen, by=by):
        return challenge
    if challenge.state in CLOSED:
        raise TransitionRefused(f"{challenge.reference} is closed, so no answer is due.")
    if challenge.escalated_to:
        raise TransitionRefused(
            f"{challenge.reference} was escalated, so the chair of the {challenge.escalated_to} has to answer."
        )
    if to.pk == before.pk:
        raise ValidationError({"to": f"{to} answers it already: choose someone else."})
    if not can_be_asked(answerers_in(challenge.area), board=challenge.board_id, agency=challenge.agency_id, user=to.pk):
        place = describe_addressee(challenge)
        raise ValidationError({"to": f"{to} doesn’t answer for {place}: choose someone who does."})
    # Not by _step: handing over isn't a change of state, and the table of states has no such act.
    challenge.answerer = to
    challenge.save(update_fields=["answerer"])
    _add_entry(challenge, ChallengeAct.HANDED_OVER, text, by=by)
    people = {"from": named(before), "to": named(to)}
    audit.record("challenge.handed_over", challenge, by=by, area=challenge.area.slug, **people, why=why)
    return challenge


# --- What each of them needs -----------------------------------------------------------------------


def _locked(challenge: Challenge, *, by: User) -> Challenge:
    """Return the challenge as it is now, locked. Raises PermissionDenied for people who may not read it. It reveals
    nothing about the challenge."""
    related = ("area", "board", "agency", "answerer", "escalated_to")
    challenge = lock_row(Challenge.objects.select_related(*related), challenge.pk)
    if not can_read_about(access_to(challenge.area, by=by), challenge):
        raise PermissionDenied("You can’t read or answer this challenge.")
    return challenge


def _is_repeated(challenge: Challenge, act: ChallengeAct, text: str, *, seen: int | None, by: User) -> bool:
    """Return whether it was already done, because somebody pressed a button twice. Raises ChangedMeanwhile if something
    else was done after the page was opened."""
    if seen is None:
        return False
    entries = list(challenge.entries.select_related("made_by"))
    # The number is enough: entries are only added, and triggers refuse to change them (actions.freeze).
    if len(entries) == seen:
        return False
    last = entries[-1]
    if is_sent_twice(last, act=act.value, text=text, made_by=by):
        return True
    when = timezone.localtime(last.made_at)
    who = "You" if last.made_by_id == by.pk else str(last.made_by)
    raise ChangedMeanwhile(
        f"{who} {DID[ChallengeAct(last.act)]} on {date_label(when.date())} at {when:%H:%M}, after this page was "
        "opened. We didn’t save what you sent. Read what is there now, then send it again if you still need to.",
        revision=len(entries),
    )


def _step(
    challenge: Challenge,
    after: ChallengeState,
    act: ChallengeAct,
    text: str,
    *,
    by: User,
    due_on: date | None = None,
    **details: str,
) -> Challenge:
    """Take one step in its life. Raises TransitionRefused if the table of states has no such step."""
    before = ChallengeState(challenge.state)
    CHALLENGE.check(before=before, after=after, thing=challenge.reference)
    challenge.state = after.value
    changed = ["state", "escalated_to"]
    if due_on is not None and due_on != challenge.due_on:
        details |= {"due_before": str(challenge.due_on), "due_on": str(due_on)}
        challenge.due_on = due_on
        changed.append("due_on")
    if after in CLOSED:
        challenge.closed_at, challenge.closed_by = timezone.now(), by
        changed += ["closed_at", "closed_by"]
    challenge.save(update_fields=changed)
    _add_entry(challenge, act, text, by=by)
    states = {"from": before.value, "to": after.value}
    audit.record(f"challenge.{act.value}", challenge, by=by, area=challenge.area.slug, **states, **details)
    return challenge


def _add_entry(challenge: Challenge, act: ChallengeAct, text: str, *, by: User) -> None:
    ChallengeEntry.objects.create(
        challenge=challenge,
        act=act.value,
        text=text,
        board=challenge.escalated_to if act is ChallengeAct.ESCALATED else None,
        due_on=challenge.due_on,
        made_at=timezone.now(),
        made_by=by,
    )


def _text(text: str, *, longest: int, missing: str, what: str, field: str = "text") -> str:
    """Return the text."""
    text, wrong = read_text(text, longest=longest, missing=missing, what=what)
    if wrong:
        raise ValidationError({field: wrong})
    return text


def _fault_of_answerer(draft: ChallengeDraft, *, by: User) -> dict[str, str]:
    if draft.answerer.pk == by.pk:
        return {"to": "You can’t ask yourself: choose someone else."}
    board, agency = key_or_none(draft.board), key_or_none(draft.agency)
    if not can_be_asked(answerers_in(draft.area), board=board, agency=agency, user=draft.answerer.pk):
        return {"to": f"{draft.answerer} doesn’t answer for {draft.addressee}: choose someone who does."}
    return {}


def _fault_of_day(due_on: date) -> dict[str, str]:
    today = timezone.localdate()
    if due_on < today:
        return {"due_on": f"The answer can’t be due before today, {date_label(today)}."}
    if due_on > today + FARTHEST:
        return {"due_on": "That is more than a year away: check the year."}
    return {}


def _check_day(due_on: date | None) -> None:
    """Raise ValidationError for a wrong day."""
    if due_on is not None and (wrong := _fault_of_day(due_on)):
        raise ValidationError(wrong)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportDraft(Draft):
    """The content of an offer."""

    offer: str


@transaction.atomic
def offer_support(draft: SupportDraft, *, by: User) -> Support:
    """Offer help to a board or an agency, with the area's next number.

    Raises PermissionDenied, also for a part of another area; or ValidationError by field.
    """
    check_can_challenge(draft.area, by=by)
    # For the number: two offers made together would get the same one.
    lock_area(draft.area)
    draft = read_again(draft)
    faults = find_faults(draft)
    offer, wrong = read_text(draft.offer, longest=LONGEST_QUESTION, missing="Enter what you offer.", what="offer")
    if wrong:
        faults["offer"] = wrong
    if faults:
        raise ValidationError(faults)
    support = Support.objects.create(
        **draft.columns(),
        number=next_number(Support, draft.area),
        offer=offer,
        offered_at=timezone.now(),
        offered_by=by,
    )
    audit.record("support.offered", support, by=by, area=draft.area.slug, offered_to=str(draft.place))
    return support


@transaction.atomic
def take_up(support: Support, *, why: str = "", by: User) -> Support:
    """Take an offer up, with a comment if there is one."""
    check_can_decide_support(support, by=by)
    return _decide(support, SupportState.TAKEN_UP, checked_reason(why, missing=""), by=by)


@transaction.atomic
def decline(support: Support, *, why: str, by: User) -> Support:
    """Decline an offer."""
    check_can_decide_support(support, by=by)
    why = checked_reason(why, missing="Say why you are declining it. The person who offered it will read this.")
    return _decide(support, SupportState.DECLINED, why, by=by)


@transaction.atomic
def withdraw_support(support: Support, *, why: str, by: User) -> Support:
    """Withdraw an offer."""
    check_can_challenge(support.area, by=by)
    why = checked_reason(why, missing="Say why you are withdrawing it. The board or agency will read this.")
    return _decide(support, SupportState.WITHDRAWN, why, by=by)


def _decide(support: Support, after: SupportState, why: str, *, by: User) -> Support:
    support = Support.objects.select_for_update(of=("self",)).select_related("area").get(pk=support.pk)
    # Before the table of states, which would refuse the second press.
    if is_sent_twice(support, state=after.value, decided_why=why, decided_by=by):
        return support
    before = SupportState(support.state)
    SUPPORT.check(before=before, after=after, thing=support.reference)
    support.state, support.decided_why = after.value, why
    support.decided_at, support.decided_by = timezone.now(), by
    support.save(update_fields=["state", "decided_at", "decided_by", "decided_why"])
    states = {"from": before.value, "to": after.value}
    audit.record(f"support.{after.value}", support, by=by, area=support.area.slug, **states, why=why)
    return support
