"""Name the level of an indicator's newest month, with the reason for it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.form_pages import form_for, is_saved, show_form
from core.months import Month
from core.not_held import NotHeld
from core.services.sent_once import taken_once
from indicators.forms.recordings import LevelNameForm
from indicators.models.catalogue import Indicator
from indicators.services.recordings import name_level
from reporting.months.indicator_readings import IndicatorPage
from reporting.months.presenters.sentences import level_sentences


@open_to(Role.COORDINATOR, Role.ANALYST, because="Only a coordinator or an analyst can name a level.")
@taken_once
def level_name(request: AreaRequest, area: PartnershipArea, code: str) -> HttpResponse:
    """Raises NotHeld if the indicator is still at its first level."""
    page = IndicatorPage(request.access, code)
    line = page.view.line
    if line.level_since is None or line.level_before is None:
        raise NotHeld(f"{line.title} is still at its first level, so there is nothing to name.")
    since = Month.of(line.level_since)
    indicator = Indicator.objects.get(area=area, code=code)
    form = form_for(request, LevelNameForm)
    if is_saved(request, form, lambda: name_level(indicator, None, since=since, **form.cleaned_data, by=request.user)):
        messages.success(request, f"The level since {since.label} now has a name. Future months will show it.")
        return redirect("reporting:indicator-view", area.slug, code)
    context = {
        "line": line,
        "said": level_sentences(line),
        "back": reverse("reporting:indicator-view", args=[area.slug, code]),
        "names": indicator.level_names.filter(since=line.level_since).select_related("given_by").order_by("-given_at"),
    }
    return show_form(request, "reporting/level_name.html", form, context)
