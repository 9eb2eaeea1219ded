"""The pytest plugin that comes with hub-core: the tier of each plugin whose conformance tests were all run.

A run fails when a manifest claims another tier than its tests amount to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

#: The name of the property by which the conformance tests tell of themselves.
PROPERTY = "hub_conformance"


@dataclass
class Checked:
    """What the tests of one plugin said: how many there are, and for each that ran whether it holds."""

    claimed: str
    count: int
    holds: dict[str, bool] = field(default_factory=dict)


class TierReport:
    """Collects results, over all workers of pytest-xdist, and sums them up at the end."""

    def __init__(self) -> None:
        self.checked: dict[str, Checked] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note the result of a conformance test."""
        if report.when != "call":
            return
        for name, value in report.user_properties:
            if name == PROPERTY:
                provider, claimed, count, case_id = value.split(" ")
                checked = self.checked.setdefault(provider, Checked(claimed, int(count)))
                checked.holds[case_id] = report.outcome == "passed"

    def pytest_sessionfinish(self, session: Any) -> None:
        """Fail a run whose tests are green although a manifest claims too much or too little."""
        if hasattr(session.config, "workerinput"):
            return
        if session.exitstatus == 0 and any(self._complaint(checked) for checked in self.checked.values()):
            session.exitstatus = 1

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """One line for each plugin."""
        if not self.checked:
            return
        terminalreporter.section("conformance")
        for provider, checked in sorted(self.checked.items()):
            held = f"{sum(checked.holds.values())} of {checked.count} cases hold"
            tier = self._tier(checked)
            words = f"tier {tier}" if tier else "no tier"
            line = f"{provider}: {words if self._is_whole(checked) else 'not all were run'} ({held})"
            complaint = self._complaint(checked)
            terminalreporter.write_line(f"{line}; {complaint}" if complaint else line, red=bool(complaint))

    def _is_whole(self, checked: Checked) -> bool:
        return len(checked.holds) == checked.count

    def _tier(self, checked: Checked) -> Any:
        from hub_core.testing.conformance.run import compute_tier

        return compute_tier(checked.holds) if self._is_whole(checked) else None

    def _complaint(self, checked: Checked) -> str:
        from hub_core.sdk.manifest import Tier
        from hub_core.testing.conformance.run import compare_tiers

        if not self._is_whole(checked) or checked.claimed == "None":
            return ""
        return compare_tiers(Tier(checked.claimed), self._tier(checked))


def pytest_configure(config: Any) -> None:
    """Start collecting."""
    config.pluginmanager.register(TierReport(), "hub_core_tiers")
