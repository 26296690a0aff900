"""Two accounts that may be one person's, and everything in the product that needs two people."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone

from boards.models import Consent, FactorReset, Membership, PartnershipArea, RegionMembership, RoleRequest
from boards.rules import AGENCY_ROLES, RegionRole, Role
from boards.services.factors import ask_reset
from boards.services.regions import give_consent
from boards.services.requests import ask_role, confirm_request
from boards.services.retention import find_kind, place_hold, set_months
from core.calendar import Month
from core.models import LegalHold, RetentionRule, User
from indicators.models import DisclosureRule, FigureImport, Indicator, RecordingChange, RuleRequest
from indicators.services.disclosure import set_rule
from indicators.services.figure_imports import look_at_import
from indicators.services.setup import ask_recording_change, save_indicator
from reporting.models import PublicEdition, RegionEdition
from reporting.public import services as public
from reporting.public.region_publishing import RegionPeriod
from reporting.public.taking_down import withdraw_month
from tests.answers import Answer
from tests.factories import make_agency, make_member, make_membership, make_user
from tests.factors import give_app
from tests.integration.test_figure_imports import bring_in
from tests.scenarios import Town, make_operator
from tests.shires import OCTOBER, Shire
from tests.visiting import signed_in

MAILBOX = "second.mailbox@council.example"


@dataclass
class Pair:
    """A coordinator, and whoever they invite or whose second factor they have reset."""

    shire: Shire
    town: Town
    coordinator: User
    colleague: User  # another coordinator, and no part of it
    officer: User
    operator: User

    @property
    def area(self) -> PartnershipArea:
        return self.town.area

    @property
    def other(self) -> User:
        """The person with the second mailbox."""
        return User.objects.get(pk=self.key)

    key: int = 0

    def url(self, path: str) -> str:
        return f"/{self.area.slug}/{path}"


def make_pair(shire: Shire) -> Pair:
    town = shire.towns["ashford"]
    colleague = make_member(town.area, Role.COORDINATOR, email="colleague@council.example")
    return Pair(shire, town, town.coordinator, colleague, town.people[Role.INFORMATION], make_operator())


# --- What a coordinator does to somebody -------------------------------------------------------------------------


def add(pair: Pair, role: Role, *, by: User) -> Answer:
    """The page that adds a person."""
    typed: dict[str, Any] = {"email": MAILBOX, "name": "Sam Hill", "role": role.value, "agency": "", "board": ""}
    if role in AGENCY_ROLES:
        typed["agency"] = pair.town.police.pk
    answer = signed_in(by).post(pair.url("setup/people/add/"), typed | {"is_attested": "on"}, follow=True)
    assert "Sam Hill" in answer.content.decode()
    pair.key = User.objects.get(email=MAILBOX).pk
    return answer


def invite(pair: Pair) -> None:
    add(pair, Role.STRATEGIC, by=pair.coordinator)


def invite_in_a_table(pair: Pair) -> None:
    page, client = pair.url("setup/people/file/"), signed_in(pair.coordinator)
    table = f"Name\tE-mail address\tRole\tAgency or board\nSam Hill\t{MAILBOX}\tAnalyst\t\n"
    seen = client.post(page, {"table": table, "act": "look"}).context["form"].plan.fingerprint
    client.post(page, {"table": table, "act": "invite", "seen": seen, "is_attested": "on"})
    pair.key = User.objects.get(email=MAILBOX).pk


def give_another_role(pair: Pair) -> None:
    """Somebody else invited them."""
    add(pair, Role.STRATEGIC, by=pair.colleague)
    add(pair, Role.AGENCY_LEAD, by=pair.coordinator)


def ask_for_a_strong_role(pair: Pair) -> None:
    add(pair, Role.COORDINATOR, by=pair.coordinator)
    asked = RoleRequest.objects.get(user=pair.other)
    signed_in(pair.operator).post(f"/operator/roles/{asked.pk}/", {"decision": "confirm"})
    assert pair.other.memberships.get().role == Role.COORDINATOR


def withdraw_a_request(pair: Pair) -> None:
    """They ask for a strong role and withdraw that. Then somebody else invites the same mailbox."""
    add(pair, Role.INFORMATION, by=pair.coordinator)
    asked = RoleRequest.objects.get(user=pair.other)
    signed_in(pair.coordinator).post(pair.url(f"roles/{asked.pk}/"), {"decision": "withdraw"})
    asked.refresh_from_db()
    assert asked.outcome == "withdrawn"
    add(pair, Role.STRATEGIC, by=pair.colleague)


def ask_for_a_reset(pair: Pair, *, confirms: bool = False) -> None:
    """Somebody else invited them. The coordinator asks for the reset, or confirms it."""
    add(pair, Role.STRATEGIC, by=pair.colleague)
    asker, confirmer = (pair.officer, pair.coordinator) if confirms else (pair.coordinator, pair.officer)
    reset(pair, by=asker, confirmed_by=confirmer)


def confirm_a_reset(pair: Pair) -> None:
    ask_for_a_reset(pair, confirms=True)


def reset(pair: Pair, *, by: User, confirmed_by: User) -> None:
    give_app(pair.other)
    held = pair.other.memberships.first()
    assert held is not None
    signed_in(by).post(pair.url(f"setup/people/{held.pk}/lost-device/"), {"why": "They lost their phone"})
    asked = FactorReset.objects.undecided().get(person=pair.other)
    signed_in(confirmed_by).post(reverse("boards:reset-decide", args=[pair.area.slug, asked.pk]), {"act": "confirm"})
    assert not Authenticator.objects.filter(user=pair.other).exists()


ACTS: list[Callable[[Pair], None]] = [
    invite,
    invite_in_a_table,
    give_another_role,
    ask_for_a_strong_role,
    withdraw_a_request,
    ask_for_a_reset,
    confirm_a_reset,
]


# --- What happens then ---------------------------------------------------------------------------------------------


def nothing(pair: Pair) -> None:
    """They keep the role."""


def end_the_roles(pair: Pair) -> None:
    for held in pair.other.memberships.all():
        if held.role == Role.COORDINATOR:
            held.delete()  # by two people, on other pages
        else:
            signed_in(pair.coordinator).post(pair.url(f"setup/people/{held.pk}/remove/"))
    assert not pair.other.memberships.exists()


def change_the_agency(pair: Pair) -> None:
    """Another coordinator ends the role, and gives one for an agency."""
    end_the_roles(pair)
    add(pair, Role.AGENCY_CONTACT, by=pair.colleague)


def invite_again(pair: Pair) -> None:
    add(pair, Role.AGENCY_APPROVER, by=pair.colleague)


def change_the_account(pair: Pair, **typed: Any) -> None:
    """The operator's form."""
    fields = {"email": pair.other.email, "name": pair.other.name, "is_active": "on"} | typed
    url = f"/admin/core/user/{pair.key}/change/"
    kept = {name: value for name, value in fields.items() if value}
    assert signed_in(pair.operator).post(url, kept).status_code == 302


def switch_off_and_on(pair: Pair) -> None:
    change_the_account(pair, is_active="")
    assert not pair.other.is_active
    change_the_account(pair)


def change_the_address(pair: Pair) -> None:
    change_the_account(pair, email="somebody.else@council.example")


def reset_by_the_operator(pair: Pair) -> None:
    reset(pair, by=pair.operator, confirmed_by=pair.officer)


THEN: list[Callable[[Pair], None]] = [
    nothing,
    end_the_roles,
    change_the_agency,
    invite_again,
    switch_off_and_on,
    change_the_address,
    reset_by_the_operator,
]


# --- What needs two people -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What somebody asked for: its page, what a second person posts there, and whether it is done."""

    url: str
    decision: dict[str, Any]
    is_done: Callable[[], bool]
    operator_url: str = ""  # where an operator has a page of their own


type Ask = Callable[[Pair, User], Asked]


def hold(person: User, pair: Pair, role: Role | RegionRole) -> None:
    """This role alone. Whatever gave it: the tests are about what was before."""
    if isinstance(role, RegionRole):
        now, giver = timezone.now(), make_user()
        RegionMembership.objects.create(
            user=person, region=pair.shire.region, role=role.value, given_at=now, given_by=giver
        )
        return
    Membership.objects.filter(user=person, area=pair.area).delete()
    make_membership(person, pair.area, role, agency=None, board=None).save()


def bring_past_figures_in(pair: Pair, first: User) -> Asked:
    asked = bring_in(pair.town, by=first)
    looked = look_at_import(asked, by=first)
    assert looked.taken is not None
    return Asked(
        pair.url(f"history/brought-in/{asked.pk}/"),
        {"decision": "confirm", "seen": looked.taken.fingerprint},
        lambda: FigureImport.objects.get(pk=asked.pk).outcome == "confirmed",
        f"/operator/imports/{asked.pk}/",
    )


def weaken_a_rule(pair: Pair, first: User) -> Asked:
    asked = set_rule(pair.area, kind="show", why="Asked for", by=first)
    assert isinstance(asked, RuleRequest)
    return Asked(
        pair.url(f"disclosure/requests/{asked.pk}/"),
        {"decision": "agree"},
        lambda: DisclosureRule.objects.filter(area=pair.area, kind="show").exists(),
    )


def let_an_agency_with_a_milder_rule_supply_it(pair: Pair, first: User) -> Asked:
    arrests = Indicator.objects.select_related("owner", "area").get(area=pair.area, code="arrests")
    DisclosureRule.objects.create(
        area=pair.area,
        agency=arrests.owner,
        kind="suppress",
        below=8,
        why="Agreed",
        set_at=timezone.now(),
        set_by=pair.operator,
    )
    arrests.owner = make_agency(pair.area, "council")
    save_indicator(arrests, boards=arrests.boards.all(), owner_why="Their team counts them", by=first)
    asked = RuleRequest.objects.get(owner__code="council")
    return Asked(
        pair.url(f"disclosure/requests/{asked.pk}/"),
        {"decision": "agree"},
        lambda: Indicator.objects.get(pk=arrests.pk).owner.code == "council",
    )


def keep_records_shorter(pair: Pair, first: User) -> Asked:
    kind = find_kind(pair.area, "reads")
    assert kind is not None
    asked = set_months(pair.area, kind, months=kind.least, why="Asked for", by=first)
    return Asked(
        reverse("boards:retention-decide", args=[pair.area.slug, asked.pk]),
        {"decision": "agree"},
        lambda: RetentionRule.objects.get(pk=asked.pk).state == "agreed",
    )


def release_a_hold(pair: Pair, first: User) -> Asked:
    held = place_hold(pair.area, kind="", why="A claim", ends_on=None, by=first)
    return Asked(
        reverse("boards:hold-release", args=[pair.area.slug, held.pk]),
        {"why": "The claim is over"},
        lambda: LegalHold.objects.get(pk=held.pk).state == "released",
        f"/operator/retention/hold/{held.pk}/",
    )


def ask_for_an_edition(pair: Pair, first: User) -> Asked:
    period = pair.area.periods.get(starts_on=OCTOBER.first_day)
    period.area = pair.area
    officer = make_member(pair.area, Role.INFORMATION)
    withdraw_month(period, why="Counted twice", by=officer)
    Membership.objects.filter(user=officer).delete()
    asked = public.ask_consent(period, by=first)
    return Asked(
        pair.url(f"publishing/{OCTOBER}/"),
        {"decision": "agree", "edition": asked.pk, "seen": asked.fingerprint},
        lambda: PublicEdition.objects.get(pk=asked.pk).state == "agreed",
    )


def permit_comparison(pair: Pair, first: User) -> Asked:
    today = timezone.localdate()
    given = give_consent(pair.area, starts_on=today, ends_on=today + timedelta(days=30), by=first)
    return Asked(
        pair.url(f"consent/{given.pk}/"),
        {"act": "agree"},
        lambda: Consent.objects.get(pk=given.pk).agreed_at is not None,
    )


def record_otherwise(pair: Pair, first: User) -> Asked:
    arrests = Indicator.objects.get(area=pair.area, code="arrests")
    asked = ask_recording_change(arrests, month=Month(2026, 9), why="A new system", by=first)
    return Asked(
        reverse("indicators:recording-decide", args=[pair.area.slug, "arrests", asked.pk]),
        {"act": "confirm"},
        lambda: RecordingChange.objects.get(pk=asked.pk).state == "confirmed",
    )


def ask_about_a_role(pair: Pair, first: User) -> Asked:
    asked = ask_role(
        pair.area, email="new@council.example", name="New", role=Role.COORDINATOR, is_attested=True, by=first
    )
    return Asked(
        pair.url(f"roles/{asked.pk}/"),
        {"decision": "confirm"},
        lambda: RoleRequest.objects.get(pk=asked.pk).outcome == "confirmed",
        f"/operator/roles/{asked.pk}/",
    )


def end_a_wait(pair: Pair, first: User) -> Asked:
    asked = ask_role(
        pair.area, email="new@council.example", name="New", role=Role.INFORMATION, is_attested=True, by=first
    )
    confirm_request(asked, by=pair.operator)
    return Asked(
        pair.url(f"roles/{asked.pk}/"),
        {"decision": "shorten", "why": "Our deputy"},
        lambda: RoleRequest.objects.get(pk=asked.pk).shortened_at is not None,
        f"/operator/roles/{asked.pk}/",
    )


def reset_somebodys_factor(pair: Pair, first: User) -> Asked:
    give_app(pair.town.lead)
    held = Membership.objects.get(user=pair.town.lead)
    asked = ask_reset(held, why="A stolen phone", by=first)
    return Asked(
        reverse("boards:reset-decide", args=[pair.area.slug, asked.pk]),
        {"act": "confirm"},
        lambda: FactorReset.objects.get(pk=asked.pk).confirmed_at is not None,
    )


def publish_a_region(pair: Pair, first: User) -> Asked:
    asked = public.ask_consent(RegionPeriod(pair.shire.region, OCTOBER), by=first)
    return Asked(
        reverse("region-public:edition", args=[pair.shire.region.slug, OCTOBER]),
        {"decision": "agree", "edition": asked.pk, "seen": asked.fingerprint},
        lambda: RegionEdition.objects.get(pk=asked.pk).state == "agreed",
    )


# Each with the role of who asks and of who is to be the second person.
type Rule = tuple[Ask, Role | RegionRole, Role | RegionRole]
RULES: list[Rule] = [
    (bring_past_figures_in, Role.ANALYST, Role.COORDINATOR),
    (bring_past_figures_in, Role.COORDINATOR, Role.INFORMATION),
    (weaken_a_rule, Role.INFORMATION, Role.COORDINATOR),
    (weaken_a_rule, Role.INFORMATION, Role.INFORMATION),
    (let_an_agency_with_a_milder_rule_supply_it, Role.COORDINATOR, Role.INFORMATION),
    (keep_records_shorter, Role.INFORMATION, Role.COORDINATOR),
    (release_a_hold, Role.INFORMATION, Role.INFORMATION),
    (ask_for_an_edition, Role.COORDINATOR, Role.INFORMATION),
    (permit_comparison, Role.COORDINATOR, Role.INFORMATION),
    (record_otherwise, Role.ANALYST, Role.COORDINATOR),
    (record_otherwise, Role.COORDINATOR, Role.ANALYST),
    (ask_about_a_role, Role.COORDINATOR, Role.INFORMATION),
    (end_a_wait, Role.COORDINATOR, Role.INFORMATION),
    (reset_somebodys_factor, Role.INFORMATION, Role.COORDINATOR),
]
REGION_RULES: list[Rule] = [
    (publish_a_region, RegionRole.ANALYST, RegionRole.DIRECTOR),
    (publish_a_region, RegionRole.DIRECTOR, RegionRole.ANALYST),
]


def list_rules() -> list[Rule]:
    return [*RULES, *REGION_RULES]


def take_roles(pair: Pair, first: User, second: User, roles: tuple[Role | RegionRole, Role | RegionRole]) -> None:
    """Nobody else of the area is an information officer: a coordinator agrees to a rule only where there is none."""
    Membership.objects.filter(area=pair.area, role=Role.INFORMATION).delete()
    for person, role in zip((first, second), roles, strict=True):
        hold(person, pair, role)
