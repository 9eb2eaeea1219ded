"""Everything that the hub asks of a plugin, ready to be done again and again under every kind of fault."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import msgspec

from hub_core.sandbox.rate_limits import RateLimits
from hub_core.sandbox.sandbox import DEFAULT_USER
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.exports import Receipt
from hub_core.sdk.inbound import Delivery, Window
from hub_core.sdk.manifest import Operation
from hub_core.sdk.tokens import Account, TokenSet
from hub_core.sdk.world import Place, RaceQuery
from hub_core.testing.conformance.bench import Bench
from hub_core.testing.conformance.case import expect
from hub_core.testing.conformance.needs import connects
from hub_core.testing.conformance.plans import plain_race

_ON_RECEIPT = {Operation.UPDATE, Operation.WITHDRAW, Operation.READ_BACK, Operation.FIND}
#: After these the tokens are others, or none.
_ON_TOKENS = ("refresh_token", "revoke_token")
#: They change nothing, so that one preparation is enough.
_READING = {
    "describe_account",
    "fetch_app_token",
    Operation.READ_BACK,
    Operation.FIND,
    Operation.POLL,
    Operation.INGEST,
    Operation.SEARCH_RACES,
    Operation.FORECAST,
}
#: What is done by calling out; `receive_webhook` only looks at what came.
_ORDER = (
    "describe_account",
    Operation.EXPORT,
    Operation.UPDATE,
    Operation.READ_BACK,
    Operation.FIND,
    Operation.WITHDRAW,
    "subscribe_webhooks",
    Operation.POLL,
    Operation.INGEST,
    Operation.BACKFILL,
    "fetch_app_token",
    Operation.SEARCH_RACES,
    Operation.FORECAST,
    *_ON_TOKENS,
)
_NOTHING = {"", "None", "null", "nan"}


class Act:
    """One hook with all that it is called with."""

    def __init__(self, bench: Bench, hook: str, context: ProviderContext) -> None:
        self.hook = str(hook)
        self._bench = bench
        self._context = context
        self._arguments: dict[str, Any] = {}

    async def ready(self) -> None:
        """Do what must have happened before, without any fault."""
        bench = self._bench
        bench.sandbox.clock.advance(1)  # a limit of so many calls a second is not what is looked at
        if self._arguments and self.hook in _READING:
            return
        if self.hook in _ON_TOKENS:
            bench.sandbox.oauth.revoke(DEFAULT_USER)
            self._context = await bench.connect()
        now = dt.datetime.fromtimestamp(bench.sandbox.clock.now(), dt.UTC)
        day = dt.timedelta(days=1)
        context = self._context
        # A few hours of weather: at some vendors each one of the past is a call.
        # What was done was done yesterday, and some vendors are asked for each day of a poll by itself.
        span = day / 24 if self.hook == Operation.FORECAST else 2 * day
        self._arguments = {"window": Window(now - span, now + day / 24)}
        self._arguments |= {"query": RaceQuery(), "place": Place(48.2, 16.37)}
        if self.hook == Operation.SEARCH_RACES:
            bench.sandbox.hold_race(
                plain_race(bench.sandbox.clock.today())
            )  # or there would be nothing to read
        if self.hook in _ON_RECEIPT or self.hook == Operation.EXPORT:
            self._arguments["compiled"] = bench.compile(bench.plan())
        if self.hook in _ON_RECEIPT:
            self._arguments["receipt"] = await bench.export(context)
        if self.hook == Operation.FIND:
            context = bench.harness.again(context, outcome_unknown=True)
        if self.hook == Operation.INGEST:
            self._arguments["delivery"] = (await bench.deliver(context))[-1]
        if self.hook == Operation.POLL:
            bench.record()  # or there would be nothing to read
        self._arguments["context"] = context

    def amend(self, name: str, change: Callable[[Any], Any]) -> None:
        """Call the hook with another argument, made of the present one."""
        self._arguments[name] = change(self._arguments[name])

    async def run(self) -> Any:
        """Call the hook, and see that what it returns names things by names."""
        result = await self._bench.call(self.hook, **self._arguments)
        expect_names(self.hook, result)
        return result


async def prepare_acts(bench: Bench) -> list[Act]:
    """All that this plugin does by calling out, in the order of an athlete's life, without rate limits."""
    budgets = [msgspec.structs.replace(budget, calls=10**9) for budget in bench.sandbox.limits.budgets]
    bench.sandbox.limits = RateLimits(tuple(budgets), bench.sandbox.clock)
    context = await open_context(bench)
    return [Act(bench, hook, context) for hook in _ORDER if _does(bench, hook)]


async def open_context(bench: Bench) -> ProviderContext:
    """A connected athlete's context; one without an athlete where nobody connects."""
    if connects(bench.subject):
        return await bench.connect()
    return await bench.harness.app_context()


def _does(bench: Bench, hook: str) -> bool:
    if hook in _ON_TOKENS or hook in {"describe_account", "fetch_app_token", "subscribe_webhooks"}:
        return bench.subject.has_hook(hook)
    return hook in bench.able.operations


def expect_names(hook: str, result: Any) -> None:
    """An id that was not told must not become the text `None`: it would be the same for everybody."""
    match result:
        case Account():
            names = [result.provider_user_id]
        case Receipt():
            names = list(result.external_ids.values())
        case tuple():
            names = [one.provider_user_id for one in result if isinstance(one, Delivery)]
        case _:
            return
    wrong = [name for name in names if name in _NOTHING]
    expect(not wrong, f"{hook} took {wrong[0]!r} for an id" if wrong else "")


def with_tokens(bench: Bench, context: ProviderContext, tokens: TokenSet) -> ProviderContext:
    """The same connection with other tokens."""
    return bench.harness.context(
        tokens, provider_user_id=context.provider_user_id, reference=context.reference
    )


async def refresh(bench: Bench, context: ProviderContext) -> ProviderContext:
    """The context after a refresh."""
    fresh: TokenSet = await bench.call("refresh_token", context=context)
    return with_tokens(bench, context, fresh)


async def who(bench: Bench, context: ProviderContext) -> str:
    """Whose account a context opens."""
    account = await bench.call("describe_account", context=context)
    return str(account.provider_user_id)
