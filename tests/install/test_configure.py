"""script/configure, answered by a person, beside a real database, Redis and mail server."""

import os
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from script.configure import assign, hide_password
from tests import services
from tests.mail_server import MailServer, mail_server

ROOT = Path(__file__).resolve().parents[2]
OPERATOR = "operator@council.test"
HIDDEN = "hunter2"


@dataclass
class Site:
    database: str
    redis: str
    mail: MailServer
    file: Path

    def answers(self) -> dict[str, str]:
        """What a person types who does everything right. No one answers at the address before nginx is there: so a
        second line, which is empty."""
        return {
            "DATABASE_URL": self.database,
            "REDIS_URL": self.redis,
            "SITE_URL": "https://dashboard.example\n",
            "PROVIDER": "King’s Lynn",
            "CONTACT": OPERATOR,
            "EMAIL_FROM": "dashboard@council.test",
            "EMAIL_URL": self.mail.url,
        }

    def configure(self, **changed: str) -> subprocess.CompletedProcess[str]:
        return self.type_in("\n".join((self.answers() | changed).values()) + "\n")

    def type_in(self, typed: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ROOT / "script" / "configure", self.file],
            input=typed,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )

    def read(self) -> dict[str, str]:
        """What a shell makes of the file."""
        names = ["PRODUCTION", "SECRET_KEY", "PROXIES", "ALLOWED_HOSTS", "ALARMS_TO", "OBJECTS_URL", *self.answers()]
        shown = "".join(f'printf "%s\\0" "${name}"; ' for name in names)
        done = subprocess.run(
            ["bash", "-c", f"set -a; . {shlex.quote(str(self.file))}; {shown}"],
            env={},
            capture_output=True,
            text=True,
            check=True,
        )
        return dict(zip(names, done.stdout.split("\0"), strict=False))


@pytest.fixture(scope="module")
def programs() -> Iterator[tuple[str, str, MailServer]]:
    with ExitStack() as stack:
        yield (
            stack.enter_context(services.postgres()),
            stack.enter_context(services.redis()),
            stack.enter_context(mail_server()),
        )


@pytest.fixture
def site(programs: tuple[str, str, MailServer], tmp_path: Path) -> Site:
    programs[2].letters.clear()
    return Site(*programs, tmp_path / "etc" / "environment")


def test_it_tries_what_is_typed_and_writes_what_the_product_needs(site: Site):
    done = site.configure()

    assert done.returncode == 0, done.stdout + done.stderr
    assert site.file.stat().st_mode & 0o777 == 0o600
    written = site.read()
    assert written["PRODUCTION"] == written["PROXIES"] == "1"
    assert (written["ALLOWED_HOSTS"], written["ALARMS_TO"]) == ("dashboard.example", OPERATOR)
    assert len(written["SECRET_KEY"]) >= 50
    assert {name: written[name] for name in site.answers()} == {
        name: typed.strip() for name, typed in site.answers().items()
    }
    assert done.stdout.count("OK  ") >= 3
    assert [letter["To"] for letter in site.mail.letters] == [OPERATOR]


def test_what_cannot_be_read_or_fails_is_asked_again(site: Site):
    wrong = urlsplit(site.database)
    stranger = site.database.replace(str(wrong.password), "wrong")

    done = site.configure(
        DATABASE_URL=f"jdbc:postgresql://host/vvdash\n{stranger}\n{site.database}",
        SITE_URL="dashboard.example\nhttps://dashboard.example/month\nhttp://dashboard.example\nhttps://dashboard.example\n",
        CONTACT=f"nobody\n{OPERATOR}",
        EMAIL_FROM=f"{site.mail.url}\nAnytown’s dashboard <dashboard@council.test>",
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "DATABASE_URL must start with postgres:// or sqlite:///." in done.stderr
    assert "FAILED  Database server: It doesn’t answer:" in done.stdout
    assert "SITE_URL must be a scheme, a host and perhaps a port" in done.stderr
    assert "SITE_URL must start with https://." in done.stdout
    assert "CONTACT must be an email address" in done.stderr
    assert "EMAIL_FROM must be an email address" in done.stderr
    assert str(wrong.password) not in done.stdout + done.stderr
    assert site.read()["DATABASE_URL"] == site.database


def test_who_mistyped_goes_back_to_the_question_before(site: Site):
    done = site.configure(PROVIDER="<\n\nKing’s Lynne", CONTACT=f"<\nKing’s Lynn\n{OPERATOR}")

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("3 of 7.") == done.stdout.count("5 of 7.") == 2
    written = site.read()
    assert (written["SITE_URL"], written["PROVIDER"]) == ("https://dashboard.example", "King’s Lynn")


def test_enter_keeps_each_value_and_every_other_line(site: Site):
    site.file.parent.mkdir()
    chosen = site.answers() | {"SITE_URL": "https://dashboard.example", "PROXIES": "2", "SECRET_KEY": "k" * 60}
    chosen |= {"ALLOWED_HOSTS": "dashboard.example,10.1.0.7", "ALARMS_TO": "nights@council.test", "PRODUCTION": "1"}
    with site.file.open("w", encoding="utf-8") as file:
        file.writelines(f"{name}='{value}'\n" for name, value in chosen.items())
        file.write("# The store of the county\nOBJECTS_URL='s3://key:secret@s3.example/packs'\nKEY_A_MINUTE=many\n")
    before = site.read()

    done = site.type_in("\n" * 20)

    assert done.returncode == 0, done.stdout + done.stderr
    assert site.read() == before
    assert "# The store of the county\n" in site.file.read_text(encoding="utf-8")


def test_who_stops_midway_has_written_nothing(site: Site):
    done = site.type_in("postgres://vvdash:password@127.0.0.1:1/vvdash\n")

    assert done.returncode == 1
    assert done.stderr.endswith("\nNothing was written.\n")
    assert list(site.file.parent.iterdir()) == []


def test_it_says_at_once_where_it_may_not_write(site: Site):
    site.file = Path("/proc/vvdash/environment")

    done = site.type_in("")

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("We can't write into /proc/vvdash: ")


def test_a_file_that_no_shell_reads_is_left_alone(site: Site):
    site.file.parent.mkdir()
    site.file.write_text("PROVIDER='half\n", encoding="utf-8")

    done = site.type_in("\n")

    assert done.returncode == 1
    assert done.stderr == f"We can't read {site.file}: No closing quotation. Mend it, or move it away.\n"
    assert site.file.read_text(encoding="utf-8") == "PROVIDER='half\n"


@given(st.lists(st.text(st.characters(exclude_categories=["C"], exclude_characters="\u2028\u2029")), max_size=20))
def test_a_shell_reads_what_was_written(values: list[str]):
    lines = [assign(f"V{number}", value) for number, value in enumerate(values)]
    lines += [f'printf "%s\\0" "$V{number}"' for number in range(len(values))]

    done = subprocess.run(["sh"], input="\n".join(lines).encode(), capture_output=True, check=True)

    assert done.stdout.decode().split("\0")[:-1] == values


def test_a_password_is_hidden_when_it_is_offered_again():
    assert hide_password(f"postgres://vvdash:{HIDDEN}@db:5432/vvdash") == f"postgres://vvdash:{'…'}@db:5432/vvdash"
    assert hide_password("redis://127.0.0.1:6379/0") == "redis://127.0.0.1:6379/0"
