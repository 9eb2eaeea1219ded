"""A real PostgreSQL and a real Redis for tests: private to the test run and gone afterwards."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

from hub_core.testing.programs import (
    START_TIMEOUT_S,
    ServerMissingError,
    Service,
    find_postgres,
    find_redis,
    free_port,
    run_once,
    running,
    temporary_folder,
    unprivileged_user,
)

__all__ = [
    "ServerMissingError",
    "Service",
    "create_database",
    "drop_database",
    "postgres_server",
    "postgres_service",
    "redis_server",
    "redis_service",
]

# The data is thrown away: nothing has to survive a crash.
_POSTGRES_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
_INITDB_OPTIONS = ("--auth=trust", "--username=hub", "--encoding=UTF8", "--no-locale", "--no-sync")


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a PostgreSQL and yield the URL of its database `postgres`."""
    with postgres_service() as (url, _):
        yield url


@contextmanager
def postgres_service() -> Iterator[tuple[str, Service]]:
    """The same, with what stops and starts it."""
    owner = unprivileged_user()
    with temporary_folder(owner) as folder:
        programs, data, port = find_postgres(folder), folder / "data", free_port()
        run_once([str(programs / "initdb"), "-D", str(data), *_INITDB_OPTIONS], owner)
        command = [str(programs / "postgres"), "-D", str(data), "-p", str(port)]
        for name, value in _POSTGRES_SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        with Service(lambda: running(command, folder, port, owner)) as service:
            url = f"postgresql://hub@127.0.0.1:{port}/postgres"
            _wait_until_it_answers(url)
            yield url, service


@contextmanager
def redis_server() -> Iterator[str]:
    """Start a Redis that keeps nothing on disk and yield its URL."""
    with redis_service() as (url, _):
        yield url


@contextmanager
def redis_service() -> Iterator[tuple[str, Service]]:
    """The same, with what stops and starts it."""
    with temporary_folder() as folder:
        port = free_port()
        command = [str(find_redis()), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
        command += ["--save", "", "--appendonly", "no"]
        with Service(lambda: running(command, folder, port)) as service:
            yield f"redis://127.0.0.1:{port}/0", service


def create_database(server_url: str, name: str, *, template: str = "template1") -> str:
    """Make a database on a running server, a copy of `template`, and return its URL."""
    _execute(server_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return urlsplit(server_url)._replace(path=f"/{name}").geturl()


def drop_database(server_url: str, name: str) -> None:
    """Remove a database, even when somebody is still connected to it."""
    _execute(server_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _execute(url: str, sql: str) -> None:
    # In a thread, so that it works whether or not an event loop runs in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(_connect_and_execute(url, sql))).result()


async def _connect_and_execute(url: str, sql: str) -> None:
    import asyncpg  # type: ignore[import-untyped]  # only in the extra `server`; it has no types

    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


def _wait_until_it_answers(url: str) -> None:
    """An open port is not enough: PostgreSQL refuses while it starts up."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            return _execute(url, "SELECT 1")
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
