"""Budgets, circuits and answers that ask for silence: held jobs go back with their moment, and go then."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub_core.domain.workout import PlannedWorkout
from hub_core.sandbox.faults import FaultKind
from hub_core.sdk.manifest import RateBudget
from hub_core.sdk.traffic import CallOutcome
from hub_core.services.connections.rate_budgets import MemoryBudgets, Window
from hub_core.services.connections.schedule_care import KEEP_KIND, WATCH_KIND
from hub_core.services.connections.traffic import CircuitWatch, ProviderTraffic
from hub_core.services.workouts.save_workout import save_workout
from hub_core.storage import HubEngine, close_engine, jobs, now_ms, open_engine
from hub_core.storage.circuits import OPENS_AT, list_circuits
from hub_core.storage.holds import list_holds

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

HOST = "api.acme.example"
CREATE = "/workoutportal/workout/v2"


def traffic(
    engine: HubEngine, *rates: RateBudget, athlete: str = "ath_1", **fields: object
) -> ProviderTraffic:
    watch, budgets = CircuitWatch(), MemoryBudgets()
    return ProviderTraffic(engine, budgets, watch, "acme", "Acme", rates, athlete, **fields)  # type: ignore[arg-type]


def answer(status: int | None, **fields: object) -> CallOutcome:
    return CallOutcome("GET", HOST, 0.1, status, **fields)  # type: ignore[arg-type]


async def test_a_call_over_budget_puts_the_job_back_with_its_moment(scene, plan: PlannedWorkout) -> None:
    await scene.connect("garmin")
    scene.hub.registry.get("garmin").settings.rate_budgets = "1/3600"
    await scene.hub.budgets.take((Window("garmin", 1, 3600),))
    await save_workout(scene.hub, scene.athlete, plan)
    before_ms = now_ms()
    await scene.run_due()
    export = await scene.export()
    assert (export.status, export.reason_code) == ("PENDING", "over_budget")
    assert "takes no more calls for now" in export.reason
    assert 3_590_000 < export.next_try_ms - before_ms <= 3_601_000
    (hold,) = await list_holds(scene.hub.engine)
    assert (hold.provider, hold.athlete_id, hold.code) == ("garmin", "", "over_budget")
    # The provider was not called, it was no failed try, and what is saved now isn't even handed out.
    assert scene.sandboxes["garmin"].sandbox.journal.count("POST", CREATE) == 0
    sql = "SELECT tries, failing_since_ms FROM \"job\" WHERE kind = 'export_workout'"
    assert await scene.hub.engine.execute(sql) == [{"tries": 0, "failing_since_ms": None}]
    await save_workout(scene.hub, scene.athlete, plan)
    assert await jobs.claim_due(scene.hub.engine) == []
    assert (await jobs.queue_state(scene.hub.engine)).oldest_due_ms == 0


async def test_a_429_holds_everyone_of_an_app_limit_and_is_obeyed(scene, plan: PlannedWorkout) -> None:
    await scene.connect("wahoo")
    scene.hub.registry.get("wahoo").settings.rate_budgets = "200/300"
    scene.fault("wahoo", FaultKind.RATE_LIMIT, "/v1/", value=120, times=1)
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    assert (await scene.export()).status == "PENDING"
    (hold,) = await list_holds(scene.hub.engine)
    assert (hold.athlete_id, hold.code) == ("", "rate_limited")
    assert await jobs.claim_due(scene.hub.engine) == []


@pytest.mark.parametrize("kind", [KEEP_KIND, WATCH_KIND])
async def test_the_care_for_connections_leaves_room_for_people(
    scene, plan: PlannedWorkout, kind: str
) -> None:
    await scene.connect("garmin")
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_all()
    for statement in (  # so that there is something to do
        'UPDATE "export" SET verified_ms = 1',
        'UPDATE "connection" SET tokens_ms = 1',
    ):
        await scene.hub.engine.execute(statement)
    scene.hub.registry.get("garmin").settings.rate_budgets = "5/3600"
    for _ in range(4):
        await scene.hub.budgets.take((Window("garmin", 5, 3600),))
    asked = len(list(scene.sandboxes["garmin"].sandbox.journal))
    await scene.hub.engine.execute(
        'UPDATE "job" SET run_at_ms = 0, dispatched_ms = NULL WHERE kind = {}', kind
    )
    await scene.run_due()
    assert len(list(scene.sandboxes["garmin"].sandbox.journal)) == asked
    assert [one.spares_live for one in await list_holds(scene.hub.engine)] == [True]  # nobody waits for it
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    assert len(list(scene.sandboxes["garmin"].sandbox.journal)) == asked + 1


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[HubEngine]:
    opened = open_engine(database_url)
    yield opened
    await close_engine(opened)


async def test_a_circuit_opens_lets_one_probe_through_and_closes(engine: HubEngine) -> None:
    acme = traffic(engine)
    for _ in range(OPENS_AT):
        await acme.enter(HOST)
        await acme.leave(answer(502))
    with pytest.raises(Exception, match="Acme doesn't answer") as held:
        await acme.enter(HOST)
    assert held.value.hold == "provider_down"
    assert 0 < held.value.after_s <= 30
    assert [one.code for one in await list_holds(engine)] == ["provider_down"]
    # Another host of the same provider goes on, and so do other providers.
    await acme.enter("auth.acme.example")

    await engine.execute('UPDATE "circuit" SET probe_ms = 0')
    acme.circuits.forget()
    await acme.enter(HOST)  # the probe
    with pytest.raises(Exception, match="Acme doesn't answer"):
        await traffic(engine).enter(HOST)  # whoever comes next, in another process too
    await acme.leave(answer(200))
    assert not any(one.is_open for one in await list_circuits(engine))
    assert await list_holds(engine) == []
    await acme.enter(HOST)


async def test_a_probe_that_fails_leaves_it_open(engine: HubEngine) -> None:
    acme = traffic(engine)
    for _ in range(OPENS_AT):
        await acme.leave(answer(None, error="ConnectError"))
    await engine.execute('UPDATE "circuit" SET probe_ms = 0')
    acme.circuits.forget()
    await acme.enter(HOST)
    await acme.leave(answer(503))
    with pytest.raises(Exception, match="Acme doesn't answer"):
        await acme.enter(HOST)


async def test_a_few_failures_among_many_answers_open_nothing(engine: HubEngine) -> None:
    acme = traffic(engine)
    for number in range(60):
        await acme.leave(answer(500 if number % 4 == 0 else 200))
    await acme.enter(HOST)


@pytest.mark.parametrize("status", [400, 401, 404, 422, 429])
async def test_a_refusal_is_no_failure_of_the_provider(engine: HubEngine, status: int) -> None:
    acme = traffic(engine)
    for _ in range(3 * OPENS_AT):
        await acme.leave(answer(status))
    await acme.enter(HOST)


async def test_a_limit_for_each_athlete_holds_that_athlete_alone(engine: HubEngine) -> None:
    rates = (RateBudget(1, 3600, "athlete"),)
    anna = traffic(engine, *rates)
    ben = ProviderTraffic(engine, anna.budgets, anna.circuits, "acme", "Acme", rates, "ath_2")
    await anna.enter(HOST)
    with pytest.raises(Exception, match="no more calls"):
        await anna.enter(HOST)
    await ben.enter(HOST)
    assert [one.athlete_id for one in await list_holds(engine)] == ["ath_1"]


async def test_background_work_leaves_a_part_of_the_budget(engine: HubEngine) -> None:
    rates = (RateBudget(10, 3600),)
    live = traffic(engine, *rates)
    backfill = ProviderTraffic(
        engine, live.budgets, live.circuits, "acme", "Acme", rates, "ath_1", background=True
    )
    for _ in range(8):
        await backfill.enter(HOST)
    with pytest.raises(Exception, match="no more calls"):
        await backfill.enter(HOST)
    await live.enter(HOST)
    assert [one.spares_live for one in await list_holds(engine)] == [True]


async def test_an_outcome_that_cannot_be_noted_does_not_undo_the_answer(engine: HubEngine) -> None:
    await traffic(engine).leave(CallOutcome("GET", "h" * 400, 0.1, 500))
