"""Sees every socket that this process opens, whichever library does it, by Python's audit events."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

_EVENTS = frozenset({"socket.connect", "socket.sendto", "socket.getaddrinfo"})


@dataclass
class _Watch:
    allowed: frozenset[str]
    strangers: list[str] = field(default_factory=list)


_watches: list[_Watch] = []
_hooked: list[bool] = []


@contextmanager
def watching_sockets(allowed: frozenset[str]) -> Iterator[list[str]]:
    """The places beside `allowed` (`host:port`) that are called meanwhile. Such calls are refused."""
    if not _hooked:  # a hook can't be removed again, so there is one
        sys.addaudithook(_look)
        _hooked.append(True)
    watch = _Watch(allowed)
    _watches.append(watch)
    try:
        yield watch.strangers
    finally:
        _watches.remove(watch)


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watches or event not in _EVENTS:
        return
    address = arguments[:2] if event == "socket.getaddrinfo" else arguments[1]
    if not isinstance(address, tuple) or len(address) < 2:
        return  # a socket of this machine's own, with a path for a name
    host = address[0].decode() if isinstance(address[0], bytes) else address[0]
    place = f"{host}:{address[1]}"
    for watch in _watches:
        if place not in watch.allowed:
            watch.strangers.append(place)
            raise ConnectionRefusedError(f"the conformance kit lets nothing out to {place}")
