"""`hub check`: the promises, the tier, and what to do about a broken one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import hub_fake.plugin
from hub_core.sdk import Tier
from hub_core.testing.conformance import CASES


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two groups only: what counts here is what is printed, and Fake's own tests run them all."""
    kept = {id_: case for id_, case in CASES.items() if case.group in ("manifest", "keeping")}
    monkeypatch.setattr("hub_core.testing.conformance.run.CASES", kept)


@pytest.mark.usefixtures("few")
def test_a_plugin_that_keeps_its_promises(hub: Any) -> None:
    done = hub("check", "fake")
    assert (done.code, done.err) == (0, "")
    assert "Conformance of fake" in done.out
    assert "Fake: platinum" in done.out


def test_a_broken_promise_tells_why_and_the_fix(hub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = msgspec.structs.replace(hub_fake.plugin.MANIFEST, data_use="", tier=None)
    monkeypatch.setattr(hub_fake.plugin, "MANIFEST", manifest)
    done = hub("check", "fake", "--only", "manifest")
    assert done.code == 1
    for words in ("manifest.complete", "data_use is empty", "why", "fix", "13 of 14 promises kept"):
        assert words in done.out


@pytest.mark.usefixtures("few")
def test_a_tier_that_is_not_so_is_refused(hub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = msgspec.structs.replace(hub_fake.plugin.MANIFEST, tier=Tier.SILVER)
    monkeypatch.setattr(hub_fake.plugin, "MANIFEST", manifest)
    done = hub("check", "fake")
    assert done.code == 1
    assert "the manifest claims silver, and the kit computes platinum: set tier=Tier.PLATINUM" in done.out


def test_the_rules_are_listed(hub: Any) -> None:
    done = hub("check", "--rules", "--only", "compile")
    assert done.code == 0
    assert "compile.targets" in done.out
    assert "tokens." not in done.out


def test_an_unknown_promise(hub: Any) -> None:
    done = hub("check", "fake", "--only", "nosuch")
    assert done.is_one_line


def test_an_unknown_name(hub: Any) -> None:
    done = hub("check", "nosuch")
    assert done.is_one_line
    assert "installed are: ahotu, fake" in done.err
