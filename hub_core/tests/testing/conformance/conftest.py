"""The fake provider, to be broken in one place at a time: the kit must catch every one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

import hub_fake.plugin
from hub_core.testing.conformance import CASES, Result, run_case


@pytest.fixture
def fake() -> SimpleNamespace:
    """Fake's hooks as attributes that can be replaced, without touching the real plugin."""
    return SimpleNamespace(**vars(hub_fake.plugin))


@pytest.fixture
def declare(fake: SimpleNamespace) -> Callable[..., None]:
    """Change the fake's manifest, or with `capabilities={...}` parts of what it can carry."""

    def change(*, capabilities: dict[str, Any] | None = None, **fields: Any) -> None:
        manifest = fake.provider_manifest()
        if capabilities:
            fields["capabilities"] = msgspec.structs.replace(manifest.capabilities, **capabilities)
        changed = msgspec.structs.replace(manifest, **fields)
        fake.provider_manifest = lambda: changed

    return change


@pytest.fixture
def check(fake: SimpleNamespace) -> Callable[[str], Result]:
    """Run one case of the kit over the fake as it is now."""

    def run(case_id: str) -> Result:
        assert CASES[case_id].applies(_subject(fake)), "the case does not apply to what the test made of it"
        return asyncio.run(run_case(CASES[case_id], fake))

    return run


@pytest.fixture
def assert_caught(check: Callable[[str], Result]) -> Callable[[str], None]:
    """The case finds what the test has broken, and says how to mend it."""

    def assert_it(case_id: str) -> None:
        result = check(case_id)
        assert not result.holds
        assert CASES[case_id].hint in result.explain()

    return assert_it


def _subject(fake: SimpleNamespace) -> Any:
    from hub_core.testing.conformance.bench import Subject

    return Subject(fake)
