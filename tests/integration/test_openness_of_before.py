"""An upgrade closes nothing and opens nothing: an area's officer decides about each indicator of before."""

import pytest
from django.core.management import call_command

from indicators.models import Indicator
from indicators.selectors.disclosure import effective_rules
from tests.factories import make_indicator
from tests.scenarios import make_town

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def test_indicators_of_before_stay_public_and_wait_for_a_decision():
    town = make_town()
    call_command("migrate", "indicators", "0005_deaths_in_words", verbosity=0)
    call_command("migrate", verbosity=0)
    make_indicator(town.police, "covert", openness="partners")

    arrests = Indicator.objects.get(code="arrests")
    assert (arrests.openness, arrests.openness_why) == ("", "")
    assert {row.code for row in Indicator.objects.undecided()} == {"arrests", "charges"}
    assert effective_rules(town.area).private == {"covert"}
