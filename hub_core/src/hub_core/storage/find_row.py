"""Finds one row by a key, which is what most of the hub's work begins with.

Piccolo builds each statement anew, and that takes ten times as long as the database does. There are not many
keys to find rows by, so here each is built once.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from piccolo.table import Table

if TYPE_CHECKING:
    from hub_core.storage.postgres_engine import PooledPostgresEngine
    from hub_core.storage.sqlite_engine import PooledSQLiteEngine


async def find_row[T: Table](table: type[T], *, last_by: str = "", **key: object) -> T | None:
    """The row whose columns have these values, if there is one.

    Several may have them only where `last_by` names the column whose greatest value decides. There must be
    an index for it: on SQLite nothing else goes on meanwhile.
    """
    engine: PooledSQLiteEngine | PooledPostgresEngine = table._meta.db  # type: ignore[assignment]
    statement = _statement(table, tuple(key), last_by, is_sqlite=engine.engine_type == "sqlite")
    rows = await engine.run_plain(statement, tuple(key.values()), by_key=True)
    return table(**dict(rows[0]), _exists_in_db=True) if rows else None


@functools.cache
def _statement(table: type[Table], key: tuple[str, ...], last_by: str, *, is_sqlite: bool) -> str:
    columns = {column._meta.name for column in table._meta.columns}
    for name in (*key, *filter(None, [last_by])):
        if name not in columns:
            raise ValueError(f"{table._meta.tablename} has no column {name}")
    these = " AND ".join(f'"{name}" = {"?" if is_sqlite else f"${n}"}' for n, name in enumerate(key, 1))
    order = f' ORDER BY "{last_by}" DESC' if last_by else ""
    names = ", ".join(f'"{column._meta.name}"' for column in table._meta.columns)
    return f'SELECT {names} FROM "{table._meta.tablename}" WHERE {these}{order} LIMIT 1'  # noqa: S608
