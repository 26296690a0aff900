"""When was so many days ago?"""

from datetime import datetime, time, timedelta

from django.utils import timezone

from core.timetable import LONDON


def days_ago(days: int) -> datetime:
    """Noon in London on that day. At this hour of that day would be a day too late for an hour each winter's night: in
    summer, London's next day has begun by then."""
    return datetime.combine(timezone.localdate() - timedelta(days=days), time(12), LONDON)
