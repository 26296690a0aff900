"""A browser's report of what the content security policy refused: read, and logged sparingly."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.policy_reports import MOST_KINDS, MOST_READ, MOST_TOGETHER, NotAReport, Ration, Violation, read_report

OLD = {
    "csp-report": {
        "document-uri": "https://dashboard.example/anytown/2026-10/?q=Ann",
        "violated-directive": "script-src 'self'",
        "blocked-uri": "https://evil.example/steal?who=Ann",
    }
}
NEW = {
    "type": "csp-violation",
    "url": "https://dashboard.example/anytown/2026-10/",
    "body": {
        "documentURL": "https://dashboard.example/anytown/2026-10/",
        "effectiveDirective": "style-src-elem",
        "blockedURL": "inline",
    },
}


def read(told: object) -> list[Violation]:
    return read_report(json.dumps(told).encode())


def test_both_forms_are_read_without_what_may_be_personal():
    assert read(OLD) == [Violation("script-src", "evil.example", "/anytown/2026-10/")]
    assert read([NEW, {"type": "deprecation", "body": {"id": "x"}}]) == [
        Violation("style-src-elem", "inline", "/anytown/2026-10/")
    ]


@pytest.mark.parametrize(
    ("blocked", "name"),
    [
        ("", "something"),
        ("eval", "eval"),
        ("data:text/html;base64,QW5u", "data"),
        ("https://ann:secret@evil.example:8443/x", "evil.example"),
        ("https://evil\nexample/", "evilexample"),  # as urlsplit reads it: no line of the log is broken
        ("https://é.example/", "another host"),
        ("Ann Green, 1 High Street", "something"),
    ],
)
def test_what_was_refused_has_a_short_name(blocked, name):
    assert read({"csp-report": {**OLD["csp-report"], "blocked-uri": blocked}})[0].refused == name


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b"[1, null]",
        b'{"csp-report": 1}',
        b'{"csp-report": {"violated-directive": "x y"}}',
        b'{"csp-report": {"violated-directive": "script-src\\nforged line"}}',
        b"[" * 10_000,
    ],
)
def test_anything_else_is_none(body):
    with pytest.raises(NotAReport):
        read_report(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["csp-report", "body", "x"]) | st.text(), inner),
)


@given(st.binary() | JSON.map(lambda told: json.dumps(told).encode()))
def test_nothing_breaks_it(body):
    try:
        violations = read_report(body)
    except NotAReport:
        return
    assert all(len(f"{each.directive}{each.refused}") < 200 for each in violations)


def test_only_some_of_many_together_are_read():
    assert len(read([NEW] * 500)) == MOST_TOGETHER


def test_each_minute_and_each_day_has_its_ration():
    now = [0.0]
    ration = Ration(clock=lambda: now[0])
    assert [ration.may_read() for _ in range(MOST_READ + 2)] == [True] * MOST_READ + [False, False]
    now[0] += 60
    assert ration.may_read()

    assert [ration.is_new("script-src", "inline", "home") for _ in range(3)] == [True, False, False]
    assert sum(ration.is_new("script-src", f"{n}.example", "home") for n in range(1000)) == MOST_KINDS - 1
    now[0] += 24 * 60 * 60
    assert ration.is_new("script-src", "inline", "home")
