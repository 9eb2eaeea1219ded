"""What a phone says: once or twice, late, about an older revision, or about nothing that it was given."""

from __future__ import annotations

import asyncio

import pytest

from hub_core.errors import InvalidInputError, NotFoundError
from hub_core.sandbox import sync_phone
from hub_core.sdk.pickups import PickupOutcome
from hub_core.services.exports.confirm_pickup import confirm_pickup
from hub_core.services.workouts.save_workout import change_workout, delete_workout, save_workout

on_both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
async def ready(scene, plan):
    """A workout that lies ready for the phone."""
    await scene.connect_phone()
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    (pickup,) = await scene.pickups()
    return pickup


@on_both
async def test_scheduled_is_sent_with_the_ids_of_the_device(scene, ready) -> None:
    export = await scene.say(ready, external_id="PLAN-1")
    assert (export.status, export.reason_code) == ("SENT", "sent")
    assert export.reason == "Sent to Apple Watch."
    assert (export.external_ids, export.sent_revision) == ({"id": "PLAN-1"}, 1)
    assert export.sent_ms
    (attempt,) = export.attempts
    assert (attempt.action, attempt.outcome) == ("schedule", "sent")
    assert attempt.finished_ms


async def test_a_phone_without_an_id_of_its_own_has_ours(scene, ready) -> None:
    assert (await scene.say(ready)).external_ids == {"id": ready.uuid}


async def test_what_the_device_left_out_is_told(scene, ready) -> None:
    export = await scene.say(ready, reason="This watch has no speedRange alert.")
    assert export.reason == "Sent to Apple Watch. This watch has no speedRange alert."


@pytest.mark.parametrize("outcome", ["scheduled", "failed", "removed"])
async def test_the_same_word_twice_changes_nothing(scene, ready, outcome: str) -> None:
    first = await scene.say(ready, outcome, reason="so it is")
    before = await scene.hub.engine.execute('SELECT COUNT(*) AS n FROM "change"')
    again = await scene.say(ready, outcome, reason="so it is")
    assert again == first
    assert await scene.hub.engine.execute('SELECT COUNT(*) AS n FROM "change"') == before


async def test_the_same_word_from_two_calls_at_once_is_one_attempt(scene, ready) -> None:
    said = await asyncio.gather(*(scene.say(ready, external_id="PLAN-1") for _ in range(4)))
    assert {one.status for one in said} == {"SENT"}
    assert len((await scene.export()).attempts) == 1


async def test_failed_is_failed_with_the_reason_of_the_phone(scene, ready) -> None:
    export = await scene.say(ready, "failed", reason="the athlete has not allowed it")
    assert (export.status, export.reason_code) == ("FAILED", "rejected")
    assert export.reason == "the athlete has not allowed it"
    assert await scene.pickups() == []


async def test_a_second_thought_is_the_one_that_counts(scene, ready) -> None:
    await scene.say(ready, "failed", reason="no watch in reach")
    export = await scene.say(ready)
    assert export.status == "SENT"
    assert [one.outcome for one in export.attempts] == ["failed", "sent"]


async def test_what_is_said_of_an_older_revision_is_kept_and_the_newest_still_waits(scene, ready) -> None:
    await change_workout(scene.hub, scene.athlete, ready.workout_id, {"name": "Newer"})
    queued = await scene.say(ready, external_id="PLAN-1")
    assert (queued.status, queued.reason_code, queued.sent_revision) == ("PENDING", "queued", 1)
    await scene.run_due()
    stale = await scene.say(ready, "failed", reason="too old")
    assert (stale.status, stale.reason_code) == ("PENDING", "waits_for_phone")
    assert stale.external_ids == {"id": "PLAN-1"}
    (newest,) = await scene.pickups()
    sent = await scene.say(newest, external_id="PLAN-1")
    assert (sent.status, sent.sent_revision) == ("SENT", 2)
    assert [(one.revision, one.outcome) for one in sent.attempts] == [
        (1, "sent"),
        (2, "sent"),
        (1, "failed"),
    ]
    # A late word about the first doesn't take the second back.
    late = await scene.say(ready, external_id="PLAN-1", reason="late")
    assert (late.status, late.sent_revision, late.attempts[-1].revision) == ("SENT", 2, 1)


async def test_removed_after_a_deletion_is_withdrawn(scene, ready) -> None:
    await scene.say(ready, external_id="PLAN-1")
    await delete_workout(scene.hub, scene.athlete, ready.workout_id)
    await scene.run_due()
    (pickup,) = await scene.pickups()
    assert pickup.remove.external_id == "PLAN-1"
    export = await scene.say(pickup, "removed")
    assert (export.status, export.reason_code) == ("SENT", "withdrawn")
    assert export.reason == "Removed from Apple Watch."
    assert (export.external_ids, export.sent_revision) == ({}, None)
    assert await scene.pickups() == []
    await scene.run_all()
    assert (await scene.export()).reason == "Removed from Apple Watch."


async def test_a_removal_that_failed_stays_in_the_list(scene, ready) -> None:
    await delete_workout(scene.hub, scene.athlete, ready.workout_id)
    await scene.run_due()
    (pickup,) = await scene.pickups()
    export = await scene.say(pickup, "failed", reason="no watch in reach")
    assert (export.status, export.reason_code) == ("FAILED", "rejected")
    assert len(await scene.pickups()) == 1
    assert (await scene.say(pickup, "removed")).reason_code == "withdrawn"


async def test_a_word_about_the_old_one_is_not_taken_for_the_removal(scene, ready) -> None:
    await delete_workout(scene.hub, scene.athlete, ready.workout_id)
    await scene.run_due()
    export = await scene.say(ready, external_id="PLAN-1")
    assert (export.status, export.reason) == ("PENDING", "Waits for the phone to remove it.")
    (pickup,) = await scene.pickups()
    assert pickup.remove.external_id == "PLAN-1"


async def test_an_athlete_who_takes_it_off_the_phone_is_believed(scene, ready) -> None:
    await scene.say(ready)
    export = await scene.say(ready, "removed")
    assert (export.status, export.reason_code) == ("FAILED", "removed_on_phone")
    assert [(one.action, one.outcome) for one in export.attempts] == [
        ("schedule", "sent"),
        ("remove", "withdrawn"),
    ]
    assert await scene.pickups() == []


@pytest.mark.parametrize("revision", [0, 2, -1, 2**40])
async def test_a_revision_that_was_never_laid_out_is_refused(scene, ready, revision: int) -> None:
    with pytest.raises(InvalidInputError, match="never laid out"):
        await scene.say(ready, revision=revision)
    assert (await scene.export()).status == "PENDING"


async def test_what_is_to_be_removed_cannot_be_scheduled(scene, ready) -> None:
    await delete_workout(scene.hub, scene.athlete, ready.workout_id)
    await scene.run_due()
    (pickup,) = await scene.pickups()
    with pytest.raises(InvalidInputError, match="to be removed"):
        await scene.say(pickup)


async def test_unknown_exports_are_not_found(scene, ready) -> None:
    said = PickupOutcome(1, "scheduled")
    with pytest.raises(NotFoundError):
        await confirm_pickup(scene.hub, scene.athlete, "healthkit", "exp_nosuch", said)
    with pytest.raises(InvalidInputError):
        await confirm_pickup(scene.hub, scene.athlete, "garmin", ready.id, said)


async def test_texts_of_a_phone_are_checked(scene, ready) -> None:
    for fields in ({"reason": "x" * 501}, {"external_id": "x" * 201}, {"reason": "a\0b"}):
        with pytest.raises(InvalidInputError):
            await scene.say(ready, **fields)


async def test_a_phone_and_a_watch_come_to_the_same_as_the_hub(scene, plan) -> None:
    """Save, edit, a refusal, delete: after each round of the phone the watch shows what is planned."""
    sandbox = scene.sandboxes["healthkit"].sandbox
    loop = asyncio.get_running_loop()

    def ask(method: str, path: str, body: dict | None) -> object:
        return asyncio.run_coroutine_threadsafe(scene.answer_phone(method, path, body), loop).result(10)

    async def sync() -> list[str]:
        said = await asyncio.to_thread(sync_phone, sandbox, "athlete-1", ask)
        return [one.outcome for one in said]

    await scene.connect_phone()
    row = await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    assert await sync() == ["scheduled"]
    assert scene.titles("healthkit") == [plan.name]
    assert await sync() == []

    await change_workout(scene.hub, scene.athlete, row.id, {"name": "Newer"})
    await scene.run_due()
    sandbox.is_authorized = False
    assert await sync() == ["failed"]
    assert "not allowed" in (await scene.export()).reason
    assert scene.titles("healthkit") == [plan.name]

    sandbox.is_authorized = True
    await change_workout(scene.hub, scene.athlete, row.id, {"name": "Newest"})
    await scene.run_due()
    assert await sync() == ["scheduled"]
    assert scene.titles("healthkit") == ["Newest"]

    await delete_workout(scene.hub, scene.athlete, row.id)
    await scene.run_due()
    assert await sync() == ["removed"]
    assert scene.titles("healthkit") == []
    assert (await scene.export()).reason_code == "withdrawn"
