"""A lost answer at a provider that can tell nothing: no second copy, and a person decides."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest

from hub_core.sandbox.faults import FaultKind
from hub_core.sdk import CreateSemantics
from hub_core.services.retry_export import retry_export
from hub_core.services.save_workout import save_workout

RECIPES = "/workoutportal/workout/v2"


@pytest.fixture
def blind(scene):
    """The hub believes that Garmin can't be asked what it holds."""
    provider = scene.hub.registry.providers["garmin"]
    able = msgspec.structs.replace(provider.manifest.capabilities, create=CreateSemantics.BLIND)
    manifest = msgspec.structs.replace(provider.manifest, capabilities=able)
    scene.hub.registry.providers["garmin"] = dataclasses.replace(provider, manifest=manifest)
    return scene


async def test_a_lost_answer_is_not_repeated_but_shown(blind, plan) -> None:
    await blind.connect("garmin")
    blind.fault("garmin", FaultKind.DROP_AFTER, RECIPES, method="POST", times=1)
    await save_workout(blind.hub, blind.athlete, plan)
    await blind.run_all()
    export = await blind.export()
    assert (export.status, export.reason_code, export.next_try_ms) == ("PENDING", "outcome_unknown", None)
    assert "Look there" in export.reason
    assert export.attempts[-1].outcome == "unknown"
    assert blind.sandboxes["garmin"].sandbox.journal.count("POST", RECIPES) == 1


async def test_a_person_sends_it_again(blind, plan) -> None:
    await blind.connect("garmin")
    blind.fault("garmin", FaultKind.DROP_BEFORE, RECIPES, method="POST", times=1)
    await save_workout(blind.hub, blind.athlete, plan)
    await blind.run_all()
    assert blind.titles("garmin") == []
    await retry_export(blind.hub, blind.athlete, (await blind.export()).id)
    await blind.run_all()
    assert (await blind.export()).status == "SENT"
    assert blind.titles("garmin") == [plan.name]
