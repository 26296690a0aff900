"""A machine of its own for a test: our units under a real systemd, in namespaces. Needs root."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

from tests import waiting
from tests.services import ServiceError

ROOT = Path(__file__).resolve().parents[2]
# Not under /tmp, which PrivateTmp hides.
FOLDERS = Path("/var/tmp")
GROUPS = Path("/sys/fs/cgroup")
# What starts here takes longer than elsewhere.
wait_until = partial(waiting.wait_until, within=120.0)


@contextmanager
def closing_on_failure(stack: ExitStack) -> Iterator[None]:
    """Close what was opened so far, if the block fails: nobody else can, as long as the object isn't made."""
    try:
        yield
    except BaseException:
        stack.close()
        raise


@dataclass(frozen=True)
class Machine:
    """A running machine: the process that is its first, seen from here, and its folder."""

    first: int
    folder: Path

    @property
    def backups(self) -> Path:
        return self.folder / "backups" / "vvdash"

    @property
    def words(self) -> str:
        """What the manager and the units have said."""
        return (self.folder / "words").read_text(encoding="utf-8", errors="replace")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command on the machine as root."""
        return subprocess.run(
            ["nsenter", f"--target={self.first}", "--mount", "--pid", "--", *command],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "XDG_RUNTIME_DIR": "/run/manager"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def control(self, *arguments: str) -> str:
        """Run systemctl; returns what it said. It has to succeed."""
        done = self.run("systemctl", "--user", "--no-pager", *arguments)
        assert done.returncode == 0, f"systemctl {arguments}: {done.stdout}{done.stderr}{self.words[-3000:]}"
        return done.stdout.strip()

    def show(self, unit: str, name: str) -> str:
        return self.control("show", "--value", f"--property={name}", unit)

    def is_active(self, unit: str) -> bool:
        return self.show(unit, "ActiveState") == "active"

    def process_of(self, unit: str) -> int:
        return int(self.show(unit, "MainPID"))

    def add(self, name: str, text: str) -> None:
        """Add a unit or a drop-in, as an operator does."""
        path = self.folder / "etc" / "systemd" / "user" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self.control("daemon-reload")


@contextmanager
def machine(environment: Mapping[str, str]) -> Iterator[Machine]:
    """Run a machine with these settings in /etc/vvdash/environment while the block lasts. No unit of ours runs yet."""
    if os.geteuid() != 0:
        raise ServiceError("A machine of its own needs root: run this test as root.")
    folder = Path(mkdtemp(prefix="vvdash-", dir=FOLDERS))
    settings = folder / "environment"
    settings.write_text("".join(f"{name}={value}\n" for name, value in environment.items()), encoding="utf-8")
    script = [Path(__file__).with_name("machine.sh"), ROOT, Path(sys.prefix).resolve(), folder, settings]
    with (folder / "words").open("wb") as words:
        host = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", *script],
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            start_new_session=True,
        )
    try:
        children = Path(f"/proc/{host.pid}/task/{host.pid}/children")
        wait_until(lambda: bool(children.read_text().split()), what="the namespace")
        made = Machine(int(children.read_text().split()[0]), folder)

        def answers() -> bool:
            assert host.poll() is None, made.words
            return made.run("systemctl", "--user", "is-system-running").stdout.strip() == "running"

        wait_until(answers, what="the manager")
        # The system's own lets every user say that a service is ready.
        made.run("chmod", "777", "/run/manager/systemd/notify")
        yield made
    finally:
        host.send_signal(signal.SIGKILL)  # and with it, the kernel kills the whole namespace
        host.wait()
        _remove_groups(folder.name)
        shutil.rmtree(folder, ignore_errors=True)


def _remove_groups(name: str) -> None:
    """Remove the control groups that machine.sh made. Each is empty a moment after its programs were killed."""
    for group in [*GROUPS.glob(name), *GROUPS.glob(f"*/{name}")]:
        for folder, _, _ in os.walk(group, topdown=False):
            wait_until(lambda folder=folder: _is_removed(Path(folder)), what=f"{folder} is empty")


def _is_removed(group: Path) -> bool:
    try:
        group.rmdir()
    except OSError:
        return False
    return True
