"""What happens to the hosts one after the other, while people write all the time, and how long nobody could save."""

import contextlib
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from tests.machines.hosts import ETCD, Site, Written, wait_until

CABLE, POWER, PAUSE = "cable pulled", "killed", "paused"
BACK_WITHIN = 30.0  # seconds
SPLIT = 40.0  # seconds: longer than any of our limits for a page, and than a primary keeps its office without etcd
ETCD_AWAY = 45.0  # seconds


@dataclass(frozen=True)
class Figure:
    """How long a fault kept people from saving, in seconds: those who can go to another web server, and all of them."""

    what: str
    how: str
    anywhere: float
    longest: float

    def __str__(self) -> str:
        return f"{self.what:8} {self.how:14} {self.anywhere:5.1f} s   at one web server {self.longest:5.1f} s"


@dataclass
class Drill:
    """Each step brings the site back to where two of everything run. A standby may still be catching up then."""

    site: Site
    written: Callable[[], list[Written]]
    say: Callable[[str], object]
    figures: list[Figure] = field(default_factory=list)

    def acknowledged_since(self, moment: float, who: str = "anywhere") -> bool:
        return any(row.is_acknowledged and row.who == who and row.sent > moment for row in self.written())

    @contextlib.contextmanager
    def fault(self, what: str, how: str) -> Iterator[None]:
        """Note how long nobody could save, from here until all can again."""
        began = time.time()
        try:
            yield
        finally:
            gaps = {who: self.longest_gap(began, who) for who in ("anywhere", "first", "second")}
            self.figures.append(Figure(what, how, gaps["anywhere"], max(gaps.values())))
            self.say(str(self.figures[-1]))

    def longest_gap(self, began: float, who: str) -> float:
        heard = sorted(row.heard for row in self.written() if row.who == who and row.is_acknowledged)
        before = [moment for moment in heard if moment < began][-1:]
        moments = [*before, *(moment for moment in heard if moment >= began), time.time()]
        return max(later - earlier for earlier, later in pairwise(moments))

    def wait_until_back(self, who: str = "anywhere", *, within: float = BACK_WITHIN) -> None:
        now = time.time()
        wait_until(lambda: self.acknowledged_since(now, who), what=f"{who} can save", within=within)

    def wait_until_calm(self) -> None:
        for who in ("anywhere", "first", "second"):
            self.wait_until_back(who)

    def lose(self, name: str, how: str) -> None:
        losing = {CABLE: lambda: self.site.network.cut(name), POWER: self.site[name].kill, PAUSE: self.site[name].pause}
        losing[how]()

    def find(self, name: str, how: str) -> None:
        finding = {
            CABLE: lambda: self.site.network.join(name),
            POWER: self.site[name].boot,
            PAUSE: self.site[name].go_on,
        }
        finding[how]()

    # --- The steps

    def lose_web(self, name: str, how: str) -> None:
        with self.fault(name, how):
            self.lose(name, how)
            self.wait_until_back()
            self.find(name, how)
            wait_until(lambda: self.site.answers(name), what=f"{name} answers")
            self.wait_until_calm()

    def lose_worker(self, name: str, how: str) -> None:
        """The other one goes on, with a beat of its own."""
        with self.fault(name, how):
            self.lose(name, how)
            self.wait_for_a_worker()
            self.wait_until_back()
            self.find(name, how)

    def lose_redis(self, how: str) -> None:
        with self.fault("redis", how):
            self.lose("redis", how)
            self.wait_until_calm()
            self.find("redis", how)
            self.wait_for_a_worker()

    def freeze_etcd(self) -> None:
        """All three. The primary goes on, since it reaches the other Patroni."""
        with self.fault("etcd", "all paused"):
            for name in ETCD:
                self.site[name].signal_program("etcd", signal.SIGSTOP)
            time.sleep(ETCD_AWAY)
            for name in ETCD:
                self.site[name].signal_program("etcd", signal.SIGCONT)
            self.wait_until_calm()

    def switch_over(self) -> None:
        self.site.wait_until_safe()
        with self.fault(f"{self.site.primary}, primary", "switched over"):
            self.site.switch_over()
            self.wait_until_calm()

    def lose_standby(self, how: str) -> None:
        """Commits wait for it, until Patroni lets the primary go on alone."""
        name = self.site.standby
        self.site.wait_until_safe()
        with self.fault(f"{name}, standby", how):
            self.lose(name, how)
            lost = time.time()
            wait_until(lambda: not self.site.has_sync_standby(), what="the primary goes on alone")
            alone = time.time() - 0.5  # we look less often than people write
            early = [row for row in self.written() if row.is_acknowledged and row.sent > lost and row.heard < alone]
            assert early == [], "The primary acknowledged by itself what the standby should have."
            self.wait_until_calm()
            self.find(name, how)
            self.wait_until_calm()

    def lose_primary(self, how: str) -> None:
        """Patroni promotes the standby. The former primary comes back by itself, as a standby."""
        former, new = self.site.primary, self.site.standby
        self.site.wait_until_safe()
        with self.fault(f"{former}, primary", how):
            self.lose(former, how)
            wait_until(lambda: self.site.is_primary(new), what=f"{new} is the primary")
            self.site.primary = new
            self.wait_until_calm()
        self.find(former, how)
        self.site.wait_until_safe()
        self.wait_until_calm()

    def split(self) -> None:
        """The primary, with one web server, can't reach the others. People reach both."""
        former, new = self.site.primary, self.site.standby
        self.site.wait_until_safe()
        with self.fault(f"{former}, primary", "split, with web1"):
            with self.site.network.split([former, "web1"], [new, "web2", "work1", "work2", "redis"]):
                began = time.time()
                wait_until(lambda: self.site.is_primary(new), what=f"{new} is the primary")
                self.site.primary = new
                self.wait_until_back("second")
                self.wait_until_back()
                wait_until(lambda: time.time() > began + SPLIT, what="the split lasts")
                assert not self.acknowledged_since(began + 1, "first"), "web1 acknowledged what only it had."
                assert not self.site.is_primary(former), "Two hosts accept writes."
            self.wait_until_calm()
        self.site.wait_until_safe()

    def wait_for_a_worker(self) -> None:
        before = self.site.seen_at()

        def has_worked() -> bool:
            self.site.wake_a_worker()
            return self.site.seen_at() != before

        wait_until(has_worked, what="a worker works")

    # --- The account

    def check(self) -> str:
        """Compare what people were told with what is saved. Each text is from a form of its own."""
        rows = self.written()
        told = {row.text for row in rows if row.is_acknowledged}
        saved = Counter(self.site.saved())
        lost = sorted(told - saved.keys())
        assert lost == [], f"Acknowledged, and lost: {lost}"
        doubled = sorted(text for text, times in saved.items() if times > 1)
        assert doubled == [], f"Saved more than once: {doubled}"
        unknown = sum(not row.is_acknowledged for row in rows)
        return f"{len(told):,} texts were acknowledged, and {unknown:,} tries were not. Nothing is lost or doubled."
