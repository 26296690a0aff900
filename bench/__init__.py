"""Tools that measure the product, outside the apps: bench/README.md says what each is for."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
