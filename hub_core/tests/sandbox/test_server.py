"""Sandboxes on loopback, each on a port of its own."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from hub_core.errors import ConfigurationError
from hub_core.sandbox import Sandbox
from hub_core.sandbox.server import SandboxServer, serve_sandboxes


def two(tiny: Any) -> list[Sandbox]:
    first, second = type(tiny)(), type(tiny)(seed=2)
    second.name = "second"
    return [first, second]


def test_several_at_once_and_none_afterwards(tiny: Any) -> None:
    with serve_sandboxes(two(tiny)) as servers:
        assert list(servers) == ["tiny", "second"]
        origins = {server.origin for server in servers.values()}
        assert len(origins) == 2
        for origin in origins:
            assert httpx.get(f"{origin}/device").status_code == 200
    for origin in origins:
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{origin}/device")


def test_a_taken_port_is_named(tiny: Any) -> None:
    with serve_sandboxes([tiny]) as servers:
        port = int(servers["tiny"].origin.rpartition(":")[2])
        with pytest.raises(ConfigurationError, match=f"port {port} is taken"):
            SandboxServer(tiny, port)


def test_no_two_providers_hand_out_the_same_token(tiny: Any) -> None:
    other = type("Other", (type(tiny),), {"name": "other"})
    codes = {
        (kind.name, seed): kind(seed=seed).oauth.issue_code(
            user="athlete-1", scopes=(), redirect_uri="", challenge=""
        )
        for kind in (type(tiny), other)
        for seed in (1, 2)
    }
    assert len(set(codes.values())) == 4
    again = other(seed=2).oauth.issue_code(user="athlete-1", scopes=(), redirect_uri="", challenge="")
    assert again == codes["other", 2]
