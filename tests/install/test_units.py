"""deploy/systemd, looked at by systemd itself. tests/machines runs the units."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "deploy" / "systemd"
SERVICES = sorted(path.name for path in SAMPLES.glob("*.service"))
PYTHON = "/opt/vvdash/.venv/bin/python"
MOST_EXPOSED = 1.5  # of 10; a service without any protection has 9.6
RUN_ON = ("vvdash-web.service", "vvdash-worker.service", "vvdash-worker-slow.service", "vvdash-beat.service")


def text_of(name: str) -> str:
    return (SAMPLES / name).read_text(encoding="utf-8").replace("\\\n", " ")


def commands_of(name: str) -> list[str]:
    return [" ".join(each.split()) for each in re.findall(r"^ExecStart=(.*)$", text_of(name), re.MULTILINE)]


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The units, whose Python is one that is there."""
    folder = tmp_path_factory.mktemp("units")
    shutil.copytree(SAMPLES, folder, dirs_exist_ok=True)
    for name in SERVICES:
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace(PYTHON, sys.executable), encoding="utf-8")
    return folder


def analyze(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_systemd_understands_every_unit(units: Path):
    names = sorted(path.name for path in units.iterdir() if path.is_file())

    done = analyze("verify", "--man=no", "--recursive-errors=yes", *(f"./{name}" for name in names), folder=units)

    ours = [line for line in (done.stdout + done.stderr).splitlines() if "vvdash" in line]
    assert ours == []


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_hardly_exposed(units: Path, name: str):
    done = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED * 10:.0f}", f"./{name}", folder=units)

    assert done.returncode == 0, done.stdout[-2000:]
    exposed = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert float(exposed[1]) <= MOST_EXPOSED


@pytest.mark.parametrize("name", RUN_ON)
def test_a_program_comes_back_however_often_it_ends(name: str):
    text = text_of(name)

    for line in ("Restart=always", "RestartSec=2", "StartLimitIntervalSec=0", "PartOf=vvdash.target"):
        assert f"\n{line}\n" in text
    assert "vvdash-migrate.service" in re.search(r"^After=(.*)$", text, re.MULTILINE)[1].split()
    assert name in text_of("vvdash.target")


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_a_bounded_time_and_none_is_killed_without_warning(name: str):
    text = text_of(name)

    assert re.search(r"^Timeout(Stop|Start)Sec=\d+", text, re.MULTILINE)
    if name in RUN_ON:
        assert re.search(r"^MemoryMax=", text, re.MULTILINE)
        assert re.search(r"^TasksMax=", text, re.MULTILINE)


def test_each_queue_has_a_worker_of_its_own():
    queues = [
        re.search(r"--queues (\S+)", commands_of(f"vvdash-{name}.service")[0])[1] for name in ("worker", "worker-slow")
    ]

    assert queues == ["celery", "slow"]


def test_every_command_is_run_by_the_python_of_the_project():
    assert {command.split()[0] for name in SERVICES for command in commands_of(name)} == {PYTHON}


def test_the_database_is_checked_before_and_after_it_changes():
    assert [command.removeprefix(f"{PYTHON} manage.py ") for command in commands_of("vvdash-migrate.service")] == [
        "check --deploy --fail-level ERROR",
        "migrate --no-input",
        "check --database default",
    ]


def test_the_manual_names_every_unit():
    manual = (ROOT / "docs" / "run" / "install.md").read_text(encoding="utf-8")

    assert [path.name for path in SAMPLES.iterdir() if path.is_file() and path.stem not in manual] == []
