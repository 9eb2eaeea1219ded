"""Looks for what was done, where a webhook may have been lost."""

from __future__ import annotations

from hub_core.sdk import Delivery, Window
from hub_wahoo.client import WahooClient
from hub_wahoo.settings import WahooSettings
from hub_wahoo.webhooks import from_listed, start_of


async def list_deliveries(
    client: WahooClient, window: Window, user: str, settings: WahooSettings
) -> tuple[Delivery, ...]:
    """All workouts of a window that were done, page by page, in the words of the webhooks.

    There is no filter by date: newest start first, it stops behind the window. [Wahoo docs, workouts]
    """
    found: list[Delivery] = []
    seen, page = 0, 0
    while True:
        page += 1
        answer = await client.list_done(page)
        seen += len(answer.workouts)
        starts = [start_of(workout) for workout in answer.workouts]
        for workout, start in zip(answer.workouts, starts, strict=True):
            if start and window.start <= start < window.end:
                found += from_listed(workout, user, settings)
        is_last = not answer.workouts or (answer.total is not None and seen >= answer.total)
        if is_last or any(start < window.start for start in starts if start):
            return tuple(found)
