"""Whoever follows the feed ends with what the database holds, however many write at the same time."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from pydantic import SecretStr

from hub_core.bootstrap import make_hub
from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.errors import CursorExpiredError, InvalidInputError
from hub_core.services.athletes.issue_api_key import find_platform, issue_api_key
from hub_core.services.athletes.save_athlete import create_athlete, load_athlete
from hub_core.services.hub import Hub
from hub_core.services.merging.shown import Writer
from hub_core.services.sync.changes import record_change
from hub_core.services.sync.read_changes import ChangePage, read_changes
from hub_core.settings import HubSettings
from hub_core.storage import generate_key
from hub_core.storage.inbound_tables import Day
from hub_core.storage.tables import Athlete, Change

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

DAYS = [f"2026-03-{day:02}" for day in range(1, 13)]


class Follower:
    """A client that keeps what it is told, and nothing else."""

    def __init__(self, hub: Hub, athlete: Athlete, limit: int = 7) -> None:
        self.hub = hub
        self.athlete = athlete
        self.limit = limit
        self.cursor = ""
        self.held: dict[str, dict[str, Any]] = {}

    async def step(self) -> ChangePage:
        page = await read_changes(self.hub, self.athlete, self.cursor, self.limit, ("daily",))
        assert len({(one.collection, one.id) for one in page.changes}) == len(page.changes)
        for one in page.changes:
            if one.operation == "delete":
                assert one.entity is None
                self.held.pop(one.id, None)
            else:
                self.held[one.id] = msgspec.to_builtins(one.entity)
        self.cursor = page.next_cursor
        return page

    async def catch_up(self) -> None:
        while (await self.step()).has_more:
            pass


@pytest.fixture
async def hub(database_url: str) -> AsyncIterator[Hub]:
    hub = make_hub(HubSettings(database_url=database_url, encryption_keys=SecretStr(generate_key())))
    yield hub
    await hub.engine.close()


async def make_athlete(hub: Hub, name: str = "anna") -> Athlete:
    platform = await find_platform(await issue_api_key(hub, name))
    assert platform
    made = await create_athlete(
        hub, platform, external_id=name, name="", thresholds=Thresholds(), export_to="all"
    )
    return await load_athlete(platform, made.id)


async def held(athlete: Athlete) -> dict[str, Any]:
    rows = await Day.objects().where((Day.athlete_id == athlete.id) & (Day.deleted == False))  # noqa: E712
    return {row.id: msgspec.json.decode(row.document) for row in rows}


async def write(hub: Hub, athlete: Athlete, rng: random.Random) -> None:
    """One transaction of one or several days, whose parts other transactions come in between."""
    async with hub.engine.transaction():
        for iso in sorted(rng.sample(DAYS, rng.randint(1, 3))):
            document = "" if rng.random() < 0.2 else f'{{"date":"{iso}","steps":{rng.randint(1, 9999)}}}'
            if hub.engine.kind == "postgres":
                await hub.engine.execute("SELECT pg_advisory_xact_lock({})", DAYS.index(iso))
            await Writer(hub, athlete.id).write_day("daily", dt.date.fromisoformat(iso), document)
            await asyncio.sleep(rng.random() * 0.004)


async def test_a_follower_ends_with_what_the_database_holds(hub: Hub) -> None:
    athlete = await make_athlete(hub)
    follower = Follower(hub, athlete)
    is_over = asyncio.Event()

    async def follow() -> None:
        while not is_over.is_set():
            await follower.step()
            await asyncio.sleep(0)

    async def write_some(number: int) -> None:
        rng = random.Random(number)
        for _ in range(12):
            await write(hub, athlete, rng)

    following = asyncio.ensure_future(follow())
    await asyncio.gather(*(write_some(number) for number in range(6)))
    is_over.set()
    await following
    await follower.catch_up()
    assert follower.held == await held(athlete)
    assert follower.held

    fresh = Follower(hub, athlete, limit=5)
    await fresh.catch_up()
    assert fresh.held == follower.held


async def test_no_line_is_seen_twice_or_skipped_when_the_first_number_is_committed_last(hub: Hub) -> None:
    if hub.engine.kind == "sqlite":
        return await _one_after_the_other(hub)
    athlete = await make_athlete(hub)
    has_number, may_end = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with hub.engine.transaction():
            await record_change(hub, athlete.id, "daily", "day_slow")
            has_number.set()
            await may_end.wait()

    running = asyncio.ensure_future(slow())
    await has_number.wait()
    await record_change(hub, athlete.id, "daily", "day_quick")
    seqs = {row.entity_id: row.seq for row in await Change.objects().where(Change.collection == "daily")}
    assert seqs.keys() == {"day_quick"}  # the one with the lower number is not there yet

    follower = Follower(hub, athlete)
    early = await follower.step()
    may_end.set()
    await running
    assert early.changes == ()
    page = await follower.step()
    assert [one.id for one in page.changes] == ["day_slow", "day_quick"]
    assert (await follower.step()).changes == ()
    return None


async def _one_after_the_other(hub: Hub) -> None:
    athlete = await make_athlete(hub)
    follower = Follower(hub, athlete)
    for name in ("day_1", "day_2"):
        await record_change(hub, athlete.id, "daily", name)
        assert [one.id for one in (await follower.step()).changes] == [name]


async def test_several_changes_of_one_entity_are_told_once_where_the_last_one_stands(hub: Hub) -> None:
    athlete = await make_athlete(hub)
    for name in ("a", "b", "a", "c"):
        await record_change(hub, athlete.id, "races", name, "delete")
    page = await read_changes(hub, athlete, "", 10, ["races"])
    assert [(one.id, one.operation) for one in page.changes] == [
        ("b", "delete"),
        ("a", "delete"),
        ("c", "delete"),
    ]
    assert not page.has_more
    first = await read_changes(hub, athlete, "", 3, ["races"])
    assert ([one.id for one in first.changes], first.has_more) == (["b", "a"], True)
    rest = await read_changes(hub, athlete, first.next_cursor, 3, ["races"])
    assert ([one.id for one in rest.changes], rest.has_more) == (["c"], False)


async def test_a_cursor_from_before_a_backup_was_put_back_expires_however_much_was_written_since(
    hub: Hub,
) -> None:
    athlete = await make_athlete(hub)
    backed_up = await read_changes(hub, athlete, "", 10)
    await record_change(hub, athlete.id, "daily", "day_lost")
    later = await read_changes(hub, athlete, backed_up.next_cursor, 10)
    (lost,) = await Change.objects().where(Change.entity_id == "day_lost")
    await Change.delete().where(Change.seq == lost.seq)  # the backup doesn't have it
    with pytest.raises(CursorExpiredError, match="later state"):
        await read_changes(hub, athlete, later.next_cursor, 10)
    # Enough was written since, and the same numbers are there again, of another moment.
    await Change(**{**lost.to_dict(), "created_ms": lost.created_ms + 60_000}, _ignore_missing=True).save()
    with pytest.raises(CursorExpiredError, match="later state"):
        await read_changes(hub, athlete, later.next_cursor, 10)
    # Who stopped before the backup was taken misses nothing, and is told the rest.
    rest = await read_changes(hub, athlete, backed_up.next_cursor, 10)
    assert [one.id for one in rest.changes] == ["day_lost"]
    # Who has heard nothing so far goes on, too.
    nothing = await read_changes(hub, athlete, "", 10, ["races"])
    assert not (await read_changes(hub, athlete, nothing.next_cursor, 10, ["races"])).changes


async def test_cursors_that_lead_nowhere_say_what_to_do(hub: Hub) -> None:
    anna, ben = await make_athlete(hub), await make_athlete(hub, "ben")
    page = await read_changes(hub, anna, "", 10)
    assert [one.collection for one in page.changes] == ["athletes"]
    with pytest.raises(CursorExpiredError, match="another athlete's: ask again without a cursor"):
        await read_changes(hub, ben, page.next_cursor, 10)
    with pytest.raises(CursorExpiredError, match="other collections"):
        await read_changes(hub, anna, page.next_cursor, 10, ["daily"])
    await Change.delete(force=True)  # an older state of the database was put back
    with pytest.raises(CursorExpiredError, match="another database"):
        await read_changes(hub, anna, page.next_cursor, 10)
    for nonsense in ("x", "é", "AAAA", page.next_cursor[:-3]):
        with pytest.raises(InvalidInputError, match="no cursor"):
            await read_changes(hub, anna, nonsense, 10)
    with pytest.raises(InvalidInputError, match="there is no 'dogs'"):
        await read_changes(hub, anna, "", 10, ["dogs"])
