"""What Wahoo's sandbox remembers: plans and workouts, and how they are answered."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field
from typing import Any

from hub_core.sandbox import Refusal

#: The app that the sandbox's client credentials stand for.
OUR_APP = "hub"
_UNKNOWN_LOCATION = 255


def write_instant(moment: dt.datetime) -> str:
    """`2026-03-01T07:00:00.000Z`; what is finer than a second is cut off."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


@dataclass
class StoredPlan:
    """A plan of one user, made by one app. `document` is None when its file could not be understood."""

    id: int
    user: str
    app: str
    external_id: str
    document: dict[str, Any] | None
    provider_updated_at: dt.datetime
    created_at: str
    updated_at: str
    deleted: bool = False

    def answer(self, user_id: int, origin: str) -> dict[str, Any]:
        """Name and description come from the file's header, and so does the family."""
        header = (self.document or {}).get("header", {})
        url = f"{origin}/cdn/plans/{self.id}.json" if self.document else None
        return {
            "id": self.id,
            "user_id": user_id,
            "name": header.get("name"),
            "description": header.get("description"),
            "file": {"url": url},
            "workout_type_family_id": header.get("workout_type_family"),
            "workout_type_location_id": header.get("workout_type_location", _UNKNOWN_LOCATION),
            "external_id": self.external_id,
            "provider_updated_at": write_instant(self.provider_updated_at),
            "deleted": self.deleted,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }


@dataclass
class StoredWorkout:
    """A dated entry, which may point to a plan."""

    id: int
    user: str
    name: str
    workout_token: str
    workout_type_id: int
    starts: dt.datetime
    minutes: float
    plan_id: int | None
    created_at: str
    updated_at: str
    summary: dict[str, Any] | None = None

    def answer(self) -> dict[str, Any]:
        """As Wahoo answers; the summary is null until it is done."""
        return {**self.entry(), "workout_summary": self.summary}

    def entry(self) -> dict[str, Any]:
        """Without what was done."""
        return {
            "id": self.id,
            "starts": write_instant(self.starts),
            "minutes": self.minutes,
            "name": self.name,
            "plan_id": self.plan_id,
            "plan_ids": [] if self.plan_id is None else [self.plan_id],
            "route_id": None,
            "workout_token": self.workout_token,
            "workout_type_id": self.workout_type_id,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }


@dataclass
class Store:
    """All users' plans and workouts. Wahoo's numbers: users from 4101, plans 90017, workouts 66001."""

    plans: dict[int, StoredPlan] = field(default_factory=dict)
    workouts: dict[int, StoredWorkout] = field(default_factory=dict)
    user_ids: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.next_plan_id = itertools.count(90017)
        self.next_workout_id = itertools.count(66001)

    def user_id(self, user: str) -> int:
        """The number of a user, the same at every call."""
        return self.user_ids.setdefault(user, 4101 + len(self.user_ids))

    def own_plans(self, user: str) -> list[StoredPlan]:
        """What our app made for a user, deleted ones among them."""
        return [plan for plan in self.plans.values() if plan.user == user and plan.app == OUR_APP]

    def plan(self, user: str, plan_id: str) -> StoredPlan:
        """A live plan that our app made; a 404 for any other."""
        for plan in self.own_plans(user):
            if str(plan.id) == plan_id and not plan.deleted:
                return plan
        raise Refusal(404, "plan not found")

    def delete_plan(self, plan: StoredPlan) -> None:
        """The user's workouts stay, without their link."""
        plan.deleted = True
        for workout in self.workouts.values():
            if workout.plan_id == plan.id:
                workout.plan_id = None

    def own_workouts(self, user: str) -> list[StoredWorkout]:
        """A user's workouts, newest start first."""
        mine = [workout for workout in self.workouts.values() if workout.user == user]
        return sorted(mine, key=lambda workout: (workout.starts, workout.id), reverse=True)

    def workout(self, user: str, workout_id: str) -> StoredWorkout:
        """A user's workout; a 404 when there is none."""
        for workout in self.own_workouts(user):
            if str(workout.id) == workout_id:
                return workout
        raise Refusal(404, "workout not found")
