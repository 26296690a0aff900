"""The command: what comes in, what goes out, and lines that can't be read."""

import json
import subprocess
import sys
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from indicators.imports.series import SeriesRefused, read_object, read_question
from indicators.management.commands.before_after import Command
from tests import london

ROOT = Path(__file__).resolve().parents[2]
ANSWER = {
    *("id", "before", "after", "expected", "change", "lower", "upper", "controls_change"),
    *("difference", "difference_lower", "difference_upper", "placebo_share", "other_dates", "claimed", "refused"),
}
FELL = [100] * 48 + [60] * 12
SAME = [100] * 60


def run(*lines: bytes) -> tuple[int, list[dict[str, Any]], str]:
    done = subprocess.run(
        [sys.executable, "manage.py", "before_after"],
        cwd=ROOT,
        input=b"\n".join(lines),
        capture_output=True,
        check=False,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


def test_each_series_has_an_answer():
    series = [
        {"id": "fell", "values": FELL, "event": 48, "controls": [SAME, SAME]},
        {"id": 2, "values": FELL, "event": 48, "kind": "share", "denominators": [200] * 60},
        {"id": "outside", "values": FELL, "event": 60},
    ]
    status, answers, _ = run(*(json.dumps(each).encode() for each in series))

    assert status == 0
    assert all(set(answer) == ANSWER for answer in answers)
    assert [answer["id"] for answer in answers] == ["fell", 2, "outside"]
    fell, share, outside = answers
    assert fell["change"] == pytest.approx(-0.4)
    assert fell["difference"] == pytest.approx(-0.4)
    assert fell["controls_change"] == pytest.approx(0)
    assert fell["difference_lower"] < -0.4 < fell["difference_upper"] < 0
    assert (fell["placebo_share"], fell["claimed"], fell["refused"]) == (0, True, None)
    assert (share["before"], share["after"], share["difference"]) == (0.5, pytest.approx(0.3), None)
    assert outside["refused"] == "The event lies outside the series, which has 60 months."
    assert (outside["change"], outside["claimed"]) == (None, False)


def test_a_bad_line_is_answered_by_its_number_and_the_others_as_ever():
    good = json.dumps({"id": 1, "values": FELL, "event": 48}).encode()
    status, answers, told = run(good, b"{oops", b"", good)

    assert status == 1
    assert answers[0] == answers[2]
    assert answers[1] == {"line": 2, "error": "The line is not valid JSON."}
    assert "1 line was refused." in told


REFUSED = {
    b'{"values": [1, 2]}': "“event” must be the place",
    b'{"values": [1, 2], "event": 1.5}': "“event” must be the place",
    b'{"values": [1, 2], "event": true}': "“event” must be the place",
    b'{"event": 1}': "“values” is missing",
    b'{"values": [1, -2], "event": 1}': "Value 2 must be null or a number from 0",
    b'{"values": [1, "2"], "event": 1}': "Value 2 must be null or a number from 0",
    b'{"values": [1, NaN], "event": 1}': "NaN is not a number",
    b'{"values": [1, 2], "event": 1, "controls": [[1]]}': "“controls” must have a number or null for each of the 2",
    b'{"values": [1, 2], "event": 1, "controls": [1, 2]}': "“controls” must have a number or null for each of the 2",
    b'{"values": [1, 2], "event": 1, "controls": 7}': "“controls” must be a list of at most",
    b'{"values": [1, 2], "event": 1, "controls": [[1, -1]]}': "Number 2 in “controls” must be null or a number",
    b'{"values": [1, 2], "event": 1, "kind": "mean"}': "“kind” must be count, share or rate",
    b'{"values": [1, 2], "event": 1, "kind": []}': "“kind” must be count, share or rate",
    b'{"values": [1, 2], "event": 1, "denominators": [3, 4]}': "A count has no denominators",
    b'{"values": [1, 2], "event": 1, "kind": "rate"}': "“denominators” must have a number or null",
    b'{"values": [1, 2], "event": 1, "kind": "rate", "denominators": [0, 9]}': "Denominator 1 is 0",
    b'{"values": [1, 2], "event": 1, "kind": "share", "denominators": [3, 1]}': "Denominator 2 is below its numerator",
    b'{"values": [1, 2], "event": 1, "starts": [2]}': "“starts” must be",
    b'{"values": [1, 2], "event": 1, "since": 3}': "A series can’t have “since”.",
    b'{"values": [1, 2], "event": 1, "kind": "share", "denominators": [3, 3], "controls": [[1, 2]], '
    b'"controls_denominators": []}': "“controls_denominators” must have a list for each",
    b'{"values": [1, 2], "event": 1, "kind": "share", "denominators": [3, 3], "controls": [[1, 2]], '
    b'"controls_denominators": [[1, 1]]}': "Denominator 2 of control 1 is below its numerator",
}


@pytest.mark.parametrize(("line", "sentence"), REFUSED.items())
def test_a_line_that_cannot_be_read(line: bytes, sentence: str):
    with pytest.raises(SeriesRefused, match="^" + sentence.replace(".", r"\.")):
        read_question(read_object(line))


def test_a_rate_may_be_above_its_denominator():
    question = read_question({"values": [5, 6], "event": 1, "kind": "rate", "denominators": [2, 2]})

    assert question.exposures == [2, 2]
    assert not question.is_share


def test_five_series_a_second():
    """Six boroughs, each beside the other five: eleven years of months."""
    every = [each.values for each in london.series("Domestic Burglary")]
    command, started = Command(), process_time()
    for at, values in enumerate(every):
        others = [*every[:at], *every[at + 1 :]]
        assert command.answer({"values": values, "event": 96, "controls": others})["refused"] is None

    assert process_time() - started < len(every) / 5
