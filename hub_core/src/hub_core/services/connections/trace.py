"""What one try has asked of its provider, and with what kind of token: kept with the attempt."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from hub_core.sdk.http import Called

#: More would be read by nobody: the first ones, and the last.
MOST_CALLS = 20


class TokenState(StrEnum):
    """How a try came by its token.

    `FRESH`: it had still long to live. `REFRESHED`: it was about to end. `RENEWED`: the provider had refused
    the first one. `REFUSED`: the provider takes neither token nor refresh token any more. `UNREACHABLE`: a
    refresh was due, and nobody answered.
    """

    FRESH = "fresh"
    REFRESHED = "refreshed"
    RENEWED = "renewed"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


@dataclass
class Trace:
    """Filled while a try runs."""

    token: TokenState | None = None
    calls: list[Called] = field(default_factory=list)

    def note(self, called: Called) -> None:
        """One more call."""
        if len(self.calls) == MOST_CALLS:
            del self.calls[MOST_CALLS // 2]
        self.calls.append(called)

    def encoded(self) -> str:
        """The calls as they are stored."""
        return msgspec.json.encode(self.calls).decode()
