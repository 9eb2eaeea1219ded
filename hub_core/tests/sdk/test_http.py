"""The way out, over real sockets: what each answer and each silence becomes."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import gzip
import socket
import time
import traceback
from typing import Any

import pytest

from hub_core.sdk import client_pool
from hub_core.sdk import http as http_module
from hub_core.sdk.client_pool import ClientPool
from hub_core.sdk.errors import (
    NotFound,
    ProviderError,
    ReconnectNeeded,
    Rejected,
    RetryLater,
    TokenExpired,
)
from hub_core.sdk.http import ProviderHttp
from hub_core.sdk.tokens import TokenSet


async def failure(http: ProviderHttp, method: str = "GET", url: str = "/x", **fields: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await http.request(method, url, **fields)
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (401, TokenExpired),
        (402, Rejected),
        (403, ReconnectNeeded),
        (404, NotFound),
        (408, RetryLater),
        (409, Rejected),
        (410, NotFound),
        (422, Rejected),
        (425, RetryLater),
        (429, RetryLater),
        (500, RetryLater),
        (501, RetryLater),
        (502, RetryLater),
        (503, RetryLater),
        (504, RetryLater),
        (599, RetryLater),
        (304, Rejected),
    ],
)
async def test_statuses(wire: Any, http: ProviderHttp, status: int, kind: type[ProviderError]) -> None:
    wire.answer("/x", status)
    error = await failure(http)
    assert type(error) is kind
    assert str(error).startswith(f"acme: GET /x answered {status}")


@pytest.mark.parametrize(("status", "unknown"), [(500, True), (502, True), (429, False), (408, False)])
async def test_whether_a_post_may_have_had_an_effect(
    wire: Any, http: ProviderHttp, status: int, unknown: bool
) -> None:
    wire.answer("/x", status)
    post, put = await failure(http, "POST", json={}), await failure(http, "PUT", json={})
    assert isinstance(post, RetryLater)
    assert isinstance(put, RetryLater)
    assert (post.outcome_unknown, put.outcome_unknown) == (unknown, False)


async def test_a_success_is_returned_whole(wire: Any, http: ProviderHttp) -> None:
    wire.answer("/v1/x", 201, '{"id": "7"}', Location="/x/7")
    response = await http.request("POST", "/v1/x", json={"name": "ü"}, params={"q": "a b"})
    assert (response.status_code, response.headers["location"]) == (201, "/x/7")
    assert http.decode(response, dict[str, int]) == {"id": 7}
    heard = wire.heard[0]
    assert (heard.target, heard.body) == ("/v1/x?q=a+b", '{"name":"ü"}')
    assert heard.headers["content-type"] == "application/json"
    assert heard.headers["authorization"] == "Bearer at-0123456789"


async def test_authorization(wire: Any, http: ProviderHttp) -> None:
    wire.answer("/x")
    basic = dataclasses.replace(http, tokens=TokenSet("API_KEY:k", kind="basic"))
    await basic.request("GET", "/x")
    await http.request("GET", "x", authorize=False)
    await dataclasses.replace(http, tokens=None).request("GET", f"{wire.origin}/x")
    await http.request("GET", "/x", headers={"Authorization": "Key mine"})
    sent = [heard.headers["authorization"] for heard in wire.heard]
    assert sent == ["Basic QVBJX0tFWTpr", "", "", "Key mine"]


async def test_allowed_statuses_and_a_plugins_own_classification(wire: Any, http: ProviderHttp) -> None:
    wire.answer("/x", 404, "gone")
    assert (await http.request("GET", "/x", allow={404})).text == "gone"
    named = await failure(http, classify=lambda response: RetryLater(f"mine: {response.status_code}"))
    assert str(named) == "mine: 404"
    assert isinstance(await failure(http, classify=lambda _: None), NotFound)


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [("7", 7, 7), ("1.5", 1.5, 1.5), ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0)],
)
async def test_retry_after(wire: Any, http: ProviderHttp, value: str, low: float, high: float) -> None:
    for status in (429, 503):
        wire.answer("/x", status, Retry_After=value)
        error = await failure(http)
        assert isinstance(error, RetryLater)
        assert error.after_s is not None
        assert low <= error.after_s <= high


async def test_a_dropped_connection(wire: Any, http: ProviderHttp) -> None:
    wire.answers["/half"] = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal"
    wire.answers["/noise"] = b"SSH-2.0-OpenSSH_9.6\r\n\r\n"
    for path in ("/nothing", "/half", "/noise"):
        for method, unknown in {"POST": True, "PATCH": True, "GET": False, "PUT": False}.items():
            error = await failure(http, method, path)
            assert isinstance(error, RetryLater)
            assert error.outcome_unknown is unknown
            assert f"acme did not answer: {method} {path}" in str(error)


async def test_a_refused_connection_had_no_effect(pool: ClientPool) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{unused.getsockname()[1]}"
    error = await failure(ProviderHttp("acme", f"http://{host}", frozenset({host}), pool), "POST")
    assert isinstance(error, RetryLater)
    assert not error.outcome_unknown
    assert "cannot be reached" in str(error)


async def test_answers_are_bounded(wire: Any, http: ProviderHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_module, "MAX_ANSWER_BYTES", 1000)
    wire.answer("/fits", 200, "x" * 1000)
    wire.answer("/large", 200, "x" * 1001)
    wire.answer("/bomb", 200, gzip.compress(b"x" * 100_000), Content_Encoding="gzip")
    wire.answer("/error", 500, "x" * 1001)
    assert len((await http.request("GET", "/fits")).content) == 1000
    for path in ("/large", "/bomb", "/error"):
        assert "over 1000 bytes" in str(await failure(http, url=path))


async def test_compressed_answers_are_read(wire: Any, http: ProviderHttp) -> None:
    wire.answer("/x", 200, gzip.compress(b'"packed"'), Content_Encoding="gzip")
    wire.answer("/broken", 200, b"no gzip", Content_Encoding="gzip")
    assert http.decode(await http.request("GET", "/x"), str) == "packed"
    assert isinstance(await failure(http, url="/broken"), RetryLater)


@pytest.mark.parametrize("body", ["", "<html>", '{"id": ', '{"id": [1]}', "[]", "\xff", "[" * 100_000])
async def test_an_answer_that_cannot_be_read_is_a_lost_one(wire: Any, http: ProviderHttp, body: str) -> None:
    wire.answer("/x", 200, body.encode("latin-1"))
    for method, unknown in {"POST": True, "GET": False}.items():
        response = await http.request(method, "/x")
        with pytest.raises(RetryLater, match=f"answer to {method} /x cannot be read") as caught:
            http.decode(response, dict[str, str])
        assert caught.value.outcome_unknown is unknown


async def test_deep_answers_are_refused(wire: Any, http: ProviderHttp) -> None:
    wire.answer("/x", 200, "[" * 100_000)
    with pytest.raises(RetryLater, match="cannot be read"):
        http.decode(await http.request("GET", "/x"), object)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/x",
        "https://{host}.example.com/x",
        "http://{host}@example.com/x",
        "http://user@{host}/x",
        "http://example.com\\@{host}/x",
        "https://169.254.169.254/latest",
        "file://{host}/etc/passwd",
        "ftp://{host}/x",
        "http://[::1/x",
        "HTTP://localhost/x",
        "/x\x00",
        "/x\n",
    ],
)
async def test_foreign_hosts_are_refused(wire: Any, http: ProviderHttp, url: str) -> None:
    wire.answer("/x")
    assert type(await failure(http, url=url.format(host=wire.host))) is Rejected
    assert wire.heard == []


async def test_a_path_stays_under_the_base_url(wire: Any, http: ProviderHttp) -> None:
    wire.answer("/example.com/x")
    wire.answer("/login")
    await http.request("GET", "//example.com/x")
    await http.request("GET", "/login?next=http://example.com/")
    assert [heard.target for heard in wire.heard] == ["/example.com/x", "/login?next=http://example.com/"]


async def test_a_token_never_travels_in_the_clear_when_the_api_does_not(pool: ClientPool) -> None:
    http = ProviderHttp("acme", "https://api.example", frozenset({"api.example"}), pool)
    assert "not among the hosts" in str(await failure(http, url="http://api.example/file"))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(wire: Any, http: ProviderHttp, status: int) -> None:
    wire.answer("/x", status, Location="/elsewhere")
    error = await failure(http)
    assert type(error) is Rejected
    assert "redirects are not followed" in str(error)
    assert len(wire.heard) == 1


async def test_secrets_never_appear(wire: Any, http: ProviderHttp) -> None:
    known = ("at-0123456789", "rt-0123456789", "verifier-0123456789", "client-0123456789")
    wire.answer("/x", 400, f"no: {' '.join(known)} Bearer someone-elses " + "x" * 1000)
    error = await failure(http, params={"access_token": known[0]})
    told = "".join(traceback.format_exception(error)) + repr(http)
    assert not [secret for secret in (*known, "someone-elses") if secret in told]
    assert len(str(error)) < 500


async def test_no_half_of_a_secret_is_left_where_a_long_body_is_cut(
    wire: Any, http: ProviderHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All but the last repetition are masked, and by that what stood at the cut comes to the front."""
    token = "at-0123456789"
    monkeypatch.setattr("hub_core.sdk.http._REDACTED", 10 * len(token) + 5)
    monkeypatch.setattr("hub_core.sdk.http._LONGEST_SECRET", len(token))
    wire.answer("/long", 400, token * 20)
    with pytest.raises(Rejected) as caught:
        await http.request("GET", "/long")
    assert "[redacted]" in str(caught.value)
    assert "at-0" not in str(caught.value)


async def test_a_header_that_cannot_be_sent_is_not_quoted(wire: Any, http: ProviderHttp) -> None:
    for token in ("at-0123456789\nX-Evil: 1", "at-0123456789\u00fc", "at-0123456789\x00"):
        broken = dataclasses.replace(http, tokens=TokenSet(token))
        error = await failure(broken)
        assert type(error) is Rejected
        assert "at-0123456789" not in "".join(traceback.format_exception(error))
    assert wire.heard == []


async def test_a_slow_drip_is_bounded(wire: Any, http: ProviderHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    monkeypatch.setattr(http_module, "CALL_TIMEOUT_S", 0.2)
    wire.answers["/x"] = drip
    start = time.monotonic()
    error = await failure(http, "POST")
    assert time.monotonic() - start < 3
    assert isinstance(error, RetryLater)
    assert error.outcome_unknown


async def test_load_spreads_over_several_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_pool, "CONNECTIONS_PER_CLIENT", 2)
    monkeypatch.setattr(client_pool, "CLIENTS_PER_PROVIDER", 3)
    pool = ClientPool()
    async with contextlib.AsyncExitStack() as stack:
        taken = [await stack.enter_async_context(pool.client("acme")) for _ in range(9)]
        other = await stack.enter_async_context(pool.client("other"))
        assert [taken.count(client) for client in dict.fromkeys(taken)] == [3, 3, 3]
        assert other not in taken
    async with pool.client("acme") as again:
        assert again in taken
    await pool.close()
    assert all(client.is_closed for client in [*taken, other])


async def test_no_session_of_one_athlete_travels_with_the_next_ones_request(
    wire: Any, http: ProviderHttp
) -> None:
    wire.answer("/x", 200, "{}", **{"Set-Cookie": "session=annas; Path=/"})
    for _ in range(2):  # over the same client
        await http.request("GET", "/x")
    assert [one.headers.get("cookie") for one in wire.heard] == [None, None]


async def test_many_at_once(wire: Any, http: ProviderHttp) -> None:
    wire.answer("/x", 200, "1")
    answers = await asyncio.gather(*(http.request("GET", "/x") for _ in range(40)))
    assert [answer.text for answer in answers] == ["1"] * 40


async def test_cancelling_is_heard_at_once(wire: Any, http: ProviderHttp) -> None:
    asked, released = asyncio.Event(), asyncio.Event()

    async def never(_: asyncio.StreamWriter) -> None:
        asked.set()
        await released.wait()

    wire.answers["/x"] = never
    call = asyncio.create_task(http.request("GET", "/x"))
    await asked.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    released.set()
    wire.answer("/x", 200, "still works")
    assert (await http.request("GET", "/x")).text == "still works"
