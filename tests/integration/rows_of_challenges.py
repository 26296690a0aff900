"""Rows of what is asked and offered, as the product makes them; and what the database refuses of them."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.utils import timezone

from actions.models import Challenge, ChallengeEntry, Support
from tests.challenging import ask, offer
from tests.integration.rows import one, twice
from tests.scenarios import Town

NOW = timezone.now()


def leave_asked(town: Town) -> None:
    """A challenge to a board about a strand, with an entry that names a board; and an offer of support."""
    ask(town)
    add_entry(town, "escalated")
    offer(town)


def challenge() -> models.QuerySet[Challenge]:
    return one(Challenge.objects.all())


def support() -> models.QuerySet[Support]:
    return one(Support.objects.all())


def say_nothing(town: Town) -> None:
    """Entries are only added: one that says nothing."""
    asked = challenge().get()
    ChallengeEntry.objects.bulk_create(
        [ChallengeEntry(challenge=asked, act="answered", due_on=asked.due_on, made_at=NOW, made_by=town.lead)]
    )


def add_entry(town: Town, act: str) -> None:
    """… that names a board."""
    asked, by = challenge().get(), town.lead
    entry = ChallengeEntry(challenge=asked, act=act, text="x", due_on=asked.due_on, made_at=NOW, made_by=by)
    entry.board = town.csp
    ChallengeEntry.objects.bulk_create([entry])


def about_cases(rows: Callable[[], models.QuerySet[Any]], *, one_thing: str, one_place: str) -> list[Any]:
    """What holds for a challenge and for an offer alike: they are about a strand, to a board."""
    return [
        (one_thing, lambda town: rows().update(strand=None)),
        (one_thing, lambda town: rows().update(indicator=town.area.indicators.first())),
        (one_thing, lambda town: rows().update(period=town.area.periods.first())),
        (one_thing, lambda town: rows().update(strand=None, indicator=town.area.indicators.first())),
        (one_thing, lambda town: rows().update(strand=None, period=town.area.periods.first())),
        (one_thing, lambda town: rows().update(step=town.area.pathways.first().steps.first())),
        (one_place, lambda town: rows().update(board=None)),
        (one_place, lambda town: rows().update(agency=town.police)),
    ]


ASKED_CASES: list[tuple[str, Callable[[Town], object]]] = [
    ("one_challenge_per_number", lambda town: twice(challenge())),
    ("entry_names_board_if_escalated", lambda town: add_entry(town, "answered")),
    ("challenges_count_from_one", lambda town: challenge().update(number=0)),
    *about_cases(challenge, one_thing="challenge_is_about_one_thing", one_place="challenge_goes_to_board_or_agency"),
    ("challenge_asks_something", lambda town: challenge().update(question="")),
    ("escalated_to_a_board", lambda town: challenge().update(state="escalated")),
    ("challenge_closed_at_by", lambda town: challenge().update(state="accepted")),
    ("challenge_closed_at_by", lambda town: challenge().update(state="withdrawn", closed_at=NOW)),
    ("challenge_closed_at_by", lambda town: challenge().update(closed_at=NOW, closed_by=town.lead)),
    ("challenge_entry_says_something", say_nothing),
    ("one_offer_per_number", lambda town: twice(support())),
    ("offers_count_from_one", lambda town: support().update(number=0)),
    *about_cases(support, one_thing="offer_is_about_one_thing", one_place="offer_goes_to_board_or_agency"),
    ("offer_says_something", lambda town: support().update(offer="")),
    ("offer_decided_at_by_why", lambda town: support().update(state="taken_up")),
    ("offer_decided_at_by_why", lambda town: support().update(decided_why="Not now")),
    ("offer_decided_at_by_why", lambda town: support().update(decided_at=NOW, decided_by=town.lead)),
    (
        "offer_decided_at_by_why",
        lambda town: support().update(state="declined", decided_at=NOW, decided_by=town.lead),
    ),
    (
        "offer_decided_at_by_why",
        lambda town: support().update(state="withdrawn", decided_why="No one is free", decided_by=town.lead),
    ),
]
