"""Letters of issued packs that failed: the coordinator sends them again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from boards.models import PartnershipArea
from boards.permissions import AreaRequest, open_to
from boards.roles import Role
from core.form_pages import is_done
from core.services.links import site_address
from reporting.models.packs import PackLetter
from reporting.packs.services.letters import send_again


@open_to(Role.COORDINATOR)
@require_POST
def letter_resend(request: AreaRequest, area: PartnershipArea, letter: int) -> HttpResponse:
    letters = PackLetter.objects.select_related("pack__period__area", "pack__board")
    # A pack's content and PDF are large, and nothing here needs them.
    failed = get_object_or_404(letters.defer("pack__content"), pack__period__area=area, pk=letter)

    def send() -> None:
        sent = send_again(failed, absolute=site_address, by=request.user)
        if sent.fault:
            messages.error(request, f"The letter to {sent.person} could not be sent again: {sent.fault}")
        else:
            messages.success(request, f"The letter to {sent.person} is sent.")

    is_done(request, send)
    return redirect(failed.pack)
