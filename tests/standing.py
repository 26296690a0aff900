"""What the tests of a module begin with: made once, and each has a copy."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest


def stand[Made](make: Callable[[], Made]) -> tuple[Any, Any]:
    """The two fixtures of a module, `made, town = stand(make_a_town_with_a_published_month)`: what stands for all its
    tests, and a copy for each, which has the rows as they were made."""

    @pytest.fixture(scope="module")
    def made(standing: Callable[[Callable[[], Made]], Made]) -> Made:
        return standing(make)

    @pytest.fixture
    def copied(made: Made, db: None) -> Made:
        return deepcopy(made)

    return made, copied
