"""The plugin with its sandbox behind a real socket. One server for all tests, as fresh as new for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

import hub_garmin.plugin as plugin
from hub_core.testing.harness import ProviderHarness


@pytest.fixture(scope="session")
def _running() -> Iterator[ProviderHarness]:
    harness = ProviderHarness(plugin)
    harness.server.start()
    yield harness
    harness.server.stop()


@pytest.fixture
async def garmin(_running: ProviderHarness) -> AsyncIterator[ProviderHarness]:
    """A running sandbox without any state, and contexts for the plugin."""
    sandbox = _running.sandbox
    type(sandbox).__init__(sandbox)  # the server's routes are bound to this one
    _running.settings = sandbox.settings(_running.server.origin)
    _running.checkpoints.clear()
    yield _running
    await _running.pool.close()


@pytest.fixture
async def api(garmin: ProviderHarness) -> AsyncIterator[httpx.AsyncClient]:
    """A connected athlete's bare client."""
    tokens = await garmin.authorize()
    headers = {"Authorization": f"Bearer {tokens.access_token}"}
    async with httpx.AsyncClient(base_url=garmin.server.origin, headers=headers) as client:
        yield client
