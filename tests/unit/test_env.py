"""A setting that makes no sense ends every program with one sentence, which gives no password away."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from vvdash import env

ROOT = Path(__file__).resolve().parents[2]
BEGINNING = "DATABASE_URL must start with postgres:// or sqlite:///.\n"
NO_NAME = "DATABASE_URL names no database.\n"
NO_FOLDER = "DATABASE_URL names a file in a folder that doesn't exist.\n"
UNREADABLE = "{} can't be read as a URL: write special characters in its password as %25 and so on.\n"
PASSWORD = "hunter2"
NOT_USED = Path("/nowhere/vvdash.sqlite3")
BINARIES = Path(sys.executable).parent


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", BEGINNING),
        (f"mysql://vvdash:{PASSWORD}@db/vvdash", BEGINNING),
        (f"vvdash:{PASSWORD}@db/vvdash", BEGINNING),
        (f"postgres:vvdash:{PASSWORD}@db/vvdash", BEGINNING),
        (f"sqlite://var/{PASSWORD}.sqlite3", BEGINNING),
        (f"postgres://vvdash:{PASSWORD}@db", NO_NAME),
        (f"postgres://vvdash:{PASSWORD}@db:5432/", NO_NAME),
        ("sqlite:///", NO_NAME),
        (f"sqlite:////nowhere/{PASSWORD}/vvdash.sqlite3", NO_FOLDER),
        (f"postgres://vvdash:{PASSWORD}@db:port/vvdash", UNREADABLE),
        (f"postgres://vvdash:{PASSWORD}@db:65536/vvdash", UNREADABLE),
        (f"postgres://vvdash:{PASSWORD}[@db/vvdash", UNREADABLE),
        (f"postgres://vvdash:{PASSWORD}/3@db/vvdash", UNREADABLE),
        (f"postgres://vvdash:2/{PASSWORD}@db/vvdash", UNREADABLE),
        (f"postgres://db/vvdash/{PASSWORD}", UNREADABLE),
        (f"postgres://vvdash:{PASSWORD}@one,/vvdash", UNREADABLE),
        (f"postgres://vvdash:{PASSWORD}@one,two:port/vvdash", UNREADABLE),
    ],
)
def test_a_bad_database_is_refused(monkeypatch, capsys, url: str, sentence: str):
    monkeypatch.setenv("DATABASE_URL", url)

    with pytest.raises(SystemExit) as ended:
        env.database("DATABASE_URL", default=NOT_USED)

    said = capsys.readouterr().err
    assert ended.value.code == env.REFUSED
    assert said == sentence.format("DATABASE_URL")
    assert PASSWORD not in said


@pytest.mark.parametrize(
    ("url", "name", "host", "port", "password"),
    [
        (f"postgres://vvdash:{PASSWORD}@db:5433/town", "town", "db", "5433", PASSWORD),
        (f"PostgreSQL://vvdash:{quote('a/b@c#', safe='')}@db/town", "town", "db", "", "a/b@c#"),
        ("postgres://%2Frun%2Fpostgresql/town", "town", "/run/postgresql", "", ""),
        ("postgres:///town", "town", "", "", ""),
        ("postgres://db/a%2Ftown", "a/town", "db", "", ""),
        (f"postgres://vvdash:{PASSWORD}@one:6432,two/town", "town", "one,two", "6432,", PASSWORD),
        (f"postgres://vvdash:{PASSWORD}@[::1]:6432,[::2]:6433/town", "town", "::1,::2", "6432,6433", PASSWORD),
    ],
)
def test_a_good_database_is_taken(monkeypatch, url: str, name: str, host: str, port: str, password: str):
    monkeypatch.setenv("DATABASE_URL", url)

    found = env.database("DATABASE_URL", default=NOT_USED)

    assert (found["NAME"], found["HOST"], found["PORT"], found["PASSWORD"]) == (name, host, port, password)


def test_a_replica_is_one_postgresql_or_none(monkeypatch, capsys):
    assert env.replica("REPLICA_URL") == {}
    monkeypatch.setenv("REPLICA_URL", "postgres://vvdash:secret@two:6432/vvdash")
    found = env.replica("REPLICA_URL", is_pooled=True)["replica"]
    assert (found["ENGINE"], found["HOST"], found["PORT"]) == ("vvdash.postgres", "two", "6432")
    assert found["DISABLE_SERVER_SIDE_CURSORS"]
    for url, words in (
        ("sqlite:////tmp/copy.sqlite3", "REPLICA_URL must start with postgres://."),
        ("postgres://vvdash:secret@one:6432,two:6432/vvdash", "REPLICA_URL has several hosts; name one."),
    ):
        monkeypatch.setenv("REPLICA_URL", url)
        with pytest.raises(SystemExit):
            env.replica("REPLICA_URL")
        assert capsys.readouterr().err.strip() == words


def test_a_file_is_taken_by_its_path(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/a%20town.sqlite3")
    assert env.database("DATABASE_URL", default=NOT_USED)["NAME"] == f"{tmp_path}/a town.sqlite3"

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///town.sqlite3")
    assert env.database("DATABASE_URL", default=NOT_USED)["NAME"] == "town.sqlite3"


# --- The embedded default


PRODUCT = (
    "actions",
    "boards",
    "core",
    "docs",
    "indicators",
    "operations",
    "reporting",
    "static",
    "templates",
    "vvdash",
    "manage.py",
)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The product as it is checked out: without var/."""
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in PRODUCT:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


def test_a_fresh_clone_needs_no_folder_made_by_hand(clone: Path):
    done = subprocess.run(
        [sys.executable, clone / "manage.py", "check"],
        cwd="/",
        env={"PATH": os.environ["PATH"], "HOME": str(clone)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert (clone / "var" / "vvdash.sqlite3").is_file()


def test_no_sqlite_file_is_made_on_a_machine_that_has_settings(monkeypatch, capsys, tmp_path: Path):
    """A shell that hasn't read them would make tables in a database that nobody uses, and say that it did."""
    settings = tmp_path / "environment"
    settings.touch()
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(env, "OF_THE_MACHINE", settings)

    with pytest.raises(SystemExit) as refused:
        env.database("DATABASE_URL", default=tmp_path / "var" / "db.sqlite3")

    assert refused.value.code == 3
    assert f"Read them first: set -a; . {settings}; set +a" in capsys.readouterr().err
    assert not (tmp_path / "var").exists()


def test_no_folder_is_made_where_the_database_is_named(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("DATABASE_URL", "postgres://vvdash@db/town")

    env.database("DATABASE_URL", default=tmp_path / "var" / "vvdash.sqlite3")

    assert not (tmp_path / "var").exists()


def test_a_folder_that_cannot_be_made_is_refused(monkeypatch, capsys, tmp_path: Path):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    (tmp_path / "var").write_text("a file", encoding="utf-8")

    with pytest.raises(SystemExit):
        env.database("DATABASE_URL", default=tmp_path / "var" / "vvdash.sqlite3")

    said = capsys.readouterr().err
    assert said.startswith("We can't create the database's folder: ")
    assert said.endswith(" Create it, or set DATABASE_URL.\n")


# --- Others


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mail.example", "EMAIL_URL must start with smtp://, smtps:// or smtp+tls://.\n"),
        (f"https://me:{PASSWORD}@mail.example", "EMAIL_URL must start with smtp://, smtps:// or smtp+tls://.\n"),
        (f"smtp://me:{PASSWORD}@mail.example:port", UNREADABLE.format("EMAIL_URL")),
        ("smtp://me:hunter/2@mail.example", UNREADABLE.format("EMAIL_URL")),
    ],
)
def test_a_bad_mail_server_is_refused(monkeypatch, capsys, url: str, sentence: str):
    monkeypatch.setenv("EMAIL_URL", url)

    with pytest.raises(SystemExit):
        env.mailers("EMAIL_URL")

    assert capsys.readouterr().err == sentence


REDIS_START = "REDIS_URL must start with redis:// or rediss://.\n"
SITE_START = "SITE_URL must start with http:// or https://.\n"
SITE_PARTS = "SITE_URL must be a scheme, a host and perhaps a port, such as https://dashboard.example.\n"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("foo", REDIS_START),
        (f"http://:{PASSWORD}@redis:6379", REDIS_START),
        (f"redis://:{PASSWORD}@redis:port/0", UNREADABLE.format("REDIS_URL")),
        (f"redis://:{PASSWORD}/3@redis:6379/0", UNREADABLE.format("REDIS_URL")),
        (f"redis://me:2/{PASSWORD}@redis/0", UNREADABLE.format("REDIS_URL")),
        (f"redis:///{PASSWORD}", UNREADABLE.format("REDIS_URL")),
    ],
)
def test_a_bad_redis_is_refused(monkeypatch, capsys, url: str, sentence: str):
    monkeypatch.setenv("REDIS_URL", url)

    with pytest.raises(SystemExit) as ended:
        env.redis("REDIS_URL")

    assert (ended.value.code, capsys.readouterr().err) == (env.REFUSED, sentence)


@pytest.mark.parametrize(
    "url", ["", "redis://redis:6379/0", f"rediss://me:{quote('a/b', safe='')}@redis", "redis://r/"]
)
def test_a_good_redis_is_taken_as_it_is(monkeypatch, url: str):
    monkeypatch.setenv("REDIS_URL", url)

    assert env.redis("REDIS_URL") == url


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("foo", SITE_START),
        ("dashboard.example", SITE_START),
        ("ftp://dashboard.example", SITE_START),
        ("https://", SITE_START),
        ("https://:8000", SITE_PARTS),
        ("https://dashboard.example:port", SITE_PARTS),
        ("https://[dashboard.example", SITE_PARTS),
        ("https://dashboard.example/town", SITE_PARTS),
        ("https://dashboard.example?town", SITE_PARTS),
        (f"https://me:{PASSWORD}@dashboard.example", SITE_PARTS),
    ],
)
def test_a_bad_site_is_refused(monkeypatch, capsys, url: str, sentence: str):
    monkeypatch.setenv("SITE_URL", url)

    with pytest.raises(SystemExit) as ended:
        env.site("SITE_URL", default="http://localhost:8000")

    assert (ended.value.code, capsys.readouterr().err) == (env.REFUSED, sentence)


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("", "http://localhost:8000"),
        ("https://dashboard.example/", "https://dashboard.example"),
        ("http://127.0.0.1:8137", "http://127.0.0.1:8137"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_a_good_site_is_taken_without_its_last_slash(monkeypatch, url: str, site: str):
    monkeypatch.setenv("SITE_URL", url)

    assert env.site("SITE_URL", default="http://localhost:8000") == site


def test_a_level_that_does_not_exist_is_refused(monkeypatch, capsys):
    monkeypatch.setenv("LOG_LEVEL", "loud")

    with pytest.raises(SystemExit) as ended:
        env.choice("LOG_LEVEL", ("INFO", "WARNING", "ERROR"), default="WARNING")

    assert (ended.value.code, capsys.readouterr().err) == (
        env.REFUSED,
        "LOG_LEVEL must be INFO, WARNING or ERROR.\n",
    )


@pytest.mark.parametrize(("value", "level"), [("", "WARNING"), ("INFO", "INFO"), ("error", "ERROR")])
def test_a_level_is_taken_whatever_its_capitals(monkeypatch, value: str, level: str):
    monkeypatch.setenv("LOG_LEVEL", value)

    assert env.choice("LOG_LEVEL", ("INFO", "WARNING", "ERROR"), default="WARNING") == level


@pytest.mark.parametrize("value", ["10.0.0.1/8", "10.0.0", "office", "10.0.0.0/33"])
def test_what_is_no_network_is_refused(monkeypatch, capsys, value: str):
    monkeypatch.setenv("INSIDE", value)
    with pytest.raises(SystemExit):
        env.networks("INSIDE", default=())
    assert capsys.readouterr().err.startswith(f"INSIDE has {value!r}.")


def test_networks_are_taken(monkeypatch):
    monkeypatch.setenv("INSIDE", "10.1.0.0/16, 192.0.2.7,2001:db8::/32")
    assert [str(each) for each in env.networks("INSIDE", default=())] == [
        "10.1.0.0/16",
        "192.0.2.7/32",
        "2001:db8::/32",
    ]
    monkeypatch.setenv("INSIDE", "")
    assert [str(each) for each in env.networks("INSIDE", default=("::1",))] == ["::1/128"]


@pytest.mark.parametrize("value", ["x" * 31, "x" * 31 + " x", "é" * 40])
def test_a_secret_that_is_too_short_is_refused_and_never_shown(monkeypatch, capsys, value: str):
    monkeypatch.setenv("OPERATIONS_TOKEN", value)
    with pytest.raises(SystemExit):
        env.secret("OPERATIONS_TOKEN", shortest=32)
    assert capsys.readouterr().err == "OPERATIONS_TOKEN must have at least 32 letters and digits.\n"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("SITE_URL", SITE_START),
        ("REDIS_URL", REDIS_START),
        ("LOG_LEVEL", "LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR.\n"),
    ],
)
def test_the_settings_refuse_nonsense(tmp_path: Path, name: str, sentence: str):
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), name: "nonsense"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (env.REFUSED, "", sentence)


def test_neither_yes_nor_no_is_refused(monkeypatch, capsys):
    monkeypatch.setenv("PRODUCTION", "maybe")

    with pytest.raises(SystemExit):
        env.flag("PRODUCTION", default=False)

    assert capsys.readouterr().err == "PRODUCTION is 'maybe'; set it to 1 or 0.\n"


@pytest.mark.parametrize(
    "command",
    [
        (sys.executable, "manage.py", "check"),
        (sys.executable, "manage.py", "runserver", "127.0.0.1:0"),
        (BINARIES / "celery", "--app", "vvdash", "worker"),
        (BINARIES / "celery", "--app", "vvdash.beat", "beat"),
        (BINARIES / "gunicorn", "vvdash.wsgi:application", "--bind", "127.0.0.1:0", "--no-control-socket"),
    ],
    ids=["manage.py", "runserver", "worker", "beat", "gunicorn"],
)
def test_every_program_ends_with_the_sentence(tmp_path: Path, command: tuple[str | Path, ...]):
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": f"postgres://vvdash:{PASSWORD}@db:port/vvdash",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    said = done.stdout + done.stderr
    assert done.returncode == env.REFUSED, said
    assert UNREADABLE.format("DATABASE_URL") in done.stderr
    assert "Traceback" not in said
    assert PASSWORD not in said


@pytest.mark.parametrize("value", ["4", "481", "-5", "1.5", "an hour", "٦٠"])
def test_a_number_outside_its_limits_is_refused(monkeypatch, capsys, value):
    monkeypatch.setenv("SESSION_IDLE_MINUTES", value)
    with pytest.raises(SystemExit):
        env.number("SESSION_IDLE_MINUTES", default=60, least=5, most=480)
    assert capsys.readouterr().err == (f"SESSION_IDLE_MINUTES is {value!r}; set it to a whole number from 5 to 480.\n")


@pytest.mark.parametrize(("value", "number"), [("", 60), ("5", 5), (" 480 ", 480)])
def test_a_number_within_them_is_taken(monkeypatch, value, number):
    monkeypatch.setenv("SESSION_IDLE_MINUTES", value)
    assert env.number("SESSION_IDLE_MINUTES", default=60, least=5, most=480) == number


def test_in_production_no_other_host_can_plant_a_cookie():
    """A browser accepts a `__Host-` cookie only from the host itself, over HTTPS."""
    names = "SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.DEVICE_COOKIE_NAME, s.SESSION_COOKIE_SECURE"
    asked = f"from vvdash import settings as s; print(s.{names}, s.CSRF_COOKIE_SECURE)"
    ran = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=ROOT,
        env={**os.environ, "PRODUCTION": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == ["__Host-sessionid", "__Host-csrftoken", "__Host-device", "True", "True"]
