"""Single rows, found and written, on both databases."""

from __future__ import annotations

import asyncio

import pytest

from hub_core.storage import HubEngine, change_row, find_row, find_rows, save_row
from hub_core.storage.tables import Attempt, Connection, Platform


def attempt(number: int, export_id: str = "exp") -> Attempt:
    return Attempt(id=f"att_{export_id}_{number}", export_id=export_id, number=number, action="create")


async def test_a_row_comes_back_as_it_was_saved(engine: HubEngine) -> None:
    tokens = bytes(range(256))
    await save_row(Connection(id="c", provider="garmin", tokens=tokens, token_expires_ms=2**53 + 1))

    found = await find_row(Connection, id="c", provider="garmin")

    assert found is not None
    assert (bytes(found.tokens or b""), found.token_expires_ms) == (tokens, 2**53 + 1)
    assert found.refreshing_until_ms is None
    assert await find_row(Connection, id="c", provider="wahoo") is None


async def test_a_row_is_what_piccolo_would_make_of_it(engine: HubEngine) -> None:
    await save_row(Connection(id="c", provider="garmin", tokens=b"sealed"))

    found = await find_row(Connection, id="c")
    theirs = await Connection.objects().where(Connection.id == "c").first()

    assert found is not None
    assert theirs is not None
    assert vars(found) == vars(theirs)


async def test_saving_again_writes_the_same_row(engine: HubEngine) -> None:
    row = Platform(id="p", name="before", created_ms=1)
    await save_row(row)
    row.name = "between"
    await save_row(row)
    found = await find_row(Platform, id="p")
    assert found is not None
    found.name = "after"
    await save_row(found)

    assert await engine.execute("SELECT id, name FROM platform") == [{"id": "p", "name": "after"}]


async def test_some_columns_of_one_row_are_changed(engine: HubEngine) -> None:
    for one in ("p", "q"):
        await save_row(Platform(id=one, name=one, created_ms=1))

    await change_row(Platform, "p", name="changed", created_ms=2)
    await change_row(Platform, "nobody", name="changed")

    rows = await engine.execute("SELECT id, name, created_ms FROM platform ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [("p", "changed", 2), ("q", "q", 1)]


async def test_the_last_of_several_and_all_of_some(engine: HubEngine) -> None:
    for row in (attempt(2), attempt(10), attempt(9), attempt(1, "other")):
        await save_row(row)

    last = await find_row(Attempt, export_id="exp", last_by="number")

    assert last is not None
    assert last.number == 10
    both = await find_rows(Attempt, export_id=["exp", "other", "none"], action="create")
    assert sorted(one.number for one in both) == [1, 2, 9, 10]
    assert await find_rows(Attempt, export_id=[]) == []


async def test_a_locked_row_waits_for_whoever_has_it(engine: HubEngine) -> None:
    await save_row(Platform(id="p", name="a", created_ms=0))

    async def add_one() -> None:
        async with engine.transaction():
            row = await find_row(Platform, id="p", lock=True)
            assert row is not None
            await asyncio.sleep(0)
            await change_row(Platform, "p", created_ms=row.created_ms + 1)

    await asyncio.gather(*(add_one() for _ in range(40)))

    assert await engine.execute("SELECT created_ms FROM platform") == [{"created_ms": 40}]


async def test_a_column_that_there_is_not_is_named(engine: HubEngine) -> None:
    with pytest.raises(ValueError, match="platform has no column nmae"):
        await find_row(Platform, nmae="p")
    with pytest.raises(ValueError, match="platform has no column nmae"):
        await change_row(Platform, "p", nmae="q")
