"""SQLite shared by processes, and left open by one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from hub_core.storage import HubEngine, sqlite_pool
from hub_core.storage.tables import Platform


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Run a script in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


LEFT_OPEN = """
    import asyncio, sys
    from hub_core.storage import open_engine
    from hub_core.storage.tables import Platform

    async def main():
        engine = open_engine(sys.argv[1])
        await Platform.count()
        async with engine.transaction():
            await Platform.insert(Platform(id="p"))
        try:
            async with engine.transaction():
                await engine.execute("DELETE FROM no_such_thing")
        except Exception as error:
            print("failed:", error)

    asyncio.run(main())
    print("done")
"""


def test_the_process_ends_even_when_nobody_closes(sqlite_url: str) -> None:
    process = start(LEFT_OPEN, sqlite_url)

    output, errors = process.communicate(timeout=10)

    assert (process.returncode, output.splitlines()[-1]) == (0, "done"), errors


WRITE_OFTEN = """
    import asyncio, sys
    from hub_core.storage import close_engine, open_engine
    from hub_core.storage.tables import Platform

    async def main():
        engine = open_engine(sys.argv[1])

        async def add_one():
            async with engine.transaction():
                row = await Platform.select(Platform.created_ms).where(Platform.id == "p").first()
                await Platform.update({Platform.created_ms: row["created_ms"] + 1}).where(Platform.id == "p")

        await asyncio.gather(*(add_one() for _ in range(200)))
        await close_engine(engine)

    asyncio.run(main())
"""


async def test_two_processes_write_one_file(sqlite: HubEngine, sqlite_url: str) -> None:
    await Platform.insert(Platform(id="p", created_ms=0))
    processes = [start(WRITE_OFTEN, sqlite_url) for _ in range(2)]
    for process in processes:
        _, errors = await asyncio.to_thread(process.communicate, timeout=20)
        assert process.returncode == 0, errors

    assert await sqlite.execute("SELECT created_ms FROM platform") == [{"created_ms": 400}]


def test_connections_opened_at_once_on_a_new_file_all_succeed(tmp_path: Path) -> None:
    # SQLite itself refuses a few in a hundred of these, without waiting its busy timeout.
    def connect(path: Path, together: Barrier) -> str:
        together.wait()
        connection = sqlite_pool.open_connection(str(path), "NORMAL", read_only=False, timeout_s=30)
        [mode] = connection.execute("PRAGMA journal_mode").fetchone()
        connection.close()
        return str(mode)

    with ThreadPoolExecutor(6) as threads:
        for number in range(60):
            together = Barrier(6)
            futures = [threads.submit(connect, tmp_path / f"{number}.db", together) for _ in range(6)]
            assert [future.result() for future in futures] == ["wal"] * 6
