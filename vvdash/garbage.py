"""When does a web process look for garbage? Never in what it loaded at its start, and seldom in the rest.

While Python looks, none of the process's threads works.
"""

import gc

MANY = 10_000  # objects since it last looked; Python's own is 2,000. A home makes that many, and leaves hardly any


def settle() -> None:
    """Count all that is loaded by now as here to stay. To be called before the first request, when all views are."""
    gc.collect()
    gc.freeze()
    _, *older = gc.get_threshold()
    gc.set_threshold(MANY, *older)
