"""Recorded regressions and exact ratios, and casualties on British roads: tests/data/impact."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "data" / "impact"
LAW = 169  # February 1983, counted from 0


@cache
def seat_belts() -> dict[str, list[int]]:
    with (FOLDER / "seatbelts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [int(row[name]) for row in rows] for name in rows[0] if name != "month"}


def cases(*of: str) -> list[dict[str, Any]]:
    lines = (FOLDER / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    return [case for case in map(json.loads, lines) if case["fn"] in of]
