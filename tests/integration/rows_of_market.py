"""A draft of an assessment of the drug market, as the product makes it; and what the database refuses of it."""

from collections.abc import Callable

from django.utils import timezone

from reporting.models import MarketAssessment, MarketFigure, MarketList, MarketOwner
from tests.assessing import begin, fill
from tests.integration.rows import one, twice
from tests.scenarios import Town

type Violation = tuple[str, Callable[[Town], object]]
ASSESSMENT, FIGURE, LIST = MarketAssessment.objects.all(), MarketFigure.objects.all(), MarketList.objects.all()
OWNER, NOW = MarketOwner.objects.all(), timezone.now()


def leave_market(town: Town) -> None:
    fill(town, begin(town))


MARKET_CASES: list[Violation] = [
    ("one_market_assessment_per_year", lambda town: twice(ASSESSMENT)),
    ("market_assessment_is_of_a_year", lambda town: ASSESSMENT.update(year=26)),
    ("market_agreed_at_by", lambda town: ASSESSMENT.update(agreed_by=town.lead)),
    ("market_is_agreed_by_somebody", lambda town: ASSESSMENT.update(state="agreed")),
    ("market_is_agreed_by_somebody", lambda town: ASSESSMENT.update(agreed_at=NOW, agreed_by=town.lead)),
    ("market_lists_have_all_their_overlaps", lambda town: ASSESSMENT.update(first_second=None)),
    ("market_lists_have_all_their_overlaps", lambda town: ASSESSMENT.update(in_every=None)),
    ("one_market_figure_per_kind", lambda town: twice(one(FIGURE))),
    ("market_figure_is_not_negative", lambda town: FIGURE.update(value=-1)),
    ("market_figure_has_its_source", lambda town: FIGURE.update(source="")),
    ("market_figure_has_its_source", lambda town: FIGURE.update(of_year="")),
    ("one_market_list_per_place", lambda town: twice(one(LIST))),
    ("market_list_is_one_of_three", lambda town: LIST.filter(place=2).update(place=3)),
    *(
        ("market_list_says_of_whom_it_is", lambda town, name=name: LIST.update(**{name: ""}))
        for name in ("name", "period", "ages", "residents")
    ),
]
