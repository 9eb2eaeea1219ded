"""Rings the bell: sends a message for every job that is due.

The job table is the truth, so a message that is lost costs time and nothing else: the job is found
again. Any number of relays may run; each due job is given to one of them.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from hub_core.services.hub import Hub
from hub_core.storage import jobs
from hub_core.storage.backlog import join_backlog
from hub_core.storage.lease_watch import LeaseWatch

log = logging.getLogger(__name__)

#: How often an idle relay looks by itself: for retries, held jobs, and what dead workers left behind.
LOOK_S = 0.25
#: And so often for a second after it sent something: with as many messages under way as may be, a place comes
#: free with every job that is taken. They last for longer than this, and to look for one costs as much as for
#: ten.
_LOOK_WHEN_BUSY_S = 0.05
_BUSY_S = 1.0
#: But waits for so many times as long as a look takes, which grows with what is held.
_REST = 4
#: How often it looks for leases that ran out, and for what is live no more.
_RECOVER_S = 1.0
_AFTER_ERROR_S = 1.0


class Relay:
    """One loop, on the event loop that starts it."""

    def __init__(self, hub: Hub, send: Callable[[str], None]) -> None:
        self._hub = hub
        self._send = send
        self._bell = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sent_s = self._recovered_s = self._look_s = 0.0
        self._leases = LeaseWatch(jobs.LEASE_MS)

    async def start(self) -> None:
        """Begin to look."""
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._run(), name="relay")

    async def stop(self) -> None:
        """End, after the batch in hand."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        """Look now: something was committed. May be called from any thread."""
        if self._loop:
            self._loop.call_soon_threadsafe(self._bell.set)

    async def _run(self) -> None:
        while True:
            self._bell.clear()
            began = time.monotonic()
            try:
                sent = await self._send_due()
            except Exception as error:  # noqa: BLE001 (the database may be away; it comes back)
                log.warning("relay: %s; looking again", type(error).__name__)
                await asyncio.sleep(_AFTER_ERROR_S)
                continue
            if sent:
                self._sent_s = time.monotonic()
            else:
                self._look_s = time.monotonic() - began
            if sent < jobs.MOST_BEHIND:
                await self._wait()

    async def _wait(self) -> None:
        is_busy = time.monotonic() - self._sent_s < _BUSY_S
        try:
            async with asyncio.timeout(max(_LOOK_WHEN_BUSY_S if is_busy else LOOK_S, _REST * self._look_s)):
                await self._bell.wait()
        except TimeoutError:
            return

    async def _send_due(self) -> int:
        if time.monotonic() - self._recovered_s > _RECOVER_S:
            self._recovered_s = time.monotonic()
            await jobs.recover_lost(self._hub.engine, self._leases)
            await join_backlog(self._hub.engine)
        due = await jobs.claim_due(self._hub.engine)
        if not due:
            return 0
        try:
            if self._hub.settings.is_embedded:
                self._send_all(due)
            else:
                await asyncio.to_thread(self._send_all, due)  # Redis may have to be waited for
        except Exception:
            await jobs.unclaim(self._hub.engine, due)
            raise
        return len(due)

    def _send_all(self, job_ids: list[str]) -> None:
        for job_id in job_ids:
            self._send(job_id)
