from django.urls import path

import core.pages  # noqa: F401  # registers <month:…>
from boards.views.area import routes
from indicators.views import catalogue, figures, files, names, records, returns, setup, together

app_name = "indicators"

INDICATOR = "<slug:area>/setup/indicators/<slug:code>/"
setup_routes = [
    path("<slug:area>/setup/", setup.setup, name="setup"),
    path("<slug:area>/setup/people/file/", setup.people_file, name="people-file"),
    path("<slug:area>/setup/catalogue/", setup.catalogue_take, name="catalogue-take"),
    path("<slug:area>/setup/catalogue.toml", setup.catalogue_file, name="catalogue-file"),
    *routes(setup.SECTIONS),
    *routes(setup.DIMENSIONS),
    *routes(setup.CATEGORIES),
    *routes(setup.RULES),
    *routes(setup.PATHWAYS),
    *routes(setup.PATHWAY_STEPS),
    path("<slug:area>/setup/boards/<slug:code>/order/", setup.board_order, name="board-order"),
    path("<slug:area>/setup/place/", setup.place_edit, name="place-edit"),
    path("<slug:area>/setup/populations/", setup.population_list, name="population-list"),
    path("<slug:area>/setup/indicators/", catalogue.indicator_list, name="indicator-list"),
    path("<slug:area>/setup/indicators/add/", catalogue.indicator_add, name="indicator-add"),
    path(f"{INDICATOR}edit/", catalogue.indicator_edit, name="indicator-edit"),
    path(f"{INDICATOR}define/", catalogue.definition_add, name="definition-add"),
    path(f"{INDICATOR}definitions/<month:month>/", catalogue.definition_edit, name="definition-edit"),
    path(f"{INDICATOR}recording/", catalogue.recording_list, name="recording-list"),
    path(f"{INDICATOR}recording/<int:change>/", catalogue.recording_decide, name="recording-decide"),
    path(f"{INDICATOR}retire/", catalogue.indicator_retire, name="indicator-retire"),
    path(f"{INDICATOR}bring-back/", catalogue.indicator_bring_back, name="indicator-bring-back"),
]
# All returns of one person. They belong to no single area, so they come before the addresses that start with an area.
together_routes = [
    path("<month:month>/", together.returns_edit, name="edit"),
    path("<month:month>/check/", together.returns_check, name="check"),
    path("<month:month>/file/", together.returns_file, name="file"),
    path("<month:month>/file/template.<slug:kind>", together.returns_template, name="template"),
]
RETURN = "<slug:area>/returns/<month:month>/<slug:agency>/"
return_routes = [
    path(RETURN, returns.return_edit, name="return-edit"),
    path(f"{RETURN}check/", returns.return_check, name="return-check"),
    path(f"{RETURN}submit/", returns.return_submit, name="return-submit"),
    path(f"{RETURN}withdraw/", returns.return_withdraw, name="return-withdraw"),
    path(f"{RETURN}nil/", returns.return_nil, name="return-nil"),
    path(f"{RETURN}receipt/", returns.return_receipt, name="return-receipt"),
    path(f"{RETURN}file/", files.return_file, name="return-file"),
    path(f"{RETURN}file/template.<slug:kind>", files.return_template, name="return-template"),
    path(f"{RETURN}records/", records.return_records, name="return-records"),
    path("<slug:area>/counting/<int:mapping>/remove/", records.mapping_remove, name="mapping-remove"),
    path("<slug:area>/reminders/<int:reminder>/send/", returns.reminder_resend, name="reminder-resend"),
]
FIGURE = "<slug:area>/figures/<month:month>/<slug:code>/"
figure_routes = [
    path(FIGURE, figures.figure_view, name="figure-view"),
    path(f"{FIGURE}<slug:category>/", figures.figure_view, name="figure-part-view"),
]
marking_routes = [
    path("<slug:area>/markings/", setup.marking_list, name="marking-list"),
    path("<slug:area>/markings/<month:month>/", setup.marking_edit, name="marking-edit"),
]
name_routes = [path("<slug:area>/names/", names.names, name="names")]
area_routes = [path("areas/add/", setup.area_add, name="area-add")]
urlpatterns = [*area_routes, *setup_routes, *return_routes, *figure_routes, *marking_routes, *name_routes]
