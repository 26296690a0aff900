"""Take what programs send to the operator: the reports of browsers."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.texts import read_number
from operations.policy_reports import LARGEST, NotAReport, Ration, read_report

logger = logging.getLogger(__name__)
ration = Ration()


@login_not_required
@csrf_exempt  # a browser sends it without a token, and it changes nothing
@require_POST
def csp_reports(request: HttpRequest) -> HttpResponse:
    """Log what a browser refused under our content security policy, each kind once."""
    request.COOKIES = {}  # so that no session is read or renewed
    length = read_number(str(request.META.get("CONTENT_LENGTH") or 0))
    if length is None or length > LARGEST:
        return HttpResponse("This report is too large.\n", status=413, content_type="text/plain")
    if not ration.may_read():
        return HttpResponse("There are too many reports. Wait a minute.\n", status=429, content_type="text/plain")
    try:
        violations = read_report(request.body)
    except NotAReport:
        return HttpResponse("This is not a browser report.\n", status=400, content_type="text/plain")
    for violation in violations:
        page = name_page(violation.path)
        if ration.is_new(violation.directive, violation.refused, page):
            logger.warning("The policy %s refused %s on the page %s.", violation.directive, violation.refused, page)
    return HttpResponse(status=204)


def name_page(path: str) -> str:
    """Return the name of the page at a path, without what the path says: which area, which month."""
    try:
        return resolve(path).view_name or "without a name"
    except Resolver404:
        return "that is not ours"
