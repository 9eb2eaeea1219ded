"""Every table is somebody's, or nobody's on purpose."""

from __future__ import annotations

from piccolo.columns import Bytea

from hub_core.services.privacy.hand_out_data import READERS, SECRETS
from hub_core.storage import HubEngine
from hub_core.storage.ownership import NOBODYS, owned_tables
from hub_core.storage.tables import TABLES

#: Where migrations are written down, and SQLite's own counter.
_SCHEMAS = {"migration", "sqlite_sequence"}


async def test_every_table_of_the_schema_is_an_athletes_or_nobodys(engine: HubEngine) -> None:
    """A table that was added and belongs to neither would be forgotten when an athlete is erased: give it
    `athlete_id` or a column that names such a row, or list it in `NOBODYS`."""
    if engine.kind == "sqlite":
        rows = await engine.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    else:
        rows = await engine.execute("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    found = {row["name"] for row in rows} - _SCHEMAS
    owned = {one.name for one in owned_tables()}
    assert found == owned | NOBODYS
    assert not owned & NOBODYS
    assert owned >= {"athlete", "workout_revision", "attempt", "job", "delivery", "change"}


def test_every_column_of_bytes_is_handed_out_or_a_secret() -> None:
    columns = {
        (table._meta.tablename, column._meta.name)
        for table in TABLES
        if table._meta.tablename not in NOBODYS
        for column in table._meta.columns
        if isinstance(column, Bytea)
    }
    assert columns == READERS.keys() | SECRETS
