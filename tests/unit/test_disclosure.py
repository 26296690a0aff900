"""The gate: which lines an audience may see."""

from dataclasses import dataclass, field, replace

import pytest

from indicators.disclosure import (
    USUAL_MARKING,
    Audience,
    AudienceRefused,
    Marking,
    disclose,
    refuse_public,
)


@dataclass
class Line:
    indicator_code: str = "lines"
    state: str = "figure"
    value: int | None = 12
    note: str = ""
    revised_why: str = ""
    history: list[int | None] = field(default_factory=lambda: [9, None, 12])
    protected_by: str = "suppress-5"
    ratio: str = ""
    numerators: list[int | None] = field(default_factory=list)
    denominators: list[int | None] = field(default_factory=list)


WITHHELD = Line(state="withheld", value=None, history=[9, None, None])
TRUE = Line(value=2, note="One is a child.", revised_why="Counted twice.", history=[1, 2], protected_by="")


def test_partners_see_true_figures():
    assert disclose([TRUE], audience=Audience.PARTNERS)[0].line is TRUE


@pytest.mark.parametrize(
    "line",
    [
        Line(),
        WITHHELD,
        Line(value=0, history=[0]),
        Line(value=5, history=[5]),
        Line(value=1, history=[1, 2, 3], protected_by="show"),
        Line(value=10, history=[0, 10, 25], protected_by="round-7-5"),
        replace(WITHHELD, history=[None, None], protected_by="withhold"),
        Line(state="awaited", value=None, history=[None]),
    ],
)
def test_the_public_sees_lines_of_a_public_edition(line):
    assert disclose(iter([line]), audience=Audience.PUBLIC)[0].line is line


@pytest.mark.parametrize(
    "line",
    [
        replace(Line(), protected_by=""),
        replace(WITHHELD, protected_by=""),
        Line(value=4, history=[9]),
        Line(history=[9, 4, 12]),
        Line(value=12, history=[10], protected_by="round-7-5"),
        Line(value=10, history=[12, 10], protected_by="round-7-5"),
        # A multiple, but all that it could mean is withheld.
        Line(value=5, history=[0, 10], protected_by="round-7-5"),
        Line(value=10, history=[5, 10], protected_by="round-7-5"),
        Line(value=10, history=[10], protected_by="round-10-5"),
        Line(value=0, history=[], protected_by="withhold"),
        Line(value=30, history=[None], protected_by="withhold"),
        replace(WITHHELD, history=[12], protected_by="withhold"),
        replace(WITHHELD, value=12),
        Line(note="One is a child."),
        Line(revised_why="Counted twice."),
    ],
)
def test_the_public_is_refused_a_line_that_says_more(line):
    with pytest.raises(AudienceRefused, match=r"^lines .*\.$"):
        disclose([line], audience=Audience.PUBLIC)


def test_one_line_too_many_refuses_them_all():
    with pytest.raises(AudienceRefused, match="lines is for partners only"):
        disclose([Line(), TRUE], audience=Audience.PUBLIC)


def test_an_audience_that_is_not_known_is_the_public():
    with pytest.raises(AudienceRefused):
        disclose([TRUE], audience="press")  # type: ignore[arg-type]


def test_a_rule_that_is_not_known_lets_nothing_through():
    with pytest.raises((KeyError, ValueError)):
        disclose([Line(protected_by="sometimes")], audience=Audience.PUBLIC)


def test_what_is_never_public_is_refused():
    refuse_public(Audience.PARTNERS)
    with pytest.raises(AudienceRefused, match="partners only"):
        refuse_public(Audience.PUBLIC)


@pytest.mark.parametrize(
    ("one", "other", "is_below"),
    [
        (Marking.NONE, Marking.OFFICIAL, True),
        (Marking.OFFICIAL, Marking.SENSITIVE, True),
        (Marking.NONE, Marking.SENSITIVE, True),
        (Marking.SENSITIVE, Marking.OFFICIAL, False),
        (Marking.OFFICIAL, Marking.NONE, False),
        *((marking, marking, False) for marking in Marking),
    ],
)
def test_markings_are_in_order(one, other, is_below):
    assert one.is_below(other) is is_below


def test_partners_figures_are_sensitive_until_somebody_says_otherwise():
    assert USUAL_MARKING == {Audience.PARTNERS: Marking.SENSITIVE, Audience.PUBLIC: Marking.NONE}
