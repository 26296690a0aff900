"""A region's pack: what is in it, that nothing is of an area that doesn't consent, and that it stays as it was."""

import re
from datetime import timedelta
from hashlib import sha256
from random import Random

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from boards.models import Consent, Shows
from boards.region_permissions import find_region_access
from boards.roles import RegionRole, Role
from boards.services.consents import withdraw_consent
from core import objects
from core.models import AuditEvent
from core.not_held import NotHeld
from core.retention import load_kinds
from core.services.revisions import ChangedMeanwhile
from core.transitions import TransitionRefused
from indicators.models import Indicator, IndicatorDefinition
from reporting.models import IssuedRegionPack, RegionPackSource, Snapshot
from reporting.packs.pdf.typesetting import build_pack
from reporting.region_packs import services
from reporting.region_packs.presenters.gather import gather_sources
from reporting.region_packs.presenters.pack import make_pack, make_token
from reporting.region_packs.selectors import find_pack
from tests import scenarios
from tests.factories import make_agency, make_area, make_dimension, make_indicator, make_section, make_user
from tests.factories.regions import join_region, make_region, make_region_member
from tests.pages.test_public_page import HIDDEN, make_public_town
from tests.pages.test_region_pages import add_population
from tests.pdf import text_of
from tests.pdf_structure import faults_of
from tests.region_packs import MEETING, issue, leave_pack
from tests.regional import ADDED_UP, OCTOBER, make_all_origins, make_county, publish_lines
from tests.retained import give_notice

pytestmark = pytest.mark.django_db
MOST_PAGES = 16  # for 14 areas and 28 indicators


def withdraw(consent: Consent) -> None:
    """As its area's officer does it."""
    consent.withdrawn_at, consent.withdrawn_by = timezone.now(), make_user()
    consent.save()


def told(pack: IssuedRegionPack) -> str:
    """All that a pack says: its page's content and its PDF's text."""
    return f"{pack.content} {text_of(objects.read(pack.pdf))}"


# --- What it says -----------------------------------------------------------------------------------------------------


def test_a_pack_has_its_number_its_hash_and_who_issued_it():
    region, towns = make_county(areas=3, months=14)
    director = make_region_member(region, name="Dora Director")
    pack = issue(region, by=director)
    assert pack.reference == "ESSEX-2026-10-REGION-1"
    assert pack.sha256 == sha256(objects.read(pack.pdf)).hexdigest()
    assert pack.marking == "OFFICIAL-SENSITIVE"
    text = text_of(objects.read(pack.pdf))
    assert "Issued by Dora Director" in text
    assert text.count("ESSEX-2026-10-REGION-1") >= text.count("\f")  # on each page
    assert text.count("OFFICIAL-SENSITIVE") >= 2 * text.count("\f")
    assert faults_of(objects.read(pack.pdf)) == []
    assert {source.consent.area for source in pack.sources.all()} == set(towns)
    # Each area reads in its own record that its figures were issued.
    events = AuditEvent.objects.filter(verb="region_pack.issued")
    assert set(events.values_list("area", flat=True)) == {"", *(town.slug for town in towns)}
    assert issue(region, by=make_region_member(region, RegionRole.ANALYST)).reference == "ESSEX-2026-10-REGION-2"


def test_the_same_month_gives_the_same_bytes():
    region, _ = make_county(areas=3, months=14)
    access = find_region_access(make_region_member(region), region.slug)
    first, second = (build_pack(make_pack(gather_sources(access, OCTOBER))) for _ in range(2))
    assert first == second


def test_what_is_left_out_is_named_with_the_reason():
    region, towns = make_county(areas=4, months=14)
    late = make_area("late", name="Lateham")
    join_region(region, late)
    join_region(region, make_area("not", name="Notford"), shows=None)
    join_region(region, make_area("closed", name="Closeby"), shows=Shows.PUBLIC)
    IndicatorDefinition.objects.filter(indicator__area=towns[3], indicator__code="count-01").update(text="Others.")
    Indicator.objects.filter(code="count-00").update(counts_residents=False, residents_why="An airport’s passengers")
    text = text_of(objects.read(issue(region, by=make_region_member(region)).pdf))
    assert "Lateham hasn’t published October 2026." in text
    assert "Notford shows the region nothing at present." in text
    assert "Closeby shows what is public, and October 2026 isn’t." in text
    assert "Count 01: Town 03 counts differently, and isn’t in the region’s figure." in text
    assert "Count 00 has no rate. An airport’s passengers." in text
    assert "4 of 7 areas are in this month." in text


def test_its_figures_are_those_of_the_page():
    indicators, places = {}, {}
    for name, own in {"Ash": [300, 401], "Beech": [500, 622], "Cedar": [800, 803]}.items():
        town = make_area(name.lower(), name=name)
        indicators[name] = make_indicator(make_agency(town), "arrests", counts_residents=True)
        add_population(indicators[name], 50_000, 2021)
        places[name] = town
        publish_lines(town, OCTOBER, {indicators[name]: own})
    region = make_region(*places.values())
    pack = issue(region, by=make_region_member(region))
    (figures,) = [chapter for chapter in pack.content["chapters"] if chapter["key"] == "figures"]
    ((name, *cells),) = figures["blocks"][0]["rows"]
    assert name["text"] == "Arrests"
    assert [cell["text"] for cell in cells] == ["1,826 ↑", "401 ↑", "622 ↑", "803 ↑"]
    heading, rates = figures["blocks"][1:3]
    assert heading["text"] == "Rates for each 10,000 residents"
    ((_, *rates_of),) = rates["rows"]
    assert [cell["text"] for cell in rates_of] == ["121.7", "80.2", "124.4", "160.6"]
    (chance,) = [chapter for chapter in pack.content["chapters"] if chapter["key"] == "beyond-chance"]
    assert (
        "Cedar is higher than the region (beyond the 99.8% limit), and Ash is lower (beyond the"
        in chance["blocks"][2]["rows"][0][2]["text"]
    )


def test_every_origin_is_in_it_and_each_total_says_what_it_adds_up():
    region = make_all_origins("Ash", "Beech", "Cedar")
    pack = issue(region, by=make_region_member(region))
    chapters = {chapter["key"]: chapter["blocks"] for chapter in pack.content["chapters"]}
    said, _, map_of_lines, table = chapters["lines"]
    assert said["text"] == ADDED_UP
    assert ADDED_UP in chapters["method"][0]["items"]
    assert "Not on the map: Another place 2; Inside the county 6." in map_of_lines["notes"][0]
    assert [[cell["text"] for cell in row] for row in table["rows"]] == [
        ["London", "12", "2", "4", "6"],
        ["Another place", "2", "1", "1", "[x]"],
        ["Inside the county", "6", "1", "2", "3"],
    ]
    words = " ".join(text_of(objects.read(pack.pdf)).split())
    assert "Inside the county 6 1 2 3" in words


def test_fourteen_areas_and_28_indicators_fit_sixteen_pages():
    """On a bad day: every rate is known, most indicators stand out somewhere, and lines have origins."""
    chance, towns = Random(7), []
    for number, name in enumerate(NAMES):
        town = make_area(f"town-{number:02}", name=name, longitude=0.2 + number / 20, latitude=51.5 + number / 30)
        police = make_agency(town)
        sections = [make_section(town, f"section-{each}", position=each) for each in range(4)]
        origin = make_dimension(town, "origin", list(CITIES))
        for city, (x, y) in CITIES.items():
            origin.categories.filter(code=city).update(longitude=x, latitude=y)
        found = {
            make_indicator(
                police,
                f"count-{each:02}",
                dimension=None if each else origin,
                title=f"Offences of kind {each} recorded",
                section=sections[each // 7],
                position=each,
                counts_residents=True,
            ): [chance.randint(800, 1_300) for _ in range(35)] + [chance.choice((1_000, 2_400))]
            for each in range(28)
        }
        lines = next(iter(found))
        add_population(lines, 60_000 + 9_000 * number, 2021)
        cities = origin.categories.order_by("position")
        publish_lines(
            town, OCTOBER, found, origins={lines: {city: [chance.randint(0, 9) for _ in range(36)] for city in cities}}
        )
        towns.append(town)
    region = make_region(*towns)
    pack = issue(region, by=make_region_member(region))
    pages = text_of(objects.read(pack.pdf)).split("\f")[:-1]
    assert len(pages) <= MOST_PAGES, [page[:80] for page in pages]
    assert faults_of(objects.read(pack.pdf)) == []
    whole = " ".join(pages)
    for name in NAMES:
        assert name.split("-")[0].split()[0] in whole
    assert whole.count("Offences of kind 27 recorded") >= 4  # its figures, rate, chart and funnel


NAMES = (
    *("Basildon", "Braintree", "Brentwood", "Castle Point", "Chelmsford", "Colchester", "Epping Forest", "Harlow"),
    *("Maldon", "Rochford", "Southend-on-Sea", "Tendring", "Thurrock", "Uttlesford"),
)
CITIES = {"london": (-0.1, 51.5), "birmingham": (-1.9, 52.5), "liverpool": (-3.0, 53.4), "norwich": (1.3, 52.6)}


# --- Nothing of an area that doesn't consent --------------------------------------------------------------------------


def four_towns(**values: int):
    found = {}
    for name, own in values.items():
        town = make_area(name.lower(), name=name)
        found[name] = make_indicator(make_agency(town), "arrests")
        publish_lines(town, OCTOBER, {found[name]: [own - 5, own]})
    return make_region(*(indicator.area for indicator in found.values())), found


def test_nothing_of_an_area_that_withdrew_is_in_a_new_pack():
    region, found = four_towns(Ash=10, Beech=20, Cedar=40, Dogwood=7_913)
    director = make_region_member(region)
    before = issue(region, by=director)
    before.refresh_from_db()
    assert re.search(r"7,913", told(before))
    withdraw(Consent.objects.get(area=found["Dogwood"].area))
    after = issue(region, by=director)
    # Not its figure, not the sum with it, and not the one less the other.
    assert not re.search(r"7,?9\d\d\b", told(after))
    assert "Dogwood shows the region nothing at present." in told(after)
    # The one before stays as it was.
    assert IssuedRegionPack.objects.get(pk=before.pk).content == before.content


def test_a_permission_withdrawn_after_somebody_looked_refuses_the_pack(monkeypatch):
    region, found = four_towns(Ash=10, Beech=20, Cedar=40, Dogwood=7_913)
    director = make_region_member(region)
    seen = make_token(make_pack(gather_sources(find_region_access(director, "essex"), OCTOBER)))
    withdraw(Consent.objects.get(area=found["Dogwood"].area))
    today = timezone.localdate()
    with pytest.raises(ChangedMeanwhile):
        services.issue_pack(region, OCTOBER, meeting=MEETING, meeting_on=today, seen=seen, by=director)
    assert not IssuedRegionPack.objects.exists()


@pytest.mark.parametrize("change", ["withdrawn", "not agreed", "another region", "public only"])
def test_the_database_refuses_figures_without_a_permission(change: str):
    region, towns = make_county(areas=3, months=2)
    consent = Consent.objects.get(area=towns[0])
    snapshot = Snapshot.objects.get(period__area=towns[0])
    pack = leave_pack(region)
    if change == "withdrawn":
        withdraw(consent)
    elif change == "not agreed":
        Consent.objects.filter(pk=consent.pk).update(agreed_at=None, agreed_by=None)
    elif change == "another region":
        pack = leave_pack(make_region(slug="kent"), reference="KENT-1")
    else:
        Consent.objects.filter(pk=consent.pk).update(shows=Shows.PUBLIC.value)
    with pytest.raises(IntegrityError, match="A region shows what an area consents to"), transaction.atomic():
        RegionPackSource.objects.create(pack=pack, consent=consent, snapshot=snapshot)


def test_the_database_refuses_another_areas_version():
    region, towns = make_county(areas=3, months=2)
    pack, consent = leave_pack(region), Consent.objects.get(area=towns[0])
    with pytest.raises(IntegrityError, match="can link two areas"), transaction.atomic():
        RegionPackSource.objects.create(
            pack=pack, consent=consent, snapshot=Snapshot.objects.get(period__area=towns[1])
        )


def test_an_area_that_shows_what_is_public_has_nothing_else_in_a_pack():
    town = make_public_town()
    region, _ = make_county(areas=3, months=14)
    join_region(region, town.area, shows=Shows.PUBLIC)
    pack = issue(region, by=make_region_member(region))
    assert not re.search(rf"{HIDDEN:,}|{HIDDEN}|{HIDDEN - 1:,}|{HIDDEN - 1}", told(pack))
    source = pack.sources.get(consent__area=town.area)
    assert source.snapshot is None
    assert source.public_edition is not None
    assert "Testford shows what is public." in told(pack)


def test_with_fewer_than_three_permissions_there_is_no_pack():
    region, towns = make_county(areas=3, months=2)
    director = make_region_member(region)
    seen = make_token(make_pack(gather_sources(find_region_access(director, "essex"), OCTOBER)))
    withdraw(Consent.objects.get(area=towns[0]))
    today = timezone.localdate()
    with pytest.raises(TransitionRefused, match="shows no figures: 1 more area has to agree"):
        services.issue_pack(region, OCTOBER, meeting=MEETING, meeting_on=today, seen=seen, by=director)
    assert not IssuedRegionPack.objects.exists()


# --- Who may issue one ------------------------------------------------------------------------------------------------


def test_nobody_else_issues_one():
    home = scenarios.make_town("home")
    region, _ = make_county(areas=3, months=2)
    join_region(region, home.area)
    today = timezone.localdate()
    for person in (home.coordinator, home.people[Role.ANALYST], scenarios.make_operator(), make_user()):
        with pytest.raises(PermissionDenied):
            services.issue_pack(region, OCTOBER, meeting=MEETING, meeting_on=today, seen="", by=person)


def test_a_pack_needs_its_meeting():
    region, _ = make_county(areas=3, months=2)
    director = make_region_member(region)
    for meeting, day in ((" ", timezone.localdate()), ("Board", None), ("Board", OCTOBER.previous.first_day)):
        with pytest.raises(ValidationError):
            services.issue_pack(region, OCTOBER, meeting=meeting, meeting_on=day, seen="", by=director)


# --- It stays as it was -----------------------------------------------------------------------------------------------


def test_an_issued_pack_refuses_any_change():
    region, _ = make_county(areas=3, months=2)
    pack = issue(region, by=make_region_member(region))
    rows = IssuedRegionPack.objects.filter(pk=pack.pk)
    empty = {"content": {}, "pdf": b"", "removed_on": timezone.localdate()}
    for change in (empty, {"content": {}}, {"meeting": "x"}, {"sha256": "1" * 64}, {"reference": "X-1"}):
        with pytest.raises(IntegrityError, match="stays as it was"), transaction.atomic():
            rows.update(**change)
    for act in (rows.delete, pack.sources.first().delete, pack.sources.first().save):
        with pytest.raises(Exception, match=r"stays as it was|protected"), transaction.atomic():
            act()
    if connection.vendor == "sqlite":  # it has a REPLACE
        columns = ", ".join(field.column for field in IssuedRegionPack._meta.concrete_fields)
        table = IssuedRegionPack._meta.db_table
        with (
            pytest.raises(IntegrityError, match="stays as it was"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"INSERT OR REPLACE INTO {table} ({columns}) SELECT {columns} FROM {table}")


def test_a_pack_goes_under_the_retention_rule_and_leaves_its_number():
    region, _ = make_county(areas=3, months=2)
    pack = issue(region, by=make_region_member(region))
    (kind,) = [each for each in load_kinds() if each.code == "region_packs"]
    soon = timezone.now() + timedelta(days=1)
    assert kind.count("", soon) == 1
    with pytest.raises(IntegrityError, match="stays as it was"), transaction.atomic():
        kind.remove("", soon, 5)  # nobody announced it
    give_notice(kind.code, older_than=soon, area="")
    kept = IssuedRegionPack.objects.values("reference", "sha256", "meeting", "issued_at").get()
    assert kind.remove("", soon, 5).count == 1
    assert IssuedRegionPack.objects.values(*kept).get() == kept
    assert pack.sources.count() == 3
    with pytest.raises(NotHeld, match=r"was removed on .* under the retention rule"):
        find_pack(region, pack.reference)


def test_a_withdrawal_by_its_own_officer_keeps_the_pack():
    """The consent's page says so."""
    town = scenarios.make_town()
    region, _ = make_county(areas=3, months=2)
    consent = join_region(region, town.area)
    pack = issue(region, by=make_region_member(region))
    withdraw_consent(consent, by=town.coordinator)
    assert objects.read(find_pack(region, pack.reference).pdf) == objects.read(pack.pdf)
