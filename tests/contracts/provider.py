"""Holds a provider to a pact: sets up each exchange's state, sends its request, compares the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from litestar import Litestar, Response, post
from litestar.params import JSONBody
from pact import Verifier

from hub_core.sandbox.server import LoopbackServer

from .contract import Contract

#: Brings the provider into a state and returns what goes into the request: tokens, ids.
State = Callable[[], dict[str, Any]]


def verify(contract: Contract, origin: str, states: Mapping[str, State]) -> None:
    """Raise with pact's report unless the provider at `origin` keeps the contract.

    The states are set up over HTTP, by a server of our own: what a handler of pact-python returns
    would not get into the requests.
    """
    failures: list[Exception] = []

    @post("/state", sync_to_thread=True)
    def set_up(data: JSONBody[dict[str, Any]]) -> Response[dict[str, Any]]:
        try:
            return Response(states[data["state"]](), status_code=200)
        except Exception as error:  # noqa: BLE001  # a 500 would be asked for again, for hours
            failures.append(error)
            return Response({"error": repr(error)}, status_code=400)

    server = LoopbackServer("the provider states")
    try:
        server.start(Litestar([set_up], openapi_config=None, logging_config=None), lifespan=False)
        verifier = (
            Verifier(contract.provider, host="127.0.0.1")
            .add_source(contract.path)
            .add_transport(url=origin)
            .state_handler(f"{server.origin}/state", body=True)
            .set_error_on_empty_pact()
            .set_request_timeout(30_000)
            .set_coloured_output(enabled=False)
        )
        try:
            verifier.verify()
        except RuntimeError as error:
            raise AssertionError(verifier.output()) from (failures[0] if failures else error)
    finally:
        server.stop()
