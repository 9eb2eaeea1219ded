"""The kit as pytest tests: one for each case that applies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from hub_core.testing.conformance.case import Case, Tier
from hub_core.testing.conformance.run import applicable_cases, run_case
from hub_core.testing.pytest_plugin import PROPERTY


def is_beyond(tier: Tier, claimed: Tier | None) -> bool:
    """Whether a manifest that claims one tier leaves another open."""
    tiers = list(Tier)
    return claimed is not None and tiers.index(tier) > tiers.index(claimed)


def conformance_tests(plugin: Any) -> Callable[..., None]:
    """The test function of a plugin's `test_conformance.py`, to be given the name `test_conformance`."""
    import pytest

    cases = applicable_cases(plugin)
    manifest = plugin.provider_manifest()

    @pytest.mark.parametrize("case", cases, ids=[case.id for case in cases])
    def test_conformance(case: Case, record_property: Callable[[str, object], None]) -> None:
        record_property(PROPERTY, f"{manifest.name} {manifest.tier} {len(cases)} {case.id}")
        result = asyncio.run(run_case(case, plugin))
        if result.holds:
            return
        if is_beyond(case.tier, manifest.tier):
            pytest.xfail(result.explain())  # not promised; were it held, the tier would be called too low
        pytest.fail(result.explain(), pytrace=False)

    return test_conformance
