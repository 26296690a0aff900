"""What the tools have in common: each explains itself, and measures the product with its defaults."""

import os
import re
from argparse import ArgumentParser, RawDescriptionHelpFormatter

from bench import ROOT

SETTING = re.compile(r'\benv\.[a-z]+\(\s*"([A-Z_]+)"')


def make_parser(tool: str, text: str) -> ArgumentParser:
    return ArgumentParser(prog=f"python -m bench.{tool}", description=text, formatter_class=RawDescriptionHelpFormatter)


def forget_settings() -> None:
    """Drop every variable that the settings read, which a developer may have set for something else."""
    for name in SETTING.findall((ROOT / "vvdash" / "settings.py").read_text(encoding="utf-8")):
        os.environ.pop(name, None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "vvdash.settings"
