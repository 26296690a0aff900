"""A pack that hangs or whose process dies: whoever asks reads a sentence, and nothing is half done."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse

from core.models import AuditEvent
from reporting.models import IssuedPack
from reporting.packs.pdf import typesetting
from reporting.packs.pdf.typesetting import BROKEN_OFF, BUSY, TOO_LONG, PackNotMade, list_desks, take_desk
from tests.integration.test_build_pack import build_pack as run_build_pack
from tests.integration.test_issue_pack import make_october
from tests.integration.test_pack_bundles import made
from tests.scenarios import Town
from tests.visiting import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def october(town: Town) -> Town:
    return make_october(town)


def hang(folder: Path) -> list[str]:
    """A typesetter that never ends, and leaves its number in a file."""
    return ["/bin/sh", "-c", f"echo $$ >> {folder}/started; exec /bin/sleep 600"]


def die(folder: Path) -> list[str]:
    """A typesetter that is killed, as the kernel does when there is no memory left."""
    return ["/bin/sh", "-c", f"kill -{signal.SIGKILL.value} $$"]


def be_missing(folder: Path) -> list[str]:
    return [f"{folder}/nowhere"]


@pytest.fixture(
    params=[(hang, TOO_LONG), (die, BROKEN_OFF), (be_missing, BROKEN_OFF)], ids=["hangs", "dies", "is gone"]
)
def sentence(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The typesetter fails in one way; what people are told."""
    behave: Callable[[Path], list[str]]
    behave, sentence = request.param
    monkeypatch.setattr(typesetting, "TYPESETTER", behave(tmp_path))
    monkeypatch.setattr(typesetting, "LONGEST", 0.3)
    return sentence


def test_a_draft_is_a_sentence_and_its_process_is_gone(october: Town, sentence: str, tmp_path: Path):
    path = reverse("reporting:board-pack", args=["testford", "2026-10", "csp"])
    answer = signed_in(october.coordinator).get(path)
    assert answer.status_code == 503
    assert sentence in answer.content.decode()
    for number in (tmp_path / "started").read_text().split() if sentence == TOO_LONG else ():
        assert not Path(f"/proc/{number}").exists()


def test_nothing_is_issued_and_what_was_typed_is_there(october: Town, sentence: str, monkeypatch: pytest.MonkeyPatch):
    browser = signed_in(october.coordinator)
    make = reverse("reporting:pack-make", args=["testford"]) + "?board=csp&month=2026-10"
    page = browser.get(make)
    typed = {"seen": page.context["made"].token, "meeting": "Board meeting", "meeting_on": "27 11 2026"}
    answer = browser.post(make, typed)
    assert sentence in answer.content.decode()
    assert 'value="Board meeting"' in answer.content.decode()
    assert not IssuedPack.objects.exists()
    assert not AuditEvent.objects.filter(verb="pack.issued").exists()
    monkeypatch.undo()
    assert browser.post(make, typed).status_code == 302
    assert IssuedPack.objects.get().number == 1


def test_a_bundle_says_why_there_is_none(october: Town, sentence: str):
    assert sentence in made(october).fault


def test_the_command_says_so(october: Town, sentence: str, tmp_path: Path):
    ran = run_build_pack(tmp_path / "pack.pdf")
    assert (ran.status, ran.out, ran.err) == (2, "", sentence)
    assert not (tmp_path / "pack.pdf").exists()


def test_who_comes_while_packs_hang_is_sent_away_and_who_comes_while_they_are_made_waits(monkeypatch):
    monkeypatch.setattr(typesetting, "LONGEST_WAIT", 0.5)
    leave, seated = threading.Event(), threading.Barrier(3)

    def sit() -> None:
        with take_desk():
            seated.wait(5)
            leave.wait(5)

    sitters = [threading.Thread(target=sit) for _ in range(2)]
    for sitter in sitters:
        sitter.start()
    seated.wait(5)
    for _ in range(2):  # the first waits until those there are late, the second isn't made to wait at all
        with pytest.raises(PackNotMade, match=BUSY), take_desk():
            pass
    leave.set()
    for sitter in sitters:
        sitter.join(5)
    with take_desk(), take_desk():
        pass


SITTER = """
import fcntl, pathlib, sys, time
desks = [open(desk, "ab") for desk in sys.argv[1:]]
for desk in desks:
    fcntl.flock(desk, fcntl.LOCK_EX)
    pathlib.Path(desk.name).touch()
print("seated", flush=True)
time.sleep(60)
"""


def test_a_process_that_is_killed_leaves_its_desks(monkeypatch):
    monkeypatch.setattr(typesetting, "LONGEST_WAIT", 0.2)
    command = [sys.executable, "-c", SITTER, *map(str, list_desks())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sitter:
        assert sitter.stdout.readline() == "seated\n"
        with pytest.raises(PackNotMade, match=BUSY), take_desk():
            pass
        sitter.kill()
    with take_desk(), take_desk():
        pass
