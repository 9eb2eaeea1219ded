"""Each fault switch, over HTTP."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from hub_core.sandbox import Fault, FaultKind
from hub_core.sandbox.faults import Faults


def post(browser: httpx.Client) -> httpx.Response:
    return browser.post("/words", json={"word": "x"})


def test_latency(browser: httpx.Client, tiny: Any) -> None:
    tiny.faults.add(Fault(FaultKind.LATENCY, "/words", value=0.15))
    start = time.monotonic()
    assert post(browser).status_code == 201
    assert time.monotonic() - start >= 0.15


def test_a_status_has_no_effect(browser: httpx.Client, tiny: Any) -> None:
    tiny.faults.add(Fault(FaultKind.STATUS, "/words", value=502))
    answer = post(browser)
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")
    assert tiny.words == []
    assert [entry.status for entry in tiny.journal] == [502]


@pytest.mark.parametrize(("value", "header"), [(7, "7"), (0, None)])
def test_a_rate_limit(browser: httpx.Client, tiny: Any, value: float, header: str | None) -> None:
    tiny.faults.add(Fault(FaultKind.RATE_LIMIT, value=value))
    answer = post(browser)
    assert (answer.status_code, answer.headers.get("retry-after")) == (429, header)
    assert tiny.words == []


def test_a_drop_before_has_no_effect(browser: httpx.Client, tiny: Any) -> None:
    tiny.faults.add(Fault(FaultKind.DROP_BEFORE, "/words"))
    with pytest.raises(httpx.TransportError):
        post(browser)
    assert tiny.words == []


def test_a_drop_after_takes_effect_unheard(browser: httpx.Client, tiny: Any) -> None:
    tiny.faults.add(Fault(FaultKind.DROP_AFTER, "/words", times=1))
    with pytest.raises(httpx.TransportError):
        post(browser)
    assert len(tiny.words) == 1
    assert [(entry.status, entry.answered) for entry in tiny.journal] == [(201, False)]
    assert post(browser).json() == {"count": 2}
    assert [entry.answered for entry in tiny.journal] == [False, True]


def test_a_malformed_answer_is_half_of_one(browser: httpx.Client, tiny: Any) -> None:
    tiny.faults.add(Fault(FaultKind.MALFORMED, "/words"))
    answer = post(browser)
    assert (answer.status_code, answer.text) == (201, '{"cou')
    assert len(tiny.words) == 1


def test_faults_do_not_strike_the_doors_of_the_sandbox(browser: httpx.Client, tiny: Any) -> None:
    tiny.faults.add(Fault(FaultKind.STATUS, value=500))
    assert browser.get("/sandbox/journal").status_code == 200
    assert post(browser).status_code == 500
    assert browser.delete("/sandbox/faults").status_code == 204
    assert post(browser).status_code == 201


def test_faults_are_switched_on_over_http(browser: httpx.Client, tiny: Any) -> None:
    wish = {"kind": "status", "path": "/words", "method": "POST", "value": 503, "times": 1}
    assert browser.post("/sandbox/faults", json=wish).status_code == 204
    assert [post(browser).status_code for _ in range(2)] == [503, 201]
    for wrong in (b'{"kind": "meteor"}', b'{"kind": "status", "pth": "/"}', b"[]", b"{", b"\xff"):
        assert browser.post("/sandbox/faults", content=wrong).status_code == 400


def test_path_method_and_times_narrow_a_fault() -> None:
    faults = Faults()
    faults.add(Fault(FaultKind.LATENCY, "/a", "GET", times=2))
    assert faults.take("POST", "/a") == []
    assert faults.take("GET", "/b") == []
    assert [len(faults.take("GET", "/a/1")) for _ in range(3)] == [1, 1, 0]
    assert faults.active == []


def test_some_matches_go_by_first() -> None:
    faults = Faults()
    faults.add(Fault(FaultKind.LATENCY, "/a", times=1, skip=2))
    assert [len(faults.take("GET", path)) for path in ("/a", "/b", "/a", "/a", "/a")] == [0, 0, 0, 1, 0]


def test_a_status_may_say_when_to_come_back(browser: httpx.Client, tiny: Any) -> None:
    tiny.faults.add(Fault(FaultKind.STATUS, "/words", value=503, retry_after="30"))
    answer = post(browser)
    assert (answer.status_code, answer.headers.get("retry-after")) == (503, "30")


def test_a_share_is_the_same_for_the_same_seed() -> None:
    def struck(seed: int) -> list[int]:
        faults = Faults(seed)
        faults.add(Fault(FaultKind.LATENCY, share=0.3))
        return [len(faults.take("GET", "/")) for _ in range(200)]

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)
    assert 30 < sum(struck(1)) < 90
