"""The counts of tries: kept until they end, and deleted then."""

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.utils import timezone

from core.models import Limit
from core.tasks import forget_limits

pytestmark = pytest.mark.django_db


@pytest.mark.both_databases
def test_what_has_ended_is_deleted_and_nothing_else():
    cache.set("lasting", [1.5], 60)
    cache.set("ended", [1.5], -1)
    assert (cache.get("lasting"), cache.get("ended")) == ([1.5], None)
    assert (cache.add("lasting", 1), cache.add("ended", 2)) == (False, True)
    Limit.objects.filter(pk__contains="ended").update(ends_at=timezone.now())
    assert forget_limits() == 1
    assert cache.get("lasting") == [1.5]


def test_noise_flushes_nothing():
    cache.set("first", [1.5], 60)
    for number in range(400):
        cache.set(f"noise-{number}", [1.5], 60)
    assert cache.get("first") == [1.5]


def test_it_does_what_a_cache_does():
    cache.set("a", {"b": 1}, None)
    assert (cache.get("a"), cache.touch("a", 60), cache.touch("c"), cache.delete("a"), cache.delete("a")) == (
        {"b": 1},
        True,
        False,
        True,
        False,
    )
    cache.set("a", 1)
    cache.clear()
    assert cache.get("a", "nothing") == "nothing"


@pytest.mark.both_databases
def test_a_fault_of_the_database_is_no_answer():
    def full(execute, sql, params, many, context):
        raise OperationalError("database or disk is full")

    with connection.execute_wrapper(full):
        for ask in (lambda: cache.add("a", 1), lambda: cache.set("a", 1), lambda: cache.get("a")):
            with pytest.raises(OperationalError):
                ask()
