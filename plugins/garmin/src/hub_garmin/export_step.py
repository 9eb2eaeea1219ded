"""How one of our steps becomes one or more of Garmin's, and what is lost of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from hub_core.sdk import (
    Athlete,
    CadenceRange,
    DistanceDuration,
    Duration,
    Intensity,
    Loss,
    RangeTarget,
    Sport,
    Step,
    TimeDuration,
)
from hub_garmin.export_parts import Part, to_parts, to_whole_seconds
from hub_garmin.export_target import TARGETS, to_aim, to_cadence
from hub_garmin.export_text import cut_text, join_texts
from hub_garmin.manifest import STEP_TEXT_LENGTH

#: What a step is for, ours on the left. In a pool swim the work is called MAIN.
INTENSITIES: Final = {
    Intensity.ACTIVE: "ACTIVE",
    Intensity.INTERVAL: "INTERVAL",
    Intensity.RECOVERY: "RECOVERY",
    Intensity.REST: "REST",
    Intensity.WARMUP: "WARMUP",
    Intensity.COOLDOWN: "COOLDOWN",
}
POOL_INTENSITIES: Final = INTENSITIES | {Intensity.ACTIVE: "MAIN", Intensity.INTERVAL: "MAIN"}

#: Unused fields are sent as null, as clients in production do.
_NO_EXTRAS: Final[dict[str, Any]] = {
    "strokeType": None,  # our steps don't say which stroke; FREESTYLE would be made up
    "drillType": None,
    "equipmentType": None,
    "exerciseCategory": None,
    "exerciseName": None,
    "weightValue": None,
    "weightDisplayUnit": None,
}


@dataclass(frozen=True)
class StepExport:
    """Garmin's steps for one of ours, without `stepOrder`; the same in our terms; and the losses."""

    steps: tuple[dict[str, Any], ...]
    meant: tuple[Step, ...]
    losses: tuple[Loss, ...]


def to_garmin_steps(step: Step, sport: Sport, athlete: Athlete) -> StepExport:
    """One step of ours in Garmin's words."""
    duration, duration_losses = to_whole_seconds(step.duration)
    target, words, target_losses = to_aim(step, sport, athlete)
    cadence, cadence_losses = to_cadence(step)
    parts, ramp_losses = to_parts(duration, target, sport)
    intensity = (POOL_INTENSITIES if sport is Sport.POOL_SWIM else INTENSITIES)[step.intensity]
    steps: list[dict[str, Any]] = []
    meant: list[Step] = []
    text_losses: tuple[Loss, ...] = ()
    for number, part in enumerate(parts, 1):
        ramp = f"ramp {number}/{len(parts)}" if len(parts) > 1 else ""
        text = join_texts(step.name, ramp, words, step.notes)
        text, text_losses = cut_text(text, STEP_TEXT_LENGTH, "notes")
        steps.append(
            {
                "intensity": intensity,
                "description": text or None,
                **_duration_fields(
                    part.duration, is_pool_rest=sport is Sport.POOL_SWIM and intensity == "REST"
                ),
                **_target_fields(part.target, cadence, is_pool=sport is Sport.POOL_SWIM),
                **_NO_EXTRAS,
            }
        )
        meant.append(_to_meant(step, part, cadence))
    losses = (*duration_losses, *target_losses, *cadence_losses, *ramp_losses, *text_losses)
    return StepExport(tuple(steps), tuple(meant), losses)


def _to_meant(step: Step, part: Part, cadence: RangeTarget | None) -> Step:
    """What Garmin's step says, in our terms."""
    turns = CadenceRange(cadence.low, cadence.high) if cadence else None
    return msgspec.structs.replace(step, duration=part.duration, target=part.target, cadence=turns)


def _duration_fields(duration: Duration, *, is_pool_rest: bool) -> dict[str, Any]:
    match duration:
        case TimeDuration(duration_s=seconds):
            # FIXED_REST is the pool's rest against the clock. One client uses it for timed rests of all
            # sports; TIME says the same there and is known to every device.
            kind, value, unit = "FIXED_REST" if is_pool_rest else "TIME", int(seconds), None
            return {"durationType": kind, "durationValue": value, "durationValueType": unit}
        case DistanceDuration(distance_m=metres):
            return {
                "durationType": "DISTANCE",
                "durationValue": _number(metres),
                "durationValueType": "METER",  # without it the number has no unit
            }
    # The lap button is OPEN: there is no LAP_BUTTON in V2.
    return {"durationType": "OPEN", "durationValue": None, "durationValueType": None}


def _target_fields(
    target: RangeTarget | None, cadence: RangeTarget | None, *, is_pool: bool
) -> dict[str, Any]:
    """Main and second target. A cadence alone is the main one, which every device shows."""
    main, second = (cadence, None) if target is None else (target, cadence)
    kind = TARGETS[main.metric] if main else (None if is_pool else "OPEN")
    return {
        "targetType": kind,
        **_range_fields("targetValue", main),
        "secondaryTargetType": TARGETS[second.metric] if second else None,
        **_range_fields("secondaryTargetValue", second),
    }


def _range_fields(prefix: str, target: RangeTarget | None) -> dict[str, Any]:
    """Bounds without a zone number: never both [Training API V2, targets]. Low is the slower one."""
    return {
        prefix: None,
        f"{prefix}Low": _number(target.low) if target else None,
        f"{prefix}High": _number(target.high) if target else None,
        f"{prefix}Type": None,
    }


def _number(value: float) -> int | float:
    """Whole numbers without a fraction, as JSON integers."""
    return int(value) if float(value).is_integer() else value
