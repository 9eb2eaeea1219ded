"""A vendor's answers change without notice: the plugin copes, or says so with an error that the hub knows."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import httpx
import msgspec

from hub_core.sandbox.call import Answer, Call
from hub_core.sandbox.faults import FaultKind
from hub_core.sandbox.sandbox import DEFAULT_USER
from hub_core.sdk.errors import ProviderError
from hub_core.sdk.manifest import Operation
from hub_core.testing.conformance.acts import Act, expect_names, open_context, prepare_acts
from hub_core.testing.conformance.bench import Bench
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import calls_out, connects, exports
from hub_core.testing.conformance.tamper import (
    GONE,
    answering,
    changing,
    drop,
    leaves,
    listening,
    look,
    name_of,
    places,
    put,
    read_json,
    saying,
)
from hub_core.testing.conformance.watch import reading_requests

_PAGE = "<!DOCTYPE html><title>Sorry</title><h1>We'll be right back</h1>"
#: The first whole number that a float can't hold; whoever takes it through one gets its neighbour.
_LARGE = 2**53 + 1
_ROUNDED = (str(2**53), "9.007199254740", "9007199254740992.0")


# -- tolerance --------------------------------------------------------------------------------------------


@case(
    "surprises.new_fields",
    Tier.GOLD,
    reason="vendors add fields every month, and call that compatible",
    hint="decode answers into structs that don't forbid unknown fields",
    needs=(calls_out,),
)
async def _new_fields(bench: Bench) -> None:
    bench.harness.fault(FaultKind.EXTRA_FIELDS)
    for act in await prepare_acts(bench):
        await act.ready()
        await act.run()


@case(
    "surprises.numbers_as_texts",
    Tier.GOLD,
    reason='a vendor\'s new gateway sends "3600" for 3600, on one endpoint, on a Friday',
    hint="decode with context.http.decode, which takes numbers in quotes",
    needs=(calls_out,),
)
async def _numbers_as_texts(bench: Bench) -> None:
    bench.harness.fault(FaultKind.STRINGS)
    for act in await prepare_acts(bench):
        await act.ready()
        await act.run()


# -- one field at a time ----------------------------------------------------------------------------------


@case(
    "surprises.null_fields",
    Tier.GOLD,
    reason="a field that is null for one athlete in a thousand ends that athlete's exports with a KeyError",
    hint="give every field of an answer that can be missing the type `... | None` and a default",
    needs=(calls_out,),
)
async def _null_fields(bench: Bench) -> None:
    await _vary(bench, None, "null")


@case(
    "surprises.missing_fields",
    Tier.GOLD,
    reason="a field that is left out when it is empty ends an export with a KeyError",
    hint="give every field of an answer a default, or decode into a struct: the error is then RetryLater",
    needs=(calls_out,),
)
async def _missing_fields(bench: Bench) -> None:
    await _vary(bench, GONE, "missing")


@case(
    "surprises.other_types",
    Tier.GOLD,
    reason="an object where a text was ends an export with a TypeError",
    hint="decode into structs instead of reaching into dictionaries",
    needs=(calls_out,),
)
async def _other_types(bench: Bench) -> None:
    await _vary(bench, {"zz": [1]}, "an object")


@case(
    "surprises.unknown_words",
    Tier.GOLD,
    reason="a new status or kind is no reason to stop reading an answer",
    hint="type enumerations of the provider as str, and treat the unknown as unknown",
    needs=(calls_out,),
)
async def _unknown_words(bench: Bench) -> None:
    await _vary(bench, "zz_unknown", "zz_unknown", only=str)


async def _vary(bench: Bench, value: Any, word: str, only: type = object) -> None:
    """Every act, with every field of its every answer replaced by `value`, one at a time."""
    for act in await prepare_acts(bench):
        await act.ready()
        with listening(bench) as heard:
            await act.run()
        for index, data in enumerate(heard):
            for path in places(data) if only is object else leaves(data, only):
                await act.ready()
                during = f"{act.hook}, in whose answer {index + 1} {name_of(path)} is {word},"
                with changing(bench, index, partial(put, path=path, value=value)):
                    await _survive(bench, act, during)


async def _survive(bench: Bench, act: Act, during: str) -> None:
    with bench.surviving(ProviderError, during=during):
        await act.run()


@case(
    "surprises.dropped_fields",
    Tier.GOLD,
    reason="a field that a vendor drops is gone from all answers at once, old workouts' too",
    hint="say what to do without each field that you read: RetryLater, or go on without it",
    needs=(exports, connects),
)
async def _dropped_fields(bench: Bench) -> None:
    names: set[str] = set()
    for act in await prepare_acts(bench):
        await act.ready()
        with listening(bench) as heard:
            await act.run()
        names |= {str(path[-1]) for data in heard for path in places(data) if isinstance(path[-1], str)}
    for name in sorted(names):
        with answering(bench, partial(_without, name)):
            await _live(bench, f"without any field {name}")


def _without(name: str, _: Call, given: Answer) -> Answer:
    data = read_json(given.content())
    if data is None:
        return given
    body = msgspec.json.encode(drop(data, name))
    return Answer(body, given.status, given.headers, given.content_type)


async def _live(bench: Bench, how: str) -> None:
    """Connect, send a workout and do everything with it, as far as it goes."""
    bench.sandbox.clock.advance(1)
    bench.sandbox.oauth.revoke(DEFAULT_USER)
    with bench.surviving(ProviderError, during=f"connecting and exporting {how}"):
        context = await bench.connect()
        receipt = await bench.export(context)
        expect_names(Operation.EXPORT, receipt)
        compiled = bench.compile(bench.plan())
        for hook in (Operation.READ_BACK, Operation.UPDATE, Operation.WITHDRAW):
            if hook in bench.able.operations:
                with bench.surviving(ProviderError, during=f"{hook} {how}"):
                    await bench.call(hook, context=context, compiled=compiled, receipt=receipt)


# -- whole answers ----------------------------------------------------------------------------------------


@case(
    "surprises.error_in_200",
    Tier.GOLD,
    reason="some vendors say 200 and mean no",
    hint="decode answers into structs whose needed fields have no default",
    needs=(calls_out,),
)
async def _error_in_200(bench: Bench) -> None:
    bodies = ('{"error": "internal", "status": 500}', '{"errors": [{"code": 17}]}', "[]", "{}", "null", "7")
    for body in bodies:
        await _answered(bench, partial(saying, bench, body), f"200 and {body}", _names_an_account)


@case(
    "surprises.page_in_200",
    Tier.GOLD,
    reason="a maintenance page with 200 must not pass for an account, nor for a day without activities",
    hint="decode every answer that you read with context.http.decode",
    needs=(calls_out,),
)
async def _page_in_200(bench: Bench) -> None:
    say = partial(saying, bench, _PAGE, content_type="text/html")
    await _answered(bench, say, "200 and a page", _reads)


@case(
    "surprises.empty_answers",
    Tier.GOLD,
    reason="what came back with a body yesterday comes back as 204 today",
    hint="decode with context.http.decode; where nothing is read, don't decode",
    needs=(calls_out,),
)
async def _empty_answers(bench: Bench) -> None:
    for status in (200, 201, 202, 204):
        await _answered(bench, partial(saying, bench, b"", status), f"{status} and nothing", _reads)


@case(
    "surprises.odd_statuses",
    Tier.GOLD,
    reason="gateways and firewalls answer with statuses that are in no vendor's list",
    hint="let context.http classify what you don't know",
    needs=(calls_out,),
)
async def _odd_statuses(bench: Bench) -> None:
    for status in (205, 206, 300, 304, 402, 405, 406, 411, 418, 451, 499, 520, 524, 599):
        await _answered(bench, partial(saying, bench, _PAGE, status), f"{status}", _names_an_account)


def _names_an_account(hook: str) -> bool:
    return hook == "describe_account"


def _reads(hook: str) -> bool:
    return hook in {"describe_account", "read_back_workout", "poll_deliveries"}


async def _answered(
    bench: Bench,
    say: Callable[[], AbstractContextManager[None]],
    what: str,
    must_fail: Callable[[str], bool],
) -> None:
    """Every act, while all answers are `what`."""
    for act in await prepare_acts(bench):
        await act.ready()
        with say(), reading_requests() as sent:
            during = f"{act.hook}, answered with {what},"
            if must_fail(act.hook):
                with bench.raising(ProviderError, during=during):
                    await act.run()
            else:
                await _survive(bench, act, during)
        _did_not_run_away(sent, during)


def _did_not_run_away(sent: list[httpx.Request], during: str) -> None:
    expect(len(sent) < 100, f"{during} made {len(sent)} calls")


# -- ids --------------------------------------------------------------------------------------------------


@case(
    "surprises.large_ids",
    Tier.GOLD,
    reason="ids have 64 bits: one that went through a float is another workout's",
    hint="type ids of answers as int or str, never as float, and keep them as text",
    needs=(exports, connects),
)
async def _large_ids(bench: Bench) -> None:
    context = await open_context(bench)
    with listening(bench) as heard:
        ids = (await bench.export(context)).external_ids.values()
    for index, data in enumerate(heard):
        for path in leaves(data, (int, str)):
            old = look(data, path)
            if str(old) not in ids:
                continue
            large: Any = str(_LARGE) if isinstance(old, str) else _LARGE
            bench.harness.checkpoints.clear()
            told: list[str] = []
            with changing(bench, index, partial(put, path=path, value=large)), reading_requests() as sent:
                during = f"an export whose answer {index + 1} has a large {name_of(path)}"
                with bench.surviving(ProviderError, during=during):
                    told += (await bench.export(context)).external_ids.values()
            told += [id_ for checkpoint in bench.harness.checkpoints for id_ in checkpoint.values()]
            told += [str(request.url) for request in sent]
            for text in told:
                rounded = any(wrong in text for wrong in _ROUNDED)
                expect(not rounded, f"{name_of(path)} was {_LARGE}, and became {text}")
