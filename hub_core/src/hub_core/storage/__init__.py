"""The database: engine, tables, migrations, identifiers and the vault. Piccolo is imported only here."""

from __future__ import annotations

from hub_core.storage.engine import HubEngine, Row, close_engine, open_engine
from hub_core.storage.ids import digest, new_id, new_secret, now_ms
from hub_core.storage.migrate import migrate, pending
from hub_core.storage.rows import change_row, find_row, find_rows, save_row
from hub_core.storage.vault import KeyRing, generate_key

__all__ = [
    "HubEngine",
    "KeyRing",
    "Row",
    "change_row",
    "close_engine",
    "digest",
    "find_row",
    "find_rows",
    "generate_key",
    "migrate",
    "new_id",
    "new_secret",
    "now_ms",
    "open_engine",
    "pending",
    "save_row",
]
