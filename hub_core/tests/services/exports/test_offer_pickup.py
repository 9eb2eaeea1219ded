"""What lies ready for a phone: laid out, newest revision only, taken away again, and never tried in vain."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from hub_core.domain.policy import OnUpdate
from hub_core.domain.workout import PlannedWorkout
from hub_core.services.connections.disconnect_provider import disconnect_provider, list_connections
from hub_core.services.exports.fidelity_policy import change_platform
from hub_core.services.exports.retry_export import retry_export
from hub_core.services.workouts.save_workout import change_workout, delete_workout, save_workout
from hub_core.storage import jobs

on_both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

DAY = dt.timedelta(days=1)


async def end_the_day(scene, plan: PlannedWorkout) -> None:
    """The workout's day has come and gone."""
    past = (plan.date - 3 * DAY).isoformat()
    await scene.hub.engine.execute(
        'UPDATE "export" SET progress = replace(progress, {}, {})', plan.date.isoformat(), past
    )


async def test_a_workout_lies_ready_and_its_job_sleeps(scene, plan: PlannedWorkout) -> None:
    await scene.connect_phone()
    await save_workout(scene.hub, scene.athlete, plan)
    assert await scene.run_due() == 1
    export = await scene.export()
    assert (export.status, export.reason_code, export.next_try_ms) == ("PENDING", "waits_for_phone", None)
    assert export.reason == "Waits for the phone to fetch it."
    assert export.fidelity.provider == "healthkit"
    (attempt,) = export.attempts
    assert (attempt.action, attempt.revision, attempt.outcome) == ("schedule", 1, "waiting")

    (pickup,) = await scene.pickups()
    assert pickup.schedule.payload["workout"]["displayName"] == plan.name
    assert (pickup.revision, pickup.schedule.date, pickup.is_confirmed) == (1, plan.date, False)
    assert pickup.schedule.time_zone == "Europe/Berlin"
    # Nothing is tried again, however often the job is looked at.
    assert await scene.run_due() == 0
    (row,) = await scene.hub.engine.execute('SELECT state, tries FROM "job"')
    assert (row["state"], row["tries"]) == ("waiting", 0)
    await scene.run_all()
    assert len((await scene.export()).attempts) == 1


@on_both
async def test_an_edit_lays_out_the_newest_revision_under_the_same_name(scene, plan) -> None:
    await scene.connect_phone()
    row = await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    (first,) = await scene.pickups()
    await change_workout(scene.hub, scene.athlete, row.id, {"name": "Newer"})
    # Until the job has run, the phone is told what was ready before.
    assert [one.revision for one in await scene.pickups()] == [1]
    await scene.run_due()
    (second,) = await scene.pickups()
    assert (second.revision, second.uuid, second.reference) == (2, first.uuid, first.reference)
    assert second.schedule.payload["workout"]["displayName"] == "Newer"
    assert [one.outcome for one in (await scene.export()).attempts] == ["superseded", "waiting"]


async def test_another_one_beside_it_is_nothing_for_a_phone_and_the_reason_says_so(scene, plan) -> None:
    await change_platform(scene.hub, scene.athlete.platform_id, on_update=OnUpdate.CREATE)
    await scene.connect_phone()
    row = await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    assert (await scene.export()).reason == "Waits for the phone to fetch it."
    (first,) = await scene.pickups()
    await change_workout(scene.hub, scene.athlete, row.id, {"name": "Second"})
    await scene.run_due()
    assert "It takes the place of the one before" in (await scene.export()).reason
    (second,) = await scene.pickups()
    assert (second.revision, second.uuid) == (2, first.uuid)


async def test_a_deleted_workout_is_to_be_removed_even_if_no_phone_told_that_it_has_it(scene, plan) -> None:
    await scene.connect_phone()
    row = await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    (ready,) = await scene.pickups()
    await delete_workout(scene.hub, scene.athlete, row.id)
    assert await scene.pickups() == []
    await scene.run_due()
    (pickup,) = await scene.pickups()
    assert pickup.schedule is None
    assert (pickup.remove.external_id, pickup.uuid) == (ready.uuid, ready.uuid)
    assert pickup.revision == 2  # one that was never scheduled
    export = await scene.export()
    assert (export.status, export.reason) == ("PENDING", "Waits for the phone to remove it.")


async def test_what_was_never_ready_is_gone_at_once(scene, plan) -> None:
    await scene.connect_phone()
    row = await save_workout(scene.hub, scene.athlete, plan)
    await delete_workout(scene.hub, scene.athlete, row.id)
    await scene.run_due()
    export = await scene.export()
    assert (export.status, export.reason_code, export.reason) == ("SENT", "withdrawn", "It was never sent.")
    assert await scene.pickups() == []


async def test_what_is_beyond_the_week_of_the_scheduler_is_held(scene, plan) -> None:
    await scene.connect_phone()
    await save_workout(scene.hub, scene.athlete, msgspec.structs.replace(plan, date=plan.date + 20 * DAY))
    await scene.run_due()
    export = await scene.export()
    assert (export.status, export.reason_code) == ("PENDING", "held")
    assert await scene.pickups() == []


async def test_a_workout_that_moves_beyond_the_week_leaves_the_phone(scene, plan) -> None:
    await scene.connect_phone()
    row = await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    (ready,) = await scene.pickups()
    await scene.say(ready)
    await change_workout(scene.hub, scene.athlete, row.id, {"date": plan.date + 20 * DAY})
    await scene.run_due()
    (pickup,) = await scene.pickups()
    assert (pickup.remove.external_id, pickup.revision) == (ready.uuid, 2)
    export = await scene.say(pickup, "removed")
    assert (export.status, export.reason_code, export.external_ids) == ("PENDING", "held", {})
    assert await scene.pickups() == []


async def test_a_workout_that_moves_into_the_past_leaves_the_phone(scene, plan) -> None:
    await scene.connect_phone()
    row = await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    await scene.say((await scene.pickups())[0])
    await change_workout(scene.hub, scene.athlete, row.id, {"date": plan.date - 20 * DAY})
    await scene.run_due()
    (pickup,) = await scene.pickups()
    export = await scene.say(pickup, "removed")
    assert (export.status, export.reason_code, export.external_ids) == ("FAILED", "too_late", {})
    assert await scene.pickups() == []


async def test_a_workout_of_yesterday_is_too_late(scene, plan) -> None:
    await scene.connect_phone()
    await save_workout(scene.hub, scene.athlete, msgspec.structs.replace(plan, date=plan.date - 3 * DAY))
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.reason_code, export.attempts) == ("FAILED", "too_late", ())


@on_both
async def test_what_no_phone_fetched_before_its_day_was_over_has_failed(scene, plan) -> None:
    await scene.connect_phone()
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    await end_the_day(scene, plan)
    assert await scene.pickups() == []
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.reason_code) == ("FAILED", "not_picked_up")
    assert [one.outcome for one in export.attempts] == ["failed"]
    (row,) = await scene.hub.engine.execute('SELECT state FROM "job"')
    assert row["state"] == "done"


async def test_what_the_phone_has_stays_sent_when_its_day_is_over(scene, plan) -> None:
    await scene.connect_phone()
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    await scene.say((await scene.pickups())[0])
    await end_the_day(scene, plan)
    await scene.run_all()
    assert (await scene.export()).status == "SENT"
    assert await scene.pickups() == []


async def test_a_removal_that_no_phone_heard_of_ends_with_the_day(scene, plan) -> None:
    await scene.connect_phone()
    row = await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    await delete_workout(scene.hub, scene.athlete, row.id)
    await scene.run_due()
    await end_the_day(scene, plan)
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.reason_code, export.reason) == ("SENT", "withdrawn", "Its day is over.")


async def test_workouts_wait_for_a_phone_and_go_to_it_once_it_is_there(scene, plan) -> None:
    await save_workout(scene.hub, scene.athlete, plan)
    assert (await scene.export()).status == "NOT_CONNECTED"
    await scene.connect_phone()
    await scene.run_due()
    assert len(await scene.pickups()) == 1
    (connection,) = await list_connections(scene.athlete)
    assert (connection.status, connection.provider_user_id) == ("connected", "athlete-1")
    assert connection.display_name == "Anna's iPhone"


async def test_disconnecting_ends_what_waits_and_connecting_again_takes_it_up(scene, plan) -> None:
    await scene.connect_phone()
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    done = await disconnect_provider(scene.hub, scene.athlete, "healthkit")
    assert not done.revoked
    assert "phone" in done.reason
    await scene.run_all()
    assert (await scene.export()).status == "NOT_CONNECTED"
    await scene.connect_phone()
    await scene.run_due()
    assert [one.revision for one in await scene.pickups()] == [1]


async def test_what_the_phone_refused_is_laid_out_again_on_demand(scene, plan) -> None:
    await scene.connect_phone()
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    export = await scene.say((await scene.pickups())[0], "failed", reason="not allowed")
    assert await scene.pickups() == []
    await retry_export(scene.hub, scene.athlete, export.id)
    await scene.run_due()
    (pickup,) = await scene.pickups()
    again = await scene.say(pickup, "failed", reason="not allowed")
    assert [one.outcome for one in again.attempts] == ["failed", "failed"]
    assert again.status == "FAILED"


async def test_a_worker_that_lost_its_lease_lays_nothing_out(scene, plan) -> None:
    await scene.connect_phone()
    await save_workout(scene.hub, scene.athlete, plan)
    (job_id,) = await jobs.claim_due(scene.hub.engine)
    lease = await jobs.take(scene.hub.engine, job_id)
    await scene.hub.engine.execute('UPDATE "job" SET fence = fence + 1 WHERE id = {}', job_id)
    await scene.export_under(lease)
    assert await scene.pickups() == []
    assert (await scene.export()).attempts == ()
