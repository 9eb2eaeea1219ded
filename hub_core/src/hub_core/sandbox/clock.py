"""The sandbox's own clock, which tests and people can move."""

from __future__ import annotations

import datetime as dt
import time

import msgspec


class ClockWish(msgspec.Struct, forbid_unknown_fields=True):
    """What is done to the clock over HTTP, in this order: reset, freeze, advance."""

    reset: bool = False
    freeze: bool = False
    advance_s: float = 0.0


class SandboxClock:
    """Real time plus an offset, or a moment that stands still."""

    def __init__(self) -> None:
        self._offset_s = 0.0
        self._frozen: float | None = None

    def now(self) -> float:
        """Epoch seconds."""
        return self._frozen if self._frozen is not None else time.time() + self._offset_s

    def today(self) -> dt.date:
        """Today in UTC."""
        return dt.datetime.fromtimestamp(self.now(), dt.UTC).date()

    def iso(self) -> str:
        """Now, as `2026-03-01T07:00:00.000Z`."""
        moment = dt.datetime.fromtimestamp(self.now(), dt.UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"

    def advance(self, seconds: float) -> None:
        """Move on, or back when negative."""
        if self._frozen is not None:
            self._frozen += seconds
        else:
            self._offset_s += seconds

    def freeze(self, at: float | None = None) -> None:
        """Stand still, at a moment or now."""
        self._frozen = self.now() if at is None else at

    def follow(self, wish: ClockWish) -> None:
        """Do what was wished for."""
        if wish.reset:
            self.reset()
        if wish.freeze:
            self.freeze()
        self.advance(wish.advance_s)

    def reset(self) -> None:
        """Back to real time."""
        self._offset_s, self._frozen = 0.0, None
