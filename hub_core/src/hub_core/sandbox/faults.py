"""Fault switches: what can go wrong between the hub and a provider, on demand."""

from __future__ import annotations

import random
from enum import StrEnum

import msgspec


class FaultKind(StrEnum):
    """What happens to a matching request."""

    LATENCY = "latency"  # `value` seconds before anything happens
    STATUS = "status"  # answered with status `value`, without effect
    DROP_BEFORE = "drop_before"  # connection closed, without effect
    DROP_AFTER = "drop_after"  # takes effect, then the connection is closed without an answer
    MALFORMED = "malformed"  # takes effect, and the answer is cut in half
    RATE_LIMIT = "rate_limit"  # 429 with Retry-After `retry_after` or `value` seconds, without effect
    REDIRECT = "redirect"  # takes effect, and the answer points to `location`
    OVERSIZED = "oversized"  # takes effect, and the answer is `value` MB of blanks
    DRIP = "drip"  # takes effect, and the answer comes a byte every `value` seconds
    EXTRA_FIELDS = "extra_fields"  # takes effect, with an unknown field in every object of the answer
    STRINGS = "strings"  # takes effect, with the numbers of the answer as strings


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """One switch. `path` and `method` narrow it, `times` ends it, `share` is how many of the matches.

    `skip` matches go by unharmed first. `retry_after` is the header as it stands, of a `rate_limit` or a
    `status`: an HTTP date, nonsense, anything. Without it a `rate_limit` sends `value`, or none if that is 0.
    """

    kind: FaultKind
    path: str = "/"
    method: str = ""
    value: float = 0.0
    times: int | None = None
    skip: int = 0
    share: float = 1.0
    retry_after: str = ""
    location: str = "https://elsewhere.example/"


class Faults:
    """The switches that are on, with a seed so that a share is the same each time."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)  # noqa: S311 (chance, not secrecy)
        self.active: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Turn a switch on."""
        self.active.append(fault)

    def clear(self) -> None:
        """Turn all off."""
        self.active.clear()

    def take(self, method: str, path: str) -> list[Fault]:
        """The faults that strike this request; counted ones are used up."""
        struck = [fault for fault in self.active if self._strikes(fault, method, path)]
        for fault in struck:
            if fault.times is not None:
                fault.times -= 1
        self.active = [fault for fault in self.active if fault.times is None or fault.times > 0]
        return struck

    def _strikes(self, fault: Fault, method: str, path: str) -> bool:
        if not path.startswith(fault.path) or fault.method not in {"", method}:
            return False
        if fault.skip > 0:
            fault.skip -= 1
            return False
        return fault.share >= 1 or self._random.random() < fault.share
