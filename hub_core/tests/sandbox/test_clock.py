"""The clock that tests move."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import httpx
import pytest

from hub_core.sandbox import SandboxClock


def test_it_goes_with_real_time_until_it_is_moved() -> None:
    clock = SandboxClock()
    assert clock.now() == pytest.approx(time.time(), abs=2)
    clock.advance(86_400)
    assert clock.now() == pytest.approx(time.time() + 86_400, abs=2)
    clock.advance(-86_400)
    assert clock.now() == pytest.approx(time.time(), abs=2)


def test_frozen_it_stands_still_and_can_be_moved() -> None:
    clock = SandboxClock()
    clock.freeze(1_772_348_400.25)
    assert (clock.now(), clock.now()) == (1_772_348_400.25, 1_772_348_400.25)
    assert (clock.iso(), clock.today()) == ("2026-03-01T07:00:00.250Z", dt.date(2026, 3, 1))
    clock.advance(3600)
    assert clock.iso() == "2026-03-01T08:00:00.250Z"
    clock.reset()
    assert clock.now() == pytest.approx(time.time(), abs=2)


def test_over_http(browser: httpx.Client, tiny: Any) -> None:
    now = browser.post("/sandbox/clock", json={"freeze": True}).json()["now"]
    assert browser.post("/sandbox/clock", json={"advance_s": 60}).json()["now"] == now + 60
    assert tiny.clock.now() == now + 60
    back = browser.post("/sandbox/clock", json={"reset": True}).json()["now"]
    assert back == pytest.approx(time.time(), abs=2)


@pytest.mark.parametrize("wrong", [b"{", b"[]", b'{"advance_s": "x"}', b'{"advnce_s": 1}'])
def test_a_wish_that_cannot_be_read(browser: httpx.Client, wrong: bytes) -> None:
    assert browser.post("/sandbox/clock", content=wrong).status_code == 400
