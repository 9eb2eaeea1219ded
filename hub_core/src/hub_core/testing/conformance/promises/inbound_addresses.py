"""What a webhook only points to is fetched from the provider, and from nobody else."""

from __future__ import annotations

import msgspec

from hub_core.sandbox.sandbox import DEFAULT_USER
from hub_core.sdk.errors import ProviderError, Rejected
from hub_core.sdk.inbound import Delivery, WebhookRequest
from hub_core.testing.conformance.arrivals import listen
from hub_core.testing.conformance.bench import Bench
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import connects, ingests, tells_addresses
from hub_core.testing.conformance.plans import RECORDED
from hub_core.testing.conformance.promises.security_out import strange_addresses, stranger
from hub_core.testing.conformance.tamper import leaves, look, name_of, put, read_json
from hub_core.testing.conformance.watch import believing, watching


@case(
    "inbound.behind_an_address",
    Tier.SILVER,
    reason="a ping whose data nobody fetches is an activity that never arrives",
    hint="put the address into Delivery.file_url (with file_needs_token, if it asks), and read delivery.file",
    needs=(ingests, tells_addresses),
)
async def _behind_an_address(bench: Bench) -> None:
    context = await bench.connect()
    bench.sandbox.tell_by_address()
    start = bench.at()
    (webhook, *_) = await listen(bench, context, bench.record(start=start))
    expect(
        any(one.file_url for one in webhook.deliveries), "a webhook named an address, and no delivery does"
    )
    told = webhook.only()
    wanted = (RECORDED.name, start, RECORDED.duration_s)
    came = (told.name, told.start, told.duration_s)
    expect(came == wanted, f"behind the address was {wanted}, and it came as {came}")
    for delivery in webhook.deliveries:
        gone = msgspec.structs.replace(delivery, file=None, file_url=None)
        with bench.surviving(
            ProviderError, during="the ingestion of what the provider doesn't hold any more"
        ):
            await bench.ingest(context, gone)


@case(
    "security.file_hosts",
    Tier.GOLD,
    reason="who knows the webhook's address could have the hub fetch anything, with an athlete's token",
    hint="make no delivery of a foreign address, or leave it to the hub, which refuses it; fetch nothing",
    needs=(ingests, connects, tells_addresses),
)
async def _file_hosts(bench: Bench) -> None:
    context = await bench.connect()
    bench.sandbox.tell_by_address()
    genuine = bench.record(DEFAULT_USER)[-1]
    data = read_json(genuine.body)
    paths = [path for path in leaves(data) if str(look(data, path)).startswith(("http://", "https://"))]
    expect(paths, "the sandbox's webhook names no address")
    with stranger() as port:
        for address in strange_addresses(port):
            for path in paths:
                what = f"a webhook with {name_of(path)} {address}"
                odd = msgspec.structs.replace(genuine, body=msgspec.json.encode(put(data, path, address)))
                with watching(bench) as called:
                    for delivery in _received(bench, odd, what):
                        with bench.surviving(ProviderError, during=f"the ingestion of {what}"):
                            await bench.ingest(context, delivery)
                expect(not called, f"{what} made the hub reach for {', '.join(called)}")


def _received(bench: Bench, request: WebhookRequest, what: str) -> tuple[Delivery, ...]:
    with believing(), bench.surviving(Rejected, during=what):
        return bench.receive(request)
    return ()
