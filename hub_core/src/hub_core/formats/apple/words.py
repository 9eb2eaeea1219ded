"""Apple's words and units, and ours. Source: Apple's documentation of HealthKit, and real exports.

Names come in two spellings: that of the XML and of a phone's batch (`HKQuantityTypeIdentifierStepCount`), and
that of Health Auto Export (`step_count`). Exports follow the phone's locale: units are read with the values.
"""

from __future__ import annotations

import re

from hub_core.domain.records import SampleMetric, Stage
from hub_core.domain.sport import Sport

QUANTITY = "HKQuantityTypeIdentifier"
SLEEP = "HKCategoryTypeIdentifierSleepAnalysis"
ACTIVITY = "HKWorkoutActivityType"

#: Theirs: ours. Heart rate is measured every few seconds and says little by itself: it comes with workouts.
_METRICS: dict[str, SampleMetric] = {
    "StepCount": SampleMetric.STEPS,
    "DistanceWalkingRunning": SampleMetric.DISTANCE,
    "ActiveEnergyBurned": SampleMetric.ACTIVE_ENERGY,
    "FlightsClimbed": SampleMetric.FLOORS,
    "RestingHeartRate": SampleMetric.RESTING_HEART_RATE,
    "HeartRateVariabilitySDNN": SampleMetric.HRV_SDNN,
    "BodyMass": SampleMetric.WEIGHT,
    "BodyFatPercentage": SampleMetric.BODY_FAT,
    "OxygenSaturation": SampleMetric.SPO2,
    "RespiratoryRate": SampleMetric.RESPIRATION,
    "VO2Max": SampleMetric.VO2MAX,
}
#: Health Auto Export's. Its `heart_rate_variability` is Apple's, which is SDNN.
_AUTO_EXPORT: dict[str, SampleMetric] = {
    "step_count": SampleMetric.STEPS,
    "walking_running_distance": SampleMetric.DISTANCE,
    "active_energy": SampleMetric.ACTIVE_ENERGY,
    "flights_climbed": SampleMetric.FLOORS,
    "resting_heart_rate": SampleMetric.RESTING_HEART_RATE,
    "heart_rate_variability": SampleMetric.HRV_SDNN,
    "weight_body_mass": SampleMetric.WEIGHT,
    "body_fat_percentage": SampleMetric.BODY_FAT,
    "blood_oxygen_saturation": SampleMetric.SPO2,
    "respiratory_rate": SampleMetric.RESPIRATION,
    "vo2_max": SampleMetric.VO2MAX,
    "vo2max": SampleMetric.VO2MAX,
}
#: Shares that come as 0 to 1 in some places and as percent in others.
SHARES = frozenset({SampleMetric.SPO2, SampleMetric.BODY_FAT})

#: Units as they are written: the factor to ours (m, kcal, kg, s, per minute, m/s, W, ms).
_FACTORS: dict[str, float] = {
    "m": 1.0, "km": 1000.0, "cm": 0.01, "mi": 1609.344, "yd": 0.9144, "ft": 0.3048, "in": 0.0254,
    # A dietary calorie, written with a capital, is a kilocalorie.
    "kcal": 1.0, "cal": 0.001, "Cal": 1.0, "kJ": 1 / 4.184,
    "kg": 1.0, "g": 0.001, "lb": 0.45359237, "st": 6.35029318,
    "s": 1.0, "sec": 1.0, "min": 60.0, "hr": 3600.0, "ms": 1.0,
    "m/s": 1.0, "km/hr": 1 / 3.6, "mi/hr": 0.44704, "W": 1.0,
}  # fmt: skip

_ACTIVITIES: dict[str, Sport] = {
    "running": Sport.RUN,
    "cycling": Sport.RIDE,
    "handcycling": Sport.RIDE,
    "swimming": Sport.POOL_SWIM,
    "walking": Sport.WALK,
    "hiking": Sport.HIKE,
    "rowing": Sport.ROW,
    "traditionalstrengthtraining": Sport.STRENGTH,
    "functionalstrengthtraining": Sport.STRENGTH,
    "coretraining": Sport.STRENGTH,
    "yoga": Sport.YOGA,
}
_STAGES: dict[str, Stage] = {
    "inbed": Stage.IN_BED,
    "asleep": Stage.ASLEEP,
    "asleepunspecified": Stage.ASLEEP,
    "unspecified": Stage.ASLEEP,
    "sleeping": Stage.ASLEEP,
    "awake": Stage.AWAKE,
    "asleepcore": Stage.CORE,
    "core": Stage.CORE,
    "light": Stage.CORE,
    "asleepdeep": Stage.DEEP,
    "deep": Stage.DEEP,
    "asleeprem": Stage.REM,
    "rem": Stage.REM,
}
_QUANTITY = re.compile(r"(-?\d+(?:\.\d+)?) (.+)")


def to_apple_sample(name: str) -> SampleMetric | None:
    """The metric behind a type, in either spelling; None for what the hub doesn't keep."""
    return _METRICS.get(name.removeprefix(QUANTITY)) or _AUTO_EXPORT.get(name)


def to_unit(value: float, unit: str, metric: SampleMetric | None = None) -> float | None:
    """A value in our unit; None for a unit that isn't known. Counts and rates per minute stay as they are."""
    if metric in SHARES:
        return to_percent(value)
    if unit in _FACTORS:
        return value * _FACTORS[unit]
    if unit == "count/s":
        return value * 60
    return value if unit.startswith(("count", "mL/", "ml/", "bpm", "%")) or not unit else None


def to_percent(value: float) -> float:
    """A share in percent, however it was written."""
    return value * 100 if value <= 1 else value


def to_apple_sport(name: str, *, indoor: bool | None = None, swim_location: str = "") -> Sport:
    """Ours for `running`, `Running` or `HKWorkoutActivityTypeRunning`. Where it was done tells the rest:
    Apple has no types for treadmills, trainers and open water."""
    key = re.sub(r"[\W_]", "", name.removeprefix(ACTIVITY)).lower()
    sport = _ACTIVITIES.get(key, Sport.OTHER)
    if sport is Sport.RUN and indoor:
        return Sport.TREADMILL_RUN
    if sport is Sport.RIDE and indoor:
        return Sport.INDOOR_RIDE
    # HKWorkoutSwimmingLocationType: 1 pool, 2 open water.
    if sport is Sport.POOL_SWIM and swim_location in {"2", "openWater", "open_water"}:
        return Sport.OPEN_WATER_SWIM
    return sport


def to_apple_stage(name: str) -> Stage | None:
    """The stage behind a value of a sleep sample, in any of its spellings; None for a new one."""
    key = re.sub(r"[\W_]", "", name.removeprefix("HKCategoryValueSleepAnalysis")).lower()
    return _STAGES.get(key)


def to_quantity(text: str | None) -> float | None:
    """`18350 cm` in our unit; None for what is no quantity."""
    match = _QUANTITY.fullmatch(text or "")
    return to_unit(float(match[1]), match[2]) if match else None


__all__ = [
    "ACTIVITY",
    "QUANTITY",
    "SHARES",
    "SLEEP",
    "to_apple_sample",
    "to_apple_sport",
    "to_apple_stage",
    "to_percent",
    "to_quantity",
    "to_unit",
]
