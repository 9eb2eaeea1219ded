"""One way to use either database: opening, statements, values."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub_core.errors import ConfigurationError
from hub_core.storage import HubEngine, close_engine, new_id, open_engine
from hub_core.storage.tables import Athlete, Change, Connection, Platform, Workout


async def add_platform(name: str) -> None:
    await Platform.insert(Platform(id=new_id("pl"), name=name, created_ms=1))


async def names() -> list[str]:
    return [row["name"] for row in await Platform.select(Platform.name).order_by(Platform.name)]


async def test_a_statement_by_itself_is_kept(engine: HubEngine) -> None:
    await add_platform("a")

    assert await names() == ["a"]


async def test_every_kind_of_value_comes_back_as_it_went_in(engine: HubEngine) -> None:
    token, instant = bytes(range(256)), 2**53 + 1
    await Connection.insert(Connection(id="c", tokens=token, token_expires_ms=instant))
    await Workout.insert(Workout(id="w", name="5 × 4′ “hart” 🚴", deleted=True))

    connection = await Connection.objects().get(Connection.id == "c")
    workout = await Workout.objects().get(Workout.id == "w")

    assert connection is not None
    assert workout is not None
    assert (connection.tokens, connection.token_expires_ms) == (token, instant)
    assert connection.refreshing_until_ms is None
    assert (workout.name, workout.deleted, workout.external_id) == ("5 × 4′ “hart” 🚴", True, None)


async def test_execute_gives_dicts_and_takes_arguments_in_places(engine: HubEngine) -> None:
    await add_platform("a")

    changed = await engine.execute(
        "UPDATE platform SET created_ms = created_ms + {} WHERE name = {} RETURNING name, created_ms", 41, "a"
    )

    assert changed == [{"name": "a", "created_ms": 42}]
    assert await engine.execute("SELECT name FROM platform WHERE name = {}", "' OR 1=1 --") == []


async def test_execute_counts_its_arguments(engine: HubEngine) -> None:
    with pytest.raises(ValueError, match="2 places but 1"):
        await engine.execute("SELECT {} + {}", 1)


async def test_a_unique_index_of_two_columns_takes_on_conflict(engine: HubEngine) -> None:
    for name in ("first", "second"):
        await Athlete.insert(
            Athlete(id=new_id("ath"), platform_id="p", external_id="1", name=name)
        ).on_conflict(
            target=(Athlete.platform_id, Athlete.external_id), action="DO UPDATE", values=[Athlete.name]
        )

    assert await Athlete.select(Athlete.name) == [{"name": "second"}]


async def test_the_number_of_a_deleted_change_is_not_used_again(engine: HubEngine) -> None:
    first = await Change.insert(Change(athlete_id="a"))
    await Change.delete(force=True)
    second = await Change.insert(Change(athlete_id="a"))

    assert second[0]["seq"] > first[0]["seq"]


async def test_piccolos_own_batches_work(engine: HubEngine) -> None:
    for number in range(5):
        await add_platform(f"p{number}")

    seen: list[str] = []
    async with await Platform.select(Platform.name).order_by(Platform.name).batch(batch_size=2) as batch:
        async for rows in batch:
            seen += [row["name"] for row in rows]

    assert seen == ["p0", "p1", "p2", "p3", "p4"]


async def test_an_engine_works_again_after_it_was_closed(engine: HubEngine) -> None:
    await add_platform("a")
    await close_engine(engine)
    await close_engine(engine)

    assert await names() == ["a"]


@pytest.mark.parametrize(
    "url",
    [
        "mysql://x/y",
        "hub.db",
        "",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://hub.db",
        "sqlite:///x.db?synchronous=off",
        "sqlite:////no/such/folder/hub.db",
    ],
)
def test_an_unusable_url_is_refused_with_the_name_of_the_setting(url: str) -> None:
    with pytest.raises(ConfigurationError, match="HUB_DATABASE_URL"):
        open_engine(url)


def test_a_password_does_not_show_in_the_error() -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_engine("mysql://user:hunter2@host/name")

    assert "hunter2" not in str(caught.value)


def test_the_kind_follows_the_url(tmp_path: Path) -> None:
    assert open_engine(f"sqlite:///{tmp_path}/hub.db").kind == "sqlite"
    assert open_engine("postgresql://nobody@127.0.0.1:1/none").kind == "postgres"


def test_a_relative_path_is_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    open_engine("sqlite:///hub.db")

    assert (tmp_path / "hub.db").stat().st_mode & 0o777 == 0o600
