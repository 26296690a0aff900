"""When an area's returns are due."""

from typing import cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from boards.forms import ReturnsForm
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from boards.services.setup import set_return_days
from boards.views.parts import saved


@open_to(Role.COORDINATOR)
def returns_edit(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    """On which day they are due, and how long the coordinator takes to check one."""
    # The form writes what was typed onto its instance, and the page names the area.
    form = ReturnsForm(
        request.POST if request.method == "POST" else None, instance=PartnershipArea.objects.get(pk=area.pk)
    )
    if form.is_valid():
        typed = cast("dict[str, int]", form.cleaned_data)
        if saved(form, lambda: set_return_days(area, **typed, by=request.user)):
            messages.success(
                request,
                f"Saved. Months opened from now on are due on day {typed['due_day']} of the next month; "
                "a month that is open already keeps its due date.",
            )
            return redirect("indicators:setup", area.slug)
    return render(request, "boards/returns_edit.html", {"area": area, "form": form})
