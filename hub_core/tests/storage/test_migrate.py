"""Migrations run once, completely or not at all, however many begin at the same time."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap

import pytest

from hub_core.storage import HubEngine, close_engine, migrate, open_engine, pending
from hub_core.storage.migrate import known
from hub_core.storage.tables import Platform


async def test_everything_is_pending_then_applied_then_nothing_is_left(empty_url: str) -> None:
    engine = open_engine(empty_url)

    assert await pending(engine) == known()
    assert await migrate(engine) == known()
    assert await pending(engine) == []
    assert await migrate(engine) == []
    assert known()[0] == "m0001_initial"
    await close_engine(engine)


async def test_what_is_there_survives_another_run(engine: HubEngine) -> None:
    await Platform.insert(Platform(id="p", name="kept"))

    assert await migrate(engine) == []
    assert await Platform.count() == 1


async def test_a_migration_that_fails_leaves_nothing_behind(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub_core.storage.migrations.m0001_initial._ORDER_INDEXES", "CREATE NONSENSE")
    engine = open_engine(empty_url)

    with pytest.raises(Exception, match="NONSENSE"):
        await migrate(engine)

    assert await pending(engine) == known()
    monkeypatch.undo()
    assert await migrate(engine) == known()
    await close_engine(engine)


MIGRATE = """
    import asyncio, sys
    from hub_core.storage import close_engine, migrate, open_engine

    async def main():
        engine = open_engine(sys.argv[1])
        print("ready", flush=True)
        sys.stdin.readline()
        print(",".join(await migrate(engine)))
        await close_engine(engine)

    asyncio.run(main())
"""


def test_three_processes_migrate_an_empty_database_at_once(empty_url: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(MIGRATE), empty_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    results = [process.communicate(timeout=20) for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0], results
    assert sorted(output.strip() for output, _ in results) == ["", "", ",".join(known())]


async def test_two_engines_migrate_two_databases_at_once(empty_url: str, second_empty_url: str) -> None:
    engines = [open_engine(empty_url), open_engine(second_empty_url)]

    assert await asyncio.gather(*(migrate(engine) for engine in engines)) == [known(), known()]
    for engine in engines:
        await close_engine(engine)
