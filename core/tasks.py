"""Tasks that tidy up, and the one that beat runs. Each loads its data, calls a service, and ends."""

from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from billiard.exceptions import WorkerLostError
from celery import shared_task
from celery.signals import task_failure
from django.conf import settings
from django.utils import timezone

from core import jobs
from core.audit_log import sealing
from core.files import objects
from core.forms import kept
from core.forms.pages import forget_sent
from core.mail import account, daily
from core.models import Limit
from core.timetable import JobFailed, describe_failed


@shared_task
def run_due_jobs() -> list[str]:
    """Run every job that is due, and queue the slow ones. Beat runs this every minute; the settings name the jobs."""
    return [name for name, _ in jobs.run_due_jobs(hand_over)]


def hand_over(name: str, longest: timedelta) -> None:
    """Queue a slow job. Each wake does so until a worker has run it, and a worker ignores the second message."""
    seconds = int(longest.total_seconds())
    # The worker interrupts a job that takes longer, and soon kills it. A message stays good for an hour, as a wake
    # does, because the clocks of the two machines may differ.
    run_job.apply_async((name,), expires=3600, soft_time_limit=seconds - 10, time_limit=seconds)


@shared_task
def run_job(name: str) -> str:
    """Run a slow job that is due, unless another worker runs it. Return its fault, or nothing."""
    return jobs.run_slow_job(name)


@task_failure.connect(sender=run_job)
def tell_killed(exception: BaseException, args: tuple[str], **_: Any) -> None:
    """Queue that a slow job ended with its process. The worker's main process calls this: it has seen the process end.

    It has no connection to the database, which its later processes would share with it.
    """
    if isinstance(exception, WorkerLostError):
        # Only a hint: without it, the job starts again once its longest time is over.
        note_killed.delay(*args, timezone.now().isoformat())


@shared_task
def note_killed(name: str, at: str) -> None:
    """Save that a slow job was killed, so that the next wake runs it."""
    jobs.note_killed(name, datetime.fromisoformat(at))


@shared_task
def clear_sessions() -> None:
    """Delete the sessions that have ended, with any form saved in them. Each night; by hand use Django's `manage.py
    clearsessions`."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    kept.forget_old()


@shared_task
def forget_sent_forms() -> int:
    """Delete old notes of sent forms. Each night."""
    return forget_sent()


@shared_task
def seal_audit() -> int:
    """Chain the audit events that aren't yet. Return how many. Each minute."""
    return sealing.seal_each()


@shared_task
def check_audit() -> None:
    """Check every chain of the record. Raises JobFailed if one is broken, so that the operator's page says so."""
    broken = [f"{area or 'no area'}: {fault}" for area in sealing.list_chains() if (fault := sealing.check(area).fault)]
    if broken:
        raise JobFailed(f"The audit log is broken. {describe_failed(broken)}")


@shared_task
def forget_limits() -> int:
    """Delete the counts of tries that have ended. Each hour."""
    return Limit.objects.filter(ends_at__lte=timezone.now()).delete()[0]


@shared_task
def delete_unused_objects() -> int:
    """Delete the files that no row uses any more, and those whose row was never saved. Return how many. Each night."""
    return objects.delete_unused() + objects.delete_strays()


@shared_task
def send_account_letters() -> int:
    """Answer requests for a new password, and send the e-mails about accounts. Return how many were sent."""
    account.answer_resets()
    return account.send_account_letters()


@shared_task
def send_letters() -> int:
    """Send each person their daily e-mail. Return how many were sent."""
    return daily.send_letters(daily.load_sources())


@shared_task
def send_letters_in(area: int) -> int:
    """Send their daily e-mail to people who are due something in an area, given by its key. Return how many were
    sent."""
    return daily.send_letters(daily.load_sources(), area=area)


def hint_account_letters() -> None:
    """Send e-mails about accounts soon. Only a hint: the job sends them within a minute."""
    send_account_letters.delay()


def hint_letters(area: int) -> None:
    """Send e-mails soon after a page changes whose turn it is in an area, given by its key, once that is committed.

    People without an e-mail that day get one straight away. At night they get it in the morning.
    """
    if settings.JOBS["send-letters"]["timetable"].is_open(timezone.now()):
        # Only a hint: if the queue loses it, the job finds the same e-mails within ten minutes.
        send_letters_in.delay(area)
