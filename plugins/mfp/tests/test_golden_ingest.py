"""What a poll keeps of MyFitnessPal's diary, and what the hub makes of it. Written from its documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

import hub_mfp.plugin as plugin
from hub_core.testing.golden_records import GoldenDelivery, golden_deliveries, show_records
from hub_core.testing.harness import ProviderHarness

GOLDEN = golden_deliveries(Path(__file__).parent / "golden" / "ingest")


@pytest.mark.parametrize("golden", GOLDEN, ids=str)
async def test_golden_delivery(golden: GoldenDelivery) -> None:
    harness = ProviderHarness(plugin)  # nobody is asked for these: its sandbox is not started
    try:
        records = await plugin.ingest_activity(harness.context(), golden.delivery)
    finally:
        await harness.pool.close()
        harness.server.stop()
    assert show_records(records) == golden.records
