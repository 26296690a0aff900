"""docker-compose.yml can't be run by these tests; that it and the Dockerfile parse and fit the rest can be tested.
tests/machines builds the image and runs it."""

import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml

from tests.services import POSTGRES_MAJOR, REDIS_MAJOR
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
INSTRUCTIONS = {"ARG", "FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "EXPOSE", "CMD"}
OURS = ("migrate", "web", "worker", "worker-slow", "beat", "backup")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return parsed


@pytest.fixture(scope="module")
def dockerfile() -> list[list[str]]:
    """The Dockerfile's instructions, each as its word and the rest."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    return [line.split(maxsplit=1) for line in text.splitlines() if line.strip()]


def test_has_every_part_of_production(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {*OURS, "nginx", "postgres", "redis"}


@pytest.mark.parametrize(("service", "major"), [("postgres", POSTGRES_MAJOR), ("redis", REDIS_MAJOR)])
def test_majors_are_those_of_the_tests(compose: dict[str, Any], service: str, major: int) -> None:
    # script/pin-images may have added a digest.
    assert re.fullmatch(rf"{service}:{major}(@sha256:[0-9a-f]{{64}})?", compose["services"][service]["image"])


@pytest.mark.parametrize("service", OURS)
def test_passes_only_settings_that_exist(compose: dict[str, Any], service: str) -> None:
    settings = (ROOT / "vvdash" / "settings.py").read_text(encoding="utf-8")
    known = set(re.findall(r'\benv\.[a-z]+\(\s*"([A-Z_]+)"', settings))

    assert set(compose["services"][service]["environment"]) <= known


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "EMAIL_URL"]
)
def test_what_has_no_safe_default_must_be_given(name: str) -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    uses = re.findall(r"\$\{" + name + r"\b[^}]*\}", text)

    assert uses
    assert all(use.startswith(f"${{{name}:?") for use in uses), uses


def test_services_wait_for_what_they_need(compose: dict[str, Any]) -> None:
    for service in ("web", "worker", "worker-slow", "beat"):
        needed = compose["services"][service]["depends_on"]
        assert needed["migrate"]["condition"] == "service_completed_successfully"
        assert needed["redis"]["condition"] == "service_healthy"
    assert compose["services"]["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    for service in ("web", "worker", "worker-slow", "beat", "nginx", "postgres", "redis"):
        assert compose["services"][service]["healthcheck"]["test"]


def test_each_queue_has_a_worker(compose: dict[str, Any]) -> None:
    workers = [service["command"] for service in compose["services"].values() if "worker" in service.get("command", ())]

    assert [command[command.index("--queues") + 1] for command in workers] == ["celery", "slow"]


def test_a_stop_lets_work_end(compose: dict[str, Any]) -> None:
    for service in ("web", "worker", "worker-slow"):
        assert int(compose["services"][service]["stop_grace_period"].removesuffix("s")) >= 45


def test_what_a_container_says_is_bounded(compose: dict[str, Any]) -> None:
    assert {service["logging"]["options"]["max-size"] for service in compose["services"].values()} == {"20m"}


def test_a_backup_is_made_only_when_asked_for(compose: dict[str, Any]) -> None:
    backup = compose["services"]["backup"]

    assert backup["profiles"] == ["tools"]
    assert backup["command"][-1] == "/backups"
    assert backup["volumes"] == ["backups:/backups"]


def test_beat_is_well_while_it_writes_its_file(compose: dict[str, Any], tmp_path: Path) -> None:
    shell, script = compose["services"]["beat"]["healthcheck"]["test"]
    assert shell == "CMD-SHELL"
    assert "/tmp/beat-schedule" in compose["services"]["beat"]["command"]

    def is_well() -> bool:
        return subprocess.run(["/bin/sh", "-c", script.replace("/tmp", str(tmp_path))], check=False).returncode == 0

    assert not is_well()
    file = tmp_path / "beat-schedule"
    file.touch()
    assert is_well()
    os.utime(file, (time.time() - 700, time.time() - 700))
    assert not is_well()


def test_only_nginx_is_published_and_it_is_the_one_proxy(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}

    assert published == {"nginx": ["${HTTP_PORT:-80}:80", "${HTTPS_PORT:-443}:443"]}
    assert {compose["services"][service]["environment"]["PROXIES"] for service in OURS} == {"1"}
    assert not any("network_mode" in service or "networks" in service for service in compose["services"].values())


def test_nginx_only_reads_what_it_shares_with_the_machine(compose: dict[str, Any]) -> None:
    volumes = [volume.rsplit(":", 2) for volume in compose["services"]["nginx"]["volumes"]]

    assert [mode for _, _, mode in volumes] == ["ro", "ro"]
    assert (ROOT / volumes[0][0]).is_dir()
    # tests/install/test_nginx_in_compose.py runs what this runs.
    shell, option, script = compose["services"]["nginx"]["command"]
    assert (shell, option) == ("sh", "-c")
    assert script.startswith(f"sh {volumes[0][1]}/in-compose.sh /etc/nginx/conf.d && exec nginx ")
    assert any(place.startswith("/etc/nginx/conf.d:") for place in compose["services"]["nginx"]["tmpfs"])


def test_every_service_is_confined(compose: dict[str, Any]) -> None:
    """It can write only its own memory and its volume, and gains no right."""
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert any(place.startswith("/tmp:") for place in service["tmpfs"]), name
        assert not service.get("privileged"), name
    added = {name: service["cap_add"] for name, service in compose["services"].items() if "cap_add" in service}
    assert added == {
        "nginx": ["CHOWN", "NET_BIND_SERVICE", "SETGID", "SETUID"],
        "postgres": ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"],
    }


def test_redis_asks_for_its_password(compose: dict[str, Any]) -> None:
    assert compose["services"]["web"]["environment"]["REDIS_URL"].startswith("redis://:${REDIS_PASSWORD:?")
    queue = compose["services"]["redis"]
    assert queue["environment"]["REDISCLI_AUTH"].startswith("${REDIS_PASSWORD:?")
    assert queue["user"] == "redis"


def test_the_command_of_redis_does_as_it_says(compose: dict[str, Any], tmp_path: Path) -> None:
    """Redis of this machine runs it, with a socket in a folder instead of a port."""
    shell, option, script = compose["services"]["redis"]["command"]
    socket_path = tmp_path / "redis.sock"
    script = script.replace("$$", "$").replace("dir /tmp", f"dir {tmp_path}\nport 0\nunixsocket {socket_path}")
    environment = {"PATH": os.environ["PATH"], "REDISCLI_AUTH": "letters123"}
    server = subprocess.Popen([shell, option, script], env=environment, stdout=subprocess.DEVNULL)
    try:
        assert Path(f"/proc/{server.pid}/cmdline").read_bytes().find(b"letters123") == -1
        wait_until(socket_path.exists, what="Redis is not ready")
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(unix_socket_path=str(socket_path)).ping()
        client = redis.Redis(unix_socket_path=str(socket_path), password="letters123")
        assert client.ping()
        assert client.config_get("save") == {"save": ""}
        assert client.config_get("appendonly") == {"appendonly": "no"}
    finally:
        server.terminate()
        server.wait(10)


def test_dockerfile_has_known_instructions_only(dockerfile: list[list[str]]) -> None:
    assert {instruction[0] for instruction in dockerfile} <= INSTRUCTIONS


def test_image_has_the_declared_python(dockerfile: list[list[str]]) -> None:
    declared = (ROOT / ".python-version").read_text(encoding="utf-8").strip()

    assert [word for word, _ in dockerfile[:2]] == ["ARG", "FROM"]
    assert re.fullmatch(rf"BASE=python:{re.escape(declared)}-slim(@sha256:[0-9a-f]{{64}})?", dockerfile[0][1])
    assert dockerfile[1][1] == "${BASE}"


def test_image_installs_by_hash(dockerfile: list[list[str]]) -> None:
    installs = [rest for word, rest in dockerfile if word == "RUN" and "pip install" in rest]

    assert installs
    assert all("--require-hashes" in install and "-r requirements.txt" in install for install in installs)


def test_image_does_not_run_as_root(dockerfile: list[list[str]]) -> None:
    words = [word for word, _ in dockerfile]

    assert words.index("USER") < words.index("CMD")
    assert [rest for word, rest in dockerfile if word == "USER"][-1] != "root"
