"""What waits for a person in an area: returns, months to publish, public editions?"""

from collections import Counter
from datetime import date

from boards.models import ReportingPeriod
from boards.permissions import Access
from boards.presenters.lost_devices import reset_tasks
from boards.presenters.role_requests import role_tasks
from core.todo import Task
from indicators.presenters.todo import (
    ONE_BY_ONE,
    approver_tasks,
    contact_tasks,
    coordinator_task,
    correction_tasks,
    earlier_task,
    followed_tasks,
    late_tasks,
    lead_tasks,
    recording_tasks,
)
from indicators.selectors.reminders import failed_among
from indicators.selectors.returns import ReturnStatus, returns_in
from reporting.months.presenters.history_imports import import_tasks
from reporting.months.presenters.todo import corrections_tasks
from reporting.public.presenters.todo import edition_tasks

LATE_MONTHS = 13  # for which a missing return stays on its lead's home; later only its own page shows it


def list_tasks(access: Access, periods: list[ReportingPeriod], *, today: date) -> list[Task]:
    """Return all tasks by role: as a lead, an approver, a second contact and the coordinator. `periods` are the area's
    months, the newest first. A constant number of queries, however many there are.
    """
    return [
        *return_tasks(access, periods, today=today),
        *correction_tasks(access, today=today),
        *recording_tasks(access),
        *edition_tasks(access),
        *role_tasks(access, today=today),
        *reset_tasks(access),
        *import_tasks(access, today=today),
    ]


def return_tasks(access: Access, periods: list[ReportingPeriod], *, today: date) -> list[Task]:
    """Return those of the returns and of the months that they are for."""
    own = access.agencies
    recent = {period.pk for period in periods[:LATE_MONTHS]} if own or access.can_coordinate else set()
    wanted = [
        period
        for period in periods
        if period.pk in recent or (own and period.is_open) or (access.can_coordinate and not period.is_published)
    ]
    unpublished = [period for period in wanted if not period.is_published] if access.can_coordinate else []
    newest, earlier = unpublished[:ONE_BY_ONE], unpublished[ONE_BY_ONE:]
    statuses = returns_in(wanted, with_people=False)
    opened: list[ReturnStatus] = []
    for period in wanted:
        if period.is_open:
            opened += statuses[period.pk]
        elif period.pk in recent:
            opened += [status for status in statuses[period.pk] if status.is_late]
    tasks = [
        *lead_tasks(access, opened, today=today),
        *approver_tasks(access, opened, today=today),
        *contact_tasks(access, opened, today=today),
        *followed_tasks(access, opened, today=today),
    ]
    if access.can_coordinate:
        tasks += corrections_tasks(access.area)
        tasks += late_tasks(access.area, opened, today=today)
        unsent = Counter(reminder.period_id for reminder in failed_among(newest))
        tasks += [
            coordinator_task(access.area, period, statuses[period.pk], unsent=unsent[period.pk], today=today)
            for period in newest
        ]
        if earlier:
            tasks.append(earlier_task(access.area, earlier, statuses, today=today))
    return tasks
