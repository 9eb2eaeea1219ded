"""The queue as people see it, and the replay of what was given up."""

from __future__ import annotations

import pytest

from hub_core.domain.workout import PlannedWorkout
from hub_core.errors import ConflictError, NotFoundError
from hub_core.pipeline.run_job import run_job
from hub_core.services.athletes.issue_api_key import find_platform, issue_api_key
from hub_core.services.operating.inspect_queue import (
    JobView,
    QueueWord,
    list_jobs,
    read_job,
    replay_dead,
    replay_job,
)
from hub_core.services.workouts.save_workout import save_workout
from hub_core.storage import jobs, now_ms
from hub_core.storage.holds import Hold, hold_provider

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


async def exports(scene, state: QueueWord | None = None) -> list[JobView]:
    """The jobs of exports; a connection brings others with it."""
    found = await list_jobs(scene.hub, scene.athlete.platform_id, state)
    return [job for job in found if job.kind == "export_workout"]


async def kill_workers(scene) -> str:
    """A job whose worker dies each time; its id."""
    for _ in range(jobs.MAX_LOSSES):
        (job_id,) = await jobs.claim_due(scene.hub.engine, limit=1)
        assert await jobs.take(scene.hub.engine, job_id)
        await scene.hub.engine.execute("UPDATE \"job\" SET lease_until_ms = 1 WHERE state = 'leased'")
        await jobs.recover_lost(scene.hub.engine)
        await scene.hub.engine.execute('UPDATE "job" SET run_at_ms = 0')
    return job_id


async def test_each_state_is_told_with_its_reason(scene, plan: PlannedWorkout) -> None:
    await scene.connect("garmin")
    await scene.connect("wahoo")
    await save_workout(scene.hub, scene.athlete, plan, providers=("garmin", "wahoo"))
    platform = scene.athlete.platform_id
    assert {job.state for job in await exports(scene)} == {"waiting"}
    hold = Hold("wahoo", "", "provider_down", "Wahoo doesn't answer.", now_ms() + 60_000)
    await hold_provider(scene.hub.engine, hold)
    (held,) = await exports(scene, "held")
    assert (held.provider, held.reason, held.next_try_ms) == ("wahoo", hold.reason, hold.until_ms)
    assert held.workout == plan.name
    (job_id,) = await jobs.claim_due(scene.hub.engine, limit=1)
    assert await jobs.take(scene.hub.engine, job_id)
    assert [job.id for job in await list_jobs(scene.hub, platform, "running")] == [job_id]


async def test_a_dead_job_is_listed_and_replayed(scene, plan: PlannedWorkout) -> None:
    await scene.connect("garmin")
    await save_workout(scene.hub, scene.athlete, plan)
    job_id = await kill_workers(scene)
    await run_job(scene.hub, job_id)
    export = await scene.export()
    assert (export.status, export.reason_code) == ("FAILED", "gave_up")
    assert "its worker died 5 times" in export.reason
    (dead,) = await list_jobs(scene.hub, scene.athlete.platform_id, "dead")
    assert (dead.id, dead.lost, dead.reason) == (job_id, 5, export.reason)

    assert len(await replay_dead(scene.hub, None, provider="wahoo")) == 0
    await replay_job(scene.hub, None, job_id)
    with pytest.raises(ConflictError, match="waiting"):
        await replay_job(scene.hub, None, job_id)
    await scene.run_all()
    assert (await scene.export()).status == "SENT"
    assert scene.titles("garmin") == [plan.name]


async def test_a_platform_sees_its_own_jobs_only(scene, plan: PlannedWorkout) -> None:
    await scene.connect("garmin")
    await save_workout(scene.hub, scene.athlete, plan)
    other = await find_platform(await issue_api_key(scene.hub, "other"))
    assert other
    assert await list_jobs(scene.hub, other) == []
    (job,) = await exports(scene)
    with pytest.raises(NotFoundError):
        await read_job(scene.hub, other, job.id)
