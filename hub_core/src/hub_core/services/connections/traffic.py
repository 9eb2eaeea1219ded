"""What every call to a provider goes through: its rate budgets, its circuit, and the metrics.

A call that must not be made now is not waited for: it raises `HeldBack`, and the job goes back with the
moment at which it may go. A hold is written down besides, so that the relay leaves the provider's other jobs
where they are.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from hub_core.registry.registry import Provider
from hub_core.sdk.errors import HeldBack
from hub_core.sdk.manifest import RateBudget
from hub_core.sdk.traffic import CallOutcome
from hub_core.services.connections.rate_budgets import Budgets, Window, read_budgets, windows_of
from hub_core.services.operating import metrics
from hub_core.storage import HubEngine, now_ms
from hub_core.storage.circuits import CircuitState, claim_probe, close_circuit, count_failure, read_circuit
from hub_core.storage.holds import Hold, hold_provider, release_provider

log = logging.getLogger(__name__)

OVER_BUDGET = "over_budget"
RATE_LIMITED = "rate_limited"
PROVIDER_DOWN = "provider_down"
#: What another process has found out about a host is known here after this.
LOOK_AGAIN_S = 0.5


class CircuitWatch:
    """What this process knows of the circuits, and the calls that went well since it told of a failure."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], tuple[float, CircuitState | None]] = {}
        self._well: Counter[tuple[str, str]] = Counter()
        self._guard = threading.Lock()

    async def look(self, engine: HubEngine, provider: str, host: str) -> CircuitState | None:
        """The circuit as it is, or was a moment ago."""
        known = self._seen.get((provider, host))
        if known and time.monotonic() - known[0] < LOOK_AGAIN_S:
            return known[1]
        circuit = await read_circuit(engine, provider, host)
        self.note(provider, host, circuit)
        return circuit

    def forget(self) -> None:
        """Look again at all of them."""
        self._seen.clear()

    def note(self, provider: str, host: str, circuit: CircuitState | None) -> None:
        """Remember how it is now."""
        self._seen[provider, host] = (time.monotonic(), circuit)

    def count_well(self, provider: str, host: str) -> None:
        """A call went well."""
        with self._guard:
            self._well[provider, host] += 1

    def take_well(self, provider: str, host: str) -> int:
        """How many went well since the last time that this was asked."""
        with self._guard:
            return self._well.pop((provider, host), 0)


@dataclass(frozen=True)
class ProviderTraffic:
    """The calls to one provider for one athlete. Background work leaves room for what people wait for."""

    engine: HubEngine
    budgets: Budgets
    circuits: CircuitWatch
    provider: str
    title: str
    rates: tuple[RateBudget, ...]
    athlete_id: str = ""
    background: bool = False

    async def enter(self, host: str) -> None:
        """Before a call. Raises `HeldBack`."""
        circuit = await self.circuits.look(self.engine, self.provider, host)
        if circuit and circuit.is_open and (circuit.probe_ms or 0) > now_ms():
            await self._hold_while_down(host, circuit)
        windows = windows_of(self.rates, self.provider, self.athlete_id, background=self.background)
        wait_s = await self.budgets.take(windows)
        if wait_s > 0:
            if self.background:
                # Held with less in use, so that what is live goes on; and for several at a time.
                wait_s = max(wait_s, await self.budgets.take(tuple(map(_with_room, windows))))
            await self._hold(OVER_BUDGET, wait_s, self._athlete_of_limits(), spares_live=self.background)
            raise self._held(OVER_BUDGET, wait_s, self._words(OVER_BUDGET, wait_s))
        if circuit and circuit.is_open and not await claim_probe(self.engine, self.provider, host):
            fresh = await read_circuit(self.engine, self.provider, host)
            self.circuits.note(self.provider, host, fresh)
            if fresh and fresh.is_open:
                await self._hold_while_down(host, fresh)

    async def leave(self, outcome: CallOutcome) -> None:
        """After a call. Never raises: what can't be noted is lost, and the answer counts."""
        metrics.PROVIDER_CALLS.labels(self.provider, outcome.method, _kind(outcome)).inc()
        metrics.PROVIDER_SECONDS.labels(self.provider).observe(outcome.seconds)
        try:
            await self._learn(outcome)
        except Exception as error:  # noqa: BLE001 (see above)
            log.warning("%s: a call's outcome could not be noted: %s", self.provider, type(error).__name__)

    async def _learn(self, outcome: CallOutcome) -> None:
        if outcome.limited_s is not None:
            athlete = self._athlete_of_limits()
            key = f"{self.provider}:{athlete}" if athlete else self.provider
            await self.budgets.pause(key, outcome.limited_s)
            await self._hold(RATE_LIMITED, outcome.limited_s, athlete)
        if outcome.is_failure:
            await self._count_failure(outcome)
            return
        self.circuits.count_well(self.provider, outcome.host)
        seen = await self.circuits.look(self.engine, self.provider, outcome.host)
        if seen and seen.is_open and await close_circuit(self.engine, self.provider, outcome.host):
            log.warning("%s answers again at %s", self.provider, outcome.host)
            self.circuits.note(self.provider, outcome.host, None)
            await release_provider(self.engine, self.provider, PROVIDER_DOWN)

    async def _count_failure(self, outcome: CallOutcome) -> None:
        host = outcome.host
        before = await self.circuits.look(self.engine, self.provider, host)
        calls = 1 + self.circuits.take_well(self.provider, host)
        reason = outcome.error or f"status {outcome.status}"
        circuit = await count_failure(self.engine, self.provider, host, reason=reason, calls=calls)
        self.circuits.note(self.provider, host, circuit)
        if circuit.is_open and not (before and before.is_open):
            log.warning("%s fails at %s (%s): calls are held back", self.provider, host, reason)
        if circuit.is_open:
            await self._keep_open(circuit)

    async def _keep_open(self, circuit: CircuitState) -> None:
        """Its jobs stay where they are until the next probe. A hook that hangs never gets as far as to ask
        for one, so that its failure counts as that probe."""
        if (circuit.probe_ms or 0) <= now_ms():
            await claim_probe(self.engine, self.provider, circuit.host)
            circuit = await read_circuit(self.engine, self.provider, circuit.host) or circuit
            self.circuits.note(self.provider, circuit.host, circuit)
        await self._hold(PROVIDER_DOWN, self._down_s(circuit), "")

    def _athlete_of_limits(self) -> str:
        """Whom a limit is about: one athlete, unless the provider counts for the whole app."""
        return "" if any(one.per == "app" for one in self.rates) else self.athlete_id

    async def _hold_while_down(self, host: str, circuit: CircuitState) -> None:
        wait_s = self._down_s(circuit)
        await self._hold(PROVIDER_DOWN, wait_s, "")
        fresh = await read_circuit(self.engine, self.provider, host)
        if not (fresh and fresh.is_open):  # another's probe was answered, and its holds ended, just before
            await release_provider(self.engine, self.provider, PROVIDER_DOWN)
        raise self._held(PROVIDER_DOWN, wait_s, f"{self._words(PROVIDER_DOWN, wait_s)} ({circuit.reason})")

    def _down_s(self, circuit: CircuitState) -> float:
        return max(0.1, ((circuit.probe_ms or 0) - now_ms()) / 1000)

    async def _hold(self, code: str, wait_s: float, athlete_id: str, *, spares_live: bool = False) -> None:
        until_ms = now_ms() + int(1000 * wait_s)
        words = self._words(code, wait_s)
        hold = Hold(self.provider, athlete_id, code, words, until_ms, spares_live)
        await hold_provider(self.engine, hold)

    def _held(self, code: str, wait_s: float, words: str) -> HeldBack:
        metrics.CALLS_HELD.labels(self.provider, code).inc()
        return HeldBack(words, after_s=wait_s, hold=code, is_noted=True)

    def _words(self, code: str, wait_s: float) -> str:
        moment = datetime.fromtimestamp(time.time() + wait_s, UTC).strftime("%H:%M:%S")
        return {
            OVER_BUDGET: f"{self.title} takes no more calls for now: goes on at {moment} UTC.",
            RATE_LIMITED: f"{self.title} asked to be left alone until {moment} UTC.",
            PROVIDER_DOWN: f"{self.title} doesn't answer: it is asked again at {moment} UTC.",
        }[code]


def _with_room(window: Window) -> Window:
    """The same with a tenth less in use."""
    return msgspec.structs.replace(window, calls=max(1, window.calls * 9 // 10))


def budgets_of(provider: Provider) -> tuple[RateBudget, ...]:
    """The provider's budgets: those of its manifest, unless the operator has others."""
    own = provider.settings.rate_budgets
    variable = f"HUB_{provider.name.upper()}_RATE_BUDGETS"
    return read_budgets(own, variable) if own.strip() else provider.manifest.rate_budgets


def _kind(outcome: CallOutcome) -> str:
    return f"{outcome.status // 100}xx" if outcome.status else "no_answer"
