"""What was asked and answered."""

from __future__ import annotations

from typing import Any

import httpx

from hub_core.sandbox.journal import LONGEST, Entry, Journal


def test_requests_are_written_down_with_their_user(browser: httpx.Client, tiny: Any) -> None:
    tiny.clock.freeze(5_000_000_000)
    token = tiny.token_for()
    browser.post("/words", json={"word": "x"}, headers={"Authorization": f"Bearer {token}"})
    browser.get("/words/athlete-2", headers={"Authorization": f"Bearer {token}"})
    browser.get("/words/athlete-1", headers={"Authorization": "Bearer wrong"})
    seen = [(entry.at, entry.method, entry.path, entry.status, entry.user) for entry in tiny.journal]
    assert seen == [
        (5_000_000_000, "POST", "/words", 201, "athlete-1"),
        (5_000_000_000, "GET", "/words/athlete-2", 404, "athlete-1"),
        (5_000_000_000, "GET", "/words/athlete-1", 401, ""),
    ]


def test_it_holds_no_secrets(browser: httpx.Client, tiny: Any) -> None:
    form = {"client_secret": "sandbox-secret", "refresh_token": "rt-12345678", "code": "code-12345678"}
    browser.post("/token", data=form)
    (entry,) = tiny.journal
    assert "client_secret=" in entry.body
    for secret in form.values():
        assert secret not in entry.body


def test_over_http(browser: httpx.Client, tiny: Any) -> None:
    browser.post("/words", json={"word": "x"})
    (entry,) = browser.get("/sandbox/journal").json()
    assert (entry["path"], entry["body"], entry["answered"]) == ("/words", '{"word":"x"}', True)
    assert browser.delete("/sandbox/journal").status_code == 204
    assert browser.get("/sandbox/journal").json() == []


def test_counting_and_forgetting() -> None:
    journal = Journal()
    for number in range(LONGEST + 5):
        journal.add(Entry(0, "GET" if number % 2 else "PUT", f"/a/{number}", 200, "", ""))
    assert len(list(journal)) == LONGEST
    assert journal.count("GET", "/a") == LONGEST // 2
    assert journal.count("GET", "/b") == 0
    journal.clear()
    assert list(journal) == []
