"""The words between the hub and a phone."""

from __future__ import annotations

import uuid

import msgspec
import pytest

from hub_core.sdk import PickupOutcome, pickup_uuid


def test_a_workout_has_one_uuid_for_ever() -> None:
    assert pickup_uuid("hub-exp_1") == pickup_uuid("hub-exp_1")
    assert pickup_uuid("hub-exp_1") != pickup_uuid("hub-exp_2")
    assert str(uuid.UUID(pickup_uuid("hub-exp_1"))).upper() == pickup_uuid("hub-exp_1")


@pytest.mark.parametrize("body", [b'{"revision": 1}', b'{"revision": 1, "outcome": "maybe"}'])
def test_an_outcome_is_one_of_three(body: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=PickupOutcome)
