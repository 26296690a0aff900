"""A person's tasks, and their news, from the plan, challenges, offers, sessions, meetings and e-mails."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from actions.models import (
    Action,
    ActionMove,
    ActionUpdate,
    Challenge,
    ChallengeAct,
    ChallengeEntry,
    Meeting,
    Milestone,
    Support,
    Voice,
)
from actions.permissions import can_challenge
from actions.presenters.challenges import describe_due, describe_subject
from actions.presenters.engagement import describe_difference, voice_view
from actions.presenters.letters import failed_letters
from actions.presenters.notes import note_tasks
from actions.presenters.plan import describe_day
from actions.selectors.challenges import describe_addressee, left_behind, list_offered
from actions.selectors.engagement import CountedMonth, Unled, differences, list_owed_voices, unled_in
from actions.selectors.news import (
    list_entries_since,
    list_judged_since,
    list_meetings_since,
    list_missed_since,
    list_moves_since,
)
from actions.selectors.notices import failed_notices
from actions.selectors.plan import OwnAction, list_to_answer, list_to_judge
from actions.workflow import ActionState, ChallengeState, MeetingState
from boards.permissions import Access
from boards.selectors import start_of_day
from boards.todo import News, Task
from core.calendar import Month, date_label
from core.texts import one_line
from indicators.figures import shorten


def notice_tasks(access: Access) -> list[Task]:
    """Return a task for the coordinator if an e-mail could not be sent."""
    if not access.can_coordinate:
        return []
    # Names only: the fault may have an e-mail address in it.
    letters = list(failed_letters(failed_notices(access.area)))
    if not letters:
        return []
    return [
        Task(
            name="1 email was not sent" if len(letters) == 1 else f"{len(letters)} emails were not sent",
            url=reverse("actions:notice-list", args=[access.area.slug]),
            hint=f"About challenges and actions, to {', '.join(str(letter.person) for letter in letters)}.",
            status="problem",
            status_label="To send again",
        )
    ]


def asked_tasks(access: Access, unanswerable: Iterable[Challenge], *, today: date) -> list[Task]:
    """Return the tasks by role: people who answer, ask or get an offer, and the coordinator. `unanswerable` are the
    challenges that nobody can answer, for the coordinator."""
    return [
        *answer_tasks(access, today=today),
        *judge_tasks(access),
        *offer_tasks(access),
        *map(left_behind_task, unanswerable),
        *unled_tasks(access, today=today),
        *voice_tasks(access, today=today),
        *count_tasks(access),
        *note_tasks(access),
    ]


def answer_tasks(access: Access, *, today: date) -> list[Task]:
    """Return the questions that this person has to answer. For a chair, these are the ones escalated to the board."""
    return [answer_task(access, challenge, today=today) for challenge in list_to_answer(access)]


def answer_task(access: Access, challenge: Challenge, *, today: date) -> Task:
    challenge.area = access.area
    is_overdue = challenge.due_on < today
    return Task(
        name=f"Answer challenge {challenge.reference}: {describe_subject(challenge)}",
        url=challenge.get_absolute_url(),
        hint=f"{shortened(challenge.question)} {describe_due(challenge.due_on, today=today)}.",
        status="problem" if is_overdue else "open",
        status_label="Overdue" if is_overdue else challenge.get_state_display(),
        due_on=challenge.due_on,
        is_overdue=is_overdue,
    )


def judge_tasks(access: Access) -> list[Task]:
    """Return the answers for the strategic group to judge, without their own answers. Those to a person's own questions
    are first."""
    if not can_challenge(access):
        return []
    own_first = sorted(list_to_judge(access), key=lambda challenge: challenge.raised_by_id != access.user.pk)
    return [judge_task(access, challenge) for challenge in own_first]


def judge_task(access: Access, challenge: Challenge) -> Task:
    challenge.area = access.area
    whose = "You" if challenge.raised_by_id == access.user.pk else str(challenge.raised_by)
    return Task(
        name=f"Read the answer to challenge {challenge.reference}: {describe_subject(challenge)}",
        url=challenge.get_absolute_url(),
        hint=f"{shortened(challenge.question)} {whose} raised it.",
        status="submitted",
        status_label="To decide",
    )


def offer_tasks(access: Access) -> list[Task]:
    """Return the offers to this person's boards and agencies."""
    # Nobody else can get an offer: don't ask.
    if not (access.seated or access.led or can_challenge(access)):
        return []
    return [offer_task(access, support) for support in list_offered(access)]


def offer_task(access: Access, support: Support) -> Task:
    support.area = access.area
    day = date_label(timezone.localdate(support.offered_at))
    return Task(
        name=f"Offer of support {support.reference}: {describe_subject(support)}",
        url=support.get_absolute_url(),
        hint=f"{shortened(support.offer)} {support.offered_by} offered it on {day}.",
        status="open",
        status_label="To decide",
    )


def left_behind_tasks(access: Access) -> list[Task]:
    """Return, for the coordinator, the challenges that nobody can answer now."""
    return [left_behind_task(challenge) for challenge in left_behind(access.area)] if access.can_coordinate else []


def left_behind_task(challenge: Challenge) -> Task:
    if challenge.state == ChallengeState.ESCALATED:
        hint = (
            f"The {challenge.escalated_to} has no chair. Give someone that role in Set-up, or ask the strategic "
            "group to escalate the challenge to another board."
        )
        label = "No chair"
    else:
        hint = f"{challenge.answerer} no longer answers for {describe_addressee(challenge)}."
        label = "To hand over"
    return Task(
        name=f"Challenge {challenge.reference} needs someone to answer it",
        url=challenge.get_absolute_url(),
        hint=hint,
        status="problem",
        status_label=label,
    )


def unled_tasks(access: Access, *, today: date) -> list[Task]:
    """Return, for the coordinator, the agencies that promised answers and have no lead."""
    if not access.can_coordinate:
        return []
    return [unled_task(access, agency, today=today) for agency in unled_in(access.area)]


def unled_task(access: Access, agency: Unled, *, today: date) -> Task:
    number = "an answer" if agency.waiting == 1 else f"{agency.waiting} answers"
    query = urlencode({"state": "waiting", "agency": agency.code})
    return Task(
        name=f"{agency.name} promised {number} but has no lead",
        url=f"{reverse('actions:voice-list', args=[access.area.slug])}?{query}",
        hint="Give someone that role in Set-up, or say yourself what was done. "
        f"The first {'was' if agency.first_due_on < today else 'is'} due by {date_label(agency.first_due_on)}.",
        status="problem",
        status_label="To hand over",
    )


def voice_tasks(access: Access, *, today: date) -> list[Task]:
    """Return, for a lead, what people said in the agency's sessions, if the answer is overdue or due this month."""
    return [voice_task(access, voice, today=today) for voice in list_owed_voices(access, today=today)]


def voice_task(access: Access, voice: Voice, *, today: date) -> Task:
    voice.session.area = access.area
    view = voice_view(voice, today=today)
    return Task(
        name=f"Say what was done about a comment from this session: {voice.session}",
        url=reverse("actions:voice-close", args=[access.area.slug, voice.pk]),
        hint=f"{shortened(voice.said)} {view.when}.",
        status=view.tag,
        status_label=view.state,
        due_on=voice.due_on,
        is_overdue=voice.due_on < today,
    )


def action_tasks(access: Access, actions: Iterable[OwnAction], *, today: date) -> list[Task]:
    """Return, for an owner, one task for each action that needs an update, or has milestones due. No query."""
    return [action_task(access, own_action, today=today) for own_action in actions if own_action.owed]


def action_task(access: Access, own_action: OwnAction, *, today: date) -> Task:
    action, steps = own_action.action, own_action.steps
    needs_update = own_action.is_owed or own_action.is_late
    if own_action.is_owed:
        name = f"Update the progress of {action}"
    elif own_action.is_late:
        due_date = "change its due date" if access.can_coordinate else "ask the coordinator to change its due date"
        name = f"Complete {action}, or {due_date}"
    elif len(steps) == 1:
        name = f"Mark milestone “{steps[0]}” of {action.reference} as done"
    else:
        name = f"Mark {len(steps)} milestones of {action.reference} as done"
    first_due = min(step.due_on for step in steps) if steps else date.max
    is_overdue = own_action.is_late or first_due < today
    return Task(
        name=name,
        url=action.get_absolute_url(),
        hint=" ".join(describe_owed(own_action, today)),
        status="problem" if is_overdue else "open",
        status_label="Overdue" if is_overdue else "To update" if needs_update else "Milestone",
        is_awaited=False,
        # Whichever is first: this month's update, the action's own day, or a milestone's.
        due_on=min(action.due_on, first_due, Month.of(today).last_day),
        is_overdue=is_overdue,
        number=own_action.owed,
    )


def describe_owed(own_action: OwnAction, today: date) -> Iterator[str]:
    """Say when the action is due and what its owner last said; and which of its milestones are due."""
    steps = own_action.steps
    if own_action.is_owed or own_action.is_late:
        yield f"{describe_day(own_action.action.due_on, today)}. {describe_last_word(own_action)}"
    elif len(steps) == 1:
        yield f"{describe_day(steps[0].due_on, today)}. {own_action.action.title}."
        return
    if steps:
        words = [
            f"“{step}”, {'overdue' if step.due_on < today else f'due {date_label(step.due_on)}'}" for step in steps
        ]
        yield f"Milestone{'' if len(steps) == 1 else 's'}: {'; '.join(words)}."


def describe_last_word(own_action: OwnAction) -> str:
    if own_action.said_on is None:
        return "You haven’t added an update yet."
    return f"Your last update was on {date_label(own_action.said_on)}."


def count_tasks(access: Access) -> list[Task]:
    """Return, for a lead, the months in which the return and the sessions differ, or the return has no figure of
    them."""
    return [count_task(access, month) for month in differences(access)]


def count_task(access: Access, month: CountedMonth) -> Task:
    label = month.period.month.label
    differs = f"The counts from your sessions differ from your {label} return"
    return Task(
        name=differs if month.differing else f"There is no figure from your sessions for {label}",
        url=f"{reverse('actions:session-list', args=[access.area.slug])}#s-counts",
        hint=describe_difference(month),
        status="problem",
        status_label="Differs" if month.differing else "No figure",
    )


def shortened(text: str) -> str:
    """Return the start of a long text, on one line."""
    text = " ".join(text.split())
    return text if len(text) <= 160 else f"{text[:159]}…"


LONGEST = 90  # characters of what somebody wrote
DONE = {
    ChallengeAct.RAISED: "was raised",
    ChallengeAct.ANSWERED: "was answered",
    ChallengeAct.PRESSED: "was asked again",
    ChallengeAct.ESCALATED: "was escalated",
    ChallengeAct.ACCEPTED: "was closed with an accepted answer",
    ChallengeAct.WITHDRAWN: "was withdrawn",
    ChallengeAct.HANDED_OVER: "was handed over",
}
MOVED = {
    ActionState.COMPLETE: "is complete",
    ActionState.ARCHIVED: "was archived",
    ActionState.OPEN: "is open again",
}


def list_news(access: Access, since: datetime, *, today: date) -> list[News]:
    """Return the news: five queries."""
    return [
        *(challenge_news(access, entry) for entry in list_entries_since(access, since)),
        *actions_news(access, since),
        *(missed_news(access, milestone) for milestone in list_missed_since(access, since, today=today)),
        *map(meeting_news, list_meetings_since(access, since)),
    ]


def actions_news(access: Access, since: datetime) -> list[News]:
    """Return the news of states and RAGs. A RAG isn't repeated if the action's state already says it."""
    moves, updates = list_moves_since(access, since), list_judged_since(access, since)
    # Also the person's own moves: a RAG that a move explains is no news.
    moved = {move.action_id for move in moves}
    return [
        *(move_news(access, move) for move in moves if move.made_by_id != access.user.pk),
        *(
            rag_news(access, update, before=vars(update)["rag_before"])
            for update in updates
            if update.action_id not in moved and update.made_by_id != access.user.pk
        ),
    ]


def challenge_news(access: Access, entry: ChallengeEntry) -> News:
    challenge = entry.challenge
    challenge.area = access.area
    done = DONE[ChallengeAct(entry.act)]
    to_chair = challenge.state == ChallengeState.ESCALATED and challenge.escalated_to_id in access.chaired
    return News(
        at=entry.made_at,
        words=f"{challenge.reference} {done}: {describe_subject(challenge)}",
        url=challenge.get_absolute_url(),
        more=quoted(entry.text),
        is_own=access.user.pk in (challenge.answerer_id, challenge.raised_by_id) or to_chair,
    )


def move_news(access: Access, move: ActionMove) -> News:
    return News(
        at=move.made_at,
        words=f"{move.action.reference} {MOVED[ActionState(move.after)]}: {move.action.title}",
        url=address(access, move.action),
        more=quoted(move.why),
        is_own=is_theirs(access, move.action),
    )


def rag_news(access: Access, update: ActionUpdate, *, before: str) -> News:
    return News(
        at=update.made_at,
        words=f"{update.action.reference} went from {before} to {update.rag}: {update.action.title}",
        url=address(access, update.action),
        more=quoted(update.rag_why),
        is_own=is_theirs(access, update.action),
    )


def missed_news(access: Access, milestone: Milestone) -> News:
    """Describe a missed milestone. It was missed when its day had passed."""
    return News(
        at=start_of_day(milestone.due_on + timedelta(days=1)),
        words=f"{milestone.action.reference} missed a milestone: {milestone}",
        url=address(access, milestone.action),
        more=f"It was due on {date_label(milestone.due_on)}.",
        is_own=is_theirs(access, milestone.action),
    )


def meeting_news(meeting: Meeting) -> News:
    day, state = date_label(meeting.held_on), MeetingState(meeting.state)
    words = {
        MeetingState.PLANNED: f"{meeting} meets on {day}",
        MeetingState.HELD: f"{meeting}: the discussion on {day} is recorded",
        MeetingState.CALLED_OFF: f"{meeting} on {day} is cancelled",
    }[state]
    at = meeting.called_off_at or meeting.recorded_at or meeting.planned_at
    return News(at=at, words=words, url=meeting.get_absolute_url(), more=quoted(meeting.called_off_why))


def address(access: Access, action: Action) -> str:
    action.area = access.area
    return action.get_absolute_url()


def is_theirs(access: Access, action: Action) -> bool:
    return access.user.pk == action.owner_id or action.agency_id in access.led


def quoted(text: str) -> str:
    """Quote the start of what somebody wrote; empty if they wrote nothing."""
    said = shorten(one_line(text), LONGEST)
    return f"“{said}”" if said else ""
