"""What the rows hold that the public's pages, files and packs are made of."""

import pytest

from indicators.trend import CellState
from reporting.models import PublicEdition, PublicLine
from tests.pages.test_leaks import make_public_town

pytestmark = pytest.mark.django_db


def test_the_tables_of_editions_hold_no_withheld_figure():
    """What the public pages read: the rows themselves."""
    make_public_town({}, None)
    for line in PublicLine.objects.all():
        withheld = {int(place) for step in line.steps for place, why in step["without"].items() if why == "withheld"}
        assert all(line.history[place] is None for place in withheld)
        if line.indicator_code == "secret":
            assert set(line.history) == {None}
        if line.state == CellState.WITHHELD:
            numbers = (line.value, line.change, line.mean, line.lower, line.upper, line.in_a_year, line.revised_value)
            assert numbers == (None,) * len(numbers)
    assert PublicEdition.objects.count() == 2
