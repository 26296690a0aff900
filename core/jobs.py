"""How does a job continue if one of its parts fails?

A fault in one area or one e-mail doesn't stop the others. The job does them first. Then it says in a sentence what
failed.
"""

import logging
from collections.abc import Callable, Iterable, Iterator

from billiard.exceptions import SoftTimeLimitExceeded as OutOfTime

__all__ = ["JobFailed", "OutOfTime", "SomeFailed", "describe_failed", "describe_fault", "for_each"]

logger = logging.getLogger(__name__)
MOST_NAMED = 3


class JobFailed(Exception):
    """A job isn't done, and we have to try it again. Its text is a sentence for the operator."""


class SomeFailed(JobFailed):
    """Some of many parts failed."""


def for_each[Thing, Done](things: Iterable[Thing], do: Callable[[Thing], Done]) -> Iterator[Done]:
    """Yield the result of each part as it is done.

    Logs each failure. Raises SomeFailed after the last part, if any failed. Raises OutOfTime straight away, if the
    task has had its time.
    """
    failed: list[str] = []
    for thing in things:
        try:
            done = do(thing)
        except OutOfTime:  # comes once, at whatever is being done, and its process has half a minute to live
            raise
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
    """Describe the failures: "Anytown: Disk full" with how many more there are."""
    more = len(failed) - MOST_NAMED
    return " ".join([*failed[:MOST_NAMED], *([f"And {more} more."] if more > 0 else [])])


def describe_fault(fault: Exception) -> str:
    """Describe what went wrong, in a sentence."""
    # An exception's text may have an e-mail address: show it to operators only.
    words = " ".join(str(fault).split())
    kind = type(fault).__name__
    return f"It stopped: {words.rstrip('.')} ({kind})." if words else f"It stopped ({kind})."
