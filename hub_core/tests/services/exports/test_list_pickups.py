"""What a phone is told to hold: in order, as many as fit, with a version that changes when the list does."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from hub_core.errors import ConflictError, InvalidInputError
from hub_core.services.connections.disconnect_provider import disconnect_provider
from hub_core.services.exports.list_pickups import find_offers, version_of
from hub_core.services.workouts.save_workout import change_workout, delete_workout, save_workout

on_both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

DAY = dt.timedelta(days=1)


async def save(scene, plan, **fields) -> str:
    row = await save_workout(scene.hub, scene.athlete, msgspec.structs.replace(plan, **fields))
    return row.id


async def version(scene) -> str:
    return version_of(await find_offers(scene.hub, scene.athlete, "healthkit"))


async def names(scene, room: int | None = None) -> list[str]:
    found = await scene.pickups(room)
    return [one.schedule.payload["workout"]["displayName"] if one.schedule else "-" for one in found]


async def test_the_next_ones_come_first_and_removals_before_them(scene, plan) -> None:
    await scene.connect_phone()
    await save(scene, plan, name="Third", date=plan.date + 2 * DAY)
    await save(scene, plan, name="Second", time=dt.time(18))
    gone = await save(scene, plan, name="Gone", date=plan.date + DAY)
    await save(scene, plan, name="First", time=dt.time(6, 30))
    await scene.run_due()
    await delete_workout(scene.hub, scene.athlete, gone)
    await scene.run_due()
    assert await names(scene) == ["-", "First", "Second", "Third"]
    first = (await scene.pickups())[1]
    assert first.schedule.time == dt.time(6, 30)


async def test_no_more_than_the_phone_has_room_for(scene, plan) -> None:
    await scene.connect_phone()
    for number in range(18):
        await save(scene, plan, name=f"Ride {number:02}", time=dt.time(number))
    await scene.run_due()
    assert await names(scene) == [f"Ride {number:02}" for number in range(15)]
    assert len(await names(scene, room=50)) == 18
    assert await names(scene, room=2) == ["Ride 00", "Ride 01"]


@on_both
async def test_the_version_changes_when_the_list_does_and_not_before(scene, plan) -> None:
    await scene.connect_phone()
    empty = await version(scene)
    workout_id = await save(scene, plan)
    await scene.run_due()
    ready = await version(scene)
    assert ready != empty
    assert await version(scene) == ready

    await scene.say((await scene.pickups())[0])
    confirmed = await version(scene)
    assert confirmed != ready
    await scene.run_all()
    assert await version(scene) == confirmed

    await change_workout(scene.hub, scene.athlete, workout_id, {"name": "Newer"})
    await scene.run_due()
    assert await version(scene) not in {ready, confirmed}


async def test_what_is_confirmed_is_still_listed_and_marked(scene, plan) -> None:
    await scene.connect_phone()
    workout_id = await save(scene, plan)
    await scene.run_due()
    await scene.say((await scene.pickups())[0])
    assert [one.is_confirmed for one in await scene.pickups()] == [True]
    # An edit that is still on its way doesn't take back what the phone has said.
    await change_workout(scene.hub, scene.athlete, workout_id, {"name": "Newer"})
    assert [(one.revision, one.is_confirmed) for one in await scene.pickups()] == [(1, True)]
    await scene.run_due()
    assert [(one.revision, one.is_confirmed) for one in await scene.pickups()] == [(2, False)]


async def test_a_phone_that_is_not_connected_is_told_so(scene, plan) -> None:
    with pytest.raises(ConflictError, match="not connected"):
        await scene.pickups()
    await scene.connect_phone()
    await disconnect_provider(scene.hub, scene.athlete, "healthkit")
    with pytest.raises(ConflictError, match="not connected"):
        await scene.pickups()


async def test_providers_that_are_called_have_nothing_to_fetch(scene) -> None:
    with pytest.raises(InvalidInputError, match="garmin is sent its workouts"):
        await scene.pickups(name="garmin")
