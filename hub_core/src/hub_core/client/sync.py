"""What the phone says to the hub: first all that was done here, then what has changed there."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import msgspec

from hub_core.client.screen import before_eyes
from hub_core.client.store import Queued, Store

#: Seconds until the next try; after the last one it has failed, and waits for the person.
WAITS_S = (2, 4, 8, 16, 32)
#: Operations in one request, and lines of the feed.
MOST_OPERATIONS, PAGE = 50, 200
#: The request can wait, though the hub speaks of the client's error: to say the same later is right.
_LATER = {408, 425, 429}


class NotAllowedError(Exception):
    """The key is not taken any more: sign in again. The queue stays as it is."""


class SyncClient:
    """One athlete's phone. `http` has the hub's address, and the key or a proxy that adds it."""

    def __init__(
        self, store: Store, http: httpx.Client, athlete_id: str, now: Callable[[], float] = time.time
    ) -> None:
        self.store = store
        self._http = http
        self._path = f"/v1/athletes/{athlete_id}"
        self._now = now

    def do(self, op: str, **fields: Any) -> str:
        """The person did something: `do("enter_daily", date="2031-04-07", fields={"weight_kg": 70.4})`.

        What they saw before is added, unless it is given: `base_revision`, `base`.
        """
        return self.store.enqueue("operation", {"op": op, **before_eyes(self.store, op, fields), **fields})

    def send_samples(self, **lists: list[dict[str, Any]]) -> str:
        """The phone measured something: `records`, `sleep`, `workouts`, `deleted` as HealthKit has them."""
        return self.store.enqueue("batch", lists)

    def sync(self) -> bool:
        """Push, then pull. True when nothing is left to do on either side, False: come back later.

        Raises `NotAllowedError`.
        """
        self.push()
        return self.pull() and not self.store.queued("waiting", "failed")

    # -- up -------------------------------------------------------------------------------------------

    def push(self) -> bool:
        """Send what waits, in its order: whoever is first in line is waited for, also when it has failed,
        for what comes later may build on it."""
        while waiting := self.store.queued("waiting", "failed"):
            head = waiting[0]
            # A longer wait than the longest is none: somebody has set the clock back.
            if head.state == "failed" or 0 < head.next_try - self._now() <= WAITS_S[-1]:
                return False
            if head.kind == "batch":
                sent = [head]
                answer = self._send(head, "/ingest/batch", {"batchId": head.id, "data": head.body})
            else:
                sent = _run_of_operations(waiting)
                operations = [{**one.body, "id": one.id, "sequence": one.sequence} for one in sent]
                body = {"client_id": self.store.client_id, "operations": operations}
                answer = self._send(head, "/mutations", body)
            if answer is None:
                return False
            self._settle(sent, answer)
        return True

    def _send(self, head: Queued, path: str, body: dict[str, Any]) -> httpx.Response | None:
        """The hub's answer, or None when there is none yet and the queue has been told so."""
        try:
            answer = self._http.post(f"{self._path}{path}", json=body)
        except httpx.TransportError as error:
            # It may have arrived all the same. It goes again under the same id, and is done once.
            self._try_later(head, type(error).__name__)
            return None
        if answer.status_code in (401, 403):
            raise NotAllowedError(answer.text)
        is_taken = answer.status_code in (200, 207) and _is_json(answer)
        if not is_taken and (not answer.is_client_error or answer.status_code in _LATER):
            # The hub is busy or away, or it was another's answer, such as the sign-in page of a hotel.
            self._try_later(head, f"HTTP {answer.status_code}")
            return None
        return answer

    def _try_later(self, head: Queued, why: str) -> None:
        wait = WAITS_S[head.tries] if head.tries < len(WAITS_S) else None
        self.store.tried(head.id, why, None if wait is None else self._now() + wait)

    def _settle(self, sent: list[Queued], answer: httpx.Response) -> None:
        if answer.is_client_error:
            # Not one of them can be sent like this: the others go without the first.
            self.store.settle((), {sent[0].id: answer.text}, self._now())
            return
        told = answer.json()
        if sent[0].kind == "batch":
            refused = {sent[0].id: told["errors"]} if told["errors"] else {}
        else:
            # Both sides have changed something: the person chooses. What was merged otherwise is on the hub.
            refused = {one["id"]: one for one in told["results"] if _needs_person(one)}
        self.store.settle(
            [one.id for one in sent if one.id not in refused],
            {id_: msgspec.json.encode(why).decode() for id_, why in refused.items()},
            self._now(),
        )

    # -- down -----------------------------------------------------------------------------------------

    def pull(self) -> bool:
        """Follow the feed to its end."""
        while True:
            query: dict[str, str | int] = {"cursor": self.store.cursor, "limit": PAGE}
            try:
                answer = self._http.get(f"{self._path}/changes", params=query)
            except httpx.TransportError:
                return False
            if answer.status_code in (401, 403):
                raise NotAllowedError(answer.text)
            if answer.status_code == 410 and self.store.cursor:
                self.store.begin_anew()
                self.push()
                continue
            if answer.status_code != 200 or not _is_json(answer):
                return False
            page = answer.json()
            self.store.keep_page(page["changes"], page["next_cursor"], is_last=not page["has_more"])
            if not page["has_more"]:
                return True


def _run_of_operations(waiting: list[Queued]) -> list[Queued]:
    """The operations at the head of the line, up to the first batch."""
    run = []
    for one in waiting[:MOST_OPERATIONS]:
        if one.kind != "operation":
            break
        run.append(one)
    return run


def _needs_person(result: dict[str, Any]) -> bool:
    return result["status"] in ("conflict", "rejected") or bool(result.get("conflicts"))


def _is_json(answer: httpx.Response) -> bool:
    return str(answer.headers.get("content-type")).startswith("application/json")
