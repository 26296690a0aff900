"""bench.visit: what it counts as sent, whose CPU it reads, and what it refuses. tests/functional/test_weight.py runs
it."""

import math
import subprocess
import sys
from typing import Any

import pytest

from bench.visit import Visit, cookie_state, cpu_of, read_arguments, show
from tests.functional.wire import Wire


def asks(key: str, address: str, at: float, **more: Any) -> dict[str, Any]:
    return {"requestId": key, "request": {"url": address}, "timestamp": at} | more


def test_only_what_went_over_the_wire_counts() -> None:
    wire = Wire()
    wire._ask(asks("1", "https://town.example/", 10.0))
    wire._ask(asks("1", "https://town.example/month/", 10.1, redirectResponse={"encodedDataLength": 300}))
    wire._ask(asks("2", "https://town.example/kept.css", 10.2))
    wire._ask(asks("3", "data:image/png;base64,", 10.2))
    wire._ask(asks("4", "https://town.example/lost", 10.2))
    wire._answer({"requestId": "1", "response": {"fromDiskCache": False}})
    wire._answer({"requestId": "2", "response": {"fromDiskCache": True}})
    for key, size, at in (("1", 12_000.0, 10.5), ("2", 0.0, 10.6), ("3", 20.0, 99.0)):
        wire._finish({"requestId": key, "encodedDataLength": size, "timestamp": at})

    assert sorted(wire.sent) == [
        ("https://town.example/", 300),
        ("https://town.example/lost", 0),
        ("https://town.example/month/", 12_000),
    ]
    assert wire.total == 12_300
    assert wire.last - wire.first == pytest.approx(0.6)


def test_the_cpu_is_that_of_a_process_and_those_below_it() -> None:
    busy = "import time\nwhile time.process_time() < 0.05: pass\nprint('done', flush=True)\ninput()"
    parent = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {busy!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "done\n"
        used = cpu_of([process.pid])
        process.communicate("\n")

    assert used >= 50  # milliseconds
    assert math.isnan(cpu_of([]))


def test_a_figure_that_nobody_knows_is_said_to_be_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    nan = float("nan")
    show("A page", {"cold": [Visit(90.4, nan, 120, 7, 75_243, nan), Visit(nan, nan, 140, 7, 75_245, nan)]})

    head, _, row = capsys.readouterr().out.splitlines()
    assert head == "A page, medians of 2:"
    assert row.split() == ["cold", "90", "ms", "unknown", "130", "ms", "7", "75,244", "unknown"]


def test_a_cookie_is_for_the_host_of_the_address() -> None:
    (cookie,) = cookie_state(["session=a=b"], "https://bi.example:8088/dashboard/1/")["cookies"]

    assert (cookie["name"], cookie["value"], cookie["domain"]) == ("session", "a=b", "bi.example")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rounds", "0"], "--rounds is at least 1."),
        (["--sign-in", "http://bi.example/login/", "http://bi.example/"], "--sign-in and --as go together."),
        (["--sign-in", "http://x.example/", "--as", "me", "http://x.example/"], "--sign-in needs VISIT_PASSWORD."),
        (["--process", "1"], "These options need an ADDRESS."),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
    ],
)
def test_it_refuses_what_makes_no_sense(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VISIT_PASSWORD", raising=False)
    with pytest.raises(SystemExit) as refused:
        read_arguments(arguments)

    assert refused.value.code == 2
    assert said in capsys.readouterr().err
