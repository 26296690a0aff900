"""What the attack on protected tables found, in the report of the test run."""

import pytest

from tests.attacker import Tally

TALLIES = pytest.StashKey[dict[str, Tally]]()


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """To be filled in by the test; shown at the end of the run and in its JUnit report."""
    tallies = request.config.stash.setdefault(TALLIES, {})
    return tallies.setdefault(request.node.name, Tally())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for name, tally in config.stash.get(TALLIES, {}).items():
        terminalreporter.write_line(f"{name}: {tally}")
