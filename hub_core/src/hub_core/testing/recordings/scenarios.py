"""What is done for a recording, and again at every replay: the same calls with the same inputs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from hub_core.domain.athlete import Athlete
from hub_core.domain.fidelity import Fidelity
from hub_core.domain.records import Records
from hub_core.domain.sport import Sport
from hub_core.domain.workout import Intensity, PlannedWorkout, Repeat, Step, TimeDuration
from hub_core.errors import HubError
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.exports import CompiledWorkout, ProviderCopy, Receipt
from hub_core.sdk.inbound import Delivery
from hub_core.sdk.manifest import Capabilities, Manifest, Operation
from hub_core.testing.recordings.recording import Inputs

NAMES = ("account", "export", "poll")
#: Nobody's thresholds: a recording must not depend on the person who made it.
ATHLETE = Athlete(ftp_w=250, lthr_bpm=170, max_hr_bpm=190, threshold_speed_mps=4.2, css_mps=1.3, weight_kg=70)
_MOST_INGESTED = 10

#: Calls a hook of the one plugin by name: `await hooks("export_workout", context=..., compiled=...)`.
Hooks = Callable[..., Any]


@dataclass
class Run:
    """One run of a scenario.

    `seen_as` may replace a delivery by one that watches how it is read. `may_remain` is set while the example
    workout stands at the provider.
    """

    manifest: Manifest
    hooks: Hooks
    context: ProviderContext
    inputs: Inputs
    seen_as: Callable[[Delivery], Delivery] = lambda delivery: delivery
    progress: dict[str, str] = field(default_factory=dict)
    may_remain: bool = False

    def can(self, operation: Operation) -> bool:
        """Whether the plugin declares an operation."""
        return operation in self.manifest.capabilities.operations

    async def checkpoint(self, ids: Mapping[str, str]) -> None:
        """Keep what the plugin wants to find again."""
        self.progress = dict(ids)


def applicable_scenarios(manifest: Manifest) -> tuple[str, ...]:
    """The scenarios that a plugin has hooks for."""
    able = manifest.capabilities.operations
    has = {
        "account": manifest.oauth2 is not None or manifest.api_key is not None,
        "export": Operation.EXPORT in able,
        "poll": Operation.POLL in able,
    }
    return tuple(name for name in NAMES if has[name])


def example_workout(able: Capabilities, date: dt.date) -> PlannedWorkout:
    """A few easy steps in a sport that the provider carries, named so that nobody takes it for training."""
    sports = (Sport.RUN, Sport.RIDE, *sorted(able.sports))
    sport = next((sport for sport in sports if sport in able.sports), Sport.RUN)
    work = Step(TimeDuration(120), intensity=Intensity.INTERVAL)
    rest = Step(TimeDuration(60), intensity=Intensity.RECOVERY)
    steps = (
        Step(TimeDuration(600), intensity=Intensity.WARMUP),
        Repeat(3, (work, rest)),
        Step(TimeDuration(300), intensity=Intensity.COOLDOWN),
    )
    pool = 25.0 if sport is Sport.POOL_SWIM else None
    return PlannedWorkout(
        "Hub recording",
        sport,
        steps,
        date=date,
        description="A test of the hub. It is removed again.",
        pool_length_m=pool,
    )


def changed_workout(workout: PlannedWorkout) -> PlannedWorkout:
    """What the example workout is updated to."""
    return msgspec.structs.replace(workout, name=f"{workout.name} 2", steps=workout.steps[:-1])


def texts_sent(hooks: Hooks, workout: PlannedWorkout | None) -> frozenset[str]:
    """All texts of the example workout, ours and as the plugin writes them."""
    texts: set[str] = set()
    for version in (workout, changed_workout(workout)) if workout else ():
        compiled: CompiledWorkout = hooks("compile_workout", workout=version, athlete=ATHLETE)
        _gather(msgspec.to_builtins(version), texts)
        _gather(msgspec.to_builtins(compiled.payload), texts)
    return frozenset(texts)


def _gather(value: Any, texts: set[str]) -> None:
    match value:
        case str():
            texts.add(value)
        case dict():
            for part in value.values():
                _gather(part, texts)
        case list() | tuple():
            for part in value:
                _gather(part, texts)


async def run_scenario(name: str, run: Run) -> dict[str, Any]:
    """Run one scenario, and return what the plugin made of the answers. Raises what the plugin raises."""
    run.context = replace(run.context, reference=run.inputs.reference, checkpoint=run.checkpoint)
    return await {"account": _account, "export": _export, "poll": _poll}[name](run)


async def _account(run: Run) -> dict[str, Any]:
    account = await run.hooks("describe_account", context=run.context)
    return {"is_the_athlete": account.provider_user_id == run.inputs.provider_user_id}


# -- a workout goes out, is looked at, changed and taken away --------------------------------------------


async def _export(run: Run) -> dict[str, Any]:
    workout = run.inputs.workout
    if workout is None:
        raise HubError("the recording has no workout to export")
    compiled = _compile(run, workout)
    run.may_remain = True
    try:
        receipt: Receipt = await run.hooks("export_workout", context=run.context, compiled=compiled)
        run.progress.update(receipt.external_ids)
        facts: dict[str, Any] = {"ids": sorted(receipt.external_ids)}
        facts["exists"] = await _exists(run, receipt)
        if run.can(Operation.FIND):
            facts["found"] = await _is_found(run, compiled, receipt)
        if run.can(Operation.UPDATE):
            changed = _compile(run, changed_workout(workout))
            receipt = await run.hooks(
                "update_workout", context=run.context, compiled=changed, receipt=receipt
            )
            facts["exists_when_updated"] = await _exists(run, receipt)
    except BaseException:
        await _clean_up(run)
        raise
    if run.can(Operation.WITHDRAW):
        await run.hooks("withdraw_workout", context=run.context, receipt=receipt)
        run.may_remain = False
        facts["exists_when_withdrawn"] = await _exists(run, receipt)
    return facts


def _compile(run: Run, workout: PlannedWorkout) -> CompiledWorkout:
    compiled: CompiledWorkout = run.hooks("compile_workout", workout=workout, athlete=ATHLETE)
    if compiled.fidelity.level is Fidelity.UNSUPPORTED:
        raise HubError(f"{run.manifest.name} can't carry the example workout, so nothing was sent")
    return compiled


async def _exists(run: Run, receipt: Receipt) -> bool | None:
    if not run.can(Operation.READ_BACK):
        return None
    copy: ProviderCopy = await run.hooks("read_back_workout", context=run.context, receipt=receipt)
    return copy.exists


async def _is_found(run: Run, compiled: CompiledWorkout, receipt: Receipt) -> bool:
    context = replace(run.context, progress=dict(run.progress), outcome_unknown=True)
    found: Receipt | None = await run.hooks("find_workout", context=context, compiled=compiled)
    return found is not None and found.external_id == receipt.external_id


async def _clean_up(run: Run) -> None:
    """After a failure: don't leave the example workout in somebody's calendar if that can be helped."""
    if run.can(Operation.WITHDRAW) and run.progress:
        with suppress(Exception):
            await run.hooks("withdraw_workout", context=run.context, receipt=Receipt(dict(run.progress)))
            run.may_remain = False


# -- what the last days brought --------------------------------------------------------------------------


async def _poll(run: Run) -> dict[str, Any]:
    deliveries: tuple[Delivery, ...] = await run.hooks(
        "poll_deliveries", context=run.context, window=run.inputs.window
    )
    mine = [one for one in deliveries if one.provider_user_id == run.inputs.provider_user_id]
    facts = {
        "deliveries": len(deliveries),
        "of_the_athlete": len(mine),
        "keys": len({one.key for one in deliveries}),
    }
    if not run.can(Operation.INGEST):
        return facts
    records: list[Records] = [
        await run.hooks("ingest_activity", context=run.context, delivery=run.seen_as(delivery))
        for delivery in deliveries[:_MOST_INGESTED]
    ]
    return facts | {
        "activities": sum(len(one.activities) for one in records),
        "deleted": sum(len(one.deleted) for one in records),
        "revoked": any(one.revoked for one in records),
    }
