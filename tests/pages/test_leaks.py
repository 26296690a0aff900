"""Does anything of a withheld figure get out? Each case is a month told twice, with other figures where the
public sees none. Every byte that the public can get has to be the same both times: pages with their
drawings, files, packs with their properties, headers and names.

So there is nothing to look for, and nothing that could be overlooked: an order, a coordinate, a title or a
rounding that followed a withheld figure would differ.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.cache import caches
from django.db import transaction
from django.test import Client

from boards.models import ReportingPeriod
from boards.rules import Role
from core.calendar import Month
from core.labels import TransitionRefused
from indicators.disclosure import Audience
from indicators.figures import Entry
from indicators.models import Category, Indicator
from indicators.services.corrections import accept_correction, ask_correction
from indicators.trend import CellState
from reporting.months.services import publish_corrections
from reporting.public import services
from tests import scenarios
from tests.factories import make_dimension, make_indicator
from tests.factories.workbooks import parts_of
from tests.integration.clock import Clock
from tests.integration.command_line import run
from tests.ruling import set_rule
from tests.scenarios import Town, make_town
from tests.tiers import vary_at_release
from tests.visiting import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.asked_before]  # see TOLD
MONTHS = AUGUST, SEPTEMBER, OCTOBER = tuple(Month(2026, number) for number in (8, 9, 10))
FORMS = ("csv", "json", "xlsx", "ods")
EXPORTS = {"export_month": ("--month", "2026-10"), "export_figures": ()}
PLAIN: dict[str, object] = {
    "arrests": 12,
    "charges": 4,
    "lines.london": 1,
    "lines.leeds": 10,
    "lines.hull": 6,
    "referrals": 20,
    "inside": 3,
    "secret": 40,
    "contacts": 60,
    "covert": 12,
}


@pytest.fixture(autouse=True)
def _one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the second at which a version was made would differ."""
    Clock(monkeypatch)("2026-11-24")


type Figures = Mapping[Month, Mapping[str, object]]
type Told = dict[str, bytes]


# What was told once is told the same again: most cases have one telling in common.
TOLD: dict[object, Told] = {}


def tell(figures: Figures, tmp_path: Path, *, then: Callable[[Town], None] | None = None) -> Told:
    """Everything that the public can get of a town with these figures. The town is gone afterwards."""
    key = (*(frozenset(all_of(figures, month).items()) for month in MONTHS), then)
    if key not in TOLD:
        TOLD[key] = tell_anew(figures, tmp_path, then)
    return TOLD[key]


def all_of(figures: Figures, month: Month) -> dict[str, object]:
    return PLAIN | dict(figures.get(month, {}))


def tell_anew(figures: Figures, tmp_path: Path, then: Callable[[Town], None] | None) -> Told:
    try:
        with transaction.atomic():
            told = everything(make_public_town(figures, then), tmp_path)
            transaction.set_rollback(True)
    finally:
        for name in ("pages", "api"):
            caches[name].clear()
    return told


def make_public_town(figures: Figures, then: Callable[[Town], None] | None) -> Town:
    town = make_town()
    town.area.longitude, town.area.latitude = 0.7, 51.5
    town.area.save()
    origin = make_dimension(town.area, "origin", ["london", "leeds", "hull"])
    places = {"london": (-0.12, 51.5), "leeds": (-1.55, 53.8), "hull": (-0.33, 53.7)}
    for code, (longitude, latitude) in places.items():
        Category.objects.filter(code=code).update(longitude=longitude, latitude=latitude)
    boards = (town.csp,)
    make_indicator(town.police, "lines", dimension=origin, boards=boards, position=2)
    whole = make_indicator(town.police, "referrals", boards=boards, position=3)
    make_indicator(town.police, "inside", part_of=whole, boards=boards, position=4)
    secret = make_indicator(town.police, "secret", boards=boards, position=5)
    contacts = make_indicator(town.police, "contacts", boards=boards, position=6)
    make_indicator(town.police, "covert", part_of=contacts, openness="partners", boards=boards, position=7)
    officer = town.people[Role.INFORMATION]
    set_rule(town.area, indicator=secret, kind="withhold", why="The agreement", by=officer)
    for month in MONTHS:
        scenarios.accept(town, month, all_of(figures, month))
    scenarios.publish(town, OCTOBER)
    services.turn_public_pages(town.area, on=True, by=town.coordinator)
    publish(town, SEPTEMBER)
    publish(town, OCTOBER)
    if then is not None:
        then(town)
    return town


def publish(town: Town, month: Month) -> None:
    period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=month.first_day)
    edition = services.ask_consent(period, by=town.coordinator)
    services.agree(edition, by=town.people[Role.INFORMATION], seen=edition.fingerprint)
    services.publish_edition(edition, by=town.coordinator)


def everything(town: Town, tmp_path: Path) -> Told:
    told: Told = {}
    paths = ["", "2026-09/", "2026-10/", "2026-10/?edition=1"]
    paths += ["2026-09/lines/", "2026-10/lines/", "2026-10/lines/?edition=1"]
    paths += [f"2026-{month}/{page}/" for month in ("09", "10") for page in ("about", "year")]
    paths += ["2026-10/year/?edition=1"]
    paths += [f"{month}/figures.{form}" for month in ("2026-09", "2026-10") for form in FORMS]
    paths += ["feed.atom", "datapackage.json", "datapackage.zip", "figures.csv", "indicators.csv", "editions.csv"]
    for path in paths:
        told |= answered(Client(), f"/{town.area.slug}/public/", path)
    for form in FORMS:
        for name, asked in EXPORTS.items():
            output = tmp_path / f"file.{form}"
            ran = run(
                name, "--area", town.area.slug, *asked, "--audience", "public", "--format", form, "--output", output
            )
            assert ran.status == 0, ran.err
            told |= unpacked(f"{name} {form}", output.read_bytes()) | {f"{name} {form}, said": ran.err.encode()}
    member = signed_in(town.people[Role.BOARD_MEMBER])
    for form in FORMS:
        for what in ("2026-10/figures", "indicators/arrests/figures", "indicators/lines/figures", "exports/history"):
            told |= answered(member, f"/{town.area.slug}/", f"{what}.{form}?audience=public")
    return told | packs(town, tmp_path)


def packs(town: Town, tmp_path: Path) -> Told:
    """Those for the public: drafts of each kind, and one that is issued, as a file and as a page."""
    told: Told = {}
    output = tmp_path / "pack.pdf"
    draft = ("build_pack", "--area", town.area.slug, "--month", "2026-10", "--board", "csp", "--audience", "public")
    for kind in ("month", "year"):
        for scope in ("all", "signals"):
            ran = run(*draft, "--kind", kind, "--scope", scope, "--output", output)
            assert ran.status == 0, ran.err
            told[f"pack of the {kind}, {scope}"] = output.read_bytes()
    issued = scenarios.issue(town, OCTOBER, audience=Audience.PUBLIC)
    for path in ("packs/", f"packs/{issued.reference}/", f"packs/{issued.reference}/pack.pdf"):
        told |= answered(Client(), f"/{town.area.slug}/public/", path)
    return told


def answered(client: Client, folder: str, path: str) -> Told:
    """An answer: its headers and its body, and whatever a workbook holds."""
    answer = client.get(folder + path)
    assert answer.status_code == 200, path
    headers = "\n".join(f"{name}: {value}" for name, value in sorted(answer.headers.items()))
    return unpacked(path, answer.content, head=headers.encode() + b"\n\n")


def unpacked(what: str, content: bytes, *, head: bytes = b"") -> Told:
    parts = parts_of(content) if content.startswith(b"PK") else {}
    return {what: head + content} | {f"{what}, {name}": part for name, part in parts.items()}


@dataclass(frozen=True)
class Correct:
    """A figure of October is corrected, and the month made public again, where that says anything."""

    code: str
    value: int
    reason: str = "Counted twice"

    def __call__(self, town: Town) -> None:
        indicator = Indicator.objects.get(area=town.area, code=self.code)
        period = ReportingPeriod.objects.select_related("area").get(area=town.area, starts_on=OCTOBER.first_day)
        entry = Entry(str(self.value), note="Checked")  # it is asked about
        asked = ask_correction(indicator, None, period, entry=entry, reason=self.reason, by=town.lead)
        accept_correction(asked, by=town.coordinator)
        scenarios.sweep()
        publish_corrections(town.area, by=town.coordinator)
        if self.code != "arrests":
            with pytest.raises(TransitionRefused, match="hasn’t changed since"):
                services.ask_consent(period, by=town.coordinator)
            return
        edition = services.ask_consent(period, by=town.coordinator)
        services.agree(edition, by=town.people[Role.INFORMATION], seen=edition.fingerprint)
        services.publish_edition(edition, by=town.coordinator)


# One of each way in which a figure is withheld, and then others that vary where it stands.
# Leeds goes with London: their group has a small number.
SAME_BYTES: dict[str, tuple[Figures, Figures]] = {
    "a total and its parts, the drawings and their order": (
        {OCTOBER: {"lines.london": 1, "lines.leeds": 6}},
        {OCTOBER: {"lines.london": 2, "lines.leeds": 5}},
    ),
    "a whole and its part": ({OCTOBER: {"inside": 3}}, {OCTOBER: {"inside": 1}}),
    "a figure, its arrow and its averages": ({OCTOBER: {"charges": 4}}, {OCTOBER: {"charges": 1}}),
    "what is always withheld": ({OCTOBER: {"secret": 40}}, {OCTOBER: {"secret": 7}}),
    "the month before": ({SEPTEMBER: {"charges": 4}}, {SEPTEMBER: {"charges": 2}}),
    "the month before, of a line that is shown now": (
        {SEPTEMBER: {"arrests": 4}},
        {SEPTEMBER: {"arrests": 1}},
    ),
    "the months of a chart": (
        {AUGUST: {"lines.london": 3, "lines.leeds": 6}},
        {AUGUST: {"lines.london": 4, "lines.leeds": 5}},
    ),
    "a zero of what is always withheld": ({OCTOBER: {"secret": 40}}, {OCTOBER: {"secret": 0}}),
    "whether there is a figure of it at all": ({OCTOBER: {"secret": 40}}, {OCTOBER: {"secret": None}}),
    "what only partners may see, a part of what is shown": (
        {OCTOBER: {"covert": 12}, SEPTEMBER: {"covert": 31}},
        {OCTOBER: {"covert": 25}, SEPTEMBER: {"covert": None}},
    ),
    "a zero of what only partners may see": ({OCTOBER: {"covert": 12}}, {OCTOBER: {"covert": 0}}),
    "whether it was late": ({OCTOBER: {"secret": 40}}, {OCTOBER: {"secret": CellState.AWAITED}}),
}


@pytest.mark.parametrize("case", vary_at_release([*SAME_BYTES], every_time=4))
def test_other_withheld_figures_are_the_same_bytes(case: str, tmp_path: Path):
    one, other = (tell(figures, tmp_path) for figures in SAME_BYTES[case])
    assert one.keys() == other.keys()
    for what, told in one.items():
        assert told == other[what], what


@pytest.mark.parametrize(
    ("one", "other"),
    vary_at_release(
        [
            (Correct("charges", 3), Correct("charges", 2)),
            (Correct("secret", 41), Correct("secret", 3)),
            (Correct("charges", 3), Correct("charges", 3, "The child was named twice")),
            (Correct("arrests", 15), Correct("arrests", 15, "The child was named twice")),
            (Correct("inside", 2), Correct("inside", 1)),
            (Correct("covert", 13), Correct("covert", 3)),
        ],
        every_time=2,
    ),
    ids=[
        "a small figure",
        "always withheld",
        "the reason",
        "the reason of a figure that is shown",
        "a part",
        "private",
    ],
)
def test_a_correction_of_what_is_withheld_tells_nothing(
    tmp_path: Path, one: Callable[[Town], None], other: Callable[[Town], None]
):
    first, second = tell({}, tmp_path, then=one), tell({}, tmp_path, then=other)
    for what, told in first.items():
        assert told == second[what], what


@pytest.mark.parametrize(
    ("figures", "where"),
    [
        ({OCTOBER: {"arrests": 13}}, "2026-10/"),
        ({SEPTEMBER: {"arrests": 13}}, "2026-09/figures.csv"),
        ({SEPTEMBER: {"arrests": 13}}, "2026-10/year/"),
        ({OCTOBER: {"arrests": 13}}, "2026-10/figures.xlsx, xl/worksheets/sheet1.xml"),
        ({SEPTEMBER: {"arrests": 13}}, "export_figures json"),
        ({SEPTEMBER: {"arrests": 13}}, "exports/history.csv?audience=public"),
    ],
)
def test_a_figure_that_is_shown_does_differ(tmp_path: Path, figures: Figures, where: str):
    """The control: the comparison sees a difference where there is one."""
    assert tell({}, tmp_path)[where] != tell(figures, tmp_path)[where]


def test_nothing_names_what_only_partners_may_see(tmp_path: Path):
    told = tell({}, tmp_path)
    assert any(b"contacts" in content for content in told.values())
    for what, content in told.items():
        assert b"covert" not in content.lower(), what


def test_no_words_of_an_agency_are_public(tmp_path: Path):
    """Notes, reasons, and who signed a figure off stay with partners."""
    figures = {OCTOBER: {"arrests": None}}  # with a note: the system was down
    for what, told in tell(figures, tmp_path).items():
        assert b"system was down" not in told, what
        assert not re.search(rb"@testford\.example", told), what
