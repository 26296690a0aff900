"""Set up an area of the demonstration: from the starter catalogue, which has the texts, and a TOML file, which says
which parts the area has, and its figures.
"""

import tomllib
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from boards.models import Agency, Board, Membership, PartnershipArea, Region, RegionMembership
from boards.rules import RegionRole, Role
from core.calendar import Month
from core.models import User
from indicators.catalogues.entries import Catalogue, DimensionEntry, choose
from indicators.catalogues.files import read_starter
from indicators.imports.open_data import read_population_file
from indicators.models import DisclosureRule, Indicator, IndicatorDefinition, Population, RuleRequest
from indicators.services.catalogues import AreaDraft, make_area, take_catalogue
from indicators.services.disclosure import set_rule
from indicators.services.open_data import import_populations
from indicators.services.rule_requests import agree_to_rule

FOLDER = Path(__file__).parent
FIRST_MONTH = Month(2023, 11)  # of the demonstration's figures, and so of its definitions


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def read_whole(name: str) -> dict[str, Any]:
    """Return a blueprint together with what its KPIs and pathways are about."""
    plan = read(name)
    for part, rows in read(f"{name}-kpis").items():
        plan[part] = [*plan.get(part, []), *rows]
    return plan


def choose_catalogue(blueprint: dict[str, Any]) -> Catalogue:
    """Return the parts of the starter catalogue that an area has: the indicators that the blueprint names, the
    categories with figures, its pathways, and its agencies, if it names some; and which of these release their returns.
    """
    rows, starter = blueprint["indicator"], read_starter()
    wanted = [entry for entry in starter.pathway if entry.code in blueprint.get("pathways", [])]
    pathways = tuple(replace(entry, optional=False) for entry in wanted)
    catalogue = choose(replace(starter, pathway=pathways), [row["code"] for row in rows])
    codes = {code for row in rows if isinstance(row.get("october"), dict) for code in row["october"]}
    dimensions = [
        add_population(
            replace(entry, category=tuple(category for category in entry.category if category.code in codes)),
            blueprint.get("dimension", {}),
        )
        for entry in catalogue.dimension
    ]
    names = {entry.code: entry.name for entry in catalogue.agency}
    if "agency" in blueprint:
        names = {row["code"]: row["name"] for row in blueprint["agency"]}
    releases = blueprint.get("releases", [])
    agencies = [
        replace(entry, name=names[entry.code], needs_release=entry.code in releases)
        for entry in catalogue.agency
        if entry.code in names
    ]
    return replace(catalogue, dimension=tuple(dimensions), agency=tuple(agencies))


def add_population(entry: DimensionEntry, made_up: dict[str, Any]) -> DimensionEntry:
    """Return a dimension with how many people each category has, if the blueprint says so."""
    people = made_up.get("population", {}).get(entry.code)
    if people is None:
        return entry
    categories = tuple(replace(category, population=people.get(category.code)) for category in entry.category)
    source, year = made_up["source"], made_up["year"]
    return replace(entry, population_source=source, population_year=year, category=categories)


def set_up(blueprint: dict[str, Any]) -> PartnershipArea:
    """Make the area and everything in it except people, months and figures."""
    draft = AreaDraft(**blueprint["area"])
    area = make_area(draft, choose_catalogue(blueprint), first_month=None, defined_from=FIRST_MONTH, by=None)
    for row in blueprint["indicator"]:
        redefine(area, row)
    return area


def redefine(area: PartnershipArea, row: dict[str, Any]) -> None:
    """Set an indicator's first definition, and from when it applies, if the figures say so."""
    definition = IndicatorDefinition.objects.get(indicator__area=area, indicator__code=row["code"])
    first: date = row.get("defined_from", definition.applies_from)
    definition.applies_from = row["redefined"]["from"] if "redefined" in row else first
    definition.save(update_fields=["applies_from"])
    if "redefined" in row:
        before = row["redefined"]["before"]
        IndicatorDefinition.objects.create(indicator=definition.indicator, applies_from=first, text=before)


def add_indicators(blueprint: dict[str, Any], codes: list[str], *, month: Month, by: User) -> None:
    """Add more of the starter catalogue, from a month on."""
    area = PartnershipArea.objects.get(slug=blueprint["area"]["slug"])
    more = [*blueprint["indicator"], *({"code": code} for code in codes)]
    take_catalogue(area, choose_catalogue({**blueprint, "indicator": more}), month=month, by=by)


def load_populations(area: PartnershipArea, population: dict[str, str]) -> None:
    """Load the area's real populations once, so that a later import by an operator stays."""
    if not Population.objects.filter(area=area).exists():
        file = read_population_file((FOLDER / population["file"]).read_bytes(), name_of_file=population["file"])
        import_populations(area, file, source=population["source"], licence=population["licence"], by=None)


def make_up_residents(area: PartnershipArea, rows: list[dict[str, Any]]) -> None:
    """Save the residents of a made-up town."""
    Population.objects.bulk_create(
        Population(
            area=area,
            edition=1,
            name_of_file="None: made up",
            imported_at=timezone.now(),
            ages=ages,
            residents=residents,
            **{name: row[name] for name in ("year", "source", "licence")},
        )
        for row in rows
        for ages, residents in row["residents"].items()
    )


PASSWORD = "anytown-demo-2026"  # noqa: S105  # printed at start; these accounts guard nothing

# The name before @anytown.example → role, and its board or agency.
ANYTOWN = {
    "coordinator": (Role.COORDINATOR, ""),
    "strategic": (Role.STRATEGIC, ""),
    "csp.member": (Role.BOARD_MEMBER, "csp"),
    "hwbb.member": (Role.BOARD_MEMBER, "hwbb"),
    "lscb.chair": (Role.BOARD_CHAIR, "lscb"),
    "csp.chair": (Role.BOARD_CHAIR, "csp"),
    "sab.chair": (Role.BOARD_CHAIR, "sab"),
    "strategic.chair": (Role.BOARD_CHAIR, "strategic"),
    "police.lead": (Role.AGENCY_LEAD, "police"),
    "council-children.lead": (Role.AGENCY_LEAD, "council-children"),
    "council-housing.lead": (Role.AGENCY_LEAD, "council-housing"),
    "council-community-safety.lead": (Role.AGENCY_LEAD, "council-community-safety"),
    "youth-justice.lead": (Role.AGENCY_LEAD, "youth-justice"),
    "education.lead": (Role.AGENCY_LEAD, "education"),
    "nhs.lead": (Role.AGENCY_LEAD, "nhs"),
    "probation.lead": (Role.AGENCY_LEAD, "probation"),
    "adult-social-care.lead": (Role.AGENCY_LEAD, "adult-social-care"),
    "police.approver": (Role.AGENCY_APPROVER, "police"),
    "council-community-safety.approver": (Role.AGENCY_APPROVER, "council-community-safety"),
    "police.contact": (Role.AGENCY_CONTACT, "police"),
    "analyst": (Role.ANALYST, ""),
    "information": (Role.INFORMATION, ""),
    "voluntary-sector.lead": (Role.AGENCY_LEAD, "voluntary-sector"),
    "public-health.lead": (Role.AGENCY_LEAD, "public-health"),
}
SOUTHEND = {"coordinator": (Role.COORDINATOR, ""), "information": (Role.INFORMATION, "")}
OPERATOR = "operator@vvdash.example"
OFFICERS_SINCE = date(2025, 1, 1)


@cache
def hash_password() -> str:
    """Return one hash for all accounts: Argon2 takes its time on purpose."""
    return make_password(PASSWORD)


def make_accounts(area: PartnershipArea, people: dict[str, tuple[Role, str]]) -> dict[str, User]:
    """Make the people of an area, and give each their role. Returns them by the name before the @."""
    agencies = {agency.code: agency for agency in Agency.objects.filter(area=area)}
    boards = {board.code: board for board in Board.objects.filter(area=area)}
    users: dict[str, User] = {}
    for name, (role, place) in people.items():
        words = f"{area.name} {name.replace('.', ' ').replace('-', ' ')} (demo)"
        users[name] = user = User.objects.create(
            email=f"{name}@{area.slug}.example", name=words, password=hash_password()
        )
        Membership.objects.create(
            user=user,
            area=area,
            role=role.value,
            agency=agencies.get(place),
            board=boards.get(place),
            # An officer of long standing, so that everything can be tried.
            acts_from=OFFICERS_SINCE if role is Role.INFORMATION else None,
        )
    return users


def make_region(*, by: User) -> None:
    """Make the region Essex with its two people, and without any area. Its first visitor has its areas made."""
    region, is_new = Region.objects.get_or_create(
        slug="essex", defaults={"name": "Essex", "made_at": timezone.now(), "made_by": by}
    )
    for role in RegionRole if is_new else ():
        user = User.objects.create(
            email=f"{role.value}@essex.example", name=f"Essex {role.value} (demo)", password=hash_password()
        )
        RegionMembership.objects.create(user=user, region=region, role=role.value, given_at=timezone.now(), given_by=by)


def make_operator() -> User:
    fields = {"name": "Operator (demo)", "is_staff": True, "is_superuser": True, "password": hash_password}
    return User.objects.get_or_create(email=OPERATOR, defaults=fields)[0]


def account_table() -> str:
    """Return one account for each role, for the console."""
    shown: dict[Role, str] = {}
    for name, (role, _) in ANYTOWN.items():
        shown.setdefault(role, f"{name}@anytown.example")
    lines = [f"  {role.label:<24} {email}" for role, email in shown.items()]
    lines.append(f"  {Role.OPERATOR.label:<24} {OPERATOR}")
    lines += [f"  {f'{role.label}, Southend':<24} {name}@southend.example" for name, (role, _) in SOUTHEND.items()]
    lines += [f"  {f'{role.label}, Essex':<24} {role.value}@essex.example" for role in RegionRole]
    return "\n".join([f"Demo accounts, all with the password {PASSWORD}:", *lines])


def set_rules(area: PartnershipArea, rows: list[dict[str, Any]]) -> None:
    """Set a blueprint's rules, unless the area has rules or has nobody to set them."""
    membership = Membership.objects.filter(area=area, role=Role.INFORMATION.value).select_related("user").first()
    if membership is None or DisclosureRule.objects.filter(area=area).exists():
        return
    coordinator = Membership.objects.select_related("user").get(area=area, role=Role.COORDINATOR.value).user
    indicators = {indicator.code: indicator for indicator in Indicator.objects.filter(area=area)}
    for row in rows:
        for code in row["indicators"]:
            kept = set_rule(area, indicator=indicators[code], kind=row["kind"], why=row["why"], by=membership.user)
            if isinstance(kept, RuleRequest):
                # The only officer asked, so a coordinator agrees.
                agree_to_rule(kept, by=coordinator)
