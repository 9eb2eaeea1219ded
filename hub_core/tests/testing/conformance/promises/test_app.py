"""A plugin that handles the hub's own token wrongly is caught: one broken plugin for each case."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

import hub_ahotu.plugin as sound
from hub_core.sdk import (
    Misconfigured,
    ProviderContext,
    ProviderError,
    ReconnectNeeded,
    Rejected,
    RetryLater,
    TokenExpired,
    TokenSet,
)
from hub_core.testing.conformance import CASES


@pytest.fixture
def fake() -> SimpleNamespace:
    """The race plugin's hooks as attributes that can be replaced."""
    return SimpleNamespace(**vars(sound))


async def says_reconnect(context: ProviderContext) -> TokenSet | None:
    try:
        return await sound.fetch_app_token(context)
    except Misconfigured as error:
        raise ReconnectNeeded(error.message) from error


async def says_later(context: ProviderContext) -> TokenSet | None:
    try:
        return await sound.fetch_app_token(context)
    except Misconfigured as error:
        raise RetryLater(error.message) from error


async def forgets_the_end(context: ProviderContext) -> TokenSet | None:
    tokens = await sound.fetch_app_token(context)
    return tokens and msgspec.structs.replace(tokens, expires_at=None)


async def says_rejected(context: ProviderContext, query: Any) -> Any:
    try:
        return await sound.search_races(context, query)
    except TokenExpired as error:
        raise Rejected(error.message) from error


async def tries_again(context: ProviderContext, query: Any) -> Any:
    try:
        return await sound.search_races(context, query)
    except RetryLater:
        await asyncio.sleep(0)
        return await sound.search_races(context, query)


async def sees_no_races(context: ProviderContext, query: Any) -> Any:
    try:
        return await sound.search_races(context, query)
    except ProviderError:
        return ()


BREAKS: dict[str, tuple[str, Callable[..., Any]]] = {
    "app.not_set_up": ("fetch_app_token", says_reconnect),
    "app.refused": ("fetch_app_token", says_later),
    "app.expires": ("fetch_app_token", forgets_the_end),
    "app.expired": ("search_races", says_rejected),
    "app.busy": ("search_races", tries_again),
    "app.down": ("search_races", sees_no_races),
}


@pytest.mark.parametrize("case_id", BREAKS)
def test_the_kit_catches_it(case_id: str, fake: SimpleNamespace, assert_caught: Any) -> None:
    hook, wrong = BREAKS[case_id]
    setattr(fake, hook, wrong)
    assert_caught(case_id)


def test_every_case_of_the_group_is_broken_once() -> None:
    assert set(BREAKS) == {case.id for case in CASES.values() if case.group == "app"}


def test_what_has_no_token_is_not_asked_for_one(fake: SimpleNamespace) -> None:
    from hub_core.testing.conformance import applicable_cases

    del fake.fetch_app_token
    assert {case.id for case in applicable_cases(fake, "app.")} == {"app.busy", "app.down"}
