"""Several sign in by a provider for the first time at the same moment: one subject is linked to the account."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount

from core.identity.provider_links import LinkRefused, open_account
from core.identity.providers import Provider
from core.models import OutboxEntry, User
from tests.factories import make_user
from tests.integration.at_once import by_all

pytestmark = pytest.mark.both_databases


@pytest.fixture
def person(shared_database: str) -> User:
    return make_user()


def claims_of(person: User, subject: str) -> dict[str, Any]:
    return {"iss": "https://login.example", "sub": subject, "email": person.email, "email_verified": True}


def sign_on(person: User, subject: str) -> str:
    domains = frozenset({person.email.rpartition("@")[2]})
    provider = Provider("council", "Council", "https://login.example", "dashboard", "secret", domains)
    try:
        open_account(provider, claims=claims_of(person, subject))
    except LinkRefused as fault:
        return fault.reason
    return ""


def test_one_subject_is_linked(person: User, others: ThreadPoolExecutor):
    numbers = count()
    told = by_all(others, lambda: sign_on(person, f"subject-{next(numbers)}"))
    assert sorted(told) == ["", "changed subject", "changed subject", "changed subject"]
    assert SocialAccount.objects.filter(user=person).count() == 1


def test_a_button_pressed_twice_is_one_link(person: User, others: ThreadPoolExecutor):
    assert by_all(others, lambda: sign_on(person, "subject")) == [""] * 4
    assert SocialAccount.objects.filter(user=person).count() == 1
    assert OutboxEntry.objects.filter(person=person).count() == 1
