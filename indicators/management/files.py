"""How does a command import a whole file, or nothing of it?"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from django.core.management.base import OutputWrapper

from boards.management.arguments import Refused
from indicators.imports.figures import Fault

MOST_FAULTS = 100  # printed


def read_content(path: Path, *, most: int) -> tuple[str, bytes]:
    """Return the file's name, safe to print and save, and its bytes: `most` + 1 of them if it is larger. Raises
    Refused."""
    # A file can have a name that isn't UTF-8. It opens, but its name can't be printed or saved.
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
