"""Numbered steps that build the database's schema. See `hub_core.storage.migrate`.

A step is a module `mNNNN_name.py` with `async def forwards(engine)`. It holds its own frozen SQL,
works on SQLite and PostgreSQL, and is never changed after a release. What SQLite can do is: add
tables, columns with a constant default, and indexes; anything else is a rebuild written by hand.
"""

from __future__ import annotations

from hub_core.storage.engine import HubEngine

_SQLITE_WORDS = {
    # SQLite takes a 64-bit counter under this name only. AUTOINCREMENT: a number is never used
    # again after its row was deleted, and followers of a feed rely on that.
    "BIGSERIAL PRIMARY KEY NOT NULL": "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL",
    "BIGINT": "INTEGER",
    "BYTEA": "BLOB",
}


async def run_ddl(engine: HubEngine, script: str) -> None:
    """Run statements separated by `;`, written in PostgreSQL's words, on either database."""
    if engine.kind == "sqlite":
        for word, replacement in _SQLITE_WORDS.items():
            script = script.replace(word, replacement)
    for statement in script.split(";"):
        if statement.strip():
            await engine.execute_ddl(statement)
