"""Recordings of the fake provider, made over HTTP against its sandbox, and answers by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

import hub_fake.plugin
from hub_core.domain.sport import Sport
from hub_core.sandbox.recorded import RecordedActivity
from hub_core.testing.harness import ProviderHarness
from hub_core.testing.recordings import Exchange, Inputs, Made, PluginSource, Recorder, Recording
from hub_core.testing.recordings.replay import hooks_of

TODAY = dt.date(2026, 5, 4)
#: Nothing of this may ever be in a file.
CANARIES = ("Canary Title", "canary-user")


@pytest.fixture
async def record() -> Callable[..., Any]:
    """Record a scenario of the fake, or of what was made of it, whose athlete has done two things."""

    async def make(scenario: str, plugin: Any = hub_fake.plugin) -> Made:
        async with ProviderHarness(hub_fake.plugin) as fake:
            for name, sport in ((CANARIES[0], Sport.RUN), ("Second", Sport.OTHER)):
                start = dt.datetime(2026, 5, 3, 12, tzinfo=dt.UTC)
                fake.sandbox.record_activity(
                    CANARIES[1], RecordedActivity(name, sport, start, 1800.0, 5000.0)
                )
            context = await fake.connect(CANARIES[1])
            words = PluginSource(hub_fake.plugin).words
            recorder = Recorder(
                plugin.provider_manifest(), hooks_of(plugin), words, TODAY, "Fake canary-user"
            )
            return await recorder.record(scenario, context)

    return make


@pytest.fixture
def recording() -> Callable[..., Recording]:
    """A recording of one answer, or of several."""

    def make(*answers: Any, **inputs: Any) -> Recording:
        exchanges = tuple(
            Exchange(method="GET", path="/things", status=200, answer=answer) for answer in answers
        )
        given = Inputs(**({"today": TODAY, "provider_user_id": "athlete-1"} | inputs))
        return Recording(1, "fake", "account", given, {}, exchanges)

    return make


@pytest.fixture
def exchanges() -> Callable[..., Recording]:
    """A recording of these exchanges."""

    def make(*exchanges: Exchange) -> Recording:
        return Recording(1, "fake", "account", Inputs(TODAY, "athlete-1"), {}, exchanges)

    return make


@pytest.fixture
def again() -> Callable[[Recording], Recording]:
    """A recording as it comes out of its own file."""
    return lambda recording: msgspec.json.decode(msgspec.json.encode(recording), type=Recording)
