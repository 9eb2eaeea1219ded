"""What every call of a plugin goes through: rate budgets, circuits and metrics are behind it."""

from __future__ import annotations

from typing import Protocol

import msgspec


class CallOutcome(msgspec.Struct, frozen=True):
    """How one call went. `status` is None without an answer, and `error` then names what happened.

    `limited_s`: the provider asks for so many seconds without calls; None when it doesn't.
    """

    method: str
    host: str
    seconds: float
    status: int | None = None
    error: str = ""
    limited_s: float | None = None

    @property
    def is_failure(self) -> bool:
        """Whether it speaks against the host: no answer, or one of a server that fails."""
        return self.status is None or self.status >= 500


class Traffic(Protocol):
    """Made for one provider and one athlete."""

    async def enter(self, host: str) -> None:
        """Before a call. Raises `HeldBack` when it must not be made now."""

    async def leave(self, outcome: CallOutcome) -> None:
        """After a call."""
