"""What the hub does about everything that can happen on the way, at each provider and on both databases."""

from __future__ import annotations

import asyncio
import datetime as dt

import msgspec
import pytest

from hub_core.domain.workout import PlannedWorkout
from hub_core.pipeline.run_job import run_job
from hub_core.sandbox.faults import FaultKind
from hub_core.services.connections.disconnect_provider import disconnect_provider, list_connections
from hub_core.services.exports.explain_workout import explain_export
from hub_core.services.exports.retry_export import retry_export
from hub_core.services.workouts.save_workout import change_workout, delete_workout, save_workout
from hub_core.storage import jobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

PROVIDERS = ("garmin", "wahoo", "intervals")
#: The call that creates something at each provider.
CREATES = {
    "garmin": "/workoutportal/workout/v2",
    "wahoo": "/v1/workouts",
    "intervals": "/api/v1/athlete/0/events/bulk",
}
#: The call whose lost answer can be looked up: at Garmin the second one, for the first leaves no trace.
LISTED = CREATES | {"garmin": "/training-api/schedule/"}


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_lost_answer_never_makes_a_second_workout(scene, plan: PlannedWorkout, name: str) -> None:
    await scene.connect(name)
    scene.fault(name, FaultKind.DROP_AFTER, LISTED[name], method="POST", times=1)
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    lost = await scene.export()
    assert (lost.status, lost.attempts[-1].outcome) == ("PENDING", "unknown")

    await scene.run_all()
    export = await scene.export()
    assert export.status == "SENT"
    assert scene.titles(name) == [plan.name]


@pytest.mark.parametrize("name", PROVIDERS)
async def test_an_edit_while_the_first_try_failed_sends_the_newest(scene, plan, name: str) -> None:
    await scene.connect(name)
    scene.fault(name, FaultKind.DROP_AFTER, LISTED[name], method="POST", times=1)
    row = await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    await change_workout(scene.hub, scene.athlete, row.id, msgspec.structs.replace(plan, name="Newer"))
    await scene.run_all()
    assert (await scene.export()).sent_revision == 2
    assert scene.titles(name) == ["Newer"]


async def test_many_edits_are_one_workout_with_the_newest_version(scene, plan) -> None:
    await scene.connect("garmin")
    row = await save_workout(scene.hub, scene.athlete, plan)
    for number in range(20):
        edit = msgspec.structs.replace(plan, name=f"Version {number}")
        await change_workout(scene.hub, scene.athlete, row.id, edit)
    await scene.run_all()
    assert scene.titles("garmin") == ["Version 19"]
    assert scene.sandboxes["garmin"].sandbox.journal.count("POST", CREATES["garmin"]) == 1


@pytest.mark.parametrize("name", PROVIDERS)
async def test_5xx_is_retried_with_the_reason_shown(scene, plan, name: str) -> None:
    await scene.connect(name)
    scene.fault(name, FaultKind.STATUS, CREATES[name], value=503, method="POST", times=2)
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    waiting = await scene.export()
    assert (waiting.status, waiting.reason_code) == ("PENDING", "retrying")
    assert "503" in waiting.reason
    assert waiting.next_try_ms
    await scene.run_all()
    assert (await scene.export()).status == "SENT"
    assert scene.titles(name) == [plan.name]


async def test_429_is_not_tried_before_its_time(scene, plan) -> None:
    await scene.connect("garmin")
    scene.fault("garmin", FaultKind.RATE_LIMIT, CREATES["garmin"], value=120, times=1)
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    export = await scene.export()
    assert export.next_try_ms - export.attempts[-1].started_ms >= 120_000
    assert await scene.run_due() == 0


async def test_after_a_day_of_failures_it_is_failed_and_can_be_retried_by_hand(scene, plan) -> None:
    await scene.connect("garmin")
    scene.fault("garmin", FaultKind.STATUS, CREATES["garmin"], value=503)
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_all()
    assert ((await scene.export()).status, len((await scene.export()).attempts)) == ("PENDING", 20)
    await scene.hub.engine.execute('UPDATE "job" SET failing_since_ms = failing_since_ms - 86400001')
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.reason_code, len(export.attempts)) == ("FAILED", "gave_up", 21)
    assert (await jobs.queue_state(scene.hub.engine)).dead == 1
    scene.sandboxes["garmin"].sandbox.faults.clear()
    await retry_export(scene.hub, scene.athlete, export.id)
    await scene.run_all()
    assert (await scene.export()).status == "SENT"


async def test_an_expired_token_is_refreshed_once_by_many_at_a_time(scene, plan) -> None:
    await scene.connect("garmin")
    scene.sandboxes["garmin"].sandbox.clock.advance(2 * 86_400)
    for number in range(6):
        await save_workout(scene.hub, scene.athlete, msgspec.structs.replace(plan, name=f"Ride {number}"))
    await scene.run_all()
    token_calls = scene.sandboxes["garmin"].sandbox.journal.count("POST", "/di-oauth2-service/oauth/token")
    assert token_calls == 2  # the code, and one refresh
    (connection,) = await list_connections(scene.athlete)
    assert connection.status == "connected"


async def test_a_revoked_consent_asks_for_a_reconnect_which_sends_what_waits(scene, plan) -> None:
    await scene.connect("garmin")
    scene.sandboxes["garmin"].sandbox.oauth.revoke("athlete-1")
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.reason_code) == ("NOT_CONNECTED", "reconnect_needed")
    assert [one.status for one in await list_connections(scene.athlete)] == ["reconnect"]

    await scene.connect("garmin")
    await scene.run_all()
    assert (await scene.export()).status == "SENT"
    assert scene.titles("garmin") == [plan.name]


async def test_an_invalid_target_fails_without_a_call(scene, plan) -> None:
    await scene.connect("wahoo")
    swim = msgspec.structs.replace(plan, sport="pool_swim")
    swim = msgspec.convert(msgspec.to_builtins(swim), PlannedWorkout)
    steps = tuple(step for step in swim.steps if getattr(step, "cadence", None) is None)[:1]
    journal = scene.sandboxes["wahoo"].sandbox.journal
    before = sum(entry.method != "GET" for entry in journal)  # the poll only looks
    await save_workout(scene.hub, scene.athlete, msgspec.structs.replace(swim, steps=steps))
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.reason_code) == ("FAILED", "unsupported")
    assert sum(entry.method != "GET" for entry in journal) == before


async def test_a_workout_beyond_the_horizon_is_held_until_its_day_comes_near(scene, plan) -> None:
    await scene.connect("wahoo")
    later = msgspec.structs.replace(plan, date=plan.date.replace(year=plan.date.year + 1))
    await save_workout(scene.hub, scene.athlete, later)
    await scene.run_due()
    export = await scene.export()
    assert (export.status, export.reason_code) == ("PENDING", "held")
    assert str(later.date.year) in export.reason
    assert scene.titles("wahoo") == []


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_deleted_workout_leaves_also_after_a_lost_answer(scene, plan, name: str) -> None:
    await scene.connect(name)
    scene.fault(name, FaultKind.DROP_AFTER, CREATES[name], method="POST", times=1)
    row = await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    await delete_workout(scene.hub, scene.athlete, row.id)
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.reason_code) == ("SENT", "withdrawn")
    assert scene.titles(name) == []


async def test_disconnect_ends_the_consent_at_the_provider(scene, plan) -> None:
    await scene.connect("garmin")
    done = await disconnect_provider(scene.hub, scene.athlete, "garmin")
    assert done.revoked
    assert scene.sandboxes["garmin"].sandbox.oauth.grants == []
    await save_workout(scene.hub, scene.athlete, plan)
    assert (await scene.export()).status == "NOT_CONNECTED"


async def test_a_worker_that_lost_its_lease_writes_nothing(scene, plan) -> None:
    await scene.connect("garmin")
    scene.fault("garmin", FaultKind.LATENCY, CREATES["garmin"], value=0.5, times=1)
    await save_workout(scene.hub, scene.athlete, plan)
    (job_id,) = await jobs.claim_due(scene.hub.engine, limit=1)
    slow = asyncio.create_task(run_job(scene.hub, job_id))
    await asyncio.sleep(0.25)
    await scene.hub.engine.execute('UPDATE "job" SET fence = fence + 1 WHERE id = {}', job_id)
    await slow
    export = await scene.export()
    assert (export.status, export.external_ids) == ("PENDING", {})
    assert scene.titles("garmin") == []


@pytest.mark.parametrize("fault", [None, FaultKind.DROP_AFTER])
async def test_what_is_moved_beyond_the_horizon_doesn_t_stay_on_its_old_day(scene, plan, fault) -> None:
    await scene.connect("wahoo")
    if fault:
        scene.fault("wahoo", fault, CREATES["wahoo"], method="POST", times=1)
    row = await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    assert scene.titles("wahoo") == [plan.name]

    far = plan.date + dt.timedelta(days=30)
    await change_workout(scene.hub, scene.athlete, row.id, {"date": far})
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.reason_code, export.external_ids) == ("PENDING", "held", {})
    assert scene.titles("wahoo") == []

    await change_workout(scene.hub, scene.athlete, row.id, {"date": plan.date})
    await scene.run_all()
    assert ((await scene.export()).status, scene.titles("wahoo")) == ("SENT", [plan.name])


async def test_what_was_deleted_while_nobody_was_connected_is_removed_on_reconnect(scene, plan) -> None:
    await scene.connect("intervals")
    row = await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_all()
    await disconnect_provider(scene.hub, scene.athlete, "intervals")
    await delete_workout(scene.hub, scene.athlete, row.id)
    await scene.run_all()
    waits = await scene.export()
    assert (waits.status, scene.titles("intervals")) == ("NOT_CONNECTED", [plan.name])
    (step,) = (await explain_export(scene.hub, scene.athlete, waits.id)).next_steps
    assert "removed" in step.text

    await scene.connect("intervals")
    await scene.run_all()
    assert ((await scene.export()).reason_code, scene.titles("intervals")) == ("withdrawn", [])


@pytest.mark.parametrize("name", PROVIDERS)
async def test_what_one_account_holds_is_sent_to_the_one_that_takes_its_place(scene, plan, name) -> None:
    await scene.connect(name)
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_all()
    await scene.connect(name)  # the same one again: nothing is sent twice
    await scene.run_all()
    assert len((await scene.export()).attempts) == 1

    await scene.connect(name, user="athlete-2")
    await scene.run_all()
    assert (await scene.export()).status == "SENT"
    assert [scene.titles(name, user=one) for one in ("athlete-1", "athlete-2")] == [[plan.name]] * 2
