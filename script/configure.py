"""Asks for the settings of a first site, tries each, and writes them into the file that systemd and the shell read.

It doesn't load the product's settings itself, so it also mends a file with which the product wouldn't start.
"""

import os
import re
import secrets
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
BACK = "<"
REFUSED = 3  # what the product ends with if it can't read a setting (vvdash/env.py)
# What a shell or systemd would take as more than itself between double quotes.
SPECIAL = re.compile(r'([\\"$`])')


@dataclass(frozen=True, slots=True)
class Question:
    """A setting, what it is, what is offered, and what `manage.py doctor` looks at once it is known."""

    name: str
    words: str
    offered: str = ""
    looks: tuple[str, ...] = ()
    note: str = ""


QUESTIONS = (
    Question(
        "DATABASE_URL",
        "The database: postgres://USER:password@HOST:PORT/NAME",
        looks=("server",),
        note="In a password, write / as %2F, @ as %40 and % as %25. Letters and digits need nothing.",
    ),
    Question("REDIS_URL", "Redis: redis://HOST:PORT/0", offered="redis://127.0.0.1:6379/0", looks=("broker",)),
    Question(
        "SITE_URL",
        "The address that people will open: https://dashboard.example",
        looks=("certificate",),
        note="This fails until nginx has its certificate. Then press Enter to go on.",
    ),
    Question("PROVIDER", "Who runs this installation: the name of the council"),
    Question("CONTACT", "The email address of the operator, who gets alarms and questions about privacy"),
    Question("EMAIL_FROM", "The sender of emails: an email address"),
    Question(
        "EMAIL_URL",
        "The mail server: smtp+tls://USER:password@HOST:587, or smtps:// for TLS from the start",
        looks=("mail-server",),
        note="We send an email to the operator.",
    ),
)


class NotWritten(Exception):
    """Nothing was written. Its text is a sentence."""


def main() -> None:
    file = Path(sys.argv[1])
    try:
        check_is_writable(file)
        kept = read(file)
        answers = ask(kept)
        write(file, answers)
    except NotWritten as fault:
        sys.exit(str(fault))
    except (EOFError, KeyboardInterrupt):
        sys.exit("\nNothing was written.")
    print(f"\nWritten into {file}. Only its owner can read it. Store SECRET_KEY where passwords belong, too.")
    print("Read it into the shell again, and restart vvdash.target if it runs.")
    print("manage.py doctor looks at everything again, once the programs run.")


def check_is_writable(file: Path) -> None:
    """Raises NotWritten before anybody has answered seven questions."""
    try:
        file.parent.mkdir(mode=0o755, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent):
            pass
    except OSError as fault:
        raise NotWritten(f"We can't write into {file.parent}: {fault.strerror}. Run it as root?") from None


def read(file: Path) -> dict[str, str]:
    """Return the settings that a file has. Raises NotWritten if a shell couldn't read it."""
    try:
        words = shlex.split(file.read_text(encoding="utf-8"), comments=True) if file.exists() else []
    except (OSError, ValueError) as fault:
        raise NotWritten(f"We can't read {file}: {fault}. Mend it, or move it away.") from None
    return dict(word.split("=", 1) for word in words if "=" in word)


def ask(kept: Mapping[str, str]) -> dict[str, str]:
    """Ask every question, and return the settings to write."""
    answers = {
        "PRODUCTION": "1",
        "SECRET_KEY": kept.get("SECRET_KEY") or secrets.token_urlsafe(50),
        "PROXIES": kept.get("PROXIES") or "1",
    }
    print(f"Type {BACK} to go back to the question before.")
    place = 0
    while place < len(QUESTIONS):
        question = QUESTIONS[place]
        print(f"\n{place + 1} of {len(QUESTIONS)}. {question.words}")
        if question.note:
            print(question.note)
        given = ask_one(question, answers, kept)
        answers |= given
        place = place + 1 if given else max(0, place - 1)
    return answers


def ask_one(question: Question, answers: Mapping[str, str], kept: Mapping[str, str]) -> dict[str, str]:
    """Ask until there is an answer, and return it with what follows from it; nothing if somebody goes back."""
    value = answers.get(question.name) or kept.get(question.name) or question.offered
    while True:
        typed = input(f"{question.name} [{hide_password(value)}]: " if value else f"{question.name}: ").strip()
        if typed == BACK:
            return {}
        if not typed and not value:
            continue
        given = {question.name: typed or value, **follow(question.name, typed or value, kept)}
        status = look(question, {**answers, **given})
        if status == REFUSED:
            print("Type it again.")
        elif status == 0 or not typed:
            return given
        else:
            value = typed
            print("Type it again, or press Enter to keep it and go on.")


def follow(name: str, value: str, kept: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that follow from another, unless somebody has chosen them."""
    if name == "SITE_URL":
        return {"ALLOWED_HOSTS": kept.get("ALLOWED_HOSTS") or urlsplit(value).hostname or ""}
    if name == "CONTACT":
        return {"ALARMS_TO": kept.get("ALARMS_TO") or value}
    return {}


def look(question: Question, answers: Mapping[str, str]) -> int:
    """Let the product try a setting, and print what it says. Return its exit status."""
    send_to = ["--send-to", answers["CONTACT"]] if "mail-server" in question.looks else []
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    print("Trying …" if question.looks else "", end="", flush=True)
    tried = subprocess.run(
        [sys.executable, ROOT / "manage.py", "doctor", *send_to, "--only", *question.looks],
        env={**environment, **answers},
        check=False,
    )
    return tried.returncode


def hide_password(value: str) -> str:
    return re.sub(r"(//[^:@/]*:).*@", r"\1…@", value)


def write(file: Path, answers: Mapping[str, str]) -> None:
    """Put the settings into a file in one step. Each other line stays as it is. Raises NotWritten."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        others = [line for line in lines if line.partition("=")[0].strip() not in answers]
        with NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, delete_on_close=False) as made:
            made.write("".join(f"{line}\n" for line in others + [assign(*answer) for answer in answers.items()]))
            made.flush()
            os.fsync(made.fileno())
            os.replace(made.name, file)
    except OSError as fault:
        raise NotWritten(f"Nothing was written into {file}: {fault.strerror}.") from None


def assign(name: str, value: str) -> str:
    """Return the line that gives a setting its value, as systemd and the shell read it alike."""
    return f'{name}="{SPECIAL.sub(r"\\\1", value)}"'


if __name__ == "__main__":
    main()
