"""Exports are counted for each scrape without reading them all."""

from __future__ import annotations

import pytest

from hub_core.services.operating.collect_metrics import OPEN_EXPORTS
from hub_core.storage import close_engine, open_engine

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

_MANY = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
INSERT INTO "export" (id, athlete_id, workout_id, provider, status, created_ms, updated_ms)
 SELECT 'exp_' || i, 'ath', 'wk_' || i, 'garmin',
 CASE i % 100 WHEN 0 THEN 'FAILED' WHEN 1 THEN 'PENDING' ELSE 'SENT' END, 1, 1 FROM n
"""


async def test_what_is_not_sent_is_counted_by_its_own_index(database_url: str) -> None:
    engine = open_engine(database_url)
    await engine.execute(_MANY)
    rows = await engine.execute(OPEN_EXPORTS)
    assert sorted((row["provider"], row["status"], row["n"]) for row in rows) == [
        ("garmin", "FAILED", 200),
        ("garmin", "PENDING", 200),
    ]
    if engine.kind == "postgres":
        await engine.execute('ANALYZE "export"')
    ask = "EXPLAIN " if engine.kind == "postgres" else "EXPLAIN QUERY PLAN "
    plan = " ".join(str(list(row.values())[-1]) for row in await engine.execute(ask + OPEN_EXPORTS))
    assert "export_open" in plan
    assert "Seq Scan" not in plan
    await close_engine(engine)
