"""The migrated schema is what the tables say, and holds what they cannot say."""

from __future__ import annotations

from typing import Any

import pytest

from hub_core.storage import HubEngine, close_engine, migrate, open_engine
from hub_core.storage.tables import TABLES, Attempt, Job


async def columns(engine: HubEngine, table: str) -> list[dict[str, Any]]:
    """The columns of a table as the database describes them."""
    if engine.kind == "sqlite":
        rows = await engine.execute(f'PRAGMA table_info("{table}")')
        # SQLite repeats a default as it was written: `null` or `NULL`.
        return [{**row, "dflt_value": str(row["dflt_value"]).lower()} for row in rows]
    return await engine.execute(
        """SELECT column_name, data_type, character_maximum_length, is_nullable, column_default
        FROM information_schema.columns WHERE table_name = {} ORDER BY ordinal_position""",
        table,
    )


async def indexes(engine: HubEngine, table: str) -> dict[str, str]:
    """The indexes of a table by name; SQLite's own for keys included."""
    if engine.kind == "sqlite":
        rows = await engine.execute('SELECT name, "unique" AS detail FROM pragma_index_list({})', table)
    else:
        rows = await engine.execute(
            "SELECT indexname AS name, indexdef AS detail FROM pg_indexes WHERE tablename = {}", table
        )
    return {row["name"]: str(row["detail"]) for row in rows}


async def tables(engine: HubEngine) -> set[str]:
    """The names of all tables."""
    if engine.kind == "sqlite":
        rows = await engine.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    else:
        rows = await engine.execute("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    return {row["name"] for row in rows}


async def test_the_migrated_schema_is_what_the_tables_say(empty_url: str, second_empty_url: str) -> None:
    migrated = open_engine(empty_url)
    await migrate(migrated)
    declared = open_engine(second_empty_url)
    for table in TABLES:
        await table.create_table()

    assert await tables(migrated) - await tables(declared) <= {"migration", "sqlite_sequence"}
    assert await tables(declared) <= await tables(migrated)
    for table in TABLES:
        name = table._meta.tablename
        assert await columns(migrated, name) == await columns(declared, name), name
        wanted, found = await indexes(declared, name), await indexes(migrated, name)
        assert wanted.items() <= found.items(), name
    await close_engine(migrated)
    await close_engine(declared)


IDENTITIES = {
    "athlete": ("platform_id", "external_id"),
    "connection": ("athlete_id", "provider"),
    "workout": ("athlete_id", "external_id"),
    "workout_revision": ("workout_id", "revision"),
    "export": ("workout_id", "provider"),
    "attempt": ("export_id", "number"),
    "job": ("kind", "subject_id"),
    "race": ("athlete_id", "source_key"),
}


@pytest.mark.parametrize("table", IDENTITIES)
async def test_an_identity_exists_once(engine: HubEngine, table: str) -> None:
    first, second = IDENTITIES[table]
    value = 1 if second in ("revision", "number") else "y"
    statement = f'INSERT INTO "{table}" (id, {first}, {second}) VALUES ({{}}, {{}}, {{}})'  # noqa: S608
    await engine.execute(statement, "1", "x", value)
    await engine.execute(statement, "2", "other", value)

    with pytest.raises(Exception, match=r"(?i)unique"):
        await engine.execute(statement, "3", "x", value)


async def test_many_jobs_may_be_due_at_the_same_time(engine: HubEngine) -> None:
    for number in range(3):
        await Job.insert(Job(id=str(number), kind="export", subject_id=str(number), run_at_ms=5))
        await Attempt.insert(Attempt(id=str(number), export_id="e", number=number))

    assert await Job.count() == await Attempt.count() == 3
