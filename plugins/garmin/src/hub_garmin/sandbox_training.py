"""Training API V2: workouts, and their schedules on the athlete's calendar."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from hub_core.sandbox import Answer, Call, Refusal, Sandbox, endpoint
from hub_garmin.sandbox_validation import check_workout, is_integer, refuse

_TRAINING = "WORKOUT_IMPORT"
#: Ids are int64, above 2^53: whoever passes them through a float loses them.
_FIRST_WORKOUT_ID, _FIRST_SCHEDULE_ID, _FIRST_OWNER_ID = 2**63 - 10**12, 2**63 - 10**9, 70_000_001


class TrainingSandbox(Sandbox):
    """Workouts and schedules of all users.

    Switches: `schedule_post_status` (200, or 204 without a body), `workout_put_status` (200 or 204),
    `schedule_id_name` (`scheduleId` or `workoutScheduleId`), `tells_owner_id` (in the answer to a create).
    """

    def __init__(self, *, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self.schedule_post_status = 200
        self.workout_put_status = 200
        self.schedule_id_name = "scheduleId"
        self.tells_owner_id = True
        self.workouts: dict[int, dict[str, Any]] = {}
        self.schedules: dict[int, dict[str, Any]] = {}
        self._workout_ids = itertools.count(_FIRST_WORKOUT_ID)
        self._schedule_ids = itertools.count(_FIRST_SCHEDULE_ID)
        self._owners: dict[str, int] = {}

    # -- workouts ------------------------------------------------------------------------------------------

    @endpoint("POST", "/workoutportal/workout/v2", scope=_TRAINING)
    def create_workout(self, call: Call) -> Answer:
        """A workout for the library. Each call makes one: there is no idempotency key."""
        workout = call.json()
        check_workout(workout)
        for name in ("workoutId", "ownerId"):
            if workout.get(name) is not None:
                raise refuse(name, "is made by the server")
        stored = self._store(call, next(self._workout_ids), workout)
        told = {name: value for name, value in stored.items() if self.tells_owner_id or name != "ownerId"}
        return Answer(told)

    @endpoint("GET", "/training-api/workout/v2/{workout_id}", scope=_TRAINING)
    def get_workout(self, call: Call) -> Answer:
        """The whole workout."""
        return Answer(self._workout(call, call.params["workout_id"]))

    @endpoint("PUT", "/training-api/workout/v2/{workout_id}", scope=_TRAINING)
    def update_workout(self, call: Call) -> Answer:
        """The whole workout again, with both ids as numbers."""
        old = self._workout(call, call.params["workout_id"])
        workout = call.json()
        check_workout(workout)
        for name in ("workoutId", "ownerId"):
            if not is_integer(workout.get(name)) or workout[name] != old[name]:
                raise refuse(name, "must be the workout's own, as a number")
        stored = self._store(call, old["workoutId"], workout, created=old["createdDate"])
        return Answer(stored if self.workout_put_status == 200 else None, self.workout_put_status)

    @endpoint("DELETE", "/training-api/workout/v2/{workout_id}", scope=_TRAINING)
    def delete_workout(self, call: Call) -> Answer:
        """Gone, with what was planned of it."""
        workout_id = self._workout(call, call.params["workout_id"])["workoutId"]
        del self.workouts[workout_id]
        self.schedules = {
            key: plan for key, plan in self.schedules.items() if plan["workoutId"] != workout_id
        }
        return Answer(status=204)

    # -- schedules -----------------------------------------------------------------------------------------

    @endpoint("POST", "/training-api/schedule/", scope=_TRAINING)
    def create_schedule(self, call: Call) -> Answer:
        """A workout on a date. Twice makes two."""
        plan = self._plan(call, call.json())
        plan["scheduleId"] = next(self._schedule_ids)
        self.schedules[plan["scheduleId"]] = plan
        return (
            self._told(plan) if self.schedule_post_status == 200 else Answer(status=self.schedule_post_status)
        )

    @endpoint("GET", "/training-api/schedule", scope=_TRAINING)
    def list_schedules(self, call: Call) -> Answer:
        """All from one day to another, both included."""
        start, end = (_day(call.query.get(name), name) for name in ("startDate", "endDate"))
        return Answer(
            [self._told(plan).body for plan in self.plans_of(call.user) if start <= plan["date"] <= end]
        )

    @endpoint("GET", "/training-api/schedule/{schedule_id}", scope=_TRAINING)
    def get_schedule(self, call: Call) -> Answer:
        """One schedule."""
        return self._told(self._schedule(call))

    @endpoint("PUT", "/training-api/schedule/{schedule_id}", scope=_TRAINING)
    def update_schedule(self, call: Call) -> Answer:
        """Another date, or another workout."""
        old, wish = self._schedule(call), call.json()
        named = wish.pop("scheduleId", None) if isinstance(wish, dict) else None
        if named is not None and named != old["scheduleId"]:
            raise refuse("scheduleId", "is not the one addressed")
        old.update(self._plan(call, wish))
        return self._told(old)

    @endpoint("DELETE", "/training-api/schedule/{schedule_id}", scope=_TRAINING)
    def delete_schedule(self, call: Call) -> Answer:
        """Off the calendar; the workout stays in the library."""
        del self.schedules[self._schedule(call)["scheduleId"]]
        return Answer(status=204)

    # -- what is kept --------------------------------------------------------------------------------------

    def _store(self, call: Call, workout_id: int, sent: dict[str, Any], created: str = "") -> dict[str, Any]:
        now = dt.datetime.fromtimestamp(self.clock.now(), dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.0")
        owner = self._owners.setdefault(call.user, _FIRST_OWNER_ID + len(self._owners))
        ids = {"workoutId": workout_id, "ownerId": owner}
        stored = {**sent, **ids, "createdDate": created or now, "updatedDate": now}
        stored["segments"] = [_with_skipped_rests(segment) for segment in sent["segments"]]
        self.workouts[workout_id] = stored
        return stored

    def _workout(self, call: Call, workout_id: str) -> dict[str, Any]:
        found = self.workouts.get(int(workout_id)) if workout_id.isdigit() else None
        if found is None or found["ownerId"] != self._owners.get(call.user):
            raise Refusal(404, "Workout not found")
        return found

    def _schedule(self, call: Call) -> dict[str, Any]:
        schedule_id = call.params["schedule_id"]
        found = self.schedules.get(int(schedule_id)) if schedule_id.isdigit() else None
        if found is None or not self._is_planned_for(found, call.user):
            raise Refusal(404, "Schedule not found")
        return found

    def _plan(self, call: Call, wish: Any) -> dict[str, Any]:
        if not isinstance(wish, dict) or set(wish) != {"workoutId", "date"}:
            raise refuse("schedule", "workoutId and date, and nothing else")
        if not is_integer(wish["workoutId"]):
            raise refuse("workoutId", "must be a number")
        self._workout(call, str(wish["workoutId"]))
        return {"workoutId": wish["workoutId"], "date": _day(wish["date"], "date")}

    def _told(self, plan: dict[str, Any]) -> Answer:
        ids = {self.schedule_id_name: plan["scheduleId"], "workoutId": plan["workoutId"]}
        return Answer({**ids, "date": plan["date"]})

    def plans_of(self, user: str) -> list[dict[str, Any]]:
        """Everything on a user's calendar."""
        return [plan for plan in self.schedules.values() if self._is_planned_for(plan, user)]

    def _is_planned_for(self, plan: dict[str, Any], user: str) -> bool:
        owner_id: int = self.workouts[plan["workoutId"]]["ownerId"]
        return owner_id == self._owners.get(user)


def _day(text: Any, place: str) -> str:
    try:
        if isinstance(text, str) and len(text) == 10:
            return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise refuse(place, "must be YYYY-MM-DD")


def _with_skipped_rests(segment: dict[str, Any]) -> dict[str, Any]:
    """The server sets `skipLastRestStep` in pool swims, whatever was sent."""
    if segment["sport"] != "LAP_SWIMMING":
        return segment
    steps = [
        {**step, "skipLastRestStep": True} if step["type"] == "WorkoutRepeatStep" else step
        for step in segment["steps"]
    ]
    return {**segment, "steps": steps}
