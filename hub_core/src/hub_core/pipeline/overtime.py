"""Lets a worker thread go on when its job takes long, so that one provider can't hold all of them.

A thread only waits for its job, which runs on the event loop. After a while it is let go, and the job goes
on without it, in *overtime*. Only so many jobs of a provider may do that at a time: beyond, the provider's
other jobs go back to the table and stay there for some seconds. A provider that answers in time never gets
that far, and may have all the threads.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import defaultdict
from datetime import UTC, datetime

from hub_core.pipeline.run_job import run_leased
from hub_core.services.hub import Hub
from hub_core.storage import jobs, now_ms
from hub_core.storage.holds import Hold, hold_provider
from hub_core.storage.jobs import Lease

log = logging.getLogger(__name__)

#: So long a thread waits for its job. Nearly all calls are answered by then.
THREAD_WAITS_S = 2.0
#: For so long a provider's other jobs stay where they are, and are then looked at again.
HOLD_MS = 3_000
#: What is in overtime when the worker stops has this long to end; its lease brings back what hasn't.
_ENDS_WITHIN_S = 8.0
PROVIDER_SLOW = "provider_slow"


class Overtime:
    """The jobs of one process that have outlasted their threads, by provider. Lives on the worker's loop."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._most = hub.settings.worker_threads
        self._jobs: defaultdict[str, set[asyncio.Task[None]]] = defaultdict(set)

    async def run(self, job_id: str) -> None:
        """Take a job and see it to its end, or until the thread is let go."""
        lease = await jobs.take(self._hub.engine, job_id)
        if lease is None:
            return
        late = self._jobs[lease.provider]
        if lease.provider and len(late) >= self._most:
            await self._put_back(lease)
            return
        task = asyncio.create_task(run_leased(self._hub, lease))
        await asyncio.wait({task}, timeout=THREAD_WAITS_S)
        if not lease.provider and len(late) >= self._most:
            # What is read into records goes to no provider, and can't be held with one: the thread waits.
            await asyncio.wait({task})
        if task.done():
            task.result()
            return
        late.add(task)
        task.add_done_callback(late.discard)
        if lease.provider and len(late) == self._most:
            log.warning("%d jobs of %s take long: its others wait", self._most, lease.provider)

    async def end(self) -> None:
        """Wait for what is under way, but not for ever."""
        late = set(itertools.chain.from_iterable(self._jobs.values()))
        if late:
            _, late = await asyncio.wait(late, timeout=_ENDS_WITHIN_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _put_back(self, lease: Lease) -> None:
        until_ms = now_ms() + HOLD_MS
        moment = datetime.fromtimestamp(until_ms / 1000, UTC).strftime("%H:%M:%S")
        reason = f"{lease.provider} takes long with what is under way: goes on at {moment} UTC."
        async with self._hub.engine.transaction():
            await hold_provider(self._hub.engine, Hold(lease.provider, "", PROVIDER_SLOW, reason, until_ms))
            await jobs.retry(self._hub.engine, lease, run_at_ms=until_ms, error="", counts=False)
