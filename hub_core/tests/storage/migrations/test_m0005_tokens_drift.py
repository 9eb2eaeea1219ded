"""Whoever was connected before is cared for as well, and what was there keeps its meaning."""

from __future__ import annotations

import importlib

import pytest

from hub_core.storage import close_engine, migrate, open_engine
from hub_core.storage.tables import Athlete, Attempt, Connection, Export, Job, Platform, Workout

BEFORE = """
INSERT INTO "platform" (id, name, created_ms) VALUES ('plat_1', 'coach', 1);
INSERT INTO "athlete" (id, platform_id, external_id) VALUES ('ath_1', 'plat_1', 'anna');
INSERT INTO "connection" (id, athlete_id, provider, status, connected_ms)
 VALUES ('con_1', 'ath_1', 'garmin', 'connected', 1), ('con_2', 'ath_1', 'wahoo', 'reconnect', 1);
INSERT INTO "workout" (id, athlete_id, name, sport, date, document)
 VALUES ('wk_1', 'ath_1', 'Ride', 'ride', '2031-04-07', '{}');
INSERT INTO "export" (id, athlete_id, workout_id, provider, status, sent_revision)
 VALUES ('exp_1', 'ath_1', 'wk_1', 'garmin', 'SENT', 3);
INSERT INTO "attempt" (id, export_id, number, action, outcome) VALUES ('att_1', 'exp_1', 1, 'create', 'sent')
"""


async def test_rows_survive_with_the_defaults(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_engine(empty_url)
    runner = importlib.import_module("hub_core.storage.migrate")  # the package has a function of that name
    before = [name for name in runner.known() if name < "m0005"]
    monkeypatch.setattr(runner, "known", lambda: before)
    await migrate(engine)
    for statement in BEFORE.split(";"):
        await engine.execute_ddl(statement)
    monkeypatch.undo()
    assert "m0005_tokens_drift" in await migrate(engine)

    (platform,), (athlete,), (workout,) = (
        await Platform.objects(),
        await Athlete.objects(),
        await Workout.objects(),
    )
    assert (platform.on_drift, athlete.on_drift, workout.removed_at) == ("ask", None, "")
    (export,), (attempt,) = await Export.objects(), await Attempt.objects()
    assert (export.status, export.sent_revision, export.drift, export.selected_because) == ("SENT", 3, "", "")
    assert (attempt.outcome, attempt.token, attempt.calls) == ("sent", "", "[]")
    connections = await Connection.objects().order_by(Connection.id)
    assert [(row.status, row.connected_by, row.tokens_ms) for row in connections] == [
        ("connected", "oauth", None),
        ("reconnect", "oauth", None),
    ]
    jobs = await Job.objects().order_by(Job.kind)
    assert [(job.kind, job.subject_id, job.state) for job in jobs] == [
        ("keep_connection", "con_1", "waiting"),
        ("watch_drift", "con_1", "waiting"),
    ]
    await close_engine(engine)
