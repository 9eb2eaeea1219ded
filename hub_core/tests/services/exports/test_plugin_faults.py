"""Whose fault it is when a hook fails, and what may have been sent by then (F11, F41)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hub_core.domain.workout import PlannedWorkout
from hub_core.registry import dispatcher as dispatcher_module
from hub_core.sdk import hookimpl
from hub_core.services.workouts.save_workout import save_workout
from hub_core.storage import jobs, now_ms
from hub_core.storage.circuits import OPENS_AT, list_circuits
from hub_core.storage.holds import list_holds

_BREAK = (
    "CREATE TRIGGER broken BEFORE UPDATE OF progress ON \"export\" WHEN NEW.progress <> '{}'"
    " BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
)


async def test_a_database_that_fails_in_a_checkpoint_is_no_fault_of_the_plugin(
    scene, plan: PlannedWorkout
) -> None:
    await scene.connect("intervals")
    await scene.hub.engine.execute_ddl(_BREAK)
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    export = await scene.export()
    assert (export.status, export.reason_code) == ("PENDING", "internal_error")
    assert export.reason == "internal error (IntegrityError)"
    assert scene.titles("intervals") == [plan.name]  # the provider had taken it by then
    assert [attempt.outcome for attempt in export.attempts] == ["unknown"]

    await scene.hub.engine.execute_ddl("DROP TRIGGER broken")
    await scene.run_all()
    assert (await scene.export()).status == "SENT"
    assert scene.titles("intervals") == [plan.name]


@pytest.mark.parametrize(
    ("answer", "kind"), [("sent", "str instead of Receipt"), (KeyError("id"), "KeyError")]
)
async def test_a_plugin_that_fails_after_sending_doesn_t_send_again_and_again(
    scene, plan: PlannedWorkout, answer: Any, kind: str
) -> None:
    class Spoils:
        """A hook wrapper that spoils the answer of one provider's plugin."""

        @staticmethod
        @hookimpl(wrapper=True)
        def export_workout(context):
            (sending,) = yield

            async def spoiled() -> Any:
                await sending
                if isinstance(answer, Exception):
                    raise answer
                return answer

            return [spoiled()]

    await scene.connect("intervals")
    scene.hub.registry.manager.register(Spoils, name="spoils")
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_all()
    export = await scene.export()
    assert (export.status, export.reason_code) == ("FAILED", "gave_up")
    assert export.reason == f"Given up after 5 tries: the intervals plugin failed in export_workout: {kind}"
    assert scene.titles("intervals") == [plan.name]


@pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
async def test_f41_a_hook_that_hangs_opens_the_circuit_of_its_provider(
    scene, plan: PlannedWorkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hangs:
        """A hook wrapper that lets one provider's plugin hang."""

        @staticmethod
        @hookimpl(wrapper=True)
        def export_workout(context):
            (sending,) = yield
            if context.provider == "garmin":
                sending.close()
                sending = asyncio.sleep(3600)
            return [sending]

    for name in ("garmin", "intervals"):
        await scene.connect(name)
    scene.hub.registry.manager.register(Hangs, name="hangs")
    for _ in range(OPENS_AT):
        await save_workout(scene.hub, scene.athlete, plan)
    # As long as the calls of the healthy one may take on a busy machine.
    monkeypatch.setattr(dispatcher_module, "HOOK_TIMEOUT_S", 5.0)
    await scene.run_due()
    (circuit,) = await list_circuits(scene.hub.engine)
    assert (circuit.provider, circuit.state) == ("garmin", "open")
    assert circuit.reason == "the plugin took too long"
    (hold,) = await list_holds(scene.hub.engine)
    assert (hold.provider, hold.athlete_id, hold.code) == ("garmin", "", "provider_down")
    assert scene.titles("intervals") == [plan.name] * OPENS_AT

    # What is due at garmin stays where it is. When the hold is over and it hangs again, so it does again.
    make_due = "UPDATE \"job\" SET run_at_ms = 0 WHERE state = 'waiting' AND kind = 'export_workout'"
    await scene.hub.engine.execute(make_due)
    await scene.hub.engine.execute("DELETE FROM \"job\" WHERE provider = 'intervals'")
    assert await jobs.claim_due(scene.hub.engine) == []
    await scene.hub.engine.execute('DELETE FROM "provider_hold"')
    await scene.hub.engine.execute('UPDATE "circuit" SET probe_ms = 0')
    scene.hub.circuits.forget()
    monkeypatch.setattr(dispatcher_module, "HOOK_TIMEOUT_S", 0.1)
    await scene.run_due()
    (hold,) = await list_holds(scene.hub.engine)
    assert (hold.code, hold.until_ms > now_ms() + 20_000) == ("provider_down", True)
