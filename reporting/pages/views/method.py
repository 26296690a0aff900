"""What do arrows, words, limits and signals mean?"""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from boards.models import PartnershipArea
from boards.permissions import Access, AreaRequest, open_to
from core.not_held import NotHeld
from indicators.disclosure import Audience
from indicators.judgement.promises import promises
from indicators.signals import LEAST_FIGURES
from indicators.trend import SYMBOLS, NoArrowReason
from reporting.models.line_fields import Line
from reporting.months.readings import newest_snapshot
from reporting.months.selectors.lines import list_lines
from reporting.pages.presenters.examples import examples
from reporting.pages.presenters.reach import reach


def lines_of_newest(access: Access) -> list[Line]:
    """Return the lines of the newest month that this reader may see; none before there is one."""
    try:
        return list_lines(newest_snapshot(access))
    except NotHeld:
        return []


@open_to()
@require_safe
def method(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    measured = promises()
    context = {
        "area": area,
        "examples": examples(),
        "least": LEAST_FIGURES,
        "promises": measured,
        "changes": list(next(iter(measured.found.values()))),
        "reach": reach(lines_of_newest(request.access), audience=Audience.PARTNERS),
        "symbols": [(symbol, state.shown.means) for state, symbol in SYMBOLS.items() if not state.shown.for_public],
        "no_arrow": [reason.label for reason in NoArrowReason],
    }
    return render(request, "reporting/method.html", context)
