"""Which KPIs need attention? Those that nobody reviewed in time, and those without an owner."""

from collections.abc import Iterable, Iterator
from datetime import date

from actions.models import Kpi
from boards.permissions import Access
from core.links import link_to
from core.months import Month, date_label
from core.todo import Task
from reporting.kpis.presenters.one import find_last_asked, find_review_day
from reporting.kpis.presenters.standings import kpi_url
from reporting.kpis.selectors import Watched, list_watched


def kpi_tasks(access: Access, *, today: date) -> list[Task]:
    """Return an owner's own KPI tasks, or all for the coordinator. Nothing to ask for people without a role here."""
    found = list_watched(access)
    return [*describe_watched(access, found, today=today)]


def describe_watched(access: Access, found: Iterable[Watched], *, today: date) -> Iterator[Task]:
    for watched in found:
        if access.can_coordinate and (last := find_last_asked(watched.kpi)) and last.next.first_day <= today:
            yield unasked_task(access, watched.kpi, last)
        if access.can_coordinate and not watched.is_owned:
            yield ownerless_task(access, watched)
        due = find_review_day(watched.kpi, watched.reviewed_on)
        if due < today:
            yield review_task(access, watched, due)


def ownerless_task(access: Access, watched: Watched) -> Task:
    kpi = watched.kpi
    if kpi.owner is None:
        hint = "Choose somebody to be responsible for it."
    else:
        hint = f"{kpi.owner} no longer has a role in {access.area.name}. Choose somebody else."
    return Task(
        name=f"KPI {kpi} has no owner",
        url=link_to("reporting:kpi-change", access.area.slug, kpi.number),
        hint=hint,
        status="problem",
        status_label="No owner",
    )


def unasked_task(access: Access, kpi: Kpi, last: Month) -> Task:
    return Task(
        name=f"KPI {kpi} is no longer measured",
        url=kpi_url(access.area.slug, kpi.number),
        hint=f"{kpi.indicator.title} was last collected in {last.label}. Retire the KPI, or collect it again.",
        status="problem",
        status_label="Not collected",
    )


def review_task(access: Access, watched: Watched, due: date) -> Task:
    kpi, last = watched.kpi, watched.reviewed_on
    done = f"It was last reviewed on {date_label(last)}." if last else "Nobody has reviewed it yet."
    whose = f" {kpi.owner} owns it." if kpi.owner and kpi.owner_id != access.user.pk else ""
    return Task(
        name=f"Review KPI {kpi}",
        url=link_to("reporting:kpi-review", access.area.slug, kpi.number),
        hint=f"{done}{whose}",
        status="problem",
        status_label="Overdue",
        due_on=due,
        is_overdue=True,
    )
