"""A network of hosts in namespaces of this machine. Nothing outside reaches it. Needs root."""

import contextlib
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from tests.services import ServiceError
from tests.services.processes import server_user

NOBODYS = "02:00:00:00:00:01"  # a card that no host has: what is sent to it is lost without a word
PATHS = "/usr/sbin:/usr/bin:/sbin:/bin"


def ip(*arguments: str, lines: Sequence[str] = ()) -> str:
    """Run iproute2's `ip`, with these lines as its input for `-batch -`."""
    done = subprocess.run(
        ["ip", *arguments], input="\n".join(lines), capture_output=True, text=True, check=False, timeout=30
    )
    if done.returncode:
        raise ServiceError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


@dataclass(frozen=True)
class Program:
    """What a host runs. `stays`: its service manager starts it again, two seconds after it ended."""

    command: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=dict)
    is_server: bool = True  # as the servers' user, who isn't root
    stays: bool = True
    folder: Path = Path("/")


@dataclass
class Host:
    """A host with its address and what it runs."""

    name: str
    space: str
    address: str
    folder: Path
    programs: list[Program] = field(default_factory=list)
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def wrap(self, command: Sequence[str | Path], *, is_server: bool = False) -> list[str]:
        """Return a command that runs on this host."""
        user = server_user() if is_server else None
        as_user = [f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
        return [
            *("nsenter", f"--net=/run/netns/{self.space}", "--", "setpriv", *as_user, "--pdeathsig=KILL", "--"),
            *map(str, command),
        ]

    def start(self, program: Program) -> None:
        command = list(map(str, program.command))
        if program.stays:
            command = ["sh", "-c", 'while :; do "$@"; sleep 2; done', "sh", *command]
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self._running.append(
                subprocess.Popen(
                    self.wrap(command, is_server=program.is_server),
                    cwd=program.folder,
                    env={"PATH": PATHS, "LANG": "C.UTF-8", "TZ": "UTC", **program.environment},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )

    def boot(self) -> None:
        for program in self.programs:
            self.start(program)

    def run(self, *command: str | Path, is_server: bool = True, **environment: str) -> str:
        """Run a command on this host until it ends, and return what it said."""
        done = subprocess.run(
            self.wrap(command, is_server=is_server),
            cwd="/",
            env={"PATH": PATHS, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, f"{shlex.join(map(str, command))}: {done.stdout}{done.stderr}"
        return done.stdout

    def pause(self) -> None:
        """Let nothing on it run. Its connections stay, and nobody answers on them."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def signal_program(self, name: str, number: signal.Signals) -> None:
        """Send a signal to one of its programs, such as etcd."""
        self._signal(number, name)

    def _signal(self, number: signal.Signals, name: str = "") -> list[str]:
        """Only what we started is in its namespace."""
        pids = ip("netns", "pids", self.space).split()
        for pid in pids:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                if not name or Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip() == name:
                    os.kill(int(pid), number)
        return pids

    def kill(self) -> None:
        """End everything on it at once, as a power cut does."""
        while self._signal(signal.SIGKILL):
            time.sleep(0.02)
        for process in self._running:
            process.wait(10)
        self._running.clear()

    @property
    def words(self) -> str:
        log = self.folder / f"{self.name}.log"
        return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""


class Network:
    """Hosts at one switch, each by a cable of its own."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        if os.geteuid() != 0:
            raise ServiceError("Hosts of their own need root: run this as root.")
        self._mark = f"vvdash{os.getpid()}"
        self._switch = f"{self._mark}-switch"
        self.hosts = {
            name: Host(name, f"{self._mark}-{name}", f"10.213.0.{place}", folder)
            for place, name in enumerate(names, 11)
        }

    def __getitem__(self, name: str) -> Host:
        return self.hosts[name]

    @contextlib.contextmanager
    def standing(self) -> Iterator[None]:
        """Lay the cables while the block lasts. In the end, kill whatever runs on a host."""
        spaces = [self._switch, *(host.space for host in self.hosts.values())]
        try:
            for space in spaces:
                ip("netns", "add", space)
            ip("-n", self._switch, "-batch", "-", lines=["link add name bridge type bridge", "link set bridge up"])
            for host in self.hosts.values():
                self._connect(host)
            yield
        finally:
            for host in self.hosts.values():
                with contextlib.suppress(ServiceError):
                    host.kill()
            for space in spaces:
                with contextlib.suppress(ServiceError):
                    ip("netns", "del", space)

    def _connect(self, host: Host) -> None:
        port = f"to-{host.name}"
        make = [
            f"link add name {port} type veth peer name eth0 netns {host.space}",
            f"link set {port} master bridge",
            f"link set {port} up",
        ]
        ip("-n", self._switch, "-batch", "-", lines=make)
        up = ["link set lo up", f"address add {host.address}/24 dev eth0", "link set eth0 up"]
        ip("-n", host.space, "-batch", "-", lines=up)

    def cut(self, name: str) -> None:
        """Pull a host's cable. It doesn't notice: its own end stays up."""
        ip("-n", self._switch, "link", "set", f"to-{name}", "nomaster")

    def join(self, name: str) -> None:
        ip("-n", self._switch, "link", "set", f"to-{name}", "master", "bridge")

    @contextlib.contextmanager
    def split(self, one: Collection[str], other: Collection[str]) -> Iterator[None]:
        """Let nothing pass between two groups while the block lasts. Hosts in neither reach both."""
        pairs = [(self[a], self[b]) for left, right in ((one, other), (other, one)) for a, b in product(left, right)]
        for host, far in pairs:
            ip("-n", host.space, "neigh", "replace", far.address, "lladdr", NOBODYS, "dev", "eth0", "nud", "permanent")
        try:
            yield
        finally:
            for host, far in pairs:
                ip("-n", host.space, "neigh", "del", far.address, "dev", "eth0")
