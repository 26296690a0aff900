"""How a pack is laid out on sheets: none that can be mended ends on a nearly empty page."""

from typing import Any

from reporting.packs.pdf.sheets import Ending, Sheet, first_layout, lay_out, mend, split_chapters


def chapter(key: str, *starts: bool, is_wide: bool = False, follows: bool = False) -> dict[str, Any]:
    blocks = [{"kind": "heading", "starts_page": each} for each in starts]
    return {"key": key, "is_wide": is_wide, "follows": follows, "blocks": blocks}


def wide(*parts: int) -> Sheet:
    return Sheet(parts, is_wide=True)


def upright(*parts: int) -> Sheet:
    return Sheet(parts, is_wide=False)


def test_a_heading_that_starts_a_page_starts_a_sheet():
    parts = list(
        split_chapters([chapter("a", True, False, True), chapter("b", follows=True), chapter("c", is_wide=True)])
    )
    assert [(part["key"], len(part["blocks"]), part["goes_on"]) for part in parts] == [
        ("a", 2, False),
        ("a", 1, True),
        ("b", 0, False),
        ("c", 0, False),
    ]
    assert first_layout(parts, is_short=False) == [upright(), upright(0), upright(1, 2), wide(3)]
    assert first_layout(parts, is_short=True) == [upright(0, 1, 2), wide(3)]


def test_a_nearly_empty_page_goes_on_with_its_neighbour():
    sheets = [upright(), upright(0), wide(1), upright(2), upright(3)]
    endings = [Ending(1, 0.6), Ending(1, 0.1), Ending(1, 0.9), Ending(2, 0.2), Ending(1, 0.9)]
    assert mend(sheets, endings) == [upright(0), wide(1), upright(2, 3)]


def test_what_fits_below_goes_there():
    endings = [Ending(1, 0.4), Ending(1, 0.5), Ending(1, 0.5)]
    assert mend([upright(), upright(0), upright(1)], endings) == [upright(0), upright(1)]


def test_without_a_neighbour_the_pages_before_leave_room_and_a_wide_page_is_turned():
    sheets = [upright(), wide(0), upright(1)]
    turned = mend(sheets, [Ending(1, 0.8), Ending(1, 0.2), Ending(2, 0.1)])
    assert turned[:2] == [upright(), upright(0)]
    assert 0.1 < turned[2].lift < 0.5


def test_full_pages_stay_and_trying_ends():
    parts = list(split_chapters([chapter("a"), chapter("b", is_wide=True)]))
    assert lay_out(parts, lambda sheets: [Ending(1, 0.5)] * len(sheets), is_short=False)[1:] == [upright(0), wide(1)]
    asked: list[int] = []

    def never_full(sheets: list[Sheet]) -> list[Ending]:
        asked.append(len(sheets))
        return [Ending(3, 0.1)] * len(sheets)

    assert lay_out(parts, never_full, is_short=False)[-1].lift == 0.5
    assert len(asked) <= 4
