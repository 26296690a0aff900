"""Tell hooks what happened: each event once, and again until the receiver has answered.

A call is claimed and saved before it is made, and confirmed afterwards, as e-mails are (docs/adr/0041). A receiver may
get one twice, with the same `webhook-id`. It is signed as Standard Webhooks says: docs/adr/0069.
"""

import hmac
import json
import random
import time
from base64 import b64decode, b64encode
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from boards.permissions import check_can_coordinate
from core import audit, outside
from core.models import User
from core.services.letters import claim, claim_again, list_unconfirmed
from core.services.links import site_address
from core.services.sealing import Unreadable, unseal
from core.timetable import MOST_TRIES
from core.transitions import TransitionRefused
from reporting.hooks.selectors import find_events, is_over
from reporting.models.hooks import Hook, HookCall, HookKind

MOST_TESTS = 20  # of an area within TESTS_WITHIN: each holds a web worker for seconds
TESTS_WITHIN = timedelta(minutes=10)
LONGEST_RUN = 45.0  # seconds of one run: the job comes back in a minute
LONGEST_FAULT: int = HookCall._meta.get_field("fault").max_length or 0
WITHDRAWN = "Not sent any more: nobody can read the edition now."
NO_SECRET = "The hook’s secret can’t be read any more. Make a new one."  # noqa: S105  # a sentence


def send_calls() -> int:
    """Tell every active hook what it wasn't told yet. Return how many calls were made.

    A hook that doesn't answer gets no further call in this run, and holds up no other.
    """
    ends, made = time.monotonic() + LONGEST_RUN, 0
    hooks = list(Hook.objects.active().select_related("area").order_by("pk"))
    random.shuffle(hooks)  # so that no slow receiver keeps the same others waiting each time
    for hook in hooks:
        for call in list_due(hook):
            if time.monotonic() > ends:
                return made
            # Somebody may have stopped it meanwhile, and then it is told nothing more.
            if not Hook.objects.active().filter(pk=hook.pk).exists():
                break
            if not claim_now(call):
                continue
            made += 1
            if not make_call(hook, call):
                break
    return made


def list_due(hook: Hook) -> Iterable[HookCall]:
    """Yield the calls of a hook that are due: those to try again, and new ones. None is claimed before it is asked
    for."""
    for [row] in list_unconfirmed(HookCall.objects.filter(hook=hook)):
        if is_over(row, hook.area):
            HookCall.objects.filter(pk=row.pk, sent_at=None).update(tries=MOST_TRIES, fault=WITHDRAWN)
        else:
            yield row
    for event in find_events(hook):
        row = HookCall(hook=hook, kind=event.kind.value, target=event.target)
        row.content = event.write(hook.area, site_address(""))
        yield row


def claim_now(call: HookCall) -> bool:
    """Claim a call, a new one or another try. Return whether it is ours: another worker may have claimed it."""
    if not call._state.adding:
        return claim_again([call])
    row = claim(
        HookCall,
        message_id=make_id(),
        also={"content": call.content},
        hook=call.hook,
        kind=call.kind,
        target=call.target,
    )
    if row is not None:
        call.pk, call.message_id, call.tries, call.claimed_at = row.pk, row.message_id, row.tries, row.claimed_at
        call._state.adding = False
    return row is not None


def make_call(hook: Hook, call: HookCall) -> bool:
    """Make a claimed call and save what came of it. Return whether the receiver accepted it. After the last try the
    hook stops."""
    call.status = call.milliseconds = None
    try:
        body = write_body(call)
        headers = sign(hook, call.message_id, body, timezone.now())
        answer = outside.post(hook.url, body, headers, hosts=settings.WEBHOOK_HOSTS)
        call.status, call.milliseconds = answer.status, answer.milliseconds
        fault = "" if answer.is_good else f"The receiver answered with {answer.status}."
    except (outside.Refused, outside.NoAnswer) as refused:
        fault = str(refused)
    except Unreadable:
        fault = NO_SECRET
    call.fault = fault[:LONGEST_FAULT]
    call.sent_at = None if fault else timezone.now()
    call.save(update_fields=["status", "milliseconds", "fault", "sent_at"])
    if fault and call.tries >= MOST_TRIES and call.kind != HookKind.TEST:
        give_up(hook)
    return not fault


@transaction.atomic
def give_up(hook: Hook) -> None:
    """Stop a hook whose receiver has not answered for two days."""
    stopped = Hook.objects.active().filter(pk=hook.pk).update(stopped_at=timezone.now(), gave_up=True)
    if stopped:
        audit.record("hook.gave_up", hook, by=None, area=hook.area.slug, host=hook.host)


def test_hook(hook: Hook, *, by: User) -> HookCall:
    """Call a hook to try it, once. Raises PermissionDenied, or TransitionRefused if it is stopped, or after many
    tests."""
    check_can_coordinate(hook.area, by=by)
    if hook.stopped_at is not None:
        raise TransitionRefused("This webhook is stopped. Start it again first.")
    now = timezone.now()
    tests = HookCall.objects.filter(hook__area=hook.area, kind=HookKind.TEST.value)
    if tests.filter(claimed_at__gt=now - TESTS_WITHIN).count() >= MOST_TESTS:
        raise TransitionRefused("You have sent many tests. Wait ten minutes before you send another.")
    call = HookCall(hook=hook, kind=HookKind.TEST.value, target=uuid4().hex)
    call.content = {"type": HookKind.TEST.value, "timestamp": now.isoformat(), "data": {"area": hook.area.slug}}
    call.message_id, call.claimed_at = make_id(), now
    # It is tried once: whoever pressed the button sees what came of it.
    call.tries = MOST_TRIES
    # Saved before the call: a transaction around it would keep others waiting for seconds.
    with transaction.atomic():
        call.save()
        audit.record("hook.tested", hook, by=by, area=hook.area.slug, host=hook.host)
    make_call(hook, call)
    return call


# --- What is sent --------------------------------------------------------------------------------------------------


def make_id() -> str:
    return f"msg_{uuid4().hex}"


def write_body(call: HookCall) -> bytes:
    """Return the body: the same bytes for all tries."""
    return json.dumps(call.content, sort_keys=True, separators=(",", ":")).encode()


def sign(hook: Hook, message_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers of a call, with a signature by each of the hook's secrets. Raises Unreadable."""
    stamp = str(int(now.timestamp()))
    signed = f"{message_id}.{stamp}.".encode() + body
    marks = [
        b64encode(hmac.digest(b64decode(unseal(sealed).removeprefix("whsec_")), signed, sha256)).decode()
        for sealed in hook.list_sealed(now)
    ]
    return {
        "Content-Type": "application/json",
        "User-Agent": "V+V-Dashboard",
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{mark}" for mark in marks),
    }
