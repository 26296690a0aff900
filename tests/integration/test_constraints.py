"""The database itself refuses what the domain forbids, whoever writes: these go round every form
and service."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from boards.models import Agency, Board, Membership, PartnershipArea, PublicAdvice, ReportingPeriod, Strand
from boards.permissions import access_to
from boards.rules import Role
from core import triggers
from core.audit_log.sealing import seal
from core.calendar import Month
from core.files import objects
from core.models import AuditEvent, Clock, StoredObject, User
from indicators.disclosure import Audience, Marking
from indicators.figures import LARGEST, Entry
from indicators.models import (
    Category,
    Correction,
    Dimension,
    DisclosureRule,
    FigureChange,
    Indicator,
    IndicatorBoard,
    IndicatorChange,
    IndicatorDefinition,
    LineName,
    MonthMarking,
    NameReveal,
    NameViewer,
    Observation,
    Pathway,
    PathwayStep,
    Section,
    Submission,
    ValidationRule,
)
from indicators.services.corrections import ask_correction
from indicators.services.disclosure import mark_month
from indicators.services.names import grant_view, note_name, reveal_names
from reporting.models import (
    Commentary,
    FirstStep,
    IndicatorLine,
    IssuedPack,
    MonthWithdrawal,
    PackBundle,
    PackPhoto,
    PublicEdition,
    PublicLine,
    Snapshot,
    StepSetAside,
    Visit,
)
from reporting.packs.services.issue import ask_bundle
from reporting.pages.services import note_visit, set_step_aside
from reporting.public.services import agree, ask_consent, publish_edition, turn_public_pages
from tests.commenting import comment
from tests.documents import leave_documents
from tests.factories import make_dimension, make_indicator, make_pathway, make_validation_rule
from tests.integration.rows import one, twice
from tests.integration.rows_of_challenges import ASKED_CASES, leave_asked
from tests.integration.rows_of_comparisons import COMPARISON_CASES, leave_comparisons
from tests.integration.rows_of_documents import DOCUMENT_CASES
from tests.integration.rows_of_engagement import ENGAGEMENT_CASES, leave_engagement
from tests.integration.rows_of_events import EVENT_CASES, leave_events
from tests.integration.rows_of_factors import FACTOR_CASES, leave_resets
from tests.integration.rows_of_highlights import HIGHLIGHT_CASES, leave_highlights
from tests.integration.rows_of_imports import IMPORT_CASES, leave_imports
from tests.integration.rows_of_keys import KEY_CASES, leave_keys
from tests.integration.rows_of_kpis import KPI_CASES, leave_kpis
from tests.integration.rows_of_letters import LETTER_CASES, leave_letters
from tests.integration.rows_of_mappings import MAPPING_CASES, leave_mappings
from tests.integration.rows_of_market import MARKET_CASES, leave_market
from tests.integration.rows_of_meetings import MEETING_CASES, leave_meetings
from tests.integration.rows_of_plan import PLAN_CASES, leave_plan
from tests.integration.rows_of_populations import POPULATION_CASES, leave_populations
from tests.integration.rows_of_recordings import RECORDING_CASES, leave_recordings
from tests.integration.rows_of_region_editions import REGION_EDITION_CASES, leave_region_editions
from tests.integration.rows_of_region_packs import REGION_PACK_CASES, leave_region_pack
from tests.integration.rows_of_regions import REGION_CASES, leave_region
from tests.integration.rows_of_retention import RETENTION_CASES, leave_retained
from tests.integration.rows_of_roles import ROLE_CASES, leave_roles
from tests.integration.rows_of_rules import RULE_CASES, leave_rule_requests
from tests.integration.rows_of_withdrawals import WITHDRAWAL_CASES, leave_withdrawals, leave_withdrawn
from tests.ruling import set_rule
from tests.scenarios import Town, accept, issue, make_town, publish, submit, sweep, tell_signs
from tests.standing import stand

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
SEPTEMBER, OCTOBER, NOVEMBER = (Month(2024, number) for number in (9, 10, 11))
OURS = ("core", "boards", "indicators", "actions", "reporting")


@dataclass
class Rows:
    """A row of each kind, as the product would have made it."""

    town: Town
    user: models.QuerySet[User]
    area: models.QuerySet[PartnershipArea]
    category: models.QuerySet[Category]
    indicator: models.QuerySet[Indicator]
    validation_rule: models.QuerySet[ValidationRule]
    definition: models.QuerySet[IndicatorDefinition]
    open: models.QuerySet[ReportingPeriod]
    published: models.QuerySet[ReportingPeriod]
    draft: models.QuerySet[Submission]
    accepted: models.QuerySet[Submission]
    figure: models.QuerySet[Observation]  # of a return, not signed off
    signed_off: models.QuerySet[Observation]
    part: models.QuerySet[Observation]  # of a category
    commentary: models.QuerySet[Commentary]  # of a draft, for all boards
    commentary_of_board: models.QuerySet[Commentary]
    visit: models.QuerySet[Visit]
    aside: models.QuerySet[StepSetAside]
    draft_snapshot: models.QuerySet[Snapshot]
    published_snapshot: models.QuerySet[Snapshot]
    line: models.QuerySet[IndicatorLine]  # a figure with an arrow
    first_line: models.QuerySet[IndicatorLine]  # a figure without one
    change: models.QuerySet[FigureChange]
    asked: models.QuerySet[Correction]  # of a figure that isn't split
    asked_part: models.QuerySet[Correction]
    usual_rule: models.QuerySet[DisclosureRule]  # to suppress below 5
    agency_rule: models.QuerySet[DisclosureRule]  # to round
    indicator_rule: models.QuerySet[DisclosureRule]  # to withhold
    edition: models.QuerySet[PublicEdition]  # published, and withdrawn
    asked_edition: models.QuerySet[PublicEdition]
    public_line: models.QuerySet[PublicLine]  # with a figure
    marking: models.QuerySet[MonthMarking]
    line_name: models.QuerySet[LineName]
    viewer: models.QuerySet[NameViewer]
    reveal: models.QuerySet[NameReveal]
    set_up: models.QuerySet[IndicatorChange]  # counted from sessions
    pack: models.QuerySet[IssuedPack]  # for the public
    bundle: models.QuerySet[PackBundle]  # asked for, and not made


def make_rows() -> Rows:
    town = make_town()
    origin = make_dimension(town.area, "origin", ["london"])
    make_indicator(town.police, "lines", dimension=origin, position=2)
    accept(town, SEPTEMBER, {"arrests": 9, "charges": 4, "lines.london": 1})
    publish(town, SEPTEMBER)
    accept(town, OCTOBER, {"arrests": 12, "charges": 4, "lines.london": 1})
    submit(town, NOVEMBER, {"arrests": 12, "charges": 4, "lines.london": 1})
    sweep()
    Strand.objects.create(area=town.area, code="prepare", name="Prepare")
    for code in ("arrests", "lines"):
        figure = Observation.objects.get(indicator__code=code, period__starts_on=OCTOBER.first_day)
        ask_correction(
            figure.indicator, figure.category, figure.period, entry=Entry("5"), reason="Counted twice", by=town.lead
        )
    officer, indicator = town.people[Role.INFORMATION], figure.indicator
    set_rule(town.area, kind="suppress", below=5, why="By the agreement", by=officer)
    set_rule(town.area, agency=town.police, kind="round", suppress_to=7, base=5, why="By the agreement", by=officer)
    set_rule(town.area, indicator=indicator, kind="withhold", why="By the agreement", by=officer)
    make_public(town)
    tell_signs(town)
    make_names(town, origin)
    make_validation_rule(town.area, "charged")
    make_pathway(town.area, "found", town.police, uncounted="with-a-plan")
    leave_plan(town)
    leave_asked(town)
    leave_highlights(town)
    leave_engagement(town)
    leave_meetings(town)
    leave_market(town)
    leave_mappings(town)
    leave_recordings(town)
    leave_populations(town)
    leave_kpis()
    leave_events(town)
    leave_comparisons(town)
    leave_region(town)
    leave_resets(town)
    leave_keys(town)
    leave_roles(town)
    leave_retained(town)
    leave_withdrawals()
    leave_letters(town)
    leave_rule_requests(town)
    leave_imports(town)
    leave_region_editions(town)
    leave_region_pack(town)
    leave_documents(town)
    drafted = Snapshot.objects.filter(state="draft", period__area=town.area).latest("period__starts_on")
    for board in (None, town.csp):
        comment(town, drafted.period.month, board=board)
    note_visit(access_to(town.area, by=town.lead), None, now=timezone.now())
    set_step_aside(town.area, FirstStep.HISTORY, by=town.coordinator)
    figures = Observation.objects.filter(period__starts_on=NOVEMBER.first_day)
    return Rows(
        town=town,
        user=one(User.objects.all()),
        area=one(PartnershipArea.objects.all()),
        category=one(Category.objects.all()),
        indicator=one(Indicator.objects.all()),
        validation_rule=one(ValidationRule.objects.all()),
        definition=one(IndicatorDefinition.objects.all()),
        open=one(ReportingPeriod.objects.filter(status="open")),
        published=one(ReportingPeriod.objects.filter(status="published")),
        draft=one(Submission.objects.filter(state="submitted")),
        accepted=one(Submission.objects.filter(state="accepted")),
        figure=one(figures.filter(category=None)),
        signed_off=one(Observation.objects.signed_off().filter(category=None)),
        part=one(figures.exclude(category=None)),
        commentary=one(Commentary.objects.filter(board=None)),
        commentary_of_board=one(Commentary.objects.exclude(board=None)),
        visit=one(Visit.objects.all()),
        aside=one(StepSetAside.objects.all()),
        draft_snapshot=one(Snapshot.objects.filter(state="draft")),
        published_snapshot=one(Snapshot.objects.filter(state="published")),
        line=one(IndicatorLine.objects.filter(movement="up")),
        first_line=one(IndicatorLine.objects.filter(movement="none", state="figure")),
        change=one(FigureChange.objects.filter(act="accepted")),
        asked=one(Correction.objects.filter(category=None)),
        asked_part=one(Correction.objects.exclude(category=None)),
        usual_rule=one(DisclosureRule.objects.filter(agency=None, indicator=None)),
        agency_rule=one(DisclosureRule.objects.exclude(agency=None)),
        indicator_rule=one(DisclosureRule.objects.exclude(indicator=None)),
        edition=one(PublicEdition.objects.filter(state="published")),
        asked_edition=one(PublicEdition.objects.filter(state="asked")),
        public_line=one(PublicLine.objects.filter(state="figure")),
        marking=one(MonthMarking.objects.all()),
        line_name=one(LineName.objects.all()),
        viewer=one(NameViewer.objects.all()),
        reveal=one(NameReveal.objects.all()),
        set_up=one(IndicatorChange.objects.filter(act="counted")),
        pack=one(IssuedPack.objects.all()),
        bundle=one(PackBundle.objects.all()),
    )


def make_unguarded_rows() -> Rows:
    """What is published is refused before its constraints are looked at, so the triggers that keep it are gone."""
    rows = make_rows()
    triggers.remove(connection, kinds=[triggers.KEEP])
    return rows


made, rows = stand(make_unguarded_rows)


def make_public(town: Town) -> None:
    """September for the public, withdrawn, and asked for once more; and marked otherwise."""
    officer, period = town.people[Role.INFORMATION], ReportingPeriod.objects.get(status="published")
    turn_public_pages(town.area, on=True, by=town.coordinator)
    edition = ask_consent(period, by=town.coordinator)
    agree(edition, by=officer, seen=edition.fingerprint)
    publish_edition(edition, by=town.coordinator)
    make_packs(town, period)
    leave_withdrawn(edition.period, by=officer)
    ask_consent(period, by=town.coordinator)
    mark_month(period, audience=Audience.PUBLIC, marking=Marking.OFFICIAL, why="By the agreement", by=officer)


def make_packs(town: Town, period: ReportingPeriod) -> None:
    """September's pack for the public, and a bundle that waits for a worker."""
    issue(town, SEPTEMBER, audience=Audience.PUBLIC)
    ask_bundle(period, by=town.coordinator)


def make_names(town: Town, origin: Dimension) -> None:
    """Who may see line names, and looked, and one that is held."""
    place = Category.objects.create(dimension=origin, code="leeds", name="Leeds", longitude=-1.55, latitude=53.8)
    grant_view(town.area, user=town.lead, why="By the agreement", by=town.people[Role.INFORMATION])
    note_name(town.area, origin=place, name="Zebra", by=town.lead)
    reveal_names(town.area, origin=place, why="A meeting", by=town.lead)


def member(rows: Rows, role: str, **place: Any) -> None:
    Membership.objects.bulk_create([Membership(user=rows.user.get(), area=rows.town.area, role=role, **place)])


def a_breakdown() -> dict[str, Any]:
    """What makes a breakdown of a count."""
    dimension = Dimension.objects.values("pk")[:1]
    return {"breaks_down": models.F("id"), "shown_on": "ratios", "dimension": dimension}


def a_share(rows: Rows) -> dict[str, Any]:
    """The fields that make an indicator a share of two others."""
    of_area = Indicator.objects.filter(area=rows.indicator.get().area)
    others = of_area.exclude(pk__in=rows.indicator.values("pk"))[:2]
    return {
        "collection": "ratio",
        "ratio": "share",
        "per": 100,
        "dimension": None,
        "part_of": None,
        "numerator": others[0],
        "denominator": others[1],
    }


def photo(rows: Rows) -> PackPhoto:
    return PackPhoto(pack=rows.pack.get(), picture=objects.put(b"JPEG", "image/jpeg"))


def chained(rows: Rows) -> models.QuerySet[AuditEvent]:
    seal(rows.town.area.slug)
    return AuditEvent.objects.filter(area=rows.town.area.slug, number=1)


NOW = timezone.now()
CASES: list[tuple[str, Callable[[Rows], object]]] = [
    ("one_user_per_email", lambda r: twice(r.user, email=r.user.get().email.upper())),
    ("one_event_a_number_of_a_chain", lambda r: twice(chained(r))),
    ("chained_event_has_its_link", lambda r: chained(r).update(link="")),
    ("chained_event_has_its_link", lambda r: chained(r).update(number=None)),
    ("chained_event_has_its_link", lambda r: chained(r).update(number=0)),
    ("there_is_one_clock", lambda r: Clock.objects.create(pk=2, seen_at=NOW)),
    ("area_due_day_exists", lambda r: r.area.update(due_day=0)),
    ("area_due_day_exists", lambda r: r.area.update(due_day=29)),
    ("area_check_days", lambda r: r.area.update(check_days=0)),
    ("area_check_days", lambda r: r.area.update(check_days=21)),
    ("area_silent_meetings", lambda r: r.area.update(silent_meetings=0)),
    ("area_silent_meetings", lambda r: r.area.update(silent_meetings=13)),
    ("area_place_is_whole", lambda r: r.area.update(longitude=1.0)),
    ("area_place_is_whole", lambda r: r.area.update(longitude=1.0, latitude=90.1)),
    ("one_agency_per_code", lambda r: twice(one(Agency.objects.all()))),
    ("one_board_per_code", lambda r: twice(one(Board.objects.all()))),
    ("one_strand_per_code", lambda r: twice(one(Strand.objects.all()))),
    ("advice_has_its_signs", lambda r: PublicAdvice.objects.filter(area=r.town.area).update(signs="")),
    # Who holds what
    ("role_has_its_agency_or_board", lambda r: member(r, "agency-lead")),
    ("role_has_its_agency_or_board", lambda r: member(r, "board-chair", agency=r.town.police)),
    ("role_has_its_agency_or_board", lambda r: member(r, "coordinator", board=r.town.csp)),
    ("role_has_its_agency_or_board", lambda r: member(r, "agency-lead", agency=r.town.police, board=r.town.csp)),
    ("role_has_its_agency_or_board", lambda r: member(r, "operator")),
    ("one_role_per_agency", lambda r: twice(one(Membership.objects.filter(role="agency-lead")))),
    ("one_role_per_board", lambda r: twice(one(Membership.objects.filter(role="board-chair")))),
    ("one_role_per_area", lambda r: twice(one(Membership.objects.filter(role="analyst")))),
    ("membership_attested_at_by", lambda r: Membership.objects.update(attested_at=NOW)),
    ("membership_attested_at_by", lambda r: Membership.objects.update(attested_by=r.town.lead)),
    ("membership_kept_at_by", lambda r: Membership.objects.update(kept_at=NOW)),
    ("membership_kept_at_by", lambda r: Membership.objects.update(kept_by=r.town.lead)),
    # Months
    ("one_period_per_month", lambda r: twice(r.open)),
    ("period_starts_on_the_first", lambda r: r.open.update(starts_on=date(2024, 12, 2), due_on=date(2025, 1, 1))),
    ("period_is_due_after_its_start", lambda r: r.open.update(due_on=models.F("starts_on"))),
    ("period_closed_at_by", lambda r: r.open.update(status="closed")),
    ("period_closed_at_by", lambda r: r.open.update(closed_at=NOW, closed_by=r.town.lead)),
    ("period_closed_at_by", lambda r: r.published.update(closed_by=None)),
    ("period_published_at_by", lambda r: r.published.update(published_at=None)),
    ("period_published_at_by", lambda r: r.published.update(status="closed")),
    # What is measured
    ("one_section_per_code", lambda r: twice(one(Section.objects.all()))),
    ("one_dimension_per_code", lambda r: twice(one(Dimension.objects.all()))),
    ("one_category_per_code", lambda r: twice(r.category)),
    ("population_has_source_and_year", lambda r: Dimension.objects.update(population_year=2021)),
    ("population_has_source_and_year", lambda r: Dimension.objects.update(population_source="The census")),
    ("unknown_has_no_population", lambda r: r.category.update(is_unknown=True, population=9)),
    ("one_unknown_per_dimension", lambda r: Category.objects.update(is_unknown=True)),
    ("category_place_is_whole", lambda r: r.category.update(latitude=51.5)),
    ("category_place_is_whole", lambda r: r.category.update(longitude=181, latitude=51.5)),
    ("one_indicator_per_code", lambda r: twice(r.indicator)),
    ("one_validation_rule_per_code", lambda r: twice(r.validation_rule)),
    ("validation_rule_has_its_why", lambda r: r.validation_rule.update(why="")),
    ("one_pathway_per_code", lambda r: twice(one(Pathway.objects.all()))),
    ("one_pathway_step_per_code", lambda r: twice(one(PathwayStep.objects.all()))),
    ("pathway_step_is_counted_or_says_so", lambda r: PathwayStep.objects.update(nobody_counts="")),
    ("pathway_step_is_counted_or_says_so", lambda r: PathwayStep.objects.update(nobody_counts="who has a plan")),
    ("pathway_step_is_followed_so_long", lambda r: PathwayStep.objects.filter(code="charged").update(followed=4)),
    ("polarity_has_its_reason", lambda r: r.indicator.update(polarity_reason="")),
    ("indicator_is_not_part_of_itself", lambda r: r.indicator.update(part_of=models.F("id"))),
    ("breakdown_is_split", lambda r: r.indicator.update(breaks_down=models.F("id"), shown_on="ratios", dimension=None)),
    ("breakdown_is_split", lambda r: r.indicator.update(**a_breakdown() | {"shown_on": "month"})),
    ("breakdown_is_split", lambda r: r.indicator.update(**a_breakdown() | {"part_of": models.F("id") + 1})),
    ("no_residents_for_a_reason", lambda r: r.indicator.update(counts_residents=False)),
    ("no_residents_for_a_reason", lambda r: r.indicator.update(residents_why="An airport")),
    ("no_residents_for_a_reason", lambda r: r.indicator.update(counts_residents=True, residents_why="An airport")),
    (
        "no_residents_for_a_reason",
        lambda r: r.indicator.update(**a_share(r) | {"counts_residents": True}),
    ),
    ("ratio_is_of_two_counts", lambda r: r.indicator.update(collection="ratio")),
    ("ratio_is_of_two_counts", lambda r: r.indicator.update(ratio="share")),
    ("ratio_is_of_two_counts", lambda r: r.indicator.update(per=100)),
    ("ratio_is_of_two_counts", lambda r: r.indicator.update(ages="all")),
    ("ratio_is_of_two_counts", lambda r: r.indicator.update(numerator=models.F("id"))),
    ("ratio_is_of_two_counts", lambda r: r.indicator.update(**a_share(r) | {"per": 10})),
    ("ratio_is_of_two_counts", lambda r: r.indicator.update(**a_share(r) | {"denominator": None, "ages": "all"})),
    ("ratio_is_of_two_counts", lambda r: r.indicator.update(**a_share(r) | {"asked": "yearly"})),
    ("indicator_retires_on_the_first", lambda r: r.indicator.update(retired_from=date(2024, 10, 2))),
    ("one_definition_per_month", lambda r: twice(r.definition)),
    ("definition_applies_from_the_first", lambda r: r.definition.update(applies_from=date(2024, 10, 31))),
    ("indicator_change_of_a_month", lambda r: r.set_up.update(month=date(2024, 10, 1))),
    ("indicator_change_of_a_month", lambda r: r.set_up.update(act="retired")),
    ("indicator_change_of_a_month", lambda r: r.set_up.update(act="defined", month=date(2024, 10, 2))),
    ("one_place_per_board", lambda r: twice(one(IndicatorBoard.objects.all()))),
    # What the public may see
    ("rule_of_an_agency_or_an_indicator", lambda r: r.indicator_rule.update(agency=r.town.police)),
    ("one_usual_rule_per_area", lambda r: twice(r.usual_rule)),
    ("one_rule_per_agency", lambda r: twice(r.agency_rule)),
    ("one_rule_per_indicator", lambda r: twice(r.indicator_rule)),
    ("rule_has_its_numbers", lambda r: r.usual_rule.update(below=None)),
    ("rule_has_its_numbers", lambda r: r.usual_rule.update(below=1)),
    ("rule_has_its_numbers", lambda r: r.usual_rule.update(below=21)),
    ("rule_has_its_numbers", lambda r: r.usual_rule.update(base=5)),
    ("rule_has_its_numbers", lambda r: r.usual_rule.update(kind="show")),
    ("rule_has_its_numbers", lambda r: r.usual_rule.update(kind="hide", below=None)),
    ("rule_has_its_numbers", lambda r: r.agency_rule.update(suppress_to=None)),
    ("rule_has_its_numbers", lambda r: r.agency_rule.update(suppress_to=2)),
    ("rule_has_its_numbers", lambda r: r.agency_rule.update(base=21)),
    ("rule_has_its_numbers", lambda r: r.agency_rule.update(base=None)),
    ("rule_has_its_numbers", lambda r: r.indicator_rule.update(below=5)),
    ("rule_has_its_reason", lambda r: r.usual_rule.update(why="")),
    # What is public
    ("one_edition_per_number", lambda r: twice(r.edition)),
    ("one_edition_under_way_per_month", lambda r: twice(r.asked_edition)),
    ("edition_agreed_at_by", lambda r: r.asked_edition.update(state="agreed")),
    ("edition_agreed_at_by", lambda r: r.asked_edition.update(agreed_at=NOW, agreed_by=r.town.lead)),
    ("edition_agreed_at_by", lambda r: r.edition.update(agreed_by=None)),
    ("edition_agreed_by_another", lambda r: r.edition.update(agreed_by=models.F("asked_by"))),
    ("edition_declined_at_by_why", lambda r: r.asked_edition.update(state="declined", declined_why="Small")),
    ("edition_declined_at_by_why", lambda r: r.asked_edition.update(declined_why="Small")),
    (
        "edition_declined_at_by_why",
        lambda r: r.asked_edition.update(state="declined", declined_at=NOW, declined_by=r.town.lead),
    ),
    ("edition_published_at_by_number", lambda r: r.edition.update(number=None)),
    ("edition_published_at_by_number", lambda r: r.edition.update(number=0)),
    ("edition_published_at_by_number", lambda r: r.edition.update(published_by=None)),
    ("edition_published_at_by_number", lambda r: r.asked_edition.update(number=2)),
    ("one_public_line_per_category", lambda r: twice(r.public_line)),
    ("public_value_if_and_only_if_a_figure", lambda r: r.public_line.update(value=None)),
    ("public_value_if_and_only_if_a_figure", lambda r: r.public_line.update(state="withheld")),
    ("public_line_has_no_words_of_an_agency", lambda r: r.public_line.update(note="Counted by hand")),
    ("public_line_has_no_words_of_an_agency", lambda r: r.public_line.update(revised_why="Counted twice")),
    ("public_line_has_no_words_of_an_agency", lambda r: r.public_line.update(revised_by="Someone")),
    ("public_line_is_protected", lambda r: r.public_line.update(protected_by="")),
    ("edition_asked_by_somebody_or_prepared", lambda r: r.asked_edition.update(asked_by=None)),
    ("edition_asked_by_somebody_or_prepared", lambda r: r.edition.update(prepared_for=MonthWithdrawal.objects.get())),
    (
        "prepared_edition_published_by_another",
        lambda r: r.edition.update(
            asked_by=None, prepared_for=MonthWithdrawal.objects.get(), published_by=models.F("agreed_by")
        ),
    ),
    ("marking_has_its_reason", lambda r: r.marking.update(why="")),
    # What is need-to-know
    ("line_name_is_there", lambda r: r.line_name.update(name="")),
    ("one_line_name_per_origin", lambda r: twice(r.line_name, name="ZEBRA")),
    ("line_name_retired_at_by", lambda r: r.line_name.update(retired_at=NOW)),
    ("line_name_retired_at_by", lambda r: r.line_name.update(retired_by=r.town.lead)),
    ("one_view_of_names_per_person", lambda r: twice(r.viewer)),
    ("view_of_names_has_its_reason", lambda r: r.viewer.update(why="")),
    ("view_of_names_ended_at_by", lambda r: r.viewer.update(ended_at=NOW)),
    ("view_of_names_ended_at_by", lambda r: r.viewer.update(ended_by=r.town.lead)),
    ("look_at_names_has_its_reason", lambda r: r.reveal.update(why="")),
    # Returns
    ("one_return_per_agency_and_month", lambda r: twice(r.draft)),
    ("return_saved_at_by", lambda r: r.draft.update(saved_by=None)),
    ("return_submitted_at_by", lambda r: r.draft.update(submitted_by=None)),
    ("return_accepted_at_by", lambda r: r.draft.update(accepted_at=NOW)),
    ("return_returned_at_by", lambda r: r.draft.update(returned_by=r.town.lead)),
    ("return_released_at_by", lambda r: r.draft.update(released_at=NOW)),
    ("released_return_was_released", lambda r: r.draft.update(state="released")),
    ("submitted_return_was_handed_in", lambda r: r.draft.update(handed_in_on=None)),
    ("submitted_return_was_submitted", lambda r: r.draft.update(submitted_at=None, submitted_by=None)),
    ("accepted_return_was_accepted", lambda r: r.accepted.update(accepted_at=None, accepted_by=None)),
    ("accepted_return_was_accepted", lambda r: r.draft.update(state="accepted")),
    ("returned_return_says_why", lambda r: r.draft.update(state="returned", comment="Why?")),
    (
        "returned_return_says_why",
        lambda r: r.draft.update(state="returned", returned_at=NOW, returned_by=r.town.coordinator),
    ),
    # Figures
    ("one_figure_per_indicator_and_month", lambda r: twice(r.figure)),
    ("one_figure_per_category_and_month", lambda r: twice(r.part)),
    ("value_if_and_only_if_a_figure", lambda r: r.figure.update(value=None)),
    ("value_if_and_only_if_a_figure", lambda r: r.figure.update(state="not_available", note="Down")),
    ("no_figure_without_a_reason", lambda r: r.figure.update(state="awaited", value=None, note="")),
    ("a_figure_or_a_reason", lambda r: r.figure.update(state="withheld", value=None, note="Small")),
    ("value_in_range", lambda r: r.figure.update(value=LARGEST + 1)),
    ("no_figure_without_a_reason", lambda r: r.figure.update(state="not_available", value=None, note="")),
    ("from_a_return_a_file_or_a_correction", lambda r: r.figure.update(imported_from="a file")),
    ("from_a_return_a_file_or_a_correction", lambda r: r.signed_off.update(submission=None)),
    ("from_a_return_a_file_or_a_correction", lambda r: r.figure.update(submission=None, imported_from="a file")),
    ("from_a_return_a_file_or_a_correction", lambda r: r.figure.update(submission=None, correction=r.asked.get())),
    (
        "only_a_figure_is_provisional",
        lambda r: r.figure.update(is_provisional=True, state="awaited", value=None, note="Later"),
    ),
    ("figure_signed_off_at_by", lambda r: r.figure.update(signed_off_at=NOW)),
    ("figure_signed_off_at_by", lambda r: r.figure.update(signed_off_by=r.town.coordinator)),
    # What happened to figures, and what is asked
    ("figure_change_made_at_by", lambda r: r.change.update(made_by=None)),
    ("one_open_correction_per_figure", lambda r: twice(r.asked)),
    ("one_open_correction_per_category", lambda r: twice(r.asked_part)),
    ("correction_value_if_and_only_if_a_figure", lambda r: r.asked.update(new_value=None)),
    ("correction_value_if_and_only_if_a_figure", lambda r: r.asked.update(new_state="awaited")),
    ("correction_value_if_and_only_if_a_figure", lambda r: r.asked.update(new_value=LARGEST + 1)),
    ("correction_says_why", lambda r: r.asked.update(reason="")),
    ("correction_decided_at_by", lambda r: r.asked.update(state="accepted")),
    ("correction_decided_at_by", lambda r: r.asked.update(decided_at=NOW, decided_by=r.town.lead)),
    # Packs
    ("one_pack_per_number", lambda r: twice(r.pack, reference="TESTFORD-2024-09-CSP-2")),
    ("packs_count_from_one", lambda r: r.pack.update(number=0)),
    ("pack_has_its_meeting", lambda r: r.pack.update(meeting="")),
    ("public_pack_has_its_edition", lambda r: r.pack.update(edition=None)),
    ("public_pack_has_its_edition", lambda r: r.pack.update(audience="partners")),
    ("appendix_is_for_partners", lambda r: r.pack.update(kind="appendix")),
    ("pack_has_its_file", lambda r: r.pack.update(pdf=None)),
    ("pack_has_its_file", lambda r: r.pack.update(sha256="0" * 64)),
    ("pack_has_its_file", lambda r: r.pack.update(removed_on=NOW.date())),
    ("stored_object_has_its_type", lambda r: StoredObject.objects.update(media_type="")),
    ("stored_object_has_its_size", lambda r: StoredObject.objects.update(size=7)),
    ("one_photo_per_hash", lambda r: PackPhoto.objects.bulk_create(photo(r) for _ in range(2))),
    ("bundle_made_at_most_all", lambda r: r.bundle.update(made=1)),
    ("bundle_finished_with_file_or_fault", lambda r: r.bundle.update(finished_at=NOW)),
    ("bundle_finished_with_file_or_fault", lambda r: r.bundle.update(file=objects.put(b"PK", objects.ZIP))),
    ("bundle_finished_with_file_or_fault", lambda r: r.bundle.update(fault="The disk is full")),
    (
        "bundle_finished_with_file_or_fault",
        lambda r: r.bundle.update(finished_at=NOW, file=objects.put(b"PK", objects.ZIP), fault="The disk is full"),
    ),
    # Snapshots
    ("one_snapshot_per_version", lambda r: twice(r.published_snapshot)),
    ("versions_count_from_one", lambda r: r.draft_snapshot.update(version=0)),
    (
        "snapshot_published_at_by",
        lambda r: r.draft_snapshot.update(state="published", published_at=NOW, fresh_until=NOW),
    ),
    ("snapshot_published_at_by", lambda r: r.draft_snapshot.update(published_by=r.town.coordinator)),
    ("one_commentary_per_version", lambda r: twice(r.commentary)),
    ("one_commentary_per_board", lambda r: twice(r.commentary_of_board)),
    ("commentary_is_of_a_version", lambda r: r.commentary.update(version=0)),
    ("commentary_says_something", lambda r: r.commentary.update(text="")),
    ("one_visit_per_person_and_area", lambda r: twice(r.visit)),
    ("visit_before_is_before", lambda r: r.visit.update(before_at=models.F("looked_at"))),
    ("step_is_set_aside_once", lambda r: twice(r.aside)),
    ("step_is_one_that_can_be_left", lambda r: r.aside.update(step="publish")),
    ("commentary_is_signed", lambda r: r.commentary.update(signed_as="strategic")),
    ("one_draft_per_month", lambda r: twice(r.draft_snapshot, version=2)),
    ("one_line_per_category", lambda r: twice(r.line)),
    ("line_value_if_and_only_if_a_figure", lambda r: r.line.update(value=None)),
    ("line_value_if_and_only_if_a_figure", lambda r: r.line.update(state="withheld")),
    ("revised_value_if_and_only_if_a_figure", lambda r: r.line.update(revised_state="figure")),
    ("revised_value_if_and_only_if_a_figure", lambda r: r.line.update(revised_value=3)),
    ("arrow_or_its_reason", lambda r: r.line.update(change=None)),
    ("arrow_or_its_reason", lambda r: r.line.update(no_arrow_reason="awaited")),
    ("arrow_or_its_reason", lambda r: r.line.update(movement="none", change=None)),
    ("arrow_or_its_reason", lambda r: r.first_line.update(change=0)),
    ("signal_of_a_figure_with_its_judgement", lambda r: r.line.update(method="chart", signal="rising", judgement="")),
    ("signal_of_a_figure_with_its_judgement", lambda r: r.line.update(method="chart", signal="", judgement="high")),
    ("signal_of_a_figure_with_its_judgement", lambda r: r.line.update(method="", signal="rising", judgement="high")),
    # The plan: see rows_of_plan
    *((name, lambda r, violate=violate: violate(r.town)) for name, violate in DOCUMENT_CASES),
    *((name, lambda r, violate=violate: violate(r.town)) for name, violate in PLAN_CASES),
    # What is asked and offered: see rows_of_challenges
    *((name, lambda r, violate=violate: violate(r.town)) for name, violate in ASKED_CASES),
    *((name, lambda r, violate=violate: violate(r.town)) for name, violate in HIGHLIGHT_CASES),
    *((name, lambda r, violate=violate: violate(r.town)) for name, violate in RECORDING_CASES),
    *((name, lambda r, violate=violate: violate(r.town)) for name, violate in MAPPING_CASES),
    *((name, lambda r, violate=violate: violate(r.town)) for name, violate in POPULATION_CASES),
    *((name, lambda r, violate=violate: violate(r.town)) for name, violate in EVENT_CASES),
    *((name, lambda r, violate=violate: violate(r.town)) for name, violate in COMPARISON_CASES),
    *((name, lambda r, violate=violate: violate(r.town)) for name, violate in REGION_CASES),
    *((name, lambda r, violate=violate: violate(r.town)) for name, violate in REGION_EDITION_CASES),
    *((name, lambda r, violate=violate: violate(r.town)) for name, violate in REGION_PACK_CASES),
    *((name, lambda r, violate=violate: violate(r.town)) for name, violate in FACTOR_CASES),
    *((name, lambda r, violate=violate: violate(r.town)) for name, violate in KEY_CASES),
    *((name, lambda r, violate=violate: violate(r.town)) for name, violate in ROLE_CASES),
    *((name, lambda r, violate=violate: violate(r.town)) for name, violate in RETENTION_CASES),
    *((name, lambda r, violate=violate: violate(r.town)) for name, violate in RULE_CASES),
    *((name, lambda r, violate=violate: violate(r.town)) for name, violate in IMPORT_CASES),
    *WITHDRAWAL_CASES,
    *LETTER_CASES,
    *((name, lambda r, violate=violate: violate(r.town)) for name, violate in ENGAGEMENT_CASES),
    *((name, lambda r, violate=violate: violate(r.town)) for name, violate in (*MEETING_CASES, *MARKET_CASES)),
    *((name, lambda r, violate=violate: violate(r.town)) for name, violate in KPI_CASES),
]


@cache
def ours() -> dict[str, tuple[type[models.Model], models.BaseConstraint]]:
    return {
        constraint.name: (model, constraint)
        for app in OURS
        for model in apps.get_app_config(app).get_models()
        for constraint in model._meta.constraints
    }


def named_in(refusal: str, model: Any, constraint: models.BaseConstraint) -> bool:
    """Whether the database's refusal is about this constraint. SQLite names a unique one by its columns."""
    if constraint.name in refusal:
        return True
    columns = ", ".join(
        f"{model._meta.db_table}.{model._meta.get_field(name).column}" for name in getattr(constraint, "fields", ())
    )
    return bool(columns) and refusal == f"UNIQUE constraint failed: {columns}"


@pytest.mark.parametrize(("name", "violate"), CASES, ids=[f"{n}-{name}" for n, (name, _) in enumerate(CASES)])
def test_the_database_refuses(rows: Rows, name: str, violate: Callable[[Rows], object]):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        violate(rows)
    assert named_in(str(refusal.value), *ours()[name])


def test_every_constraint_has_a_case():
    assert {name for name, _ in CASES} == set(ours())


def test_an_operator_may_import_without_a_name(rows: Rows):
    """The command line has no person to name; only a return's figure needs one."""
    rows.signed_off.update(submission=None, imported_from="a file", signed_off_by=None)
    assert rows.signed_off.get().signed_off_by is None
