"""Holds: until when nothing goes to a provider, for all of its athletes or for one.

They are the queue's half of rate budgets and circuits: while a hold lasts, the jobs it is about are not even
handed to a worker.
"""

from __future__ import annotations

import msgspec

from hub_core.storage.engine import HubEngine
from hub_core.storage.ids import now_ms
from hub_core.storage.jobs import Lane


class Hold(msgspec.Struct, frozen=True):
    """`athlete_id` is empty for all athletes; `until_ms` is in epoch milliseconds. With `spares_live` it is
    about the backlog and what runs behind, and live work goes on."""

    provider: str
    athlete_id: str
    code: str
    reason: str
    until_ms: int
    spares_live: bool = False

    def is_about(self, lane: Lane, *, is_live: bool) -> bool:
        """Whether jobs of a lane are held by it."""
        is_here = self.provider == lane.provider and self.athlete_id in {"", lane.athlete_id}
        return is_here and not (self.spares_live and is_live)


async def hold_provider(engine: HubEngine, hold: Hold) -> None:
    """Hold jobs back until a moment. Of two holds the longer one lasts."""
    await engine.execute(
        'INSERT INTO "provider_hold" (id, provider, athlete_id, code, reason, until_ms,'
        " spares_live) VALUES ({}, {}, {}, {}, {}, {}, {}) ON CONFLICT (id) DO UPDATE SET"
        " code = excluded.code, reason = excluded.reason, until_ms = excluded.until_ms"
        ' WHERE "provider_hold".until_ms < excluded.until_ms',
        f"{hold.provider}:{hold.athlete_id}{':' if hold.spares_live else ''}",
        hold.provider,
        hold.athlete_id,
        hold.code,
        hold.reason,
        hold.until_ms,
        int(hold.spares_live),
    )


async def release_provider(engine: HubEngine, provider: str, code: str) -> None:
    """End the holds of one kind."""
    await engine.execute('DELETE FROM "provider_hold" WHERE provider = {} AND code = {}', provider, code)


async def list_holds(engine: HubEngine) -> list[Hold]:
    """The holds that last."""
    rows = await engine.execute(
        'SELECT provider, athlete_id, code, reason, until_ms, spares_live FROM "provider_hold"'
        " WHERE until_ms > {} ORDER BY provider, athlete_id, spares_live",
        now_ms(),
    )
    return msgspec.convert(rows, list[Hold], strict=False)
