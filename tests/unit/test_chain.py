"""The chain of the record: whatever somebody changes, the check names the first event that isn't as it was."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.chain import Head, Link, check_chain, digest_words, make_link, make_salt, read_head

AT = datetime(2026, 11, 27, 8, 30, tzinfo=UTC)


def make_chain(length: int, area: str = "anytown") -> list[Link]:
    events, before = [], ""
    for number in range(1, length + 1):
        digest = digest_words(make_salt(), actor="a@anytown.example", target=f"Thing {number}", details={"n": number})
        event = Link(number, AT + timedelta(minutes=number), 7, "thing.done", "core.thing", str(number), digest, digest)
        before = make_link(before, area, event)
        events.append(replace(event, link=before))
    return events


def head_of(events: list[Link]) -> Head:
    return Head(events[-1].number, events[-1].link) if events else Head()


def fault_of(
    events: list[Link], *, expected: Head | None = None, erased: dict[int, str] | None = None, kept: Head | None = None
) -> str:
    expected = head_of(events) if expected is None else expected
    return check_chain("anytown", events, expected=expected, erased=erased or {}, kept=kept).fault


@pytest.mark.parametrize("length", [0, 1, 5])
def test_a_chain_as_it_was_made_is_whole(length):
    events = make_chain(length)
    finding = check_chain("anytown", events, expected=head_of(events), erased={})
    assert (finding.fault, finding.head) == ("", head_of(events))


CHANGES = {
    "happened_at": AT - timedelta(days=1),
    "actor_id": 8,
    "verb": "thing.undone",
    "target_type": "core.other",
    "target_id": "99",
    "digest": "0" * 64,
    "link": "0" * 64,
}


@pytest.mark.parametrize("field", CHANGES)
@given(which=st.integers(0, 5))
def test_names_the_first_event_that_was_changed(field, which):
    events = make_chain(6)
    events[which] = replace(events[which], **{field: CHANGES[field]})
    assert fault_of(events, expected=head_of(make_chain(6))).startswith(f"Event {which + 1} (")


def test_names_words_that_were_changed():
    events = make_chain(3)
    events[1] = replace(events[1], words="0" * 64)
    assert fault_of(events) == "The words of event 2 (thing.done) were changed."


def test_a_change_with_a_new_link_breaks_the_next_event():
    """… so a forger has to write every later link anew, and the head that others noted then differs."""
    events = make_chain(3)
    forged = replace(events[1], verb="thing.undone")
    events[1] = replace(forged, link=make_link(events[0].link, "anytown", forged))
    assert fault_of(events).startswith("Event 3 (")


def test_a_whole_chain_written_anew_isnt_the_one_that_somebody_noted():
    noted, forged = make_chain(4), make_chain(5)
    assert fault_of(forged) == ""
    assert "not the event that you noted" in fault_of(forged, kept=head_of(noted))
    assert "before the event 4" in fault_of(forged[:2], kept=head_of(noted))
    assert fault_of(noted, kept=head_of(noted[:2])) == ""


@pytest.mark.parametrize("which", [0, 1])
def test_names_an_event_that_is_missing(which):
    events = make_chain(3)
    expected = head_of(events)
    del events[which]
    assert fault_of(events, expected=expected) == f"Event {which + 1} is missing."


def test_names_an_end_that_is_missing():
    events = make_chain(3)
    assert fault_of(events[:2], expected=head_of(events)) == "Event 3 is missing: the chain had 3 events."
    assert "stored head names event 2" in fault_of(events, expected=head_of(events[:2]))


def test_events_in_another_order_are_found():
    events = make_chain(3)
    events[0], events[1] = replace(events[1], number=1), replace(events[0], number=2)
    assert fault_of(events).startswith("Event 1 (")


def test_a_chain_of_another_area_isnt_this_ones():
    events = make_chain(2, "southend")
    assert fault_of(events).startswith("Event 1 (")


def test_erased_words_are_those_that_the_chain_says():
    events = make_chain(3)
    said = digest_words(make_salt(), actor="Person 7", target="Thing 1", details={})
    events[0] = replace(events[0], words=said, is_erased=True)
    assert fault_of(events) == "The words of event 1 (thing.done) were changed."  # no event says so
    assert fault_of(events, erased={1: said}) == ""
    events[0] = replace(events[0], words="0" * 64)
    assert fault_of(events, erased={1: said}) == "The words of event 1 (thing.done) were changed."


def test_the_link_is_the_same_in_any_zone_and_order_of_keys():
    event = make_chain(1)[0]
    elsewhere = replace(event, happened_at=event.happened_at.astimezone(timezone(timedelta(hours=9))))
    assert make_link("", "anytown", elsewhere) == event.link
    two = [digest_words("s", actor="", target="", details=details) for details in ({"a": 1, "b": 2}, {"b": 2, "a": 1})]
    assert two[0] == two[1]


def test_a_digest_needs_its_salt():
    salts = {make_salt() for _ in range(100)}
    assert len(salts) == len({digest_words(salt, actor="a", target="", details={}) for salt in salts}) == 100


def test_a_head_is_read_as_it_was_written():
    head = head_of(make_chain(2))
    assert read_head(f" {head} ") == head
    assert read_head("0") == Head()
    for wrong in ("", "2", f"two:{head.link}", f"2:{head.link[:9]}", f"-2:{head.link}", f"{'2' * 5000}:{head.link}"):
        with pytest.raises(ValueError, match="Enter the head"):
            read_head(wrong)
