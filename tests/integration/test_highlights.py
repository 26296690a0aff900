"""What is told, by whom, and what of it is kept; through the services."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from actions.models import Highlight, HighlightKind
from actions.pictures import read_picture
from actions.presenters.highlights import LONGEST_OPENING, describe_days, first_sentences, make_view, make_views
from actions.selectors.highlights import highlights_in, told_in
from actions.services.highlights import (
    add_highlight,
    archive_highlight,
    bring_back_highlight,
    change_highlight,
    remove_picture,
    set_picture,
)
from boards.rules import Role
from core.calendar import Month
from core.forms.pages import ChangedMeanwhile
from core.labels import TransitionRefused
from core.models import AuditEvent
from tests.factories import make_board
from tests.highlights import draft, picture, strand_of, tell
from tests.scenarios import Town, make_outsider, make_town

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)


def span_of(month: Month) -> tuple[date, date]:
    return month.first_day, month.last_day


def last_event() -> tuple[str, str, dict]:
    event = AuditEvent.objects.order_by("-id")[0]
    return event.verb, event.actor, event.details


def refused(act) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refusal:
        act()
    return refusal.value.message_dict


# --- The whole life of one


def test_a_highlights_life(town: Town):
    by = town.coordinator
    told = add_highlight(town.area, draft(town, reach=1240, reach_of="pupils of year 8"), by=by)
    assert last_event() == ("highlight.added", by.email, {"is_public": False})
    assert make_view(told).facts == "Campaign (Prevent), 14 September 2026. Reached 1,240 pupils of year 8."

    told = change_highlight(
        told, draft(town, title="See  the signs again ", is_public=True), revision=0, names_nobody=True, by=by
    )
    assert told.title == "See the signs again"
    changes = {
        "title": ["See the signs", "See the signs again"],
        "reach": ["1240", ""],
        "reach_of": ["pupils of year 8", ""],
        "is_public": ["False", "True"],
    }
    assert last_event() == ("highlight.changed", by.email, {"changes": changes})

    told = set_picture(told, read_picture(picture()), alt="A  stall", revision=1, names_nobody=True, by=by)
    assert (told.picture_alt, told.picture_width, told.picture_height) == ("A stall", 90, 60)
    assert last_event()[2] == {"changes": {"picture_alt": ["", "A stall"]}, "picture": "added"}

    told = archive_highlight(told, why="Told  twice", by=by)
    assert last_event() == ("highlight.archived", by.email, {"why": "Told twice", "was_public": True})
    assert not told.is_public
    assert highlights_in(town.area, *span_of(SEPTEMBER)) == []

    told = bring_back_highlight(told, why="It wasn’t", by=by)
    assert last_event() == ("highlight.brought_back", by.email, {"why": "It wasn’t"})
    assert highlights_in(town.area, *span_of(SEPTEMBER)) == [told]
    assert highlights_in(town.area, *span_of(SEPTEMBER), public_only=True) == []

    told = remove_picture(told, by=by)
    assert (told.picture, told.picture_small, told.picture_alt) == (None, None, "")
    assert last_event()[2] == {"changes": {"picture_alt": ["A stall", ""]}, "picture": "removed"}
    assert Highlight.objects.get().revision == 5


def test_nothing_is_audited_twice(town: Town):
    by = town.coordinator
    told = tell(town, picture=picture())
    events = AuditEvent.objects.count()

    change_highlight(told, draft(town), revision=0, by=by)  # nothing is other than it was
    set_picture(told, read_picture(picture()), alt="A stall", revision=0, by=by)
    set_picture(told, None, alt="A stall", revision=0, by=by)

    assert AuditEvent.objects.count() == events
    removed = remove_picture(told, by=by)
    remove_picture(removed, by=by)
    assert AuditEvent.objects.count() == events + 1


def test_boards_are_audited_as_well(town: Town):
    told, other = tell(town), make_board(town.area, "sab")

    told = change_highlight(told, draft(town, boards=(other, town.csp)), revision=0, by=town.coordinator)

    assert last_event()[2] == {"changes": {"boards": ["csp", "csp, sab"]}}
    assert set(told.boards.all()) == {town.csp, other}


def test_only_a_coordinator_of_the_area_tells(town: Town):
    told = tell(town, picture=picture())
    others = [person for role, person in town.people.items() if role is not Role.COORDINATOR]

    for person in [*others, make_outsider()]:
        for act in (
            lambda: add_highlight(town.area, draft(town), by=person),  # noqa: B023
            lambda: change_highlight(told, draft(town), revision=1, by=person),  # noqa: B023
            lambda: set_picture(told, None, alt="x", revision=1, by=person),  # noqa: B023
            lambda: remove_picture(told, by=person),  # noqa: B023
            lambda: archive_highlight(told, why="x", by=person),  # noqa: B023
            lambda: bring_back_highlight(told, why="x", by=person),  # noqa: B023
        ):
            with pytest.raises(PermissionDenied):
                act()


# --- What doesn't hold


def test_a_draft_that_does_not_hold_is_refused_field_by_field(town: Town):
    elsewhere = make_town("elsewhere")
    retired = make_board(town.area, "old")
    retired.retired = True
    retired.save()
    cases: dict[str, Any] = {
        "title": [{"title": "  "}, {"title": "x" * 121}],
        "story": [{"story": " \n "}, {"story": "x" * 4001}],
        "boards": [{"boards": ()}, {"boards": (elsewhere.csp,)}, {"boards": (town.csp, retired)}],
        "strand": [{"strand": strand_of(elsewhere.area)}],
        "starts_on": [{"starts_on": date(1066, 10, 14)}],
        "ends_on": [{"ends_on": date(2026, 9, 13)}, {"ends_on": date(2999, 1, 1)}],
        "reach": [{"reach": -1, "reach_of": "people"}, {"reach_of": "people"}, {"reach": 10**8, "reach_of": "people"}],
        "reach_of": [{"reach": 3}, {"reach": 3, "reach_of": "x" * 81}],
        "names_nobody": [{"is_public": True}],
    }
    for field, drafts in cases.items():
        for given in drafts:
            errors = refused(lambda: add_highlight(town.area, draft(town, **given), by=town.coordinator))  # noqa: B023
            assert list(errors) == [field], given
    assert not Highlight.objects.exists()


def test_it_keeps_a_board_that_was_retired_since(town: Town):
    told = tell(town)
    town.csp.retired = True
    town.csp.save()

    assert change_highlight(told, draft(town, title="Still"), revision=0, by=town.coordinator).title == "Still"


def test_what_anybody_may_read_is_checked_each_time(town: Town):
    told, by = tell(town, is_public=True, picture=picture()), town.coordinator
    changed = draft(town, is_public=True, story="Another story.")

    for act in (
        lambda: change_highlight(told, changed, revision=1, by=by),
        lambda: set_picture(told, read_picture(picture("red")), alt="A stall", revision=1, by=by),
    ):
        assert list(refused(act)) == ["names_nobody"]
    told = change_highlight(told, draft(town), revision=1, by=by)
    assert list(refused(lambda: change_highlight(told, draft(town, is_public=True), revision=2, by=by))) == [
        "names_nobody"
    ]


def test_the_second_of_two_who_change_it_is_told(town: Town):
    told, by = tell(town), town.coordinator
    change_highlight(told, draft(town, title="Mine", kind=HighlightKind.TRAINING), revision=0, by=by)

    yours = draft(town, title="Yours", boards=(make_board(town.area, "sab"),))
    with pytest.raises(ChangedMeanwhile, match="“Mine” was changed after you opened this form") as changed:
        change_highlight(told, yours, revision=0, by=by)
    assert "is now: kind: Training; title: Mine; boards: Board csp. We haven’t" in str(changed.value)
    with pytest.raises(ChangedMeanwhile, match=r"is now: the picture: none; its words: none\. We haven’t"):
        set_picture(told, read_picture(picture()), alt="A stall", revision=0, by=by)
    set_picture(told, read_picture(picture()), alt="A stall", revision=1, by=by)
    with pytest.raises(ChangedMeanwhile, match=r"now: the picture: the one above; its words: A stall\. We haven’t"):
        set_picture(told, read_picture(picture("red")), alt="A red stall", revision=1, by=by)

    assert changed.value.revision == 1
    assert Highlight.objects.get().title == "Mine"


def test_an_archived_one_stays_as_it_is(town: Town):
    by = town.coordinator
    told = archive_highlight(tell(town, picture=picture()), why="Told twice", by=by)

    for act in (
        lambda: change_highlight(told, draft(town, title="x"), revision=2, by=by),
        lambda: set_picture(told, None, alt="x", revision=2, by=by),
        lambda: remove_picture(told, by=by),
        lambda: archive_highlight(told, why="Again", by=by),
    ):
        with pytest.raises(TransitionRefused, match="is archived: bring it back first"):
            act()
    bring_back_highlight(told, why="It wasn’t", by=by)
    with pytest.raises(TransitionRefused, match="isn’t archived"):
        bring_back_highlight(told, why="Again", by=by)


def test_there_is_a_reason_for_archiving(town: Town):
    told, by = tell(town), town.coordinator

    assert refused(lambda: archive_highlight(told, why=" ", by=by)) == {"why": ["Say why you are archiving it."]}
    assert list(refused(lambda: archive_highlight(told, why="x" * 301, by=by))) == ["why"]
    archive_highlight(told, why="Told twice", by=by)
    assert list(refused(lambda: bring_back_highlight(told, why="", by=by))) == ["why"]


def test_a_picture_has_words(town: Town):
    told, by = tell(town), town.coordinator

    assert list(refused(lambda: set_picture(told, None, alt="A stall", revision=0, by=by))) == ["picture"]
    assert list(refused(lambda: set_picture(told, read_picture(picture()), alt=" ", revision=0, by=by))) == ["alt"]
    assert list(refused(lambda: set_picture(told, None, alt="x" * 301, revision=0, by=by))) == ["picture", "alt"]


# --- Which are whose


def test_those_whose_days_meet_a_month(town: Town):
    days = {
        "before": (date(2026, 8, 1), date(2026, 8, 31)),
        "into": (date(2026, 8, 1), date(2026, 9, 1)),
        "within": (date(2026, 9, 2), date(2026, 9, 29)),
        "first": (date(2026, 9, 1), None),
        "last": (date(2026, 9, 30), None),
        "around": (date(2026, 1, 1), date(2026, 12, 31)),
        "out of": (date(2026, 9, 30), date(2026, 10, 1)),
        "after": (date(2026, 10, 1), None),
    }
    for title, (first, last) in days.items():
        tell(town, title=title, starts_on=first, ends_on=last)

    found = [highlight.title for highlight in highlights_in(town.area, *span_of(SEPTEMBER))]

    assert found == ["out of", "last", "within", "first", "into", "around"]
    assert [told.title for told in told_in(town.area, SEPTEMBER)] == found


def test_those_of_a_board_and_those_for_anybody(town: Town):
    other = make_board(town.area, "sab")
    both = tell(town, title="Both", boards=(town.csp, other), is_public=True)
    own = tell(town, title="Own", kind=HighlightKind.TEAM)
    elsewhere = make_town("elsewhere")
    tell(elsewhere)
    span = span_of(SEPTEMBER)

    assert highlights_in(town.area, *span) == [own, both]
    assert highlights_in(town.area, *span, board=other) == [both]
    assert highlights_in(town.area, *span, board=town.csp, public_only=True) == [both]
    assert highlights_in(town.area, *span_of(OCTOBER)) == []
    assert [told.pk for told in told_in(town.area, SEPTEMBER, board=other)] == [both.pk]
    assert [told.pk for told in told_in(town.area, SEPTEMBER, board=town.csp, public_only=True)] == [both.pk]
    assert make_views(told_in(town.area, SEPTEMBER)) == make_views([own, both])


def test_pictures_are_read_only_where_they_are_sent(town: Town, django_assert_num_queries):
    tell(town, picture=picture())

    with django_assert_num_queries(2):
        (found,) = highlights_in(town.area, *span_of(SEPTEMBER))
        assert make_view(found).alt == "A stall"
        assert [board.code for board in found.boards.all()] == ["csp"]
    assert not {"picture", "picture_small"} & found._state.fields_cache.keys()


# --- In words


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (None, "28 September 2026"),
        (date(2026, 9, 28), "28 September 2026"),
        (date(2026, 9, 30), "28 to 30 September 2026"),
        (date(2026, 10, 3), "28 September to 3 October 2026"),
        (date(2027, 1, 3), "28 September 2026 to 3 January 2027"),
    ],
)
def test_days_in_words(last, words):
    assert describe_days(date(2026, 9, 28), last) == words


def test_the_first_sentences():
    sentence = "“A sentence of some length!” It goes on. "

    assert first_sentences("Short.\n\nVery short.") == "Short. Very short."
    opening = first_sentences(sentence * 20)
    assert len(opening) <= LONGEST_OPENING
    assert opening.endswith(("on.", "length!”"))
    assert first_sentences("word " * 100).endswith("word…")
    assert len(first_sentences("word " * 100)) <= LONGEST_OPENING + 1
