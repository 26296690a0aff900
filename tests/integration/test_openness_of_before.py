"""An upgrade closes nothing and opens nothing: an area's officer decides about each indicator of before."""

from importlib import import_module

import pytest
from django.core.management import call_command
from django.db.migrations import AddField

from indicators.models import Indicator
from indicators.selectors.disclosure import effective_rules
from tests.factories import make_indicator
from tests.scenarios import Town, make_town

MIGRATION = import_module("indicators.migrations.0006_openness").Migration


def they_stay_public_and_wait_for_a_decision(town: Town) -> None:
    make_indicator(town.police, "covert", openness="partners")
    arrests = Indicator.objects.get(code="arrests")
    assert (arrests.openness, arrests.openness_why) == ("", "")
    assert {row.code for row in Indicator.objects.undecided()} == {"arrests", "charges"}
    assert effective_rules(town.area).private == {"covert"}


@pytest.mark.django_db
def test_indicators_with_what_the_upgrade_gives_them(town: Town):
    added = [operation for operation in MIGRATION.operations if isinstance(operation, AddField)]
    given = {each.name: each.field.default for each in added if each.model_name == "indicator"}
    assert set(given) == {"openness", "openness_why"}
    Indicator.objects.update(**given)
    they_stay_public_and_wait_for_a_decision(town)


@pytest.mark.release  # test_indicators_with_what_the_upgrade_gives_them
@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_indicators_of_before():
    town = make_town()
    call_command("migrate", "indicators", "0005_deaths_in_words", verbosity=0)
    call_command("migrate", verbosity=0)
    they_stay_public_and_wait_for_a_decision(town)
