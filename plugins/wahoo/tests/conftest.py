"""The plugin with its sandbox behind a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

import hub_wahoo.plugin as plugin
from hub_core.testing.harness import ProviderHarness


@pytest.fixture(scope="module")
def running() -> Iterator[ProviderHarness]:
    """One server for all tests: to start and stop one takes longer than most tests."""
    harness = ProviderHarness(plugin)
    harness.server.start()
    yield harness
    harness.server.stop()


@pytest.fixture
async def wahoo(running: ProviderHarness) -> AsyncIterator[ProviderHarness]:
    """A Wahoo that has forgotten everything."""
    running.sandbox.__init__()  # type: ignore[misc]
    running.checkpoints.clear()
    yield running
    await running.pool.close()
