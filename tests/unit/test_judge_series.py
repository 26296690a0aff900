"""The command: what comes in, what goes out, and lines that can't be judged."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
MONTHS = {
    *(
        "signal",
        "tier",
        "judgement",
        "window",
        "sum",
        "due",
        "usual",
        "lower",
        "upper",
        "level",
        "since",
        "before",
        "back",
    )
}


def run(command: str, *lines: bytes) -> tuple[int, list[dict[str, Any]]]:
    done = subprocess.run(
        [sys.executable, "manage.py", command], cwd=ROOT, input=b"\n".join(lines), capture_output=True, check=False
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_each_series_has_an_entry_for_each_month():
    values = [20] * 24 + [40]
    series = [
        {"id": "worse", "values": values, "improvement": "lower"},
        {"id": 7, "values": values, "improvement": "higher", "kind": "stock", "starts": [3]},
        {"values": [None, 3]},
    ]
    status, answers = run("judge_series", *(json.dumps(each).encode() for each in series))

    assert status == 0
    assert [answer.get("id") for answer in answers] == ["worse", 7, None]
    assert [len(answer["months"]) for answer in answers] == [25, 25, 2]
    assert {name for answer in answers for month in answer["months"] for name in month} == MONTHS
    assert answers[0]["months"][-1]["judgement"] == "worse"
    assert answers[1]["months"][-1]["judgement"] == "better"
    assert answers[1]["months"][-1]["since"] == 3


def test_shares_and_rates_are_judged_as_fractions():
    values, of = [20] * 24 + [40], [100] * 24 + [80]
    series = [
        {"values": values, "kind": kind, "denominators": of, "improvement": "higher", "counted": counted}
        for kind, counted in (("share", "flow"), ("share", "stock"), ("rate", "flow"), ("rate", None))
    ]
    status, answers = run("judge_series", *(json.dumps(each).encode() for each in series))
    last = [answer["months"][-1] for answer in answers]

    assert status == 0
    assert [month["judgement"] for month in last] == ["better"] * 4
    assert [month["usual"] for month in last] == pytest.approx([0.2] * 4)
    assert last[0]["sum"] == 0.5
    assert last[2] == last[3]
    assert last[0]["upper"] < last[2]["upper"]


REFUSED = {
    b'{"values": [-1]}': "Value 1 must be null or a whole number from 0",
    b'{"values": [1, 2.5]}': "Value 2 must be null or a whole number from 0",
    b'{"values": [true]}': "Value 1 must be null or a whole number from 0",
    b'{"values": [1], "kind": "pile"}': "“kind” must be flow, stock, share or rate",
    b'{"values": [1], "denominators": [1]}': "A count has no “denominators” or “counted”",
    b'{"values": [1], "counted": "stock"}': "A count has no “denominators” or “counted”",
    b'{"values": [1], "kind": "share"}': "“denominators” must have a number or null for each of the 1 values",
    b'{"values": [1], "kind": "rate", "denominators": [1, 2]}': "“denominators” must have a number or null for each",
    b'{"values": [1], "kind": "rate", "denominators": [-1]}': "Denominator 1 must be null or a whole number from 0",
    b'{"values": [1], "kind": "rate", "denominators": [9], "counted": "pile"}': "“counted” must be flow or stock",
    b'{"values": [2], "kind": "share", "denominators": [1]}': "Denominator 1 is below its numerator",
    b'{"values": [1], "improvement": "up"}': "“improvement” must be",
    b'{"values": [1], "starts": [1]}': "“starts” must be",
    b'{"values": [1], "target": 3}': "A series can’t have “target”.",
    b"{}": "“values” is missing",
    b"{oops": "The line is not valid JSON",
}


@pytest.fixture(scope="module")
def refusals() -> list[dict[str, Any]]:
    """All of them between two good ones, in one run."""
    good = b'{"id": "good", "values": [1]}'
    status, answers = run("judge_series", good, *REFUSED, good)
    assert status == 1
    assert answers[0] == answers[-1]
    assert answers[0]["id"] == "good"
    return answers[1:-1]


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=[line.decode() for line in REFUSED])
def test_a_bad_line_is_answered_with_its_number_and_a_sentence(refusals: list[dict[str, Any]], number: int):
    assert set(refusals[number]) == {"line", "error"}
    assert refusals[number]["line"] == number + 2
    assert list(REFUSED.values())[number] in refusals[number]["error"]


def test_analyse_series_gives_the_id_back_too():
    _, (with_one, without) = run("analyse_series", b'{"id": "a", "values": [1, 2]}', b'{"values": [1]}')

    assert with_one["id"] == "a"
    assert "id" not in without
