"""The manifest promises what the plugin has, and nothing else."""

from __future__ import annotations

from hub_core.sdk import CreateSemantics, Operation, Sport
from hub_healthkit import plugin
from hub_healthkit.manifest import MANIFEST


def test_workouts_are_fetched_and_nothing_is_called() -> None:
    assert MANIFEST.delivery == "pickup"
    assert MANIFEST.capabilities.operations == {Operation.EXPORT, Operation.INGEST}
    assert MANIFEST.hook_of(Operation.EXPORT) == "compile_workout"
    assert [one for one in Operation if hasattr(plugin, one.value)] == [Operation.INGEST]


def test_neither_consent_nor_key_is_asked_for() -> None:
    assert MANIFEST.oauth2 is None
    assert MANIFEST.api_key is None
    assert MANIFEST.rate_budgets == ()


def test_every_sport_finds_an_activity() -> None:
    assert MANIFEST.capabilities.sports == set(Sport)


def test_the_schedulers_floor_is_declared() -> None:
    assert (MANIFEST.capabilities.horizon_days, MANIFEST.capabilities.max_scheduled) == (7, 15)


def test_a_repeated_word_replaces_the_plan() -> None:
    assert MANIFEST.capabilities.create is CreateSemantics.UPSERT
