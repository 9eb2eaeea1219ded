"""What a poll keeps of MyFitnessPal's diary, and what the hub makes of it. Written from its documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

import hub_mfp.plugin as plugin
from hub_core.testing.golden_records import GoldenDelivery, golden_deliveries, ingest_golden

GOLDEN = golden_deliveries(Path(__file__).parent / "golden" / "ingest")


@pytest.mark.parametrize("golden", GOLDEN, ids=str)
async def test_golden_delivery(golden: GoldenDelivery) -> None:
    assert await ingest_golden(plugin, golden) == golden.records
