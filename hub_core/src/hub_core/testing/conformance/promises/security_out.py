"""Whatever a provider or a stranger writes into data, the plugin calls its provider and nobody else."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import httpx
import msgspec

from hub_core.sandbox.faults import FaultKind
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import ProviderError
from hub_core.sdk.exports import Receipt
from hub_core.sdk.inbound import Delivery
from hub_core.sdk.manifest import Operation
from hub_core.testing.conformance.acts import Act, open_context, prepare_acts
from hub_core.testing.conformance.bench import Bench, changed
from hub_core.testing.conformance.case import Broken, Tier, case, expect
from hub_core.testing.conformance.needs import calls_out, connects, exports, ingests, sends
from hub_core.testing.conformance.promises.security import HOSTILE_BODIES
from hub_core.testing.conformance.tamper import (
    changing,
    leaves,
    listening,
    look,
    name_of,
    put,
    read_json,
    saying,
)
from hub_core.testing.conformance.watch import BAIT, reading_requests, watching

#: A text that ends a path, begins a query and climbs up wherever it is not encoded.
_ODD = "zz/../../zz?zz=1&zz#zz\"'<b>\u202e\U0001f600"
#: And one that starts a new line, or ends a text in C.
_TORN = "zz\r\nZz: 1\n\tzz\0zz"
_MARKS = ("zz/../", "zz?zz", "zz&zz", "zz#zz", "\r\nZz")
_URL_NAMES = ("url", "uri", "href", "link", "callback")


def strange_addresses(port: int) -> tuple[str, ...]:
    """Addresses that are nobody's whom the plugin may call."""
    return (
        f"http://127.0.0.1:{port}/file.fit",
        "http://169.254.169.254/latest/meta-data/",
        "https://elsewhere.example/file.fit",
        "http://localhost.elsewhere.example/",
        "//elsewhere.example/file.fit",
        f"http://127.0.0.1:{port}@elsewhere.example/",
        "http://[::1]:1/",
        f"file://{BAIT}",
        "gopher://elsewhere.example/",
        "http://[",
    )


def _stays_home(strangers: list[str], what: str) -> None:
    expect(not strangers, f"{what} made the plugin reach for {', '.join(strangers)}")


@case(
    "security.redirect",
    Tier.GOLD,
    reason="a redirect that is followed takes the athlete's token to wherever it points",
    hint="send everything through context.http, which follows no redirect",
    needs=(calls_out,),
)
async def _redirect(bench: Bench) -> None:
    with stranger() as port:
        for act in await prepare_acts(bench):
            for location in (f"http://127.0.0.1:{port}/", "https://elsewhere.example/"):
                await act.ready()
                bench.harness.fault(FaultKind.REDIRECT, location=location)
                with watching(bench) as strangers:
                    await _must_fail(act, "redirected")
                bench.sandbox.faults.clear()
                _stays_home(strangers, f"a redirect of {act.hook}")


@case(
    "security.oversized_answer",
    Tier.GOLD,
    reason="an answer without an end fills the memory of a worker that serves everybody",
    hint="send everything through context.http, which stops reading at 5 MB",
    needs=(calls_out,),
)
async def _oversized_answer(bench: Bench) -> None:
    for act in await prepare_acts(bench):
        await act.ready()
        with saying(bench, b" " * 10_000_000):
            await _must_fail(act, "answered with 10 MB")


async def _must_fail(act: Act, how: str) -> None:
    """Raise unless the act ends in a `ProviderError`, or asked nothing of the provider."""
    with reading_requests() as sent:
        try:
            await act.run()
        except ProviderError:
            return
        except Broken:
            raise
        except Exception as error:
            raise Broken(f"{act.hook}, {how}, raised {type(error).__name__}: {error}") from error
    expect(not sent, f"{act.hook}, {how}, went on as if nothing was wrong")


@case(
    "security.hostile_answers",
    Tier.GOLD,
    reason="a broken proxy answers anything at all, and an unforeseen exception ends the whole job",
    hint="read answers with context.http.decode(); catch RecursionError too where you decode by yourself",
    needs=(calls_out,),
)
async def _hostile_answers(bench: Bench) -> None:
    bodies = {name: body for name, body in HOSTILE_BODIES.items() if len(body) < 1_000_000}
    for act in await prepare_acts(bench):
        for status in (200, 404, 422):
            await act.ready()
            for name, body in bodies.items():
                during = f"{act.hook}, answered with {status} and {name},"
                with saying(bench, body, status), bench.surviving(ProviderError, during=during):
                    await act.run()


@case(
    "security.file_url",
    Tier.GOLD,
    reason="an address in a webhook is a stranger's wish to have the hub fetch something inside your network",
    hint="fetch files with context.http.request, which calls the hosts of the settings only",
    needs=(ingests, connects),
)
async def _file_url(bench: Bench) -> None:
    context = await bench.connect()
    (*_, delivery) = await bench.deliver(context)
    with stranger() as port:
        for address in strange_addresses(port):
            for name, hostile in _with_address(delivery, address):
                during = f"the ingestion of a delivery with the {name} {address}"
                with watching(bench) as strangers, bench.surviving(ProviderError, during=during):
                    # Not through the hub's own fetching, which would refuse it before the plugin is asked.
                    await bench.call("ingest_activity", context=context, delivery=hostile)
                _stays_home(strangers, f"the {name} {address}")


def _with_address(delivery: Delivery, address: str) -> Iterator[tuple[str, Delivery]]:
    yield "file_url", msgspec.structs.replace(delivery, file_url=address)
    data = read_json(delivery.body)
    for path in leaves(data):
        named = str(path[-1]).lower().endswith(_URL_NAMES)
        if named or str(look(data, path)).startswith(("http://", "https://")):
            body = msgspec.json.encode(put(data, path, address))
            yield name_of(path), msgspec.structs.replace(delivery, body=body)


@contextmanager
def stranger() -> Iterator[int]:
    """A port of this machine that belongs to somebody else."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


# -- odd texts --------------------------------------------------------------------------------------------


@case(
    "security.odd_workout_texts",
    Tier.GOLD,
    reason="a title with a slash or a question mark must not change what is called",
    hint="send texts in the body or in params; never build a path of them",
    needs=(sends,),
)
async def _odd_workout_texts(bench: Bench) -> None:
    context = await open_context(bench)
    for text in (_ODD, _TORN):
        during = f"the export of a workout named {text!r}"
        with reading_requests() as sent, bench.surviving(ProviderError, during=during):
            await bench.export(context, bench.plan(name=text, description=text))
        _expect_plain(sent, "a workout's name")


@case(
    "security.odd_ids",
    Tier.GOLD,
    reason="an id that climbs up the path deletes something else, with the athlete's own token",
    hint="quote ids in paths: f\"/activities/{urllib.parse.quote(id, safe='')}\"",
    needs=(calls_out,),
)
async def _odd_ids(bench: Bench) -> None:
    for text in (_ODD, _TORN):
        for act in await prepare_acts(bench):
            await act.ready()
            act.amend("context", partial(changed, provider_user_id=text))
            await _try(bench, act, "an odd provider_user_id")
        context = await open_context(bench)
        if exports(bench.subject):
            await _odd_ids_in_answers(bench, context, text)
        if ingests(bench.subject):
            await _odd_ids_in_deliveries(bench, context, text)


async def _odd_ids_in_answers(bench: Bench, context: ProviderContext, text: str) -> None:
    with listening(bench) as heard:
        ids = (await bench.export(context)).external_ids.values()
    for index, data in enumerate(heard):
        for path in leaves(data, (int, str)):
            if str(look(data, path)) not in ids:
                continue
            with changing(bench, index, partial(put, path=path, value=text)), reading_requests() as sent:
                during = f"an export whose answer {index + 1} has an odd {name_of(path)}"
                with bench.surviving(ProviderError, during=during):
                    await _use(bench, context, await bench.export(context))
            _expect_plain(sent, name_of(path))


async def _use(bench: Bench, context: ProviderContext, receipt: Receipt) -> None:
    for hook in (Operation.READ_BACK, Operation.UPDATE, Operation.WITHDRAW):
        if hook in bench.able.operations:
            arguments = {"compiled": bench.compile(bench.plan()), "receipt": receipt}
            with bench.surviving(ProviderError, during=f"{hook} with an odd id"):
                await bench.call(hook, context=context, **arguments)


async def _odd_ids_in_deliveries(bench: Bench, context: ProviderContext, text: str) -> None:
    (*_, delivery) = await bench.deliver(context)
    data = read_json(delivery.body)
    for path in leaves(data, (int, str)):
        hostile = msgspec.structs.replace(delivery, body=msgspec.json.encode(put(data, path, text)))
        with reading_requests() as sent, bench.surviving(ProviderError, during="the ingestion of an odd id"):
            await bench.ingest(context, hostile)
        _expect_plain(sent, name_of(path))


async def _try(bench: Bench, act: Act, what: str) -> None:
    with (
        reading_requests() as sent,
        bench.surviving(ProviderError, during=f"{act.hook} with {what}"),
    ):
        await act.run()
    _expect_plain(sent, what)


def _expect_plain(sent: list[httpx.Request], what: str) -> None:
    for request in sent:
        target = request.url.raw_path.decode("ascii", "replace")
        heads = "".join(f"{name}: {value}" for name, value in request.headers.items())
        found = next((mark for mark in _MARKS if mark in target or mark in heads), None)
        expect(found is None, f"{what} is in the address of {request.method} {target[:80]}")
