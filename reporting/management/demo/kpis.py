"""Anytown's KPIs, out of kpis.toml: each thing done on its day, between the months that were published."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import Any

from actions.models import Kpi, KpiKind
from boards.models import Board, PartnershipArea, Strand
from core.models import User
from core.months import Month
from indicators.kpis.aims import Step
from indicators.models import Indicator
from indicators.trend import Polarity
from reporting.kpis.services import KpiDraft, move_target, review_kpi, set_kpi
from reporting.kpis.targets import TargetDraft
from reporting.management.demo.blueprint import read
from reporting.management.demo.days import on

PUBLISHED_ON = 20  # of the next month: when a month has been published
type Act = tuple[date, Callable[[], object]]


class DemoKpis:
    """What is still to do, in order."""

    def __init__(self, area: PartnershipArea, people: dict[str, User]) -> None:
        self.area, self.people = area, people
        self.made: dict[str, Kpi] = {}
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
        self.made[row["indicator"]] = set_kpi(
            indicator, draft, read_target(row["target"]), went_on_why=why, by=self.people["coordinator"]
        )

    def move(self, code: str, row: dict[str, Any]) -> None:
        kpi = self.made[code]
        why = row["target"].get("went_on_why", "")
        seen = kpi.targets.latest("version").version
        draft = read_target(row["target"])
        move_target(kpi, draft, reason=row["why"], seen=seen, went_on_why=why, by=self.people["coordinator"])

    def review(self, code: str, row: dict[str, Any]) -> None:
        review_kpi(self.made[code], note=row["note"], reviewed_on=row["on"], by=self.people[row["by"]])


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
