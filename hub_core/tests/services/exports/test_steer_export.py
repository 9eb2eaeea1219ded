"""What waits is cancelled, sent next, or held until a moment."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from hub_core.domain.workout import PlannedWorkout
from hub_core.errors import ConflictError, InvalidInputError
from hub_core.sandbox.faults import FaultKind
from hub_core.services.exports.retry_export import list_exports, retry_export, retry_exports
from hub_core.services.exports.steer_export import (
    cancel_export,
    prioritise_export,
    read_send_at,
    send_export_at,
)
from hub_core.services.workouts.save_workout import change_workout, save_workout
from hub_core.storage import jobs, now_ms

on_both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

HOUR_MS = 3_600_000


async def test_what_is_cancelled_is_not_sent_and_can_be_retried(scene, plan: PlannedWorkout) -> None:
    await scene.connect("garmin")
    await save_workout(scene.hub, scene.athlete, plan)
    export = await cancel_export(scene.hub, scene.athlete, (await scene.export()).id)
    assert (export.status, export.reason_code) == ("FAILED", "cancelled")
    await scene.run_all()
    assert scene.titles("garmin") == []
    assert await retry_exports(scene.hub, scene.athlete) == []  # a batch leaves alone what was called off
    with pytest.raises(InvalidInputError, match="no provider 'garmn'"):
        await retry_exports(scene.hub, scene.athlete, provider="garmn")
    with pytest.raises(ConflictError, match="doesn't wait"):
        await cancel_export(scene.hub, scene.athlete, export.id)
    await retry_export(scene.hub, scene.athlete, export.id)
    await scene.run_all()
    assert scene.titles("garmin") == [plan.name]


async def test_a_cancelled_change_leaves_the_copy_that_is_there(scene, plan: PlannedWorkout) -> None:
    await scene.connect("garmin")
    row = await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_all()
    await change_workout(scene.hub, scene.athlete, row.id, msgspec.structs.replace(plan, name="Newer"))
    export = await cancel_export(scene.hub, scene.athlete, (await scene.export()).id)
    assert (export.status, export.reason_code, export.sent_revision) == ("SENT", "cancelled", 1)
    await scene.run_all()
    assert scene.titles("garmin") == [plan.name]


@on_both
async def test_what_is_being_sent_is_not_cancelled(scene, plan: PlannedWorkout) -> None:
    await scene.connect("garmin")
    await save_workout(scene.hub, scene.athlete, plan)
    (job_id,) = await jobs.claim_due(scene.hub.engine, limit=1)
    assert await jobs.take(scene.hub.engine, job_id)
    with pytest.raises(ConflictError, match="this moment"):
        await cancel_export(scene.hub, scene.athlete, (await scene.export()).id)


async def test_what_may_have_arrived_is_looked_up_before_anybody_calls_it_off(scene, plan) -> None:
    await scene.connect("wahoo")
    scene.fault("wahoo", FaultKind.DROP_AFTER, "/v1/workouts", method="POST", times=1)
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    with pytest.raises(ConflictError, match="may have arrived"):
        await cancel_export(scene.hub, scene.athlete, (await scene.export()).id)


@on_both
async def test_one_is_sent_before_all_others(scene, plan: PlannedWorkout) -> None:
    await scene.connect("garmin")
    for number in range(3):
        await save_workout(scene.hub, scene.athlete, msgspec.structs.replace(plan, name=f"Ride {number}"))
    newest, *_ = await list_exports(scene.athlete.id)
    await prioritise_export(scene.hub, scene.athlete, newest.id)
    (job_id,) = await jobs.claim_due(scene.hub.engine, limit=1)
    lease = await jobs.take(scene.hub.engine, job_id)
    assert lease
    assert lease.subject_id == newest.id


async def test_nothing_is_sent_before_its_moment(scene, plan: PlannedWorkout) -> None:
    later_ms = now_ms() + HOUR_MS
    row = await save_workout(scene.hub, scene.athlete, plan, send_at_ms=later_ms)
    await scene.connect("garmin")  # it waited for a connection, and goes on waiting for its moment
    export = await scene.export()
    assert (export.status, export.reason_code, export.next_try_ms) == ("PENDING", "scheduled", later_ms)
    assert "Goes out at" in export.reason
    await change_workout(scene.hub, scene.athlete, row.id, msgspec.structs.replace(plan, name="Newer"))
    await scene.run_due()
    assert scene.titles("garmin") == []
    await scene.hub.engine.execute('UPDATE "job" SET run_at_ms = 0')
    await scene.run_due()  # a worker that comes too early holds it as well
    assert ((await scene.export()).reason_code, scene.titles("garmin")) == ("scheduled", [])
    await send_export_at(scene.hub, scene.athlete, export.id, None)
    await scene.run_all()
    assert scene.titles("garmin") == ["Newer"]


async def test_a_batch_is_retried_as_a_whole_or_not_at_all(scene, plan: PlannedWorkout) -> None:
    await scene.connect("garmin")
    for _ in range(2):
        await save_workout(scene.hub, scene.athlete, plan)
    await scene.hub.engine.execute("UPDATE \"export\" SET status = 'FAILED', reason_code = 'rejected'")
    await scene.hub.engine.execute("UPDATE \"job\" SET state = 'done'")
    ids = tuple(one.id for one in await list_exports(scene.athlete.id))
    with pytest.raises(InvalidInputError, match=r"ids\[1\]"):
        await retry_exports(scene.hub, scene.athlete, (ids[0], "exp_none"))
    assert {one.status for one in await list_exports(scene.athlete.id)} == {"FAILED"}
    assert len(await retry_exports(scene.hub, scene.athlete, provider="wahoo")) == 0
    assert len(await retry_exports(scene.hub, scene.athlete, ids)) == 2
    await scene.run_all()
    assert scene.titles("garmin") == [plan.name, plan.name]


async def test_a_moment_is_read_by_the_athletes_clock(scene) -> None:
    thresholds = msgspec.json.decode(scene.athlete.thresholds)
    scene.athlete.thresholds = msgspec.json.encode(thresholds | {"time_zone": "Pacific/Auckland"}).decode()

    def read(text: str) -> dt.datetime:
        return dt.datetime.fromtimestamp(read_send_at(text, scene.athlete) / 1000, dt.UTC)

    assert read("2090-07-01") == dt.datetime(2090, 6, 30, 12, tzinfo=dt.UTC)
    assert read("2090-01-01T06:30") == dt.datetime(2089, 12, 31, 17, 30, tzinfo=dt.UTC)
    assert read("2090-01-01T06:30+02:00") == dt.datetime(2090, 1, 1, 4, 30, tzinfo=dt.UTC)
    for wrong in ("tomorrow", "2090-13-01", "", "2001-01-01", "0001-01-01T00:00+14:00"):
        with pytest.raises(InvalidInputError, match="send_at"):
            read(wrong)
