"""core.pages finds an address once, and each place has its own."""

import pytest
from django.urls import NoReverseMatch, clear_script_prefix, reverse, set_script_prefix

from core.calendar import Month
from core.pages import link_to

NOVEMBER = Month(2026, 11)


def test_it_is_djangos_address() -> None:
    for _ in range(2):
        assert link_to("actions:action-view", "anytown", 7) == reverse("actions:action-view", args=["anytown", 7])
        assert link_to("reporting:month-view", "anytown", NOVEMBER) == "/anytown/2026-11/"


def test_each_thing_has_its_own() -> None:
    assert link_to("actions:action-view", "anytown", 1) == "/anytown/plan/1/"
    assert link_to("actions:action-view", "anytown", 2) == "/anytown/plan/2/"
    assert link_to("actions:action-view", "elsewhere", 1) == "/elsewhere/plan/1/"
    assert link_to("reporting:month-view", "anytown", NOVEMBER.next) == "/anytown/2026-12/"


def test_a_server_below_a_prefix_has_its_own() -> None:
    assert link_to("actions:plan", "anytown") == "/anytown/plan/"
    set_script_prefix("/town")
    try:
        assert link_to("actions:plan", "anytown") == "/town/anytown/plan/"
    finally:
        clear_script_prefix()
    assert link_to("actions:plan", "anytown") == "/anytown/plan/"


def test_what_has_no_address_is_refused_each_time() -> None:
    for _ in range(2):
        with pytest.raises(NoReverseMatch):
            link_to("actions:action-view", "anytown")
