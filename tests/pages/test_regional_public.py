"""A region's public pages, and the pages on which two of its people decide about them."""

import csv
import io
import json
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from boards.models import Consent, ReportingPeriod
from boards.rules import RegionRole, Role
from boards.services.regions import withdraw_consent
from core.files.tables import KINDS
from core.models import ReadEvent
from reporting.models import RegionalRest, RegionEdition
from reporting.public.presenters.region_month import UNDECIDED, make_view
from reporting.public.region_publishing import RegionPeriod
from reporting.public.services import agree, ask_consent
from reporting.public.taking_down import withdraw_month
from tests.exported import rows_of
from tests.factories.regions import join_region, make_region_member
from tests.factories.workbooks import parts_of
from tests.integration.test_regional_editions import make_split_shire
from tests.regional import ADDED_UP, WITHOUT_PLACE
from tests.ruling import set_rule
from tests.scenarios import Town, make_operator, make_outsider, publish_openly
from tests.shires import OCTOBER, Shire, make_shire, publish_town
from tests.standing import stand

pytestmark = pytest.mark.django_db
LIST, PAGE = "/regions/essex/public/", "/regions/essex/public/2026-10/"
EDITIONS, EDITION = "/regions/essex/editions/", "/regions/essex/editions/2026-10/"
PUBLISH = f"{EDITION}publish/"
HIDDEN = 7_654_321


def hide(town: Town) -> None:
    set_rule(town.area, kind="withhold", by=town.people[Role.INFORMATION], why="Asked for")


made, shire = stand(lambda: make_shire(2, 3, 3, 2, 12))


def sign_in(client: Client, person) -> Client:
    client.force_login(person)
    # What a provider did that the operator trusts.
    session = client.session
    session["factor_there"] = True
    session.save()
    return client


# --- For anybody ---------------------------------------------------------------------------------


def test_anybody_reads_totals_and_why_some_are_missing(shire: Shire, client: Client, django_assert_num_queries):
    assert client.get(PAGE).status_code == 404
    assert client.get(LIST).status_code == 404
    shire.publish()
    with django_assert_num_queries(2):
        answer = client.get(PAGE)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Essex, October 2026" in page
    assert '<td role="cell" class="vv-number">22</td>' in page
    assert "Total of all 5 areas." in page
    assert "not shown" in page
    assert "Set-Cookie" not in answer
    assert answer["Cache-Control"] == "public, max-age=0, must-revalidate"
    with django_assert_num_queries(2):
        assert client.get(PAGE, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert "October 2026" in client.get(LIST).content.decode()
    assert "Essex in figures, town by town" in client.get("/account/login/").content.decode()
    assert client.post(PAGE).status_code == 405
    assert client.get("/regions/kent/public/2026-10/").status_code == 404


def test_a_total_that_isnt_shown_says_why(shire: Shire, client: Client):
    shire.publish()
    withdraw_consent(Consent.objects.get(area=shire.towns["dunford"].area), by=shire.towns["dunford"].coordinator)
    for address in (PAGE, *(f"{PAGE}figures.{kind}" for kind in KINDS)):
        gone = client.get(address)
        assert gone.status_code == 410
        assert "no longer shows its figures here" in gone.content.decode()
    assert client.get(LIST).status_code == 404
    shire.publish()
    page = client.get(PAGE).content.decode()
    assert "someone might work out a small number for one area" in page
    assert "A missing total is not a mistake." in page
    assert ">22<" not in page


def test_the_files_say_what_the_page_says(shire: Shire, client: Client):
    shire.publish()
    rows = list(csv.DictReader(io.StringIO(client.get(f"{PAGE}figures.csv").content.decode())))
    arrests = {
        row["area"]: (row["value"], row["symbol"], row["in_total"]) for row in rows if row["indicator"] == "arrests"
    }
    assert arrests == dict.fromkeys(("ashford", "bexford", "cranford", "dunford"), ("", "[c]", "yes")) | {
        "elford": ("12", "", "yes"),
        "": ("22", "", ""),
    }
    document = json.loads(client.get(f"{PAGE}figures.json").content)
    assert (document["region"], document["edition"], len(document["figures"])) == ("essex", 1, len(rows))
    assert client.get(f"{PAGE}figures.xlsx").content[:2] == b"PK"


def test_each_total_that_is_shown_says_what_it_adds_up(shire: Shire, client: Client):
    """One line into three areas counts in each of them. Where no total is shown, there is nothing to say it of."""
    hidden = publish_town("fenford", {"arrests": [2], "charges": [3]})  # with which the total of charges tells this one
    join_region(shire.region, hidden.area)
    shire.publish()
    shown, withheld = ("arrests", "charges")
    assert unescape(client.get(PAGE).content.decode()).count(ADDED_UP) == 1
    for code, times in ((shown, 1), (withheld, 0)):
        assert unescape(client.get(f"{PAGE}{code}/").content.decode()).count(ADDED_UP) == times, code
    for kind in KINDS:
        rows = rows_of(client.get(f"{PAGE}figures.{kind}").content, kind)
        notes = {(row["indicator"], row["area"]): row["note"] for row in rows if row["note"]}
        assert notes == {(shown, ""): ADDED_UP}, kind
        rows = rows_of(client.get(f"{PAGE}{shown}/figures.{kind}").content, kind)
        assert {row["area"]: row["note"] for row in rows if row["note"]} == {"Essex": ADDED_UP}, kind


def test_where_lines_come_from_is_in_nothing_that_a_region_makes_public(client: Client):
    """Each town withholds its lines with all origins, also those without a place. Only their total is shown."""
    shire = make_split_shire((2, 2), (1, 3), (3, 1), (2, 2), origins=tuple(WITHOUT_PLACE))
    shire.publish()
    assert "16" in client.get(PAGE).content.decode()
    own = [f"{PAGE}{code}figures.{kind}" for kind in KINDS for code in ("", "lines/")]
    for address in (LIST, PAGE, f"{PAGE}lines/", *own):
        answer = client.get(address)
        assert answer.status_code == 200
        text = text_of_any(answer.content)
        for code in WITHOUT_PLACE:
            assert code not in text, address
            assert code.capitalize().replace("-", " ") not in text, address


def text_of_any(content: bytes) -> str:
    """What a page or a file says, also in the parts of a workbook."""
    if content[:2] != b"PK":
        return content.decode()
    return " ".join(part.decode(errors="replace") for part in parts_of(content).values())


def test_nobody_finds_a_withheld_count_anywhere(shire: Shire, client: Client):
    """In no page and no file, for anybody or for the region's own people."""
    join_region(shire.region, publish_town("fenford", {"arrests": [HIDDEN], "charges": [20]}, set_up=hide).area)
    shire.publish()
    addresses = [PAGE, LIST, *(f"{PAGE}figures.{kind}" for kind in ("csv", "json"))]
    answers = [client.get(address) for address in addresses]
    sign_in(client, shire.director)
    answers += [client.get(EDITION), client.get(EDITIONS)]
    for answer in answers:
        assert answer.status_code == 200
        assert str(HIDDEN) not in answer.content.decode()
        assert f"{HIDDEN:,}" not in answer.content.decode()


def test_marks_and_rounded_numbers_are_explained(client: Client):
    def round_numbers(town: Town) -> None:
        officer = town.people[Role.INFORMATION]
        set_rule(town.area, kind="round", suppress_to=7, base=5, by=officer, why="Asked for")

    shire = make_shire(20, 21, 22)
    join_region(shire.region, publish_town("dunford", {"arrests": [31], "charges": [9]}, set_up=round_numbers).area)
    edition = shire.publish()
    page = client.get(PAGE).content.decode()
    assert (
        "Total of all 4 areas. September’s total is not shown, so there is no arrow. Some areas round their numbers."
        in page
    )
    assert '<td role="cell" class="vv-number">93</td>' in page  # 20 + 21 + 22 + 30
    assert "vv-key" not in page
    edition.content["lines"][0]["cells"][0] |= {"value": None, "state": "not_available", "text": "[x]"}
    view = make_view(edition.content, name="Essex", month=OCTOBER, before={})
    assert view.key == [("[x]", "not available")]


def test_an_arrow_needs_two_totals_of_the_same_areas(client: Client):
    september = OCTOBER.previous
    shire = make_shire()
    for name, counts in {"ashford": [20, 21], "bexford": [30, 32], "cranford": [40, 43]}.items():
        town = publish_town(name, {"arrests": counts, "charges": [9, 9]}, first=september)
        publish_openly(town, september)
        join_region(shire.region, town.area)
    shire.publish(september)
    shire.publish()
    page = client.get(PAGE).content.decode()
    assert "Total of all 3 areas. Up 6 since September." in page
    assert "Total of all 3 areas. Level with September." in page
    assert "Earlier totals: Arrests" in page
    # A fourth area in October only: another total.
    late = publish_town("dunford", {"arrests": [8], "charges": [9]})
    join_region(shire.region, late.area)
    shire.publish()
    page = client.get(PAGE).content.decode()
    assert "The total for September covers different areas, so there is no arrow" in page
    assert "Of other areas" in page


# --- For the two who decide --------------------------------------------------------------------------


def test_two_people_make_a_month_public(shire: Shire, client: Client):
    sign_in(client, shire.analyst)
    assert "Not public" in client.get(EDITIONS).content.decode()
    before = client.get(EDITION).content.decode()
    assert "Ask for approval" in before
    assert "They depend on 4 numbers" in before
    assert "We decide whether to show this total when someone asks for approval." in before
    page = client.post(EDITION, {"decision": "ask"}, follow=True).content.decode()
    assert "You asked for approval" in page
    assert "You can’t approve your own request" in page
    edition = RegionEdition.objects.get()
    decided = {"edition": edition.pk, "seen": edition.fingerprint}
    assert client.get(PUBLISH).status_code == 403
    sign_in(client, shire.director)
    assert client.get(PUBLISH).status_code == 302
    assert "Waiting for approval" in client.get(EDITIONS).content.decode()
    stale = client.post(EDITION, decided | {"decision": "agree", "seen": "x"}, follow=True)
    assert "has changed since you opened the page" in stale.content.decode()
    page = client.post(EDITION, decided | {"decision": "agree"}, follow=True).content.decode()
    assert f'href="{PUBLISH}"' in page
    assert "Anyone can then read October 2026" in client.get(PUBLISH).content.decode()
    page = client.post(EDITION, decided | {"decision": "publish"}, follow=True).content.decode()
    assert "anyone can read it now" in page
    assert RegionalRest.objects.count() == 4
    assert "Edition 1" in client.get(EDITIONS).content.decode()
    assert Client().get(PAGE).status_code == 200
    page = unescape(client.get(EDITION).content.decode())
    assert f"{shire.analyst} asked for it. {shire.director} approved it and made it public." in page


def test_whoever_asked_can_withdraw_the_request(shire: Shire, client: Client):
    sign_in(client, shire.analyst)
    page = client.post(EDITION, {"decision": "ask"}, follow=True).content.decode()
    assert "Withdraw my request" in page
    assert "Decline" not in page
    assert "Decline" in sign_in(Client(), shire.director).get(EDITION).content.decode()
    edition = RegionEdition.objects.get()
    withdrawn = {"decision": "decline", "edition": edition.pk, "why": "Too early"}
    assert "You withdrew your request" in client.post(EDITION, withdrawn, follow=True).content.decode()
    edition.refresh_from_db()
    assert (edition.state, edition.declined_by) == ("declined", shire.analyst)
    assert "Ask for approval" in client.get(EDITION).content.decode()


def test_nobody_compares_two_totals_before_one_is_decided(client: Client):
    """The total less the one without Elford would be Elford's count."""
    shire = make_shire(2, 3, 3, 2, 2)
    sign_in(client, shire.analyst)
    before = client.get(EDITION).content.decode()
    assert UNDECIDED in unescape(before)
    ask_consent(RegionPeriod(shire.region, OCTOBER), by=shire.analyst)
    assert UNDECIDED not in unescape(client.get(EDITION).content.decode())
    assert shire.total(RegionEdition.objects.get()) == ("shown", 12)
    withdraw_consent(Consent.objects.get(area=shire.towns["elford"].area), by=shire.towns["elford"].coordinator)
    # Another set of the same counts: whatever it comes to, it isn't shown.
    again = ask_consent(RegionPeriod(shire.region, OCTOBER), by=shire.director)
    assert shire.total(again) == ("settled", None)


@pytest.mark.parametrize("how", ["consent", "month"])
def test_what_an_area_withdraws_is_gone_from_an_edition_that_waits(client: Client, how: str):
    shire = make_shire(2, 3, 3, 2, 7_654)
    edition = ask_consent(RegionPeriod(shire.region, OCTOBER), by=shire.analyst)
    agree(edition, by=shire.director, seen=edition.fingerprint)
    sign_in(client, shire.director)
    assert "7,654" in client.get(EDITION).content.decode()
    town = shire.towns["elford"]
    if how == "consent":
        withdraw_consent(Consent.objects.get(area=town.area), by=town.coordinator)
    else:
        period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=OCTOBER.first_day)
        withdraw_month(period, why="A mistake", by=town.people[Role.INFORMATION])
    for page in (EDITION, PUBLISH, EDITIONS):
        assert "7,654" not in client.get(page).content.decode()
    assert "This edition is out of date" in client.get(EDITION).content.decode()


def test_who_read_what_is_prepared_is_noted(shire: Shire, client: Client):
    sign_in(client, shire.analyst)
    for page in (EDITIONS, EDITION):
        client.get(page)
    assert list(ReadEvent.objects.values_list("verb", flat=True)) == ["region.read"] * 2


def test_a_reason_stays_typed_where_declining_fails(shire: Shire, client: Client):
    sign_in(client, shire.director)
    client.post(EDITION, {"decision": "ask"})
    edition = RegionEdition.objects.get()
    page = client.post(EDITION, {"decision": "decline", "edition": edition.pk, "why": ""}, follow=True).content.decode()
    assert "Say why." in page
    client.post(EDITION, {"decision": "decline", "edition": edition.pk, "why": "Wait for Elford"})
    edition.refresh_from_db()
    assert (edition.state, edition.declined_why) == ("declined", "Wait for Elford")
    nothing = client.post(EDITION, {"decision": "agree", "edition": 99_999}, follow=True)
    assert "Nothing was decided" in nothing.content.decode()
    assert client.post(EDITION, {"decision": "burn"}, follow=True).status_code in (200, 409)


def test_it_says_how_many_consents_are_missing(shire: Shire, client: Client):
    Consent.objects.exclude(area__slug="ashford").update(withdrawn_at=timezone.now(), withdrawn_by=shire.director)
    sign_in(client, shire.director)
    assert "2 more areas must give permission" in client.get(EDITIONS).content.decode()
    assert "can’t show anything until 3 of its areas have given permission" in client.get(EDITION).content.decode()


def test_nobody_else_finds_these_pages(shire: Shire):
    people = [*shire.towns["ashford"].people.values(), make_operator(), make_outsider()]
    for person in people:
        client = sign_in(Client(), person)
        assert {client.get(address).status_code for address in (EDITIONS, EDITION, PUBLISH)} == {404}
        assert client.post(EDITION, {"decision": "ask"}).status_code == 404
    assert not RegionEdition.objects.exists()
    assert Client().get(EDITION).status_code == 302
    other = sign_in(Client(), make_region_member(shire.region, RegionRole.ANALYST))
    assert other.get(EDITION).status_code == 200
