"""What the phone keeps: a mirror of the hub, a queue of what the person did, and for a while what was sent of
it. One SQLite file.

Each method is one transaction. Killed at any moment, the phone goes on from the last one.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import msgspec

Kind = Literal["operation", "batch"]
#: `waiting` for the network, `failed` after all tries, `refused` with the hub's reason in `answer`.
State = Literal["waiting", "failed", "refused"]

#: How long the phone keeps what the hub has taken: longer than the age of a backup that is put back there.
KEPT_S = 30 * 86_400

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entity (
    collection TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, round INTEGER NOT NULL,
    PRIMARY KEY (collection, id)
);
CREATE TABLE IF NOT EXISTS queue (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL, body TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting', tries INTEGER NOT NULL DEFAULT 0, next_try REAL NOT NULL DEFAULT 0,
    answer TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS sent (
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
    sent_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Queued(msgspec.Struct, frozen=True):
    """One thing that the person or the phone did. `answer` is why it was refused, or could not be sent."""

    sequence: int
    id: str
    kind: Kind
    body: dict[str, Any]
    state: State
    tries: int
    next_try: float
    answer: str


class Store:
    """The file. `client_id` is made once and stays: with the ids in the queue it names each operation."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, timeout=10)
        self._db.execute("PRAGMA journal_mode = WAL")
        # What a person typed survives an empty battery, too.
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_SCHEMA)
        self._db.execute("INSERT OR IGNORE INTO setting VALUES ('client_id', ?)", (str(uuid.uuid4()),))
        self.client_id = self._setting("client_id", "")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # -- the mirror -----------------------------------------------------------------------------------

    @property
    def cursor(self) -> str:
        """Where the phone is in the feed; empty before the first time."""
        return self._setting("cursor", "")

    def keep_page(self, changes: Iterable[dict[str, Any]], next_cursor: str, *, is_last: bool) -> None:
        """A page and its cursor, together: half of that would skip something, or show it twice."""
        with self._transaction():
            now = int(self._setting("round", "0"))
            for change in changes:
                key = (change["collection"], change["id"])
                if change["operation"] == "delete":
                    self._db.execute("DELETE FROM entity WHERE collection = ? AND id = ?", key)
                else:
                    body = msgspec.json.encode(change["entity"]).decode()
                    self._db.execute("INSERT OR REPLACE INTO entity VALUES (?, ?, ?, ?)", (*key, body, now))
            self._set("cursor", next_cursor)
            if is_last and self._setting("is_fresh", "") == "yes":
                self._db.execute("DELETE FROM entity WHERE round < ?", (now,))
                self._set("is_fresh", "")

    def begin_anew(self) -> None:
        """The cursor has expired. The mirror stays readable; what isn't told again goes at the end.

        The hub may be an older state of itself, which has forgotten what it had taken. So all that was sent
        lately waits again, in its old place: the hub does what it doesn't know, and nothing else.
        """
        with self._transaction():
            self._db.execute(
                "INSERT INTO queue (sequence, id, kind, body) SELECT sequence, id, kind, body FROM sent"
            )
            self._db.execute("DELETE FROM sent")
            # Of these the hub had taken all items but the refused ones.
            self._db.execute("UPDATE queue SET state = 'waiting' WHERE state = 'refused' AND kind = 'batch'")
            self._set("round", str(int(self._setting("round", "0")) + 1))
            self._set("is_fresh", "yes")
            self._set("cursor", "")

    def entities(self, collection: str) -> dict[str, Any]:
        """What the hub has told, by id."""
        rows = self._db.execute("SELECT id, body FROM entity WHERE collection = ?", (collection,))
        return {id_: msgspec.json.decode(body) for id_, body in rows}

    # -- the queue ------------------------------------------------------------------------------------

    def enqueue(self, kind: Kind, body: dict[str, Any]) -> str:
        """Keep what was done, under a new id. It is safe when this returns, and sent when it can be."""
        id_ = str(uuid.uuid4())
        with self._transaction():
            self._db.execute(
                "INSERT INTO queue (id, kind, body) VALUES (?, ?, ?)",
                (id_, kind, msgspec.json.encode(body).decode()),
            )
        return id_

    def queued(self, *states: State) -> list[Queued]:
        """What is in the queue in its order, of some states or of all."""
        wanted = states or ("waiting", "failed", "refused")
        places = ", ".join("?" * len(wanted))
        rows = self._db.execute(
            "SELECT sequence, id, kind, body, state, tries, next_try, answer FROM queue"  # noqa: S608 (only places)
            f" WHERE state IN ({places}) ORDER BY sequence",
            wanted,
        )
        return [
            Queued(sequence, id_, kind, msgspec.json.decode(body), *rest)
            for sequence, id_, kind, body, *rest in rows
        ]

    def settle(self, done: Iterable[str], refused: Mapping[str, str], now: float) -> None:
        """The hub has taken some, and has said no to others, with its answer to each. These stay, for the
        person to look at: nothing that was typed is thrown away. What was taken is kept for `KEPT_S`, should
        the hub forget it."""
        with self._transaction():
            for id_ in done:
                self._db.execute(
                    "INSERT INTO sent SELECT sequence, id, kind, body, ? FROM queue WHERE id = ?", (now, id_)
                )
                self._db.execute("DELETE FROM queue WHERE id = ?", (id_,))
            self._db.execute("DELETE FROM sent WHERE sent_at < ?", (now - KEPT_S,))
            self._db.executemany(
                "UPDATE queue SET state = 'refused', answer = ? WHERE id = ?",
                [(answer, id_) for id_, answer in refused.items()],
            )

    def head_state(self) -> State | None:
        """How it stands with the first in line, for whom all others wait. None: nobody is in line."""
        line = self.queued("waiting", "failed")
        return line[0].state if line else None

    def tried(self, id_: str, why: str, next_try: float | None) -> None:
        """It could not be sent. None: that was the last try."""
        state = "waiting" if next_try is not None else "failed"
        self._db.execute(
            "UPDATE queue SET state = ?, tries = tries + 1, next_try = ?, answer = ? WHERE id = ?",
            (state, next_try or 0.0, why, id_),
        )

    def try_again(self) -> None:
        """What has failed waits again, where it was: the person asked, or the network is back."""
        self._db.execute("UPDATE queue SET state = 'waiting', tries = 0, next_try = 0 WHERE state = 'failed'")

    def discard(self, id_: str) -> None:
        """The person has seen a refusal and lets it go."""
        self._db.execute("DELETE FROM queue WHERE id = ? AND state <> 'waiting'", (id_,))

    # -- below ----------------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _setting(self, name: str, default: str) -> str:
        row = self._db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else default

    def _set(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))
