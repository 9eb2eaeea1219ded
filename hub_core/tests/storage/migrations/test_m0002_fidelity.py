"""What was there before gets the defaults, and stays as it was."""

from __future__ import annotations

import importlib

import pytest

from hub_core.storage import close_engine, migrate, open_engine
from hub_core.storage.tables import Athlete, Export, Platform

BEFORE = """
INSERT INTO "platform" (id, name, created_ms) VALUES ('plat_1', 'coach', 1);
INSERT INTO "athlete" (id, platform_id, external_id) VALUES ('ath_1', 'plat_1', 'anna');
INSERT INTO "export" (id, athlete_id, workout_id, provider, status, sent_revision, external_ids, sent_ms)
 VALUES ('exp_1', 'ath_1', 'wk_1', 'garmin', 'SENT', 3, '{"workout_id":"7"}', 5)
"""


async def test_rows_survive_with_the_defaults(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_engine(empty_url)
    runner = importlib.import_module("hub_core.storage.migrate")  # the package has a function of that name
    monkeypatch.setattr(runner, "known", lambda: ["m0001_initial"])
    assert await migrate(engine) == ["m0001_initial"]
    for statement in BEFORE.split(";"):
        await engine.execute_ddl(statement)
    monkeypatch.undo()
    assert "m0002_fidelity" in await migrate(engine)

    (platform,) = await Platform.objects()
    (athlete,) = await Athlete.objects()
    (export,) = await Export.objects()
    assert (platform.name, platform.fidelity_policy) == ("coach", "accept_degraded")
    assert (athlete.external_id, athlete.fidelity_policy) == ("anna", None)
    assert (export.status, export.sent_revision, export.external_ids) == ("SENT", 3, '{"workout_id":"7"}')
    assert (export.sent_digest, export.sent_thresholds) == ("", "")
    assert (export.verification, export.verification_reason) == ("", "")
    assert (export.differences, export.verified_ms) == ("[]", None)
    await close_engine(engine)
