"""One step at a time: goals, the one alert, ramps, names."""

from __future__ import annotations

from typing import Any

import pytest

from hub_core.sdk import (
    CadenceRange,
    DistanceDuration,
    Duration,
    Fidelity,
    Intensity,
    Metric,
    OpenDuration,
    PercentTarget,
    RangeTarget,
    Reference,
    Sport,
    Step,
    TimeDuration,
)
from hub_core.testing.strategies import KNOWN_ATHLETE
from hub_healthkit.export_steps import SentStep, Slot, to_steps

TEN_MINUTES = TimeDuration(600)
WATTS = RangeTarget(Metric.POWER, 200, 220)


def sent(step: Step, sport: Sport = Sport.RIDE, slot: Slot = "block") -> SentStep:
    return to_steps(step, slot, sport, KNOWN_ATHLETE)


def one(step: Step, sport: Sport = Sport.RIDE, slot: Slot = "block") -> dict[str, Any]:
    (only,) = sent(step, sport, slot).steps
    return only


def lost(step: Step, sport: Sport = Sport.RIDE, slot: Slot = "block") -> list[tuple[str, str, str]]:
    return [(loss.feature, loss.level.value, loss.becomes) for loss in sent(step, sport, slot).losses]


@pytest.mark.parametrize(
    ("duration", "goal"),
    [
        (TEN_MINUTES, {"kind": "time", "value": 600, "unit": "s"}),
        (TimeDuration(12.5), {"kind": "time", "value": 12.5, "unit": "s"}),
        (DistanceDuration(400), {"kind": "distance", "value": 400, "unit": "m"}),
        (OpenDuration(), {"kind": "open"}),
    ],
)
def test_every_duration_has_its_goal(duration: Duration, goal: dict[str, Any]) -> None:
    assert one(Step(duration)) == {"purpose": "work", "goal": goal}
    assert sent(Step(duration)).losses == ()


@pytest.mark.parametrize("sport", [Sport.STRENGTH, Sport.YOGA, Sport.OTHER])
def test_a_distance_that_nobody_measures_is_an_open_step_that_says_it(sport: Sport) -> None:
    step = Step(DistanceDuration(400), name="Carry")
    assert one(step, sport) == {"purpose": "work", "goal": {"kind": "open"}, "displayName": "Carry · 400 m"}
    assert lost(step, sport) == [("duration", "degraded", "an open step, and 400 m in its name")]


@pytest.mark.parametrize(
    ("intensity", "purpose", "name"),
    [
        (Intensity.ACTIVE, "work", None),
        (Intensity.INTERVAL, "work", None),
        (Intensity.RECOVERY, "recovery", None),
        (Intensity.REST, "recovery", "Rest"),
        (Intensity.WARMUP, "work", "Warm-up"),
        (Intensity.COOLDOWN, "recovery", "Cool-down"),
    ],
)
def test_what_a_step_of_a_block_is_for(intensity: Intensity, purpose: str, name: str | None) -> None:
    step = one(Step(TEN_MINUTES, intensity=intensity))
    assert (step["purpose"], step.get("displayName")) == (purpose, name)
    assert one(Step(TEN_MINUTES, intensity=intensity, name="Own"))["displayName"] == "Own"


@pytest.mark.parametrize("slot", ["warmup", "cooldown"])
def test_a_step_in_a_slot_of_its_own_has_no_purpose(slot: Slot) -> None:
    step = Step(TEN_MINUTES, intensity=Intensity(slot))
    assert one(step, slot=slot) == {"goal": {"kind": "time", "value": 600, "unit": "s"}}
    assert lost(step, slot=slot) == []


def test_a_cadence_beside_a_target_goes_into_the_name() -> None:
    step = Step(TEN_MINUTES, WATTS, CadenceRange(85, 95), name="Spin")
    assert one(step)["alert"]["kind"] == "powerRange"
    assert one(step)["displayName"] == "Spin · 85–95 rpm"
    assert lost(step) == [("cadence", "degraded", "words in the step's name: 85–95 rpm")]


def test_a_cadence_takes_the_alert_that_nothing_else_needs() -> None:
    assert one(Step(TEN_MINUTES, cadence=CadenceRange(85, 95)))["alert"]["kind"] == "cadenceRange"
    effort = Step(TEN_MINUTES, RangeTarget(Metric.RPE, 7, 8), CadenceRange(85, 95))
    assert (one(effort)["alert"]["kind"], one(effort)["displayName"]) == ("cadenceRange", "RPE 7–8")
    assert [feature for feature, *_ in lost(effort)] == ["target"]


def test_a_ramp_in_a_block_becomes_steps_with_the_same_total() -> None:
    ramp = PercentTarget(Metric.POWER, 40, 80, Reference.FTP, "up")  # 100 to 200 W
    result = sent(Step(TimeDuration(601), ramp, name="Build"))
    assert [step["goal"]["value"] for step in result.steps] == [150, 150, 150, 151]
    assert [(step["alert"]["low"], step["alert"]["high"]) for step in result.steps] == [
        (100, 125),
        (125, 150),
        (150, 175),
        (175, 200),
    ]
    assert [step["displayName"] for step in result.steps] == [f"Build {n}/4" for n in range(1, 5)]
    ramps = [loss for loss in result.losses if loss.feature == "ramp"]
    assert [loss.level for loss in ramps] == [Fidelity.DEGRADED]
    assert ramps[0].becomes.startswith("4 steps: 2:30 min at 100–125 W, ")
    assert ramps[0].suggestion == "plan the ramp as steps"


def test_a_ramp_down_begins_at_the_top() -> None:
    ramp = RangeTarget(Metric.POWER, 100, 200, "down")
    assert [step["alert"]["low"] for step in sent(Step(TEN_MINUTES, ramp)).steps] == [175, 150, 125, 100]


@pytest.mark.parametrize(
    ("step", "slot"),
    [
        (Step(TEN_MINUTES, RangeTarget(Metric.POWER, 100, 200, "up")), "warmup"),
        (Step(OpenDuration(), RangeTarget(Metric.POWER, 100, 200, "up")), "block"),
        (Step(TimeDuration(15), RangeTarget(Metric.POWER, 100, 200, "up")), "block"),
        (Step(DistanceDuration(80), RangeTarget(Metric.POWER, 100, 200, "up")), "block"),
    ],
)
def test_where_there_is_room_for_one_step_a_ramp_is_its_whole_range(step: Step, slot: Slot) -> None:
    assert (one(step, slot=slot)["alert"]["low"], one(step, slot=slot)["alert"]["high"]) == (100, 200)
    assert lost(step, slot=slot) == [("ramp", "degraded", "steady 100–200 W")]


def test_a_ramp_of_a_beat_is_no_ramp_worth_splitting() -> None:
    step = Step(TEN_MINUTES, RangeTarget(Metric.HEART_RATE, 140, 141, "up"))
    assert one(step)["alert"]["high"] == 141


def test_a_ramp_to_where_it_began_is_one_value() -> None:
    step = Step(TEN_MINUTES, RangeTarget(Metric.POWER, 200, 200, "up"))
    assert [feature for feature, *_ in lost(step)] == ["target"]


def test_words_stand_behind_the_name_and_alone_without_one() -> None:
    effort = RangeTarget(Metric.RPE, 8, 8)
    assert one(Step(TEN_MINUTES, effort, name="Hill"))["displayName"] == "Hill · RPE 8"
    assert one(Step(TEN_MINUTES, effort))["displayName"] == "RPE 8"
