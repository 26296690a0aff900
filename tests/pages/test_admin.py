"""The operator's admin: who gets in, what can be changed there, and that it leaves its traces."""

from datetime import date
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone

from actions.models import (
    Action,
    ActionChange,
    ActionMove,
    ActionUpdate,
    AgendaItem,
    Attendance,
    Authority,
    Challenge,
    ChallengeEntry,
    CountedIndicator,
    DutyAct,
    EngagementSession,
    Event,
    EventAim,
    Expectation,
    Highlight,
    Kpi,
    KpiReview,
    KpiTarget,
    Meeting,
    Milestone,
    Seat,
    SubGroup,
    Support,
    Voice,
)
from boards.models import (
    Agency,
    ApiKey,
    Board,
    Consent,
    FactorReset,
    KeyUse,
    Membership,
    PartnershipArea,
    PublicAdvice,
    PublicStatements,
    Region,
    RegionKey,
    RegionKeyUse,
    RegionMembership,
    RegionPlace,
    ReportingPeriod,
    RoleRequest,
    RoleReview,
    Tie,
)
from boards.rules import Role
from boards.services.area import set_statements
from core.calendar import Month
from core.letter_kinds import AccountLetterKind
from core.mail.account import write_letter
from core.models import (
    Alarm,
    AuditChain,
    AuditCheckpoint,
    AuditEvent,
    KnownDevice,
    LastCode,
    LegalHold,
    OutboxEntry,
    ReadEvent,
    RetentionNotice,
    RetentionRule,
    StoredObject,
    User,
)
from indicators.disclosure import Audience, Marking
from indicators.figures import Entry
from indicators.models import (
    ColumnMapping,
    ComparisonSeries,
    Correction,
    DisclosureRule,
    FigureChange,
    FigureImport,
    Indicator,
    IndicatorBoard,
    IndicatorChange,
    IndicatorDefinition,
    IndicatorMove,
    LevelName,
    MonthMarking,
    NameReveal,
    Observation,
    Pathway,
    PathwayStep,
    Population,
    RecordingChange,
    RuleRequest,
    Submission,
    ValidationRule,
)
from indicators.services.corrections import ask_correction
from indicators.services.disclosure import mark_month
from indicators.services.disclosure import set_rule as product_set_rule
from reporting.models import (
    ChapterComment,
    ChapterFigure,
    Commentary,
    Document,
    DocumentAgreement,
    DocumentChapter,
    DocumentEdition,
    EditionWithdrawal,
    FirstStep,
    IndicatorLine,
    IssuedPack,
    IssuedRegionPack,
    KpiLine,
    MarketAssessment,
    MarketFigure,
    MarketList,
    MarketOwner,
    MonthWithdrawal,
    PackBundle,
    PackPhoto,
    PublicEdition,
    PublicLine,
    RegionalRest,
    RegionEdition,
    RegionEditionSource,
    RegionMonth,
    RegionPackSource,
    RegionTotal,
    Replacement,
    Snapshot,
    StepSetAside,
    VersionWithdrawal,
    WithdrawalExplanation,
)
from reporting.packs.services.issue import ask_bundle
from reporting.packs.services.letters import PACKS
from reporting.packs.tasks import make_pack_bundle
from reporting.pages.services import set_step_aside
from tests import scenarios
from tests.challenging import make_responsibility
from tests.commenting import comment
from tests.documents import leave_documents
from tests.factories import make_agency, make_dimension, make_indicator, make_pathway, make_user, make_validation_rule
from tests.highlights import picture, tell
from tests.integration.rows_of_challenges import leave_asked
from tests.integration.rows_of_comparisons import leave_comparisons
from tests.integration.rows_of_engagement import leave_engagement
from tests.integration.rows_of_events import leave_events
from tests.integration.rows_of_factors import leave_resets
from tests.integration.rows_of_highlights import leave_highlights
from tests.integration.rows_of_imports import leave_imports
from tests.integration.rows_of_keys import leave_keys
from tests.integration.rows_of_kpis import leave_kpis
from tests.integration.rows_of_mappings import leave_mappings
from tests.integration.rows_of_market import leave_market
from tests.integration.rows_of_meetings import leave_meetings
from tests.integration.rows_of_plan import leave_plan
from tests.integration.rows_of_populations import leave_populations
from tests.integration.rows_of_recordings import leave_recordings
from tests.integration.rows_of_region_editions import leave_region_editions
from tests.integration.rows_of_region_packs import leave_region_pack
from tests.integration.rows_of_regions import leave_region
from tests.integration.rows_of_retention import leave_retained
from tests.integration.rows_of_roles import leave_roles
from tests.integration.rows_of_rules import leave_move
from tests.integration.rows_of_withdrawals import leave_withdrawals, leave_withdrawn
from tests.letters import send
from tests.ruling import set_rule
from tests.visiting import signed_in

OURS = {"core", "boards", "indicators", "actions", "reporting"}
READ_ONLY = (
    ValidationRule,
    Pathway,
    PathwayStep,
    AuditChain,
    AuditCheckpoint,
    RetentionNotice,
    LegalHold,
    RetentionRule,
    AuditEvent,
    ReadEvent,
    Alarm,
    OutboxEntry,
    KnownDevice,
    LastCode,
    StoredObject,
    ReportingPeriod,
    RoleReview,
    PublicAdvice,
    PublicStatements,
    Submission,
    Observation,
    FigureChange,
    FigureImport,
    Correction,
    Snapshot,
    IndicatorLine,
    RegionMonth,
    Commentary,
    PublicEdition,
    PublicLine,
    RegionEdition,
    RegionEditionSource,
    RegionTotal,
    RegionalRest,
    VersionWithdrawal,
    EditionWithdrawal,
    MonthWithdrawal,
    WithdrawalExplanation,
    Replacement,
    DisclosureRule,
    MonthMarking,
    IssuedPack,
    IssuedRegionPack,
    RegionPackSource,
    PackPhoto,
    PackBundle,
    Document,
    DocumentChapter,
    ChapterFigure,
    ChapterComment,
    DocumentAgreement,
    DocumentEdition,
    StepSetAside,
    Action,
    Event,
    EventAim,
    Expectation,
    Milestone,
    ActionUpdate,
    ActionChange,
    ActionMove,
    Challenge,
    ChallengeEntry,
    Support,
    Highlight,
    EngagementSession,
    RecordingChange,
    ColumnMapping,
    LevelName,
    Population,
    ComparisonSeries,
    Consent,
    Region,
    RegionPlace,
    RegionMembership,
    FactorReset,
    ApiKey,
    KeyUse,
    RegionKey,
    RegionKeyUse,
    RoleRequest,
    Tie,
    RuleRequest,
    Voice,
    CountedIndicator,
    SubGroup,
    Seat,
    Attendance,
    Authority,
    DutyAct,
    Meeting,
    AgendaItem,
    IndicatorChange,
    IndicatorMove,
    NameReveal,
    Kpi,
    KpiTarget,
    KpiReview,
    KpiLine,
    MarketAssessment,
    MarketFigure,
    MarketList,
    MarketOwner,
)
OCTOBER = Month(2026, 10)


def page(model, what: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=args)


@pytest.fixture
def operator(db) -> User:
    return scenarios.make_operator()


@pytest.fixture
def browser(operator, client):
    client.force_login(operator)
    return client


def our_models() -> list[type[Model]]:
    return [model for model in admin.site._registry if model._meta.app_label in OURS]


def test_every_model_of_ours_is_there():
    from django.apps import apps  # noqa: PLC0415

    shown_inside_another = {"Responsibility"}
    need_to_know = {"LineName", "NameViewer"}
    forgotten_at_night = {"SentForm", "KeptForm", "Limit", "ResetRequest"}
    on_the_operators_page = {"Clock", "Job"}  # what runs by the clock
    # When somebody looked; a session's key lets people in; a draft that only its author reads.
    of_nobody_else = {"Visit", "Session", "MeetingNote"}
    ours = {model for model in apps.get_models() if model._meta.app_label in OURS}
    assert {model.__name__ for model in ours - set(our_models())} == (
        shown_inside_another | need_to_know | forgotten_at_night | on_the_operators_page | of_nobody_else
    )
    assert not admin.site.is_registered(Group)


def test_only_superusers_get_in(town, client):
    for url in (reverse("admin:index"), page(User, "changelist")):
        away = client.get(url, follow=True)
        assert away.redirect_chain[-1][0] == f"{reverse('account_login')}?next={url}"
        for user in (*town.people.values(), make_user(is_staff=True), make_user(is_superuser=True)):
            somebody = signed_in(user)
            assert somebody.get(url, follow=True).status_code == 403, user


def test_the_operator_signs_in_on_the_products_own_page(operator, client):
    operator.set_password("a-long-and-uncommon-one-2026")
    operator.save()
    door = client.get(reverse("admin:index"), follow=True).redirect_chain[-1][0]

    inside = client.post(door, {"login": operator.email, "password": "a-long-and-uncommon-one-2026"}, follow=True)

    assert inside.request["PATH_INFO"] == reverse("admin:index")
    assert b"V+V Dashboard operator" in inside.content
    assert client.get(reverse("admin:login")).url == reverse("admin:index")


def test_every_list_and_form_opens(town, browser):
    leave_traces(town)
    assert "V+V Dashboard operator" in browser.get(reverse("admin:index")).content.decode()
    for model in our_models():
        listed = browser.get(page(model, "changelist"), {"q": "a"})
        assert listed.status_code == 200, model
        row = model._default_manager.first()
        assert row, model
        if row:
            shown = browser.get(page(model, "change", row.pk))
            assert shown.status_code == 200, model
        added = browser.get(page(model, "add"))
        assert added.status_code == (403 if model in READ_ONLY else 200), model


def leave_traces(town) -> None:
    """A row of each kind that has a life."""
    submission = scenarios.accept(town, OCTOBER, {"arrests": 4, "charges": 1})
    figure = submission.observations.get(indicator__code="arrests")
    ask_correction(figure.indicator, None, figure.period, entry=Entry("5"), reason="One came late", by=town.lead)
    scenarios.sweep()
    make_validation_rule(town.area, "charged")
    make_pathway(town.area, "found", town.police, uncounted="with-a-plan")
    leave_accounts(town)
    leave_resets(town)
    comment(town, OCTOBER)
    set_step_aside(town.area, FirstStep.HISTORY, by=town.coordinator)
    leave_public_traces(town)
    scenarios.tell_signs(town)
    set_statements(town.area, privacy="Ask us.", accessibility="", revision=0, by=town.coordinator)
    leave_plan(town)
    leave_asked(town)
    leave_highlights(town)
    leave_engagement(town)
    leave_meetings(town)
    leave_market(town)
    leave_mappings(town)
    leave_recordings(town)
    leave_move(Indicator.objects.get(area=town.area, code="arrests"), by=town.coordinator)
    leave_populations(town)
    leave_kpis()
    leave_events(town)
    leave_comparisons(town)
    leave_region(town)
    leave_region_editions(town)
    leave_region_pack(town)
    leave_documents(town)

    leave_keys(town)
    leave_roles(town)
    leave_retained(town)
    leave_imports(town)
    leave_withdrawals()
    origin = make_dimension(town.area, "origin", ["london"]).categories.get()
    NameReveal.objects.create(category=origin, why="A meeting", made_at=timezone.now(), made_by=town.lead)


def leave_accounts(town) -> None:
    """What is kept of how people sign in, of the record, and of who was asked whether roles are still needed."""
    now = timezone.now()
    LastCode.objects.create(user=town.lead, step=1)
    Alarm.objects.create(name="mail", since=now, sentence="No email goes out.")
    KnownDevice.objects.create(person=town.lead, key="k", device="Firefox on Windows", first_at=now, seen_at=now)
    write_letter(town.lead, AccountLetterKind.DEVICE, about="Firefox on Windows")
    AuditChain.objects.create(area=town.area.slug)  # the seal itself comes after the commit
    ReadEvent.objects.create(actor=town.lead.email, verb="pack.read")
    RoleReview.objects.create(area=town.area, reviewed_at=now, reviewed_by=town.coordinator, kept=0, ended=0)


def leave_public_traces(town) -> None:
    """A rule, a marking, and an edition of the month before, which was withdrawn."""
    officer, before = town.people[Role.INFORMATION], OCTOBER.previous
    scenarios.accept(town, before, {"arrests": 9, "charges": 8})
    scenarios.publish(town, before)
    set_rule(town.area, kind="suppress", below=5, why="The agreement", by=officer)
    edition = scenarios.publish_openly(town, before)
    leave_withdrawn(edition.period, by=officer)
    mark_month(edition.period, audience=Audience.PARTNERS, marking=Marking.OFFICIAL, why="Agreed", by=officer)
    leave_packs(town, before)
    product_set_rule(town.area, kind="show", why="Agreed", by=officer)


def leave_packs(town, month: Month) -> None:
    """A month's pack, with a picture, of which a member was told, and its bundle."""
    tell(town, picture=picture())
    pack = scenarios.issue(town, month)
    assert send(PACKS)
    assert make_pack_bundle(ask_bundle(pack.period, by=town.coordinator).pk)


def test_what_has_a_life_cannot_be_changed_here(town, browser):
    leave_traces(town)
    for model in READ_ONLY:
        row = model._default_manager.first()
        assert row, model
        before = model._default_manager.count()

        assert browser.post(page(model, "add"), {"x": "1"}).status_code == 403, model
        assert browser.post(page(model, "change", row.pk), {"x": "1"}).status_code == 403, model
        assert browser.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403, model
        assert model._default_manager.count() == before, model


def test_a_change_is_audited_and_redraws_the_unpublished_months(town, operator, browser):
    scenarios.accept(town, OCTOBER, {"arrests": 4, "charges": 1})
    scenarios.sweep()

    response = browser.post(
        page(Agency, "change", town.police.pk),
        {"name": "Essex Police", "kind": "police", "position": "1", "code": "other"},
    )

    assert response.status_code == 302
    town.police.refresh_from_db()
    assert (town.police.name, town.police.code) == ("Essex Police", "police")
    event = AuditEvent.objects.get(verb="agency.changed")
    assert (event.actor, event.area) == (operator.email, town.area.slug)
    assert event.details == {
        "operator": True,
        "changes": {"name": ["Police", "Essex Police"], "position": ["0", "1"]},
    }
    assert ReportingPeriod.objects.get(area=town.area).stale_since is not None


def test_what_a_board_answers_for_is_shown_here_and_changed_by_the_coordinator(town, browser):
    """The coordinator's form asks whether new words mean the same, and the audit names both."""
    duty = make_responsibility(town, "Community policing")
    shown = browser.get(page(Board, "change", town.csp.pk))
    assert "Community policing" in shown.content.decode()
    typed = {"name": "Safety Partnership", "short_name": "CSP", "position": "1"}
    rows = {
        "responsibilities-TOTAL_FORMS": "2",
        "responsibilities-INITIAL_FORMS": "1",
        "responsibilities-0-id": duty.pk,
        "responsibilities-0-board": town.csp.pk,
        "responsibilities-0-text": "Closure orders",
        "responsibilities-0-position": "0",
        "responsibilities-1-board": town.csp.pk,
        "responsibilities-1-text": "Training",
        "responsibilities-1-position": "1",
    }
    assert browser.post(page(Board, "change", town.csp.pk), typed | rows).status_code == 302
    assert [each.text for each in town.csp.responsibilities.all()] == ["Community policing"]
    town.csp.refresh_from_db()
    assert town.csp.name == "Safety Partnership"


def test_a_change_of_an_indicator_stands_among_its_changes(town, operator, browser):
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    form = browser.get(page(Indicator, "change", arrests.pk)).context["adminform"].form
    typed = {name: value for name, value in form.initial.items() if value is not None} | {"source": "Custody records"}
    assert browser.post(page(Indicator, "change", arrests.pk), typed).status_code == 302
    words = {"indicator": arrests.pk, "text": "Arrests and cautions.", "applies_from": "2026-12-01"}
    assert browser.post(page(IndicatorDefinition, "add"), words).status_code == 302
    added = arrests.definitions.get(applies_from="2026-12-01")
    assert browser.post(page(IndicatorDefinition, "change", added.pk), words | {"text": "Both."}).status_code == 302

    changes = arrests.changes.order_by("pk").values_list("act", "month", "fields", "made_by")
    assert list(changes) == [
        ("changed", None, ["source"], operator.pk),
        ("defined", date(2026, 12, 1), [], operator.pk),
        ("reworded", None, [], operator.pk),
    ]


@pytest.mark.parametrize("is_ratio", [False, True])
def test_what_services_guard_in_an_indicator_is_not_changed_here(town, browser, is_ratio):
    """The agency that supplies it, how often it is asked for, what it is worked out from, who may see it, and when
    it ends."""
    arrests, charges = (Indicator.objects.get(area=town.area, code=code) for code in ("arrests", "charges"))
    other = make_agency(town.area, "council")
    Indicator.objects.filter(pk=charges.pk).update(part_of=arrests)
    share: dict[str, Any] = {
        "collection": "ratio",
        "ratio": "share",
        "per": 100,
        "numerator": charges,
        "denominator": arrests,
    }
    found = make_indicator(town.police, "charged", **share) if is_ratio else arrests
    before = Indicator.objects.filter(pk=found.pk).values().get()
    form = browser.get(page(Indicator, "change", found.pk)).context["adminform"].form
    typed = {name: value for name, value in form.initial.items() if value is not None}
    forged = {
        "owner": other.pk,
        "asked": "quarterly",
        "ratio": "average",
        "numerator": charges.pk,
        "denominator": arrests.pk,
        "ages": "all",
        "per": 1000,
        "retired_from": "2026-01-01",
        "openness": "year" if is_ratio else "partners",
        "openness_delay": 3,
        "openness_why": "For the press",
    }
    assert not forged.keys() & form.fields.keys()
    assert browser.post(page(Indicator, "change", found.pk), typed | forged).status_code == 302
    assert Indicator.objects.filter(pk=found.pk).values().get() == before


def test_what_is_wrong_with_a_field_that_is_fixed_is_said_above_the_form(town, browser):
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    form = browser.get(page(Indicator, "change", arrests.pk)).context["adminform"].form
    typed = {name: value for name, value in form.initial.items() if value is not None} | {"collection": "ratio"}
    shown = browser.post(page(Indicator, "change", arrests.pk), typed)
    assert shown.status_code == 200
    assert "Choose a share, a rate or an average" in shown.content.decode()


def test_a_relation_never_leaves_its_area(town, outsider, browser):
    foreign = outsider.memberships.get().area.indicators.first()
    places = IndicatorBoard.objects.count()

    response = browser.post(
        page(IndicatorBoard, "add"), {"indicator": foreign.pk, "board": town.csp.pk, "position": "1"}
    )
    assert "belongs to a different area" in response.content.decode()
    empty = browser.post(page(IndicatorBoard, "add"), {"position": "1"})
    assert empty.status_code == 200
    assert IndicatorBoard.objects.count() == places


def test_how_an_indicator_with_figures_is_split_is_fixed(town, browser):
    arrests = Indicator.objects.get(area=town.area, code="arrests")
    assert b'name="dimension"' in browser.get(page(Indicator, "change", arrests.pk)).content
    scenarios.accept(town, OCTOBER, {"arrests": 4, "charges": 1})
    assert b'name="dimension"' not in browser.get(page(Indicator, "change", arrests.pk)).content


def test_an_area_begins_with_a_coordinator_and_a_month(operator, browser):
    browser.post(
        page(PartnershipArea, "add"),
        {"name": "Newtown", "slug": "newtown", "due_day": "10", "check_days": "5", "silent_meetings": "3"},
    )
    area = PartnershipArea.objects.get(slug="newtown")
    browser.post(page(User, "add"), {"email": "first@newtown.example", "name": "First", "is_active": "on"})
    first = User.objects.get(email="first@newtown.example")
    assert not first.has_usable_password()
    browser.post(page(Membership, "add"), {"user": first.pk, "area": area.pk, "role": "coordinator"})
    assert first.memberships.get().role == Role.COORDINATOR

    chosen = {"action": "open_current_month", "_selected_action": area.pk}
    response = browser.post(page(PartnershipArea, "changelist"), chosen, follow=True)

    assert "is open in Newtown" in response.content.decode()
    assert ReportingPeriod.objects.get(area=area).is_open
    verbs = list(AuditEvent.objects.order_by("id").values_list("verb", "actor"))
    assert verbs == [
        ("partnershiparea.added", operator.email),
        ("user.added", operator.email),
        ("membership.added", operator.email),
        ("month.opened", operator.email),
    ]


def test_a_reserved_name_is_no_area(browser):
    response = browser.post(page(PartnershipArea, "add"), {"name": "Admin", "slug": "admin", "due_day": "10"})

    assert "is already the address of another page" in response.content.decode()
    assert not PartnershipArea.objects.exists()


def test_a_membership_stays_with_its_person(town, browser):
    """Another person would have a role that a coordinator attested for this one, who would stay signed in."""
    held, other = Membership.objects.get(area=town.area, role=Role.ANALYST), make_user()
    typed = {"user": other.pk, "area": town.area.pk, "role": Role.STRATEGIC.value}
    assert browser.post(page(Membership, "change", held.pk), typed).status_code == 302
    changed = Membership.objects.get(pk=held.pk)
    assert (changed.user, changed.role) == (held.user, Role.STRATEGIC)


def test_memberships_can_be_deleted_and_people_cannot(town, browser):
    held = Membership.objects.get(area=town.area, role=Role.ANALYST)

    assert browser.post(page(User, "delete", held.user_id), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": held.pk, "post": "yes"}
    browser.post(page(Membership, "changelist"), chosen)

    assert not Membership.objects.filter(pk=held.pk).exists()
    assert AuditEvent.objects.filter(verb="membership.deleted", target_id=str(held.pk)).exists()
