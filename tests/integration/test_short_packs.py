"""A pack of one or two indicators: one or two pages, on which nothing is said a second time."""

import pytest

from indicators.disclosure import Audience
from reporting.models import PackScope
from reporting.packs.pdf.typesetting import build_pack
from tests.integration.test_pack_content import chapter, make_october, pack_of, stand_out
from tests.pdf_reading import used_of
from tests.pdf_structure import faults_of
from tests.scenarios import Town
from tests.standing import stand

pytestmark = pytest.mark.django_db
made, october = stand(make_october)
SAID_AGAIN = {"month", "figures", "indicators"}


@pytest.mark.parametrize("audience", Audience)
def test_a_quiet_month_is_two_pages(october: Town, audience: Audience):
    pack = pack_of(october, audience=audience)
    assert not SAID_AGAIN & {chapter.key for chapter in pack.chapters}
    pdf = build_pack(pack)
    assert len(used_of(pdf)) <= 2
    assert min(used_of(pdf)) > 1 / 3
    assert faults_of(pdf) == []


@pytest.mark.parametrize("audience", Audience)
def test_what_stands_out_has_its_chart_once(town: Town, audience: Audience):
    stand_out(town)
    pack = pack_of(town, audience=audience)
    pdf = build_pack(pack)
    assert len(used_of(pdf)) <= 2
    assert min(used_of(pdf)) > 1 / 3
    assert [tile["question"] for tile in chapter(pack, "others")["blocks"][1]["tiles"]] == ["Charges"]
    # What is withheld from the public has no chart either.
    assert str(pack.as_data()["chapters"]).count("<svg ") == (1 if audience is Audience.PUBLIC else 2)


def test_with_a_page_for_each_it_is_as_long_as_others(october: Town):
    pack = pack_of(october, scope=PackScope.ALL)
    assert not pack.is_short
    assert {chapter.key for chapter in pack.chapters} >= SAID_AGAIN
