"""Finds the challenges and offers that are about the subject of a page."""

from datetime import datetime

from django.db.models import F, Q

from actions.models import Challenge, Support
from actions.models.challenges import belong_to
from actions.selectors.challenges import readable_offers, with_entries
from actions.workflow import CLOSED
from boards.models import Board
from boards.permissions import Access


def asked_of(board: Board, *, closed_since: datetime | None) -> Q:
    """Return the filter for the challenges on a board's page: everything about its responsibilities; and what its next
    pack will have, which is what is open or was closed since its last. None: what is closed was never told."""
    is_told = ~Q(state__in=[state.value for state in CLOSED])
    # It is always closed after it was raised.
    is_told |= Q(closed_at__gt=F("raised_at") if closed_since is None else closed_since)
    return belong_to(board) & is_told | Q(responsibility__board=board)


def offered_to(board: Board) -> Q:
    """Return the filter for offers to a board, or about its responsibilities."""
    return Q(board=board) | Q(responsibility__board=board)


def list_asked(access: Access, about: Q) -> list[Challenge]:
    """Return the challenges about something that this person may read, each with its entries. Two queries; one if there
    are none."""
    return list(with_entries(Challenge.objects.readable_by(access).filter(about)))


def list_offered(access: Access, about: Q) -> list[Support]:
    """Return the offers about something that this person may read. One query."""
    return list(readable_offers(access).filter(about))
