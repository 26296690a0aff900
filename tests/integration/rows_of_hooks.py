"""A webhook that was called, and how each constraint of its kinds is violated."""

from collections.abc import Callable
from datetime import UTC, datetime

from reporting.hooks.services.hooks import make_hook
from reporting.models import Hook, HookCall
from tests.integration.rows import twice
from tests.scenarios import Town

NOW = datetime(2026, 8, 1, tzinfo=UTC)
ADDRESS = "https://hooks.example.org/in"


def leave_hooks(town: Town) -> Hook:
    """A webhook with a call that waits for another try."""
    hook = make_hook(town.area, name="A page", url=ADDRESS, kinds=["public.published"], by=town.coordinator)
    HookCall.objects.create(
        hook=hook, kind="public.published", target="edition:0", message_id="msg_1", claimed_at=NOW, fault="No answer"
    )
    return hook


HOOKS, CALLS = Hook.objects.all(), HookCall.objects.all()
HOOK_CASES: list[tuple[str, Callable[[object], object]]] = [
    ("one_active_hook_per_address", lambda _: twice(HOOKS)),
    ("hook_address_is_https", lambda _: HOOKS.update(url="http://hooks.example.org/in")),
    ("hook_has_a_secret", lambda _: HOOKS.update(secret="")),
    ("hook_renewed_at_by", lambda _: HOOKS.update(renewed_at=NOW)),
    ("hook_renewed_at_by", lambda _: HOOKS.update(former_secret="x")),
    ("hook_stopped_at_by_or_gave_up", lambda _: HOOKS.update(stopped_at=NOW)),
    ("hook_stopped_at_by_or_gave_up", lambda _: HOOKS.update(gave_up=True)),
    ("hook_called_once_of_an_event", lambda _: twice(CALLS)),
    ("hook_call_is_done_after_a_good_answer", lambda _: CALLS.update(sent_at=NOW)),
    ("hook_call_is_done_after_a_good_answer", lambda _: CALLS.update(sent_at=NOW, status=302)),
]
