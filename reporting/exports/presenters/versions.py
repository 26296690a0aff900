"""What does a row of data say about a version of a month?"""

from collections.abc import Iterable

from core.files import Row
from reporting.models.snapshots import Snapshot


def version_rows(versions: Iterable[Snapshot]) -> list[Row]:
    return [
        {
            "month": str(version.period.month),
            "version": version.version,
            "state": version.state,
            "taken_at": version.taken_at.isoformat(),
            "published_at": version.published_at.isoformat() if version.published_at else None,
        }
        for version in versions
    ]
