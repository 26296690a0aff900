"""Two workers get the same code at the same moment: one of them accepts it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

from core.identity.factors import spend_code
from core.models import User
from tests import databases
from tests.factories import make_user
from tests.factors import SECRET, code_of
from tests.integration.at_once import by_all

pytestmark = pytest.mark.both_databases


@pytest.fixture
def person(shared_database: str) -> User:
    return make_user()


@pytest.mark.parametrize("earlier", [False, True], ids=["the first code", "a later code"])
def test_a_code_is_spent_once(person: User, others: ThreadPoolExecutor, earlier: bool):
    if earlier:
        assert spend_code(person, secret=SECRET, code=code_of(SECRET, later=-1))
    code = code_of(SECRET)
    spent = by_all(others, lambda: spend_code(person, secret=SECRET, code=code))
    assert sorted(spent) == [False, False, False, True]


def test_a_recovery_code_is_spent_once(person: User, others: ThreadPoolExecutor):
    code = RecoveryCodes.activate(person).get_unused_codes()[0]
    held = Authenticator.objects.get(user=person)
    spent = by_all(others, lambda: Authenticator.objects.get(pk=held.pk).wrap().validate_code(code))
    assert sorted(spent) == [False, False, False, True]


def test_another_process_refuses_it_too(person: User, shared_database: str):
    code = code_of(SECRET)
    assert spend_code(person, secret=SECRET, code=code)
    asked = (
        "import django; django.setup(); from core.models import User; from core.identity.factors import spend_code; "
        f"print(spend_code(User.objects.get(pk={person.pk}), secret={SECRET!r}, code={code!r}))"
    )
    assert databases.run("-c", asked, database=shared_database).strip() == "False"
