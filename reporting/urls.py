from django.urls import path

import core.converters  # noqa: F401  # registers <month:…>
from reporting.views import (
    changes,
    corrections,
    disclosure,
    home,
    indicators,
    method,
    months,
    public,
    publishing,
    returns,
)

app_name = "reporting"
urlpatterns = [
    path("", home.home, name="home"),
    path("<slug:area>/", home.area_home, name="area-home"),
    path("<slug:area>/method/", method.method, name="method"),
    path("<slug:area>/returns/<month:month>/", returns.return_grid, name="return-grid"),
    path("<slug:area>/returns/<month:month>/<slug:agency>/decide/", returns.return_decide, name="return-decide"),
    path("<slug:area>/corrections/publish/", changes.corrections_publish, name="corrections-publish"),
    path("<slug:area>/changes/<month:month>/", changes.month_changes, name="month-changes"),
    path("<slug:area>/corrections/<int:correction>/", corrections.correction_decide, name="correction-decide"),
    path("<slug:area>/provisional/<month:month>/<slug:code>/", corrections.figure_mark, name="figure-mark"),
    path("<slug:area>/publishing/", publishing.publishing, name="publishing"),
    path("<slug:area>/publishing/<month:month>/", publishing.publishing_month, name="publishing-month"),
    path("<slug:area>/disclosure/", disclosure.disclosure_list, name="disclosure-list"),
    path("<slug:area>/disclosure/usual/", disclosure.disclosure_usual, name="disclosure-usual"),
    path("<slug:area>/disclosure/<slug:target>/<slug:code>/", disclosure.disclosure_edit, name="disclosure-edit"),
    path("<slug:area>/months/<month:month>/<slug:act>/", returns.month_move, name="month-move"),
    path("<slug:area>/packs/<month:month>/<slug:board>/", months.board_pack, name="board-pack"),
    path("<slug:area>/indicators/", indicators.indicator_list, name="indicator-list"),
    path("<slug:area>/indicators/<slug:code>/", indicators.indicator_view, name="indicator-view"),
    path("<slug:area>/indicators/<slug:code>/figures.csv", indicators.indicator_csv, name="indicator-csv"),
    # The town's part has a name of its own: these are no pages of an area's members.
    path("<slug:town>/public/", public.public_list, name="public-list"),
    path("<slug:town>/public/<month:month>/", public.public_month, name="public-month"),
    path("<slug:town>/public/<month:month>/figures.csv", public.public_csv, name="public-csv"),
    path("<slug:area>/<month:month>/", months.month_view, name="month-view"),
    path("<slug:area>/<month:month>/<slug:board>/", months.board_view, name="board-view"),
]
