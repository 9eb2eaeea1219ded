"""Connections: through the consent page and back, by API key, and out again."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from hub_core.sandbox import Fault, FaultKind
from hub_core.sdk import ProviderSettings
from hub_core.testing.harness import give_consent

UNKNOWN = "this consent is not known, was used already, or took too long; start again"


def begin(person: Any, provider: str = "garmin", **body: str) -> str:
    url: str = person.post(f"/connections/{provider}/authorize", json=body)["authorize_url"]
    return url


def consent(person: Any, url: str, **choices: Any) -> httpx.URL:
    """Where the provider sends the browser."""
    return httpx.URL(asyncio.run(give_consent(url, user=person.user, **choices)))


def query(url: httpx.URL | str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(str(url)).query).items()}


def statuses(person: Any) -> dict[str, str]:
    return {row["provider"]: row["status"] for row in person.get("/connections")}


def is_refused(answer: httpx.Response) -> bool:
    """The same words for every reason."""
    return (answer.status_code, answer.json()["detail"]) == (403, UNKNOWN)


def test_the_authorize_url_holds_a_new_state_and_a_challenge(running: Any, person: Any) -> None:
    first, second = query(begin(person)), query(begin(person))
    assert first["state"] != second["state"]
    assert len(first["state"]) >= 40
    assert first["code_challenge_method"] == "S256"
    assert first["redirect_uri"] == f"{running.origin}/v1/oauth/garmin/callback"
    assert "client_secret" not in first
    # Neither is kept in a form that would let a reader of the database finish the consent.
    kept = str(running.rows("SELECT * FROM authorization"))
    assert first["state"] not in kept


def test_the_body_may_be_left_out(person: Any) -> None:
    assert person.request("POST", "/connections/garmin/authorize").status_code == 200


def test_consent_ends_on_a_page_that_tells_nothing_on(running: Any, person: Any) -> None:
    back = consent(person, begin(person))
    page = running.client().get(back)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "Garmin Connect is connected" in page.text
    assert "http" not in page.text
    for name in ("code", "state"):
        assert query(back)[name] not in page.text
    (row,) = person.get("/connections")
    assert (row["provider"], row["status"], row["is_primary"]) == ("garmin", "connected", False)
    assert set(row) == {
        "id", "provider", "status", "reason", "display_name", "provider_user_id", "scopes", "is_primary",
        "reconnect", "token_expires_ms", "refreshed_ms", "refresh_error",
    }  # fmt: skip
    assert row["reconnect"] is None


@pytest.mark.parametrize(
    ("return_url", "begins", "ends"),
    [
        ("https://coach.example/done", "https://coach.example/done?provider=", ""),
        ("https://coach.example/?tab=2", "https://coach.example/?tab=2&provider=", ""),
        ("http://localhost:3000/#/settings", "http://localhost:3000/?provider=", "#/settings"),
    ],
)
def test_the_browser_goes_where_the_platform_wants(
    running: Any, person: Any, return_url: str, begins: str, ends: str
) -> None:
    answer = running.client().get(consent(person, begin(person, return_url=return_url)))
    location = answer.headers["location"]
    assert answer.status_code in {302, 303, 307}
    assert location.startswith(begins)
    assert location.endswith(ends)
    assert query(location) | {"tab": ""} == {"provider": "garmin", "result": "connected", "tab": ""}


@pytest.mark.parametrize(
    "return_url",
    ["javascript:alert(1)", "coach.example", "//coach.example", "ftp://coach.example", "https://", "http://[",
     "https://c.example/\r\nSet-Cookie: a=b", "https://c.example/\x00", "https://c.example/" + "x" * 2_000],
)  # fmt: skip
def test_a_return_url_has_to_be_one(person: Any, return_url: str) -> None:
    answer = person.request("POST", "/connections/garmin/authorize", json={"return_url": return_url})
    assert (answer.status_code, answer.json()["path"]) == (422, "return_url")


def test_an_athlete_who_declines_is_not_connected(running: Any, person: Any) -> None:
    page = running.client().get(consent(person, begin(person), allow=False))
    assert page.status_code == 200
    assert "Garmin Connect is not connected" in page.text
    assert "declined" in page.text
    back = consent(person, begin(person, return_url="https://coach.example/"), allow=False)
    location = query(running.client().get(back).headers["location"])
    assert (location["result"], location["error"]) == ("failed", "The athlete declined.")
    assert statuses(person) == {}


def test_a_consent_that_grants_too_little_is_told_what_is_missing(running: Any, person: Any) -> None:
    page = running.client().get(consent(person, begin(person), granted=["HEALTH_EXPORT"]))
    assert "Garmin Connect is not connected" in page.text
    assert "WORKOUT_IMPORT" in page.text
    assert statuses(person) == {}


def test_what_the_provider_says_is_no_html(running: Any, person: Any) -> None:
    back = consent(person, begin(person))
    forged = back.copy_set_param("error", "<script>alert(1)</script>")
    assert "<script>" not in running.client().get(forged).text


@pytest.mark.parametrize(
    "how", ["forged", "empty", "missing", "no such provider", "another provider's", "NUL"]
)
def test_a_state_that_is_not_ours_is_refused(running: Any, person: Any, how: str) -> None:
    back = consent(person, begin(person))
    wrong = {
        "forged": back.copy_set_param("state", "x" * 43),
        "empty": back.copy_set_param("state", ""),
        "missing": back.copy_remove_param("state"),
        "no such provider": back.copy_with(path="/v1/oauth/nosuch/callback"),
        "another provider's": back.copy_with(path="/v1/oauth/wahoo/callback"),
        "NUL": back.copy_set_param("state", "\x00"),
    }[how]
    before = running.asked()
    assert is_refused(running.client().get(wrong))
    assert running.asked() == before
    assert statuses(person) == {}


def test_a_callback_without_any_parameter_is_refused(running: Any) -> None:
    assert is_refused(running.client().get("/v1/oauth/garmin/callback"))


def test_a_callback_works_once(running: Any, person: Any) -> None:
    back = consent(person, begin(person))
    assert running.client().get(back).status_code == 200
    before = running.asked()
    assert is_refused(running.client().get(back))
    assert running.asked() == before
    assert statuses(person) == {"garmin": "connected"}


def test_a_consent_that_took_too_long_is_refused(running: Any, person: Any) -> None:
    back = consent(person, begin(person))
    running.rows("UPDATE authorization SET expires_ms = 1 WHERE athlete_id = ?", person.id)
    assert is_refused(running.client().get(back))


def test_a_code_of_another_consent_is_refused_by_its_challenge(running: Any, person: Any) -> None:
    """An attacker's code in the athlete's callback (RFC 9700, 4.5): PKCE ties a code to its state."""
    own, foreign = consent(person, begin(person)), consent(person, begin(person))
    page = running.client().get(own.copy_set_param("code", query(foreign)["code"]))
    assert "is not connected" in page.text
    assert query(foreign)["code"] not in page.text


def test_a_provider_that_is_down_at_the_exchange_is_named(running: Any, person: Any) -> None:
    back = consent(person, begin(person))
    fault = Fault(FaultKind.STATUS, "/di-oauth2-service", value=503, times=1)
    running.sandboxes["garmin"].sandbox.faults.add(fault)
    page = running.client().get(back)
    assert page.status_code == 200
    assert "is not connected" in page.text
    assert "503" in page.text


def test_what_cannot_be_begun(running: Any, person: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert person.request("POST", "/connections/nosuch/authorize", json={}).status_code == 404
    provider = running.hub.registry.get("garmin")
    bare = dataclasses.replace(provider, settings=ProviderSettings())
    monkeypatch.setitem(running.hub.registry.providers, "garmin", bare)
    answer = person.request("POST", "/connections/garmin/authorize", json={})
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:hub:problem:misconfigured")
    assert "CLIENT_ID" in answer.json()["detail"]


def test_a_good_api_key_connects(person: Any) -> None:
    rows = person.platform.call(
        "PUT", f"{person.path}/connections/intervals/api-key", json={"api_key": " sandbox-api-key\n"}
    )
    assert [(row["provider"], row["status"]) for row in rows] == [("intervals", "connected")]
    assert "sandbox-api-key" not in str(rows)


@pytest.mark.parametrize(
    "key", ["wrong", "", "  ", "ключ", "wr\x00ng", "two words", "x" * 501, "a\r\nHost: evil"]
)
def test_a_bad_api_key_does_not(person: Any, key: str) -> None:
    answer = person.request("PUT", "/connections/intervals/api-key", json={"api_key": key})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert not key.strip() or key not in answer.text
    assert statuses(person) == {}


@pytest.mark.parametrize(("provider", "status"), [("garmin", 422), ("nosuch", 404)])
def test_not_everyone_takes_api_keys(person: Any, provider: str, status: int) -> None:
    answer = person.request("PUT", f"/connections/{provider}/api-key", json={"api_key": "secret-thing"})
    assert answer.status_code == status
    assert "secret-thing" not in answer.text


def test_one_connection_is_the_primary_one(person: Any) -> None:
    for provider in ("garmin", "wahoo"):
        person.connect(provider)
        assert person.request("PUT", f"/connections/{provider}/primary").status_code == 204
    primary = {row["provider"]: row["is_primary"] for row in person.get("/connections")}
    assert primary == {"garmin": False, "wahoo": True}
    assert person.get()["primary_provider"] == "wahoo"
    for name in ("intervals", "nosuch"):
        assert person.request("PUT", f"/connections/{name}/primary").status_code == 404


def test_disconnecting_deletes_the_tokens_and_revokes_them(running: Any, person: Any) -> None:
    person.connect("garmin")
    sandbox = running.sandboxes["garmin"]
    token = next(one.access_token for one in sandbox.sandbox.oauth.grants if one.user == person.user)
    here = httpx.Client(base_url=sandbox.origin, headers={"Authorization": f"Bearer {token}"})
    with here:
        assert here.get("/wellness-api/rest/user/id").status_code == 200
        answer = person.request("DELETE", "/connections/garmin")
        assert answer.json() == {"provider": "garmin", "revoked": True, "reason": "", "history": None}
        assert here.get("/wellness-api/rest/user/id").status_code in {401, 403}
    assert running.rows("SELECT tokens FROM connection WHERE athlete_id = ?", person.id) == [(None,)]
    assert statuses(person) == {"garmin": "disconnected"}
    again = person.request("DELETE", "/connections/garmin")
    assert (again.status_code, again.json()["revoked"]) == (200, False)
    assert person.request("DELETE", "/connections/wahoo").status_code == 404


def test_a_provider_that_is_down_keeps_no_tokens_alive_here(running: Any, person: Any) -> None:
    person.connect("wahoo")
    running.sandboxes["wahoo"].sandbox.faults.add(Fault(FaultKind.STATUS, method="DELETE", value=503))
    answer = person.request("DELETE", "/connections/wahoo").json()
    assert (answer["revoked"], "503" in answer["reason"]) == (False, True)
    assert running.rows("SELECT tokens FROM connection WHERE athlete_id = ?", person.id) == [(None,)]


def test_a_second_consent_takes_the_place_of_the_first(running: Any, person: Any) -> None:
    for _ in range(2):
        person.connect("garmin")
        assert statuses(person) == {"garmin": "connected"}
        person.request("DELETE", "/connections/garmin")
    person.connect("garmin")
    assert len(person.get("/connections")) == 1
