"""What the test client gives back: a response with more than its types tell of, such as where it leads to."""

from typing import Any

type Answer = Any
