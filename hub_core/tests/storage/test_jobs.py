"""The queue: order, fairness, how much is handed out, leases that run out, and what is given up."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub_core.storage import HubEngine, close_engine, jobs, now_ms, open_engine
from hub_core.storage.holds import Hold, hold_provider
from hub_core.storage.jobs import MAX_LOSSES, MOST_AHEAD, Lane, Lease

ANNA, BEN = Lane("garmin", "ath_anna"), Lane("garmin", "ath_ben")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[HubEngine]:
    opened = open_engine(database_url)
    yield opened
    await close_engine(opened)


async def subjects(engine: HubEngine, limit: int = MOST_AHEAD) -> list[str]:
    """What is handed out next, in order."""
    names = []
    for job_id in await jobs.claim_due(engine, limit=limit):
        rows = await engine.execute('SELECT subject_id FROM "job" WHERE id = {}', job_id)
        names.append(rows[0]["subject_id"])
    return names


async def take_one(engine: HubEngine) -> Lease:
    (job_id,) = await jobs.claim_due(engine, limit=1)
    lease = await jobs.take(engine, job_id)
    assert lease
    return lease


async def lose(engine: HubEngine) -> None:
    """The worker of every job in hand dies, and time goes by."""
    await engine.execute("UPDATE \"job\" SET lease_until_ms = 1 WHERE state = 'leased'")
    await jobs.recover_lost(engine)
    await engine.execute('UPDATE "job" SET run_at_ms = 0')


async def test_an_athlete_with_many_jobs_does_not_keep_another_one_waiting(engine: HubEngine) -> None:
    async with engine.transaction():
        for number in range(20):
            await jobs.enqueue(engine, "export_workout", f"anna-{number:02}", lane=ANNA)
        await jobs.enqueue(engine, "export_workout", "ben-0", lane=BEN)
        await jobs.enqueue(engine, "export_workout", "ben-1", lane=BEN)
    order = await subjects(engine, limit=5)
    assert sorted(order[:2]) == ["anna-00", "ben-0"]
    assert sorted(order[2:4]) == ["anna-01", "ben-1"]


async def test_what_people_wait_for_goes_before_what_runs_behind(engine: HubEngine) -> None:
    await jobs.enqueue(engine, "verify_export", "behind", lane=ANNA, priority=7)
    await jobs.enqueue(engine, "export_workout", "live", lane=ANNA)
    assert await subjects(engine) == ["live", "behind"]


async def test_an_edit_of_what_waits_keeps_its_place(engine: HubEngine) -> None:
    for name in ("first", "second", "first"):
        await jobs.enqueue(engine, "export_workout", name, lane=ANNA)
    assert await subjects(engine) == ["first", "second"]


async def test_no_more_is_handed_out_than_may_be_under_way(engine: HubEngine) -> None:
    async with engine.transaction():
        for number in range(MOST_AHEAD + 20):
            await jobs.enqueue(engine, "export_workout", f"{number}", lane=ANNA)
    first = await jobs.claim_due(engine)
    assert len(first) == MOST_AHEAD
    assert await jobs.claim_due(engine) == []
    assert await jobs.take(engine, first[0])
    assert len(await jobs.claim_due(engine)) == 1


async def test_a_held_provider_holds_its_jobs_and_no_others(engine: HubEngine) -> None:
    for lane in (ANNA, BEN, Lane("wahoo", "ath_anna")):
        await jobs.enqueue(engine, "export_workout", f"{lane.provider}-{lane.athlete_id}", lane=lane)
    await hold_provider(engine, Hold("garmin", "ath_anna", "over_budget", "", now_ms() + 60_000))
    assert sorted(await subjects(engine)) == ["garmin-ath_ben", "wahoo-ath_anna"]
    await engine.execute('UPDATE "job" SET dispatched_ms = NULL')
    await hold_provider(engine, Hold("garmin", "", "provider_down", "", now_ms() + 60_000))
    assert await subjects(engine) == ["wahoo-ath_anna"]


async def test_a_job_that_loses_its_workers_again_and_again_says_so(engine: HubEngine) -> None:
    await jobs.enqueue(engine, "export_workout", "poison", lane=ANNA)
    for lost in range(MAX_LOSSES):
        lease = await take_one(engine)
        assert lease.losses == lost
        await lose(engine)
    lease = await take_one(engine)
    assert lease.losses == MAX_LOSSES
    await jobs.bury(engine, lease, "given up")
    assert (await jobs.queue_state(engine)).dead == 1
    assert await jobs.claim_due(engine) == []
    # Asked for again, it is a job like any other.
    await jobs.enqueue(engine, "export_workout", "poison", lane=ANNA)
    assert (await take_one(engine)).losses == 0


async def test_a_loss_is_forgotten_when_the_job_ends_well(engine: HubEngine) -> None:
    await jobs.enqueue(engine, "export_workout", "unlucky", lane=ANNA)
    await take_one(engine)
    await lose(engine)
    lease = await take_one(engine)
    await jobs.retry(engine, lease, run_at_ms=0, error="", counts=False)  # which says nothing about it
    lease = await take_one(engine)
    assert lease.losses == 1
    await jobs.retry(engine, lease, run_at_ms=0, error="")
    assert (await take_one(engine)).losses == 0


async def test_a_lease_that_is_kept_is_not_taken_away(engine: HubEngine) -> None:
    await jobs.enqueue(engine, "export_workout", "slow", lane=ANNA)
    lease = await take_one(engine)
    assert await jobs.recover_lost(engine) == 0
    await jobs.extend(engine, lease)


async def test_when_the_first_try_failed_is_kept_until_it_ends(engine: HubEngine) -> None:
    await jobs.enqueue(engine, "export_workout", "failing", lane=ANNA)
    lease = await take_one(engine)
    await jobs.retry(engine, lease, run_at_ms=0, error="held", counts=False)
    lease = await take_one(engine)
    assert (lease.tries, lease.failing_since_ms) == (0, None)
    await jobs.retry(engine, lease, run_at_ms=0, error="failed")
    first = (await take_one(engine)).failing_since_ms
    assert first
    await engine.execute("UPDATE \"job\" SET state = 'waiting', failing_since_ms = 7")
    lease = await take_one(engine)
    await jobs.retry(engine, lease, run_at_ms=0, error="failed")
    assert (await take_one(engine)).failing_since_ms == 7


async def test_with_thousands_due_the_order_is_the_same(engine: HubEngine) -> None:
    """So many are not sorted, but found along the line: priority first, and neither held nor later ones."""
    await jobs.enqueue(engine, "export_workout", "0", lane=ANNA)
    columns = "kind, state, priority, generation, fence, tries, error, created_ms, updated_ms, provider"
    async with engine.transaction():
        for number in range(1, 2_500):
            # Those that came last stand first in the line; every fifth is in nobody's hurry.
            await engine.execute(
                f'INSERT INTO "job" (id, subject_id, {columns}, athlete_id, run_at_ms, line_ms)'  # noqa: S608
                " SELECT 'job_' || {}, {}, kind, state, {}, generation, fence, tries, error, created_ms,"
                " updated_ms, {}, athlete_id, {}, {} FROM \"job\" WHERE subject_id = '0'",
                str(number),
                str(number),
                7 if number % 5 == 0 else 5,
                "wahoo" if number % 7 == 0 else "garmin",
                now_ms() + 60_000 if number % 11 == 0 else 1,
                10_000 - number,
            )
    await hold_provider(engine, Hold("wahoo", "", "over_budget", "", now_ms() + 60_000))
    found = await subjects(engine, limit=50)
    due = [number for number in range(2_499, 0, -1) if number % 7 and number % 11]
    assert found == [str(number) for number in due if number % 5][:50]
