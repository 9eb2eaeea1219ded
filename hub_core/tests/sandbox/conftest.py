"""A provider that exists nowhere, served once for all tests of the harness and reset for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import httpx
import pytest

from hub_core.sandbox import (
    Answer,
    Call,
    DeviceScreen,
    DeviceWorkout,
    OAuthServer,
    Refusal,
    Sandbox,
    Usage,
    endpoint,
)
from hub_core.sandbox.rate_limits import RateLimits
from hub_core.sandbox.server import SandboxServer
from hub_core.sdk.manifest import RateBudget
from hub_core.sdk.settings import ProviderSettings


class Tiny(Sandbox):
    """Keeps words; one user's words are not another's."""

    name = "tiny"
    title = "Tiny <Co>"
    rate_budgets = (RateBudget(5, 60, "athlete"), RateBudget(8, 60, "app"))

    def __init__(self, *, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self.words: list[tuple[str, str]] = []

    def make_oauth(self) -> OAuthServer:
        return OAuthServer(self.clock, ("read", "write"), requires_pkce=True, seed=self.seed)

    def settings(self, origin: str) -> ProviderSettings:
        return ProviderSettings(api_url=origin)

    def device(self, user: str) -> DeviceScreen:
        words = [word for owner, word in self.words if owner == user]
        workout = DeviceWorkout(dt.date(2026, 3, 1), "<b>Words</b>", "run", ("4 times", *words), "7", "a & b")
        return DeviceScreen("Tiny 1", user, (workout,) if words else ())

    def rate_headers(self, usages: list[Usage], *, limited: bool) -> dict[str, str]:
        headers = {"X-Left": ",".join(str(usage.remaining) for usage in usages)}
        return headers | ({"Retry-After": f"{max(usage.reset_s for usage in usages):g}"} if limited else {})

    @endpoint("GET", "/authorize", public=True)
    @endpoint("POST", "/authorize", public=True)
    def authorize(self, call: Call) -> Answer:
        return self.consent(call)

    @endpoint("POST", "/token", public=True)
    def tokens(self, call: Call) -> Answer:
        return self.token(call)

    @endpoint("GET", "/words/{owner}")
    def read(self, call: Call) -> Answer:
        if call.params["owner"] != call.user:
            raise Refusal(404, "no such user", headers={"X-Why": "owner"})
        return Answer([word for owner, word in self.words if owner == call.user])

    @endpoint("POST", "/words", scope="write")
    def write(self, call: Call) -> Answer:
        self.words.append((call.user, call.json()["word"]))
        return Answer({"count": len(self.words)}, 201)

    def token_for(self, user: str = "athlete-1", scopes: tuple[str, ...] = ("read", "write")) -> str:
        """An access token without the way through the consent page."""
        self.oauth.requires_pkce = False
        code = self.oauth.issue_code(user=user, scopes=scopes, redirect_uri="", challenge="")
        grant = self.oauth.redeem_code(code=code, redirect_uri=None, verifier="")
        self.oauth.requires_pkce = True
        return grant.access_token


@pytest.fixture(scope="session")
def _server() -> Iterator[SandboxServer]:
    server = SandboxServer(Tiny())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _browser(_server: SandboxServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=_server.origin) as browser:
        yield browser


@pytest.fixture
def tiny(_server: SandboxServer) -> Tiny:
    """The sandbox, as new."""
    sandbox = _server.sandbox
    assert isinstance(sandbox, Tiny)
    sandbox.clock.reset()
    sandbox.faults.clear()
    sandbox.journal.clear()
    sandbox.words.clear()
    sandbox.limits = RateLimits(sandbox.rate_budgets, sandbox.clock)
    sandbox.oauth = sandbox.make_oauth()
    return sandbox


@pytest.fixture
def browser(_browser: httpx.Client, tiny: Tiny) -> httpx.Client:
    """A client of the sandbox, with the token of athlete-1."""
    _browser.headers["Authorization"] = f"Bearer {tiny.token_for()}"
    return _browser
