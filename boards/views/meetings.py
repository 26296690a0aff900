"""After how many meetings a strand is called not looked at."""

from typing import cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from boards.forms import MeetingsForm
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from boards.services.setup import set_silent_meetings
from boards.views.parts import saved


@open_to(Role.COORDINATOR)
def meetings_edit(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    # The form writes what was typed onto its instance, and the page names the area.
    form = MeetingsForm(
        request.POST if request.method == "POST" else None, instance=PartnershipArea.objects.get(pk=area.pk)
    )
    if form.is_valid():
        typed = cast("dict[str, int]", form.cleaned_data)
        if saved(form, lambda: set_silent_meetings(area, **typed, by=request.user)):
            messages.success(request, "Saved.")
            return redirect("indicators:setup", area.slug)
    return render(request, "boards/meetings_edit.html", {"area": area, "form": form})
