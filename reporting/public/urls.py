"""The addresses of a region's public pages, after "regions/"."""

from django.urls import path

import core.pages  # noqa: F401  # registers <month:…>
from core.pages import in_each_format
from reporting.public.views import region_months as public
from reporting.public.views import region_publishing as deciding

app_name = "region-public"

urlpatterns = [
    # The region's part has a different name, because these aren't pages of the people who work for it.
    path("<slug:county>/public/", public.public_list, name="list"),
    path("<slug:county>/public/<month:month>/", public.public_month, name="month"),
    *in_each_format("<slug:county>/public/<month:month>/figures.{kind}", public.public_file, name="month"),
    path("<slug:county>/public/<month:month>/<slug:code>/", public.public_indicator, name="indicator"),
    *in_each_format(
        "<slug:county>/public/<month:month>/<slug:code>/figures.{kind}", public.public_indicator_file, name="indicator"
    ),
    path("<slug:region>/editions/", deciding.edition_list, name="edition-list"),
    path("<slug:region>/editions/<month:month>/", deciding.edition, name="edition"),
    path("<slug:region>/editions/<month:month>/publish/", deciding.edition_publish, name="edition-publish"),
]
