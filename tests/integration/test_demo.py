"""The demonstration: Anytown's October 2026 as the slide has it, and everything that it grew from."""

import re
from collections import Counter, defaultdict
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from actions.models import (
    Action,
    ChallengeAct,
    ChallengeEntry,
    DutyAct,
    Highlight,
    Kpi,
)
from actions.models.duty import ActKind, Paper
from actions.presenters.duty import describe_signatures
from actions.selectors.duty import list_authorities
from actions.selectors.meetings import not_looked_at
from actions.workflow import Rag
from boards.models import Board, Membership, PartnershipArea, ReportingPeriod
from boards.rules import Role
from core.calendar import Month, months_between
from core.models import AuditEvent, User
from indicators.disclosure import Audience
from indicators.kpis.aims import KpiState
from indicators.models import Dimension, DisclosureRule, FigureChange, Indicator, Observation, Submission
from indicators.protection.rules import DEFAULT, Show, Withhold
from indicators.selectors.disclosure import effective_rules
from indicators.selectors.figures import open_corrections
from indicators.selectors.open_data import find_population, list_populations
from indicators.selectors.returns import box_name
from indicators.selectors.validation import check_published
from operations.checks import no_account_is_made_up
from reporting.exports.presenters.months import newest_view
from reporting.management.demo.events import FLOWS
from reporting.management.demo.places import PASSWORD, read
from reporting.management.demo.plan import POSTERS
from reporting.models import (
    ChapterFigure,
    DocumentEdition,
    IssuedPack,
    KpiLine,
    MarketAssessment,
    PackKind,
    PublicEdition,
    Snapshot,
    SnapshotState,
)
from reporting.months.lines import HISTORY_MONTHS
from reporting.months.presenters.shapes import MonthView
from reporting.months.rollup import stale_periods
from reporting.packs.pdf.typesetting import build_pack
from reporting.packs.presenters.order import make_pack
from reporting.packs.presenters.shapes import Heading, Tiles
from reporting.packs.presenters.sources import Order, read_sources
from reporting.public.abbreviations import SPELT_OUT
from reporting.workflow import DocumentKind
from tests.factories import make_user
from tests.integration.command_line import run
from tests.pdf import text_of
from tests.pdf_reading import used_of
from tests.pdf_structure import faults_of
from tests.planning import open_work
from tests.tiers import vary_at_release
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)

# The slide, in its order: code, figure, arrow, who supplies it, the boards that it is for. An X of
# the slide is a number of ours, of which the slide only gives the arrow.
SLIDE = [
    ("lines", 21, "up", "Police", "csp lscb sab"),
    ("line-groups", 7, "up", "Police", "csp"),
    ("drug-arrests", 12, "up", "Police", "csp lscb"),
    ("appropriate-adult", 4, "down", "Youth justice", "csp lscb"),
    ("juveniles", 13, "up", "Council children’s services", "csp lscb"),
    ("pwits", 4, "up", "Police", "csp lscb"),
    ("juveniles-inside", 3, "down", "Council children’s services", "lscb"),
    ("juveniles-outside", 3, "down", "Council children’s services", "lscb"),
    ("assessments", 9, "down", "Council children’s services", "lscb"),
    ("nrm-referrals", 5, "down", "Council children’s services", "lscb sab"),
    ("missing-education", 618, "down", "Education", "lscb"),
    ("missing-home", 7, "down", "Police", "lscb"),
    ("cuckooed", 34, "up", "Council housing", "csp sab"),
    ("trafficking-charges", 4, "none", "Police", "csp sab"),
    ("closure-orders", 2, "none", "Council community safety", "csp"),
    ("woundings", 2, "none", "NHS", "csp hwbb lscb"),
]
LINES_BY_ORIGIN = {"london": (1, "up"), "birmingham": (10, "up"), "manchester": (4, "up"), "merseyside": (6, "up")}
GROUPS_BY_ORIGIN = {"london": 1, "birmingham": 3, "manchester": 1, "merseyside": 2}


@pytest.fixture(scope="module")
def demo(standing) -> PartnershipArea:
    """Anytown, once for all these tests: they read."""
    return standing(load)


def load() -> PartnershipArea:
    loaded = run("load_demo")
    assert loaded.status == 0, loaded.err
    return PartnershipArea.objects.get(slug="anytown")


@pytest.fixture
def october(demo: PartnershipArea, db: None) -> MonthView:
    return newest_view(demo, OCTOBER, audience=Audience.PARTNERS, include_drafts=False)


def read_as_strategic_group(address: str) -> str:
    return signed_in(User.objects.get(email="strategic@anytown.example")).get(address).text


def test_october_is_the_slide(october: MonthView):
    shown = [
        (line.code, line.value, line.movement.value, line.owner, " ".join(sorted({*line.boards} - {"strategic"})))
        for line in october.wholes
    ]
    assert shown == SLIDE
    assert all("strategic" in line.boards for line in october.wholes)


def test_the_sections_are_the_slides(october: MonthView):
    assert [section.title for section in october.sections] == ["Lines", "Arrests", "Youth", "Adult", "Health"]


def test_the_lines_come_from_four_places(october: MonthView):
    lines = {line.category_code: line for line in october.lines if line.code == "lines" and line.category_code}
    assert {origin: (line.value, line.movement.value) for origin, line in lines.items()} == LINES_BY_ORIGIN
    groups = {line.category_code: line for line in october.lines if line.code == "line-groups" and line.category_code}
    assert {origin: line.value for origin, line in groups.items()} == GROUPS_BY_ORIGIN
    assert all(line.has_arrow for line in groups.values())


def test_the_lines_of_each_month_follow_from_those_before(demo: PartnershipArea, october: MonthView):
    (lines,) = (line for line in october.wholes if line.code == "lines")
    assert lines.flows == ("7 found", "2 closed")
    counted: dict[str, Counter[date]] = {code: Counter() for code in ("lines", *FLOWS)}
    for code, day, value in Observation.objects.filter(
        period__area=demo, period__starts_on__lte=OCTOBER.first_day, indicator__code__in=counted
    ).values_list("indicator__code", "period__starts_on", "value"):
        counted[code][day] += value
    for month in months_between(OCTOBER + -34, OCTOBER):
        now, before = month.first_day, month.previous.first_day
        came = counted["lines-found"][now] + counted["lines-reopened"][now]
        went = counted["lines-closed"][now] + counted["lines-struck"][now]
        assert counted["lines"][now] - counted["lines"][before] == came - went, month
    assert all(counted[code].total() for code in FLOWS)


def test_drug_arrests_are_split_by_age(october: MonthView):
    parts = {line.category_code: line.value for line in october.lines if line.code == "drug-arrests"}
    assert parts == {"": 12, "young-people": 4, "adults": 8}


def test_no_figure_contradicts_another(october: MonthView):
    area = PartnershipArea.objects.get(slug="anytown")
    checked = check_published(area)
    assert checked.months == 36
    assert [sentence for _, _, sentence in checked.broken] == []


def test_the_three_cells_without_an_arrow_say_that_september_never_came(october: MonthView):
    without = {line.code: line.words for line in october.lines if not line.has_arrow}
    assert without == {
        "trafficking-charges": "No arrow: September’s figure from Police is awaited",
        "closure-orders": "No arrow: September’s figure from Council community safety is awaited",
        "woundings": "No arrow: September’s figure from NHS is awaited",
    }


def test_more_children_and_fewer_of_either_kind_is_children_whose_place_is_not_known(october: MonthView):
    children = {line.code: (line.previous, line.value, line.part_of_code) for line in october.wholes}
    assert children["juveniles"] == (12, 13, "")
    assert children["juveniles-inside"] == children["juveniles-outside"] == (4, 3, "juveniles")


def test_where_all_are_counted_chance_plays_no_part(demo: PartnershipArea, october: MonthView):
    censuses = [line for line in october.every if line.counts_as == "census"]
    assert {line.code for line in censuses} >= {"perpetrators", "housing-staff", "housing-share-trained"}
    for line in censuses:
        assert (line.lower, line.tier, line.judgement, line.level) == (None, "", "", None)
        assert "usual" not in f"{line.sentence} {line.verdict}"
    whole = next(line for line in censuses if line.code == "perpetrators" and not line.category_code)
    assert whole.verdict == "All are counted, so chance plays no part"
    # Of lines, the police know only some.
    assert all(line.is_judged for line in october.lines if line.code in ("lines", "line-groups"))
    page = read_as_strategic_group("/anytown/indicators/perpetrators/")
    assert not re.search("usual range of|Within the usual|people a month|usual range behind", page)


def test_october_is_complete_and_published(october: MonthView):
    assert october.completeness.sentence == "All 16 figures in"
    assert (october.state, october.version) == ("published", 1)


OF_PATHWAYS = {row["code"] for row in read("anytown-kpis")["indicator"] if "of_pathway" in row}


def test_36_months_are_held_up_to_october(demo: PartnershipArea, db: None):
    published = ReportingPeriod.objects.filter(area=demo, status="published").order_by("starts_on")
    assert [period.month for period in published] == list(months_between(OCTOBER + -35, OCTOBER))
    newest = Snapshot.objects.get(period__area=demo, period__starts_on=OCTOBER.first_day)
    # The campaign began in January, the specialist team's work with adults in September, and counts for pathways in
    # January of the year before.
    began = {"signs-contacts": 10, "specialist-adults": 2} | dict.fromkeys(OF_PATHWAYS, 22)
    later = newest.lines.filter(indicator_code__in=began)
    assert {line.indicator_code: len(line.history) for line in later} == began
    others = newest.lines.exclude(pk__in=later).values_list("history", flat=True)
    assert {len(history) for history in others} == {HISTORY_MONTHS}
    assert Snapshot.objects.filter(period__area=demo, state=SnapshotState.PUBLISHED.value).count() == 36


def test_wholes_are_never_below_their_parts(demo: PartnershipArea, db: None):
    figures = {
        (one.indicator.code, one.period.starts_on): one.value
        for one in Observation.objects.filter(period__area=demo, category=None).select_related("indicator", "period")
    }
    for (code, day), value in figures.items():
        if code == "juveniles":
            assert value >= figures["juveniles-inside", day] + figures["juveniles-outside", day]


def test_breakdowns_add_up_to_their_wholes_in_every_month(demo: PartnershipArea, db: None):
    figures: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    observed = Observation.objects.filter(period__area=demo, indicator__code__regex="^(juveniles|assessments)")
    for code, day, value in observed.values_list("indicator__code", "period__starts_on", "value"):
        figures[day][code] += value
    assert len(figures) == 37  # November's return is sent
    for of_month in figures.values():
        assert of_month["juveniles-sex"] == of_month["juveniles"]
        assert {of_month[f"assessments-{by}"] for by in ("ethnicity", "care")} == {of_month["assessments"]}
    assert [figures[day]["juveniles"] for day in sorted(figures)[-3:]] == [12, 13, 15]


def test_assessments_that_found_exploitation_are_a_small_part_of_all(demo: PartnershipArea, db: None):
    figures: dict[str, Counter[date]] = defaultdict(Counter)
    codes = ("assessments", "assessments-done")
    observed = Observation.objects.filter(period__area=demo, indicator__code__in=codes)
    for code, day, value in observed.values_list("indicator__code", "period__starts_on", "value"):
        figures[code][day] += value
    assert len(figures["assessments-done"]) == 37
    for day, completed in figures["assessments-done"].items():
        assert figures["assessments"][day] < completed / 5


def test_the_children_of_the_town_by_group_are_made_up_and_say_so(demo: PartnershipArea, db: None):
    dimensions = Dimension.objects.filter(area=demo, code__startswith="child-").prefetch_related("categories")
    people = {
        dimension.code: sum(category.population or 0 for category in dimension.categories.all())
        for dimension in dimensions
    }
    assert people == {"child-sex": 9_440, "child-ethnicity": 9_440, "child-care": 9_440}
    assert all(dimension.population_source.startswith("Made up") for dimension in dimensions)


def test_only_a_count_of_residents_is_compared_with_them(demo: PartnershipArea, db: None):
    of_residents = {}
    for whole in Indicator.objects.filter(area=demo, breakdowns__isnull=False).distinct():
        page = read_as_strategic_group(f"/anytown/indicators/{whole.code}/whom/")
        of_residents[whole.code] = whole.counts_residents
        assert ("times as often as the others (" in page) is whole.counts_residents
        assert ("The indicator also counts people who live elsewhere" in page) is not whole.counts_residents
    assert of_residents == {"assessments": True, "juveniles": False}


def test_november_has_something_to_do_for_everybody(demo: PartnershipArea, db: None):
    returns = Submission.objects.filter(agency__area=demo, period__starts_on=OCTOBER.next.first_day)
    assert set(returns.values_list("agency__code", "state")) == {
        ("police", "draft"),
        ("council-children", "submitted"),
        ("council-housing", "accepted"),
        ("youth-justice", "returned"),
        ("council-community-safety", "submitted"),  # and waits for its approver
        ("voluntary-sector", "draft"),
    }
    assert [str(one) for one in open_corrections(demo)] == ["NRM referrals, October 2026"]
    provisional = Observation.objects.filter(period__area=demo, is_provisional=True)
    assert [(one.indicator.code, one.period.month) for one in provisional] == [("cuckooed", OCTOBER.next)]
    view = newest_view(demo, OCTOBER.next, audience=Audience.PARTNERS, include_drafts=True)
    assert view.completeness.sentence.startswith("1 of 19 figures in; awaited from Police, ")
    assert not stale_periods().exists()


def test_a_year_of_returns_came_mostly_on_time(demo: PartnershipArea, october: MonthView, db: None):
    assert october.timeliness == "Returns in the twelve months to October 2026: 102 on time, 4 late, 2 missing"
    returns = Submission.objects.filter(agency__area=demo, period__starts_on__lte=OCTOBER.first_day)
    assert set(returns.values_list("state", flat=True)) == {"accepted"}
    assert returns.count() == 9 * 12 - 2
    for one in returns.select_related("agency", "period"):
        assert (one.released_at is not None) is one.agency.needs_release
        assert one.submitted_at <= (one.released_at or one.submitted_at) <= one.accepted_at <= timezone.now()
        assert one.handed_in_on > one.period.starts_on
        assert one.submitted_by != one.released_by


def test_every_figure_has_its_history(demo: PartnershipArea, db: None):
    """Its last act says what it is; one that came in a return was entered, and then accepted."""
    acts: dict[tuple[int, int | None, int], list[FigureChange]] = {}
    for change in FigureChange.objects.filter(period__area=demo):
        acts.setdefault((change.indicator_id, change.category_id, change.period_id), []).append(change)
    for figure in Observation.objects.filter(period__area=demo, signed_off_at__isnull=False):
        changes = acts[figure.indicator_id, figure.category_id, figure.period_id]
        assert (changes[-1].state_after, changes[-1].value_after) == (figure.state, figure.value)
        wanted = ["entered", "accepted"] if figure.submission_id else ["imported"]
        assert [change.act for change in changes if change.act != "made_provisional"] == wanted


def test_the_drafts_of_the_past_are_what_was_signed_off(demo: PartnershipArea, db: None):
    for one in Submission.objects.filter(agency__area=demo, state="accepted").prefetch_related(
        "observations__indicator", "observations__category"
    ):
        figures = {box_name(figure): figure for figure in one.observations.all()}
        assert one.draft.keys() == figures.keys()
        for name, entry in one.draft.items():
            value = figures[name].value
            assert entry["value"] == ("" if value is None else str(value))


def test_the_other_area_waits_for_real_data(demo: PartnershipArea, db: None):
    southend = PartnershipArea.objects.get(slug="southend")
    codes = set(Indicator.objects.filter(area=southend).values_list("code", flat=True))
    assert codes == {"police-drugs", "police-weapons", "police-violence"}
    assert not ReportingPeriod.objects.filter(area=southend).exists()


def test_the_other_area_has_its_real_populations(demo: PartnershipArea, db: None):
    southend = PartnershipArea.objects.get(slug="southend")
    residents = {
        (year, ages): found.residents
        for year in (2018, 2026)
        for ages in ("all", "10-24")
        if (found := find_population(southend, year, ages))
    }
    assert residents == {(2018, "all"): 182463, (2018, "10-24"): 29568, (2026, "all"): 186062, (2026, "10-24"): 30329}
    assert {row.licence for row in list_populations(southend)} == {
        "Source: Office for National Statistics licensed under the Open Government Licence v3.0"
    }
    assert {row.source for row in list_populations(demo)} == {"Made up for the demonstration"}


def test_the_slides_crosses_are_withheld_from_the_public_and_open_data_is_not(demo: PartnershipArea, db: None):
    rules = effective_rules(demo)
    open_to_all = {code for code, *_ in SLIDE} - rules.private
    withheld = {code for code in open_to_all if rules.of(code) == Withhold()}
    assert withheld == {"juveniles", "assessments", "missing-education", "missing-home"}
    assert open_to_all - withheld == {"nrm-referrals", "woundings"}
    assert rules.of("nrm-referrals") == DEFAULT
    assert {rule.set_by.email for rule in DisclosureRule.objects.filter(area=demo)} == {"information@anytown.example"}
    southend = effective_rules(PartnershipArea.objects.get(slug="southend"))
    assert {southend.of(code) for code in ("police-drugs", "police-weapons", "police-violence")} == {Show()}


def test_there_is_an_account_for_each_role(demo: PartnershipArea, db: None):
    roles = set(Membership.objects.filter(area=demo).values_list("role", flat=True))
    assert roles == {role.value for role in Role if role is not Role.OPERATOR}
    for email in ("coordinator@anytown.example", "operator@vvdash.example", "coordinator@southend.example"):
        assert User.objects.get(email=email).check_password(PASSWORD), email


def everything() -> dict[str, list[dict[str, Any]]]:
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for app in ("core", "boards", "indicators", "reporting")
        for model in apps.get_app_config(app).get_models()
        if model._meta.label != "core.User"
    }


def test_loading_it_again_changes_nothing(demo: PartnershipArea, db: None):
    before = everything()
    again = run("load_demo")
    assert again.status == 0
    assert "coordinator@anytown.example" in again.out
    assert everything() == before


def test_its_figures_are_exported_and_come_back(demo: PartnershipArea, db: None, tmp_path: Path):
    file = tmp_path / "demo.xlsx"
    assert run("export_figures", "--area", "anytown", "--format", "xlsx", "--output", file).status == 0
    assert "total: 0 new, 0 replaced, 2,434 already held" in run("import_figures", "--area", "anytown", file).out


# --- What is written about it ---------------------------------------------------------------------

PAPERS = {Paper.STRATEGY: DocumentKind.STRATEGY, Paper.NEEDS: DocumentKind.NEEDS}


def test_what_is_signed_was_frozen_before(demo: PartnershipArea):
    editions = DocumentEdition.objects.filter(document__area=demo, audience=Audience.PARTNERS.value)
    frozen = {(one.document.kind, one.document.year): timezone.localdate(one.issued_at) for one in editions}
    signed = DutyAct.objects.filter(authority__area=demo, kind=ActKind.SIGNED.value)
    assert signed.count() == 5
    for act in signed:
        assert frozen[PAPERS[Paper(act.paper)].value, act.year] < act.done_on
    assert describe_signatures(list_authorities(demo)) == (
        "5 of 6 specified authorities have signed the strategy 2025–26; fire and rescue has not."
    )


def test_documents_show_what_was_published_when_they_took_it(demo: PartnershipArea):
    of_months = ChapterFigure.objects.filter(chapter__document__area=demo, snapshot__isnull=False)
    published = dict(PublicEdition.objects.filter(period__area=demo).values_list("pk", "published_at"))
    assert any(figure.edition_id for figure in of_months)
    for figure in of_months.select_related("snapshot"):
        assert figure.snapshot.published_at <= figure.taken_at, figure
        assert figure.edition_id is None or published[figure.edition_id] <= figure.taken_at, figure


def test_documents_count_the_residents_as_the_town_does(demo: PartnershipArea):
    typed = ChapterFigure.objects.filter(chapter__document__area=demo, snapshot__isnull=True)
    rows = [row for figure in typed for block in figure.blocks for row in block["rows"]]
    numbers = {row[0]["text"]: row[1]["text"] for row in rows}
    by_sex = Dimension.objects.get(area=demo, code="child-sex").categories
    assert numbers["Residents aged 10 to 17"] == f"{sum(one.population or 0 for one in by_sex.all()):,}"
    young = find_population(demo, 2022, "10-24")
    assert young is not None
    whole = int(numbers["Residents, to the nearest thousand"].replace(",", ""))
    assert numbers["Of these aged 10 to 24"] == f"{young.residents / whole:.1%}"


def test_the_lists_of_the_drug_market_are_of_the_year_in_treatment(demo: PartnershipArea):
    assessments = MarketAssessment.objects.filter(area=demo)
    assert len({timezone.localdate(one.agreed_at).year for one in assessments}) == 2
    for assessment in assessments:
        first = assessment.lists.get(place=0)
        treated = assessment.figures.get(kind="in-treatment")
        assert (first.name, first.people) == ("In treatment", treated.value)
        assert treated.of_year == f"{assessment.year - 1}/{assessment.year % 100}"
        assert first.period == f"April {assessment.year - 1} to March {assessment.year}"
        assert not assessment.lists.filter(name__icontains="drug offence").exists()


# --- What is done about it ------------------------------------------------------------------------


def test_what_was_asked_and_done_was_so_on_days_of_its_own(demo: PartnershipArea):
    entries = ChallengeEntry.objects.filter(challenge__area=demo)
    days = {timezone.localdate(entry.made_at) for entry in entries}
    assert len(days) == entries.count()
    assert max(days) < timezone.localdate()
    for entry in entries.filter(act=ChallengeAct.RAISED.value):
        written = AuditEvent.objects.get(verb="challenge.raised", target_id=str(entry.challenge_id))
        assert written.happened_at == entry.made_at == entry.challenge.raised_at
    missed = not_looked_at(demo, *open_work(demo), today=timezone.localdate())
    assert [challenge.reference for challenge in missed.unanswered] == ["C2"]
    complete = Action.objects.filter(area=demo, rag=Rag.BLUE.value)
    assert all(timezone.localdate(action.completed_at) == action.due_on for action in complete)


OTHERS = "(The other indicators|Each indicator) The band"


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize(
    ("kind", "code", "most"),
    vary_at_release(
        [
            (PackKind.MONTH, "csp", 14),
            (PackKind.MONTH, "strategic", 18),
            (PackKind.MONTH, "lscb", 15),
            (PackKind.YEAR, "hwbb", 8),
            (PackKind.YEAR, "csp", 17),
            (PackKind.YEAR, "strategic", 20),
        ]
    ),
)
def test_a_pack_is_short_and_can_be_read_aloud(
    demo: PartnershipArea, kind: PackKind, code: str, most: int, audience: Audience
):
    period = ReportingPeriod.objects.select_related("area").get(area=demo, starts_on=OCTOBER.first_day)
    order = Order(period, Board.objects.get(area=demo, code=code), kind, audience=audience)
    pack = make_pack(order, include_drafts=False).pack
    pdf = build_pack(pack)
    *pages, _ = text_of(pdf).split("\f")
    assert len(pages) <= most
    assert faults_of(pdf) == []
    assert min(used_of(pdf)) > 1 / 3
    # Each indicator that stands out has a page, and the others share pages, six to each: two rows begin where three
    # would leave one for the last page.
    chapters = {chapter.key: chapter for chapter in pack.chapters}
    blocks = [block for key in ("indicators", "others") if key in chapters for block in chapters[key].blocks]
    full = [block for block in blocks if isinstance(block, Heading)]
    (tiles,) = (block for block in blocks if isinstance(block, Tiles))
    assert len(full) + len(tiles.tiles) == len(read_sources(order, include_drafts=False).lines)
    of_others = [sum(page.count(f" {tile.question} ") for tile in tiles.tiles) for page in pages]
    first = next(place for place, page in enumerate(pages) if re.search(OTHERS, page))
    assert of_others[first] >= min(4, len(tiles.tiles))
    assert sum(of_others[first : first + -(-len(tiles.tiles) // 6)]) >= len(tiles.tiles)
    for page in pages:
        said = re.sub(r"Page \d+ of \d+.*", "", page)
        for short, words in SPELT_OUT.items():
            alone = re.search(rf"(?<![\w-]){re.escape(short)}(?![\w-])", said)
            if alone:
                spelt = re.search(rf"{re.escape(words)}(,| \()", said[: alone.start()] + "(", re.IGNORECASE)
                assert spelt, (short, page)


def test_each_kpi_is_said_to_do_as_its_tag_says(demo: PartnershipArea):
    newest = Snapshot.objects.get(period__area=demo, period__starts_on=OCTOBER.first_day)
    kpis = KpiLine.objects.filter(snapshot=newest)
    assert len(kpis) > 5
    for line in kpis:
        others = {state.label for state in KpiState if state != line.state}
        assert line.said.startswith(f"{KpiState(line.state).label}: "), line
        assert not any(re.search(rf"\b{label}\b", line.said, re.IGNORECASE) for label in others), line


def test_a_kpi_on_deaths_is_told_in_words_alone(demo: PartnershipArea):
    kpi = Kpi.objects.get(area=demo, indicator__code="homicides")
    every, one = read_as_strategic_group("/anytown/kpis/"), read_as_strategic_group(f"/anytown/kpis/{kpi.number}/")
    assert "The aim is none by" in every
    assert "0.042 a month" not in every
    assert "We don’t judge so few deaths." in one
    assert "Should be now" not in one


def test_every_indicator_has_a_page(demo: PartnershipArea):
    for indicator in Indicator.objects.filter(area=demo):
        assert read_as_strategic_group(f"/anytown/indicators/{indicator.code}/"), indicator


@pytest.mark.parametrize("code", ["csp", "lscb", "sab", "hwbb", "strategic"])
def test_a_boards_page_and_its_pack_count_the_same_in_the_same_words(demo: PartnershipArea, code: str):
    page = unescape(read_as_strategic_group(f"/anytown/2026-10/{code}/"))
    period = ReportingPeriod.objects.select_related("area").get(area=demo, starts_on=OCTOBER.first_day)
    pack = make_pack(Order(period, Board.objects.get(area=demo, code=code)), include_drafts=False).pack
    chapters = {chapter.key: chapter for chapter in pack.chapters}
    numbers = re.findall(r'class="vv-figure__(?:number|none)">([^<]*)<', page)
    completeness = dict(pack.cover.facts)["Completeness"]
    assert f"<strong>{completeness}.</strong>" in page
    assert re.match(r"(All |\d+ of )?(\d+) figures", completeness)[2] == str(len(numbers))
    assert f">{chapters['changed'].title}</h2>" in page
    of_pack = [tile.text for block in chapters["month"].blocks if isinstance(block, Tiles) for tile in block.tiles]
    assert of_pack == numbers
    changed: Any = chapters["changed"]
    said = changed.line or changed.blocks[-1].text
    chance = re.search(r"By chance alone, [^.]*\.", said)[0]
    assert chance in page


def test_some_highlights_have_a_picture_and_their_packs_show_it(demo: PartnershipArea):
    drawn = Highlight.objects.filter(area=demo, picture__isnull=False)
    assert drawn.count() == len(POSTERS)
    for told in drawn:
        assert 100 < len(told.picture_alt) <= 300
        assert told.picture is not None
        assert told.picture.size < 150_000
    shown = {pack.reference: pack.photos.count() for pack in IssuedPack.objects.filter(period__area=demo)}
    assert shown == {"ANYTOWN-2026-10-CSP-1": 2, "ANYTOWN-2026-10-HWBB-1": 1, "ANYTOWN-2026-10-HWBB-2": 0}


def test_it_is_refused_in_production(settings):
    settings.PRODUCTION = True
    before = User.objects.count()
    ran = run("load_demo")
    assert (ran.status, ran.out) == (2, "")
    assert (
        ran.err
        == "The demonstration can't be loaded in production: it makes an operator whose password everyone knows."
    )
    assert User.objects.count() == before


def test_a_production_with_its_accounts_is_refused(settings):
    make_user("operator@vvdash.example", is_superuser=True)
    assert no_account_is_made_up(databases=["default"]) == []
    settings.PRODUCTION = True
    assert no_account_is_made_up(databases=None) == []
    (fault,) = no_account_is_made_up(databases=["default"])
    assert (fault.id, "end in .example: 1." in fault.msg) == ("core.E002", True)
    User.objects.update(is_active=False)
    assert no_account_is_made_up(databases=["default"]) == []
