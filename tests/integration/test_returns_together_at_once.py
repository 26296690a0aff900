"""Returns of several areas saved by one button, while somebody else holds one of them."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from indicators.figures import Entry
from indicators.services.returns import save_draft
from indicators.services.together import BUSY, LONGEST_WAIT
from tests.integration.return_pages import said
from tests.integration.test_rollup_at_once import half_done
from tests.scenarios import open_month
from tests.together import OCTOBER, drafts, make_towns, state

pytestmark = pytest.mark.both_databases

EDIT, CHECK = reverse("together:edit", args=[OCTOBER]), reverse("together:check", args=[OCTOBER])
LATE = 3.0  # seconds beyond the wait for one lock


def test_while_one_area_is_locked_the_others_are_saved(shared_database: str, others: ThreadPoolExecutor):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one lock for all areas")
    derby, leeds, york = make_towns("derby", "leeds", "york")
    client, period = Client(), open_month(derby, OCTOBER)
    client.force_login(derby.lead)
    typed = {f"{town.area.slug}/police/arrests:value": "3" for town in (derby, leeds, york)}
    seen = {f"{town.area.slug}/police/revision": "0" for town in (derby, leeds, york)}
    with half_done(
        others, lambda: save_draft(derby.police, period, {"charges": Entry("1")}, revision=0, by=derby.lead)
    ):
        began = time.monotonic()
        answer = client.post(EDIT, {**typed, **seen, "then": "save"})
        took = time.monotonic() - began

    assert took < LONGEST_WAIT + LATE
    assert answer.status_code == 409
    assert BUSY in answer.content.decode()
    assert 'name="derby/police/arrests:value"' in answer.content.decode()
    assert (drafts(leeds), drafts(york)) == ({"arrests": "3"}, {"arrests": "3"})
    assert drafts(derby) == {"charges": "1"}


def test_while_one_area_is_locked_the_others_are_handed_in(shared_database: str, others: ThreadPoolExecutor):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one lock for all areas")
    towns = make_towns("derby", "leeds")
    for town in towns:
        both = {"arrests": Entry("3"), "charges": Entry("1")}
        save_draft(town.police, open_month(town, OCTOBER), both, revision=0, by=towns[0].lead)
    client, period = Client(), open_month(towns[0], OCTOBER)
    client.force_login(towns[0].lead)
    with half_done(
        others, lambda: save_draft(towns[0].police, period, {"charges": Entry("1")}, revision=1, by=towns[0].lead)
    ):
        answer = client.post(CHECK, {"derby/police/revision": "1", "leeds/police/revision": "1"})

    told = said(answer)
    assert told[0] == f"Derby was not submitted. {BUSY}"
    assert told[1] == "Submitted: Leeds."
    assert [state(town) for town in towns] == ["draft", "submitted"]
