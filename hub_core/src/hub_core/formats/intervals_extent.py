"""How long a step is, and the pool, in intervals.icu's workout text. [Workout Builder Syntax Quick Guide]"""

from __future__ import annotations

from decimal import Decimal

from hub_core.domain.describe import describe_seconds
from hub_core.domain.fidelity import Loss
from hub_core.domain.sport import Sport
from hub_core.domain.timing import OPEN_STEP_S
from hub_core.domain.workout import DistanceDuration, Duration, PlannedWorkout, TimeDuration
from hub_core.formats._report import degraded, noted


def write_extent(duration: Duration) -> tuple[str, tuple[Loss, ...]]:
    """`1h2m30s`, `400mtr`, `1.5km`; a step that ends with the lap button still needs a length."""
    match duration:
        case TimeDuration(duration_s=seconds):
            return _write_time(seconds)
        case DistanceDuration(distance_m=metres):
            return _write_distance(metres), ()
    said = f"until lap, counted as {describe_seconds(OPEN_STEP_S)} in the planned total"
    return _write_time(OPEN_STEP_S)[0], (noted("duration", "a lap step needs a placeholder length", said),)


def _write_time(seconds: float) -> tuple[str, tuple[Loss, ...]]:
    """Hours, minutes and seconds, and no others. `sec`, `min` and the like void the workout."""
    whole = max(1, round(seconds))
    losses: tuple[Loss, ...] = ()
    if whole != seconds:
        said = describe_seconds(whole)
        losses = (degraded("duration", "times are in whole seconds", said, f"use {said}"),)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    text = (f"{hours}h" if hours else "") + (f"{minutes}m" if minutes else "") + (f"{rest}s" if rest else "")
    return text, losses


def _write_distance(metres: float) -> str:
    """Never `400m`, which is 400 minutes, and the server doesn't warn."""
    exact = Decimal(repr(metres))
    if metres >= 1000 and exact == exact.to_integral_value():
        return f"{_plain(exact / 1000)}km"
    return f"{_plain(exact)}mtr"


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def write_pool(workout: PlannedWorkout) -> tuple[str, tuple[Loss, ...]]:
    """`pool length: 25m`, a line of its own; empty without a pool that the text can name."""
    length = workout.pool_length_m
    if length is None:
        return "", ()
    if workout.sport is Sport.POOL_SWIM and length == round(length):
        return f"pool length: {round(length)}m", ()
    reason = "intervals.icu takes a pool length for pool swims, in whole metres"
    return "", (degraded("pool_length", reason, "left out", "use a pool in whole metres"),)
