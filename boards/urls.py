from django.urls import path

from boards.views import area, keys, people, record, regions, retention
from boards.views.area import AGENCIES, BOARDS, STRANDS, routes
from core.pages import in_each_format

app_name = "boards"
urlpatterns = [
    # Of all areas, so before the addresses that start with an area.
    path("operator/roles/", people.operator_role_list, name="operator-role-list"),
    path("operator/roles/<int:asked>/", people.operator_role_decide, name="operator-role-request"),
    path("operator/retention/", retention.operator_retention, name="operator-retention"),
    path("operator/retention/hold/", retention.operator_hold_place, name="operator-hold-place"),
    path("operator/retention/hold/<int:hold>/", retention.operator_hold_release, name="operator-hold-release"),
    path("operator/retention/asked/<int:own>/", retention.operator_retention_decide, name="operator-retention-decide"),
    path("operator/retention/<slug:records>/", retention.operator_retention_months, name="operator-retention-months"),
    *routes(AGENCIES),
    *routes(BOARDS),
    *routes(STRANDS),
    path("<slug:area>/setup/returns/", area.returns_edit, name="returns-edit"),
    path("<slug:area>/setup/meetings/", area.meetings_edit, name="meetings-edit"),
    path("<slug:area>/setup/publisher/", area.publisher_edit, name="publisher-edit"),
    path("<slug:area>/setup/signs/", area.signs_edit, name="signs-edit"),
    path("<slug:area>/audit/", record.done, name="audit"),
    *in_each_format("<slug:area>/audit/events.{kind}", record.done_file, name="audit"),
    path("<slug:area>/audit/read/", record.read, name="audit-read"),
    *in_each_format("<slug:area>/audit/read/events.{kind}", record.read_file, name="audit-read"),
    path("<slug:area>/retention/", retention.retention, name="retention"),
    path("<slug:area>/retention/hold/", retention.hold_place, name="hold-place"),
    path("<slug:area>/retention/hold/<int:hold>/", retention.hold_release, name="hold-release"),
    path("<slug:area>/retention/asked/<int:rule>/", retention.retention_decide, name="retention-decide"),
    path("<slug:area>/retention/<slug:records>/", retention.retention_months, name="retention-months"),
    path("<slug:area>/setup/second-factor/", people.factor_roles, name="factor-roles"),
    path("<slug:area>/setup/lost-devices/", people.reset_list, name="reset-list"),
    path("<slug:area>/setup/lost-devices/<int:reset>/", people.reset_decide, name="reset-decide"),
    path("<slug:area>/setup/people/<int:membership>/lost-device/", people.reset_ask, name="reset-ask"),
    path("<slug:area>/setup/statements/", area.statements_edit, name="statements-edit"),
    path("<slug:area>/consent/", regions.consent_list, name="consent-list"),
    path("<slug:area>/consent/<int:consent>/", regions.consent_decide, name="consent-decide"),
    path("<slug:area>/keys/", keys.key_list, name="key-list"),
    path("<slug:area>/keys/add/", keys.key_add, name="key-add"),
    path("<slug:area>/keys/<int:key>/", keys.key_view, name="key-view"),
    path("<slug:area>/keys/<int:key>/uses/", keys.key_uses, name="key-uses"),
    path("<slug:area>/roles/", people.role_list, name="role-list"),
    path("<slug:area>/roles/<int:asked>/", people.role_decide, name="role-request"),
    path("<slug:area>/setup/people/", people.people_list, name="people-list"),
    path("<slug:area>/setup/people/add/", people.person_add, name="person-add"),
    path("<slug:area>/setup/people/unused/", area.people_unused, name="people-unused"),
    path("<slug:area>/setup/people/<int:membership>/tell/", people.person_tell, name="person-tell"),
    path("<slug:area>/setup/people/<int:membership>/remove/", people.person_remove, name="person-remove"),
]

# The addresses of a region's set-up. They are before those of an area, which start with its slug.
region_setup_routes = [
    path("", regions.region_list, name="list"),
    path("add/", regions.region_add, name="add"),
    path("<slug:region>/setup/", regions.region_setup, name="setup"),
    path("<slug:region>/setup/areas/add/", regions.place_add, name="place-add"),
    path("<slug:region>/setup/areas/<int:place>/remove/", regions.place_remove, name="place-remove"),
    path("<slug:region>/setup/people/add/", regions.person_add, name="person-add"),
    path("<slug:region>/setup/people/<int:held>/tell/", regions.person_tell, name="person-tell"),
    path("<slug:region>/setup/people/<int:held>/remove/", regions.person_remove, name="person-remove"),
    path("<slug:region>/keys/", keys.region_key_list, name="key-list"),
    path("<slug:region>/keys/add/", keys.region_key_add, name="key-add"),
    path("<slug:region>/keys/<int:region_key>/", keys.region_key_view, name="key-view"),
    path("<slug:region>/keys/<int:region_key>/uses/", keys.region_key_uses, name="key-uses"),
]
