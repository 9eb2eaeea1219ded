"""What the hub asks in its own name: its token is fetched, ends, and is fetched anew."""

from __future__ import annotations

from functools import partial

from pydantic import SecretStr

from hub_core.sandbox.faults import FaultKind
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import Misconfigured, RetryLater, TokenExpired
from hub_core.sdk.tokens import TokenSet
from hub_core.testing.conformance.acts import prepare_acts
from hub_core.testing.conformance.bench import Bench
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import asks_as_app, fetches_token

_DAY_S = 86_400.0


async def _fetch(bench: Bench) -> TokenSet:
    tokens: TokenSet = await bench.call("fetch_app_token", context=bench.harness.context())
    return tokens


@case(
    "app.not_set_up",
    Tier.BRONZE,
    reason="a provider without credentials must say what to set, and not look like an outage",
    hint="fetch by context.oauth().fetch_app_token(), which names the variables",
    needs=(fetches_token,),
)
async def _not_set_up(bench: Bench) -> None:
    bare = {"client_id": "", "client_secret": SecretStr("")}
    bench.harness.settings = bench.harness.settings.model_copy(update=bare)
    error = await bench.failing(_fetch(bench), Misconfigured, during="fetch_app_token without credentials")
    prefix = f"HUB_{bench.manifest.name.upper()}_"
    expect(prefix in error.message, f"the error names no variable {prefix}...: {error.message}")


@case(
    "app.refused",
    Tier.SILVER,
    reason="wrong credentials are tried all night if they look like an outage",
    hint="fetch by context.oauth().fetch_app_token(), which knows invalid_client",
    needs=(fetches_token,),
)
async def _refused(bench: Bench) -> None:
    wrong = {"client_secret": SecretStr("kit-wrong-secret")}
    bench.harness.settings = bench.harness.settings.model_copy(update=wrong)
    await bench.failing(_fetch(bench), Misconfigured, during="fetch_app_token with a wrong secret")


@case(
    "app.expires",
    Tier.SILVER,
    reason="a token whose end nobody knows is used until it is refused, by all callers at once",
    hint="return what context.oauth().fetch_app_token() returns: it has the end in expires_at",
    needs=(fetches_token,),
)
async def _expires(bench: Bench) -> None:
    tokens = await _fetch(bench)
    ends = tokens.expires_at
    expect(ends is not None and ends > bench.sandbox.clock.now(), f"the token ends at {ends}")


@case(
    "app.expired",
    Tier.SILVER,
    reason="only TokenExpired makes the hub fetch another token; everything else is shown as a failure",
    hint="let the 401 of context.http through",
    needs=(fetches_token,),
)
async def _expired(bench: Bench) -> None:
    acts = [act for act in await prepare_acts(bench) if act.hook != "fetch_app_token"]
    for act in acts:
        await act.ready()
        bench.sandbox.clock.advance(_DAY_S)
        await bench.failing(act.run(), TokenExpired, during=f"{act.hook} with a token that has ended")
        fresh = await bench.harness.app_context()
        act.amend("context", partial(_replaced, by=fresh))
        await act.run()


def _replaced(_: ProviderContext, by: ProviderContext) -> ProviderContext:
    return by


@case(
    "app.busy",
    Tier.SILVER,
    reason="who comes back sooner than asked is locked out for longer, and all platforms with him",
    hint="let context.http name the error, or pass retry_after_s(response) on as after_s",
    needs=(asks_as_app,),
)
async def _busy(bench: Bench) -> None:
    for act in await prepare_acts(bench):
        await act.ready()
        bench.sandbox.journal.clear()
        bench.harness.fault(FaultKind.RATE_LIMIT, value=7)
        error = await bench.failing(act.run(), RetryLater, during=f"{act.hook} at a 429")
        bench.sandbox.faults.clear()
        after_s = getattr(error, "after_s", None)
        expect(
            after_s is not None and after_s >= 7, f"{act.hook} asks for a wait of {after_s} s instead of 7"
        )
        tries = [entry.path for entry in bench.sandbox.journal]
        expect(len(tries) == 1, f"{act.hook} at a 429 went on calling: {', '.join(tries)}")


@case(
    "app.down",
    Tier.SILVER,
    reason="a provider that is down says nothing about races or weather: neither that there are none",
    hint="let context.http name the error: every 5xx is RetryLater",
    needs=(asks_as_app,),
)
async def _down(bench: Bench) -> None:
    for act in await prepare_acts(bench):
        for status in (500, 503):
            await act.ready()
            bench.harness.fault(FaultKind.STATUS, value=status)
            await bench.failing(act.run(), RetryLater, during=f"{act.hook} at a {status}")
            bench.sandbox.faults.clear()
