"""The addresses of the API. This module and what it imports load with the first request below /api/, not with the
first page: vvdash.urls names it by its name only."""

from django.urls import URLPattern, path

from reporting.api import doing, feed, figures, partners, public, returns
from reporting.api.door import api, list_operations, missing, open_door
from reporting.api.pages import docs, openapi

app_name = "api"
for router in (figures.router, public.router, partners.router, feed.router, doing.router, returns.router):
    api.add_router("", router)
# Addresses below /api/v1/ that the document doesn't describe, such as the data package's.
BESIDES: list[URLPattern] = []
urlpatterns = [
    path("v1/", docs, name="docs"),
    path("v1/openapi.json", openapi, name="openapi"),
    *(path(f"v1/{pattern.pattern}", pattern.callback, name=pattern.name) for pattern in list_operations()),
    *BESIDES,
    path("", open_door(missing), name="missing-root"),
    path("<path:rest>", open_door(missing), name="missing"),
]
