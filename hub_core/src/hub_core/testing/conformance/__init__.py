"""The conformance kit: the promises that every plugin makes, checked against its sandbox.

    import hub_acme.plugin
    from hub_core.testing.conformance import conformance_tests

    test_conformance = conformance_tests(hub_acme.plugin)

`hub check acme` runs the same at a terminal. No keys and no network are needed.
"""

from hub_core.testing.conformance.case import CASES, Case, Tier
from hub_core.testing.conformance.promises import GROUPS
from hub_core.testing.conformance.pytest_tests import conformance_tests
from hub_core.testing.conformance.run import Report, Result, applicable_cases, check_provider, run_case

__all__ = [
    "CASES",
    "GROUPS",
    "Case",
    "Report",
    "Result",
    "Tier",
    "applicable_cases",
    "check_provider",
    "conformance_tests",
    "run_case",
]
