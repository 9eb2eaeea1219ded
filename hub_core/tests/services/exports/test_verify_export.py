"""What the provider holds is looked at after every export, at each provider and on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from hub_core.domain.workout import Metric, PlannedWorkout, RangeTarget, Step, TimeDuration
from hub_core.pipeline.run_job import run_job
from hub_core.sandbox.faults import FaultKind
from hub_core.services.exports.retry_export import ExportView, retry_export
from hub_core.services.workouts.save_workout import change_workout, delete_workout, save_workout
from hub_core.storage import jobs

on_both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

PROVIDERS = ("garmin", "wahoo", "intervals")
#: What a look asks for first at each provider.
LOOKS = {
    "garmin": "/training-api/workout/v2/",
    "wahoo": "/v1/workouts/",
    "intervals": "/api/v1/athlete/0/events/",
}


def looks(scene: Any, name: str) -> int:
    return scene.sandboxes[name].sandbox.journal.count("GET", LOOKS[name])


async def send(scene: Any, plan: PlannedWorkout, name: str) -> str:
    """Save and send, without the look that follows."""
    await scene.connect(name)
    row = await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    export = await scene.export()
    assert (export.status, export.verification.state) == ("SENT", "pending")
    return row.id


def stored_steps(scene: Any, name: str) -> list[dict[str, Any]]:
    """The steps in the provider's store, to be changed behind our back."""
    sandbox = scene.sandboxes[name].sandbox
    match name:
        case "garmin":
            (workout,) = sandbox.workouts.values()
            return workout["segments"][0]["steps"]
        case "wahoo":
            (plan,) = sandbox.store.plans.values()
            return plan.document["intervals"]
    (event,) = sandbox.calendar.events.values()
    return event["workout_doc"]["steps"]


def words(export: ExportView) -> list[str]:
    return [one.words() for one in export.verification.differences]


@pytest.mark.parametrize("name", PROVIDERS)
async def test_what_arrived_is_looked_at_once_and_is_the_same(scene, plan, name: str) -> None:
    await send(scene, plan, name)
    before = looks(scene, name)
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.verification.state) == ("SENT", "same")
    assert export.verification.at_ms
    assert looks(scene, name) == before + 1
    assert len(export.attempts) == 1


#: A first step that is another one: what the store holds, and what is then told of it.
TAMPERED: dict[str, dict[str, Any]] = {
    "garmin": {"durationValue": 24_000},
    "wahoo": {"exit_trigger_value": 24_000},
    "intervals": {"duration": 24_000},
}


@on_both
@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_silent_change_is_failed_with_the_difference(scene, plan, name: str) -> None:
    await send(scene, plan, name)
    stored_steps(scene, name)[0].update(TAMPERED[name])
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.reason_code) == ("FAILED", "changed_by_provider")
    assert export.verification.state == "changed"
    (told,) = words(export)
    assert told.startswith("steps[0]: the duration was to be ")
    assert told.endswith(" and is 6:40 h")
    assert told in export.reason
    assert (export.attempts[-1].code, export.attempts[-1].message) == ("changed_by_provider", export.reason)
    assert export.external_ids  # it is still there, and so can be replaced or removed
    assert export.sent_revision is None


async def test_a_difference_is_believed_at_the_second_look_only(scene, plan) -> None:
    await send(scene, plan, "garmin")
    steps = stored_steps(scene, "garmin")
    meant = dict(steps[0])
    steps[0].update(TAMPERED["garmin"])
    before = looks(scene, "garmin")
    await scene.run_due()
    export = await scene.export()
    assert (export.status, export.verification.state) == ("SENT", "pending")
    assert words(export)[0].endswith(" and is 6:40 h")
    assert export.verification.reason == "It looked different at first; it is looked at again."
    assert await scene.run_due() == 0  # not before its time

    steps[0].update(meant)
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.verification.state, export.sent_revision) == ("SENT", "same", 1)
    assert (export.verification.differences, export.verification.reason) == ((), "")
    assert looks(scene, "garmin") == before + 2


@pytest.mark.parametrize("fault", [None, FaultKind.STATUS])
async def test_an_edit_or_a_silence_between_the_looks_makes_the_first_void(scene, plan, fault) -> None:
    workout_id = await send(scene, plan, "garmin")
    stored_steps(scene, "garmin")[0].update(TAMPERED["garmin"])
    await scene.run_due()
    if fault:
        scene.fault("garmin", fault, LOOKS["garmin"], method="GET", value=503)
    else:
        await change_workout(scene.hub, scene.athlete, workout_id, {"name": "Edited"})
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.verification.differences) == ("SENT", ())
    assert export.verification.state == ("not_verified" if fault else "same")


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_retry_replaces_what_was_changed(scene, plan, name: str) -> None:
    await send(scene, plan, name)
    stored_steps(scene, name)[0].update(TAMPERED[name])
    await scene.run_all()
    await retry_export(scene.hub, scene.athlete, (await scene.export()).id)
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.verification.state, export.sent_revision) == ("SENT", "same", 1)
    assert export.verification.differences == ()
    assert scene.titles(name) == [plan.name]
    assert [attempt.action for attempt in export.attempts] == ["create", "update"]


async def test_a_text_that_was_not_understood_is_told(scene, plan) -> None:
    await send(scene, plan, "intervals")
    stored_steps(scene, "intervals").clear()
    await scene.run_all()
    export = await scene.export()
    assert export.reason_code == "changed_by_provider"
    assert words(export)[0].endswith("and is without any steps")


async def test_the_wrong_day_is_told(scene, plan) -> None:
    await send(scene, plan, "garmin")
    (schedule,) = scene.sandboxes["garmin"].sandbox.schedules.values()
    schedule["date"] = "2031-01-01"
    await scene.run_all()
    assert words(await scene.export()) == [
        f"workout: the date was to be {plan.date} and is 2031-01-01",
    ]


def gone_from_garmin(scene: Any) -> None:
    scene.sandboxes["garmin"].sandbox.schedules.clear()


def gone_from_wahoo(scene: Any) -> None:
    (workout,) = scene.sandboxes["wahoo"].sandbox.store.workouts.values()
    workout.plan_id = None


def gone_from_intervals(scene: Any) -> None:
    scene.sandboxes["intervals"].sandbox.calendar.events.clear()


@pytest.mark.parametrize("remove", [gone_from_garmin, gone_from_wahoo, gone_from_intervals])
async def test_what_is_gone_is_told_and_sent_anew_by_a_retry(
    scene, plan, remove: Callable[[Any], None]
) -> None:
    name = remove.__name__.removeprefix("gone_from_")
    await send(scene, plan, name)
    remove(scene)
    await scene.run_all()
    export = await scene.export()
    assert export.reason_code == "changed_by_provider"
    assert words(export) == ["workout: the workout was to be there and is nothing"]
    await retry_export(scene.hub, scene.athlete, export.id)
    await scene.run_all()
    assert (await scene.export()).status == "SENT"
    assert scene.titles(name) == [plan.name]


async def test_what_was_degraded_beforehand_is_no_difference(scene, plan) -> None:
    ramp = Step(TimeDuration(600.4), RangeTarget(Metric.POWER, 100, 180, "up"))
    await send(scene, msgspec.structs.replace(plan, steps=(ramp,)), "garmin")
    await scene.run_all()
    export = await scene.export()
    assert export.fidelity.level == "degraded"
    assert (export.status, export.verification.state) == ("SENT", "same")


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_look_that_fails_leaves_it_sent_and_says_why(scene, plan, name: str) -> None:
    await send(scene, plan, name)
    before = [(entry.method, entry.path) for entry in scene.sandboxes[name].sandbox.journal]
    scene.fault(name, FaultKind.STATUS, LOOKS[name], value=503, method="GET")
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.verification.state) == ("SENT", "not_verified")
    assert "503" in export.verification.reason
    asked = [(entry.method, entry.path) for entry in scene.sandboxes[name].sandbox.journal][len(before) :]
    assert len(asked) == 3
    assert {method for method, _ in asked} == {"GET"}
    assert scene.titles(name) == [plan.name]


async def test_a_look_that_fails_once_is_had_the_next_time(scene, plan) -> None:
    await send(scene, plan, "garmin")
    scene.fault("garmin", FaultKind.STATUS, LOOKS["garmin"], value=503, method="GET", times=1)
    await scene.run_due()
    assert (await scene.export()).verification.state == "pending"
    await scene.run_all()
    assert (await scene.export()).verification.state == "same"


async def test_an_ended_consent_is_no_proof_either(scene, plan) -> None:
    await send(scene, plan, "garmin")
    scene.sandboxes["garmin"].sandbox.oauth.revoke("athlete-1")
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.verification.state) == ("SENT", "not_verified")
    assert export.verification.reason


async def test_a_look_that_was_dropped_is_asked_for_again(scene, plan) -> None:
    await send(scene, plan, "garmin")
    # As after a consent that ended and was given again, before anybody had looked.
    await scene.hub.engine.execute("UPDATE \"export\" SET status = 'NOT_CONNECTED'")
    await scene.run_all()
    assert (await scene.export()).verification.state == "pending"
    await scene.connect("garmin")
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.verification.state) == ("SENT", "same")
    assert len(export.attempts) == 1


async def test_it_can_be_turned_off_for_a_provider(scene, plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scene.hub.registry.get("garmin").settings, "read_back", False)
    await scene.connect("garmin")
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.verification.state) == ("SENT", "not_verified")
    assert export.verification.reason == "HUB_GARMIN_READ_BACK is off."
    assert looks(scene, "garmin") == 0


async def test_turned_off_while_a_look_waits(scene, plan, monkeypatch: pytest.MonkeyPatch) -> None:
    await send(scene, plan, "garmin")
    monkeypatch.setattr(scene.hub.registry.get("garmin").settings, "read_back", False)
    await scene.run_all()
    assert (await scene.export()).verification.reason == "HUB_GARMIN_READ_BACK is off."
    assert looks(scene, "garmin") == 0


async def test_a_plugin_that_was_changed_meanwhile_has_nothing_to_compare(scene, plan) -> None:
    await send(scene, plan, "garmin")
    await scene.hub.engine.execute("UPDATE \"export\" SET sent_digest = 'another'")
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.verification.state) == ("SENT", "not_verified")
    assert export.verification.reason == "The plugin was changed since this was sent."


async def test_a_form_that_is_not_known_is_no_proof(scene, plan) -> None:
    await send(scene, plan, "intervals")
    stored_steps(scene, "intervals")[0]["power"] = {"value": 5, "units": "light years"}
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.verification.state) == ("SENT", "not_verified")


class Gate:
    """Holds the first look back between the provider's answer and what is made of it."""

    def __init__(self, scene: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.scene, self.seen, self.go = scene, asyncio.Event(), asyncio.Event()
        self._call = scene.hub.dispatcher.call
        monkeypatch.setattr(scene.hub.dispatcher, "call", self.call)

    async def call(self, provider: str, hook: str, **arguments: Any) -> Any:
        result = await self._call(provider, hook, **arguments)
        if hook == "read_back_workout" and not self.seen.is_set():
            self.seen.set()
            await self.go.wait()
        return result

    async def look(self, plan: PlannedWorkout) -> tuple[str, asyncio.Task[None], str]:
        """A look under way, which has its answer: workout, task, job."""
        workout_id = await send(self.scene, plan, "garmin")
        (job_id,) = await jobs.claim_due(self.scene.hub.engine)
        look = asyncio.create_task(run_job(self.scene.hub, job_id))
        await self.seen.wait()
        return workout_id, look, job_id

    async def finish(self, look: asyncio.Task[None]) -> None:
        """Let it go on, to its end."""
        self.go.set()
        await look


@pytest.fixture
def gate(scene, monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(scene, monkeypatch)


async def test_an_edit_while_it_is_looked_at_is_no_difference(scene, plan, gate: Gate) -> None:
    workout_id, look, _ = await gate.look(plan)
    shorter = msgspec.structs.replace(plan, steps=plan.steps[:1])
    await change_workout(scene.hub, scene.athlete, workout_id, shorter)
    await scene.run_due()  # replaces the copy that is being looked at
    await gate.finish(look)
    export = await scene.export()
    assert (export.status, export.sent_revision, export.verification.state) == ("SENT", 2, "pending")
    await scene.run_all()
    assert (await scene.export()).verification.state == "same"


@on_both
async def test_a_workout_that_is_deleted_while_it_is_looked_at_stays_deleted(scene, plan, gate: Gate) -> None:
    workout_id, look, _ = await gate.look(plan)
    await delete_workout(scene.hub, scene.athlete, workout_id)
    await gate.finish(look)
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.reason_code, export.verification) == ("SENT", "withdrawn", None)
    assert scene.titles("garmin") == []


@on_both
async def test_a_look_that_lost_its_lease_writes_nothing_and_another_one_does(
    scene, plan, gate: Gate
) -> None:
    _, look, job_id = await gate.look(plan)
    await scene.hub.engine.execute(
        'UPDATE "job" SET fence = fence + 1, lease_until_ms = 0 WHERE id = {}', job_id
    )
    await gate.finish(look)
    assert (await scene.export()).verification.state == "pending"
    await scene.run_all()
    assert (await scene.export()).verification.state == "same"
    assert scene.sandboxes["garmin"].sandbox.journal.count("POST", "/workoutportal/workout/v2") == 1
