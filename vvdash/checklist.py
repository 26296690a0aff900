"""What does the product check about itself? Part of the settings. docs/operations.md says what to do for each."""

from core.state_kinds import Source

CHECKS: dict[str, Source] = {
    "database": {"label": "The database", "check": "core.selectors.state.check_database", "needs_database": True},
    "cache": {"label": "The count of tries", "check": "core.selectors.state.check_cache", "needs_database": True},
    "broker": {"label": "Redis", "check": "core.selectors.state.check_broker", "needs_database": False},
    "worker": {"label": "The worker", "check": "core.selectors.state.check_worker", "needs_database": True},
    "beat": {"label": "Beat", "check": "core.selectors.state.check_beat", "needs_database": True},
    "clock": {"label": "The clock", "check": "core.selectors.state.check_clock", "needs_database": True},
    "jobs": {"label": "Scheduled jobs", "check": "core.selectors.state.check_jobs", "needs_database": True},
    "months": {"label": "Changed months", "check": "boards.selectors.check_months", "needs_database": True},
    "mail": {"label": "E-mails", "check": "core.selectors.state.check_mail", "needs_database": True},
    "objects": {"label": "Stored files", "check": "core.selectors.state.check_objects", "needs_database": True},
    "disk": {"label": "Disks", "check": "core.selectors.state.check_disk", "needs_database": False},
}
