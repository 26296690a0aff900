"""The bank holidays of England. Pure.

A working day is a Monday to Friday that is no bank holiday in England (Banking and Financial Dealings Act 1971, with
the days moved or added by proclamation). The `holidays` package knows them from 1872 to 2100. Outside those years we
leave out only weekends.
"""

import sys
from functools import cache
from importlib.util import find_spec, module_from_spec

from holidays import HolidayBase, country_holidays

# This package imports 250 countries. It is made here without being run, so that we import only one of them: the others
# would take each program 50 ms and 8 MB.
if (countries := find_spec("holidays.countries")) is not None:
    sys.modules.setdefault(countries.name, module_from_spec(countries))
from holidays.countries.united_kingdom import UnitedKingdom


@cache
def read_bank_holidays() -> HolidayBase:
    """Load all years together: a calendar that grows on demand isn't safe with threads."""
    years = range(UnitedKingdom.start_year, UnitedKingdom.end_year + 1)
    return country_holidays("GB", subdiv="ENG", years=years, expand=False)
