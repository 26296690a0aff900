"""A person's second factor: its codes are accepted once, and its secret is never stored in the clear."""

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    SECRET_SESSION_KEY,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from core.models import LastCode, User
from core.services.sealing import Unreadable, seal, seal_again, unseal

SEALED = ("secret", "seed")  # what allauth stores of an app and of recovery codes
AFTER_SET_UP = "after_second_factor"  # in the session: the page that somebody wanted before they set one up


def spend_code(user: User, *, secret: str, code: str) -> bool:
    """Accept a code of an authenticator app once. Return whether it was new.

    The database decides, whichever process asks and whatever the cache has lost. A code older than the last accepted
    one is refused too.
    """
    steps = [
        step
        for step in yield_hotp_counters_from_time()
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step)))
    ]
    if not steps:
        return False
    step = max(steps)
    _, is_first = LastCode.objects.get_or_create(user=user, defaults={"step": step})
    # One statement: a second worker with the same code waits for the row, and then finds it spent.
    return is_first or bool(LastCode.objects.filter(user=user, step__lt=step).update(step=step))


def find_or_make_secret(session: SessionBase) -> str:
    """Return the secret of the app that somebody is setting up. It stays the same if they load the page again."""
    sealed = session.get(SECRET_SESSION_KEY)
    if sealed:
        try:
            return unseal(sealed)
        except Unreadable:
            pass  # the key has changed since; nobody uses this secret yet
    secret: str = generate_totp_secret()
    session[SECRET_SESSION_KEY] = seal(secret)
    return secret


@transaction.atomic
def reseal_factors() -> tuple[int, list[str]]:
    """Encrypt every secret with the current key. Return how many, and the addresses of people whose secret no key of
    ours can read."""
    resealed, lost = 0, []
    for factor in Authenticator.objects.select_for_update(of=("self",)).select_related("user").order_by("pk"):
        kept = {name: factor.data[name] for name in SEALED if name in factor.data}
        try:
            factor.data |= {name: seal_again(sealed) for name, sealed in kept.items()}
        except Unreadable:
            lost.append(factor.user.email)
            continue
        if kept:
            factor.save(update_fields=["data"])
            resealed += 1
    return resealed, sorted(set(lost))
