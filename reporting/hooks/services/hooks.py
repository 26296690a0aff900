"""Make, stop, start and renew the hooks of an area. A coordinator does; an information officer may stop one too."""

import secrets
from base64 import b64encode
from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from boards.models import PartnershipArea
from boards.permissions import access_to, check_can_coordinate
from boards.roles import PUBLISHERS
from boards.services.setup import lock_area
from core import audit, outside
from core.models import User
from core.services.sealing import Unreadable, seal, seal_again, unseal
from core.transitions import TransitionRefused
from reporting.models.hooks import CHOSEN, Hook, HookCall, HookKind

MOST_HOOKS = 10  # of an area that are active at the same time
SECRET_BYTES = 32


def make_secret() -> str:
    """Return a new secret, in the form of Standard Webhooks."""
    return f"whsec_{b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


@transaction.atomic
def make_hook(area: PartnershipArea, *, name: str, url: str, kinds: Iterable[str], by: User) -> Hook:
    """Make a hook. It is told what happens from now on.

    Raises PermissionDenied, or ValidationError by field for an address that we don't call, an address that an active
    hook has, or one hook too many.
    """
    check_can_coordinate(area, by=by)
    # Two coordinators at the same time would each see one place left.
    lock_area(area)
    check_address(url)
    active = list(Hook.objects.active().filter(area=area).values_list("url", flat=True))
    if url in active:
        raise ValidationError({"url": "There is already a webhook to this address."})
    if len(active) >= MOST_HOOKS:
        raise ValidationError(f"An area has at most {MOST_HOOKS} webhooks. Stop one first.")
    wanted = set(kinds)
    hook = Hook.objects.create(
        area=area,
        name=name,
        url=url,
        kinds=[kind.value for kind in CHOSEN if kind.value in wanted],
        secret=seal(make_secret()),
        made_at=timezone.now(),
        made_by=by,
    )
    _note("made", hook, by=by, kinds=hook.kinds)
    return hook


def check_address(url: str) -> None:
    """Raise ValidationError for an address that we don't call. Its host is looked up only when we call it."""
    try:
        outside.read_address(url, hosts=settings.WEBHOOK_HOSTS)
    except outside.Refused as refused:
        raise ValidationError({"url": str(refused)}) from None


@transaction.atomic
def stop_hook(hook: Hook, *, by: User) -> None:
    """Stop a hook: it is told nothing more. Raises PermissionDenied."""
    if not access_to(hook.area, by=by).is_any(*PUBLISHERS):
        raise PermissionDenied(f"Only a coordinator or an information officer of {hook.area.name} can stop this.")
    hook = lock_hook(hook)
    if hook.stopped_at is None:  # or somebody pressed the button twice
        hook.stopped_at, hook.stopped_by = timezone.now(), by
        hook.save(update_fields=["stopped_at", "stopped_by"])
        _note("stopped", hook, by=by)


@transaction.atomic
def start_hook(hook: Hook, *, by: User) -> None:
    """Start a stopped hook again. It is told what it missed lately: a month may have been withdrawn.

    Raises PermissionDenied, ValidationError (the address is refused now), or TransitionRefused if another hook has its
    address, or the area has too many.
    """
    check_can_coordinate(hook.area, by=by)
    lock_area(hook.area)
    hook = lock_hook(hook)
    if hook.stopped_at is None:
        return
    check_address(hook.url)
    active = list(Hook.objects.active().filter(area=hook.area).values_list("url", flat=True))
    if hook.url in active:
        raise TransitionRefused("There is already a webhook to this address.")
    if len(active) >= MOST_HOOKS:
        raise TransitionRefused(f"An area has at most {MOST_HOOKS} webhooks. Stop one first.")
    hook.stopped_at, hook.stopped_by, hook.gave_up = None, None, False
    hook.save(update_fields=["stopped_at", "stopped_by", "gave_up"])
    # What it didn't accept is found again, as it is now.
    HookCall.objects.filter(hook=hook, sent_at=None).exclude(kind=HookKind.TEST.value).delete()
    _note("started", hook, by=by)


@transaction.atomic
def renew_secret(hook: Hook, *, by: User) -> None:
    """Give a hook a new secret. The former one signs too, for some days. Raises PermissionDenied, or TransitionRefused
    during those days."""
    check_can_coordinate(hook.area, by=by)
    hook = lock_hook(hook)
    if len(hook.list_sealed(timezone.now())) > 1:
        raise TransitionRefused("The secret was renewed within the last seven days.")
    hook.former_secret, hook.secret = hook.secret, seal(make_secret())
    hook.renewed_at, hook.renewed_by = timezone.now(), by
    hook.save(update_fields=["former_secret", "secret", "renewed_at", "renewed_by"])
    _note("renewed", hook, by=by)


@transaction.atomic
def show_secret(hook: Hook, *, by: User) -> str:
    """Return a hook's secret, for whoever sets its receiver up. Raises PermissionDenied, or TransitionRefused if no key
    of ours reads it."""
    check_can_coordinate(hook.area, by=by)
    try:
        secret = unseal(hook.secret)
    except Unreadable:
        raise TransitionRefused("This secret can’t be read any more. Make a new one.") from None
    _note("secret_shown", hook, by=by)
    return secret


@transaction.atomic
def reseal_hooks() -> tuple[int, list[str]]:
    """Encrypt every secret with the current key. Return how many, and the hooks whose secret no key of ours reads."""
    resealed, lost = 0, []
    for hook in Hook.objects.select_for_update(of=("self",)).select_related("area").order_by("pk"):
        try:
            hook.secret = seal_again(hook.secret)
            hook.former_secret = seal_again(hook.former_secret) if hook.former_secret else ""
        except Unreadable:
            lost.append(str(hook))
            continue
        hook.save(update_fields=["secret", "former_secret"])
        resealed += 1
    return resealed, lost


def lock_hook(hook: Hook) -> Hook:
    return Hook.objects.select_for_update(of=("self",)).select_related("area").get(pk=hook.pk)


def _note(act: str, hook: Hook, *, by: User | None, **details: object) -> None:
    # The host only: the rest of the address may be a secret of the receiver's.
    audit.record(f"hook.{act}", hook, by=by, area=hook.area.slug, host=hook.host, **details)
