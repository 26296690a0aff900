"""What becomes of the processes that set packs, when something is wrong with the machine."""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path


def children_of(process: int) -> list[int]:
    """The processes below one, at any depth. Those that end meanwhile are left out."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        numbers = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        threads = [path.name for path in Path(f"/proc/{process}/task").iterdir()]
        for thread in threads:
            numbers += Path(f"/proc/{process}/task/{thread}/children").read_text().split()
        return [below for number in set(numbers) for below in (int(number), *children_of(int(number)))]
    return []


def is_typesetter(process: int) -> bool:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return b"reporting.packs.pdf.typesetter" in Path(f"/proc/{process}/cmdline").read_bytes()
    return False


@contextlib.contextmanager
def each_typesetter_gets(number: int, server: int) -> Iterator[set[int]]:
    """Send a signal to each process that a server starts to set a pack, and yield them: SIGSTOP does what a file system
    that stops does, SIGKILL what a machine without memory does."""
    hit: set[int] = set()
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.005):
            for process in filter(is_typesetter, children_of(server)):
                if process not in hit:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process, number)
                    hit.add(process)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield hit
    finally:
        done.set()
        looking.join()
