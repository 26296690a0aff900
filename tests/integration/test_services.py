"""The servers that other tests rely on: real, ours alone, and gone afterwards."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from redis import AuthenticationError, Redis, RedisError

from tests import services
from tests.services import programs


def test_postgres_runs_unprivileged_and_is_gone_afterwards():
    with services.postgres() as url:
        with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('server_version_num')::int / 10000, current_setting('data_directory')"
            )
            ((major, folder),) = cursor.fetchall()
        assert major >= services.POSTGRES_MAJOR
        assert Path(folder).stat().st_uid != 0

    assert not Path(folder).parent.exists()
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(url)


def test_redis_asks_for_its_password_and_is_gone_afterwards():
    with services.redis() as url:
        with Redis.from_url(url) as client:
            assert client.ping()
            assert int(client.info("server")["redis_version"].split(".")[0]) >= services.REDIS_MAJOR
        with Redis.from_url(f"redis://{url.rpartition('@')[2]}") as stranger, pytest.raises(AuthenticationError):
            stranger.ping()

    with Redis.from_url(url) as client, pytest.raises(RedisError):
        client.ping()


def test_command_gets_the_url_and_its_status_is_passed_on():
    done = subprocess.run(
        [sys.executable, "-m", "tests.services", "redis", "--", "sh", "-c", "echo $REDIS_URL; exit 7"],
        env={**os.environ, "PYTHONPATH": str(Path(services.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 7
    assert done.stdout.startswith("redis://default:")
    assert done.stderr.startswith("Redis ")


def server(folder: Path, name: str, version: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{version}'\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("installed", "chosen"),
    [((17, 15, 16), 15), ((18, 17), 17), ((14, 16), 16)],
)
def test_declared_major_comes_first_then_the_nearest_newer(tmp_path, installed, chosen):
    paths = [server(tmp_path, f"postgres{major}", f"postgres (PostgreSQL) {major}.3") for major in installed]

    assert services.choose("PostgreSQL", 15, paths).version == (chosen, 3)


def test_only_older_servers_are_none(tmp_path):
    path = server(tmp_path, "redis-server", "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc bits=64")

    with pytest.raises(
        services.ServiceError, match=rf"^Redis 8 or newer is not installed \(found: 7.0.15 \({path}\)\)\.$"
    ):
        services.choose("Redis", 8, [path])


def test_a_server_that_does_not_start_says_why(tmp_path, monkeypatch):
    broken = server(tmp_path, "redis-server", "Redis server v=8.0.0")
    tmp_path.chmod(0o755)
    monkeypatch.setattr(programs, "find_redis", lambda: services.Program(broken, (8, 0, 0)))

    with pytest.raises(services.ServiceError, match="did not start: "), services.redis():
        pass
