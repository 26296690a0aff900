"""How long may each task take? Part of the settings.

At the first limit the task gets an exception (core.jobs.OutOfTime), and half a minute later its process is killed. A
job that broke off is still due, and begins again at the next wake.
"""

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
