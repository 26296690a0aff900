"""Which migrations the code of the release before can't work beside.

A release's migrations add: then its programs can be exchanged one after the other, and the release before can be put
back without a backup. One that takes away, renames or demands stops the site, and stands here with its reason.
"""

import pytest
from django.db import connection
from django_migration_linter import MigrationLinter

# Version 0.3.0 stops the site.
LETTERS = "one table of letters in place of one for each kind"
WEBHOOKS = "webhooks are gone"
DEMANDS = "the code of before would leave the new column empty"
STOPS = {
    "core": {"0003_outbox": LETTERS},
    "boards": {"0005_outbox": LETTERS, "0007_publisher": DEMANDS},
    "indicators": {
        "0003_outbox": LETTERS,
        "0006_openness": DEMANDS,
        "0007_openness_delay": DEMANDS,
        "0008_flow_word": DEMANDS,
        "0010_breakdowns": DEMANDS,
    },
    "reporting": {
        "0002_no_webhooks": WEBHOOKS,
        "0004_outbox": LETTERS,
        "0006_totals_of_a_year": DEMANDS,
        "0010_flows": DEMANDS,
        "0014_correction": DEMANDS,
    },
    "actions": {"0002_outbox": LETTERS, "0004_kpi_spreads": DEMANDS, "0005_kpi_rates": DEMANDS},
}

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def on_postgres() -> None:
    """SQLite rebuilds a table for any change, and production runs on PostgreSQL."""
    if connection.vendor != "postgresql":
        pytest.skip("reads the SQL of PostgreSQL")


@pytest.mark.parametrize("app", ["core", "boards", "indicators", "reporting", "actions"])
def test_the_code_of_before_can_work_beside_each_that_is_not_listed(app: str):
    listed = STOPS.get(app, {})
    linter = MigrationLinter(
        include_apps=[app], ignore_name=list(listed), no_cache=True, quiet=["ok", "ignore", "warning"]
    )

    linter.lint_all_migrations()

    assert not linter.has_errors


@pytest.mark.parametrize("app", STOPS)
def test_each_that_is_listed_stops_the_site(app: str):
    linter = MigrationLinter(include_apps=[app], include_name=list(STOPS[app]), no_cache=True, no_output=True)

    linter.lint_all_migrations()

    assert linter.nb_erroneous == len(STOPS[app])
