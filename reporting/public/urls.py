"""The addresses of a region's public pages, after "regions/"."""

from django.urls import path

import core.pages  # noqa: F401  # registers <month:…>
from core.pages import in_each_format
from reporting.public.views import publishing, region_months

app_name = "region-public"

urlpatterns = [
    # The region's part has a different name, because these aren't pages of the people who work for it.
    path("<slug:county>/public/", region_months.public_list, name="list"),
    path("<slug:county>/public/<month:month>/", region_months.public_month, name="month"),
    *in_each_format("<slug:county>/public/<month:month>/figures.{kind}", region_months.public_file, name="month"),
    path("<slug:county>/public/<month:month>/<slug:code>/", region_months.public_indicator, name="indicator"),
    *in_each_format(
        "<slug:county>/public/<month:month>/<slug:code>/figures.{kind}",
        region_months.public_indicator_file,
        name="indicator",
    ),
    path("<slug:region>/editions/", publishing.region_publishing, name="edition-list"),
    path("<slug:region>/editions/<month:month>/", publishing.region_publishing_month, name="edition"),
    path("<slug:region>/editions/<month:month>/publish/", publishing.region_publishing_open, name="edition-publish"),
]
