"""Which promises a plugin makes whose workouts a phone fetches."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from hub_core.sdk import Operation
from hub_core.testing.conformance import applicable_cases


@pytest.fixture
def fetched(fake: SimpleNamespace, declare: Any) -> list[str]:
    """The cases for a provider that compiles, and calls nobody."""
    declare(
        delivery="pickup",
        oauth2=None,
        webhook_proof=None,
        capabilities={"operations": frozenset({Operation.EXPORT})},
    )
    return [case.id for case in applicable_cases(fake)]


def test_it_compiles_and_arrives_like_every_other(fake: SimpleNamespace, fetched: list[str]) -> None:
    compiling = [case.id for case in applicable_cases(fake, "compile.")]
    assert len(compiling) > 20
    assert {*compiling, "export.arrives", "export.declared", "time.far_east", "keeping.horizon"} <= set(
        fetched
    )


@pytest.mark.parametrize(
    "case_id",
    [
        "export.lost_answer",
        "export.withdraw_one",
        "keeping.updates",
        "keeping.settles",
        "limits.midway",
        "manifest.budgets",
        "security.odd_workout_texts",
        "surprises.",
        "life_cycle.",
        "tokens.logs",
    ],
)
def test_it_is_not_asked_about_calls_that_it_never_makes(fetched: list[str], case_id: str) -> None:
    assert not [one for one in fetched if one.startswith(case_id)]
