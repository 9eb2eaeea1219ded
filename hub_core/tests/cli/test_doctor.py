"""`hub doctor` tells what is well, what isn't and what to do; `hub queue` what waits."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hub_core.testing.programs import free_port


def test_a_new_hub_is_told_what_to_do_and_nothing_is_made(hub: Callable[..., Any], tmp_path: Path) -> None:
    done = hub("doctor")
    assert done.code == 1
    assert "run `hub migrate`" in done.out
    assert list(tmp_path.iterdir()) == []


def test_a_hub_that_is_set_up_is_well(hub: Callable[..., Any], tmp_path: Path) -> None:
    assert hub("migrate").code == 0
    done = hub("doctor")
    assert done.code == 0, done.out
    assert "✓ database: sqlite, up to date" in done.out
    assert "✓ queue: 0 waiting, 0 held, 0 running, 0 dead; the oldest waits 0 s" in done.out
    assert "! garmin: no client credentials" in done.out
    assert "HUB_GARMIN_CLIENT_ID" in done.out
    assert hub("queue").out == "Nothing waits.\n"

    an_hour_ago = int(time.time() * 1000) - 3_600_000
    with sqlite3.connect(tmp_path / "hub.db") as database:
        job = ("job_06h02196gtoomf3ulp7nkp4c3o", "export_workout", "exp_1", "waiting", an_hour_ago, "garmin")
        database.execute(
            'INSERT INTO "job" (id, kind, subject_id, state, run_at_ms, provider) VALUES (?, ?, ?, ?, ?, ?)',
            job,
        )
        database.execute(
            "INSERT INTO circuit (id, provider, host, state, probe_ms, reason)"
            " VALUES ('wahoo w', 'wahoo', 'w', 'open', 0, 'ConnectError')"
        )
    database.close()
    done = hub("doctor")
    assert done.code == 1
    assert "the oldest waits 36" in done.out
    assert "start `hub serve`" in done.out
    assert "w fails (ConnectError)" in done.out
    assert "job_06h02196gtoomf3ulp7nkp4c3o" in hub("queue", "--state", "waiting", COLUMNS="80").out
    assert "exp_1" in hub("queue", "show", "job_06h02196gtoomf3ulp7nkp4c3o").out
    assert hub("queue", "retry", "job_06h02196gtoomf3ulp7nkp4c3o").code == 2
    assert "w fails (ConnectError)" in hub("providers").out


def test_what_is_set_wrongly_is_named(hub: Callable[..., Any]) -> None:
    done = hub("doctor", HUB_PORT="none")
    assert (done.code, "HUB_PORT" in done.out) == (1, True)
    assert hub("migrate").code == 0
    done = hub("doctor", HUB_BROKER_URL=f"redis://:secret-word@127.0.0.1:{free_port()}/0")
    assert (done.code, "Redis does not answer" in done.out) == (1, True)
    assert "secret-word" not in done.out
    done = hub("doctor", HUB_WAHOO_RATE_BUDGETS="many")
    assert (done.code, "HUB_WAHOO_RATE_BUDGETS" in done.out) == (1, True)
