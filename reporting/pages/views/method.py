"""What do arrows, words, limits and signals mean?"""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from indicators.judgement.promises import promises
from indicators.signals import LEAST_FIGURES
from indicators.trend import SYMBOLS, NoArrowReason
from reporting.pages.presenters.examples import examples


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
        "found": [(size, row.values()) for size, row in measured.found.items()],
        "symbols": [(symbol, state.shown.means) for state, symbol in SYMBOLS.items() if not state.shown.for_public],
        "no_arrow": [reason.label for reason in NoArrowReason],
    }
    return render(request, "reporting/method.html", context)
