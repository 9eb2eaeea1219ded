"""Every hook against the sandbox over HTTP, on good days and on bad ones."""

from __future__ import annotations

import dataclasses

import pytest

from hub_core.sandbox import FaultKind
from hub_core.sdk import (
    NotFound,
    OutcomeUnknown,
    Receipt,
    RetryLater,
)
from hub_core.testing.harness import ProviderHarness
from hub_garmin.plugin import (
    export_workout,
    find_workout,
    read_back_workout,
    update_workout,
    withdraw_workout,
)

from .calls import DATE, LATER, RECIPES, SCHEDULES, calendar, plan, sandbox_of

# -- export ----------------------------------------------------------------------------------------------


async def test_an_exported_workout_is_on_the_watch(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    receipt = await export_workout(context, plan())
    [shown] = garmin.device().workouts
    assert (shown.date, shown.title, shown.sport) == (DATE, "Tempo", "Run")
    assert shown.lines == ("Run: 10 min, 150–160 bpm",)
    assert receipt.external_id == receipt.external_ids["workout_id"] == shown.external_id
    assert set(receipt.external_ids) == {"workout_id", "owner_id", "schedule_id"}
    assert receipt.notes == ()


async def test_ids_above_2_to_the_53_survive(garmin: ProviderHarness) -> None:
    receipt = await export_workout(await garmin.connect(), plan())
    for name in ("workout_id", "schedule_id"):
        number = int(receipt.external_ids[name])
        assert number > 2**53
        assert int(float(number)) != number or number % 1024 == 0
    assert int(receipt.external_ids["workout_id"]) in sandbox_of(garmin).workouts


async def test_our_reference_travels_as_the_source_id(garmin: ProviderHarness) -> None:
    context = dataclasses.replace(await garmin.connect(), reference="hub-0123456789abcdef0123456789abcdef")
    receipt = await export_workout(context, plan())
    stored = sandbox_of(garmin).workouts[int(receipt.external_id)]
    assert (stored["workoutProvider"], stored["workoutSourceId"]) == ("TrainHub", "cdef0123456789abcdef")


async def test_a_schedule_answered_with_204_is_found_by_its_date(garmin: ProviderHarness) -> None:
    sandbox_of(garmin).schedule_post_status = 204
    receipt = await export_workout(await garmin.connect(), plan())
    assert int(receipt.external_ids["schedule_id"]) in sandbox_of(garmin).schedules


async def test_schedule_id_under_its_other_name(garmin: ProviderHarness) -> None:
    sandbox_of(garmin).schedule_id_name = "workoutScheduleId"
    receipt = await export_workout(await garmin.connect(), plan())
    assert int(receipt.external_ids["schedule_id"]) in sandbox_of(garmin).schedules


async def test_each_step_is_checkpointed(garmin: ProviderHarness) -> None:
    receipt = await export_workout(await garmin.connect(), plan())
    first, second = garmin.checkpoints
    assert "schedule_id" not in first
    assert first["workout_id"] == receipt.external_id
    assert second["schedule_id"] == receipt.external_ids["schedule_id"]


async def test_resume_after_a_checkpoint_makes_no_second_recipe(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    garmin.fault(FaultKind.STATUS, SCHEDULES, value=503, times=1)
    with pytest.raises(RetryLater):
        await export_workout(context, plan())
    receipt = await export_workout(garmin.again(context, outcome_unknown=True), plan())
    assert list(sandbox_of(garmin).workouts) == [int(receipt.external_id)]
    assert calendar(garmin) == [(DATE, "Tempo")]
    assert receipt.notes == ()


async def test_resume_sends_what_was_edited_meanwhile_and_moves_it(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    garmin.fault(FaultKind.DROP_AFTER, SCHEDULES, method="POST", times=1)
    with pytest.raises(RetryLater):
        await export_workout(context, plan())
    await export_workout(garmin.again(context, outcome_unknown=True), plan("Longer tempo", LATER))
    assert calendar(garmin) == [(LATER, "Longer tempo")]


async def test_resume_starts_anew_when_the_recipe_is_gone(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    progress = {"workout_id": "77", "owner_id": "5", "date": DATE.isoformat()}
    receipt = await export_workout(garmin.again(context, progress=progress), plan())
    assert receipt.external_id != "77"
    assert calendar(garmin) == [(DATE, "Tempo")]


async def test_a_lost_recipe_answer_is_for_people(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    garmin.fault(FaultKind.DROP_AFTER, RECIPES, times=1)
    with pytest.raises(RetryLater) as lost:
        await export_workout(context, plan())
    assert lost.value.outcome_unknown
    with pytest.raises(OutcomeUnknown, match="workout library"):  # there is no list of recipes
        await find_workout(garmin.again(context, outcome_unknown=True), plan())
    assert len(sandbox_of(garmin).workouts) == 1
    assert calendar(garmin) == []


async def test_503_says_that_nothing_was_created(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    for status, unknown in ((503, False), (500, True), (502, True)):
        garmin.fault(FaultKind.STATUS, RECIPES, value=status, times=1)
        with pytest.raises(RetryLater) as refused:
            await export_workout(context, plan())
        assert refused.value.outcome_unknown is unknown


async def test_a_lost_schedule_answer_is_found(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    garmin.fault(FaultKind.DROP_AFTER, SCHEDULES, method="POST", times=1)
    with pytest.raises(RetryLater) as lost:
        await export_workout(context, plan())
    assert lost.value.outcome_unknown
    found = await find_workout(garmin.again(context, outcome_unknown=True), plan())
    assert found is not None
    assert int(found.external_ids["schedule_id"]) in sandbox_of(garmin).schedules
    assert set(found.external_ids) == {"workout_id", "owner_id", "schedule_id"}


async def test_a_lost_schedule_answer_is_not_repeated_blindly(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    garmin.fault(FaultKind.MALFORMED, SCHEDULES, method="POST", times=1)
    with pytest.raises(RetryLater):
        await export_workout(context, plan())
    await export_workout(garmin.again(context, outcome_unknown=True), plan())
    assert calendar(garmin) == [(DATE, "Tempo")]


async def test_nothing_is_found_without_a_checkpoint(garmin: ProviderHarness) -> None:
    assert await find_workout(await garmin.connect(), plan()) is None


async def test_nothing_is_found_when_the_recipe_was_not_scheduled(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    garmin.fault(FaultKind.DROP_BEFORE, SCHEDULES, method="POST", times=1)
    with pytest.raises(RetryLater):
        await export_workout(context, plan())
    assert await find_workout(garmin.again(context, outcome_unknown=True), plan()) is None


async def test_a_schedule_is_found_on_the_day_it_had(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    receipt = await export_workout(context, plan())
    assert await find_workout(garmin.again(context), plan(date=LATER)) == receipt


# -- update, withdraw, read back -------------------------------------------------------------------------


async def test_update_replaces_and_moves(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    receipt = await export_workout(context, plan())
    updated = await update_workout(context, plan("Easy", LATER), receipt)
    assert updated.external_ids == receipt.external_ids
    assert calendar(garmin) == [(LATER, "Easy")]


async def test_update_may_be_answered_with_204(garmin: ProviderHarness) -> None:
    sandbox_of(garmin).workout_put_status = 204
    context = await garmin.connect()
    receipt = await export_workout(context, plan())
    await update_workout(context, plan("Easy"), receipt)
    assert calendar(garmin) == [(DATE, "Easy")]


async def test_update_needs_the_owner_and_reads_it_when_the_create_did_not_tell(
    garmin: ProviderHarness,
) -> None:
    sandbox_of(garmin).tells_owner_id = False
    context = await garmin.connect()
    receipt = await export_workout(context, plan())
    assert "owner_id" not in receipt.external_ids
    updated = await update_workout(context, plan("Easy"), receipt)
    assert calendar(garmin) == [(DATE, "Easy")]
    assert "owner_id" in updated.external_ids


async def test_update_of_a_deleted_workout_is_not_found(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    receipt = await export_workout(context, plan())
    await withdraw_workout(context, receipt)
    with pytest.raises(NotFound):
        await update_workout(context, plan("Easy"), receipt)


async def test_update_schedules_again_what_the_athlete_took_off_the_calendar(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    receipt = await export_workout(context, plan())
    sandbox_of(garmin).schedules.clear()
    updated = await update_workout(context, plan("Easy", LATER), receipt)
    assert calendar(garmin) == [(LATER, "Easy")]
    assert updated.external_ids["schedule_id"] != receipt.external_ids["schedule_id"]


async def test_a_repeated_update_schedules_once(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    receipt = await export_workout(context, plan())
    sandbox_of(garmin).schedules.clear()
    garmin.fault(FaultKind.DROP_AFTER, SCHEDULES, method="POST", times=1)
    with pytest.raises(RetryLater):
        await update_workout(context, plan("Easy"), receipt)
    await update_workout(context, plan("Easy"), receipt)
    assert calendar(garmin) == [(DATE, "Easy")]


async def test_withdraw_removes_schedule_and_recipe_and_may_be_repeated(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    receipt = await export_workout(context, plan())
    await withdraw_workout(context, receipt)
    assert (calendar(garmin), sandbox_of(garmin).workouts) == ([], {})
    await withdraw_workout(context, receipt)
    deleted = [entry.path for entry in garmin.sandbox.journal if entry.method == "DELETE"]
    assert [path.split("/")[2] for path in deleted] == ["schedule", "workout"] * 2


async def test_withdraw_of_a_half_made_export(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    receipt = await export_workout(context, plan())
    sandbox_of(garmin).schedules.clear()
    await withdraw_workout(context, Receipt({"workout_id": receipt.external_id}))
    assert sandbox_of(garmin).workouts == {}


async def test_read_back_shows_what_garmin_holds(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    receipt = await export_workout(context, plan())
    copy = await read_back_workout(context, receipt)
    assert copy.exists
    assert copy.payload["workout"]["workoutName"] == "Tempo"
    assert copy.payload["schedule"]["date"] == DATE.isoformat()


async def test_read_back_without_its_schedule_is_gone_from_the_watch(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    receipt = await export_workout(context, plan())
    sandbox_of(garmin).schedules.clear()
    copy = await read_back_workout(context, receipt)
    assert not copy.exists
    assert copy.payload["schedule"] is None
    await withdraw_workout(context, receipt)
    assert (await read_back_workout(context, receipt)).payload == {"workout": None, "schedule": None}


async def test_athletes_do_not_see_each_other(garmin: ProviderHarness) -> None:
    anna, ben = await garmin.connect("anna"), await garmin.connect("ben")
    receipt = await export_workout(anna, plan())
    assert not (await read_back_workout(ben, receipt)).exists
    assert garmin.device("ben").workouts == ()
    assert anna.provider_user_id != ben.provider_user_id
