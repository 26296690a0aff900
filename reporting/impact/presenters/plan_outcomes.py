"""Which outcomes does the page of an action show?"""

from actions.selectors.events import list_expectations, list_happenings
from boards.models import PartnershipArea
from reporting.impact.presenters.outcomes import OutcomeView, make_outcomes
from reporting.months.presenters.plan_figures import MonthFigures


class FiguresWithOutcomes(MonthFigures):
    """Implements actions.month_figures.Figures: monthly figures, and before and after."""

    def list_outcomes(self, area: PartnershipArea, number: int) -> list[OutcomeView]:
        own = [each for each in list_happenings(area) if each.is_action and each.number == number]
        pairs = [(happening, aim) for happening in own for aim in happening.aims]
        return make_outcomes(area, pairs, list_expectations(area, action=number))
