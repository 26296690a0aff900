"""What do the pages say about a hook and its calls?"""

from dataclasses import dataclass
from datetime import datetime

from core.timetable import MOST_TRIES
from reporting.models.hooks import BOTH_SECRETS, Hook, HookCall, HookKind


@dataclass(frozen=True, slots=True)
class CallView:
    """One line of the log of calls."""

    name: str
    month: str
    tried_at: datetime
    tries: int
    outcome: str
    is_done: bool


def describe_state(hook: Hook) -> str:
    if hook.stopped_at is None:
        return "Active"
    return "Stopped: no answer for two days" if hook.gave_up else "Stopped"


def list_labels(hook: Hook) -> list[str]:
    """Return what a hook is told, in words."""
    return [kind.label for kind in HookKind if kind.value in hook.kinds]


def make_call_view(call: HookCall) -> CallView:
    is_test = call.kind == HookKind.TEST
    data = call.content.get("data", {})
    return CallView(
        name=call.get_kind_display(),
        month=str(data.get("month", "")),
        tried_at=call.claimed_at,
        tries=1 if is_test else call.tries,
        outcome=describe_outcome(call),
        is_done=call.sent_at is not None,
    )


def describe_outcome(call: HookCall) -> str:
    if call.sent_at is not None:
        took = f" in {call.milliseconds:,} ms" if call.milliseconds is not None else ""
        return f"Accepted with {call.status}{took}"
    if not call.fault:
        return "In progress"
    again = "We will try again." if call.tries < MOST_TRIES else ""
    return f"{call.fault} {again}".strip()


def tell_former_secret(hook: Hook, now: datetime) -> datetime | None:
    """Return until when the former secret signs too; None if it doesn't."""
    if hook.renewed_at is None or now - hook.renewed_at >= BOTH_SECRETS:
        return None
    return hook.renewed_at + BOTH_SECRETS
