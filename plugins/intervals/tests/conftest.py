"""The plugin with its sandbox behind a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from hub_core.testing.harness import ProviderHarness
from hub_intervals import plugin


@pytest.fixture(scope="module")
def running() -> Iterator[ProviderHarness]:
    """One server for all tests: starting and stopping it takes longer than most of them."""
    harness = ProviderHarness(plugin)
    harness.server.start()
    yield harness
    harness.server.stop()


@pytest.fixture
async def icu(running: ProviderHarness) -> AsyncIterator[ProviderHarness]:
    """The harness, with a sandbox that remembers nothing."""
    vars(running.sandbox).clear()
    running.sandbox.__init__()  # type: ignore[misc]
    running.checkpoints.clear()
    yield running
    await running.pool.close()
