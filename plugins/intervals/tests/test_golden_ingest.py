"""What intervals.icu says, and what the hub makes of it. Bodies are written from its API's document."""

from __future__ import annotations

from pathlib import Path

import pytest

import hub_intervals.plugin as plugin
from hub_core.testing.golden_records import GoldenDelivery, golden_deliveries, ingest_golden

GOLDEN = golden_deliveries(Path(__file__).parent / "golden" / "ingest")


@pytest.mark.parametrize("golden", GOLDEN, ids=str)
async def test_golden_delivery(golden: GoldenDelivery) -> None:
    assert await ingest_golden(plugin, golden) == golden.records
