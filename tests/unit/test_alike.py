"""Which areas count differently from most."""

from hypothesis import given
from hypothesis import strategies as st

from indicators.lines import Way, find_odd, simplify


def ways(*texts: str) -> list[Way]:
    return [Way(area, "arrests", text, "arrests", "flow", "monthly") for area, text in enumerate(texts)]


def test_what_most_areas_count_is_the_regions_way():
    assert find_odd(ways("Arrests.", "Arrests.", "People arrested.")) == {"arrests": frozenset({2})}


def test_case_blanks_quotes_and_a_full_stop_make_no_difference():
    assert find_odd(ways("People’s  arrests.", "people's arrests", "PEOPLE'S\narrests ")) == {}


def test_a_unit_a_rhythm_and_a_kind_of_ratio_make_one():
    one, two, three = ways("Arrests", "Arrests", "Arrests")
    for other in (
        three._replace(unit="persons"),
        three._replace(asked="quarterly"),
        three._replace(counts_as="stock"),
        three._replace(ratio="rate", per=10_000),
        three._replace(ratio="rate", per=100_000),
    ):
        assert find_odd([one, two, other]) == {"arrests": frozenset({2})}


def test_of_two_ways_the_catalogues_wins_and_then_the_alphabet():
    two = ways("Bookings", "Arrests")
    assert find_odd(two, catalogue=["bookings."]) == {"arrests": frozenset({1})}
    assert find_odd(two) == {"arrests": frozenset({0})}
    assert find_odd(two[::-1]) == {"arrests": frozenset({0})}


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=20), st.randoms())
def test_the_order_of_the_areas_makes_no_difference_and_most_are_never_odd(texts, chance):
    found = ways(*texts)
    odd = find_odd(found).get("arrests", frozenset())
    assert find_odd(chance.sample(found, len(found))).get("arrests", frozenset()) == odd
    most = max(texts.count(text) for text in texts)
    assert len(texts) - len(odd) == most


@given(st.text())
def test_simple_texts_stay_as_they_are(text):
    assert simplify(simplify(text).rstrip(". ")).rstrip(". ") == simplify(text).rstrip(". ")


def test_deaths_told_in_words_are_counted_as_any_other_event():
    one, other, stock = (
        Way(area, "homicides", "Homicides.", "people killed", counts_as, "monthly")
        for area, counts_as in enumerate(("flow", "deaths", "stock"))
    )
    assert find_odd([one, other]) == {}
    assert find_odd([one, other, stock]) == {"homicides": frozenset({2})}
    assert find_odd([stock, stock._replace(area=3, counts_as="census")]) == {}
