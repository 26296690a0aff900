"""What script/test, script/check and .ci/run start, and what they say about it."""

import subprocess
from pathlib import Path

import pytest

from tests.script_project import Project, is_running
from tests.waiting import wait_until

CHECKS = "format, lint, types, imports, architecture, django, templates, requirements"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


# --- script/test


def test_missing_packages_are_named_in_one_sentence(project: Project) -> None:
    project.fake_venv('case "$*" in *--missing) echo chromium; echo redis-server ;; esac')
    project.fake("id", "echo 1000")

    done = project.run("script/test")

    assert done.returncode == 1
    assert done.stderr == (
        "The tests need packages that are not installed here: chromium redis-server "
        "(on Debian and Ubuntu: sudo apt-get install chromium redis-server).\n"
    )
    assert not project.called("python -m pytest")


def test_root_gets_missing_packages_installed(project: Project) -> None:
    installed = project.root / "installed"
    project.fake_venv(f'case "$*" in *--missing) test -e "{installed}" || echo poppler-utils ;; esac')
    project.fake("id", "echo 0")
    project.fake("apt-get", f'case "$*" in *install*) touch "{installed}" ;; esac')

    done = project.run("script/test", "tests/unit")

    assert done.returncode == 0
    assert "Installing the Debian packages that the tests need: poppler-utils." in done.stderr
    assert project.called("apt-get -qq install") == ["apt-get -qq install -y --no-install-recommends poppler-utils"]
    assert project.called("python -m pytest") == ["python -m pytest tests/unit"]


def test_both_databases_are_tested_even_when_the_first_fails(project: Project) -> None:
    project.fake_venv('case "$*" in "-m pytest"*) exit 1 ;; esac')

    done = project.run("script/test", TEST_JOBS="2")

    assert done.returncode == 1
    (on_sqlite,) = project.called("python -m pytest")
    assert on_sqlite.startswith("python -m pytest -n 2 --dist worksteal -m not release")
    alone = "tests/functional/test_server.py"
    assert on_sqlite.endswith(f" --ignore tests/pages --ignore tests/waits --ignore tests/machines --ignore {alone}")
    on_postgres, at_the_end = project.called("python -m tests.services postgres")
    assert " -m pytest -n 2 --dist worksteal -m not release " in on_postgres
    assert on_postgres.endswith(" tests/integration tests/pages")
    assert at_the_end.endswith(f" -m pytest -m not release and not only_sqlite tests/waits {alone}")


@pytest.mark.parametrize("fails", ["-m pytest", "-m tests.services postgres"])
def test_one_failure_on_either_database_is_enough(project: Project, fails: str) -> None:
    project.fake_venv(f'case "$*" in "{fails}"*) echo 1 failed; exit 1 ;; *services*postgres*) echo 5 passed ;; esac')

    done = project.run("script/test")

    assert done.returncode == 1
    # What ran on PostgreSQL, and then what runs alone.
    assert done.stdout.splitlines()[-2:] == ["1 failed" if "postgres" in fails else "5 passed"] * 2
    assert list(project.temporary.iterdir()) == []


def test_both_databases_are_tested_at_the_same_time(project: Project) -> None:
    """Each waits for the other to begin."""
    seen = project.root / "seen"
    project.fake_venv(f"""case "$*" in
        "-m pytest"*) touch "{seen}-sqlite"; other="{seen}-postgresql" ;;
        *services*postgres*) touch "{seen}-postgresql"; other="{seen}-sqlite" ;;
        *) exit 0 ;;
    esac
    for _ in $(seq 100); do test -e "$other" && exit 0; sleep 0.1; done
    exit 1""")

    assert project.run("script/test").returncode == 0


@pytest.mark.parametrize("script", ["script/test", ".ci/run"])
def test_nothing_goes_on_when_it_is_stopped(project: Project, script: str) -> None:
    lasting = f'echo $$ >>"{project.root}/lasting"; exec sleep 50'
    project.fake_venv(f'case "$*" in "-m pytest"* | *services*postgres*) {lasting} ;; esac')
    project.fake("check", "exit 0", folder=project.root / "script")
    lasts = project.root / "lasting"
    running = subprocess.Popen(
        [project.root / script],
        env={"PATH": f"{project.fakes}:/usr/bin:/bin", "TMPDIR": str(project.temporary)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: lasts.exists() and len(lasts.read_text().split()) == 2, what="both have begun")

    running.terminate()

    running.wait(20)
    wait_until(lambda: not any(is_running(int(number)) for number in lasts.read_text().split()), what="both have ended")
    # script/test hears of it from .ci/run, and clears up by itself.
    wait_until(lambda: not list(project.temporary.iterdir()), what="nothing is left of them")


def test_long_tests_run_last_and_only_when_asked_for(project: Project) -> None:
    project.fake_venv("")
    project.fake("id", "echo 0")

    done = project.run("script/test", "--all", TEST_JOBS="2")

    assert done.returncode == 0
    assert project.called("python -m tests.services --missing") == ["python -m tests.services --missing --all"]
    assert not [call for call in project.called("python") if "-m not release" in call]
    *_, last = project.called("python -m pytest")
    assert last == "python -m pytest tests/machines"


@pytest.mark.parametrize(
    ("arguments", "user", "status", "said"),
    [(["--all", "tests/unit"], 0, 2, "--all runs everything"), (["--all"], 1000, 1, "--all needs root")],
)
def test_long_tests_need_root_and_no_names(
    project: Project, arguments: list[str], user: int, status: int, said: str
) -> None:
    project.fake_venv("")
    project.fake("id", f"echo {user}")

    done = project.run("script/test", *arguments)

    assert done.returncode == status
    assert said in done.stderr
    assert not project.called("python -m pytest")


def test_settings_of_the_environment_do_not_reach_the_tests(project: Project) -> None:
    project.fake_venv('echo "${DATABASE_URL-}${SECRET_KEY-}${PYTHONPATH-}${PYTHONDONTWRITEBYTECODE-}" >&2')

    set_elsewhere = dict.fromkeys(("DATABASE_URL", "SECRET_KEY", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"), "x")
    done = project.run("script/test", "tests", **set_elsewhere)

    assert done.stderr.strip() == ""


# --- script/check and .ci/run


def test_every_check_runs_when_all_fail(project: Project) -> None:
    project.fake_venv("echo broken; exit 1")
    for tool in ("ruff", "mypy", "lint-imports", "djlint"):
        project.fake(tool, "exit 1", folder=project.root / ".venv" / "bin")

    done = project.run("script/check")

    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == f"8 failed: {CHECKS}"
    assert "        broken" in done.stdout.splitlines()


def test_every_check_is_explained(project: Project) -> None:
    explained = project.run("script/check", "--help").stdout

    assert all(f"\n  {name} " in explained for name in CHECKS.split(", "))


@pytest.mark.parametrize("arguments", [(), ("--without-tests",)])
def test_checks_pass_when_all_do(project: Project, arguments: tuple[str, ...]) -> None:
    project.fake_venv("exit 0")
    for tool in ("ruff", "mypy", "lint-imports", "djlint"):
        project.fake(tool, "exit 0", folder=project.root / ".venv" / "bin")

    done = project.run("script/check", *arguments)

    left_out = ["architecture"] if arguments else []
    asked = [line.removeprefix("ok").strip() for line in done.stdout.splitlines() if line.startswith("ok ")]
    assert asked == [name for name in CHECKS.split(", ") if name not in left_out]

    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "All checks passed."
    assert list(project.temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("check", "test", "status", "last"),
    [(0, 0, 0, "7 passed"), (1, 0, 1, "script/check failed: see above."), (0, 1, 1, "7 passed")],
)
def test_ci_runs_both(project: Project, check: int, test: int, status: int, last: str) -> None:
    project.fake("check", f"exit {check}", folder=project.root / "script")
    project.fake("test", f"echo 7 passed; exit {test}", folder=project.root / "script")

    done = project.run(".ci/run")

    assert done.returncode == status
    assert project.called("check") == ["check --without-tests"]  # which script/test runs all of
    assert project.called("test") == ["test "]
    assert "7 passed" in done.stdout.splitlines()
    assert done.stdout.splitlines()[-1] == last
