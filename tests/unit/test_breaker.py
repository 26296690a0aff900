"""After a vain wait one attempt at a time is let through, until one is answered."""

import threading
from types import SimpleNamespace

import pytest

from vvdash.breaker import Breaker, Resting


class Vain(Exception):
    pass


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("vvdash.breaker.time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def ask(breaker: Breaker, fault: Exception | None = None) -> str:
    try:
        with breaker.attempt(Vain):
            if fault:
                raise fault
    except Resting:
        return "resting"
    except (Vain, ValueError) as raised:
        return type(raised).__name__
    return "answered"


def test_after_a_vain_wait_nobody_asks_for_a_while(clock):
    breaker = Breaker("server", rest=3)
    assert ask(breaker) == "answered"
    assert (ask(breaker, Vain()), breaker.is_open) == ("Vain", True)
    clock[0] += 2.9
    assert ask(breaker) == "resting"
    clock[0] += 0.2
    assert ask(breaker, Vain()) == "Vain"
    assert ask(breaker) == "resting"
    clock[0] += 3
    assert (ask(breaker), breaker.is_open) == ("answered", False)


def test_a_refusal_is_an_answer(clock):
    breaker = Breaker("server", rest=3)
    assert (ask(breaker, ValueError()), breaker.is_open) == ("ValueError", False)
    ask(breaker, Vain())
    clock[0] += 3
    assert (ask(breaker, ValueError()), breaker.is_open) == ("ValueError", False)


def test_a_doubt_may_be_enough_to_rest(clock):
    breaker = Breaker("server", rest=3, rest_in_doubt=30)
    breaker.doubt()
    clock[0] += 29
    breaker.doubt()
    assert ask(breaker) == "resting"
    clock[0] += 2
    assert (ask(breaker), breaker.is_open) == ("answered", False)


def test_only_one_tries_at_a_time(clock):
    breaker = Breaker("server", rest=3)
    breaker.doubt()
    heard = []
    with breaker.attempt(Vain):
        other = threading.Thread(target=lambda: heard.append(ask(breaker)))
        other.start()
        other.join()
    assert (heard, breaker.is_open, ask(breaker)) == (["resting"], False, "answered")


def test_whoever_began_before_the_breaker_opened_stops_nobody_elses_try(clock):
    breaker = Breaker("server", rest=3)
    with breaker.attempt(Vain):
        breaker.doubt()
        trying = breaker.attempt(Vain)
        trying.__enter__()
    assert not breaker.is_open
    trying.__exit__(None, None, None)
    assert ask(breaker) == "answered"
