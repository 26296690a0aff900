"""How many seconds of CPU has each program used, with all its processes, also those that have ended?"""

import os
from collections.abc import Mapping
from pathlib import Path

from bench.faults.stores import children

TICK = os.sysconf("SC_CLK_TCK")


def used(pids: Mapping[str, int]) -> dict[str, float]:
    return {name: seconds_of(pid) for name, pid in pids.items()}


def seconds_of(pid: int) -> float:
    """Of a process, of those children that run, and of those that it has waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICK + sum(seconds_of(child) for child in children(pid))
