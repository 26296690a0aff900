"""What an event of the record says on a page."""

import pytest

from boards.presenters.record import describe, describe_details, describe_kind, describe_verb, list_words


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("submission.accepted", "Return accepted"),
        ("membership.granted", "Role granted"),
        ("membership.revoked", "Role ended"),
        ("kpi.set", "KPI set"),
        ("user.sign_in_failed", "Account sign in failed"),
        ("challenge.pressed", "Challenge asked again"),
        ("public_edition.published", "Public edition published"),
        ("unheard", "Unheard"),
    ],
)
def test_what_happened(verb: str, words: str):
    assert describe_verb(verb) == words


def test_the_kind_of_a_thing():
    assert describe_kind("boards.membership") == "Role"
    assert describe_kind("indicators.submission") == "Return"
    assert describe_kind("reporting.issuedpack") == "Issued pack"
    assert describe_kind("gone.some_thing") == "Some thing"
    assert describe_kind("a page") == "A page"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "yes"),
        (3, "3"),
        (11.251758087201125, "11.25"),
        (80.0, "80"),
        ("2027-03-31", "31 March 2027"),
        ("2026-11", "November 2026"),
        ("2026-99", "2026-99"),
        ("1234-5", "1234-5"),
        (["csp", "sab"], "csp, sab"),
        (
            {"name": ["Police", "Essex Police"], "lead": ["", "Ann"]},
            "name from Police to Essex Police; lead from nothing to Ann",
        ),
    ],
)
def test_a_value(value: object, words: str):
    assert describe(value) == words


def test_details_that_say_nothing_are_left_out():
    details = {"is_attested": False, "missing": [], "before": "", "after": None, "changes": {}, "figures": 0}
    assert describe_details(details) == [("attested", "no"), ("figures", "0")]
    assert describe_details({"events": {"1": "a", "2": "b"}}) == [("events", "2")]
    assert describe_details({"why": "x" * 400}) == [("why", "x" * 300 + "…")]


def test_options_are_sorted_by_their_words():
    assert list_words(["submission.accepted", "area.made"]) == [
        ("area.made", "Area made"),
        ("submission.accepted", "Return accepted"),
    ]
