"""A changed workout replaces its copy, or goes out beside it; a deleted one takes all of them along."""

from __future__ import annotations

import msgspec
import pytest

from hub_core.domain.policy import OnUpdate
from hub_core.domain.workout import PlannedWorkout
from hub_core.sandbox.faults import FaultKind
from hub_core.services.athletes.save_athlete import change_athlete, load_athlete
from hub_core.services.exports.fidelity_policy import change_platform
from hub_core.services.workouts.save_workout import change_workout, delete_workout, save_workout

on_both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

PROVIDERS = ("garmin", "wahoo", "intervals")
CREATES = {
    "garmin": "/training-api/schedule/",  # its first call leaves no trace that could be looked up
    "wahoo": "/v1/workouts",
    "intervals": "/api/v1/athlete/0/events/bulk",
}


async def choose(scene, choice: OnUpdate | None) -> None:
    await change_athlete(scene.hub, scene.athlete.platform_id, scene.athlete.id, on_update=choice)
    scene.athlete = await load_athlete(scene.athlete.platform_id, scene.athlete.id)


@pytest.mark.parametrize("name", PROVIDERS)
async def test_create_makes_another_workout_each_time(scene, plan: PlannedWorkout, name: str) -> None:
    await scene.connect(name)
    await choose(scene, OnUpdate.CREATE)
    row = await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_all()
    # An answer is lost on the way: the new copy is found, and not taken for the older one.
    scene.fault(name, FaultKind.DROP_AFTER, CREATES[name], method="POST", times=1)
    await change_workout(scene.hub, scene.athlete, row.id, msgspec.structs.replace(plan, name="Second"))
    await scene.run_all()
    assert sorted(scene.titles(name)) == sorted([plan.name, "Second"])
    export = await scene.export()
    assert (export.status, export.sent_revision, len(export.older_copies)) == ("SENT", 2, 1)
    assert export.verification.state in {"same", "not_verified"}

    await choose(scene, None)  # the platform's again, which replaces
    await change_workout(scene.hub, scene.athlete, row.id, msgspec.structs.replace(plan, name="Third"))
    await scene.run_all()
    assert sorted(scene.titles(name)) == sorted([plan.name, "Third"])

    await delete_workout(scene.hub, scene.athlete, row.id)
    await scene.run_all()
    assert scene.titles(name) == []
    export = await scene.export()
    assert (export.reason_code, export.older_copies, export.external_ids) == ("withdrawn", (), {})


async def test_the_platform_chooses_for_athletes_without_a_choice(scene, plan: PlannedWorkout) -> None:
    await scene.connect("intervals")
    await change_platform(scene.hub, scene.athlete.platform_id, on_update=OnUpdate.CREATE)
    row = await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_all()
    # Edits in quick succession are one: the newest, and nothing in between.
    for number in range(5):
        edit = msgspec.structs.replace(plan, name=f"Edit {number}")
        await change_workout(scene.hub, scene.athlete, row.id, edit)
    await scene.run_all()
    assert sorted(scene.titles("intervals")) == sorted([plan.name, "Edit 4"])


@on_both
async def test_an_attempt_that_a_newer_revision_overtook_says_so(scene, plan: PlannedWorkout) -> None:
    await scene.connect("garmin")
    scene.fault("garmin", FaultKind.STATUS, "/workoutportal/workout/v2", value=503, method="POST", times=1)
    row = await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    await scene.hub.engine.execute("UPDATE \"attempt\" SET outcome = 'retry' WHERE outcome = 'unknown'")
    await change_workout(scene.hub, scene.athlete, row.id, msgspec.structs.replace(plan, name="Newer"))
    await scene.run_all()
    assert [one.outcome for one in (await scene.export()).attempts] == ["superseded", "sent"]
