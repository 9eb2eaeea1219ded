"""A manifest that lies, or says too little, is caught: one broken plugin for each case."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic_settings import SettingsConfigDict

from hub_core.sdk import ApiKeyAuth, CreateSemantics, Operation, ProviderSettings
from hub_core.testing.conformance import CASES
from hub_fake.plugin import FakeSettings
from hub_fake.sandbox import FakeSandbox

Declare = Callable[..., None]


class WrongPrefix(FakeSettings):
    model_config = SettingsConfigDict(env_prefix="FAKE_")


class PlainHttp(FakeSettings):
    api_url: str = "http://api.fake.example"


class NoAddress(ProviderSettings):
    model_config = SettingsConfigDict(env_prefix="HUB_FAKE_")
    api_url: str = "https://api.fake.example"


class OpenSecret(FakeSettings):
    signing_key: str = "in the clear"


class OtherSandbox(FakeSandbox):
    name = "other"


def returns(hook: str, kind: type) -> Callable[[SimpleNamespace, Declare], None]:
    return lambda fake, declare: setattr(fake, hook, lambda: kind())


BREAKS: dict[str, Callable[[SimpleNamespace, Declare], Any]] = {
    "manifest.name": lambda fake, declare: declare(name="Fake-Provider"),
    "manifest.complete": lambda fake, declare: declare(data_use=" "),
    "manifest.api_version": lambda fake, declare: declare(api_version="9.0"),
    "manifest.hooks_match": lambda fake, declare: delattr(fake, "poll_deliveries"),
    "manifest.tells": lambda fake, declare: declare(tells=frozenset({"activity", "daily", "sleep"})),
    "manifest.says_what_it_carries": lambda fake, declare: declare(
        capabilities={"create": CreateSemantics.SEARCHABLE, "operations": frozenset({Operation.EXPORT})}
    ),
    "manifest.budgets": lambda fake, declare: declare(rate_budgets=()),
    "manifest.connects": lambda fake, declare: declare(api_key=ApiKeyAuth("on your profile page")),
    "manifest.access": lambda fake, declare: declare(access="app"),
    "manifest.webhook_proof": lambda fake, declare: declare(webhook_proof=None),
    "manifest.settings_prefix": returns("provider_settings", WrongPrefix),
    "manifest.settings_https": returns("provider_settings", PlainHttp),
    "manifest.settings_urls": returns("provider_settings", NoAddress),
    "manifest.settings_secret": returns("provider_settings", OpenSecret),
    "manifest.sandbox": returns("provider_sandbox", OtherSandbox),
}


@pytest.mark.parametrize("case_id", BREAKS)
def test_the_kit_catches_it(
    case_id: str, fake: SimpleNamespace, declare: Declare, assert_caught: Any
) -> None:
    BREAKS[case_id](fake, declare)
    assert_caught(case_id)


def test_what_a_phone_fetches_has_no_export_workout(declare: Declare, check: Any) -> None:
    declare(delivery="pickup")
    assert "export_workout is never called" in check("manifest.hooks_match").evidence


def test_what_a_phone_fetches_needs_no_other_hook(
    fake: SimpleNamespace, declare: Declare, check: Any
) -> None:
    own = fake.provider_manifest().capabilities.operations
    kept = {one for one in own if not one.endswith("_workout")} | {Operation.EXPORT}
    for operation in own - kept | {Operation.EXPORT}:
        delattr(fake, operation)
    declare(delivery="pickup", capabilities={"operations": frozenset(kept)})
    assert check("manifest.hooks_match").holds


def test_every_case_of_the_group_is_broken_once() -> None:
    assert set(BREAKS) == {case.id for case in CASES.values() if case.group == "manifest"}
