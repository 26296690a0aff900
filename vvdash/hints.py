"""Go on where Redis doesn't take a task: a queued task is only a hint, and a job does the work within a minute.

So no page waits for Redis longer than 0.1 seconds (CELERY_BROKER_TRANSPORT_OPTIONS), and then for half a minute not at
all.
"""

import logging
from typing import Any

from celery import Task
from kombu.exceptions import OperationalError

from core import metrics
from vvdash.breaker import Breaker, Resting

logger = logging.getLogger(__name__)
BREAKER = Breaker("redis", rest=30)


class Unanswered(Exception):
    """Redis didn't answer in time."""


class Hint(Task):  # type: ignore[type-arg]
    """The base of our tasks. `delay` and `apply_async` return None if the task could not be queued."""

    abstract = True

    def apply_async(self, *arguments: Any, **options: Any) -> Any:
        # Beat's, which has a log of its own and nothing else to do; and without Redis nothing is published.
        if "producer" in options or self.app.conf.task_always_eager:
            return super().apply_async(*arguments, **options)
        try:
            with BREAKER.attempt(Unanswered):
                return self._publish(*arguments, **options)
        except Resting:
            pass
        except (Unanswered, OperationalError) as fault:
            logger.warning("We could not queue %s, so it waits for its job: %s", self.name, fault)
        metrics.count("publish_failures", task=self.name)
        return None

    def _publish(self, *arguments: Any, **options: Any) -> Any:
        """Raises Unanswered, or OperationalError if we are refused straight away."""
        try:
            return super().apply_async(*arguments, **options)
        except OperationalError as fault:
            from redis.exceptions import TimeoutError as NoAnswer  # noqa: PLC0415  # without Redis nothing needs it

            if isinstance(fault.__cause__, NoAnswer):
                raise Unanswered(str(fault)) from fault
            raise
