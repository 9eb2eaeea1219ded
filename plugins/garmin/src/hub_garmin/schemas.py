"""What Garmin's answers look like. Fields that aren't listed are tolerated."""

from __future__ import annotations

import msgspec


class WorkoutAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """A stored workout. Ids are int64, above 2^53. `owner_id` has been seen missing after a create."""

    workout_id: int
    owner_id: int | None = None


class ScheduleAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """A workout on a date. The id's name differs between clients in the field: both are read."""

    schedule_id: int | None = None
    workout_schedule_id: int | None = None
    workout_id: int | None = None
    date: str = ""

    @property
    def id(self) -> int | None:
        """The id, whichever name it came under."""
        return self.schedule_id if self.schedule_id is not None else self.workout_schedule_id


class UserIdAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """Garmin's name for the athlete: opaque, and the same after a new consent."""

    user_id: str


class PermissionsObject(msgspec.Struct, frozen=True):
    """Permissions in an object: a list of names, or a map of name to yes or no."""

    permissions: list[str] | dict[str, bool]


#: Live clients read an object, other notes show a bare list.
PermissionsAnswer = PermissionsObject | list[str]


def granted_permissions(answer: PermissionsAnswer) -> tuple[str, ...]:
    """The names of the granted permissions, sorted, out of any of the shapes."""
    names = answer.permissions if isinstance(answer, PermissionsObject) else answer
    if isinstance(names, dict):
        names = [name for name, granted in names.items() if granted]
    return tuple(sorted(names))


class StoredStep(msgspec.Struct, frozen=True, rename="camel"):
    """A step or a repeat of a stored workout, as far as it says what is to be done."""

    type: str = "WorkoutStep"
    intensity: str | None = None
    duration_type: str | None = None
    duration_value: float | None = None
    duration_value_type: str | None = None
    target_type: str | None = None
    target_value: int | None = None
    target_value_low: float | None = None
    target_value_high: float | None = None
    target_value_type: str | None = None
    secondary_target_type: str | None = None
    secondary_target_value_low: float | None = None
    secondary_target_value_high: float | None = None
    repeat_type: str | None = None
    repeat_value: int | None = None
    skip_last_rest_step: bool | None = None
    steps: list[StoredStep] | None = None


class StoredSegment(msgspec.Struct, frozen=True, rename="camel"):
    """All of a workout that is one sport."""

    steps: list[StoredStep]


class StoredWorkout(msgspec.Struct, frozen=True, rename="camel"):
    """A workout as `GET` tells it."""

    sport: str
    segments: list[StoredSegment]
    workout_name: str = ""
