"""A phone's round: what it is told, what it does, what it says."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from hub_core.sandbox import Sandbox, sync_phone
from hub_core.sdk import Pickup, Receipt, Rejected, Removal, Schedule


class Pocket(Sandbox):
    """Holds whatever has no `heavy` in its payload."""

    name = "pocket"
    title = "Pocket"

    def __init__(self) -> None:
        super().__init__()
        self.held: list[str] = []

    def pick_up(self, user: str, pickup: Pickup) -> Receipt:
        assert pickup.schedule
        if "heavy" in pickup.schedule.payload:
            raise Rejected("too heavy")
        self.held.append(pickup.uuid)
        return Receipt({"id": pickup.uuid}, pickup.uuid, ("It", "fits."))

    def put_down(self, user: str, pickup: Pickup) -> None:
        self.held.remove(pickup.uuid)


class Hub:
    """Answers with what lies ready, and remembers what it was told."""

    def __init__(self, *pickups: Pickup) -> None:
        self.pickups = pickups
        self.told: dict[str, Any] = {}

    def ask(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        if method == "GET":
            assert (path, body) == ("/pickups/pocket", None)
            return msgspec.to_builtins(self.pickups)
        self.told[path] = body
        return {}


def pickup(number: int, payload: dict[str, Any] | None = None, **fields: Any) -> Pickup:
    schedule = msgspec.convert({"payload": payload or {}, "date": "2031-04-07"}, Schedule)
    fields = {"schedule": schedule, **fields}
    return Pickup(f"exp-{number}", "wk", number, f"hub-{number}", f"UUID-{number}", **fields)


def test_each_is_done_and_told() -> None:
    pocket = Pocket()
    pocket.held.append("UUID-3")
    hub = Hub(
        pickup(1),
        pickup(2, {"heavy": True}),
        pickup(3, schedule=None, remove=Removal("UUID-3")),
        pickup(4, is_confirmed=True),
    )
    said = sync_phone(pocket, "athlete-1", hub.ask)
    assert [one.outcome for one in said] == ["scheduled", "failed", "removed"]
    assert hub.told == {
        "/pickups/pocket/exp-1": {
            "revision": 1,
            "outcome": "scheduled",
            "external_id": "UUID-1",
            "reason": "It fits.",
        },
        "/pickups/pocket/exp-2": {
            "revision": 2,
            "outcome": "failed",
            "external_id": "",
            "reason": "too heavy",
        },
        "/pickups/pocket/exp-3": {"revision": 3, "outcome": "removed", "external_id": "", "reason": ""},
    }
    assert pocket.held == ["UUID-1"]


def test_a_sandbox_that_is_no_phone_says_so() -> None:
    class Cloud(Sandbox):
        name = "cloud"
        title = "Cloud"

    for method in (Cloud().pick_up, Cloud().put_down):
        with pytest.raises(NotImplementedError):
            method("athlete-1", pickup(1))
