"""The loop on which a worker's jobs run."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from hub_core.bootstrap import make_hub
from hub_core.pipeline import run_job
from hub_core.pipeline.broker import Pipeline
from hub_core.services.hub import Hub
from hub_core.settings import HubSettings
from hub_core.storage import generate_key, jobs, migrate
from hub_core.storage.jobs import Lease


async def test_a_hub_that_stops_takes_no_loop_from_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def finish(hub: Hub, lease: Lease) -> None:
        await jobs.finish(hub.engine, lease)

    monkeypatch.setitem(run_job.HANDLERS, "test", finish)
    pipelines = []
    for name in ("one", "other"):
        url, key = f"sqlite:///{tmp_path}/{name}.db", SecretStr(generate_key())
        hub = make_hub(HubSettings(database_url=url, encryption_keys=key))
        await migrate(hub.engine)
        pipelines.append(Pipeline(hub, with_relay=True))
        pipelines[-1].start_worker()
    one, other = pipelines
    await asyncio.to_thread(one.stop_worker)

    await jobs.enqueue(other.hub.engine, "test", "subject")
    async with asyncio.timeout(10):
        while await other.hub.engine.execute("SELECT id FROM \"job\" WHERE state <> 'done'"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    await asyncio.to_thread(other.stop_worker)
    for pipeline in pipelines:
        await pipeline.hub.close()
