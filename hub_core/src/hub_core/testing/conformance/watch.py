"""Looks at what a plugin sends and to whom, below whatever client it uses."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import httpx

from hub_core.testing.conformance.bench import Bench
from hub_core.testing.conformance.outgoing import watching_sockets

#: A file that a hostile address points to.
BAIT = "/etc/hostname"


@contextmanager
def watching(bench: Bench) -> Iterator[list[str]]:
    """Every attempt to reach anything but the sandbox, which fails; and every look at the bait."""
    read = builtins.open

    def open_file(file: Any, *rest: Any, **options: Any) -> Any:
        if str(file) == BAIT:
            strangers.append(BAIT)
        return read(file, *rest, **options)

    with (
        watching_sockets(bench.harness.settings.hosts()) as strangers,
        patch.object(builtins, "open", open_file),
    ):
        yield strangers


@contextmanager
def reading_requests() -> Iterator[list[httpx.Request]]:
    """Every request that is sent through httpx meanwhile."""
    sent: list[httpx.Request] = []
    send = httpx.AsyncClient.send

    async def remember(self: httpx.AsyncClient, request: httpx.Request, **options: Any) -> httpx.Response:
        sent.append(request)
        return await send(self, request, **options)

    with patch.object(httpx.AsyncClient, "send", remember):
        yield sent


@contextmanager
def believing() -> Iterator[None]:
    """As if every signature and token were right: the provider itself sends strange things, too."""
    with patch("hmac.compare_digest", _agree), patch("secrets.compare_digest", _agree):
        yield


def _agree(_: Any, __: Any) -> bool:
    return True
