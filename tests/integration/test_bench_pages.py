"""bench.speed: a return that is saved again and again."""

import pytest

from bench.speed.browser import Browser
from bench.speed.pages import SavedReturn
from core.calendar import Month
from indicators.models import Submission
from tests import scenarios
from tests.scenarios import Town

pytestmark = pytest.mark.django_db


def test_each_act_saves_another_figure(town: Town):
    scenarios.open_month(town, Month(2026, 10))
    save = SavedReturn(Browser(town.lead.email), "/testford/returns/2026-10/police/")
    for _ in range(3):
        before = Submission.objects.values_list("draft", flat=True).first()
        save()
        submission = Submission.objects.get()
        assert submission.draft != before
    assert submission.revision == save.revision
    assert len(submission.draft) == len(save.rows) > 1


def test_what_was_not_saved_ends_the_bench(town: Town):
    scenarios.open_month(town, Month(2026, 10))
    save = SavedReturn(Browser(town.lead.email), "/testford/returns/2026-10/police/")
    save()
    Submission.objects.update(revision=7)
    with pytest.raises(SystemExit, match="was not saved"):
        save()
