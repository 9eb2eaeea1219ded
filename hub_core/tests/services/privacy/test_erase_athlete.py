"""An athlete is erased: nothing of theirs is left in any table, and nothing brings it back."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from piccolo.columns import BigInt, Boolean, Bytea, Integer, Serial

from hub_core.cli.demo import DEMO_ATHLETE
from hub_core.domain.sport import Sport
from hub_core.domain.workout import PlannedWorkout
from hub_core.errors import ForbiddenError, LeaseLostError, NotFoundError
from hub_core.pipeline.run_job import HANDLERS, run_job
from hub_core.sandbox.faults import FaultKind
from hub_core.sandbox.recorded import RecordedActivity
from hub_core.services.athletes.save_athlete import create_athlete, load_athlete
from hub_core.services.connections.connect_provider import begin_connection, finish_connection
from hub_core.services.connections.revoke_grant import Told
from hub_core.services.hub import Hub
from hub_core.services.inbound.receive_webhook import Received, receive_webhook
from hub_core.services.privacy.erase_athlete import ErasureReceipt, erase_athlete, read_receipt
from hub_core.services.privacy.hand_out_data import hand_out_data
from hub_core.services.workouts.save_workout import save_workout
from hub_core.storage import jobs
from hub_core.storage.ownership import Owned, owned_tables
from hub_core.storage.tables import Athlete
from hub_core.testing.harness import give_consent

#: Locks are what this is about, and each database has its own.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
#: Stands in every text of the rows that are made up, so that a row which is forgotten is found.
MARK = "anna-was-here"


async def counts(hub: Hub, athlete_id: str) -> dict[str, int]:
    found = {}
    for owned in owned_tables():
        (row,) = await hub.engine.execute(
            f'SELECT COUNT(*) AS n FROM "{owned.name}" WHERE {owned.condition}',  # noqa: S608
            *owned.arguments(athlete_id),
        )
        found[owned.name] = row["n"]
    return found


async def everything(hub: Hub) -> str:
    """All that the database holds, apart from the nobodies' tables."""
    names = [owned.name for owned in owned_tables()] + ["erasure"]
    return str([await hub.engine.execute(f'SELECT * FROM "{name}"') for name in names])  # noqa: S608


async def invent(hub: Hub, owned: Owned, athlete_id: str) -> None:
    """A row of a table, whatever its columns are: `table-athlete` is its id, and leads to its parents."""
    if owned.name == "athlete":
        return
    values: dict[str, Any] = {}
    for column in owned.table._meta.columns:
        name = column._meta.name
        if name == "athlete_id":
            values[name] = athlete_id
        elif name == owned.key:
            if not isinstance(column, Serial):
                values[name] = f"{owned.name}-{athlete_id}"[-39:]
        elif name == "subject_id":
            values[name] = f"delivery-{athlete_id}"[-39:]
        elif name.endswith("_id") and f"{name[:-3]}" in {one.name for one in owned_tables()}:
            values[name] = f"{name[:-3]}-{athlete_id}"[-39:]
        elif isinstance(column, Bytea):
            values[name] = MARK.encode()
        elif isinstance(column, Boolean):
            values[name] = False
        elif isinstance(column, BigInt | Integer):
            values[name] = 1
        else:
            # Unique where it has to be, and short enough for any column.
            values[name] = (
                f"{MARK}-{athlete_id[-20:]}"[: column.length] if hasattr(column, "length") else MARK
            )
    names = ", ".join(f'"{name}"' for name in values)
    places = ", ".join(["{}"] * len(values))
    sql = f'INSERT INTO "{owned.name}" ({names}) VALUES ({places})'  # noqa: S608
    await hub.engine.execute(sql, *values.values())


async def make_athlete(hub: Hub, like: Athlete, external_id: str) -> Athlete:
    made = await create_athlete(
        hub, like.platform_id, external_id=external_id, name=MARK, thresholds=DEMO_ATHLETE, export_to="all"
    )
    return await load_athlete(like.platform_id, made.id)


async def test_every_row_in_every_table_goes_and_the_neighbours_stay(scene: Any) -> None:
    """The tables are those of the schema, and their rows are made up from the columns."""
    hub = scene.hub
    neighbour, gone = scene.athlete, await make_athlete(hub, scene.athlete, MARK)
    for athlete in (neighbour, gone):
        for owned in owned_tables():
            await invent(hub, owned, athlete.id)
    before = await counts(hub, gone.id)
    assert min(before.values()) >= 1, before
    kept = await counts(hub, neighbour.id)
    # They never had a token, and one of the connections is to a provider that nobody knows.
    await hub.engine.execute(
        'UPDATE "connection" SET provider = {}, tokens = NULL WHERE athlete_id = {}', "garmin", gone.id
    )
    receipt = await erase_athlete(hub, gone)
    assert set((await counts(hub, gone.id)).values()) == {0}
    # Leaving a provider told the feed once more, and asked for a job.
    assert {**receipt.deleted, "change": 0} == {**before, "change": 0, "job": before["job"] + 1}
    assert receipt.files == 1
    assert await counts(hub, neighbour.id) == kept
    left = await everything(hub)
    assert gone.id not in left
    assert gone.id[-20:] not in left
    assert await read_receipt(gone.platform_id, receipt.id) == receipt
    assert not {gone.id, MARK, "garmin-"} & set(str(msgspec.to_builtins(receipt)).split("'"))
    for platform_id, erasure_id in ((gone.platform_id, "era_0"), ("plat_0", receipt.id)):
        with pytest.raises(NotFoundError):
            await read_receipt(platform_id, erasure_id)
    with pytest.raises(NotFoundError):
        await erase_athlete(hub, gone)


def done(name: str = "Tempo") -> RecordedActivity:
    start = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(hours=5)
    return RecordedActivity(name, Sport.RUN, start, 1800.0, 5000.0)


async def test_nothing_brings_anything_back(scene: Any, plan: PlannedWorkout) -> None:
    """A webhook that comes late, a job that had begun, a consent under way, a request that had begun."""
    hub, garmin = scene.hub, scene.sandboxes["garmin"].sandbox
    await scene.connect("garmin")
    await save_workout(hub, scene.athlete, plan)
    garmin.record_activity("athlete-1", done())
    for request in garmin.outbox:
        await receive_webhook(hub, "garmin", request)
    leases = [lease for row in await _job_ids(hub) if (lease := await jobs.take(hub.engine, row)) is not None]
    assert {"export_workout", "ingest", "poll"} <= {lease.kind for lease in leases}
    back = await give_consent(await begin_connection(hub, scene.athlete, "wahoo"))
    query = dict(part.split("=") for part in back.split("?")[1].split("&"))

    receipt = await erase_athlete(hub, scene.athlete)
    assert [(one.provider, one.told) for one in receipt.providers] == [("garmin", Told.REVOKED)]
    asked = len(list(garmin.journal))
    for lease in leases:
        with pytest.raises(LeaseLostError):
            await HANDLERS[lease.kind](hub, lease)
        await run_job(hub, lease.job_id)
    late = [await receive_webhook(hub, "garmin", request) for request in garmin.outbox]
    assert sum(one.new + one.known for one in late) == 0
    assert Received(unknown=1) in late
    with pytest.raises(ForbiddenError):
        await finish_connection(hub, "wahoo", state=query["state"], code=query["code"], error="")
    with pytest.raises(NotFoundError):
        await save_workout(hub, scene.athlete, plan)
    with pytest.raises(NotFoundError):
        await begin_connection(hub, scene.athlete, "wahoo")
    assert set((await counts(hub, scene.athlete.id)).values()) == {0}
    assert len(list(garmin.journal)) == asked


async def _job_ids(hub: Hub) -> list[str]:
    await hub.engine.execute('UPDATE "job" SET run_at_ms = 0')
    return [row["id"] for row in await hub.engine.execute('SELECT id FROM "job"')]


async def test_erased_while_everything_is_under_way(scene: Any, plan: PlannedWorkout) -> None:
    """Requests, webhooks and jobs at the same moment: what was first is erased, and what was later fails."""
    hub, garmin = scene.hub, scene.sandboxes["garmin"].sandbox
    await scene.connect("garmin")
    for number in range(4):
        garmin.record_activity("athlete-1", done(f"Run {number}"))
    scene.fault("garmin", FaultKind.LATENCY, value=0.05)

    async def receive() -> None:
        for request in list(garmin.outbox):
            await receive_webhook(hub, "garmin", request)
            await scene.run_due()

    async def save() -> None:
        for _ in range(10):
            await save_workout(hub, scene.athlete, plan)
            await scene.run_due()

    async def erase() -> ErasureReceipt:
        await asyncio.sleep(0.1)
        return await erase_athlete(hub, scene.athlete)

    results = await asyncio.gather(receive(), save(), save(), erase(), return_exceptions=True)
    assert isinstance(results[-1], ErasureReceipt), results[-1]
    await scene.run_due()
    assert set((await counts(hub, scene.athlete.id)).values()) == {0}


async def test_planned_workouts_are_withdrawn_first_when_that_is_wanted(
    scene: Any, plan: PlannedWorkout
) -> None:
    await scene.connect("garmin")
    await scene.connect("wahoo")
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_all()
    assert scene.titles("garmin") == scene.titles("wahoo") == [plan.name]
    worker = asyncio.create_task(_work(scene))
    receipt = await erase_athlete(scene.hub, scene.athlete, withdraw=True)
    worker.cancel()
    assert scene.titles("garmin") == scene.titles("wahoo") == []
    assert [(one.provider, one.withdrawn, one.left) for one in receipt.providers] == [
        ("garmin", 1, 0),
        ("wahoo", 1, 0),
    ]


async def _work(scene: Any) -> None:
    while True:
        await scene.run_due()
        await asyncio.sleep(0.05)


async def _lines(parts: AsyncIterator[bytes]) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in b"".join([part async for part in parts]).splitlines()]


async def test_everything_is_handed_out_and_no_token(scene: Any, plan: PlannedWorkout) -> None:
    hub, garmin = scene.hub, scene.sandboxes["garmin"].sandbox
    await scene.connect("garmin")
    await save_workout(hub, scene.athlete, plan)
    garmin.record_activity("athlete-1", done("Long run"))
    for request in garmin.outbox:
        await receive_webhook(hub, "garmin", request)
    await scene.run_all()
    first, *rows, last = await _lines(hand_out_data(hub, scene.athlete.id))
    assert first["athlete_id"] == scene.athlete.id
    assert last["rows"] == await counts(hub, scene.athlete.id)
    assert len(rows) == sum(last["rows"].values())
    told = msgspec.json.encode(rows).decode()
    by_table = {row["table"]: row["row"] for row in rows}
    assert plan.name in told
    assert "Long run" in told
    assert by_table["export"]["payload"]["workoutName"] == plan.name
    assert by_table["delivery"]["content"]["body"]
    series = [row["row"]["series"] for row in rows if row["table"] == "observation" and row["row"]["series"]]
    assert all(len(values) == len(one["time_s"]) for one in series for values in one.values())
    assert [grant.access_token for grant in garmin.oauth.grants if grant.access_token in told] == []
    assert "tokens" not in by_table["connection"]
