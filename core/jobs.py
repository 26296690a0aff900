"""How does a job go on where one of its parts fails? Neither a fault of one area, nor of one e-mail, stops the others:
they are done first, and then the job says in a sentence what failed."""

import logging
from collections.abc import Callable, Iterable, Iterator

logger = logging.getLogger(__name__)
MOST_NAMED = 3


class JobFailed(Exception):
    """A job isn't done, and has to be tried again. Its text is a sentence for the operator."""


class SomeFailed(JobFailed):
    """Some of many could not be done."""


def for_each[Thing, Done](things: Iterable[Thing], do: Callable[[Thing], Done]) -> Iterator[Done]:
    """What came of each, as it is done.

    Raises SomeFailed after the last, where some failed; each of these is logged.
    """
    failed: list[str] = []
    for thing in things:
        try:
            done = do(thing)
        except JobFailed as fault:
            failed.append(f"{thing}: {fault}")
        except Exception as fault:
            logger.exception("%s failed, and the others go on.", thing)
            failed.append(f"{thing}: {describe_fault(fault)}")
        else:
            yield done
    if failed:
        raise SomeFailed(describe_failed(failed))


def describe_failed(failed: list[str]) -> str:
    """ "Anytown: Disk full" with how many more there are."""
    more = len(failed) - MOST_NAMED
    return " ".join([*failed[:MOST_NAMED], *([f"And {more} more."] if more > 0 else [])])


def describe_fault(fault: Exception) -> str:
    """What went wrong, as a sentence."""
    words = " ".join(str(fault).split())
    kind = type(fault).__name__
    return f"It stopped: {words.rstrip('.')} ({kind})." if words else f"It stopped ({kind})."
