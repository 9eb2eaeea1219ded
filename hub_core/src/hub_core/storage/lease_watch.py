"""Tells the leases of the dead from those of the living, without trusting the clock alone.

A clock that is set forward by an hour ends all leases at once, and one that is set back keeps those of the
dead for an hour. But whoever lives writes a new end again and again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec


class LeasedJob(msgspec.Struct, frozen=True):
    """A job in somebody's hands."""

    id: str
    fence: int
    losses: int
    lease_until_ms: int


class LeaseWatch:
    """What one relay has seen of the leases."""

    def __init__(self, lease_ms: int) -> None:
        self._lease_s = lease_ms / 1000
        self._seen: dict[str, tuple[LeasedJob, float]] = {}

    def lost(self, leased: Sequence[LeasedJob], now_ms: int) -> list[LeasedJob]:
        """Of all that are leased now those that nobody keeps: they have ended and stand still for half of a
        lease, which is longer than a living worker lets one stand, or they stand still for a whole one."""
        now = time.monotonic()
        seen = {}
        for job in leased:
            before = self._seen.get(job.id)
            seen[job.id] = before if before and before[0] == job else (job, now)
        self._seen = seen
        ended = {job.id: job.lease_until_ms < now_ms for job in leased}
        return [
            job
            for job, since in seen.values()
            if now - since >= (self._lease_s / 2 if ended[job.id] else self._lease_s)
        ]
