"""Circuits: whether calls to a host of a provider are let through, shared by all processes.

A row is written when a call fails, and when an open circuit is probed: calls that go well cost nothing but a
look now and then.
"""

from __future__ import annotations

import msgspec

from hub_core.storage.engine import HubEngine
from hub_core.storage.ids import now_ms

#: Failures are counted in windows of this length.
WINDOW_MS = 30_000
#: A circuit opens with so many failures in a window, if they are at least half of its calls.
OPENS_AT = 5
#: While it is open, one call in this time is let through to see.
PROBE_MS = 30_000


class CircuitState(msgspec.Struct, frozen=True):
    """One host of one provider. `probe_ms`: when the next call is let through, while it is open."""

    provider: str
    host: str
    state: str
    failures: int
    opened_ms: int | None
    probe_ms: int | None
    reason: str

    @property
    def is_open(self) -> bool:
        """Whether calls are held back."""
        return self.state == "open"


_SHOWN = "provider, host, state, failures, opened_ms, probe_ms, reason"


async def list_circuits(engine: HubEngine) -> list[CircuitState]:
    """All hosts that have failed lately or are held back."""
    rows = await engine.execute(
        f"SELECT {_SHOWN} FROM \"circuit\" WHERE state = 'open' OR window_ms > {{}} ORDER BY id",  # noqa: S608
        now_ms() - WINDOW_MS,
    )
    return msgspec.convert(rows, list[CircuitState])


async def read_circuit(engine: HubEngine, provider: str, host: str) -> CircuitState | None:
    """One host; None when it has never failed."""
    rows = await engine.execute(
        f'SELECT {_SHOWN} FROM "circuit" WHERE id = {{}}',  # noqa: S608
        f"{provider} {host}",
    )
    return msgspec.convert(rows[0], CircuitState) if rows else None


async def count_failure(
    engine: HubEngine, provider: str, host: str, *, reason: str, calls: int
) -> CircuitState:
    """One call has failed; `calls` are those that this process has made since it said so last.

    Opens the circuit when that is too many.
    """
    now = now_ms()
    fresh = '"circuit".window_ms <= {}'
    failures = f'CASE WHEN {fresh} THEN 1 ELSE "circuit".failures + 1 END'
    made = f'CASE WHEN {fresh} THEN {{}} ELSE "circuit".calls + {{}} END'
    since = now - WINDOW_MS
    await engine.execute(
        'INSERT INTO "circuit" (id, provider, host, state, calls, failures, window_ms, reason)'  # noqa: S608
        " VALUES ({}, {}, {}, 'closed', {}, 1, {}, {}) ON CONFLICT (id) DO UPDATE SET"
        f" failures = {failures}, calls = {made}, reason = excluded.reason,"
        f' window_ms = CASE WHEN {fresh} THEN excluded.window_ms ELSE "circuit".window_ms END',
        f"{provider} {host}",
        provider,
        host,
        calls,
        now,
        reason,
        since,
        since,
        calls,
        calls,
        since,
    )
    rows = await engine.execute(
        "UPDATE \"circuit\" SET state = 'open', opened_ms = {}, probe_ms = {}"  # noqa: S608
        " WHERE id = {} AND state = 'closed' AND failures >= {} AND failures * 2 >= calls"
        f" RETURNING {_SHOWN}",
        now,
        now + PROBE_MS,
        f"{provider} {host}",
        OPENS_AT,
    )
    if rows:
        return msgspec.convert(rows[0], CircuitState)
    return await read_circuit(engine, provider, host) or CircuitState(
        provider, host, "closed", 1, None, None, reason
    )


async def claim_probe(engine: HubEngine, provider: str, host: str) -> bool:
    """Whether the caller may make the one call that shows whether an open circuit can be closed."""
    now = now_ms()
    rows = await engine.execute(
        "UPDATE \"circuit\" SET probe_ms = {} WHERE id = {} AND state = 'open' AND probe_ms <= {}"
        " RETURNING id",
        now + PROBE_MS,
        f"{provider} {host}",
        now,
    )
    return bool(rows)


async def close_circuit(engine: HubEngine, provider: str, host: str) -> bool:
    """A call has gone through. Whether the circuit was open."""
    rows = await engine.execute(
        "UPDATE \"circuit\" SET state = 'closed', calls = 0, failures = 0, opened_ms = NULL, probe_ms = NULL"
        " WHERE id = {} AND state = 'open' RETURNING id",
        f"{provider} {host}",
    )
    return bool(rows)
