#!/usr/bin/env python
"""The command line of the V+V Dashboard: see `manage.py help`."""

import os
import sys

from django.core.management import execute_from_command_line

from core.context import note_command

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vvdash.settings")
    note_command(sys.argv)
    execute_from_command_line(sys.argv)
