"""What Garmin says, and what the hub makes of it. Bodies are written from the Health and Activity APIs."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub_core.testing.golden_records import GoldenDelivery, golden_deliveries, show_records
from hub_garmin.ingest import KINDS, to_records

GOLDEN = golden_deliveries(Path(__file__).parent / "golden" / "ingest")


@pytest.mark.parametrize("golden", GOLDEN, ids=str)
def test_golden_delivery(golden: GoldenDelivery) -> None:
    assert show_records(to_records(golden.delivery)) == golden.records


def test_every_kind_is_shown_once() -> None:
    # Files are no JSON; they are in test_ingest.
    assert {golden.delivery.kind for golden in GOLDEN} == KINDS - {"activityFiles"}
