"""What Garmin's Training API V2 refuses, written from its documentation and not from our export."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from hub_core.sandbox import Refusal

SPORTS = {
    *("RUNNING", "CYCLING", "LAP_SWIMMING", "STRENGTH_TRAINING", "CARDIO_TRAINING"),
    *("GENERIC", "YOGA", "PILATES"),
}
_INTENSITIES = {"REST", "WARMUP", "COOLDOWN", "RECOVERY", "ACTIVE", "INTERVAL", "MAIN"}
_COUNTED = {"TIME", "CALORIES", "REPS", "FIXED_REST", "FIXED_REPETITION"}
_SWIM_DURATIONS = {"FIXED_REPETITION", "REPETITION_SWIM_CSS_OFFSET"}
_LEVELS = {"HR_LESS_THAN", "HR_GREATER_THAN", "POWER_LESS_THAN", "POWER_GREATER_THAN"}
_DURATIONS = {*_COUNTED, *_SWIM_DURATIONS, *_LEVELS, "DISTANCE", "OPEN", "TIME_AT_VALID_CDA"}
_REPEATS = {
    *("REPEAT_UNTIL_STEPS_CMPLT", "REPEAT_UNTIL_TIME", "REPEAT_UNTIL_DISTANCE", "REPEAT_UNTIL_CALORIES"),
    *("REPEAT_UNTIL_HR_LESS_THAN", "REPEAT_UNTIL_HR_GREATER_THAN", "REPEAT_UNTIL_POWER_LESS_THAN"),
    *("REPEAT_UNTIL_POWER_GREATER_THAN", "REPEAT_UNTIL_POWER_LAST_LAP_LESS_THAN"),
    "REPEAT_UNTIL_MAX_POWER_LAST_LAP_LESS_THAN",
}
_TARGETS = {
    *("SPEED", "PACE", "HEART_RATE", "CADENCE", "POWER", "POWER_3S", "POWER_10S", "POWER_30S"),
    *("POWER_LAP", "SPEED_LAP", "HEART_RATE_LAP", "GRADE", "RESISTANCE", "OPEN"),
}
_SWIM_TARGETS = {"SWIM_INSTRUCTION", "SWIM_CSS_OFFSET", "PACE_ZONE"}
_ZONES = {"HEART_RATE": 5, "HEART_RATE_LAP": 5} | dict.fromkeys(
    ("POWER", "POWER_3S", "POWER_10S", "POWER_30S", "POWER_LAP"), 7
)
_SWIM_WORDS = {
    "strokeType": {"BACKSTROKE", "BREASTSTROKE", "BUTTERFLY", "FREESTYLE", "MIXED", "IM", "RIMO", "CHOICE"},
    "drillType": {"KICK", "PULL", "BUTTERFLY"},
    "equipmentType": {
        *("NONE", "SWIM_FINS", "SWIM_KICKBOARD", "SWIM_PADDLES", "SWIM_PULL_BUOY", "SWIM_SNORKEL"),
    },
}
_EXERCISE = {"exerciseCategory", "exerciseName", "weightValue", "weightDisplayUnit"}
_EXERCISE_SPORTS = {"STRENGTH_TRAINING", "CARDIO_TRAINING"}
_TARGET_ENDS = ("Type", "Value", "ValueLow", "ValueHigh", "ValueType")

_WORKOUT_FIELDS = {
    *("workoutId", "ownerId", "workoutName", "description", "sport", "estimatedDurationInSecs"),
    *("estimatedDistanceInMeters", "poolLength", "poolLengthUnit", "workoutProvider", "workoutSourceId"),
    *("isSessionTransitionEnabled", "segments", "createdDate", "updatedDate"),
}
_SEGMENT_FIELDS = {
    *("segmentOrder", "sport", "poolLength", "poolLengthUnit", "estimatedDurationInSecs"),
    *("estimatedDistanceInMeters", "steps"),
}
_REPEAT_FIELDS = {"type", "stepId", "stepOrder", "repeatType", "repeatValue", "steps", "skipLastRestStep"}
_STEP_FIELDS = {
    *("type", "stepId", "stepOrder", "intensity", "description", "durationType", "durationValue"),
    *("durationValueType", *_SWIM_WORDS, *_EXERCISE),
    *(f"{prefix}{end}" for prefix in ("target", "secondaryTarget") for end in _TARGET_ENDS),
}


def refuse(place: str, problem: str) -> Refusal:
    """A 400 that names the place."""
    return Refusal(400, f"{place}: {problem}")


def check_workout(workout: Any) -> None:
    """Raise the 400 that Garmin would answer to this workout."""
    _check_fields(workout, "workout", _WORKOUT_FIELDS)
    if not isinstance(workout.get("workoutName"), str) or not workout["workoutName"].strip():
        raise refuse("workoutName", "is required")
    _check_text(workout, "description", 1024)
    _check_text(workout, "workoutProvider", 20)
    _check_text(workout, "workoutSourceId", 20)
    sport, is_multi = workout.get("sport"), workout.get("sport") == "MULTI_SPORT"
    if not is_multi:
        _check_word(sport, SPORTS, "sport")
    if workout.get("isSessionTransitionEnabled") not in {None, False} and not is_multi:
        raise refuse("isSessionTransitionEnabled", "is for MULTI_SPORT only")
    segments = workout.get("segments")
    if not isinstance(segments, list) or not 1 <= len(segments) <= (25 if is_multi else 1):
        raise refuse("segments", "must be exactly 1, or up to 25 for MULTI_SPORT")
    for index, segment in enumerate(segments):
        _check_segment(segment, f"segments[{index}]", index + 1, None if is_multi else sport)
    _check_pool(workout, "workout")
    _check_orders(segments, 250 if is_multi else 100)


def _check_segment(segment: Any, place: str, order: int, sport: str | None) -> None:
    _check_fields(segment, place, _SEGMENT_FIELDS)
    _check_word(segment.get("sport"), {sport} if sport else SPORTS, f"{place}.sport")
    if segment.get("segmentOrder") != order:
        raise refuse(f"{place}.segmentOrder", f"must be {order}")
    _check_pool(segment, place)
    _check_steps(segment.get("steps"), f"{place}.steps", segment["sport"], is_repeated=False)


def _check_pool(holder: dict[str, Any], place: str) -> None:
    length, unit = _values(holder, "poolLength", "poolLengthUnit")
    if length is None and unit is None:
        return
    if holder["sport"] not in {"LAP_SWIMMING", "MULTI_SPORT"}:
        raise refuse(f"{place}.poolLength", "is for LAP_SWIMMING only")
    if not is_number(length) or length <= 0 or unit not in {"METER", "YARD"}:
        raise refuse(f"{place}.poolLength", "must be positive, with poolLengthUnit METER or YARD")


def _check_orders(segments: list[dict[str, Any]], longest: int) -> None:
    """Depth first from 1, over all segments; repeats count as steps too."""
    orders = [node.get("stepOrder") for segment in segments for node in _every_step(segment["steps"])]
    if len(orders) > longest:
        raise refuse("segments", f"at most {longest} steps")
    if orders != list(range(1, len(orders) + 1)):
        raise refuse("stepOrder", "must count from 1, depth first, without gaps")


def _every_step(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in steps:
        yield step
        yield from _every_step(step.get("steps") or [])


def _check_steps(steps: Any, place: str, sport: str, *, is_repeated: bool) -> None:
    if not isinstance(steps, list) or not steps:
        raise refuse(place, "must hold at least one step")
    for index, step in enumerate(steps):
        here = f"{place}[{index}]"
        if not isinstance(step, dict) or step.get("type") not in {"WorkoutStep", "WorkoutRepeatStep"}:
            raise refuse(f"{here}.type", "must be WorkoutStep or WorkoutRepeatStep")
        if step["type"] == "WorkoutStep":
            _check_step(step, here, sport)
        elif is_repeated:
            raise refuse(here, "a repeat inside a repeat")
        else:
            _check_repeat(step, here, sport)


def _check_repeat(repeat: dict[str, Any], place: str, sport: str) -> None:
    _check_fields(repeat, place, _REPEAT_FIELDS)
    _check_word(repeat.get("repeatType"), _REPEATS, f"{place}.repeatType")
    [value] = _values(repeat, "repeatValue")
    if not is_integer(value) or value < 1:
        raise refuse(f"{place}.repeatValue", "must be a positive integer")
    if repeat.get("skipLastRestStep") not in {None, True, False}:
        raise refuse(f"{place}.skipLastRestStep", "must be a boolean")
    _check_steps(repeat.get("steps"), f"{place}.steps", sport, is_repeated=True)


def _check_step(step: dict[str, Any], place: str, sport: str) -> None:
    _check_fields(step, place, _STEP_FIELDS)
    is_swim = sport == "LAP_SWIMMING"
    _check_word(step.get("intensity"), _INTENSITIES, f"{place}.intensity")
    if step["intensity"] == "MAIN" and not is_swim:
        raise refuse(f"{place}.intensity", "MAIN is for LAP_SWIMMING only")
    _check_text(step, "description", 512, place)
    _check_duration(step, place, sport)
    _check_target(step, place, sport)
    _check_secondary(step, place, sport)
    for name, words in _SWIM_WORDS.items():
        if step.get(name) is not None:
            _check_word(step[name], words if is_swim else (), f"{place}.{name}")
    if sport not in _EXERCISE_SPORTS and any(step.get(name) is not None for name in _EXERCISE):
        raise refuse(place, "exercises are for STRENGTH_TRAINING and CARDIO_TRAINING only")


def _check_duration(step: dict[str, Any], place: str, sport: str) -> None:
    kind, value, unit = _values(step, "durationType", "durationValue", "durationValueType")
    _check_word(kind, _DURATIONS, f"{place}.durationType")
    if kind in _SWIM_DURATIONS and sport != "LAP_SWIMMING":
        raise refuse(f"{place}.durationType", f"{kind} is for LAP_SWIMMING only")
    if kind == "REPS" and sport not in _EXERCISE_SPORTS:
        raise refuse(f"{place}.durationType", "REPS is for STRENGTH_TRAINING and CARDIO_TRAINING only")
    if kind == "OPEN":
        if value is not None or unit is not None:
            raise refuse(f"{place}.durationValue", "must be null for OPEN")
        return
    if kind in _COUNTED and not is_integer(value):
        raise refuse(f"{place}.durationValue", f"must be an integer for {kind}")
    if not is_number(value) or (value <= 0 and kind != "REPETITION_SWIM_CSS_OFFSET"):
        raise refuse(f"{place}.durationValue", "must be a positive number")
    if kind == "REPETITION_SWIM_CSS_OFFSET" and not -60 <= value <= 60:
        raise refuse(f"{place}.durationValue", "must be -60 to 60")
    units = {"METER"} if kind == "DISTANCE" else {None, "PERCENT"} if kind in _LEVELS else {None}
    _check_word(unit, units, f"{place}.durationValueType")


def _check_target(step: dict[str, Any], place: str, sport: str) -> None:
    kind = step.get("targetType")
    if sport == "LAP_SWIMMING":
        if kind is not None:
            raise refuse(f"{place}.targetType", "must be null for LAP_SWIMMING")
    else:
        _check_word(kind, _TARGETS, f"{place}.targetType")
    _check_target_values(step, "target", place)


def _check_secondary(step: dict[str, Any], place: str, sport: str) -> None:
    kind = step.get("secondaryTargetType")
    if kind is not None:
        if sport not in {"CYCLING", "LAP_SWIMMING"}:
            raise refuse(f"{place}.secondaryTargetType", f"is not for {sport}")
        known = _TARGETS | _SWIM_TARGETS if sport == "LAP_SWIMMING" else _TARGETS
        _check_word(kind, known, f"{place}.secondaryTargetType")
    _check_target_values(step, "secondaryTarget", place)


def _check_target_values(step: dict[str, Any], prefix: str, place: str) -> None:
    """A zone number, or low and high; none for OPEN and no target; never both."""
    kind, zone, low, high, unit = _values(step, *(f"{prefix}{end}" for end in _TARGET_ENDS))
    here = f"{place}.{prefix}Value"
    if kind in {None, "OPEN"}:
        if (zone, low, high, unit) != (None,) * 4:
            raise refuse(here, "must be null without a target")
        return
    if zone is not None:
        if low is not None or high is not None:
            raise refuse(here, "either a value, or low and high")
        if not is_integer(zone) or not 1 <= zone <= _ZONES.get(kind, 1_000):
            raise refuse(here, f"is no zone of {kind}")
        return
    if not is_number(low) or not is_number(high) or low < 0:
        raise refuse(here, "low and high are required, as numbers")
    if low > high:
        raise refuse(here, "low is above high")
    _check_word(unit, {None, "PERCENT"}, f"{here}Type")


def is_integer(value: Any) -> bool:
    """A JSON integer; strings and booleans are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    """A JSON number."""
    return is_integer(value) or isinstance(value, float)


def _values(holder: dict[str, Any], *names: str) -> list[Any]:
    return [holder.get(name) for name in names]


def _check_fields(thing: Any, place: str, known: Collection[str]) -> None:
    if not isinstance(thing, dict):
        raise refuse(place, "must be an object")
    for name in thing:
        if name not in known:
            raise refuse(place, f"unknown field {name}")


def _check_text(holder: dict[str, Any], name: str, longest: int, place: str = "workout") -> None:
    value = holder.get(name)
    if value is not None and (not isinstance(value, str) or len(value) > longest):
        raise refuse(f"{place}.{name}", f"must be a string of at most {longest} characters")


def _check_word(value: Any, known: Collection[str | None], place: str) -> None:
    if not isinstance(value, str | None) or value not in known:
        raise refuse(place, f"unknown value {value!r}")
