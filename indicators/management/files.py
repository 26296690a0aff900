"""How does a command take in a file, all of it or nothing?"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from django.core.management.base import OutputWrapper

from boards.management.arguments import Refused
from indicators.imports.figures import Fault

MOST_FAULTS = 100  # printed


def read_content(path: Path, *, most: int) -> tuple[str, bytes]:
    """The file's name as it can be printed and saved, and its bytes: one more than `most` where it is larger. Raises
    Refused."""
    # A name that isn't UTF-8 can be opened, but neither printed nor saved.
    name = os.fsencode(path.name).decode(errors="replace")
    try:
        with path.open("rb") as stream:
            return name, stream.read(most + 1)
    except OSError as fault:
        raise Refused(f"{name or path} can't be read: {(fault.strerror or str(fault)).lower()}.") from None


def refuse_faults(name: str, faults: Sequence[Fault], *, stderr: OutputWrapper) -> NoReturn:
    """Raises Refused, after a line for each fault."""
    for fault in faults[:MOST_FAULTS]:
        column = f", {fault.column}" if fault.column else ""
        stderr.write(f"line {fault.line}{column}: {fault.sentence}")
    if len(faults) > MOST_FAULTS:
        stderr.write(f"and {len(faults) - MOST_FAULTS:,} more")
    raise Refused(f"{name}: {len(faults):,} fault{'s' if len(faults) > 1 else ''}. Nothing was saved.")
