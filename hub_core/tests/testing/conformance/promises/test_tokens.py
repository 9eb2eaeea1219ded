"""A plugin that loses, keeps or tells its grants is caught: one broken plugin for each case."""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

import hub_fake.plugin as sound
from hub_core.sandbox import OAuthServer
from hub_core.sdk import (
    Account,
    ApiKeyAuth,
    ProviderContext,
    ReconnectNeeded,
    Rejected,
    RetryLater,
    TokenSet,
)
from hub_core.testing.conformance import CASES
from hub_fake.plugin import FakeSettings
from hub_fake.sandbox import FakeSandbox

Declare = Callable[..., None]
Break = Callable[[SimpleNamespace, Declare], Any]
ANY = frozenset(range(200, 600))


def hooks(**replaced: Any) -> Break:
    return lambda fake, declare: vars(fake).update(replaced)


def sandbox(**methods: Any) -> Break:
    kind = type("BrokenSandbox", (FakeSandbox,), methods)
    return lambda fake, declare: setattr(fake, "provider_sandbox", kind)


def settings(**fields: Any) -> Break:
    return sandbox(settings=lambda self, origin: FakeSandbox.settings(self, origin).model_copy(update=fields))


def takes_keys(read: Callable[[str], TokenSet]) -> Break:
    def break_it(fake: SimpleNamespace, declare: Declare) -> None:
        declare(api_key=ApiKeyAuth("on your profile page"))
        fake.tokens_from_api_key = read

    return break_it


def as_token(key: str) -> TokenSet:
    return TokenSet(key, scopes=("workouts", "activities"))


def is_everyone(context: ProviderContext) -> Any:
    return answer_with(Account("everyone"))


async def answer_with(value: Any) -> Any:
    return value


class ReusesCodes(OAuthServer):
    def redeem_code(self, *, code: str, redirect_uri: str | None, verifier: str) -> Any:
        stored = self._codes[code]
        grant = super().redeem_code(code=code, redirect_uri=redirect_uri, verifier=verifier)
        self._codes[code] = stored
        return grant


class OpenSettings(FakeSettings):
    signing_key: str = "in the clear"


async def waits_for_better_days(context: ProviderContext) -> Account:
    try:
        return await sound.describe_account(context)
    except ReconnectNeeded as error:
        raise RetryLater(str(error)) from error


async def refreshes_nothing(context: ProviderContext) -> TokenSet:
    return context.token()


async def forgets_the_new_one(context: ProviderContext) -> TokenSet:
    fresh = await sound.refresh_token(context)
    return msgspec.structs.replace(fresh, refresh_token=context.token().refresh_token)


async def forgets_the_old_one(context: ProviderContext) -> TokenSet:
    fresh = await sound.refresh_token(context)
    kept = fresh.refresh_token != context.token().refresh_token
    return fresh if kept else msgspec.structs.replace(fresh, refresh_token=None)


async def never_gives_up(context: ProviderContext) -> TokenSet:
    try:
        return await sound.refresh_token(context)
    except ReconnectNeeded as error:
        raise RetryLater(str(error)) from error


async def gives_up(context: ProviderContext) -> TokenSet:
    try:
        return await sound.refresh_token(context)
    except RetryLater as error:
        raise ReconnectNeeded(str(error)) from error


def keeps_it(fake: SimpleNamespace, declare: Declare) -> None:
    fake.by_user = {}

    async def refresh_token(context: ProviderContext) -> TokenSet:
        fake.by_user[context.provider_user_id] = await sound.refresh_token(context)
        return fake.by_user[context.provider_user_id]

    fake.refresh_token = refresh_token


async def logs_it(context: ProviderContext) -> TokenSet:
    fresh = await sound.refresh_token(context)
    logging.getLogger("fake").debug("now it is %s", fresh.access_token)
    return fresh


async def quotes_it(context: ProviderContext) -> Account:
    answer = await context.http.request("GET", "/me", allow=ANY)
    if not answer.is_success:
        raise Rejected(answer.text)
    return await sound.describe_account(context)


BREAKS: dict[str, Break] = {
    "tokens.connect": hooks(describe_account=lambda context: answer_with(Account(""))),
    "tokens.account": hooks(describe_account=is_everyone),
    "tokens.authorize_url": settings(authorize_url="https://fake.example/oauth/authorize?client_id=mine"),
    "tokens.code_once": sandbox(make_oauth=lambda self: ReusesCodes(self.clock, ("workouts", "activities"))),
    "tokens.expired": hooks(describe_account=waits_for_better_days),
    "tokens.refresh": hooks(refresh_token=refreshes_nothing),
    "tokens.rotation": hooks(refresh_token=forgets_the_new_one),
    "tokens.keeps_refresh_token": hooks(refresh_token=forgets_the_old_one),
    "tokens.refresh_refused": hooks(refresh_token=never_gives_up),
    "tokens.refresh_unreachable": hooks(refresh_token=gives_up),
    "tokens.refresh_garbled": hooks(refresh_token=gives_up),
    "tokens.refresh_pure": keeps_it,
    "tokens.api_key": takes_keys(as_token),
    "tokens.wrong_api_key": takes_keys(lambda key: as_token(key.split()[0])),
    "tokens.repr": sandbox(settings=lambda self, origin: OpenSettings(client_id="kit", api_url=origin)),
    "tokens.logs": hooks(refresh_token=logs_it),
    "tokens.errors": hooks(describe_account=quotes_it),
}


@pytest.mark.parametrize("case_id", BREAKS)
def test_the_kit_catches_it(
    case_id: str, fake: SimpleNamespace, declare: Declare, assert_caught: Any
) -> None:
    BREAKS[case_id](fake, declare)
    assert_caught(case_id)


@pytest.mark.parametrize("case_id", ["tokens.api_key", "tokens.wrong_api_key"])
def test_keys_that_are_read_with_care_are_fine(
    case_id: str, fake: SimpleNamespace, declare: Declare, check: Any
) -> None:
    takes_keys(lambda key: as_token(key.strip()))(fake, declare)
    assert check(case_id).evidence == ""


def test_every_case_of_the_group_is_broken_once() -> None:
    assert set(BREAKS) == {case.id for case in CASES.values() if case.group == "tokens"}
