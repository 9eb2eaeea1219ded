"""The reference client by hand: `HUB_API_KEY=hub_... python -m hub_core.client --athlete ath_... phone.db`.

Syncs until nothing is left to do. With `--do` something is done first:
`--do '{"op": "enter_daily", "date": "2031-04-07", "fields": {"weight_kg": 70.4}}'`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

import httpx

from hub_core.client import Store, SyncClient

_COLLECTIONS = ("workouts", "activities", "daily", "sleep", "races")


def main() -> int:
    """0 when both sides are in step, 1 when something has failed or was refused."""
    parser = argparse.ArgumentParser(prog="python -m hub_core.client", description=__doc__)
    parser.add_argument("file", type=Path, help="where the phone keeps its data (SQLite)")
    parser.add_argument("--hub", default="http://127.0.0.1:8000", help="the hub's address")
    parser.add_argument("--athlete", required=True, help="the athlete's id at the hub")
    parser.add_argument("--do", action="append", default=[], metavar="JSON", help="an operation to do first")
    parser.add_argument("--again", action="store_true", help="try again what has failed")
    asked = parser.parse_args()
    key = {"Authorization": f"Bearer {os.environ.get('HUB_API_KEY', '')}"}
    store = Store(asked.file)
    with httpx.Client(base_url=asked.hub, headers=key, timeout=30) as http:
        client = SyncClient(store, http, asked.athlete)
        for text in asked.do:
            client.do(**json.loads(text))
        if asked.again:
            store.try_again()
        while not (is_in_step := client.sync()) and store.head_state() == "waiting":
            time.sleep(0.2)
    for one in store.queued():
        sys.stdout.write(f"{one.state} {one.kind} {one.sequence}: {one.answer}\n")
    told = ", ".join(f"{len(store.entities(name))} {name}" for name in _COLLECTIONS)
    sys.stdout.write(f"{told}\n")
    return 0 if is_in_step and not store.queued() else 1


if __name__ == "__main__":
    sys.exit(main())
