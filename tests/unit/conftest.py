"""Time for packs larger than any town’s; and what the attack on protected tables found, for the run’s report."""

import pytest

from reporting.packs.pdf import typesetting
from tests.attacker import Tally
from tests.family_attacker import FamilyTally

TALLIES = pytest.StashKey[dict[str, Tally | FamilyTally]]()


@pytest.fixture(autouse=True)
def time_for_large_packs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "LONGEST", 120)


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """To be filled in by the test; shown at the end of the run and in its JUnit report."""
    return keep(request, Tally())


@pytest.fixture
def family_tally(request: pytest.FixtureRequest) -> FamilyTally:
    """The same for months in several editions."""
    return keep(request, FamilyTally())


def keep[Found: (Tally, FamilyTally)](request: pytest.FixtureRequest, tally: Found) -> Found:
    request.config.stash.setdefault(TALLIES, {})[request.node.name] = tally
    return tally


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for name, tally in config.stash.get(TALLIES, {}).items():
        terminalreporter.write_line(f"{name}: {tally}")
