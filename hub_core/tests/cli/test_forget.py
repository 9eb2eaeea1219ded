"""`hub forget`: asks first, and leaves nothing but a receipt."""

from __future__ import annotations

import io
import sqlite3
from pathlib import Path
from typing import Any


def test_it_erases_you_when_you_mean_it(hub: Any, tmp_path: Path, monkeypatch: Any) -> None:
    assert hub("athlete", "--ftp", "265").code == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert hub("forget").code == 1

    def rows(sql: str) -> list[Any]:
        with sqlite3.connect(tmp_path / "hub.db") as database:
            return database.execute(sql).fetchall()

    assert rows("SELECT COUNT(*) FROM athlete") == [(1,)]
    done = hub("forget", "--yes")
    assert done.code == 0, done.err
    assert rows("SELECT COUNT(*) FROM athlete") == rows("SELECT COUNT(*) FROM change") == [(0,)]
    ((receipt,),) = rows("SELECT id FROM erasure")
    assert f"Receipt {receipt}" in done.out
