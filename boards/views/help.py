"""The guides."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from boards import guides


@login_not_required
@require_safe
def help_pages(request: HttpRequest) -> HttpResponse:
    """List every guide, for somebody who isn't signed in the residents' first. Anybody may read them: nothing in them
    is about an area."""
    listed = guides.list_guides()
    if not request.user.is_authenticated:
        listed = tuple(sorted(listed, key=lambda guide: guide.slug != guides.FOR_ANYBODY))
    return render(request, "help/index.html", {"guides": listed})


@login_not_required
@require_safe
def help_guide(request: HttpRequest, guide: str) -> HttpResponse:
    """Show one guide. Raises Http404."""
    shown = next((page for page in guides.list_guides() if page.slug == guide), None)
    if shown is None:
        raise Http404("There is no such guide.")
    return render(request, "help/guide.html", {"guide": shown})
