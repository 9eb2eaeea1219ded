"""What providers tell us: message pacts. The sandbox is who sends, `receive_webhook` is who hears.

CONTRACT = Contract("hub-acme", "acme-webhooks")

async def test_activity(telling: Telling) -> None:
    body = telling.says({"user": match.str("u-1"), "seconds": match.number(600)})
    ...  # the plugin's hooks read `body`; here stands what they make of it

TELLERS = {"activity": lambda acme: acme.record_activity(...)}
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from litestar import Litestar, Response, post
from litestar.params import JSONBody
from pact import Pact, Verifier

from hub_core.sandbox import Sandbox
from hub_core.sandbox.server import LoopbackServer
from hub_core.sdk import Delivery, ProviderSettings, Records, WebhookRequest
from hub_core.testing.harness import ProviderHarness

from .contract import Contract, described

_JSON = "application/json"
_PLACE = "/message"
#: Brings a new sandbox to send the message as its last.
Teller = Callable[[Any], object]


class Telling:
    """One message, named after its test."""

    def __init__(self, contract: Contract, name: str, folder: Path) -> None:
        self._contract, self._name, self._folder = contract, name, folder

    def says(self, body: Any) -> bytes:
        """The body with its examples, which is held against the pact; there may be more fields."""
        pact = Pact(self._contract.consumer, self._contract.provider)
        pact.upon_receiving(self._name, "Async").with_body(body, _JSON)
        heard: list[bytes] = []
        pact.verify(lambda told, _: heard.append(_bytes(told)), "Async")
        pact.write_file(self._folder)
        self._contract.hold(self._contract.read_written(self._folder))
        [message] = heard
        return message


async def hear(
    plugin: ModuleType, settings: ProviderSettings, body: bytes, path: str = ""
) -> list[tuple[Delivery, Records]]:
    """The deliveries of a webhook, each with its records. Nobody is called."""
    request = WebhookRequest("POST", path, {"content-type": _JSON}, {}, body)
    harness = ProviderHarness(plugin)  # its sandbox is not started
    try:
        return [
            (delivery, await plugin.ingest_activity(harness.context(), delivery))
            for delivery in plugin.receive_webhook(request, settings)
        ]
    finally:
        await harness.pool.close()
        harness.server.stop()


def check_messages(contract: Contract, tests: ModuleType, tellers: Mapping[str, Teller]) -> None:
    """Raise unless pact, tests and tellers are about the same messages."""
    names = set(described(tests, "telling"))
    assert names == set(tellers), "other messages are told than tested"
    contract.tidy(names)


def verify_teller(contract: Contract, plugin: ModuleType, tellers: Mapping[str, Teller]) -> None:
    """Raise with pact's report unless the plugin's sandbox sends what the contract says.

    The messages are asked for over HTTP, from a server of our own: pact-python's leaves its socket open.
    """

    @post(_PLACE, sync_to_thread=True)
    def produce(data: JSONBody[dict[str, Any]]) -> Response[bytes]:
        sandbox: Sandbox = plugin.provider_sandbox()
        sandbox.settings("https://sandbox.example")
        tellers[data["description"]](sandbox)
        metadata = b64encode(b'{"contentType": "application/json"}').decode()
        headers = {"pact-message-metadata": metadata}
        return Response(sandbox.outbox[-1].body, status_code=200, headers=headers, media_type=_JSON)

    server = LoopbackServer("the teller")
    try:
        server.start(Litestar([produce], openapi_config=None, logging_config=None), lifespan=False)
        verifier = (
            Verifier(contract.provider, host="127.0.0.1")
            .add_source(contract.path)
            .add_transport(protocol="message", port=int(server.origin.rpartition(":")[2]), path=_PLACE)
            .set_error_on_empty_pact()
            .set_coloured_output(enabled=False)
        )
        try:
            verifier.verify()
        except RuntimeError as error:
            raise AssertionError(verifier.output()) from error
    finally:
        server.stop()


def _bytes(told: str | bytes | None) -> bytes:
    return told.encode() if isinstance(told, str) else told or b""
