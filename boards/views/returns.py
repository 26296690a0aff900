"""When are an area's returns due?"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from boards.forms.area import ReturnsForm
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from boards.services.setup import set_return_days
from core.form_pages import form_for, is_saved, show_form


@open_to(Role.COORDINATOR)
def returns_edit(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """Set the due day, and how long the coordinator has to check a return."""
    # The form writes the typed values to its instance. The page needs the area's saved name.
    held = PartnershipArea.objects.get(pk=area.pk)
    form = form_for(request, lambda typed: ReturnsForm(typed, instance=held))
    if is_saved(request, form, lambda: set_return_days(area, **form.cleaned_data, by=request.user)):
        messages.success(
            request,
            f"Saved. From now on, returns are due on day {form.cleaned_data['due_day']} of the next month. Months "
            f"that are open already keep their due dates.",
        )
        return redirect("indicators:setup", area.slug)
    return show_form(request, "boards/returns_edit.html", form)
