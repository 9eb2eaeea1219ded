"""The backlog: what was asked for more than a minute ago. Nobody looks at a screen for it any more.

It goes behind what is live, and in an order of its own: what is for today, then the days to come, and last
the days that are over, the newest of them first. `docs/adr/0019-what-has-waited-goes-by-its-day.md` says why.
"""

from __future__ import annotations

from hub_core.storage.engine import HubEngine
from hub_core.storage.ids import now_ms
from hub_core.storage.jobs import LIVE_PRIORITY

#: For so long a job is live.
LIVE_MS = 60_000
#: What is for no day, such as a webhook's delivery, is for the one that begins when it is asked for.
_DAY_MS = 86_400_000
#: Turns from here on are those of days that are over; above any moment.
_OVER = 10**14
#: A few milliseconds on the event loop of an embedded hub.
_AT_A_TIME = 200

_DAY_ENDS = f"(CASE WHEN day_ends_ms > 0 THEN day_ends_ms ELSE line_ms + {_DAY_MS} END)"
_LIVE = f"state = 'waiting' AND priority = {LIVE_PRIORITY}"
#: In the order of the index, so that PostgreSQL takes it whatever it believes about the table.
_IN_ORDER = "ORDER BY priority, turn_ms, line_ms LIMIT"
#: Live for too long, or for a day that has ended since it joined the backlog. Each is a range of an index.
_LATE = (f"{_LIVE} AND turn_ms = 0 AND line_ms < {{}}", f"{_LIVE} AND turn_ms > 0 AND turn_ms < {{}}")


async def join_backlog(engine: HubEngine) -> None:
    """Give everything that was live for too long its turn in the backlog."""
    now = now_ms()
    lock = " FOR UPDATE SKIP LOCKED" if engine.kind == "postgres" else ""  # another relay may be at it
    for late, before_ms in zip(_LATE, (now - LIVE_MS, now), strict=True):
        while await engine.execute(f'SELECT id FROM "job" WHERE {late} {_IN_ORDER} 1', before_ms):  # noqa: S608
            rows = await engine.execute(
                'UPDATE "job" SET turn_ms ='  # noqa: S608
                f" CASE WHEN {_DAY_ENDS} > {{}} THEN {_DAY_ENDS} ELSE {_OVER} - {_DAY_ENDS} END"
                f' WHERE id IN (SELECT id FROM "job" WHERE {late} {_IN_ORDER} {_AT_A_TIME}{lock})'
                " RETURNING id",
                now,
                before_ms,
            )
            if not rows:
                break
