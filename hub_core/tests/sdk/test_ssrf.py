"""Addresses that somebody else wrote (F31): files are fetched from the provider's hosts and nowhere else."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from hub_core.sdk.client_pool import ClientPool
from hub_core.sdk.errors import NotFound, Rejected, RetryLater
from hub_core.sdk.http import ProviderHttp
from hub_core.sdk.tokens import TokenSet

TOKEN = "token-that-stays-at-home"
#: `{c}`: the canary's port; `{a}`: that of the API, whose own address is the only one that is allowed.
SHAPES = [
    "http://127.0.0.1:{c}/x",
    "http://localhost:{c}/x",
    "http://localhost:{a}/x",
    "http://127.1:{c}/x",
    "http://2130706433:{c}/x",
    "http://0x7f000001:{c}/x",
    "http://0x7f.0.0.1:{c}/x",
    "http://017700000001:{c}/x",
    "http://0177.0.0.1:{c}/x",
    "http://127.0.0.1.:{c}/x",
    "http://127.0.0.1.:{a}/x",
    "http://[::1]:{c}/x",
    "http://[::ffff:127.0.0.1]:{c}/x",
    "http://[::ffff:127.0.0.1]:{a}/x",
    "http://[::ffff:7f00:1]:{c}/x",
    "http://[64:ff9b::7f00:1]:{c}/x",
    "http://0.0.0.0:{c}/x",
    "http://0:{c}/x",
    "http://[::]:{c}/x",
    "http://169.254.169.254/latest/meta-data",
    "http://127.0.0.1:{a}@127.0.0.1:{c}/x",
    "http://user@127.0.0.1:{a}/x",
    "http://user:pw@127.0.0.1:{c}/x",
    "http://127.0.0.1:{a}\\@127.0.0.1:{c}/x",
    "http://127.0.0.1:{c}\\@127.0.0.1:{a}/x",
    "http://127.0.0.1:{c}#@127.0.0.1:{a}/x",
    "http://127.0.0.1:{c}?@127.0.0.1:{a}/x",
    "http://127.0.0.1:{c}/x\r\nHost: 127.0.0.1:{a}",
    "http://127.0.0.1:{a}\r\n.elsewhere.test:{c}/x",
    "http://127.0.0.1:{a}%2f@127.0.0.1:{c}/x",
    "http://127.0.0.1%3a{a}:{c}/x",
    "http:\\\\127.0.0.1:{c}\\x",
    "http:///127.0.0.1:{c}/x",
    "http:127.0.0.1:{c}/x",
    "//127.0.0.1:{c}/x",
    "\\\\127.0.0.1:{c}\\x",
    "\thttp://127.0.0.1:{c}/x",
    "http://127\u30020\u30020\u30021:{c}/x",
    "http://\u2460\u2461\u2466.0.0.1:{c}/x",
    "http://loc\u0430lhost:{c}/x",
    "https://127.0.0.1:{c}/x",
    "HTTP://127.0.0.1:{c}/x",
    "ftp://127.0.0.1:{c}/x",
    "file:///etc/hostname",
    "file://127.0.0.1:{c}/etc/hostname",
    "gopher://127.0.0.1:{c}/_x",
    "dict://127.0.0.1:{c}/x",
    "unix:///var/run/docker.sock",
    "data:text/plain,x",
    "jar:http://127.0.0.1:{c}/x",
]


class Api(BaseHTTPRequestHandler):
    """Redirects to where it is asked to."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str]]

    def do_GET(self) -> None:
        self.seen.append((self.headers.get("Host", ""), self.headers.get("Authorization", "")))
        to = parse_qs(urlsplit(self.path).query).get("to")
        self.send_response(302 if to else 404)
        if to:
            self.send_header("Location", to[0].replace("\r\n", "\t").encode().decode("latin-1"))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def api() -> Iterator[HTTPServer]:
    Api.seen = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


class Canary:
    """Listens on every address of this machine, and counts who comes."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
        self.port = self.socket.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            connection.close()


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    canary = Canary()
    with socket.create_connection(("127.0.0.1", canary.port)):
        pass
    while not canary.connections:
        pass
    canary.connections = 0
    yield canary
    canary.socket.close()


@pytest.mark.parametrize("way", ["asked for", "redirected to"])
async def test_f31_nobody_is_sent_anywhere_else(api: HTTPServer, canary: Canary, way: str) -> None:
    """None of the shapes connects to anything but the API, by itself or behind a redirect of the API's."""
    home = f"127.0.0.1:{api.server_port}"
    pool = ClientPool()
    http = ProviderHttp("garmin", f"http://{home}", frozenset({home}), pool, TokenSet(TOKEN))
    Api.seen.clear()
    refused = 0
    for shape in SHAPES:
        url = shape.format(c=canary.port, a=api.server_port)
        if way == "redirected to":
            url = f"http://{home}/hop?to={quote(url)}"
        # What is no whole URL is a path of the API's, which doesn't have it. A redirect that can't be read
        # counts as an answer that was lost.
        with pytest.raises((Rejected, NotFound, RetryLater)):
            await http.fetch_file(url, with_token=True)
        refused += 1
    await pool.close()
    print(f"\nF31: {refused} of {len(SHAPES)} addresses {way}: {canary.connections} connections elsewhere")  # noqa: T201
    assert canary.connections == 0
    assert {host for host, _ in Api.seen} <= {home}
