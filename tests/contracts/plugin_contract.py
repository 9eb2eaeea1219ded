"""The two sides of a plugin's contract: its client in front of a pact, its sandbox behind one."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from types import ModuleType
from typing import Any

import msgspec
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from hub_core.sandbox import CLIENT_ID, CLIENT_SECRET, DEFAULT_USER, Answer, Call, Grant, Sandbox
from hub_core.sandbox.server import SandboxServer
from hub_core.sdk import (
    Athlete,
    CadenceRange,
    Intensity,
    Metric,
    PlannedWorkout,
    ProviderContext,
    RangeTarget,
    Repeat,
    Sport,
    Step,
    TimeDuration,
    TokenSet,
)
from hub_core.testing.harness import REDIRECT_URI, ProviderHarness

from .contract import Contract, Exchange, Matched, injected
from .provider import verify

TOKEN = "access-token-1"
REFRESH_TOKEN = "refresh-token-1"
TOKENS = TokenSet(TOKEN, REFRESH_TOKEN)
#: What a client with `TOKEN` sends; the sandbox gets the token that its state has minted.
BEARER = {"Authorization": injected(f"Bearer {TOKEN}", "Bearer ${access_token}")}

CODE = "code-1"
VERIFIER = "verifier-" + "0123456789" * 4
_CHALLENGE: str = create_s256_code_challenge(VERIFIER)  # type: ignore[no-untyped-call]
#: What goes to a token endpoint, for the code or the refresh token that the sandbox's state has made.
CREDENTIALS: dict[str, Matched] = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
CODE_FORM: dict[str, Matched] = {
    "grant_type": "authorization_code",
    "code": injected(CODE, "${code}"),
    "redirect_uri": REDIRECT_URI,
    **CREDENTIALS,
}
PKCE_FORM: dict[str, Matched] = {**CODE_FORM, "code_verifier": VERIFIER}
REFRESH_FORM: dict[str, Matched] = {
    "grant_type": "refresh_token",
    "refresh_token": injected(REFRESH_TOKEN, "${refresh_token}"),
    **CREDENTIALS,
}

#: The workout that the contracts are about; every provider carries it.
DATE = dt.date(2031, 4, 7)
REFERENCE = "hub-wk-1"
PLAN = PlannedWorkout(
    name="Over-unders",
    sport=Sport.RIDE,
    date=DATE,
    steps=(
        Step(TimeDuration(600), RangeTarget(Metric.POWER, 130, 160), intensity=Intensity.WARMUP),
        Repeat(
            3,
            (
                Step(TimeDuration(120), RangeTarget(Metric.POWER, 270, 290), CadenceRange(85, 95)),
                Step(TimeDuration(240), RangeTarget(Metric.POWER, 230, 245)),
            ),
        ),
        Step(TimeDuration(300), RangeTarget(Metric.POWER, 100, 130), intensity=Intensity.COOLDOWN),
    ),
)
ATHLETE = Athlete(ftp_w=265)

#: Brings a sandbox into a state and returns what goes into the request.
SandboxState = Callable[[Any], dict[str, Any]]


@asynccontextmanager
async def speaking(
    plugin: ModuleType, exchange: Exchange, tokens: TokenSet | None = TOKENS
) -> AsyncIterator[ProviderContext]:
    """The context of a plugin whose provider is the exchange."""
    harness = ProviderHarness(plugin)  # its sandbox is not started: only its addresses are needed
    try:
        with exchange.serve() as origin:
            harness.settings = harness.sandbox.settings(origin)
            yield harness.context(tokens)
    finally:
        await harness.pool.close()
        harness.server.stop()


def verify_sandbox(contract: Contract, plugin: ModuleType, states: Mapping[str, SandboxState]) -> None:
    """Raise unless the plugin's sandbox keeps the contract. Each state begins with a new sandbox."""
    sandbox: Sandbox = plugin.provider_sandbox()

    def set_up(state: SandboxState) -> dict[str, Any]:
        sandbox.__init__()  # type: ignore[misc]  # the server's routes are bound to this one
        return state(sandbox)

    server = SandboxServer(sandbox)
    try:
        server.start()
        verify(contract, server.origin, {name: partial(set_up, state) for name, state in states.items()})
    finally:
        server.stop()


def consent(sandbox: Sandbox, scopes: tuple[str, ...] | None = None, *, pkce: bool = True) -> str:
    """The code that the provider's consent page redirects with: for all scopes, and for `VERIFIER`."""
    granted = sandbox.oauth.scopes if scopes is None else scopes
    return sandbox.oauth.issue_code(
        user=DEFAULT_USER, scopes=granted, redirect_uri=REDIRECT_URI, challenge=_CHALLENGE if pkce else ""
    )


def connect(sandbox: Sandbox, scopes: tuple[str, ...] | None = None) -> Grant:
    """A live token of the athlete, with all scopes unless told otherwise."""
    code = consent(sandbox, scopes)
    grant = sandbox.oauth.redeem_code(code=code, redirect_uri=None, verifier=VERIFIER)
    sandbox.token_body(grant)  # some providers remember what they have handed out
    return grant


def ask(endpoint: Callable[[Call], Answer], grant: Grant, *, json: Any = None, **params: object) -> Any:
    """The body of a sandbox's answer to the athlete whose grant it is."""
    headers = {"content-type": "application/json", "host": "127.0.0.1"}
    path = {name: str(value) for name, value in params.items()}
    return endpoint(Call("", "", path, {}, headers, msgspec.json.encode(json), grant)).body


def spend_limits(sandbox: Sandbox) -> None:
    """Use up what the provider allows the athlete for now."""
    while sandbox.limits.take(DEFAULT_USER)[0]:
        pass
