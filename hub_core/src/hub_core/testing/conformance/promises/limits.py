"""A provider that is busy, limited or down is left alone, and asked again later by the hub."""

from __future__ import annotations

import asyncio
import datetime as dt
import email.utils
import math
from collections.abc import Awaitable, Callable
from functools import partial

from hub_core.sandbox.faults import FaultKind
from hub_core.sdk.errors import ProviderError, RetryLater
from hub_core.sdk.manifest import Operation
from hub_core.testing.conformance.bench import Bench
from hub_core.testing.conformance.calls import Calls, all_calls
from hub_core.testing.conformance.case import Broken, Tier, case, expect
from hub_core.testing.conformance.needs import connects, refreshes, sends
from hub_core.testing.conformance.rounds import struck_rounds

#: Whoever waits longer has believed nonsense.
_LONGEST_WAIT_S = 7 * 86_400.0
#: A hook that has been refused returns at once; this much is for a slow machine.
_AT_ONCE_S = 5.0
_NONSENSE = (
    "soon",
    "-5",
    "99999999999",
    "1e400",
    "nan",
    "Wed, 99 Oct 2030 99:99:99 GMT",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Wed, 21 Oct 2015 07:28:00 GMT",
)


async def _busiest(bench: Bench) -> Calls:
    """The hooks that are called most often: to send, to connect, to refresh."""
    wanted = (Operation.EXPORT, "describe_account", "refresh_token")
    return {name: call for name, call in (await _all(bench)).items() if name in wanted}


async def _all(bench: Bench) -> Calls:
    return await all_calls(bench, await bench.connect())


async def _refused(bench: Bench, call: Callable[[], Awaitable[object]], during: str) -> RetryLater:
    """The `RetryLater` that a call must end in."""
    error = await bench.failing(call(), RetryLater, during=during)
    assert isinstance(error, RetryLater)  # noqa: S101 (for mypy)
    return error


async def _expect_waits(bench: Bench, retry_after: str, at_least_s: float = 0.0) -> None:
    """A 429 with this header must lead to a wait that makes sense."""
    said = f"a 429 with Retry-After {retry_after!r}" if retry_after else "a 429 without Retry-After"
    for name, call in (await _busiest(bench)).items():
        bench.harness.fault(FaultKind.RATE_LIMIT, retry_after=retry_after)
        after_s = (await _refused(bench, call, f"{name} at {said}")).after_s
        bench.sandbox.faults.clear()
        if after_s is not None:
            sane = math.isfinite(after_s) and at_least_s <= after_s <= _LONGEST_WAIT_S
            expect(sane, f"{name} at {said} asks for a wait of {after_s} s")


@case(
    "limits.seconds",
    Tier.SILVER,
    reason="who comes back sooner than asked is locked out for longer",
    hint="let context.http name the error, or pass retry_after_s(response) on as after_s",
    needs=(connects,),
)
async def _seconds(bench: Bench) -> None:
    await _expect_waits(bench, "7", at_least_s=7)


@case(
    "limits.http_date",
    Tier.SILVER,
    reason="Retry-After may be a date: read as a number it crashes, or counts as no wait at all",
    hint="use retry_after_s(response), which reads both",
    needs=(connects,),
)
async def _http_date(bench: Bench) -> None:
    later = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=90)
    await _expect_waits(bench, email.utils.format_datetime(later, usegmt=True), at_least_s=60)


@case(
    "limits.no_header",
    Tier.SILVER,
    reason="many providers say 429 and nothing else",
    hint="raise RetryLater without after_s: the hub then waits longer each time",
    needs=(connects,),
)
async def _no_header(bench: Bench) -> None:
    await _expect_waits(bench, "")


@case(
    "limits.nonsense",
    Tier.SILVER,
    reason="a header that is wrong must not crash the export, hammer the provider, or park it for a century",
    hint="use retry_after_s(response), which takes nonsense for nothing and no more than a day",
    needs=(connects,),
)
async def _nonsense(bench: Bench) -> None:
    for header in _NONSENSE:
        await _expect_waits(bench, header)


@case(
    "limits.refresh",
    Tier.SILVER,
    reason="a 429 of the token endpoint that counts as a refusal disconnects every athlete at once",
    hint="refresh by context.oauth().refresh(): only invalid_grant is ReconnectNeeded",
    needs=(refreshes,),
)
async def _refresh(bench: Bench) -> None:
    context = await bench.connect()
    for retry_after in ("", "5"):
        bench.harness.fault(FaultKind.RATE_LIMIT, retry_after=retry_after)
        refreshing = partial(bench.call, "refresh_token", context=context)
        await _refused(bench, refreshing, "refresh_token at a 429")
        bench.sandbox.faults.clear()


@case(
    "limits.every_call",
    Tier.SILVER,
    reason="a 429 that is read as gone makes the hub send a second copy, or forget the one that is there",
    hint="treat as gone what is 404 or 410, and let every other error through",
    needs=(connects,),
)
async def _every_call(bench: Bench) -> None:
    for name, call in (await _all(bench)).items():
        bench.harness.fault(FaultKind.RATE_LIMIT, value=3)
        await _refused(bench, call, f"{name} at a 429")
        bench.sandbox.faults.clear()


async def _expect_later(bench: Bench, status: int) -> None:
    for name, call in (await _all(bench)).items():
        bench.harness.fault(FaultKind.STATUS, value=status)
        await _refused(bench, call, f"{name} at a {status}")
        bench.sandbox.faults.clear()


@case(
    "limits.server_errors",
    Tier.SILVER,
    reason="a provider that is down for an hour must cost nobody a workout or a connection",
    hint="let context.http name the error: every 5xx is RetryLater",
    needs=(connects,),
)
async def _server_errors(bench: Bench) -> None:
    for status in (500, 502, 503, 504):
        await _expect_later(bench, status)


@case(
    "limits.timed_out",
    Tier.SILVER,
    reason="a 408 is a slow network and no refusal, although it is a 4xx",
    hint="let context.http name the error: 408 is RetryLater",
    needs=(connects,),
)
async def _timed_out(bench: Bench) -> None:
    await _expect_later(bench, 408)


@case(
    "limits.unavailable",
    Tier.SILVER,
    reason="maintenance is announced as a 503 with Retry-After: who ignores it wastes its tries on it",
    hint="pass retry_after_s(response) on for a 503 as well, as context.http does",
    needs=(connects,),
)
async def _unavailable(bench: Bench) -> None:
    for name, call in (await _busiest(bench)).items():
        bench.harness.fault(FaultKind.STATUS, value=503, retry_after="120")
        after_s = (await _refused(bench, call, f"{name} at a 503")).after_s
        bench.sandbox.faults.clear()
        waits = after_s is None or 120 <= after_s <= _LONGEST_WAIT_S
        expect(waits, f"{name} at a 503 with Retry-After 120 asks for a wait of {after_s} s")


@case(
    "limits.not_retried",
    Tier.SILVER,
    reason="a plugin that sleeps or retries by itself blocks a worker, and makes the limit worse for all",
    hint="raise RetryLater at once: waiting and retrying is the hub's business",
    needs=(connects,),
)
async def _not_retried(bench: Bench) -> None:
    calls = await _all(bench)
    for status in (429, 503):
        for name, call in calls.items():
            bench.sandbox.journal.clear()
            bench.harness.fault(FaultKind.STATUS, value=status, retry_after="30")
            try:
                async with asyncio.timeout(_AT_ONCE_S):
                    await bench.failing(call(), ProviderError, during=f"{name} at a {status}")
            except TimeoutError as error:
                raise Broken(f"{name} at a {status} is still waiting after {_AT_ONCE_S:.0f} s") from error
            bench.sandbox.faults.clear()
            tries = [entry.path for entry in bench.sandbox.journal]
            expect(len(tries) == 1, f"{name} at a {status} went on calling: {', '.join(tries)}")


@case(
    "limits.midway",
    Tier.SILVER,
    reason="a limit that is reached between two calls leaves half a workout, and the next try makes another",
    hint="checkpoint after each call that creates, and go on from context.progress",
    needs=(sends,),
)
async def _midway(bench: Bench) -> None:
    async for new in struck_rounds(bench, FaultKind.RATE_LIMIT, value=1):
        await new.settle(RetryLater)
