"""Jobs that take long let their threads go, up to a number for each provider."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from hub_core.bootstrap import make_hub
from hub_core.pipeline import overtime as overtime_module
from hub_core.pipeline import run_job
from hub_core.pipeline.overtime import PROVIDER_SLOW, Overtime
from hub_core.services.hub import Hub
from hub_core.settings import HubSettings
from hub_core.storage import generate_key, jobs, migrate
from hub_core.storage.holds import list_holds
from hub_core.storage.jobs import Lane, Lease

THREADS = 2


@pytest.fixture(params=["sqlite", "postgres"])
async def hub(request: pytest.FixtureRequest) -> AsyncIterator[Hub]:
    settings = HubSettings(
        database_url=request.getfixturevalue(f"{request.param}_url"),
        encryption_keys=SecretStr(generate_key()),
        worker_threads=THREADS,
    )
    made = make_hub(settings)
    await migrate(made.engine)
    yield made
    await made.close()


async def add(hub: Hub, provider: str, count: int) -> None:
    for number in range(count):
        await jobs.enqueue(hub.engine, "test", f"{provider} {number}", lane=Lane(provider))


async def states(hub: Hub, provider: str) -> list[str]:
    rows = await hub.engine.execute('SELECT state FROM "job" WHERE provider = {} ORDER BY id', provider)
    return [row["state"] for row in rows]


async def test_f41_a_provider_that_hangs_holds_no_thread_and_few_jobs(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = asyncio.Event()

    async def work(hub: Hub, lease: Lease) -> None:
        if lease.provider == "hangs":
            await go_on.wait()
        await jobs.finish(hub.engine, lease)

    monkeypatch.setitem(run_job.HANDLERS, "test", work)
    monkeypatch.setattr(overtime_module, "THREAD_WAITS_S", 0.05)
    overtime = Overtime(hub)
    await add(hub, "hangs", 2 * THREADS)
    for job_id in await jobs.claim_due(hub.engine):
        await overtime.run(job_id)  # comes back, whatever becomes of the job: one thread does them all
    assert sorted(await states(hub, "hangs")) == ["leased"] * THREADS + ["waiting"] * THREADS
    monkeypatch.setattr(overtime_module, "THREAD_WAITS_S", 30.0)
    await add(hub, "quick", 3)
    for job_id in await jobs.claim_due(hub.engine):
        await overtime.run(job_id)
    assert await states(hub, "quick") == ["done"] * 3
    # The others of the slow one aren't even handed out, and had no failed try.
    (hold,) = await list_holds(hub.engine)
    assert (hold.provider, hold.code) == ("hangs", PROVIDER_SLOW)
    assert await jobs.claim_due(hub.engine) == []
    rows = await hub.engine.execute("SELECT tries FROM \"job\" WHERE state = 'waiting'")
    assert {row["tries"] for row in rows} == {0}

    go_on.set()
    await overtime.end()
    await hub.engine.execute('DELETE FROM "provider_hold"')
    await hub.engine.execute('UPDATE "job" SET run_at_ms = 0')
    for job_id in await jobs.claim_due(hub.engine):
        await overtime.run(job_id)
    assert await states(hub, "hangs") == ["done"] * 2 * THREADS


async def test_what_goes_to_no_provider_is_never_held(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = asyncio.Event()

    async def work(hub: Hub, lease: Lease) -> None:
        await go_on.wait()
        await jobs.finish(hub.engine, lease)

    monkeypatch.setitem(run_job.HANDLERS, "test", work)
    monkeypatch.setattr(overtime_module, "THREAD_WAITS_S", 0.05)
    overtime = Overtime(hub)
    await add(hub, "", THREADS + 1)
    *some, last = await jobs.claim_due(hub.engine)
    for job_id in some:
        await overtime.run(job_id)
    waits = asyncio.create_task(overtime.run(last))
    await asyncio.wait({waits}, timeout=0.3)
    assert not waits.done()
    assert await list_holds(hub.engine) == []

    go_on.set()
    await waits
    await overtime.end()
    assert await states(hub, "") == ["done"] * (THREADS + 1)


async def test_what_never_ends_is_left_to_its_lease_when_the_worker_stops(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled = asyncio.Event()

    async def work(hub: Hub, lease: Lease) -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            cancelled.set()

    monkeypatch.setitem(run_job.HANDLERS, "test", work)
    monkeypatch.setattr(overtime_module, "THREAD_WAITS_S", 0.01)
    monkeypatch.setattr(overtime_module, "_ENDS_WITHIN_S", 0.01)
    overtime = Overtime(hub)
    await add(hub, "hangs", 1)
    (job_id,) = await jobs.claim_due(hub.engine)
    await overtime.run(job_id)
    await overtime.end()
    assert cancelled.is_set()
    assert await states(hub, "hangs") == ["leased"]
