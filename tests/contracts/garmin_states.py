"""What Garmin's sandbox must hold before each exchange of `test_garmin_client.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import hub_garmin.plugin as plugin
from hub_core.sandbox import Call, Grant
from hub_garmin.export import to_source_id
from hub_garmin.sandbox import GarminSandbox

from .plugin_contract import ATHLETE, DATE, PLAN, REFERENCE, SandboxState, ask, connect, consent, spend_limits

RECIPE: dict[str, Any] = {
    **plugin.compile_workout(PLAN, ATHLETE).payload,
    "workoutSourceId": to_source_id(REFERENCE),
}

State = dict[str, Any]


def connected(garmin: GarminSandbox) -> State:
    return {"access_token": connect(garmin).access_token}


def bare_permissions(garmin: GarminSandbox) -> State:
    garmin.permissions_shape = "array"
    return connected(garmin)


def without_permission(garmin: GarminSandbox) -> State:
    return {"access_token": connect(garmin, ("ACTIVITY_EXPORT",)).access_token}


def expired(garmin: GarminSandbox) -> State:
    known = connected(garmin)
    garmin.clock.advance(86_401)
    return known


def deregistered(garmin: GarminSandbox) -> State:
    grant = connect(garmin)
    ask(garmin.delete_registration, grant)
    return {"access_token": grant.access_token}


def limited(garmin: GarminSandbox) -> State:
    spend_limits(garmin)
    return connected(garmin)


def _store(garmin: GarminSandbox, grant: Grant) -> State:
    stored = ask(garmin.create_workout, grant, json=RECIPE)
    return {
        "access_token": grant.access_token,
        "workout_id": stored["workoutId"],
        "owner_id": stored["ownerId"],
    }


def stored(garmin: GarminSandbox) -> State:
    return _store(garmin, connect(garmin))


def quiet_updates(garmin: GarminSandbox) -> State:
    garmin.workout_put_status = 204
    return stored(garmin)


def deleted(garmin: GarminSandbox) -> State:
    grant = connect(garmin)
    known = _store(garmin, grant)
    ask(garmin.delete_workout, grant, workout_id=known["workout_id"])
    return known


def quiet_schedules(garmin: GarminSandbox) -> State:
    garmin.schedule_post_status = 204
    return stored(garmin)


def _schedule(garmin: GarminSandbox, grant: Grant) -> State:
    known = _store(garmin, grant)
    plan = {"workoutId": known["workout_id"], "date": DATE.isoformat()}
    told = ask(garmin.create_schedule, grant, json=plan)
    return {**known, "schedule_id": told[garmin.schedule_id_name]}


def scheduled(garmin: GarminSandbox) -> State:
    return _schedule(garmin, connect(garmin))


def scheduled_by_another_name(garmin: GarminSandbox) -> State:
    garmin.schedule_id_name = "workoutScheduleId"
    return scheduled(garmin)


def unscheduled(garmin: GarminSandbox) -> State:
    grant = connect(garmin)
    known = _schedule(garmin, grant)
    ask(garmin.delete_schedule, grant, schedule_id=known["schedule_id"])
    return known


def asked_before(garmin: GarminSandbox) -> State:
    grant = connect(garmin)
    query = {"summaryStartTimeInSeconds": "1790000000", "summaryEndTimeInSeconds": "1790086400"}
    garmin.backfill(Call("GET", "", {"kind": "dailies"}, query, {}, b"", grant))
    return {"access_token": grant.access_token}


def sharing_activities(garmin: GarminSandbox) -> State:
    return {"access_token": connect(garmin, ("ACTIVITY_EXPORT", "HISTORICAL_DATA_EXPORT")).access_token}


def with_a_short_history(garmin: GarminSandbox) -> State:
    garmin.earliest_backfill_s = 1_790_040_000
    return connected(garmin)


def consented(garmin: GarminSandbox) -> State:
    return {"code": consent(garmin)}


def code_expired(garmin: GarminSandbox) -> State:
    known = consented(garmin)
    garmin.clock.advance(601)
    return known


def refreshable(garmin: GarminSandbox) -> State:
    return {"refresh_token": connect(garmin).refresh_token}


def refreshed_before(garmin: GarminSandbox) -> State:
    known = refreshable(garmin)
    garmin.oauth.refresh(known["refresh_token"])
    return known


STATES: Mapping[str, SandboxState] = {
    "an athlete is connected": connected,
    "an athlete is connected, and permissions come as a bare list": bare_permissions,
    "an athlete has not granted WORKOUT_IMPORT": without_permission,
    "an athlete's access token has expired": expired,
    "an athlete has ended the registration": deregistered,
    "an athlete has spent the calls of the day": limited,
    "a workout is stored": stored,
    "a workout is stored, and updates are answered without a body": quiet_updates,
    "a workout is stored, and schedules are answered without a body": quiet_schedules,
    "a workout was deleted": deleted,
    "a workout is scheduled": scheduled,
    "a workout is scheduled, and the id is called workoutScheduleId": scheduled_by_another_name,
    "a workout was taken off its date": unscheduled,
    "an athlete's history was asked for": asked_before,
    "an athlete shares the history of activities alone": sharing_activities,
    "an athlete's history begins at 1790040000": with_a_short_history,
    "an athlete has just consented": consented,
    "an athlete has consented ten minutes ago": code_expired,
    "an athlete has a refresh token": refreshable,
    "an athlete's refresh token was used before": refreshed_before,
}
