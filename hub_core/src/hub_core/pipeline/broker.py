"""The broker, and the loop on which its jobs run."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import dramatiq
from dramatiq.asyncio import EventLoopThread
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Middleware

from hub_core.errors import ConfigurationError
from hub_core.pipeline.overtime import Overtime
from hub_core.pipeline.relay import Relay
from hub_core.services.hub import Hub
from hub_core.settings import HubSettings

log = logging.getLogger(__name__)

QUEUE = "jobs"
#: Messages wake the threads by themselves; idle ones look this often whether to stop.
IDLE_POLL_MS = 100
_LOOP_STARTS_WITHIN_S = 10.0
#: A thread that waits for its job looks this often whether Dramatiq wants to interrupt it, which none of our
#: middleware does. Ten times a second, as is usual, a hundred of them take a third of an export's time.
_LOOK_FOR_INTERRUPTS_S = 60.0


class _Loop(Middleware):
    """The event loop that jobs run on, in a thread, for as long as the worker runs.

    Dramatiq's own `AsyncIO` has one for the whole process: of two hubs in it, the one that stops first would
    take it away from the other.
    """

    def __init__(self, start: Callable[[], Awaitable[None]], stop: Callable[[], Awaitable[None]]) -> None:
        self._start = start
        self._stop = stop
        self.thread: EventLoopThread | None = None

    def before_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:  # noqa: ARG002
        self.thread = EventLoopThread(log, interrupt_check_ival=_LOOK_FOR_INTERRUPTS_S)
        self.thread.start(timeout=_LOOP_STARTS_WITHIN_S)
        self.thread.run_coroutine(self._start())

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:  # noqa: ARG002
        if self.thread:
            self.thread.run_coroutine(self._stop())
            self.thread.stop()
            self.thread = None

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run it there, and wait for it here."""
        if self.thread is None:
            work.close()
            raise RuntimeError("the worker has stopped")
        self.thread.run_coroutine(work)


class Pipeline:
    """The broker and the one actor of a process.

    Messages carry a job's id and nothing else, and are never retried by the broker: the job table knows
    better when.
    """

    def __init__(self, hub: Hub, *, with_relay: bool) -> None:
        self.hub = hub
        self.relay = Relay(hub, self.send)
        self.overtime = Overtime(hub)
        self._with_relay = with_relay
        self.broker = make_broker(hub.settings)
        loop = _Loop(self._start, self._stop)
        self.broker.add_middleware(loop)

        def run(job_id: str) -> None:
            loop.run(self.overtime.run(job_id))

        self._actor = dramatiq.actor(broker=self.broker, queue_name=QUEUE, actor_name="run_job")(run)
        self.worker: dramatiq.Worker | None = None

    def send(self, job_id: str) -> None:
        """Ring the bell for one job."""
        self._actor.send(job_id)

    def start_worker(self) -> None:
        """Run jobs in threads of this process. A thread is held while its job waits for a provider, so
        their number is the number of exports under way, but for those in overtime."""
        # Time limits and the like begin to work on this signal, which only dramatiq's own command sends.
        self.broker.emit_after("process_boot")
        self.worker = dramatiq.Worker(
            self.broker, worker_threads=self.hub.settings.worker_threads, worker_timeout=IDLE_POLL_MS
        )
        self.worker.start()

    def stop_worker(self) -> None:
        """Let running jobs end, for up to ten seconds; what doesn't is taken up again by its lease."""
        if self.worker:
            self.worker.stop(timeout=10_000)
            self.worker = None
        self.broker.close()

    async def _start(self) -> None:
        if self._with_relay:
            await self.relay.start()

    async def _stop(self) -> None:
        await self.relay.stop()
        await self.overtime.end()
        await self.hub.close()


def make_broker(settings: HubSettings) -> dramatiq.Broker:
    """In memory when embedded, else over Redis."""
    if settings.is_embedded:
        return StubBroker(middleware=[])
    from hub_core.pipeline.redis_broker import WakingBroker  # takes a while, and embedded hubs have none

    try:
        return WakingBroker(settings.broker_url)
    except ValueError as error:
        # Its message may quote the URL, and a password with it.
        raise ConfigurationError("HUB_BROKER_URL is no URL of the form redis://host:port/0") from error
