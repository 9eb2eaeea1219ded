"""A phone's round, as the app of a platform does it: fetch, do what is said, tell how it went; then send what
was done.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from hub_core.sandbox.sandbox import Sandbox
from hub_core.sdk.errors import Rejected
from hub_core.sdk.pickups import Pickup, PickupOutcome

#: Method, path below the athlete's own, body: the JSON of the answer.
Ask = Callable[[str, str, dict[str, Any] | None], Any]


def sync_phone(sandbox: Sandbox, user: str, ask: Ask) -> list[PickupOutcome]:
    """One round of this user's phone; returns what it said of workouts. With nothing new it says nothing."""
    path = f"/pickups/{sandbox.name}"
    said = []
    for pickup in msgspec.convert(ask("GET", path, None), list[Pickup]):
        if pickup.is_confirmed:
            continue
        outcome = _follow(sandbox, user, pickup)
        ask("POST", f"{path}/{pickup.id}", msgspec.to_builtins(outcome))
        said.append(outcome)
    for batch in sandbox.phone_sends(user):
        ask("POST", "/ingest/batch", batch)
    return said


def _follow(sandbox: Sandbox, user: str, pickup: Pickup) -> PickupOutcome:
    if pickup.schedule is None:
        sandbox.put_down(user, pickup)
        return PickupOutcome(pickup.revision, "removed")
    try:
        receipt = sandbox.pick_up(user, pickup)
    except Rejected as refusal:
        return PickupOutcome(pickup.revision, "failed", reason=refusal.reason)
    return PickupOutcome(pickup.revision, "scheduled", receipt.external_id, " ".join(receipt.notes))
