"""A consent that is misread, kept or mixed up is caught: one broken plugin for each case."""

from __future__ import annotations

import functools
import itertools
import socket
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from hub_core.sandbox import OAuthServer
from hub_core.sdk import (
    Account,
    CompiledWorkout,
    ProviderContext,
    ProviderCopy,
    ProviderError,
    Receipt,
    ReconnectNeeded,
    Rejected,
    RetryLater,
)
from hub_core.testing.conformance import CASES
from hub_core.testing.conformance.outgoing import watching_sockets
from hub_fake.sandbox import FakeSandbox

Break = Callable[[SimpleNamespace], Any]


class OneForAll(OAuthServer):
    """Who leaves takes everyone along."""

    def revoke(self, user: str) -> None:
        self.grants.clear()


class OneForAllSandbox(FakeSandbox):
    """What its plugin ends is the consent of the app."""

    def make_oauth(self) -> OAuthServer:
        return OneForAll(self.clock, ("workouts", "activities"), requires_pkce=True, seed=self.seed)


class BareSandbox(FakeSandbox):
    """A provider whose consent has no boxes, and whose tokens may do everything."""

    def make_oauth(self) -> OAuthServer:
        return OAuthServer(self.clock, (), requires_pkce=True, seed=self.seed)

    def check_scope(self, grant: Any, scope: str) -> None:
        pass


def replaced(hook: str, wrong: Callable[..., Any]) -> Break:
    """The fake with another function for a hook, which is given the real one first."""

    def change(fake: SimpleNamespace) -> None:
        real = getattr(fake, hook)
        setattr(fake, hook, functools.wraps(real)(functools.partial(wrong, real)))

    return change


def instead(hook: str, kind: type[ProviderError]) -> Break:
    """A hook that calls the end of a consent by another name."""

    async def wrong(real: Any, *given: Any, **named: Any) -> Any:
        try:
            return await real(*given, **named)
        except ReconnectNeeded as error:
            raise kind(error.message) from error

    return replaced(hook, wrong)


async def see_nothing(real: Any, context: ProviderContext, receipt: Receipt) -> ProviderCopy:
    try:
        return await real(context, receipt)
    except ProviderError:
        return ProviderCopy(False)


def send_under_new_names() -> Break:
    numbers = itertools.count()

    async def send(real: Any, context: ProviderContext, compiled: CompiledWorkout) -> Receipt:
        name = f"try-{next(numbers)}"
        await context.http.request("PUT", f"/workouts/{name}", json=compiled.payload)
        await context.http.request("GET", f"/workouts/{name}")
        return Receipt({"workout_id": name}, name)

    return replaced("export_workout", send)


async def forget_it(real: Any, context: ProviderContext) -> None:
    pass


async def revoke_what_lives(real: Any, context: ProviderContext) -> None:
    try:
        await context.http.request("DELETE", "/me/consent")
    except ReconnectNeeded as error:
        raise Rejected(error.message) from error


async def name_by_token(real: Any, context: ProviderContext) -> Account:
    account = await real(context)
    return Account(f"{account.provider_user_id}-{context.token().access_token[-6:]}")


async def ask_for_nothing(real: Any, context: ProviderContext) -> Account:
    user = await context.http.request("GET", "/me")
    return Account(user.json()["id"])


async def tell_a_stranger(real: Any, context: ProviderContext) -> Account:
    with suppress(httpx.HTTPError):
        async with httpx.AsyncClient() as client:
            await client.get("https://statistics.example/connected")
    return await real(context)


def remember_the_first() -> Break:
    accounts: list[Account] = []

    async def describe(real: Any, context: ProviderContext) -> Account:
        accounts.append(await real(context))
        return accounts[0]

    return replaced("describe_account", describe)


BREAKS: dict[str, Break] = {
    "life_cycle.ended_account": instead("describe_account", RetryLater),
    "life_cycle.ended_export": instead("export_workout", Rejected),
    "life_cycle.ended_later": replaced("read_back_workout", see_nothing),
    "life_cycle.ended_withdrawal": instead("withdraw_workout", Rejected),
    "life_cycle.ended_refresh": instead("refresh_token", RetryLater),
    "life_cycle.ended_midway": send_under_new_names(),
    "life_cycle.revoke": replaced("revoke_token", forget_it),
    "life_cycle.revoke_own": lambda fake: setattr(fake, "provider_sandbox", OneForAllSandbox),
    "life_cycle.revoke_twice": replaced("revoke_token", revoke_what_lives),
    "life_cycle.revoke_ended": replaced("revoke_token", revoke_what_lives),
    "life_cycle.connect_again": replaced("describe_account", name_by_token),
    "life_cycle.nothing_granted": replaced("describe_account", ask_for_nothing),
    "life_cycle.grant_withdrawn": instead("export_workout", Rejected),
    "life_cycle.own_hosts": replaced("describe_account", tell_a_stranger),
    "life_cycle.no_shared_state": remember_the_first(),
}


@pytest.mark.parametrize("case_id", BREAKS)
def test_the_kit_catches_it(case_id: str, fake: SimpleNamespace, assert_caught: Any) -> None:
    BREAKS[case_id](fake)
    assert_caught(case_id)


def test_every_case_of_the_group_is_broken_once() -> None:
    assert set(BREAKS) == {case.id for case in CASES.values() if case.group == "life_cycle"}


@pytest.mark.parametrize("case_id", ["life_cycle.nothing_granted", "life_cycle.grant_withdrawn"])
def test_a_provider_without_permissions_owes_nothing(case_id: str, fake: SimpleNamespace, check: Any) -> None:
    fake.provider_sandbox = BareSandbox
    replaced("describe_account", ask_for_nothing)(fake)
    assert not check(case_id).evidence


def test_a_workout_in_another_calendar_is_seen(fake: SimpleNamespace, check: Any) -> None:
    contexts: list[ProviderContext] = []

    async def send(real: Any, context: ProviderContext, compiled: CompiledWorkout) -> Receipt:
        contexts.append(context)
        return await real(contexts[0], compiled)

    replaced("export_workout", send)(fake)
    assert not check("life_cycle.no_shared_state").holds


def test_nothing_gets_out_while_it_is_watched() -> None:
    with watching_sockets(frozenset({"127.0.0.1:1"})) as strangers:
        for host in ("127.0.0.1", "192.0.2.7"):
            with socket.socket() as one, pytest.raises(ConnectionRefusedError):
                one.connect((host, 1))
        with pytest.raises(ConnectionRefusedError, match="statistics"):
            socket.getaddrinfo("statistics.example", 443)
    assert strangers == ["192.0.2.7:1", "statistics.example:443"]
