"""A workout on a date: Garmin keeps the recipe and its schedule apart, and this keeps them together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from hub_core.sdk import NotFound, RetryLater
from hub_garmin.client import GarminClient

Recipe = Mapping[str, Any]
#: What is known of a workout at Garmin: `workout_id`, `owner_id`, `schedule_id`, and the `date` it had.
Ids = dict[str, str]


async def create_recipe(client: GarminClient, recipe: Recipe, date: dt.date) -> Ids:
    """Store the recipe. The date is kept too: a schedule whose answer is lost is found by it."""
    answer = await client.create_workout(recipe)
    ids = {"workout_id": str(answer.workout_id), "date": date.isoformat()}
    return ids if answer.owner_id is None else ids | {"owner_id": str(answer.owner_id)}


async def resume_recipe(
    client: GarminClient, progress: Mapping[str, str], recipe: Recipe, date: dt.date
) -> Ids | None:
    """The ids that an earlier try left, with recipe and date as they are now; None if the recipe is gone."""
    ids = {name: value for name, value in progress.items() if name != "schedule_id"}
    try:
        # The workout may have been edited since. PUT is safe to repeat, and tells whether it is there.
        ids = await replace_recipe(client, ids, recipe)
    except NotFound:
        return None
    workout_id = int(ids["workout_id"])
    for day in dict.fromkeys((dt.date.fromisoformat(ids.get("date", date.isoformat())), date)):
        schedule_id = await client.find_schedule(workout_id, day)
        if schedule_id is not None:
            await client.update_schedule(schedule_id, workout_id, date)
            return ids | {"schedule_id": str(schedule_id)}
    return ids


async def replace_recipe(client: GarminClient, ids: Mapping[str, str], recipe: Recipe) -> Ids:
    """PUT the recipe, and return the ids with the owner's, a must on update. Raises `NotFound`."""
    workout_id, owner_id = int(ids["workout_id"]), ids.get("owner_id")
    if owner_id is None:  # the create may not have told it; then GET does
        owner = await client.get_owner_id(workout_id)
        if owner is None:
            raise RetryLater(f"garmin: workout {workout_id} does not tell its owner, needed for an update")
        owner_id = str(owner)
    await client.update_workout(workout_id, {**recipe, "workoutId": workout_id, "ownerId": int(owner_id)})
    return {**ids, "owner_id": owner_id}


async def move_schedule(client: GarminClient, ids: Mapping[str, str], date: dt.date) -> str:
    """Put the schedule on a date, a new one if it is gone. Returns its id."""
    workout_id = int(ids["workout_id"])
    if "schedule_id" in ids:
        try:
            await client.update_schedule(int(ids["schedule_id"]), workout_id, date)
        except NotFound:
            pass
        else:
            return ids["schedule_id"]
    found = await client.find_schedule(workout_id, date)
    return str(found) if found is not None else await create_schedule(client, workout_id, date)


async def create_schedule(client: GarminClient, workout_id: int, date: dt.date) -> str:
    """Put a recipe on a date. After an answer without an id (204) the list of the day has it."""
    schedule_id = await client.create_schedule(workout_id, date)
    if schedule_id is None:
        schedule_id = await client.find_schedule(workout_id, date)
    if schedule_id is None:
        raise RetryLater(
            f"garmin: the schedule of workout {workout_id} was accepted, but {date} doesn't list it",
            outcome_unknown=True,
        )
    return str(schedule_id)
