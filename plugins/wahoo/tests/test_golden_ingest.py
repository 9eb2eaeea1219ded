"""What Wahoo says, and what the hub makes of it. Bodies are written from its docs."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub_core.testing.golden_records import GoldenDelivery, golden_deliveries, show_records
from hub_wahoo.ingest import to_records

GOLDEN = golden_deliveries(Path(__file__).parent / "golden" / "ingest")


@pytest.mark.parametrize("golden", GOLDEN, ids=str)
def test_golden_delivery(golden: GoldenDelivery) -> None:
    assert show_records(to_records(golden.delivery)) == golden.records
