"""core.pages finds an address once, and each place has its own."""

from django.urls import clear_script_prefix, set_script_prefix

from core.pages import link_to


def test_a_server_below_a_prefix_has_its_own() -> None:
    assert link_to("actions:plan", "anytown") == "/anytown/plan/"
    set_script_prefix("/town")
    try:
        assert link_to("actions:plan", "anytown") == "/town/anytown/plan/"
    finally:
        clear_script_prefix()
    assert link_to("actions:plan", "anytown") == "/anytown/plan/"
