"""Bands of five years, and which of them make up a group of ages."""

import pytest

from indicators.lines import LABELS, AgesRefused, list_ways, read_band


@pytest.mark.parametrize(
    ("typed", "band"),
    [("10-14", "10-14"), (" 10 – 14 ", "10-14"), ("All ages", "all"), ("ALL", "all"), ("90+", "90+"), ("85 +", "85+")],
)
def test_a_band_is_read_as_people_write_it(typed, band):
    assert read_band(typed) == band
    assert band in LABELS


@pytest.mark.parametrize("typed", ["", "10-19", "11-15", "90-94", "95+", "ten", "10-14-19", "²"])
def test_what_is_no_band_is_refused(typed):
    with pytest.raises(AgesRefused, match="write “all”, or a band of five years such as 10-14"):
        read_band(typed)


@pytest.mark.parametrize(
    ("ages", "ways"),
    [
        ("all", [("all",)]),
        ("10-14", [("10-14",)]),
        ("10-24", [("10-14", "15-19", "20-24")]),
        ("80+", [("80-84", "85+"), ("80-84", "85-89", "90+")]),
        ("85+", [("85+",), ("85-89", "90+")]),
        ("90+", [("90+",)]),
    ],
)
def test_bands_make_up_a_group(ages, ways):
    assert list_ways(ages) == ways


def test_everybody_is_in_one_band_of_each_way():
    for way in list_ways("0+"):
        firsts = [int(band.removesuffix("+").partition("-")[0]) for band in way]
        assert firsts == list(range(0, firsts[-1] + 5, 5))


@pytest.mark.parametrize("ages", ["", "10-23", "11-24", "24-10", "10-9", "12+", "95+", "80-94", "10", "-5-9", "young"])
def test_bands_do_not_make_up_everything(ages):
    with pytest.raises(AgesRefused, match="can’t be made up of bands of five years"):
        list_ways(ages)
