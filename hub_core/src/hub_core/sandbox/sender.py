"""Carries what sandboxes push to a hub, as the providers' servers do: again until it is taken."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import httpx

from hub_core.sandbox.sandbox import Sandbox
from hub_core.sdk.inbound import WebhookRequest

log = logging.getLogger(__name__)

_LOOK_S = 0.02
_RETRY_S = 0.5
_TIMEOUT_S = 30.0


def send_webhook(client: httpx.Client, request: WebhookRequest) -> bool:
    """Send one request to the hub that is the client's base URL, and whether it was taken. Nothing but a 200
    counts: Wahoo and Garmin are as strict."""
    try:
        answer = client.request(
            request.method,
            request.path,
            content=request.body,
            params=request.query,
            headers=request.headers,
        )
    except httpx.HTTPError:
        return False
    return answer.status_code == 200


@contextmanager
def sending_webhooks(sandboxes: Iterable[Sandbox], hub_origin: str) -> Iterator[None]:
    """While the block runs, whatever these sandboxes push arrives at the hub, in order."""
    stop = threading.Event()
    threads = [
        threading.Thread(
            target=_carry, args=(sandbox, hub_origin, stop), name=f"webhooks of {sandbox.name}", daemon=True
        )
        for sandbox in sandboxes
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=5)


def _carry(sandbox: Sandbox, hub_origin: str, stop: threading.Event) -> None:
    sent = 0
    with httpx.Client(base_url=hub_origin, timeout=_TIMEOUT_S) as client:
        while not stop.is_set():
            if sent >= len(sandbox.outbox):
                stop.wait(_LOOK_S)
            elif send_webhook(client, sandbox.outbox[sent]):
                sent += 1
            else:
                log.info("the hub did not take a webhook of %s; again in %s s", sandbox.name, _RETRY_S)
                stop.wait(_RETRY_S)
