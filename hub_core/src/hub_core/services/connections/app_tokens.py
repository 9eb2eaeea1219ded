"""The hub's own tokens: one for each provider that it asks in its own name, and one fetch at a time.

They are kept in memory only: a token is worth an hour, and each process fetches its own. All who need it at
the same time, in whatever thread, wait for the same fetch.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from threading import Lock

from hub_core.sdk.tokens import TokenSet

#: Before its end a token counts as ended: the call that it is for takes time as well.
_MARGIN_S = 60.0


class AppTokens:
    """The hub's own tokens by provider, of one process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._fetches: dict[str, Future[TokenSet | None]] = {}

    async def get(self, name: str, fetch: Callable[[], Awaitable[TokenSet | None]]) -> TokenSet | None:
        """The token that is kept, or a new one, which is fetched once for all who wait for it."""
        while True:
            with self._lock:
                known = self._fetches.get(name)
                leads = known is None or _is_over(known)
                if leads:
                    known = self._fetches[name] = Future()
            assert known is not None  # noqa: S101 (for mypy)
            if leads:
                return await self._lead(known, fetch)
            try:
                # Shielded: who is cancelled while waiting must not end the fetch of the others.
                return await asyncio.shield(asyncio.wrap_future(known))
            except asyncio.CancelledError:
                if not known.cancelled():
                    raise  # it was us, and not who fetches

    def forget(self, name: str, tokens: TokenSet) -> None:
        """These were refused; a newer set stays."""
        with self._lock:
            known = self._fetches.get(name)
            if known and known.done() and not _failed(known) and known.result() == tokens:
                del self._fetches[name]

    async def _lead(
        self, known: Future[TokenSet | None], fetch: Callable[[], Awaitable[TokenSet | None]]
    ) -> TokenSet | None:
        try:
            tokens = await fetch()
        except asyncio.CancelledError:
            known.cancel()
            raise
        except Exception as error:
            known.set_exception(error)
            raise
        known.set_result(tokens)
        return tokens


def _failed(known: Future[TokenSet | None]) -> bool:
    return known.cancelled() or known.exception() is not None


def _is_over(known: Future[TokenSet | None]) -> bool:
    if not known.done():
        return False
    if _failed(known):
        return True
    tokens = known.result()
    ends = tokens.expires_at if tokens else None
    return ends is not None and ends - _MARGIN_S <= time.time()
