"""What a week's days and hours are taken by, moves that were advised already included."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec

from hub_core.domain.advice.slots import Slot, Window
from hub_core.domain.athlete import Athlete
from hub_core.domain.outline import PlacedStep, place_steps, walk
from hub_core.domain.profile import make_profile
from hub_core.domain.workout import Intensity, PlannedWorkout

DAYS = 7
DAY = dt.timedelta(days=1)
#: From this length on a session counts as hard whatever it holds.
LONG_S = 90 * 60


class SavedWorkout(msgspec.Struct, frozen=True):
    """A planned workout and the id by which it is known; `windows`: when there is time for this one."""

    id: str
    workout: PlannedWorkout
    windows: tuple[Window, ...] | None = None


class WeekCalendar:
    """Seven local days from `today` on, with their workouts by date, time and id."""

    def __init__(
        self, workouts: Sequence[SavedWorkout], today: dt.date, athlete: Athlete, zone: ZoneInfo
    ) -> None:
        dated = [(one.workout.date, one) for one in workouts if one.workout.date]
        near = [(day, one) for day, one in dated if 0 <= (day - today).days < DAYS]
        near.sort(key=lambda pair: (pair[0], pair[1].workout.time or dt.time.min, pair[1].id))
        self.workouts = tuple(one for _, one in near)
        self._today = today
        self._dates = {one.id: {day} for day, one in near}
        self._seconds = {one.id: make_profile(one.workout, athlete).seconds for _, one in near}
        self._times: dict[str, tuple[dt.datetime, dt.datetime]] = {}
        for day, one in near:
            if one.workout.time is not None:
                start = dt.datetime.combine(day, one.workout.time, zone)
                self._times[one.id] = (start, start + self.duration(one))

    def duration(self, one: SavedWorkout) -> dt.timedelta:
        """How long a workout takes."""
        return dt.timedelta(seconds=self._seconds[one.id])

    def start_of(self, one: SavedWorkout) -> dt.datetime | None:
        """The instant at which a workout is planned, or moved to. None if it has a date only."""
        times = self._times.get(one.id)
        return times[0] if times else None

    def is_hard(self, one: SavedWorkout) -> bool:
        """Long, or with intervals."""
        steps = (node.step for node in walk(place_steps(one.workout.steps)) if isinstance(node, PlacedStep))
        return self._seconds[one.id] >= LONG_S or any(step.intensity is Intensity.INTERVAL for step in steps)

    def is_free(self, one: SavedWorkout, slot: Slot) -> bool:
        """Whether no other workout is planned, or was moved, into these hours."""
        others = (times for id_, times in self._times.items() if id_ != one.id)
        return all(end <= slot.start or slot.end <= start for start, end in others)

    def free_days(self, moved: SavedWorkout) -> list[dt.date]:
        """Days that a workout may move to, the nearest to its own first.

        A day is free that has no other workout; for a hard one, none beside it may have another hard one.
        """
        others = [one for one in self.workouts if one.id != moved.id]
        taken = {day for one in others for day in self._dates[one.id]}
        hard = {day for one in others if self.is_hard(one) for day in self._dates[one.id]}
        beside = {day + step for day in hard for step in (-DAY, DAY)} if self.is_hard(moved) else set()
        own = min(self._dates[moved.id])
        days = [self._today + number * DAY for number in range(DAYS)]
        free = [day for day in days if day != own and day not in taken and day not in beside]
        return sorted(free, key=lambda day: (abs((day - own).days), day))

    def move(self, one: SavedWorkout, slot: Slot) -> None:
        """Remember an advised move: its hours and its day are taken now. Its old day stays so too."""
        self._times[one.id] = (slot.start, slot.end)
        self._dates[one.id].add(slot.start.date())
