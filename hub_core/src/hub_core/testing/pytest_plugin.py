"""The pytest plugin that comes with hub-core: says at the end which tier each checked plugin has reached."""

from __future__ import annotations

from typing import Any

#: By provider: how many cases there are, and for each that ran whether it holds.
_Checked = dict[str, tuple[int, dict[str, bool]]]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One line for each plugin whose conformance tests were all run."""
    checked = _collect(terminalreporter)
    if not checked:
        return
    from hub_core.testing.conformance.run import compute_tier

    terminalreporter.section("conformance")
    for provider, (count, holds) in sorted(checked.items()):
        held = sum(holds.values())
        tier = compute_tier(holds) if len(holds) == count else None
        words = f"tier {tier}" if tier else ("no tier" if len(holds) == count else "not all were run")
        terminalreporter.write_line(f"{provider}: {words} ({held} of {count} cases hold)")


def _collect(terminalreporter: Any) -> _Checked:
    checked: _Checked = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, value in getattr(report, "user_properties", ()):
                if name == "hub_conformance" and report.when == "call":
                    provider, count, case_id = value.split(" ")
                    checked.setdefault(provider, (int(count), {}))[1][case_id] = outcome == "passed"
    return checked
