"""What do arrows, words, limits and signals mean?"""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from indicators.signals import BASELINE_FIGURES, FALSE_SIGNALS_IN_1000, LEAST_FIGURES
from indicators.trend import SYMBOLS, NoArrowReason
from reporting.pages.presenters.examples import examples


@open_to()
@require_safe
def method(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    context = {
        "area": area,
        "examples": examples(),
        "least": LEAST_FIGURES,
        "baseline": BASELINE_FIGURES,
        "false_signals": FALSE_SIGNALS_IN_1000,
        "symbols": [(symbol, state.shown.means) for state, symbol in SYMBOLS.items() if not state.shown.for_public],
        "no_arrow": [reason.label for reason in NoArrowReason],
    }
    return render(request, "reporting/method.html", context)
