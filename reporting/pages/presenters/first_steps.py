"""The steps of a new area to its first publication: what is done, what is next, and where."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from boards.models import PartnershipArea, ReportingPeriod
from reporting.models.first_steps import NEEDED, FirstStep
from reporting.pages.selectors.first_steps import Progress

DONE, NEXT, LATER, ASIDE = "done", "next", "later", "aside"
LABELS = {DONE: "Done", NEXT: "Next", LATER: "To do", ASIDE: "Set aside"}
# The CSS status of each state.
LOOKS = {DONE: "accepted", NEXT: "open", LATER: "closed", ASIDE: "closed"}


@dataclass(frozen=True, slots=True)
class StepView:
    """`url` is where to do it; empty if something else comes first."""

    code: str
    name: str
    state: str
    sentence: str
    url: str
    can_be_left: bool

    @property
    def label(self) -> str:
        return LABELS[self.state]

    @property
    def look(self) -> str:
        return LOOKS[self.state]


@dataclass(frozen=True, slots=True)
class FirstSteps:
    steps: Sequence[StepView]

    @property
    def done(self) -> int:
        return sum(step.state == DONE for step in self.steps)

    @property
    def wanted(self) -> int:
        return sum(step.state != ASIDE for step in self.steps)


def make_first_steps(area: PartnershipArea, progress: Progress, periods: Sequence[ReportingPeriod]) -> FirstSteps:
    """`periods` are the area's months, the newest first; those that were opened for figures from before are no step.
    No query."""
    periods = [period for period in periods if not period.for_history]
    told = {
        FirstStep.CHECK: tell_check(area, progress),
        FirstStep.INVITE: tell_people(area, progress),
        FirstStep.MONTH: tell_month(area, periods),
        FirstStep.HISTORY: tell_history(area, progress),
        FirstStep.RETURN: tell_return(area, progress, periods),
        FirstStep.PUBLISH: tell_publication(area, periods),
    }
    views: list[StepView] = []
    is_next_found = False
    for step, (is_done, sentence, url) in told.items():
        if is_done:
            state = DONE
        elif step.value in progress.aside:
            state = ASIDE
        else:
            state = NEXT if not is_next_found and url else LATER
            is_next_found = is_next_found or state == NEXT
        can_be_left = not is_done and step not in NEEDED
        views.append(StepView(step.value, step.label, state, sentence, url, can_be_left))
    return FirstSteps(views)


type Told = tuple[bool, str, str]  # whether it is done, its progress, and where to do it


def tell_check(area: PartnershipArea, progress: Progress) -> Told:
    there = ", ".join(
        (
            describe_count(progress.boards, "board", "boards"),
            describe_count(progress.agencies, "agency", "agencies"),
            describe_count(progress.indicators, "indicator", "indicators"),
        )
    )
    is_done = bool(progress.boards and progress.agencies and progress.indicators) and not progress.empty_boards
    lacks = f" {progress.empty_boards} of the boards have no indicator." if progress.empty_boards else ""
    return (
        is_done,
        f"{there}.{lacks} Rename, retire and add what differs here.",
        reverse("indicators:setup", args=[area.slug]),
    )


def tell_people(area: PartnershipArea, progress: Progress) -> Told:
    is_done = progress.led == progress.owing and progress.seated_boards == progress.boards
    sentence = (
        f"{progress.led} of {progress.owing} agencies with returns to make have a lead, and {progress.seated_boards} "
        "of "
        f"{progress.boards} boards have a member. {progress.signed_in} of "
        f"{describe_count(progress.people, 'person has', 'people have')} signed in."
    )
    return is_done, sentence, reverse("indicators:people-file", args=[area.slug])


def tell_month(area: PartnershipArea, periods: Sequence[ReportingPeriod]) -> Told:
    url = reverse("reporting:month-list", args=[area.slug])
    if not periods:
        return False, "Choose the first month that needs returns.", url
    first, last = periods[-1].month, periods[0].month
    is_one = len(periods) == 1
    return True, f"{first.label} is open." if is_one else f"{first.label} to {last.label}, {len(periods)} months.", url


def tell_history(area: PartnershipArea, progress: Progress) -> Told:
    url = reverse("reporting:history", args=[area.slug])
    if progress.has_history:
        return True, "Figures of earlier months are here.", url
    return False, "Import figures of earlier months from a file. Each month is compared with them.", url


def tell_return(area: PartnershipArea, progress: Progress, periods: Sequence[ReportingPeriod]) -> Told:
    if not periods:
        return False, "When a month is open, each agency’s lead finds its return on their home page.", ""
    url = find_grid(area, periods)
    if progress.handed_in:
        return True, f"{describe_count(progress.handed_in, 'return', 'returns')} handed in.", url
    return False, "No return is handed in yet. See whose turn it is.", url


def tell_publication(area: PartnershipArea, periods: Sequence[ReportingPeriod]) -> Told:
    sentence = "Close, check and publish a month from its returns page. These steps then disappear."
    return False, sentence, find_grid(area, periods) if periods else ""


def find_grid(area: PartnershipArea, periods: Sequence[ReportingPeriod]) -> str:
    """Return the address of the oldest month's returns, because months are published in order."""
    return reverse("reporting:return-grid", args=[area.slug, periods[-1].month])


def describe_count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
