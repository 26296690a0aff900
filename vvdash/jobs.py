"""When each scheduled job runs, how long a task may take, and the checks. Part of the settings.

docs/run/daily.md lists the jobs.
"""

from datetime import time, timedelta

from core.timetable import Job, Timetable
from operations.health.kinds import Source

# The scheduled jobs: the task, its timetable in London's time, and whether it is a daily job, which waits if the clock
# is doubted. Pages are first. Slow jobs run elsewhere, because a mail server or a hundred packs take minutes.
EVERY_MINUTE = Timetable(every=timedelta(minutes=1))
JOBS: dict[str, Job] = {
    "sweep-stale-months": {
        "label": "Roll up the months with changed figures",
        "task": "reporting.months.tasks.sweep_stale",
        "timetable": EVERY_MINUTE,
        "is_by_day": False,
        "is_slow": False,
    },
    "sweep-replacements": {
        "label": "Prepare public editions after a withdrawal",
        "task": "reporting.public.tasks.sweep_replacements",
        "timetable": EVERY_MINUTE,
        "is_by_day": False,
        "is_slow": False,
    },
    "sweep-region-editions": {
        "label": "Prepare regions’ public editions after a change",
        "task": "reporting.public.tasks.sweep_region_editions",
        "timetable": Timetable(every=timedelta(minutes=10)),
        "is_by_day": False,
        "is_slow": False,
    },
    "clear-sessions": {
        "label": "Delete sessions that have ended",
        "task": "core.tasks.clear_sessions",
        "timetable": Timetable(first=time(4, 0)),
        "is_by_day": True,
        "is_slow": False,
    },
    "forget-sent-forms": {
        "label": "Delete records of sent forms",
        "task": "core.tasks.forget_sent_forms",
        "timetable": Timetable(first=time(4, 5)),
        "is_by_day": False,
        "is_slow": False,
    },
    "seal-audit": {
        "label": "Chain the events of the audit log",
        "task": "core.tasks.seal_audit",
        "timetable": EVERY_MINUTE,
        "is_by_day": False,
        "is_slow": False,
    },
    "check-audit": {
        "label": "Check the chains of the audit log",
        "task": "core.tasks.check_audit",
        "timetable": Timetable(first=time(4, 15)),
        "is_by_day": False,
        "is_slow": True,
        "longest": timedelta(minutes=30),
    },
    "retention": {
        "label": "Announce and delete what the retention rules say",
        "task": "boards.tasks.apply_retention",
        "timetable": Timetable(first=time(4, 20)),
        "is_by_day": True,
        "is_slow": True,
        "longest": timedelta(minutes=30),
    },
    "delete-old-bundles": {
        "label": "Delete old bundles of packs",
        "task": "reporting.packs.tasks.delete_old_pack_bundles",
        "timetable": Timetable(first=time(4, 10)),
        "is_by_day": True,
        "is_slow": True,
        "longest": timedelta(minutes=10),
    },
    "delete-unused-objects": {
        "label": "Delete stored files that nothing uses",
        "task": "core.tasks.delete_unused_objects",
        "timetable": Timetable(first=time(4, 40)),
        "is_by_day": True,
        "is_slow": True,
        "longest": timedelta(minutes=10),
    },
    "open-the-month": {
        "label": "Open new months",
        "task": "boards.tasks.open_month",
        "timetable": Timetable(first=time(5, 0)),
        "is_by_day": True,
        "is_slow": False,
    },
    "mark-due-months": {
        "label": "Mark months as due",
        "task": "boards.tasks.mark_due_months",
        "timetable": Timetable(first=time(5, 5)),
        "is_by_day": True,
        "is_slow": False,
    },
    "send-letters": {
        "label": "Send each person their daily email",
        "task": "core.tasks.send_letters",
        "timetable": Timetable(first=time(8, 0), last=time(19, 59, 59), every=timedelta(minutes=10)),
        "is_by_day": True,
        "is_slow": True,
        "longest": timedelta(minutes=10),
    },
    "send-account-letters": {
        "label": "Send emails about accounts",
        "task": "core.tasks.send_account_letters",
        "timetable": EVERY_MINUTE,
        "is_by_day": False,
        "is_slow": False,
    },
    "note-key-use": {
        "label": "Note how often each key was used",
        "task": "boards.tasks.note_key_use",
        "timetable": Timetable(first=time(0, 5), every=timedelta(hours=1)),
        "is_by_day": False,
        "is_slow": False,
    },
    "forget-limits": {
        "label": "Delete counts of tries that have ended",
        "task": "core.tasks.forget_limits",
        "timetable": Timetable(every=timedelta(hours=1)),
        "is_by_day": False,
        "is_slow": False,
    },
    "sweep-pack-bundles": {
        "label": "Make bundles of packs",
        "task": "reporting.packs.tasks.sweep_pack_bundles",
        "timetable": EVERY_MINUTE,
        "is_by_day": False,
        "is_slow": True,
        "longest": timedelta(minutes=20),
    },
    "watch": {
        "label": "Check that everything works, and send alarms",
        "task": "operations.tasks.watch",
        "timetable": EVERY_MINUTE,
        "is_by_day": False,
        "is_slow": False,
    },
}


# At the first limit a task gets an exception (core.timetable.OutOfTime), and half a minute later its process is
# killed. A job that broke off is still due, and begins again at the next wake.

GRACE = 30  # seconds


def limit(seconds: int) -> dict[str, int]:
    return {"soft_time_limit": seconds, "time_limit": seconds + GRACE}


# For all tasks that aren't named below, such as the wake that runs all jobs. A slow job has its own (vvdash/jobs.py).
USUAL = 300
LIMITS = {
    "reporting.months.tasks.roll_up_area": limit(120),
    "reporting.packs.tasks.make_pack_bundle": limit(1200),
    "core.tasks.send_letters_in": limit(600),
}


CHECKS: dict[str, Source] = {
    "database": {"label": "The database", "check": "operations.health.checks.check_database", "needs_database": True},
    "cache": {"label": "The count of tries", "check": "operations.health.checks.check_cache", "needs_database": True},
    "broker": {"label": "Redis", "check": "operations.health.checks.check_broker", "needs_database": False},
    "worker": {"label": "The worker", "check": "operations.health.checks.check_worker", "needs_database": True},
    "beat": {"label": "Beat", "check": "operations.health.checks.check_beat", "needs_database": True},
    "clock": {"label": "The clock", "check": "operations.health.checks.check_clock", "needs_database": True},
    "jobs": {"label": "Scheduled jobs", "check": "operations.health.checks.check_jobs", "needs_database": True},
    "months": {"label": "Changed months", "check": "operations.health.checks.check_months", "needs_database": True},
    "mail": {"label": "Emails", "check": "operations.health.checks.check_mail", "needs_database": True},
    "objects": {"label": "Stored files", "check": "operations.health.checks.check_objects", "needs_database": True},
    "backup": {"label": "Backups", "check": "operations.health.checks.check_backup", "needs_database": True},
    "requests": {"label": "Requests", "check": "operations.health.checks.check_requests", "needs_database": False},
    "disk": {"label": "Disks", "check": "operations.health.checks.check_disk", "needs_database": False},
}
