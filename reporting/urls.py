from django.urls import path

import core.pages  # noqa: F401  # registers <month:…>
from core.pages import in_each_format
from reporting.documents import views as documents
from reporting.exports.views import files as exports
from reporting.impact.views import impact, impact_series, impact_view
from reporting.kpis import views
from reporting.kpis import views as kpi_setting
from reporting.market import views as drug_market
from reporting.months.views import history, returns, steps
from reporting.packs.views import packs
from reporting.packs.views import packs as pack_bundles
from reporting.packs.views import packs as pack_letters
from reporting.packs.views import public as public_packs
from reporting.pages.views import breakdowns, home, indicators, months, search
from reporting.pathways import views as pathways
from reporting.public.views import corrections, disclosure, openness, publishing
from reporting.public.views import files as public_exports
from reporting.public.views import lines as public_lines
from reporting.public.views import months as public
from reporting.public.views import months as public_feed
from reporting.public.views import months as public_highlights
from reporting.public.views import months as signs
from reporting.public.views import months as statements
from reporting.public_documents import views as open_documents
from reporting.region_packs import views as region_packs
from reporting.regions import views as regions

app_name = "reporting"


urlpatterns = [
    path("", home.home, name="home"),
    # Of all areas, so before the addresses that start with an area.
    path("operator/imports/", history.operator_import_list, name="operator-import-list"),
    path("operator/imports/<int:brought>/", history.operator_import, name="operator-import"),
    path("regions/<slug:region>/towns/", search.region_towns, name="region-towns"),
    path("regions/<slug:region>/", regions.region_home, name="region-home"),
    path("regions/<slug:region>/packs/", region_packs.pack_list, name="region-pack-list"),
    path("regions/<slug:region>/packs/<slug:reference>/", region_packs.pack_view, name="region-pack-view"),
    path("regions/<slug:region>/packs/<slug:reference>/pack.pdf", region_packs.pack_pdf, name="region-pack-pdf"),
    path("regions/<slug:region>/lines/", regions.region_lines_newest, name="region-lines-newest"),
    *in_each_format("regions/<slug:region>/table.{kind}", exports.region_table_file, name="region-table"),
    path("regions/<slug:region>/<month:month>/", regions.region_month, name="region-month"),
    *in_each_format(
        "regions/<slug:region>/<month:month>/figures.{kind}", regions.region_month_file, name="region-month"
    ),
    path("regions/<slug:region>/<month:month>/lines/", regions.region_lines, name="region-lines"),
    *in_each_format(
        "regions/<slug:region>/<month:month>/lines/figures.{kind}", regions.region_lines_file, name="region-lines"
    ),
    path("regions/<slug:region>/indicators/<slug:code>/", regions.region_indicator, name="region-indicator"),
    *in_each_format(
        "regions/<slug:region>/indicators/<slug:code>/figures.{kind}",
        regions.region_indicator_file,
        name="region-indicator",
    ),
    path("<slug:area>/", home.area_home, name="area-home"),
    # What people read most is found first: each address before it is tried in vain.
    path("<slug:area>/<month:month>/", months.month_view, name="month-view"),
    path("<slug:area>/<month:month>/present/", months.month_present, name="month-present"),
    path("<slug:area>/<month:month>/year/", months.month_year, name="month-year"),
    path("<slug:area>/<month:month>/lines/", months.month_lines, name="month-lines"),
    path("<slug:area>/<month:month>/commentary/", steps.commentary_write, name="commentary"),
    path("<slug:area>/<month:month>/commentary/<slug:board>/", steps.commentary_write, name="commentary-board"),
    *in_each_format("<slug:area>/<month:month>/figures.{kind}", exports.month_file, name="month"),
    # The last of these: any other word after a month is a board’s code.
    path("<slug:area>/<month:month>/<slug:board>/", months.board_view, name="board-view"),
    path("<slug:area>/indicators/", indicators.indicator_list, name="indicator-list"),
    path("<slug:area>/indicators/<slug:code>/", indicators.indicator_view, name="indicator-view"),
    path("<slug:area>/i/<slug:code>/<month:month>/", indicators.indicator_short, name="indicator-short"),
    path("<slug:area>/indicators/<slug:code>/whom/", breakdowns.breakdown_view, name="breakdowns"),
    path("<slug:area>/first-steps/<slug:step>/", home.first_step, name="first-step"),
    path("<slug:area>/mine/", home.mine, name="mine"),
    path("<slug:area>/search/", search.search_page, name="search"),
    path("<slug:area>/method/", search.method, name="method"),
    path("<slug:area>/returns/", returns.returns, name="returns"),
    path("<slug:area>/returns/<month:month>/", returns.return_grid, name="return-grid"),
    path("<slug:area>/returns/<month:month>/<slug:agency>/decide/", returns.return_decide, name="return-decide"),
    path("<slug:area>/returns/<month:month>/<slug:agency>/remind/", returns.return_remind, name="return-remind"),
    path("<slug:area>/corrections/publish/", corrections.corrections_publish, name="corrections-publish"),
    path("<slug:area>/history/", history.history, name="history"),
    path("<slug:area>/history/records/<slug:agency>/", history.history_records, name="history-records"),
    path("<slug:area>/history/template.csv", history.history_template, name="history-template"),
    path("<slug:area>/history/brought-in/<int:brought>/", history.history_import, name="history-import"),
    path("<slug:area>/history/publish/", history.history_publish, name="history-publish"),
    path("<slug:area>/changes/<month:month>/", steps.month_changes, name="month-changes"),
    path("<slug:area>/corrections/<int:correction>/", returns.correction_decide, name="correction-decide"),
    path("<slug:area>/provisional/<month:month>/<slug:code>/", returns.figure_mark, name="figure-mark"),
    path("<slug:area>/publishing/", publishing.publishing, name="publishing"),
    path("<slug:area>/publishing/off/", publishing.publishing_off, name="publishing-off"),
    path("<slug:area>/publishing/<month:month>/", publishing.publishing_month, name="publishing-month"),
    path("<slug:area>/publishing/<month:month>/withdraw/", publishing.publishing_withdraw, name="publishing-withdraw"),
    path("<slug:area>/setup/signs/preview/", signs.signs_preview, name="signs-preview"),
    path("<slug:area>/disclosure/", disclosure.disclosure_list, name="disclosure-list"),
    path("<slug:area>/disclosure/usual/", disclosure.disclosure_usual, name="disclosure-usual"),
    path("<slug:area>/disclosure/requests/<int:wanted>/", disclosure.disclosure_request, name="disclosure-request"),
    path("<slug:area>/disclosure/openness/", openness.openness_list, name="openness-list"),
    path("<slug:area>/disclosure/openness/<slug:code>/", openness.openness_edit, name="openness-edit"),
    path("<slug:area>/disclosure/<slug:target>/<slug:code>/", disclosure.disclosure_edit, name="disclosure-edit"),
    path("<slug:area>/months/", steps.month_list, name="month-list"),
    path("<slug:area>/months/<month:month>/take-away/", steps.month_take_away, name="month-take-away"),
    path("<slug:area>/months/<month:month>/<slug:act>/", steps.month_move, name="month-move"),
    path("<slug:area>/impact/", impact, name="impact"),
    path("<slug:area>/impact/<slug:event>/<slug:code>/", impact_view, name="impact-view"),
    path("<slug:area>/impact/<slug:event>/<slug:code>/series.csv", impact_series, name="impact-series"),
    path("<slug:area>/packs/", packs.pack_list, name="pack-list"),
    # Before the addresses with a pack's reference, which would match these too.
    path("<slug:area>/packs/make/", packs.pack_make, name="pack-make"),
    path("<slug:area>/packs/bundles/", pack_bundles.bundle_ask, name="bundle-ask"),
    path("<slug:area>/packs/bundles/<int:bundle>/", pack_bundles.bundle_view, name="bundle-view"),
    path("<slug:area>/packs/bundles/<int:bundle>/packs.zip", pack_bundles.bundle_zip, name="bundle-zip"),
    path("<slug:area>/packs/letters/<int:letter>/send/", pack_letters.letter_resend, name="letter-resend"),
    path("<slug:area>/packs/<slug:reference>/", packs.pack_view, name="pack-view"),
    path("<slug:area>/packs/<slug:reference>/pack.pdf", packs.pack_pdf, name="pack-pdf"),
    path("<slug:area>/packs/<slug:reference>/photos/<slug:photo>", packs.pack_photo, name="pack-photo"),
    path("<slug:area>/packs/<month:month>/<slug:board>/", packs.board_pack, name="board-pack"),
    path("<slug:area>/indicators/<slug:code>/level/", indicators.level_name, name="level-name"),
    *in_each_format("<slug:area>/indicators/<slug:code>/figures.{kind}", exports.indicator_file, name="indicator"),
    path("<slug:area>/kpis/", views.kpi_list, name="kpi-list"),
    path("<slug:area>/kpis/set/", kpi_setting.kpi_choose, name="kpi-choose"),
    path("<slug:area>/kpis/set/<slug:code>/", kpi_setting.kpi_set, name="kpi-set"),
    path("<slug:area>/kpis/<int:number>/", views.kpi_view, name="kpi-view"),
    path("<slug:area>/kpis/<int:number>/change/", views.kpi_change, name="kpi-change"),
    path("<slug:area>/kpis/<int:number>/move/", kpi_setting.kpi_move, name="kpi-move"),
    path("<slug:area>/kpis/<int:number>/review/", views.kpi_review, name="kpi-review"),
    path("<slug:area>/kpis/<int:number>/retire/", views.kpi_retire, name="kpi-retire"),
    path("<slug:area>/pathways/", pathways.pathway_list, name="pathway-list"),
    path("<slug:area>/pathways/<slug:code>/", pathways.pathway_view, name="pathway-view"),
    path("<slug:area>/setup/market/", drug_market.market_owner, name="market-owner"),
    path("<slug:area>/market/", drug_market.market, name="market"),
    path("<slug:area>/market/begin/", drug_market.market_begin, name="market-begin"),
    path("<slug:area>/market/<int:year>/", drug_market.market_year, name="market-year"),
    path("<slug:area>/market/<int:year>/lists/", drug_market.market_lists, name="market-lists"),
    path("<slug:area>/market/<int:year>/paste/", drug_market.market_paste, name="market-paste"),
    path("<slug:area>/market/<int:year>/agree/", drug_market.market_agree, name="market-agree"),
    path("<slug:area>/market/<int:year>/<slug:figure>/", drug_market.market_figure, name="market-figure"),
    path("<slug:area>/documents/", documents.document_list, name="document-list"),
    path("<slug:area>/documents/begin/", documents.document_begin, name="document-begin"),
    path("<slug:area>/documents/editions/<slug:edition>/", documents.document_edition, name="document-edition"),
    path("<slug:area>/documents/editions/<slug:edition>/document.pdf", documents.document_pdf, name="document-pdf"),
    path("<slug:area>/documents/<int:document>/", documents.document, name="document"),
    path("<slug:area>/documents/<int:document>/read/", documents.document_read, name="document-read"),
    path("<slug:area>/documents/<int:document>/remove/", documents.document_remove, name="document-remove"),
    path("<slug:area>/documents/<int:document>/add/", documents.chapter_add, name="chapter-add"),
    path(
        "<slug:area>/documents/<int:document>/comments/<int:comment>/", documents.comment_settle, name="comment-settle"
    ),
    path("<slug:area>/documents/<int:document>/<int:chapter>/", documents.document_chapter, name="document-chapter"),
    path("<slug:area>/documents/<int:document>/<int:chapter>/write/", documents.chapter_write, name="chapter-write"),
    path("<slug:area>/documents/<int:document>/<int:chapter>/change/", documents.chapter_change, name="chapter-change"),
    path("<slug:area>/documents/<int:document>/<int:chapter>/remove/", documents.chapter_remove, name="chapter-remove"),
    path("<slug:area>/documents/<int:document>/<int:chapter>/move/", documents.chapter_move, name="chapter-move"),
    path("<slug:area>/documents/<int:document>/<int:chapter>/figure/", documents.figure_take, name="figure-take"),
    path("<slug:area>/documents/<int:document>/<int:chapter>/numbers/", documents.figure_type, name="figure-type"),
    path(
        "<slug:area>/documents/<int:document>/figures/<int:taken>/remove/",
        documents.figure_remove,
        name="figure-remove",
    ),
    path("<slug:area>/documents/<int:document>/public/", open_documents.document_public, name="document-public"),
    path(
        "<slug:area>/documents/editions/<slug:edition>/withdraw/",
        open_documents.document_withdraw,
        name="document-withdraw",
    ),
    path("<slug:area>/exports/", exports.exports, name="exports"),
    *in_each_format("<slug:area>/exports/history.{kind}", exports.history_file, name="history"),
    *in_each_format("<slug:area>/exports/table.{kind}", exports.table_file, name="table"),
    # The town's part has a different name, because these aren't pages of an area's members.
    path("<slug:town>/public/", public.public_list, name="public-list"),
    path("<slug:town>/public/feed.atom", public_feed.public_feed, name="public-feed"),
    *(
        path(f"<slug:town>/public/{name}", public_exports.public_package, {"part": part}, name=f"public-package-{part}")
        for name, part in public_exports.PACKAGE_PARTS.items()
    ),
    *in_each_format("<slug:town>/public/table.{kind}", public_exports.public_table, name="public-table"),
    path("<slug:town>/public/signs/", signs.public_signs, name="public-signs"),
    path("<slug:town>/public/privacy/", statements.public_privacy, name="public-privacy"),
    path("<slug:town>/public/accessibility/", statements.public_accessibility, name="public-accessibility"),
    path("<slug:town>/public/packs/", public_packs.public_pack_list, name="public-pack-list"),
    path("<slug:town>/public/packs/<slug:reference>/", public_packs.public_pack, name="public-pack"),
    path("<slug:town>/public/packs/<slug:reference>/pack.pdf", public_packs.public_pack_pdf, name="public-pack-pdf"),
    path(
        "<slug:town>/public/packs/<slug:reference>/photos/<slug:photo>",
        public_packs.public_pack_photo,
        name="public-pack-photo",
    ),
    path(
        "<slug:town>/public/highlights/<int:highlight>/picture",
        public_highlights.public_highlight_picture,
        name="public-highlight-picture",
    ),
    path("<slug:town>/public/documents/", open_documents.public_document_list, name="public-document-list"),
    path("<slug:town>/public/documents/<slug:opened>/", open_documents.public_document, name="public-document"),
    path(
        "<slug:town>/public/documents/<slug:opened>/document.pdf",
        open_documents.public_document_pdf,
        name="public-document-pdf",
    ),
    path("<slug:town>/public/<month:month>/", public.public_month, name="public-month"),
    path("<slug:town>/public/<month:month>/lines/", public_lines.public_lines, name="public-lines"),
    path("<slug:town>/public/<month:month>/about/", public.public_about, name="public-about"),
    path("<slug:town>/public/<month:month>/year/", public.public_year, name="public-year"),
    *in_each_format("<slug:town>/public/<month:month>/figures.{kind}", public_exports.public_file, name="public"),
]
