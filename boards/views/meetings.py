"""After how many meetings does a strand need attention?"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from boards.forms.area import MeetingsForm
from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from boards.services.setup import set_silent_meetings
from core.form_pages import form_for, is_saved, show_form


@open_to(Role.COORDINATOR)
def meetings_edit(request: AreaRequest, area: PartnershipArea) -> HttpResponse:
    # The form writes the typed values to its instance. The page needs the area's saved name.
    held = PartnershipArea.objects.get(pk=area.pk)
    form = form_for(request, lambda typed: MeetingsForm(typed, instance=held))
    if is_saved(request, form, lambda: set_silent_meetings(area, **form.cleaned_data, by=request.user)):
        messages.success(request, "Saved.")
        return redirect("indicators:setup", area.slug)
    return show_form(request, "boards/meetings_edit.html", form)
