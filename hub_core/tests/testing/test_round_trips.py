"""What a report calls exact and isn't, is caught."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from hub_core.domain.fidelity import Fidelity, FidelityReport, StepFidelity
from hub_core.domain.outline import place_steps
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    Intensity,
    Metric,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Repeat,
    Step,
    TimeDuration,
)
from hub_core.sdk.exports import CompiledWorkout
from hub_core.testing.round_trips import expect_exact_steps_kept
from hub_core.testing.strategies import KNOWN_ATHLETE

SHARE = PercentTarget(Metric.POWER, 80, 90, Reference.FTP)
PLAN = PlannedWorkout(
    "Ride",
    Sport.RIDE,
    (Step(TimeDuration(60)), Repeat(2, (Step(TimeDuration(90), SHARE, intensity=Intensity.RECOVERY),))),
    dt.date(2031, 4, 7),
)
LEVELS = {"steps[0]": Fidelity.EXACT, "steps[1]": Fidelity.EXACT, "steps[1].repeat[0]": Fidelity.EXACT}


def compiled(meant: PlannedWorkout = PLAN, **levels: Fidelity) -> CompiledWorkout:
    named = LEVELS | {path.replace("_", "s[", 1) + "]": level for path, level in levels.items()}
    steps = tuple(StepFidelity(path, "", level) for path, level in named.items())
    report = FidelityReport("fake", Fidelity.EXACT, steps)
    return CompiledWorkout({}, report, dt.date(2031, 4, 7), meant=place_steps(meant.steps))


def with_first(step: Step) -> PlannedWorkout:
    return msgspec.structs.replace(PLAN, steps=(step, PLAN.steps[1]))


def test_what_is_kept_in_other_words_is_kept() -> None:
    watts = RangeTarget(Metric.POWER, 200, 225)
    easy = Step(TimeDuration(90), watts, intensity=Intensity.RECOVERY)
    expect_exact_steps_kept(PLAN, KNOWN_ATHLETE, compiled(), PLAN)
    held = msgspec.structs.replace(PLAN, steps=(PLAN.steps[0], easy, easy))
    expect_exact_steps_kept(PLAN, KNOWN_ATHLETE, compiled(), held)


def test_an_exact_step_that_is_held_otherwise_is_caught() -> None:
    longer = with_first(Step(TimeDuration(120)))
    with pytest.raises(AssertionError, match=r"reported as exact: steps\[0\]: the duration"):
        expect_exact_steps_kept(PLAN, KNOWN_ATHLETE, compiled(longer), longer)
    expect_exact_steps_kept(PLAN, KNOWN_ATHLETE, compiled(longer, step_0=Fidelity.DEGRADED), longer)


def test_a_step_that_is_not_held_is_caught() -> None:
    held = msgspec.structs.replace(PLAN, steps=PLAN.steps[1:])
    with pytest.raises(AssertionError, match="3 steps are meant, and 2 are held"):
        expect_exact_steps_kept(PLAN, KNOWN_ATHLETE, compiled(), held)


def test_an_exact_step_that_was_never_meant_is_caught() -> None:
    meant = msgspec.structs.replace(PLAN, steps=PLAN.steps[:1])
    with pytest.raises(AssertionError, match="not those of the plan"):
        expect_exact_steps_kept(PLAN, KNOWN_ATHLETE, compiled(meant), meant)


def test_what_a_step_is_for_may_be_left_out() -> None:
    work = Repeat(2, (Step(TimeDuration(90), SHARE),))
    held = msgspec.structs.replace(PLAN, steps=(PLAN.steps[0], work))
    with pytest.raises(AssertionError, match="the intensity"):
        expect_exact_steps_kept(PLAN, KNOWN_ATHLETE, compiled(), held)
    expect_exact_steps_kept(PLAN, KNOWN_ATHLETE, compiled(), held, tells_intensity=False)
