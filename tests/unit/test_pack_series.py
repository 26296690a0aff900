"""What packs and documents show of one indicator: no column, note or sentence about what it doesn't have."""

from typing import Any

import pytest

from reporting.packs.presenters.month import ONLY_GAPS, tell_series
from reporting.packs.presenters.plan import describe_bars
from reporting.packs.presenters.shapes import Block, Paragraph, Picture, Table
from tests.unit.test_pack_years import series

CENSUS = {"method": "census", "counts_as": "stock"}
SHARE = {
    "ratio": "share",
    "per": 100,
    "numerator": 44,
    "denominator": 64,
    "numerator_title": "trained",
    "denominator_title": "staff",
    "denominator_code": "staff",
}


def tell(*values: int | None, **fields: Any) -> list[Block]:
    return list(tell_series(series(values, **fields), []))


def notes_of(blocks: list[Block]) -> tuple[str, ...]:
    (picture,) = (block for block in blocks if isinstance(block, Picture))
    return picture.notes


def test_where_nothing_is_judged_no_column_and_no_note_is_about_that():
    blocks = tell(*[26] * 13, **CENSUS)
    (table,) = (block for block in blocks if isinstance(block, Table))
    assert [column.head for column in table.columns] == ["Month", "Figure", "Change"]
    assert {len(row) for row in table.rows} == {3}
    assert notes_of(blocks) == ()


def test_a_month_without_a_figure_has_its_cross_explained_and_its_state_in_the_table():
    blocks = tell(*[26] * 6, None, *[26] * 6, **CENSUS)
    (table,) = (block for block in blocks if isinstance(block, Table))
    assert [column.head for column in table.columns] == ["Month", "Figure", "Change", "What it shows"]
    assert notes_of(blocks) == (ONLY_GAPS,)


def test_what_a_share_is_made_of_is_told_once():
    said = [block.text for block in tell(*[600] * 12, 688, **CENSUS, **SHARE) if isinstance(block, Paragraph)]
    assert len([text for text in said if "44 out of 64" in text]) == 1


@pytest.mark.parametrize(
    ("bars", "said", "not_said"),
    [
        (
            [(12, " (3 to 9)")],
            ["A bar adds up the last 12 months, or all", "The band", "over the same months"],
            "newest",
        ),
        ([(1, "")], ["A bar is the newest month’s figure.", "The dashed line is the baseline. The solid"], "The band"),
        ([(1, ""), (12, " (3 to 9)")], ["started, or is the newest month’s figure.", "The band"], "A bar is"),
    ],
)
def test_a_bar_is_explained_as_it_is(bars: list[tuple[int, str]], said: list[str], not_said: str):
    words = describe_bars(bars)
    assert [text for text in said if text not in words] == []
    assert not_said not in words
