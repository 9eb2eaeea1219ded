"""Single rows, found by a key and written: most of what the hub does with its database.

Piccolo builds each statement anew, and that takes ten times as long as the database does. There are not many
keys to find rows by, nor sets of columns to write, so here each statement is built once.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, cast

from piccolo.columns.column_types import BigSerial
from piccolo.table import Table

if TYPE_CHECKING:
    from hub_core.storage.postgres_engine import PooledPostgresEngine
    from hub_core.storage.sqlite_engine import PooledSQLiteEngine

type _Verb = Literal["SELECT", "INSERT", "UPDATE"]


async def find_row[T: Table](
    table: type[T], *, last_by: str = "", lock: bool = False, **key: object
) -> T | None:
    """The row whose columns have these values, if there is one.

    Several may have them only where `last_by` names the column whose greatest value decides. There must be
    an index for it: on SQLite nothing else goes on meanwhile. `lock`: until the caller's transaction ends,
    nobody else changes it. On SQLite nobody does in any case.
    """
    end = (f' ORDER BY "{last_by}" DESC' if last_by else "") + " LIMIT 1"
    if lock and _engine(table).engine_type == "postgres":
        end += " FOR UPDATE"
    found = await _run(table, "SELECT", {}, key, end)
    return _as_row(table, found[0]) if found else None


async def find_rows[T: Table](table: type[T], **key: object) -> list[T]:
    """The rows whose columns have these values, or one of those in a list: a few, and found by an index."""
    if any(value == [] for value in key.values()):
        return []
    return [_as_row(table, one) for one in await _run(table, "SELECT", {}, key)]


async def save_row(row: Table) -> None:
    """Insert a row that is new, or write all columns of one that was found."""
    values = {column._meta.name: getattr(row, column._meta.name) for column in _written(type(row))}
    if row._exists_in_db:
        key = type(row)._meta.primary_key._meta.name
        await _run(type(row), "UPDATE", values, {key: getattr(row, key)})
    else:
        await _run(type(row), "INSERT", values, {})
        row._exists_in_db = True


async def change_row(table: type[Table], row_id: str, **values: object) -> None:
    """Write some columns of the row with this id, if there is one."""
    await _run(table, "UPDATE", values, {"id": row_id})


def _as_row[T: Table](table: type[T], values: Mapping[str, object]) -> T:
    """What Piccolo makes of them, without looking for each column's default."""
    row = object.__new__(table)
    vars(row).update(values, _exists_in_db=True, _was_created=None)
    return row


async def _run(
    table: type[Table], verb: _Verb, values: Mapping[str, object], key: Mapping[str, object], end: str = ""
) -> list[Any]:
    engine = _engine(table)
    place = "?" if engine.engine_type == "sqlite" else "$"
    many = tuple((name, len(value) if isinstance(value, list) else 0) for name, value in key.items())
    statement = _statement(table, verb, tuple(values), many, end, place)
    sought = (one for value in key.values() for one in (value if isinstance(value, list) else [value]))
    arguments = (*values.values(), *sought)
    rows: list[Any] = await engine.run_plain(statement, arguments, by_key=verb == "SELECT")
    return rows


def _engine(table: type[Table]) -> PooledSQLiteEngine | PooledPostgresEngine:
    return cast("PooledSQLiteEngine | PooledPostgresEngine", table._meta.db)


@functools.lru_cache(2048)
def _statement(
    table: type[Table],
    verb: _Verb,
    values: tuple[str, ...],
    key: tuple[tuple[str, int], ...],
    end: str,
    place: str,
) -> str:
    """`key`: each column, and how many values it may have, or 0 for just one."""
    known = {column._meta.name for column in table._meta.columns}
    for column in (*values, *(column for column, _ in key)):
        if column not in known:
            raise ValueError(f"{table._meta.tablename} has no column {column}")
    name = f'"{table._meta.tablename}"'
    numbers = itertools.count(1)

    def next_place() -> str:
        return place if place == "?" else f"{place}{next(numbers)}"

    def sought(column: str, many: int) -> str:
        if many:
            return f'"{column}" IN ({", ".join(next_place() for _ in range(many))})'
        return f'"{column}" = {next_place()}'

    match verb:
        case "SELECT":
            columns = ", ".join(f'"{column._meta.name}"' for column in table._meta.columns)
            where = " AND ".join(sought(*one) for one in key)
            return f"SELECT {columns} FROM {name} WHERE {where}{end}"  # noqa: S608
        case "INSERT":
            columns = ", ".join(f'"{one}"' for one in values)
            return f"INSERT INTO {name} ({columns}) VALUES ({', '.join(next_place() for _ in values)})"  # noqa: S608
        case "UPDATE":
            written = ", ".join(f'"{one}" = {next_place()}' for one in values)
            where = " AND ".join(sought(*one) for one in key)
            return f"UPDATE {name} SET {written} WHERE {where}"  # noqa: S608


@functools.cache
def _written(table: type[Table]) -> list[Any]:
    """All columns but those that the database numbers."""
    return [column for column in table._meta.columns if not isinstance(column, BigSerial)]
