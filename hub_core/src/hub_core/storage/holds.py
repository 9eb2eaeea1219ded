"""Holds: until when nothing goes to a provider, for all of its athletes or for one.

They are the queue's half of rate budgets and circuits: while a hold lasts, the jobs it is about are not even
handed to a worker.
"""

from __future__ import annotations

import msgspec

from hub_core.storage.engine import HubEngine
from hub_core.storage.ids import now_ms


class Hold(msgspec.Struct, frozen=True):
    """`athlete_id` is empty for all athletes; `until_ms` is in epoch milliseconds."""

    provider: str
    athlete_id: str
    code: str
    reason: str
    until_ms: int


async def hold_provider(engine: HubEngine, hold: Hold) -> None:
    """Hold jobs back until a moment. Of two holds the longer one lasts."""
    await engine.execute(
        'INSERT INTO "provider_hold" (id, provider, athlete_id, code, reason, until_ms)'
        " VALUES ({}, {}, {}, {}, {}, {}) ON CONFLICT (id) DO UPDATE SET"
        " code = excluded.code, reason = excluded.reason, until_ms = excluded.until_ms"
        ' WHERE "provider_hold".until_ms < excluded.until_ms',
        f"{hold.provider}:{hold.athlete_id}",
        hold.provider,
        hold.athlete_id,
        hold.code,
        hold.reason,
        hold.until_ms,
    )


async def release_provider(engine: HubEngine, provider: str, code: str) -> None:
    """End the holds of one kind."""
    await engine.execute('DELETE FROM "provider_hold" WHERE provider = {} AND code = {}', provider, code)


async def list_holds(engine: HubEngine) -> list[Hold]:
    """The holds that last."""
    rows = await engine.execute(
        'SELECT provider, athlete_id, code, reason, until_ms FROM "provider_hold" WHERE until_ms > {}'
        " ORDER BY provider, athlete_id",
        now_ms(),
    )
    return msgspec.convert(rows, list[Hold])
