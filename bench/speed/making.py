"""What do we measure with? Areas, returns, plans and files, all made up, of a size that is written here."""

import random
from pathlib import Path

ROWS_OF_A_RETURN = 30
ROWS_OF_A_MONTH = 17_000
ACTIONS_OF_A_PLAN = 500
AREAS_OF_A_REGION, LINES_OF_A_REGION = 14, 28


def analyze() -> None:
    """Let PostgreSQL count what its plans depend on, as it does by itself within a minute. After whatever is made:
    without it a plan expects one row where there are 392."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def make_archive() -> str:
    """An area with ROWS_OF_A_RETURN indicators and no month yet. Returns the address of who confirms its figures."""
    from boards.models import Agency, PartnershipArea
    from indicators.models import Indicator, IndicatorDefinition, Section
    from reporting.management.demo.places import OPERATOR

    area = PartnershipArea.objects.create(slug="archive", name="Archive")
    agency = Agency.objects.create(area=area, code="archive", name="Archive", kind=Agency.Kind.COUNCIL)
    section = Section.objects.create(area=area, code="archive", title="Archive")
    for number in range(ROWS_OF_A_RETURN):
        indicator = Indicator.objects.create(
            area=area,
            section=section,
            code=f"archive-{number}",
            title=f"Figure {number}",
            question=f"How many of number {number}?",
            unit_one="one",
            unit_many="many",
            polarity_reason="None.",
            owner=agency,
        )
        IndicatorDefinition.objects.create(indicator=indicator, applies_from="2014-01-01", text="What is counted.")
    return OPERATOR


def make_plan() -> str:
    """An area with ACTIONS_OF_A_PLAN actions, each with four milestones, in six strands of five boards. Returns its
    coordinator's address."""
    from datetime import date, timedelta

    from actions.models import Action
    from actions.services.plan import ActionDraft, add_action
    from actions.services.progress import add_milestone, tick_milestone
    from boards.models import Agency, Board, Membership, PartnershipArea, ReportingPeriod, Strand
    from boards.rules import Role
    from core.models import User

    area = PartnershipArea.objects.create(slug="planned", name="Planned")
    ReportingPeriod.objects.create(area=area, starts_on="2026-11-01", opened_on="2026-11-01", due_on="2026-12-10")
    strands = [Strand.objects.create(area=area, code=f"strand-{n}", name=f"Strand {n}", position=n) for n in range(6)]
    boards = [
        Board.objects.create(area=area, code=f"board-{n}", name=f"Board {n}", short_name=f"Board {n}") for n in range(5)
    ]
    agencies = [
        Agency.objects.create(area=area, code=f"agency-{n}", name=f"Agency {n}", kind=Agency.Kind.COUNCIL)
        for n in range(9)
    ]
    people = [User.objects.create_user(f"owner-{n}@planned.example", None, name=f"Owner {n}") for n in range(40)]
    for number, person in enumerate(people):
        Membership.objects.create(user=person, area=area, role=Role.AGENCY_LEAD.value, agency=agencies[number % 9])
    boss = User.objects.create_user("coordinator@planned.example", None, name="Coordinator")
    Membership.objects.create(user=boss, area=area, role=Role.COORDINATOR.value)
    for number in range(ACTIONS_OF_A_PLAN):
        begin = date(2026, 1, 1) + timedelta(number % 300)
        action: Action = add_action(
            area,
            ActionDraft(
                title=f"Train the people of number {number}",
                strand=strands[number % 6],
                board=boards[number % 5],
                agency=agencies[number % 9],
                owner=people[number % 40],
                starts_on=begin,
                due_on=begin + timedelta(200),
                no_measure_why="Nobody counts it",
            ),
            by=boss,
        )
        for step in range(4):
            milestone = add_milestone(action, title=f"Take step {step}", due_on=action.due_on, by=boss)
            if (number + step) % 3 == 0:
                tick_milestone(milestone, done=True, by=boss)
    return boss.email


def make_region() -> str:
    """Make a region of areas with three years of made-up counts, unless it is there. Returns its director's address."""
    from django.utils import timezone

    from boards.models import RegionMembership
    from indicators.models import Indicator, Population
    from tests.factories.regions import make_region_member
    from tests.regional import make_county

    if made := RegionMembership.objects.filter(region__slug="bench").first():
        return str(made.user.email)
    region, areas = make_county(areas=AREAS_OF_A_REGION, indicators=LINES_OF_A_REGION, slug="bench")
    Indicator.objects.filter(area__in=areas).update(counts_residents=True)
    named = {"source": "Made up", "licence": "None", "name_of_file": "bench", "imported_at": timezone.now()}
    for number, area in enumerate(areas, 1):
        Population.objects.create(area=area, year=2026, ages="all", edition=1, residents=30_000 * number, **named)
    return str(make_region_member(region).email)


def make_long_return() -> str:
    """An agency whose return has ROWS_OF_A_RETURN rows, each with 35 months behind it, so with a usual
    range and a small chart; half of them filled in, unless it is there. Returns its lead's
    address."""
    from django.utils import timezone

    from boards.models import Agency, Membership, PartnershipArea, ReportingPeriod
    from boards.rules import Role
    from core.calendar import Month
    from core.models import User
    from indicators.figures import Entry
    from indicators.models import Indicator, IndicatorDefinition, Observation, Section
    from indicators.services.returns import save_draft

    area = PartnershipArea.objects.get(slug="anytown")
    if made := User.objects.filter(email="long.lead@anytown.example").first():
        return made.email
    agency = Agency.objects.create(area=area, code="long", name="Long", kind=Agency.Kind.COUNCIL)
    section = Section.objects.create(area=area, code="long", title="Long", position=9)
    chance = random.Random(7)
    past = ReportingPeriod.objects.filter(area=area, starts_on__lt=Month(2026, 11).first_day)
    for number in range(ROWS_OF_A_RETURN):
        indicator = Indicator.objects.create(
            area=area,
            section=section,
            code=f"long-{number}",
            title=f"Figure {number}",
            question=f"How many of number {number} in the past month?",
            unit_one="one",
            unit_many="many",
            polarity_reason="None.",
            owner=agency,
            position=number,
        )
        IndicatorDefinition.objects.create(indicator=indicator, applies_from="2023-11-01", text="What is counted.")
        Observation.objects.bulk_create(
            Observation(
                indicator=indicator,
                period=period,
                value=chance.randint(0, 30),
                imported_from="made up",
                signed_off_at=timezone.now(),
            )
            for period in past
        )
    lead = User.objects.create_user("long.lead@anytown.example", None, name="Long lead")
    Membership.objects.create(user=lead, area=area, role=Role.AGENCY_LEAD.value, agency=agency)
    period = ReportingPeriod.objects.get(area=area, starts_on=Month(2026, 11).first_day)
    entries = {f"long-{number}": Entry(value=str(number)) for number in range(ROWS_OF_A_RETURN // 2)}
    save_draft(agency, period, entries, revision=0, by=lead)
    return lead.email


def make_month(file: Path) -> None:
    """A made-up month of street-level crime, in the shape of data.police.uk."""
    chance = random.Random(7)
    header = (
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
        "Last outcome category,Context"
    )
    kinds = ["Drugs", "Possession of weapons", "Violence and sexual offences", "Burglary", "Anti-social behaviour"]
    places = ["Southend-on-Sea 001A", "Babergh 006D", "Colchester 012B", "Basildon 003C"]
    with file.open("w", encoding="utf-8") as out:
        out.write(header + "\n")
        for _ in range(ROWS_OF_A_MONTH):
            out.write(
                f"{chance.getrandbits(256):064x},2018-07,Essex Police,Essex Police,0.768721,52.067425,"
                f"On or near Waldingfield Road,E01029923,{chance.choice(places)},{chance.choice(kinds)},"
                "Investigation complete; no suspect identified,\n"
            )
