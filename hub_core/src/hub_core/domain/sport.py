"""Sports, and the families that share rules."""

from __future__ import annotations

from enum import StrEnum


class SportFamily(StrEnum):
    """What decides which targets make sense."""

    RUNNING = "running"
    CYCLING = "cycling"
    SWIMMING = "swimming"
    STRENGTH = "strength"
    OTHER = "other"


class Sport(StrEnum):
    """What a workout is planned for."""

    RUN = "run"
    TRAIL_RUN = "trail_run"
    TRACK_RUN = "track_run"
    TREADMILL_RUN = "treadmill_run"
    RIDE = "ride"
    INDOOR_RIDE = "indoor_ride"
    GRAVEL_RIDE = "gravel_ride"
    MOUNTAIN_BIKE_RIDE = "mountain_bike_ride"
    POOL_SWIM = "pool_swim"
    OPEN_WATER_SWIM = "open_water_swim"
    WALK = "walk"
    HIKE = "hike"
    ROW = "row"
    STRENGTH = "strength"
    YOGA = "yoga"
    OTHER = "other"

    @property
    def family(self) -> SportFamily:
        """The family, which decides the rules for targets."""
        return _FAMILIES.get(self, SportFamily.OTHER)

    @property
    def pace_m(self) -> int:
        """How many metres a pace is for: swimmers count by 100, rowers by 500, all others by 1000."""
        if self is Sport.ROW:
            return 500
        return 100 if self.family is SportFamily.SWIMMING else 1000

    @property
    def is_indoor(self) -> bool:
        """Whether it is done indoors by definition (a pool is not asked for weather either)."""
        return self in {Sport.TREADMILL_RUN, Sport.INDOOR_RIDE, Sport.POOL_SWIM, Sport.STRENGTH, Sport.YOGA}


_FAMILIES = {
    Sport.RUN: SportFamily.RUNNING,
    Sport.TRAIL_RUN: SportFamily.RUNNING,
    Sport.TRACK_RUN: SportFamily.RUNNING,
    Sport.TREADMILL_RUN: SportFamily.RUNNING,
    Sport.RIDE: SportFamily.CYCLING,
    Sport.INDOOR_RIDE: SportFamily.CYCLING,
    Sport.GRAVEL_RIDE: SportFamily.CYCLING,
    Sport.MOUNTAIN_BIKE_RIDE: SportFamily.CYCLING,
    Sport.POOL_SWIM: SportFamily.SWIMMING,
    Sport.OPEN_WATER_SWIM: SportFamily.SWIMMING,
    Sport.STRENGTH: SportFamily.STRENGTH,
    Sport.YOGA: SportFamily.STRENGTH,
}
