"""The command: the recorded cases through it, and lines that can't be analysed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "data" / "spc" / "cases.jsonl"


def analyse(lines: bytes, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", "analyse_series", *arguments],
        cwd=ROOT,
        input=lines,
        capture_output=True,
        check=False,
    )


def test_the_recorded_cases_go_through_the_command():
    cases = [json.loads(line) for line in CASES.read_text().splitlines()]
    done = analyse("\n".join(json.dumps(case["input"]) for case in cases).encode())
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert len(answers) == len(cases)
    for answer, case in zip(answers, cases, strict=True):
        assert set(answer) == {"id", *case["expected"]}
        assert answer["id"] == case["input"]["id"]
        assert answer["signal"] == case["expected"]["signal"]


REFUSED = {
    b'{"values": [NaN]}': "NaN is not a number",
    b'{"values": [1, Infinity]}': "Infinity is not a number",
    b'{"values": [1e999]}': "Value 1 must be null or a number",
    b'{"values": [1, "2"]}': "Value 2 must be null or a number",
    b'{"values": [1, [2]]}': "Value 2 must be null or a number",
    b'{"values": [true]}': "Value 1 must be null or a number",
    b'{"values": [1, 2], "step_changes": [2]}': "“step_changes” must be",
    b'{"values": [1, 2], "step_changes": [-1]}': "“step_changes” must be",
    b'{"values": [1], "baseline_points": 11}': "“baseline_points” must be",
    b'{"values": [1], "target": "ten"}': "“target” must be",
    b'{"values": [1], "improvement": "up"}': "“improvement” must be",
    b'{"values": [1], "improvment": "higher"}': "A series can’t have “improvment”",
    b'{"values": 3}': "“values” must be a list",
    b"{}": "“values” is missing",
    b"[1, 2]": "The line is not an object",
    b"{oops": "The line is not valid JSON",
    b'{"values": [\xff]}': "The line is not UTF-8",
    b"[" * 100_000: "The line is not valid JSON",
    b"7" * 1_000_001: "The line is longer than",
}


@pytest.fixture(scope="module")
def refusals() -> list[dict]:
    """Each bad line between two good ones, all in one run."""
    good = b'{"values": [1, 2, 3]}'
    lines = [line for bad in REFUSED for line in (bad, good)]
    done = analyse(b"\n".join(lines) + b"\n")
    assert done.returncode == 1
    assert f"{len(REFUSED)} lines were refused." in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("place", range(len(REFUSED)))
def test_a_bad_line_is_a_sentence_and_the_next_goes_on(refusals, place):
    bad, good = refusals[2 * place : 2 * place + 2]
    assert bad["line"] == 2 * place + 1
    assert bad["error"].startswith(list(REFUSED.values())[place])
    assert bad["error"].endswith(".")
    assert good["variation"] == "common_cause"


def test_short_and_flat_series_are_analysed():
    series: list[list[int | None]] = [[], [1], [1, 2], [None, None], [5, 5, 5], [1000000000000000]]
    done = analyse("\n".join(json.dumps({"values": values}) for values in series).encode())
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [len(answer["mean"]) for answer in answers] == [len(each) for each in series]


def test_a_file_that_is_not_there_is_a_sentence():
    done = analyse(b"", "no-such-file.jsonl")
    assert done.returncode == 2
    assert done.stderr.decode() == "Refused: no-such-file.jsonl can't be opened: No such file or directory.\n"
