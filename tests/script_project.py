"""A copy of the project's scripts, in which other programs stand in for those that they call."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class Project:
    """A copy of the scripts in a folder of its own, whose name has a blank; run in a clean environment."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "the project"
        self.fakes = folder / "fakes"
        self.calls = folder / "calls"
        self.temporary = folder / "tmp"
        for path in (self.root / "vvdash", self.fakes, self.temporary):
            path.mkdir(parents=True)
        shutil.copytree(ROOT / "script", self.root / "script")
        shutil.copytree(ROOT / ".ci", self.root / ".ci")
        for name in ("requirements.txt", "requirements-dev.txt", "vvdash/settings.py"):
            shutil.copy(ROOT / name, self.root / name)

    def run(self, script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a script from another folder; its temporary files stay in ours."""
        return subprocess.run(
            [self.root / script, *arguments],
            cwd="/",
            env={
                "PATH": f"{self.fakes}:/usr/bin:/bin",
                "HOME": str(self.temporary),
                "TMPDIR": str(self.temporary),
                "PIP_CONFIG_FILE": "/dev/null",
                **environment,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def fake(self, name: str, body: str, *, folder: Path | None = None) -> Path:
        """Put a program in the place of another: it notes how it was called, then does `body`."""
        path = (folder or self.fakes) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>"{self.calls}"\n{body}\n', encoding="utf-8")
        path.chmod(0o755)
        return path

    def fake_venv(self, body: str) -> None:
        """Make a .venv that counts as made, whose Python has the right version and otherwise does `body`."""
        self.fake("python", f'case "$*" in *version_info*) exit 0 ;; esac\n{body}', folder=self.root / ".venv" / "bin")
        stamp = self.root / ".venv" / "made-from"
        stamp.mkdir()
        for name in ("requirements.txt", "requirements-dev.txt"):
            shutil.copy(self.root / name, stamp / name)
        (stamp / "root").write_text(f"{self.root}\n", encoding="utf-8")

    def called(self, beginning: str) -> list[str]:
        """How the fakes were called, of the calls that begin so."""
        calls = self.calls.read_text(encoding="utf-8").splitlines() if self.calls.exists() else []
        return [call for call in calls if call.startswith(beginning)]


def is_running(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
