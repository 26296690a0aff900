"""Every address. Those of an area are last, because they start with its slug. boards.models makes sure that no slug is
the first part of another address."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.urls.resolvers import RoutePattern
from django.views.generic import RedirectView

from boards.models import RESERVED_SLUGS
from boards.urls import region_setup_routes
from boards.views import area, record
from boards.views.help import help_guide, help_pages
from boards.views.keys import own_keys
from boards.views.people import factor_home, factor_later
from core.identity.views import (
    confirm_it_is_you,
    first_password,
    provider_callback,
    provider_sign_in,
    reminders,
    sign_ins,
    signed_link,
)
from core.pages import in_each_format
from indicators.urls import together_routes
from operations.health.views import healthz, healthz_jobs, jobs, metrics_page, readyz, state
from operations.views import csp_reports
from vvdash.routes import KeptResolver
from vvdash.site import robots_txt, security_txt

handler400 = "vvdash.site.bad_request"
handler500 = "vvdash.site.server_error"
addresses: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("healthz/jobs", healthz_jobs, name="healthz-jobs"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics_page, name="metrics"),
    path(".well-known/security.txt", security_txt, name="security-txt"),
    path("robots.txt", robots_txt, name="robots-txt"),
    path("csp-reports/", csp_reports, name="csp-reports"),
    path("privacy/", area.privacy, name="privacy"),
    path("accessibility/", area.accessibility, name="accessibility"),
    path("help/", help_pages, name="help"),
    path("help/<slug:guide>/", help_guide, name="help-guide"),
    path("operator/jobs/", jobs, name="jobs"),
    path("operator/state/", state, name="state"),
    path("operator/audit/", record.everything_done, name="audit"),
    *in_each_format("operator/audit/events.{kind}", record.everything_done_file, name="audit"),
    path("operator/audit/read/", record.everything_read, name="audit-read"),
    *in_each_format("operator/audit/read/events.{kind}", record.everything_read_file, name="audit-read"),
    # A person has one address, which the coordinator enters: nobody adds another.
    path("account/email/", RedirectView.as_view(pattern_name="reporting:home"), name="account_email"),
    path("account/link/<str:token>/", signed_link, name="signed-link"),
    path("account/reminders/", reminders, name="reminders"),
    path("account/sign-ins/", sign_ins, name="sign-ins"),
    path("account/keys/", own_keys, name="keys"),
    path("account/reauthenticate/", confirm_it_is_you, name="account_reauthenticate"),
    path("account/second-factor/", factor_home, name="mfa_index"),
    path("account/second-factor/later/", factor_later, name="factor-later"),
    path("account/second-factor/", include("allauth.mfa.urls")),
    # A session alone mustn't set a password, which would outlive it. Whoever has none asks for a link.
    path("account/password/set/", first_password, name="account_set_password"),
    path("account/oidc/<slug:provider_id>/login/", provider_sign_in, name="openid_connect_login"),
    path("account/oidc/<slug:provider_id>/login/callback/", provider_callback, name="openid_connect_callback"),
    path("account/", include("allauth.account.urls")),
    path("returns/", include((together_routes, "together"))),
    path("regions/", include((region_setup_routes, "region-setup"))),
    path("regions/", include("reporting.public.urls")),
    # By its name only: django-ninja and pydantic load with the first address that somebody makes or looks for.
    URLResolver(RoutePattern("api/"), "reporting.api.urls", app_name="api", namespace="api"),
]
if settings.ADMIN_ENABLED:
    addresses.append(path("admin/", admin.site.urls))
addresses += [
    # The pages that people read most are first.
    path("", include("reporting.urls")),
    path("", include("actions.urls")),
    path("", include("indicators.urls")),
    path("", include("boards.urls")),
]
# An area's address starts with its slug, which is none of these.
urlpatterns: list[URLPattern | URLResolver] = [KeptResolver(addresses, apart=RESERVED_SLUGS - {"regions"})]
