"""F39: what an older version has queued keeps its place and learns whose it is; nothing is lost."""

from __future__ import annotations

import importlib

import pytest

from hub_core.storage import close_engine, jobs, migrate, open_engine

COUNT = 10_000
_NUMBERS = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {COUNT})"  # noqa: S608
BEFORE = f"""
{_NUMBERS} INSERT INTO "export" (id, athlete_id, workout_id, provider, status)
 SELECT 'exp_' || i, 'ath_' || (i % 7), 'wk_' || i, 'garmin', 'PENDING' FROM n;
{_NUMBERS} INSERT INTO "job" (id, kind, subject_id, state, priority, run_at_ms)
 SELECT 'job_' || i, 'export_workout', 'exp_' || i, 'waiting', 5, i FROM n
"""  # noqa: S608


async def test_f39_jobs_of_the_version_before_are_done_in_their_order(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(empty_url)
    runner = importlib.import_module("hub_core.storage.migrate")  # the package has a function of that name
    older = [name for name in runner.known() if name < "m0004"]
    monkeypatch.setattr(runner, "known", lambda: older)
    await migrate(engine)
    for statement in BEFORE.split(";"):
        await engine.execute_ddl(statement)
    monkeypatch.undo()
    assert "m0004_engine" in await migrate(engine)

    assert (await jobs.queue_state(engine)).waiting == COUNT
    first, second, *_ = await jobs.claim_due(engine)
    assert (first, second) == ("job_1", "job_2")
    lease = await jobs.take(engine, first)
    assert lease
    assert (lease.provider, lease.athlete_id, lease.losses) == ("garmin", "ath_1", 0)
    await jobs.finish(engine, lease)
    rows = await engine.execute("SELECT COUNT(*) AS n FROM \"job\" WHERE provider = 'garmin'")
    assert rows == [{"n": COUNT}]
    await close_engine(engine)
