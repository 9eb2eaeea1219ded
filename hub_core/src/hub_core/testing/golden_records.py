"""Golden deliveries: what a provider says, and the records that it is. Each plugin has its own.

@pytest.mark.parametrize("golden", golden_deliveries(Path(__file__).parent / "golden" / "ingest"), ids=str)
def test_golden_delivery(golden: GoldenDelivery) -> None:
    assert show_records(to_records(golden.delivery)) == golden.records

Each file is `{"why", "kind", "body", "file", "asked_ms", "records"}`, written by hand from the provider's
documentation. `file` is what the delivery's address answered, where it has one; `asked_ms` when a poll asked
for it, where that counts. In `records` only what is said is written.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from hub_core.domain.records import Records
from hub_core.domain.series import Series
from hub_core.sdk.inbound import Delivery, to_json
from hub_core.testing.harness import ProviderHarness


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    why: str
    kind: str
    body: Any
    records: dict[str, Any]
    file: Any = None
    asked_ms: int = 0


class GoldenDelivery(msgspec.Struct, frozen=True):
    """One delivery, why it is here, and what should come of it."""

    name: str
    why: str
    delivery: Delivery
    records: dict[str, Any]

    def __str__(self) -> str:
        """Its name: what pytest calls the case."""
        return self.name


def golden_deliveries(folder: Path) -> list[GoldenDelivery]:
    """All of a folder, by name."""
    return [_read(path) for path in sorted(folder.glob("*.json"))]


async def ingest_golden(plugin: Any, golden: GoldenDelivery) -> dict[str, Any]:
    """What a plugin's `ingest_activity` makes of a delivery, as JSON data. Nobody is asked for anything: its
    sandbox is not started."""
    harness = ProviderHarness(plugin)
    try:
        return show_records(await plugin.ingest_activity(harness.context(), golden.delivery))
    finally:
        await harness.pool.close()
        harness.server.stop()


def show_records(records: Records) -> dict[str, Any]:
    """Records as JSON data: what is empty is left out, and series are lists with null for what is missing."""
    shown = msgspec.json.decode(msgspec.json.encode(records))
    for activity, told in zip(shown["activities"], records.activities, strict=True):
        if told.series is not None:
            activity["series"] = _show_series(told.series)
    return {name: value for name, value in shown.items() if value not in ([], False, None)}


def _show_series(series: Series) -> dict[str, list[float | None]]:
    columns: dict[str, list[float | None]] = {}
    for name in series.names():
        values = series.column(name)
        assert values is not None  # noqa: S101 (it is one of its names)
        columns[name] = [None if value != value else round(float(value), 4) for value in values]
    return columns


def _read(path: Path) -> GoldenDelivery:
    golden = msgspec.json.decode(path.read_bytes(), type=_File)
    file = None if golden.file is None else to_json(golden.file)
    body = to_json(golden.body)
    delivery = Delivery("u-77", golden.kind, body, path.stem, file=file, asked_ms=golden.asked_ms)
    return GoldenDelivery(path.stem, golden.why, delivery, golden.records)
