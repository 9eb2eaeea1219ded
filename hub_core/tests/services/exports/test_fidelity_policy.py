"""What an athlete's or a platform's policy lets out, at real plugins and on both databases."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.policy import FidelityPolicy
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    CadenceRange,
    Metric,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Step,
    TimeDuration,
)
from hub_core.services.athletes.save_athlete import change_athlete, load_athlete
from hub_core.services.exports.fidelity_policy import change_platform, policy_of
from hub_core.services.exports.preflight_workout import preflight_for_athlete
from hub_core.services.exports.retry_export import ExportView
from hub_core.services.workouts.save_workout import save_workout

on_both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

STRICT, ACCEPT, EFFORT = FidelityPolicy
#: Wahoo shows the first target only: the cadence is degraded.
CADENCE = Step(TimeDuration(600), RangeTarget(Metric.POWER, 200, 220), CadenceRange(80, 90))
#: Nobody can tell how many watts these are without an FTP.
SHARE = Step(TimeDuration(600), PercentTarget(Metric.POWER, 88, 93, Reference.FTP))
PLAIN = Step(TimeDuration(300), RangeTarget(Metric.POWER, 150, 160))


async def set_athlete(scene: Any, **fields: Any) -> None:
    platform = scene.athlete.platform_id
    await change_athlete(scene.hub, platform, scene.athlete.id, **fields)
    scene.athlete = await load_athlete(platform, scene.athlete.id)


async def sent(scene: Any, plan: PlannedWorkout, *steps: Step, provider: str = "wahoo") -> ExportView:
    """What becomes of a ride with these steps."""
    await scene.connect(provider)
    await save_workout(scene.hub, scene.athlete, msgspec.structs.replace(plan, steps=steps))
    await scene.run_all()
    return await scene.export()


def writes(scene: Any) -> int:
    """Calls that changed something at Wahoo, where the poll looks as well."""
    return sum(entry.method != "GET" for entry in scene.sandboxes["wahoo"].sandbox.journal)


async def test_the_default_accepts_what_is_degraded(scene, plan) -> None:
    assert await policy_of(scene.athlete) is ACCEPT
    export = await sent(scene, plan, CADENCE)
    assert (export.status, export.reason, export.fidelity.level) == ("SENT", "Sent to Wahoo.", "degraded")


async def test_strict_stops_any_loss_without_a_call_and_keeps_the_report(scene, plan) -> None:
    await set_athlete(scene, fidelity_policy=STRICT)
    await scene.connect("wahoo")
    before = writes(scene)
    await save_workout(scene.hub, scene.athlete, msgspec.structs.replace(plan, steps=(PLAIN, CADENCE)))
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.reason_code) == ("FAILED", "stopped_by_policy")
    assert export.reason.startswith("Stopped by the policy strict: steps[1]: ELEMNT bike computers")
    assert export.fidelity.level == "degraded"
    assert writes(scene) == before


async def test_strict_lets_out_what_is_exact(scene, plan) -> None:
    await set_athlete(scene, fidelity_policy=STRICT)
    export = await sent(scene, msgspec.structs.replace(plan, description=""), PLAIN)
    assert (export.status, export.fidelity.level) == ("SENT", "exact")


@pytest.mark.parametrize("provider", ["garmin", "wahoo", "intervals"])
async def test_best_effort_leaves_a_target_out_and_says_so(scene, plan, provider: str) -> None:
    await set_athlete(scene, thresholds=Thresholds(), fidelity_policy=EFFORT)
    unknown = SHARE if provider != "intervals" else beats()
    export = await sent(scene, plan, PLAIN, unknown, provider=provider)
    assert export.status == "SENT"
    assert "Left out by the policy best_effort: steps[1]: " in export.reason
    assert export.fidelity.level == "unsupported"
    assert export.verification.state == "same"  # the copy has no target either, as was meant
    assert scene.titles(provider) == [plan.name]


def beats() -> Step:
    """At intervals.icu beats are percent of a threshold."""
    return Step(TimeDuration(600), RangeTarget(Metric.HEART_RATE, 140, 150))


async def test_what_can_t_be_carried_stops_by_default_and_the_way_out_is_told(scene, plan) -> None:
    await set_athlete(scene, thresholds=Thresholds())
    export = await sent(scene, plan, SHARE, provider="garmin")
    assert (export.status, export.reason_code) == ("FAILED", "unsupported")
    assert export.reason.endswith("; the policy best_effort would send it without")


async def test_a_sport_that_isn_t_there_never_goes(scene, plan) -> None:
    await set_athlete(scene, fidelity_policy=EFFORT)
    swim = msgspec.structs.replace(plan, sport=Sport.POOL_SWIM)
    export = await sent(scene, swim, Step(TimeDuration(600)))
    assert (export.status, export.reason_code) == ("FAILED", "unsupported")
    assert "best_effort would" not in export.reason


async def test_too_many_steps_never_go(scene, plan) -> None:
    await set_athlete(scene, fidelity_policy=EFFORT)
    export = await sent(scene, plan, *([PLAIN, SHARE] * 60), provider="garmin")
    assert (export.status, export.reason_code) == ("FAILED", "unsupported")


async def test_the_platform_s_policy_holds_for_athletes_without_their_own(scene, plan) -> None:
    platform = scene.athlete.platform_id
    assert (await change_platform(scene.hub, platform, STRICT)).fidelity_policy is STRICT
    assert await policy_of(scene.athlete) is STRICT
    await set_athlete(scene, fidelity_policy=ACCEPT)
    assert await policy_of(scene.athlete) is ACCEPT
    await set_athlete(scene, name="Anna")
    assert await policy_of(scene.athlete) is ACCEPT
    await set_athlete(scene, fidelity_policy=None)
    assert (await sent(scene, plan, CADENCE)).reason_code == "stopped_by_policy"


@on_both
async def test_what_was_stopped_goes_out_under_another_policy(scene, plan) -> None:
    await set_athlete(scene, fidelity_policy=STRICT)
    assert (await sent(scene, plan, CADENCE)).status == "FAILED"
    await set_athlete(scene, fidelity_policy=None)
    await scene.run_all()
    assert (await scene.export()).status == "SENT"


async def test_preflight_tells_what_the_policy_would_do(scene, plan) -> None:
    ride = msgspec.structs.replace(plan, steps=(CADENCE,))
    garmin, wahoo = await preflight_for_athlete(scene.hub, scene.athlete, ride, ("garmin", "wahoo"))
    assert (garmin.policy, garmin.stopped, wahoo.stopped) == (ACCEPT, "", "")
    await set_athlete(scene, fidelity_policy=STRICT)
    garmin, wahoo = await preflight_for_athlete(scene.hub, scene.athlete, ride, ("garmin", "wahoo"))
    assert (garmin.policy, garmin.stopped) == (STRICT, "")
    assert wahoo.stopped.startswith("would be stopped by your policy strict: steps[0]: ")
