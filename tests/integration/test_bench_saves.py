"""bench.speed: a return that is saved again and again."""

import pytest

from bench.speed.browser import Browser
from bench.speed.pages import SavedReturn
from core.calendar import Month
from indicators.models import Submission
from tests import scenarios

# The bench's browser opens and closes connections as a server does.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def save() -> SavedReturn:
    town = scenarios.make_town()
    scenarios.open_month(town, Month(2026, 10))
    return SavedReturn(Browser(town.lead.email), "/testford/returns/2026-10/police/")


@pytest.mark.both_databases
def test_each_act_saves_another_figure(save: SavedReturn):
    drafts = []
    for _ in range(3):
        save()
        submission = Submission.objects.get()
        assert submission.draft not in drafts
        drafts.append(submission.draft)
    assert submission.revision == save.revision
    assert len(submission.draft) == len(save.rows) > 1


@pytest.mark.both_databases
def test_what_was_not_saved_ends_the_bench(save: SavedReturn):
    save()
    Submission.objects.update(revision=7)
    with pytest.raises(SystemExit, match="was not saved"):
        save()
