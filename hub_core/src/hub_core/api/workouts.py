"""Planned workouts: save, read, list, change, delete, and what would survive of them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import msgspec
from litestar import Controller, delete, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter

from hub_core.api.access import TheAthlete, TheHub
from hub_core.api.dates import From, To, read_span, today
from hub_core.domain.sport import Sport
from hub_core.domain.workout import Node, PlannedWorkout
from hub_core.services.athletes.save_availability import check_availability
from hub_core.services.connections.disconnect_provider import list_connections
from hub_core.services.exports.explain_workout import explain_workout
from hub_core.services.exports.preflight_workout import Preflight, preflight_for_athlete
from hub_core.services.exports.statuses import ConnectionStatus
from hub_core.services.exports.steer_export import read_send_at
from hub_core.services.exports.tell_why import Why
from hub_core.services.hub import Hub
from hub_core.services.workouts.save_workout import (
    change_workout,
    delete_workout,
    list_workouts,
    load_workout,
    read_document,
    save_workout,
)
from hub_core.services.workouts.view_workouts import WorkoutView, view_workouts
from hub_core.storage.tables import Athlete

#: The default of a list: today and the two weeks from it (row B1).
DAYS_AHEAD = 14

Providers = Annotated[
    str,
    QueryParameter(name="provider", description="Names with commas between; the connected ones when empty."),
]

Force = Annotated[
    bool, QueryParameter(description="Save it although it doesn't fit the athlete's availability.")
]
#: What decides whether a workout fits.
_PLACED = {"sport", "steps", "date", "time"}


class NewWorkout(PlannedWorkout, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A planned workout, with your own name for it, and where to send it if not the usual way.

    `send_at`: nothing is sent before; `2026-12-01` is when that day begins for the athlete.
    """

    external_id: str | None = None
    providers: tuple[str, ...] = ()
    send_at: str | None = None


class WorkoutChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is given is changed. `steps` are replaced as a whole; with `providers` as `[]` it goes the
    athlete's usual way again."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    sport: Sport | msgspec.UnsetType = msgspec.UNSET
    steps: tuple[Node, ...] | msgspec.UnsetType = msgspec.UNSET
    date: dt.date | msgspec.UnsetType = msgspec.UNSET
    time: dt.time | msgspec.UnsetType | None = msgspec.UNSET
    description: str | msgspec.UnsetType = msgspec.UNSET
    pool_length_m: float | msgspec.UnsetType | None = msgspec.UNSET
    providers: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET


def _plan(data: NewWorkout) -> PlannedWorkout:
    return PlannedWorkout(*(getattr(data, name) for name in PlannedWorkout.__struct_fields__))


async def _names(hub: Hub, athlete: Athlete, asked: str) -> tuple[str, ...]:
    if asked:
        return tuple(name.strip() for name in asked.split(",") if name.strip())
    connections = await list_connections(athlete)
    connected = tuple(one.provider for one in connections if one.status == ConnectionStatus.CONNECTED)
    return connected or hub.registry.exporters()


class WorkoutsController(Controller):
    """An athlete's planned workouts. Saving answers before any provider is called."""

    path = "/v1/athletes/{athlete_id:str}/workouts"
    tags = ("workouts",)

    @post()
    async def create(
        self, hub: TheHub, athlete: TheAthlete, data: JSONBody[NewWorkout], force: Force = False
    ) -> WorkoutView:
        """Save a workout; its export begins by itself."""
        if not force:
            await check_availability(athlete, _plan(data))
        row = await save_workout(
            hub,
            athlete,
            _plan(data),
            external_id=data.external_id,
            providers=data.providers,
            send_at_ms=None if data.send_at is None else read_send_at(data.send_at, athlete),
        )
        return (await view_workouts([row], athlete))[0]

    @get()
    async def list_all(
        self,
        athlete: TheAthlete,
        start: From = None,
        end: To = None,
    ) -> list[WorkoutView]:
        """The workouts of some local dates, both included: by default from today for 14 days."""
        first = start or today(athlete)
        span = read_span(first, end, DAYS_AHEAD)
        rows = await list_workouts(athlete.id, *span)
        return await view_workouts(rows, athlete)

    @get("/{workout_id:str}")
    async def read(self, athlete: TheAthlete, workout_id: FromPath[str]) -> WorkoutView:
        """One workout with its exports."""
        return (await view_workouts([await load_workout(athlete.id, workout_id)], athlete))[0]

    @patch("/{workout_id:str}")
    async def change(
        self,
        hub: TheHub,
        athlete: TheAthlete,
        workout_id: FromPath[str],
        data: JSONBody[WorkoutChange],
        force: Force = False,
    ) -> WorkoutView:
        """Change any field; the providers' copies are replaced."""
        given = {
            name: value
            for name in PlannedWorkout.__struct_fields__
            if (value := getattr(data, name)) is not msgspec.UNSET
        }
        if not force and _PLACED & given.keys():
            plan = read_document(await load_workout(athlete.id, workout_id))
            changed = msgspec.structs.replace(plan, **given)
            await check_availability(athlete, changed, workout_id=workout_id)
        providers = None if data.providers is msgspec.UNSET else data.providers
        row = await change_workout(hub, athlete, workout_id, given, providers=providers)
        return (await view_workouts([row], athlete))[0]

    @delete("/{workout_id:str}")
    async def remove(self, hub: TheHub, athlete: TheAthlete, workout_id: FromPath[str]) -> None:
        """Delete a workout; the providers' copies are withdrawn."""
        await delete_workout(hub, athlete, workout_id)

    @get("/{workout_id:str}/why")
    async def why(self, hub: TheHub, athlete: TheAthlete, workout_id: FromPath[str]) -> list[Why]:
        """Why it is, or isn't, where it should be: the chain of facts for each provider, or for none."""
        return await explain_workout(hub, athlete, workout_id)

    @get("/{workout_id:str}/preflight")
    async def preflight_saved(
        self, hub: TheHub, athlete: TheAthlete, workout_id: FromPath[str], provider: Providers = ""
    ) -> list[Preflight]:
        """What survives of a saved workout at each connected or named provider, and whether the athlete's
        policy lets it out."""
        plan = read_document(await load_workout(athlete.id, workout_id))
        names = await _names(hub, athlete, provider)
        return await preflight_for_athlete(hub, athlete, plan, names)


@post("/v1/athletes/{athlete_id:str}/preflight", status_code=200, tags=["workouts"])
async def preflight(
    hub: TheHub, athlete: TheAthlete, data: JSONBody[PlannedWorkout], provider: Providers = ""
) -> list[Preflight]:
    """What would survive of a workout at each connected or named provider. Nothing is saved or sent."""
    names = await _names(hub, athlete, provider)
    return await preflight_for_athlete(hub, athlete, data, names)
