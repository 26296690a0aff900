"""The scripts say what is wrong in one sentence, quickly, and before they change anything."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from script.sbom import read_requirements
from tests.script_project import ROOT, Project

SCRIPTS = sorted(
    path for path in [*(ROOT / "script").iterdir(), ROOT / ".ci" / "run"] if path.is_file() and os.access(path, os.X_OK)
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_explains_itself(script: Path) -> None:
    done = subprocess.run([script, "--help"], cwd="/", capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0
    assert f"{script.parent.name}/{script.name}" in done.stdout.splitlines()[0]


@pytest.mark.parametrize(
    "script", ["script/bootstrap", "script/server", "script/check", "script/upgrade", "script/image"]
)
def test_refuses_an_unknown_argument(project: Project, script: str) -> None:
    done = project.run(script, "--nonsense")

    assert done.returncode == 2
    assert done.stderr == f'{script} does not know "--nonsense"; see {script} --help.\n'


# --- script/bootstrap


def test_no_fitting_python(project: Project) -> None:
    old = project.fake("python3.9", "exit 1")

    done = project.run("script/bootstrap", PYTHON=str(old))

    assert done.returncode == 1
    assert done.stderr == (
        f"Python 3.12 or newer is needed and none was found (tried {old}): "
        "install it, or name one with PYTHON=/path/to/python3.\n"
    )
    assert not (project.root / ".venv").exists()


@pytest.fixture
def python_without_venv(project: Project) -> Path:
    return project.fake("bare-python", f'case "$*" in *ensurepip*) exit 1 ;; esac\nexec "{sys.executable}" "$@"')


def test_no_venv_module(project: Project, python_without_venv: Path) -> None:
    project.fake("id", "echo 1000")
    project.fake("apt-get", "exit 0")
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"

    done = project.run("script/bootstrap", PYTHON=str(python_without_venv))

    assert done.returncode == 1
    assert done.stderr == (
        f"{python_without_venv} cannot make virtual environments: install its venv module first "
        f"(on Debian and Ubuntu: sudo apt-get install {package}).\n"
    )
    assert not project.called("apt-get")


def test_root_gets_the_venv_module_installed(project: Project, python_without_venv: Path) -> None:
    project.fake("id", "echo 0")
    project.fake("apt-get", 'case "$*" in *install*) exit 100 ;; esac')
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"

    done = project.run("script/bootstrap", PYTHON=str(python_without_venv))

    assert project.called("apt-get -qq install") == [f"apt-get -qq install -y --no-install-recommends {package}"]
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("could not be installed: is the network reachable?")


def test_no_network(project: Project, closed_port: int) -> None:
    done = project.run(
        "script/bootstrap",
        PYTHON=sys.executable,
        PIP_INDEX_URL=f"http://127.0.0.1:{closed_port}/simple",
        PIP_RETRIES="0",
    )

    assert done.returncode == 1
    *_, sentence = done.stderr.splitlines()
    assert sentence.startswith("The packages could not be installed: the network, or the package index")
    log = Path(sentence.removesuffix(".").rpartition(" ")[2])
    assert str(closed_port) in log.read_text(encoding="utf-8")
    assert not (project.root / ".venv" / "made-from" / "requirements.txt").exists()


def test_a_package_that_was_tampered_with_is_named_as_such(project: Project) -> None:
    project.fake_venv("echo 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES' >&2; exit 1")
    (project.root / "requirements.txt").write_text("changed\n", encoding="utf-8")

    done = project.run("script/bootstrap")

    assert done.returncode == 1
    assert "is not the one that was pinned" in done.stderr


def test_second_run_installs_nothing(project: Project) -> None:
    project.fake_venv("exit 1")

    done = project.run("script/bootstrap", "--dev", PYTHON="/bin/false")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("words", "is_whole"), [("Connection refused", True), ("Installing collected packages: x", False)]
)
def test_venv_counts_as_broken_only_when_pip_had_begun_to_write(project: Project, words: str, is_whole: bool) -> None:
    project.fake_venv(f'case "$*" in *pip*requirements-dev.txt*) echo "{words}"; exit 1 ;; esac')
    (project.root / "requirements-dev.txt").write_text("changed\n", encoding="utf-8")
    assert project.run("script/bootstrap", "--dev").returncode == 1

    done = project.run("script/bootstrap", PYTHON="/bin/false")

    assert (done.returncode == 0) is is_whole


def test_changed_requirements_are_installed_by_hash(project: Project) -> None:
    project.fake_venv("exit 0")
    with (project.root / "requirements-dev.txt").open("a", encoding="utf-8") as file:
        file.write("# changed\n")

    assert project.run("script/bootstrap").returncode == 0
    assert not project.called("python -I -m pip")

    assert project.run("script/bootstrap", "--dev").returncode == 0
    (install,) = project.called("python -I -m pip install")
    assert "--require-hashes --no-deps --only-binary :all:" in install
    assert "requirements-dev.txt" in install

    assert project.run("script/bootstrap", "--dev").returncode == 0
    assert len(project.called("python -I -m pip")) == 1


def test_venv_has_the_pip_that_python_brings_along(project: Project) -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        (project.root / name).write_text("", encoding="utf-8")

    done = project.run("script/bootstrap", PYTHON=sys.executable)

    assert done.returncode == 0, done.stderr
    python = project.root / ".venv" / "bin" / "python"
    listed = subprocess.run(
        [python, "-I", "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True
    ).stdout
    (only,) = listed.splitlines()
    assert only.startswith("pip==")


def fake_maker(project: Project, body: str) -> Path:
    """Return a Python that makes a .venv whose Python does `body` when it is pip. $file is what pip is to install."""
    folder = project.root.parent / "made"
    project.fake("python", f'for file; do :; done\ncase "$*" in *"-m pip"*) {body} ;; esac', folder=folder)
    return project.fake("maker", f'case "$*" in *"-m venv"*) mkdir "$6"; cp -R "{folder}" "$6/bin" ;; esac')


def test_two_pips_write_a_new_venv_and_neither_what_the_other_writes(project: Project) -> None:
    (project.root / "requirements.txt").write_text("".join(f"{name}==1 \\\n    --hash=x\n" for name in "abcd"))
    (project.root / "requirements-dev.txt").write_text("".join(f"{name}==1 \\\n    --hash=x\n" for name in "axbyz"))
    maker = fake_maker(project, f'cp "$file" "{project.temporary}"')

    done = project.run("script/bootstrap", "--dev", PYTHON=str(maker))

    assert done.returncode == 0, done.stderr
    halves = [(project.temporary / f"{name}-half").read_text() for name in ("first", "second")]
    assert [re.findall(r"(\w)==1 \\\n    --hash=x\n", half) for half in halves] == [
        ["a", "c"],
        ["b", "d", "x", "y", "z"],
    ]
    assert sorted(path.name for path in (project.root / ".venv" / "made-from").iterdir()) == [
        "requirements-dev.txt",
        "requirements.txt",
        "root",
    ]


@pytest.mark.parametrize("fails", ["first", "second"])
@pytest.mark.parametrize("has_begun", [False, True])
def test_a_new_venv_is_not_whole_when_one_of_two_pips_fails(project: Project, fails: str, *, has_begun: bool) -> None:
    words = "Installing collected packages: x" if has_begun else "Collecting x"
    other = "exec sleep 300" if fails == "first" else "exit 0"  # the other one is ended
    maker = fake_maker(
        project, f'case "$file" in *{fails}-half) sleep 1; echo "HASHES"; exit 1 ;; esac; echo "{words}"; {other}'
    )

    done = project.run("script/bootstrap", PYTHON=str(maker))

    assert done.returncode == 1
    stamp = project.root / ".venv" / "made-from"
    assert not (stamp / "requirements.txt").exists()
    assert (stamp / "unfinished").exists() is has_begun


def test_what_two_pips_write_has_no_file_in_common() -> None:
    """Two pips that write one file may both fail. One of them writes all packages that only developers need."""
    named = {
        name: {part.name for part in read_requirements((ROOT / name).read_text())}
        for name in ("requirements.txt", "requirements-dev.txt")
    }
    writers: dict[str, set[str]] = {}
    for name in named["requirements.txt"] | named["requirements-dev.txt"]:
        with suppress(PackageNotFoundError):  # it is for another system
            for file in distribution(name).files or ():
                writers.setdefault(str(file), set()).add(name)
    shared = {file: names for file, names in writers.items() if len(names) > 1}
    assert {file: names for file, names in shared.items() if names & named["requirements.txt"]} == {}


@pytest.mark.parametrize(("name", "text"), [("unfinished", ""), ("root", "/elsewhere\n")], ids=["half made", "moved"])
def test_half_made_or_moved_venv_does_not_count(project: Project, name: str, text: str) -> None:
    project.fake_venv("exit 0")
    (project.root / ".venv" / "made-from" / name).write_text(text, encoding="utf-8")
    maker = project.fake("maker", 'case "$*" in *"-m venv"*) exit 1 ;; esac')

    done = project.run("script/bootstrap", PYTHON=str(maker))

    assert len(project.called("maker -I -m venv")) == 1
    assert done.returncode == 1
    assert "could not make .venv" in done.stderr


# --- script/server


def test_taken_port(project: Project, taken_port: int) -> None:
    done = project.run("script/server", PORT=str(taken_port))

    assert done.returncode == 1
    assert done.stderr == (
        f"Port {taken_port} on 127.0.0.1 is in use. Stop the program that listens there, or choose another port: "
        "PORT=8001 script/server.\n"
    )
    assert not (project.root / ".venv").exists()


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "80 80", "8000x"])
def test_port_that_is_none(project: Project, port: str) -> None:
    done = project.run("script/server", PORT=port)

    assert done.returncode == 1
    assert done.stderr == f'PORT is "{port}"; set it to a number from 1 to 65535.\n'


def test_server_is_not_for_production(project: Project) -> None:
    done = project.run("script/server", PRODUCTION="1")

    assert done.returncode == 1
    assert done.stderr.startswith("script/server only tries the product out, and PRODUCTION is set")


@pytest.mark.parametrize(
    ("environment", "site"),
    [
        ({}, "http://127.0.0.1:{port}"),
        ({"HOST": "localhost"}, "http://localhost:{port}"),
        ({"HOST": "::1"}, "http://[::1]:{port}"),
        ({"HOST": "0.0.0.0"}, "http://localhost:{port}"),  # every address, which is none to open
        ({"SITE_URL": ""}, "http://127.0.0.1:{port}"),
        ({"SITE_URL": "https://town.example"}, "https://town.example"),
    ],
    ids=str,
)
def test_links_lead_to_the_port_that_is_served(
    project: Project, closed_port: int, environment: dict[str, str], site: str
) -> None:
    project.fake_venv('echo "SITE_URL is $SITE_URL"')

    done = project.run("script/server", PORT=str(closed_port), **environment)

    assert done.returncode == 0
    assert f"SITE_URL is {site.format(port=closed_port)}\n" in done.stdout


def test_a_port_that_was_taken_while_packages_were_installed(taken_port: int) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "script" / "server.py", f"127.0.0.1:{taken_port}"],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert done.stdout == ""  # above all not that it is ready: the other program would answer
    assert done.stderr == (
        f"Another program has just begun to listen at 127.0.0.1:{taken_port}. "
        "Stop it, or choose another port with PORT.\n"
    )


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("200 OK", "\nReady: http://{address}/ (Ctrl-C stops it)\n"),
        ("500 Oh", "\nThe server runs at http://{address}/, but its first page answers 500.\n"),
        (None, ""),
    ],
)
def test_says_for_how_long_it_is_at_work_until_it_answers_or_ends(answer: str | None, said: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with subprocess.Popen(
            [sys.executable, "-c", f"from script.server import announce; announce('{address}', 60)"],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as announcer:
            client, _ = server.accept()
            client.recv(10_000)
            assert announcer.stderr is not None
            ticks = announcer.stderr.readline()
            if answer is not None:
                client.sendall(f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n".encode())
            client.close()
            stdout, stderr = announcer.communicate(timeout=60)

    assert re.fullmatch(r"(  6\d seconds …\n)+", ticks + stderr)
    assert stdout == said.format(address=address)


# --- script/backup, script/restore-drill and script/image


@pytest.mark.parametrize(
    ("script", "command"), [("script/backup", "back_up"), ("script/restore-drill", "drill_restore")]
)
def test_backups_are_made_and_tried_by_commands(project: Project, script: str, command: str) -> None:
    assert project.run(script).returncode == 2
    assert project.run(script, "backups").stderr == "There is no .venv here: run script/bootstrap first.\n"

    project.fake_venv("exit 7")
    done = project.run(script, "backups", "--more", "a b")

    assert done.returncode == 7
    assert project.called("python") == [f"python {project.root}/manage.py {command} backups --more a b"]


def test_an_image_needs_root_and_buildah(project: Project) -> None:
    project.fake("id", "echo 1000")
    assert project.run("script/image").stderr == "script/image needs root: it builds in a chroot.\n"

    project.fake("id", "echo 0")
    done = project.run("script/image", BUILDAH="no-such-buildah")
    assert done.returncode == 1
    assert done.stderr.startswith("no-such-buildah is not installed")


def test_a_base_of_debian_is_made_once(project: Project) -> None:
    project.fake("id", "echo 0")
    project.fake("debootstrap", "exit 0")
    made = project.root / "made"
    project.fake(
        "buildah", f'case "$*" in "inspect "*) test -e "{made}" ;; "from "*) echo it ;; commit*) touch "{made}" ;; esac'
    )

    for _ in range(2):
        assert project.run("script/image", "--base", "debian", "--tag", "ours").returncode == 0

    assert len(project.called("debootstrap --variant=minbase")) == 1
    builds = project.called("buildah build")
    assert len(builds) == 2
    assert all("--build-arg BASE=localhost/vvdash-debian-13" in build and "--tag ours" in build for build in builds)


# --- script/upgrade

UPGRADED = [
    "docker image inspect vvdash",
    "docker tag vvdash vvdash:before",
    "docker compose build",
    "docker compose run --rm --no-TTY --no-deps web python manage.py check --tag database --database default",
    "docker compose stop web worker worker-slow beat",
    "docker compose run --rm --no-TTY backup",
    "docker compose run --rm --no-TTY migrate",
    "docker compose up --detach --no-build",
]
GONE_BACK = ["docker tag vvdash:before vvdash"]
STARTED_AGAIN = [*GONE_BACK, "docker compose up --detach --no-build"]


def test_an_upgrade_stops_everything_before_it_migrates(project: Project) -> None:
    project.fake("docker", 'case "$*" in *backup) echo "with ${IMAGE-}" ;; esac')

    done = project.run("script/upgrade")

    assert done.returncode == 0
    assert project.called("docker") == UPGRADED
    assert done.stdout == "with vvdash:before\n"
    assert done.stderr.endswith("Upgraded.\n")


@pytest.mark.parametrize(
    ("step", "then", "said"),
    [
        ("build", GONE_BACK, "The old programs go on."),
        ("check", GONE_BACK, "Nothing was changed, and the old programs go on."),
        ("stop", STARTED_AGAIN, "nothing was changed"),
        ("backup", STARTED_AGAIN, "The old programs run again."),
        ("migrate", [], "everything is stopped"),
        ("up", [], ""),
    ],
)
def test_an_upgrade_that_fails_goes_no_further(project: Project, step: str, then: list[str], said: str) -> None:
    failed = project.root / "failed"
    project.fake(
        "docker", f'case " $* " in *" {step} "*) test -e "{failed}" || {{ touch "{failed}"; exit 1; }} ;; esac'
    )

    done = project.run("script/upgrade")

    assert done.returncode == 1
    (place,) = [number for number, call in enumerate(UPGRADED) if f" {step} " in f"{call} "]
    assert project.called("docker") == [*UPGRADED[: place + 1], *then]
    assert said in done.stderr
    assert "Upgraded." not in done.stderr


def test_nothing_to_upgrade(project: Project) -> None:
    project.fake("docker", 'case "$*" in *inspect*) exit 1 ;; esac')

    done = project.run("script/upgrade")

    assert done.returncode == 1
    assert done.stderr.startswith("There is no image vvdash yet")
    assert len(project.called("docker")) == 1
