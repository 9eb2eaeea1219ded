"""However devices, coach, provider and network behave, all end equal and nothing that was typed is lost."""

from __future__ import annotations

import functools

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from hub_core.sandbox.server import SandboxServer
from hub_core.testing.processes import PlatformClient

from .walk import Walk


@pytest.mark.parametrize(
    ("examples", "steps"), [(8, 25), pytest.param(200, 50, marks=pytest.mark.chaos)], ids=["few", "many"]
)
def test_all_end_equal_and_nothing_typed_is_lost(
    platform: PlatformClient, provider: SandboxServer, examples: int, steps: int
) -> None:
    is_short = examples < 100
    # The few are the same each time, the many are new ones. To look for a shorter way takes minutes.
    left_out = {Phase.shrink, Phase.explain} if is_short else set()
    how = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=is_short,
        phases=[phase for phase in Phase if phase not in left_out],
        print_blob=True,
    )
    run_state_machine_as_test(functools.partial(Walk, platform, provider), settings=how)
