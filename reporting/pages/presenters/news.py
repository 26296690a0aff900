"""What changed since a person last looked at their home?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.urls import reverse
from django.utils import timezone

from actions.presenters import news as actions_news
from boards.permissions import Access
from core.months import Month, date_label
from core.news import News
from indicators.presenters import news as indicators_news
from reporting.models import IssuedPack, Snapshot
from reporting.months.selectors.news import list_published_since
from reporting.packs.selectors.issued import list_issued_since

SHOWN = 8  # at first
LOOKS_BACK = timedelta(days=92)  # at most: people who were away for longer read the months and the plan


@dataclass(frozen=True, slots=True)
class NewsView:
    """`heading` says since when. `more` counts what isn't shown."""

    heading: str
    entries: Sequence[tuple[News, date]]  # each with its day
    more: int

    @property
    def nothing(self) -> str:
        return "" if self.entries else "Nothing that you can read has changed."


def make_news(access: Access, last: datetime | None, *, now: datetime, is_whole: bool = False) -> NewsView:
    """Return what changed. `last` is when they last looked; None on a first visit, which shows what is new this month.
    `is_whole`: show everything.
    """
    heading, since = describe_since(last, now=now)
    found = sorted(list_all(access, since, today=timezone.localdate(now)), key=order)
    shown = sorted(found if is_whole else found[:SHOWN], key=lambda news: news.at, reverse=True)
    entries = [(news, timezone.localdate(news.at)) for news in shown]
    return NewsView(heading, entries, more=len(found) - len(shown))


def order(news: News) -> tuple[bool, float]:
    """Choose their own news first, then the newest. They are shown with the newest first."""
    return not news.is_own, -news.at.timestamp()


def describe_since(last: datetime | None, *, now: datetime) -> tuple[str, datetime]:
    today = timezone.localdate(now)
    if last is None:
        return f"New in {Month.of(today).label}", find_start(Month.of(today).first_day)
    if now - last > LOOKS_BACK:
        return "Changed in the last three months", now - LOOKS_BACK
    day = timezone.localdate(last)
    return f"Since you last looked{describe_last(day, today=today)}", last


def describe_last(day: date, *, today: date) -> str:
    return ", yesterday" if day == today - timedelta(days=1) else f" on {date_label(day)}"


def find_start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def list_all(access: Access, since: datetime, *, today: date) -> list[News]:
    return [
        *months_news(access, since),
        *packs_news(access, since),
        *actions_news.list_news(access, since, today=today),
        *indicators_news.list_news(access, since),
    ]


def months_news(access: Access, since: datetime) -> list[News]:
    found = list_published_since(access.area, since)
    return [*published_news(access, found)]


def packs_news(access: Access, since: datetime) -> list[News]:
    found = list(list_issued_since(access, since))
    return [pack_news(pack) for pack in found]


def published_news(access: Access, versions: Iterable[Snapshot]) -> Iterator[News]:
    """Yield one entry for all new months, and the newest version of each month that was published again. Leave out what
    they published themselves.
    """
    newest: dict[Month, Snapshot] = {}
    reader = access.user.pk
    for snapshot in versions:
        # The newest version comes first, and wins.
        newest.setdefault(snapshot.period.month, snapshot)
    others = [each for each in newest.values() if each.published_by_id != reader]
    first = sorted((each for each in others if each.version == 1), key=lambda each: each.period.starts_on)
    if first:
        yield month_news(access, first[-1], earlier=len(first) - 1)
    for snapshot in others:
        if snapshot.version > 1:
            yield version_news(access, snapshot)


def month_news(access: Access, snapshot: Snapshot, *, earlier: int) -> News:
    month = snapshot.period.month
    names = [month.label, *([f"{earlier} earlier {'month' if earlier == 1 else 'months'}"] if earlier else [])]
    return News(
        at=snapshot.published_at or snapshot.taken_at,
        words=f"{' and '.join(names)} {'were' if earlier else 'was'} published",
        url=reverse("reporting:month-view", args=[access.area.slug, month]),
    )


def version_news(access: Access, snapshot: Snapshot) -> News:
    month = snapshot.period.month
    return News(
        at=snapshot.published_at or snapshot.taken_at,
        words=f"{month.label} was published again, as version {snapshot.version}",
        url=reverse("reporting:month-changes", args=[access.area.slug, month]),
        more="See which figures changed.",
    )


def pack_news(pack: IssuedPack) -> News:
    return News(
        at=pack.issued_at,
        words=f"A pack was issued for the {pack.board}, {date_label(pack.meeting_on)}",
        url=pack.get_absolute_url(),
        more=f"{pack.get_kind_display()}, {pack.period.month.label}.",
    )
