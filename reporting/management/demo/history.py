"""Anytown's made-up months: 36 of them, ending with the October 2026 of the demonstration."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any
from unittest.mock import patch

from django.utils import timezone

from actions.models import Kpi, KpiKind
from boards.models import Agency, Board, Licence, PartnershipArea, ReportingPeriod, RequestOutcome, Strand
from boards.services.area import USUAL_SIGNS, set_advice, set_publisher
from boards.services.months import close_month, ensure_month
from core.calendar import Month, add_working_days, months_between, this_or_last_working_day
from core.models import User
from indicators.catalogues.files import read_starter
from indicators.disclosure import Audience
from indicators.figures import Entry
from indicators.kpis.aims import Step
from indicators.models import FigureAct, FigureImport, Indicator, Observation, Submission
from indicators.ratios import is_asked
from indicators.selectors.returns import box_name, list_boxes
from indicators.services.corrections import ask_correction
from indicators.services.history import NOTHING, FigureBefore, note_changes
from indicators.services.returns import accept_return, release_return, return_return, save_draft, submit_return
from indicators.services.setup import ask_recording_change
from indicators.trend import CellState, Polarity
from indicators.workflow import SubmissionState
from reporting.kpis.services import KpiDraft, move_target, review_kpi, set_kpi
from reporting.kpis.targets import TargetDraft
from reporting.management.demo.events import FLOWS, break_down, count_events, poisson, share_out
from reporting.management.demo.pathways import count_pathways
from reporting.management.demo.places import read
from reporting.models import PackKind
from reporting.months.rollup import roll_up, stale_periods
from reporting.months.services import publish_month, write_commentary
from reporting.packs.presenters.order import make_pack
from reporting.packs.presenters.sources import Order
from reporting.packs.services.issue import issue_pack
from reporting.public.services import agree, ask_consent, publish_edition, turn_public_pages

# When Anytown's made-up returns arrived: mostly on time, a few late. Services act on believable days. The figures stay
# as they are.

# Agency and month → how many working days late the return was.
LATE = {
    ("nhs", Month(2026, 1)): 4,
    ("youth-justice", Month(2026, 3)): 1,
    ("council-community-safety", Month(2026, 6)): 6,
    ("education", Month(2026, 8)): 2,
}


@dataclass(frozen=True, slots=True)
class People:
    """The people who act on returns, the agencies' people by the agency's code."""

    coordinator: User
    analyst: User
    leads: dict[str, User]
    approvers: dict[str, User]


@dataclass(frozen=True, slots=True)
class Journey:
    """When a return was submitted, released (if its agency asks for it), accepted or given back."""

    submitted: datetime
    released: datetime | None = None
    accepted: datetime | None = None
    returned: datetime | None = None


@dataclass(frozen=True, slots=True)
class PastReturn:
    """A return that isn't saved yet, with its figures."""

    submission: Submission
    journey: Journey
    figures: list[Observation]


@contextmanager
def clock_at(at: datetime) -> Iterator[None]:
    """Inside it, services act at that time. Triggers freeze much of what they write, so nobody can move its times
    afterwards. Only for a demonstration.
    """

    def now() -> datetime:
        return at

    with patch.object(timezone, "now", now):
        yield


def moment(day: date) -> datetime:
    """Return ten in the morning; never in the future."""
    at_ten = datetime.combine(day, time(10), tzinfo=timezone.get_current_timezone())
    return min(at_ten, timezone.now())


def find_journey(agency: Agency, period: ReportingPeriod) -> Journey:
    """Make up the times of an accepted return."""
    random = Random(f"{agency.code} {period.month}")  # noqa: S311  # the same days on every machine
    late = LATE.get((agency.code, period.month), 0)
    on_time = this_or_last_working_day(period.due_on - timedelta(days=random.randint(0, 6)))
    submitted = add_working_days(period.due_on, late) if late else on_time
    released = add_working_days(submitted, 1) if agency.needs_release else None
    accepted = add_working_days(released or submitted, random.randint(1, 3))
    return Journey(moment(submitted), moment(released) if released else None, moment(accepted))


def days_ago(number: int, period: ReportingPeriod) -> datetime:
    """Return a day so many working days ago, within the time for a return of the month."""
    today = min(timezone.localdate(), period.due_on - timedelta(days=2))
    return moment(max(add_working_days(today, -number), this_or_last_working_day(period.starts_on + timedelta(days=1))))


def hand_in_past(agency: Agency, period: ReportingPeriod, figures: list[Observation], *, people: People) -> PastReturn:
    """Return the accepted return of unsaved figures, as the services would have left it."""
    journey, lead = find_journey(agency, period), people.leads[agency.code]
    submission = Submission(
        agency=agency,
        period=period,
        state=SubmissionState.ACCEPTED.value,
        draft={box_name(figure): typed(figure) for figure in figures},
        revision=1,
        saved_at=journey.submitted,
        saved_by=lead,
        submitted_at=journey.submitted,
        submitted_by=lead,
        handed_in_on=timezone.localdate(journey.submitted),
        released_at=journey.released,
        released_by=people.approvers[agency.code] if journey.released else None,
        accepted_at=journey.accepted,
        accepted_by=people.coordinator,
    )
    for figure in figures:
        figure.submission, figure.imported_from = submission, ""
        figure.signed_off_at, figure.signed_off_by = journey.accepted, people.coordinator
    return PastReturn(submission, journey, figures)


def typed(figure: Observation) -> dict[str, str]:
    is_figure = figure.value is not None
    return {
        "value": str(figure.value) if is_figure else "",
        "reason": "" if is_figure else str(figure.state),
        "note": figure.note,
    }


def save_past(returns: list[PastReturn], figures: list[Observation]) -> None:
    """Save made-up returns and figures (also those from a file), with what happened to each figure."""
    Submission.objects.bulk_create([past.submission for past in returns])
    # Keys exist only after `bulk_create`.
    for past in returns:
        for figure in past.figures:
            figure.submission = past.submission
    Observation.objects.bulk_create(figures)
    imported = [(figure, NOTHING, FigureBefore.of(figure)) for figure in figures if figure.submission is None]
    note_changes(FigureAct.IMPORTED, imported, by=None, at=timezone.now())
    for past in returns:
        entered = [(figure, NOTHING, FigureBefore.of(figure)) for figure in past.figures]
        same = [(figure, after, after) for figure, _, after in entered]
        lead, coordinator = past.submission.submitted_by, past.submission.accepted_by
        note_changes(FigureAct.ENTERED, entered, by=lead, at=past.journey.submitted)
        note_changes(FigureAct.ACCEPTED, same, by=coordinator, at=past.journey.accepted or past.journey.submitted)


def on(day: date) -> AbstractContextManager[None]:
    """Inside it, services act on that day at ten in the morning, or now if that is in the future."""
    return clock_at(moment(day))


def ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


PUBLISHED_ON = 20  # of the next month: when a month has been published
type Act = tuple[date, Callable[[], object]]


class DemoKpis:
    """What is still to do, in order."""

    def __init__(self, area: PartnershipArea, people: dict[str, User]) -> None:
        self.area, self.people = area, people
        self.kpis: dict[str, Kpi] = {}
        rows = read("kpis")["kpi"]
        self.acts = sorted((act for row in rows for act in self.list_acts(row)), key=lambda act: act[0])

    def do_before(self, month: Month) -> None:
        """Do all that happened before a month was published."""
        until = month.next.first_day.replace(day=PUBLISHED_ON)
        while self.acts and self.acts[0][0] < until:
            day, act = self.acts.pop(0)
            with on(day):
                act()

    def list_acts(self, row: dict[str, Any]) -> Iterator[Act]:
        code = row["indicator"]
        yield row["set_on"], partial(self.set, row)
        for moved in row.get("moved", []):
            yield moved["on"], partial(self.move, code, moved)
        for review in row.get("review", []):
            yield review["on"], partial(self.review, code, review)

    def set(self, row: dict[str, Any]) -> None:
        indicator = Indicator.objects.select_related("area").get(area=self.area, code=row["indicator"])
        draft = KpiDraft(
            title=row["title"],
            kind=KpiKind(row["kind"]),
            board=Board.objects.get(area=self.area, code=row["board"]),
            strand=Strand.objects.get(area=self.area, code=row["strand"]),
            owner=self.people[row["owner"]] if "owner" in row else None,
            why=row["why"],
            smallest=row["smallest"],
            review_every=row["review_every"],
        )
        why = row["target"].get("went_on_why", "")
        self.kpis[row["indicator"]] = set_kpi(
            indicator, draft, read_target(row["target"]), went_on_why=why, by=self.people["coordinator"]
        )

    def move(self, code: str, row: dict[str, Any]) -> None:
        kpi = self.kpis[code]
        why = row["target"].get("went_on_why", "")
        seen = kpi.targets.latest("version").version
        draft = read_target(row["target"])
        move_target(kpi, draft, reason=row["why"], seen=seen, went_on_why=why, by=self.people["coordinator"])

    def review(self, code: str, row: dict[str, Any]) -> None:
        review_kpi(self.kpis[code], note=row["note"], reviewed_on=row["on"], by=self.people[row["by"]])


def read_target(row: dict[str, Any]) -> TargetDraft:
    return TargetDraft(
        baseline_from=Month.parse(row["baseline_from"]),
        baseline_to=Month.parse(row["baseline_to"]),
        better=Polarity(row["better"]),
        target=float(row["target"]),
        due=Month.parse(row["due"]),
        begins=Month.parse(row["begins"]) if "begins" in row else None,
        steps=tuple(Step(Month.parse(month), float(value)) for month, value in row.get("steps", [])),
    )


OCTOBER = Month(2026, 10)
FIRST = OCTOBER + -35
SETTLED = timedelta(0)  # nobody takes back a month of the past
EARLY = "The strategic group met before the last returns were in."  # used if some are missing
FIRST_RETURN = OCTOBER + -11  # earlier figures came from a file
MADE_UP = "Made-up history for the demonstration"
COMMENTARY = """\
Cuckooed houses are the figure to ask about: 87 from August to October, 34 of them in October. About 54 is usual. In \
August, council housing began visiting tenants to explain the warning signs. In October, visits with the police found \
several in one block. Part of the rise may come from looking harder. The figures can’t show how much.

Fewer children were often missing from home: 48 from May to October, 7 of them in October. About 83 is usual. One \
child can count in several months. Operation Homeward ran from May to August. We can’t say that it was the cause. \
Referrals to the National Referral Mechanism were low too, after the form changed in April. Fewer referrals may not \
mean fewer victims.

Five more lines were known than in September, two from Birmingham: in one month, that can be chance.

For September, the figures of Council community safety and the NHS are awaited, and so are the police’s trafficking \
charges. So these have no arrow in October.
"""


def load_history(
    area: PartnershipArea, rows: list[dict[str, Any]], *, people: People, kpis: DemoKpis, say: Callable[[str], object]
) -> None:
    """Make the months before October: figures as from a file, then a year of returns. Each month is published in turn,
    with the KPIs' changes between. Says how far it is.
    """
    coordinator = people.coordinator
    periods = {month: ensure_month(area, month, by=coordinator) for month in months_between(FIRST, OCTOBER.previous)}
    observations = list(make_figures(area, with_events(rows), periods, by=coordinator))
    returns = []
    for period in periods.values():
        if period.month < FIRST_RETURN:
            continue
        came: dict[Agency, list[Observation]] = defaultdict(list)
        for figure in observations:
            if figure.period_id == period.pk:
                came[figure.indicator.owner].append(figure)
        returns += [hand_in_past(agency, period, figures, people=people) for agency, figures in came.items()]
    save_past(returns, observations)
    note_import(area, [figure for figure in observations if figure.imported_from], people=people)
    for period in periods.values():
        kpis.do_before(period.month)
        closed = close_month(period, by=coordinator, missing=[], why=EARLY)
        publish_month(closed, why=EARLY, grace=SETTLED, by=coordinator)  # it also rolls the month up
        if period.month.number % 6 == 0:
            say(f"{area.name}: {period.month.label} is published …")


def note_import(area: PartnershipArea, figures: list[Observation], *, people: People) -> None:
    """Say that the analyst brought in what came from a file, and that the coordinator confirmed it."""
    now = timezone.now()
    FigureImport.objects.create(
        area=area,
        asked_at=now,
        asked_by=people.analyst,
        ends_on=timezone.localdate(now),
        name_of_file=MADE_UP,
        figures=len(figures),
        first=min(figure.period.starts_on for figure in figures),
        last=max(figure.period.starts_on for figure in figures),
        outcome=RequestOutcome.CONFIRMED.value,
        decided_at=now,
        decided_by=people.coordinator,
    )


def make_figures(
    area: PartnershipArea, rows: list[dict[str, Any]], periods: dict[Month, ReportingPeriod], *, by: User
) -> Iterator[Observation]:
    indicators = {
        indicator.code: indicator
        for indicator in Indicator.objects.filter(area=area).select_related("dimension", "owner")
    }
    for row in rows:
        if "october" not in row:
            continue  # it is worked out
        random = Random(row["code"])  # noqa: S311  # the same months on every machine
        there: dict[str, int] = {}  # for a stock, the month before
        indicator = indicators[row["code"]]
        categories = {c.code: c for c in indicator.dimension.categories.all()} if indicator.dimension else {}
        first = Month.of(row.get("defined_from", FIRST.first_day))
        asked_months = [month for month in periods if month >= first and is_asked(indicator.asked, month, first)]
        for month, period in ((month, periods[month]) for month in asked_months):
            for code, state, value, note in make_month(row, month, random, there):
                yield Observation(
                    indicator=indicator,
                    category=categories[code] if code else None,
                    period=period,
                    state=state,
                    value=value,
                    note=note,
                    imported_from=MADE_UP,
                    signed_off_at=timezone.now(),
                    signed_off_by=by,
                )


def made_up(row: dict[str, Any], code: str, mean: float, random: Random, there: dict[str, int]) -> int:
    """Return a made-up count with this mean; for a stock, most of the month before plus new ones."""
    stays = row.get("stays", 0)
    kept = random.binomialvariate(there[code], stays) if there.get(code) else 0
    there[code] = kept + poisson(random, mean * (1 - stays) if code in there else mean)
    return there[code]


def make_month(
    row: dict[str, Any], month: Month, random: Random, there: dict[str, int]
) -> Iterator[tuple[str, CellState, int | None, str]]:
    """Yield an indicator's made-up figures for a month: (category, state, value, note)."""
    skipped = row.get("not_applicable", {})
    if month.number in skipped.get("months", []):
        yield "", CellState.NOT_APPLICABLE, None, skipped["note"]
        return
    if month == OCTOBER.previous:
        if "september_awaited" in row:
            yield "", CellState.AWAITED, None, row["september_awaited"]
            return
        values = row.get("september", {})  # none: that return is awaited
    elif "history" in row:
        history = row["history"]
        split = history if isinstance(history, dict) else {"": history}
        values = {code: series[month - FIRST] for code, series in split.items()}
    else:
        usual = row["usual"]
        split = usual if isinstance(usual, dict) else {"": usual}
        values = {code: made_up(row, code, mean, random, there) for code, mean in split.items()}
    if not isinstance(values, dict):
        values = {"": values}
    for code, value in values.items():
        yield code, CellState.FIGURE, value, ""


def with_events(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows, each with the history that the town's events give it, where they do."""
    by_code = {row["code"]: row for row in rows}
    counted = count_events(by_code["drug-arrests"]["history"])
    broken_down = {
        row["code"]: break_down(row["code"], counted[find_whole(row["code"])][""], row["shares"])
        for row in rows
        if "shares" in row
    }
    of_pathways = count_pathways(counted["juveniles"][""], by_code["nrm-referrals"]["history"])
    made = counted | broken_down | of_pathways
    return [{**row, "history": made[row["code"]]} if row["code"] in made else row for row in rows]


def find_whole(code: str) -> str:
    """Return what an indicator breaks down in the starter catalogue; empty for nothing."""
    return next(entry.breaks_down for entry in read_starter().indicator if entry.code == code)


def entries_for(agency: Agency, month: Month, rows: list[dict[str, Any]]) -> dict[str, Entry]:
    by_code = {row["code"]: row for row in rows}
    entries = {}
    for box in list_boxes(agency, month):
        row = by_code[box.indicator.code]
        figure = row["october"][box.category.code] if box.category else row["october"]
        entries[box.name] = Entry(value=str(figure), note=row.get("october_note", ""))
    return entries


def hand_in(
    agency: Agency, period: ReportingPeriod, entries: dict[str, Entry], *, lead: User, at: datetime
) -> Submission:
    with clock_at(at):
        submission = save_draft(agency, period, entries, revision=0, by=lead)
        return submit_return(agency, period, revision=submission.revision, by=lead)


def load_october(area: PartnershipArea, rows: list[dict[str, Any]], *, people: People, kpis: DemoKpis) -> None:
    """Make October as its people would have: entered, submitted, released, accepted, published."""
    coordinator = people.coordinator
    period = ensure_month(area, OCTOBER, by=coordinator)
    for agency in Agency.objects.filter(area=area):
        entries = entries_for(agency, OCTOBER, rows)
        if not entries:
            continue  # it supplies nothing before November
        journey = find_journey(agency, period)
        submission = hand_in(agency, period, entries, lead=people.leads[agency.code], at=journey.submitted)
        if agency.needs_release:
            with clock_at(journey.released or journey.submitted):
                release_return(submission, by=people.approvers[agency.code])
        with clock_at(journey.accepted or journey.submitted):
            accept_return(submission, by=coordinator)
    kpis.do_before(OCTOBER)
    roll_up(stale_periods().filter(area=area))
    close_month(period, by=coordinator, missing=[])
    write_commentary(period, None, COMMENTARY, revision=0, by=people.analyst)
    publish_month(period, grace=SETTLED, by=coordinator)


def load_november(area: PartnershipArea, rows: list[dict[str, Any]], *, people: People) -> None:
    """Make a half-finished November: a return in each state, a provisional figure, and a requested correction for
    October, so that there is something to do.
    """
    month, coordinator, leads = OCTOBER.next, people.coordinator, people.leads
    period = ensure_month(area, month, by=coordinator)
    random = Random(11)  # noqa: S311
    agencies = {agency.code: agency for agency in Agency.objects.filter(area=area)}

    breakdowns = [row for row in rows if "shares" in row]
    for_pathways = {row["code"] for row in rows if "of_pathway" in row}

    def made_up(code: str) -> dict[str, Entry]:
        """Return figures near October's. What came and went isn't filled in yet: it has to agree with the lines."""
        filled_in_otherwise = {*FLOWS, *(row["code"] for row in breakdowns)}
        entries = entries_for(agencies[code], month, rows)
        # Counts of pathways draw from a source of their own, so that the others stay as they are.
        sources = {name: Random(name) if name.partition(".")[0] in for_pathways else random for name in entries}  # noqa: S311
        return {
            name: Entry(value=str(max(0, int(entry.value) + sources[name].randint(-2, 2))))
            for name, entry in entries.items()
            if name.partition(".")[0] not in filled_in_otherwise
        }

    def broken_down(entries: dict[str, Entry]) -> dict[str, Entry]:
        """Return the entries with breakdowns that add up."""
        more: dict[str, Entry] = {}
        for row in breakdowns:
            shared = share_out(Random(row["code"]), int(entries[find_whole(row["code"])].value), row["shares"])  # noqa: S311
            more |= {f"{row['code']}.{category}": Entry(value=str(count)) for category, count in shared.items()}
        return entries | more

    def came(code: str, entries: dict[str, Entry], *, days: int) -> Submission:
        return hand_in(agencies[code], period, entries, lead=leads[code], at=days_ago(days, period))

    begun = dict(list(made_up("police").items())[:5])
    save_draft(agencies["police"], period, begun, revision=0, by=leads["police"])
    children = {**made_up("council-children"), "juveniles": Entry(value="15")}
    came("council-children", broken_down(children), days=3)
    cuckooed = Entry(value="31", note="Still the same block")
    housing = came("council-housing", {**made_up("council-housing"), "cuckooed": cuckooed}, days=4)
    with clock_at(days_ago(1, period)):
        accept_return(housing, provisional=["cuckooed"], by=coordinator)
    justice = came("youth-justice", {"appropriate-adult": Entry(value="40", note="Counted by the scheme")}, days=8)
    with clock_at(days_ago(6, period)):
        return_return(justice, comment="40 is ten times October’s figure. Is it 4?", by=coordinator)
    safety = {**made_up("council-community-safety"), "closure-orders": Entry(value="3")}
    came("council-community-safety", safety, days=2)
    ask_for_correction(area, by=leads["council-children"])
    roll_up(stale_periods().filter(area=area))


def ask_for_recording(area: PartnershipArea, *, by: User) -> None:
    """Ask for a change of recording, which waits for a second person."""
    arrests = Indicator.objects.get(area=area, code="drug-arrests")
    why = "The new custody system counts each arrest; the old one counted each person once a month."
    ask_recording_change(arrests, month=OCTOBER.next, why=why, by=by)


def ask_for_correction(area: PartnershipArea, *, by: User) -> None:
    november = ReportingPeriod.objects.get(area=area, starts_on=OCTOBER.next.first_day)
    with clock_at(days_ago(2, november)):
        ask_correction(
            Indicator.objects.get(area=area, code="nrm-referrals"),
            None,
            ReportingPeriod.objects.get(area=area, starts_on=OCTOBER.first_day),
            entry=Entry(value="6"),
            reason="A referral of 30 October was logged only in November.",
            by=by,
        )


# --- The register of packs: October's for two boards, as their clerks would have had them issued; public pages --

# Board, kind, audience, meeting, its day.
ISSUED = (
    ("csp", PackKind.MONTH, Audience.PARTNERS, "Community Safety Partnership", date(2026, 11, 27)),
    ("hwbb", PackKind.MONTH, Audience.PUBLIC, "Health and Wellbeing Board", date(2026, 12, 3)),
    ("hwbb", PackKind.APPENDIX, Audience.PARTNERS, "Health and Wellbeing Board", date(2026, 12, 3)),
)


def load_packs(area: PartnershipArea, *, month: Month, coordinator: User) -> None:
    period = ReportingPeriod.objects.select_related("area").get(area=area, starts_on=month.first_day)
    for code, kind, audience, meeting, day in ISSUED:
        board = Board.objects.get(area=area, code=code)
        order = Order(period, board, kind, audience, meeting=meeting, meeting_on=day)
        issue_pack(order, seen=make_pack(order, include_drafts=False).token, by=coordinator)


PUBLIC_MONTHS = 3
HOW_TO_REPORT = (
    "At school or college, tell any member of staff you trust. They know who to ask.\n\n"
    "If you work with children or with adults at risk, follow your workplace’s safeguarding steps first."
)


def load_editions(area: PartnershipArea, *, newest: Month, coordinator: User, officer: User) -> None:
    turn_on(area, coordinator=coordinator)
    # The service changed another copy of this row.
    area.refresh_from_db()
    for ago in reversed(range(PUBLIC_MONTHS)):
        period = ReportingPeriod.objects.get(area=area, starts_on=(newest + -ago).first_day)
        period.area = area
        show_public(period, coordinator=coordinator, officer=officer)


def turn_on(area: PartnershipArea, *, coordinator: User) -> None:
    """Say who publishes an area's figures, and turn its public pages on."""
    set_publisher(
        area,
        publisher=f"{area.name} Community Safety Partnership",
        contact=f"community.safety@{area.slug}.example",
        licence=Licence.OPEN,
        by=coordinator,
    )
    turn_public_pages(area, on=True, by=coordinator)


def show_public(period: ReportingPeriod, *, coordinator: User, officer: User) -> None:
    """Publish a month for everybody."""
    edition = ask_consent(period, by=coordinator)
    agree(edition, by=officer, seen=edition.fingerprint)
    publish_edition(edition, by=coordinator)


def load_signs(area: PartnershipArea, *, coordinator: User) -> None:
    signs = "\n".join(USUAL_SIGNS)
    set_advice(area, signs=signs, how_to_report=HOW_TO_REPORT, is_public=True, revision=0, by=coordinator)
