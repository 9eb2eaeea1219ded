"""What has waited: in which order it goes, and that what is live goes before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator

import pytest

from hub_core.domain.local_day import day_ends_ms
from hub_core.storage import HubEngine, close_engine, jobs, now_ms, open_engine
from hub_core.storage.backlog import join_backlog
from hub_core.storage.holds import Hold, hold_provider
from hub_core.storage.jobs import MOST_BEHIND, Lane

ANNA, BEN = Lane("garmin", "ath_anna"), Lane("garmin", "ath_ben")
DAY_MS = 86_400_000


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[HubEngine]:
    opened = open_engine(database_url)
    yield opened
    await close_engine(opened)


async def ask(engine: HubEngine, name: str, day: int | None = None, lane: Lane = ANNA) -> None:
    """`day`: that many days from now the workout's day is over."""
    ends_ms = 0 if day is None else now_ms() + day * DAY_MS
    await jobs.enqueue(engine, "export_workout", name, lane=lane, day_ends_ms=ends_ms)


async def outage(engine: HubEngine, hours: float = 24) -> None:
    """So much time goes by, and then a relay looks."""
    ms = int(hours * 3_600_000)
    await engine.execute(
        'UPDATE "job" SET line_ms = line_ms - {}, run_at_ms = run_at_ms - {}, day_ends_ms ='
        " CASE WHEN day_ends_ms > 0 THEN day_ends_ms - {} ELSE 0 END,"
        " turn_ms = CASE WHEN turn_ms > 0 THEN turn_ms - {} ELSE 0 END",
        *[ms] * 4,
    )
    await join_backlog(engine)


async def claimed(engine: HubEngine, limit: int = 100) -> list[str]:
    """What is handed out next, in order; a later look finds it again."""
    ids = await jobs.claim_due(engine, limit=limit)
    await jobs.unclaim(engine, ids)
    rows = await engine.execute('SELECT id, subject_id FROM "job"')
    names = {row["id"]: row["subject_id"] for row in rows}
    return [names[one] for one in ids]


async def test_today_goes_first_then_what_is_to_come_and_the_days_that_are_over_last(
    engine: HubEngine,
) -> None:
    for name, day in (("last week", -5), ("next week", 9), ("yesterday", 1), ("tomorrow", 3), ("today", 2)):
        await ask(engine, name, day)
    await outage(engine, hours=36)
    await ask(engine, "live, for next month", 30, BEN)
    assert await claimed(engine) == [
        "live, for next month",
        "today",
        "tomorrow",
        "next week",
        "yesterday",
        "last week",
    ]


async def test_days_end_where_the_athlete_is(engine: HubEngine) -> None:
    """While it is the 5th in Pago Pago, it may be the 6th in Kiritimati: both are today, and the 5th is over
    sooner there."""
    day = dt.datetime.now(dt.UTC).date()
    far_east, far_west = (day_ends_ms(day, zone) for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"))
    assert far_west - far_east == 25 * 3_600_000
    for name, ends_ms in (("west", far_west), ("east, next day", far_east + DAY_MS)):
        await jobs.enqueue(engine, "export_workout", name, lane=ANNA, day_ends_ms=ends_ms)
    await outage(engine, hours=0.1)
    assert await claimed(engine) == ["east, next day", "west"]


async def test_athletes_take_turns_within_a_day(engine: HubEngine) -> None:
    for number in range(5):
        await ask(engine, f"anna-{number}", 2)
    await ask(engine, "ben", 2, BEN)
    await engine.execute('UPDATE "job" SET day_ends_ms = {}', now_ms() + 2 * DAY_MS)
    await outage(engine)
    assert (await claimed(engine)).index("ben") <= 1


async def test_a_day_that_ends_while_it_waits_goes_to_the_end(engine: HubEngine) -> None:
    await ask(engine, "today", 1)
    await ask(engine, "tomorrow", 2)
    await outage(engine, hours=2)
    assert await claimed(engine) == ["today", "tomorrow"]
    await outage(engine, hours=23)
    assert await claimed(engine) == ["tomorrow", "today"]


async def test_an_edit_of_what_has_waited_is_live(engine: HubEngine) -> None:
    for name in ("first", "second", "edited"):
        await ask(engine, name, 3)
    await outage(engine)
    await jobs.enqueue(engine, "export_workout", "edited", lane=ANNA)
    assert (await claimed(engine))[0] == "edited"
    await outage(engine, hours=1)
    rows = await engine.execute('SELECT subject_id FROM "job" WHERE turn_ms > {}', now_ms())
    assert len(rows) == 3  # it still knows its day


async def test_what_is_for_no_day_is_for_the_one_that_begins_when_it_is_asked_for(engine: HubEngine) -> None:
    await ask(engine, "delivery")
    await ask(engine, "in two days", 2)
    await outage(engine, hours=2)
    assert await claimed(engine) == ["delivery", "in two days"]


async def test_of_the_backlog_little_is_handed_out_so_that_live_work_passes_it(engine: HubEngine) -> None:
    async with engine.transaction():
        for number in range(2 * MOST_BEHIND):
            await ask(engine, f"{number}", 3)
    await outage(engine)
    assert len(await jobs.claim_due(engine)) == MOST_BEHIND
    assert await jobs.claim_due(engine) == []
    await ask(engine, "live", 3)
    assert len(await jobs.claim_due(engine)) == 1


async def test_a_hold_of_the_backlog_spares_what_is_live(engine: HubEngine) -> None:
    await ask(engine, "waits", 3)
    await outage(engine)
    await ask(engine, "live", 3)
    await jobs.enqueue(engine, "verify_export", "behind", lane=ANNA, priority=jobs.LIVE_PRIORITY + 2)
    hold = Hold("garmin", "", "over_budget", "", now_ms() + 60_000, spares_live=True)
    await hold_provider(engine, hold)
    assert await claimed(engine) == ["live"]
    state = await jobs.queue_state(engine)
    assert (state.waiting, state.held) == (1, 2)
    assert [hold.is_about(ANNA, is_live=live) for live in (True, False)] == [False, True]
    assert not hold.is_about(Lane("wahoo", "ath_anna"), is_live=False)
