"""A connection that nobody uses for weeks is kept alive."""

from __future__ import annotations

import time

from hub_core.sandbox.faults import FaultKind
from hub_core.services.connections.disconnect_provider import list_connections
from hub_core.services.connections.keep_connection import due_ms
from hub_core.services.connections.schedule_care import KEEP_KIND
from hub_core.storage import find_row
from hub_core.storage.tables import Connection, Job
from hub_core.storage.token_vault import load_tokens

_TOKENS = "/di-oauth2-service/oauth/token"


async def test_an_idle_connection_is_kept_alive(scene) -> None:
    """Garmin's refresh token lives for 90 days: after a third of that it is used."""
    await scene.connect("garmin")
    row = await find_row(Connection, provider="garmin")
    assert row
    scheme = scene.hub.registry.get("garmin").manifest.oauth2
    stored = await load_tokens(scene.hub.engine, scene.hub.keys, row.id)
    life_days = (due_ms(stored, scheme) / 1000 - stored.since) / 86_400
    assert 29 < life_days < 31

    def refreshes() -> int:
        return int(scene.sandboxes["garmin"].sandbox.journal.count("POST", _TOKENS)) - 1  # without the code's

    async def come_round() -> Job:
        await scene.hub.engine.execute(
            'UPDATE "job" SET run_at_ms = 0, dispatched_ms = NULL WHERE kind = {}', KEEP_KIND
        )
        await scene.run_due()
        job = await find_row(Job, kind=KEEP_KIND)
        assert job
        return job

    job = await come_round()
    assert refreshes() == 0
    assert (job.state, job.run_at_ms) == ("waiting", due_ms(stored, scheme))

    past = int(1000 * (time.time() - 60 * 86_400))
    await scene.hub.engine.execute('UPDATE "connection" SET tokens_ms = {}', past)
    scene.fault("garmin", FaultKind.STATUS, _TOKENS, value=503, times=1)
    job = await come_round()
    assert (job.state, refreshes()) == ("waiting", 1)
    assert "503" in job.error
    job = await come_round()
    assert refreshes() == 2
    assert job.run_at_ms > 1000 * (time.time() + 29 * 86_400)

    await scene.hub.engine.execute('UPDATE "connection" SET tokens_ms = {}, refresh_before_ms = NULL', past)
    scene.sandboxes["garmin"].sandbox.oauth.revoke("athlete-1")
    job = await come_round()
    assert job.state == "done"
    assert (await list_connections(scene.athlete))[0].status == "reconnect"
