"""FIT's words and ours. Source: the FIT profile, as published with the FIT SDK (Profile.xlsx)."""

from __future__ import annotations

from hub_core.domain.sport import Sport
from hub_core.domain.workout import Intensity, Metric

#: Ours: their sport and sub-sport.
SPORTS: dict[Sport, tuple[str, str]] = {
    Sport.RUN: ("running", "generic"),
    Sport.TRAIL_RUN: ("running", "trail"),
    Sport.TRACK_RUN: ("running", "track"),
    Sport.TREADMILL_RUN: ("running", "treadmill"),
    Sport.RIDE: ("cycling", "generic"),
    Sport.INDOOR_RIDE: ("cycling", "indoor_cycling"),
    Sport.GRAVEL_RIDE: ("cycling", "gravel_cycling"),
    Sport.MOUNTAIN_BIKE_RIDE: ("cycling", "mountain"),
    Sport.POOL_SWIM: ("swimming", "lap_swimming"),
    Sport.OPEN_WATER_SWIM: ("swimming", "open_water"),
    Sport.WALK: ("walking", "generic"),
    Sport.HIKE: ("hiking", "generic"),
    Sport.ROW: ("rowing", "generic"),
    Sport.STRENGTH: ("training", "strength_training"),
    Sport.YOGA: ("training", "yoga"),
    Sport.OTHER: ("generic", "generic"),
}
#: Theirs, beside what is ours by name.
_OTHER_SUB_SPORTS = {
    ("running", "street"): Sport.RUN,
    ("running", "indoor_running"): Sport.TREADMILL_RUN,
    ("running", "virtual_activity"): Sport.TREADMILL_RUN,
    ("cycling", "road"): Sport.RIDE,
    ("cycling", "spin"): Sport.INDOOR_RIDE,
    ("cycling", "virtual_activity"): Sport.INDOOR_RIDE,
    ("rowing", "indoor_rowing"): Sport.ROW,
    ("fitness_equipment", "indoor_rowing"): Sport.ROW,
    ("fitness_equipment", "treadmill"): Sport.TREADMILL_RUN,
    ("fitness_equipment", "strength_training"): Sport.STRENGTH,
    ("fitness_equipment", "yoga"): Sport.YOGA,
}
#: A sport whose sub-sport is unknown, or has no word here.
_WHOLE_SPORTS = {
    "running": Sport.RUN,
    "cycling": Sport.RIDE,
    "swimming": Sport.POOL_SWIM,
    "walking": Sport.WALK,
    "hiking": Sport.HIKE,
    "rowing": Sport.ROW,
    "training": Sport.STRENGTH,
    "fitness_equipment": Sport.OTHER,
    "generic": Sport.OTHER,
}


def find_sport(sport: str, sub_sport: str) -> tuple[Sport, bool]:
    """Ours for a sport and sub-sport, and whether that says all that they said."""
    for ours, theirs in SPORTS.items():
        if theirs == (sport, sub_sport):
            return ours, True
    if named := _OTHER_SUB_SPORTS.get((sport, sub_sport)):
        return named, sub_sport in {"street", "road"}
    return _WHOLE_SPORTS.get(sport, Sport.OTHER), False


#: Theirs are the same words; the seventh, `other`, has none here.
INTENSITIES = {intensity.value: intensity for intensity in Intensity}

#: Their kinds of target that are one of ours. The averaged ones differ in what the device shows.
METRICS: dict[str, tuple[Metric, str]] = {
    "power": (Metric.POWER, ""),
    "power_3s": (Metric.POWER, "power over 3 s"),
    "power_10s": (Metric.POWER, "power over 10 s"),
    "power_30s": (Metric.POWER, "power over 30 s"),
    "power_lap": (Metric.POWER, "the lap's average power"),
    "heart_rate": (Metric.HEART_RATE, ""),
    "heart_rate_lap": (Metric.HEART_RATE, "the lap's average heart rate"),
    "speed": (Metric.SPEED, ""),
    "speed_lap": (Metric.SPEED, "the lap's average speed"),
    "cadence": (Metric.CADENCE, ""),
}

#: Sports in which devices show a speed target as a pace.
PACED = frozenset(
    {
        Sport.RUN,
        Sport.TRAIL_RUN,
        Sport.TRACK_RUN,
        Sport.TREADMILL_RUN,
        Sport.POOL_SWIM,
        Sport.OPEN_WATER_SWIM,
        Sport.WALK,
        Sport.HIKE,
        Sport.ROW,
    }
)
#: The highest zones that a target can name. [Profile: workout_step, target_hr_zone and the others]
HIGHEST_ZONES = {Metric.HEART_RATE: 5, Metric.POWER: 7, Metric.SPEED: 10, Metric.PACE: 10}
#: A power up to 1000 is percent of FTP, above it is watts + 1000; a heart rate up to 100 is percent of
#: the maximum, above it is beats + 100. [Profile: types workout_power and workout_hr]
WATTS_OFFSET, BEATS_OFFSET = 1000, 100
