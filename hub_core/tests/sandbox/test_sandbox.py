"""The harness over HTTP: tokens, scopes, consent, and the device's screen."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from hub_core.sandbox import CLIENT_ID, CLIENT_SECRET
from hub_core.testing.harness import give_consent

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
ASKED = {
    "client_id": CLIENT_ID,
    "response_type": "code",
    "redirect_uri": "http://localhost/back?tenant=1",
    "state": "a&b'\"<>",
    "scope": "read write admin",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


def url(browser: httpx.Client, **asked: str) -> str:
    return str(browser.build_request("GET", "/authorize", params=ASKED | asked).url)


def token(browser: httpx.Client, **form: str) -> httpx.Response:
    known = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "code_verifier": VERIFIER}
    return browser.post("/token", data=known | form)


def consented(browser: httpx.Client, **fields: Any) -> dict[str, str]:
    back = asyncio.run(give_consent(url(browser), **fields))
    assert back.startswith("http://localhost/back?tenant=1&")
    return {name: values[-1] for name, values in parse_qs(urlsplit(back).query).items()}


def test_from_consent_to_a_call(browser: httpx.Client, tiny: Any) -> None:
    back = consented(browser, user="ann", granted=["read"])
    assert back["state"] == ASKED["state"]
    form = {"code": back["code"], "redirect_uri": ASKED["redirect_uri"]}
    answer = token(browser, grant_type="authorization_code", **form).json()
    assert (answer["token_type"], answer["scope"]) == ("bearer", "read")
    assert answer["expires_in"] == pytest.approx(3600, abs=2)

    bearer = {"Authorization": f"Bearer {answer['access_token']}"}
    assert browser.get("/words/ann", headers=bearer).json() == []
    short = browser.post("/words", json={"word": "x"}, headers=bearer)
    assert (short.status_code, short.json()["error"]) == (403, "insufficient scope: write is needed")

    fresh = token(browser, grant_type="refresh_token", refresh_token=answer["refresh_token"])
    assert fresh.status_code == 200
    assert browser.get("/words/ann", headers=bearer).status_code == 401


def test_denying(browser: httpx.Client) -> None:
    assert (consented(browser, allow=False))["error"] == "access_denied"


def test_the_consent_page(browser: httpx.Client) -> None:
    page = browser.get(url(browser))
    assert page.headers["content-type"].startswith("text/html")
    assert "Connect to Tiny &lt;Co&gt;?" in page.text
    assert page.text.count("type=checkbox") == 2  # `admin` is none of the sandbox's scopes
    assert "a&amp;b&#x27;&quot;&lt;&gt;" in page.text


@pytest.mark.parametrize(
    "asked", [{"client_id": "x"}, {"response_type": "token"}, {"code_challenge_method": "plain"}]
)
def test_bad_requests_for_consent(browser: httpx.Client, asked: dict[str, str]) -> None:
    assert browser.get(url(browser, **asked)).status_code == 400


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_secret": "x"}, "invalid_client"),
        ({}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "x"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        ({"grant_type": "refresh_token"}, "invalid_grant"),
    ],
)
def test_token_refusals(browser: httpx.Client, form: dict[str, str], error: str) -> None:
    answer = token(browser, **form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic dTpw"])
def test_without_a_live_token(browser: httpx.Client, header: str) -> None:
    answer = browser.get("/words/athlete-1", headers={"Authorization": header})
    assert (answer.status_code, answer.json()) == (401, {"error": "Unauthorized"})


def test_refusals_keep_their_headers(browser: httpx.Client) -> None:
    answer = browser.get("/words/someone-else")
    assert (answer.status_code, answer.json()) == (404, {"error": "no such user"})
    assert (answer.headers["x-why"], answer.headers["x-left"]) == ("owner", "4,7")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_malformed_bodies(browser: httpx.Client, body: bytes) -> None:
    assert browser.post("/words", content=body).status_code == 400


def test_what_is_not_there(browser: httpx.Client) -> None:
    assert browser.get("/nothing").status_code == 404
    assert browser.delete("/words").status_code == 405


def test_the_device_page(browser: httpx.Client, tiny: Any) -> None:
    assert "No workouts on this device." in browser.get("/device").text
    tiny.words.append(("athlete-1", "  <i>indented</i>"))
    page = browser.get("/device").text
    assert "&lt;b&gt;Words&lt;/b&gt;" in page
    assert "<li class=in>&lt;i&gt;indented&lt;/i&gt;</li>" in page
    assert "Sunday 01 March" in page
    assert "a &amp; b" in page
    assert "No workouts" in browser.get("/device", params={"user": "ann"}).text


def test_the_device_as_json(browser: httpx.Client, tiny: Any) -> None:
    tiny.words.append(("ann", "6 min"))
    screen = browser.get("/device", params={"user": "ann"}, headers={"Accept": "application/json"}).json()
    assert (screen["device"], screen["user"]) == ("Tiny 1", "ann")
    assert screen["workouts"][0]["lines"] == ["4 times", "6 min"]
    assert screen["workouts"][0]["date"] == "2026-03-01"
