"""Connecting gives a grant that works, and a grant is given up only when it is really dead."""

from __future__ import annotations

import base64
import hashlib
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

from hub_core.sandbox.call import Answer, Call
from hub_core.sandbox.faults import FaultKind
from hub_core.sandbox.oauth_server import CLIENT_ID, CLIENT_SECRET
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import ReconnectNeeded, RetryLater, TokenExpired
from hub_core.sdk.manifest import Operation
from hub_core.sdk.tokens import TokenSet
from hub_core.testing.conformance.acts import refresh, who
from hub_core.testing.conformance.bench import Bench, Subject
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import connects, refreshes, rotates, uses_oauth
from hub_core.testing.conformance.tamper import answering, saying
from hub_core.testing.harness import REDIRECT_URI, give_consent

_STATE, _VERIFIER = "kit-state-0123456789", "kit-verifier-" + "0123456789" * 5


def _can_refresh(subject: Subject) -> bool:
    return subject.has_hook("refresh_token")


def _expire(bench: Bench) -> None:
    life = bench.sandbox.oauth.access_life_s
    expect(life, "oauth2 is refreshable, and the sandbox's access tokens never end")
    bench.sandbox.clock.advance((life or 0) + 60)


# -- connecting -------------------------------------------------------------------------------------------


@case(
    "tokens.connect",
    Tier.BRONZE,
    reason="a connection that can't do what it was made for is found out in race week",
    hint="let describe_account return the provider's own id of the athlete, and ask for the scopes you need",
    needs=(connects,),
)
async def _connect(bench: Bench) -> None:
    context = await bench.connect()
    expect(context.provider_user_id.strip(), "describe_account names no provider_user_id")
    expect(await who(bench, context) == context.provider_user_id, "one account has two ids")
    if Operation.EXPORT in bench.able.operations:
        await bench.export(context)


@case(
    "tokens.account",
    Tier.BRONZE,
    reason="webhooks are assigned by this id: two athletes with one id read each other's diary",
    hint="take the id from the provider's answer about the token's owner, never from the client or the token",
    needs=(connects,),
)
async def _account(bench: Bench) -> None:
    first, second = await bench.connect("athlete-1"), await bench.connect("athlete-2")
    expect(first.provider_user_id != second.provider_user_id, "two athletes have the same provider_user_id")
    again = await bench.connect("athlete-1")
    expect(again.provider_user_id == first.provider_user_id, "the id changes with a new consent")


@case(
    "tokens.authorize_url",
    Tier.BRONZE,
    reason="without state and PKCE a stranger's account can be put under an athlete's name",
    hint="set authorize_url to the bare address and say in OAuth2 what differs; the hub adds the parameters",
    needs=(uses_oauth,),
)
async def _authorize_url(bench: Bench) -> None:
    oauth = bench.harness.context().oauth()
    url = oauth.authorize_url(redirect_uri=REDIRECT_URI, state=_STATE, verifier=_VERIFIER)
    expect(CLIENT_SECRET not in url, "the address has the client secret in it")
    digest = hashlib.sha256(_VERIFIER.encode()).digest()
    wanted = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT_URI,
        "state": _STATE,
    }
    if oauth.scheme.pkce:
        wanted["code_challenge"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        wanted["code_challenge_method"] = "S256"
    given = parse_qs(urlsplit(url).query)
    for name, value in wanted.items():
        expect(given.get(name) == [value], f"{name} is {given.get(name)} in the address")
    expect(_VERIFIER not in url, "the address has the verifier in it")


@case(
    "tokens.code_once",
    Tier.SILVER,
    reason="a code that is used or too old never works again: a retry leaves the athlete waiting for nothing",
    hint="exchange codes by context.oauth() alone; in the sandbox let a code work once",
    needs=(uses_oauth,),
)
async def _code_once(bench: Bench) -> None:
    oauth = bench.harness.context().oauth()
    url = oauth.authorize_url(redirect_uri=REDIRECT_URI, state=_STATE, verifier=_VERIFIER)
    code = parse_qs(urlsplit(await give_consent(url)).query)["code"][0]
    exchange = {"code": code, "redirect_uri": REDIRECT_URI, "verifier": _VERIFIER}
    await oauth.exchange_code(**exchange)
    with bench.raising(ReconnectNeeded, during="the exchange of a used code"):
        await oauth.exchange_code(**exchange)


# -- expired ----------------------------------------------------------------------------------------------


@case(
    "tokens.expired",
    Tier.SILVER,
    reason="an expired token needs a refresh, not the athlete, and not a retry with the same token",
    hint="let context.http classify a 401, or raise TokenExpired for the provider's own word for it",
    needs=(refreshes,),
)
async def _expired(bench: Bench) -> None:
    context = await bench.connect()
    _expire(bench)
    with bench.raising(TokenExpired, during="describe_account with an expired token"):
        await bench.call("describe_account", context=context)
    if Operation.EXPORT in bench.able.operations:
        with bench.raising(TokenExpired, during="export_workout with an expired token"):
            await bench.export(context)
    if Operation.POLL in bench.able.operations:
        with bench.raising(TokenExpired, during="poll_deliveries with an expired token"):
            await bench.poll(context)


# -- refreshing -------------------------------------------------------------------------------------------


@case(
    "tokens.refresh",
    Tier.BRONZE,
    reason="a refresh that doesn't work asks every athlete to connect again, all on one day",
    hint="refresh_token: return await context.oauth().refresh(context.token())",
    needs=(refreshes,),
)
async def _refresh(bench: Bench) -> None:
    context = await bench.connect()
    _expire(bench)
    fresh = await refresh(bench, context)
    expect(
        fresh.token().access_token != context.token().access_token, "the access token is still the old one"
    )
    expect(await who(bench, fresh) == context.provider_user_id, "the new token opens another account")


@case(
    "tokens.rotation",
    Tier.SILVER,
    reason="whoever keeps the old refresh token loses the connection at the second refresh",
    hint="return the token set of context.oauth().refresh() as it is",
    needs=(rotates,),
)
async def _rotation(bench: Bench) -> None:
    context = await bench.connect()
    for turn in ("first", "second"):
        fresh = await refresh(bench, context)
        old, new = context.token().refresh_token, fresh.token().refresh_token
        expect(new and new != old, f"the {turn} refresh brought no new refresh token, and oauth2 rotates")
        await who(bench, fresh)
        context = fresh


@case(
    "tokens.keeps_refresh_token",
    Tier.SILVER,
    reason="an answer without a refresh token means that the old one stays (RFC 6749, 6)",
    hint="return the token set of context.oauth().refresh(), which keeps the old one",
    needs=(refreshes,),
)
async def _keeps_refresh_token(bench: Bench) -> None:
    context = await bench.connect()
    with answering(bench, _without_refresh_token):
        fresh = await refresh(bench, context)
    kept = fresh.token().refresh_token == context.token().refresh_token
    expect(kept, "the answer named no refresh token, and the old one was not kept")


def _without_refresh_token(_: Call, given: Answer) -> Answer:
    if not isinstance(given.body, dict):
        return given
    body = {name: value for name, value in given.body.items() if name != "refresh_token"}
    return Answer(body, given.status, given.headers)


@case(
    "tokens.refresh_refused",
    Tier.SILVER,
    reason="a dead grant that is retried for days hides from the athlete that they must connect again",
    hint="raise ReconnectNeeded when the provider says that the grant is gone (invalid_grant)",
    needs=(_can_refresh,),
)
async def _refresh_refused(bench: Bench) -> None:
    context = await bench.connect()
    bench.sandbox.oauth.revoke("athlete-1")
    with bench.raising(ReconnectNeeded, during="the refresh of a grant that is gone"):
        await bench.call("refresh_token", context=context)


@case(
    "tokens.refresh_unreachable",
    Tier.SILVER,
    reason="an outage of the provider must not disconnect all of its athletes",
    hint="raise RetryLater for whatever is no clear refusal, as context.oauth().refresh() does",
    needs=(_can_refresh,),
)
async def _refresh_unreachable(bench: Bench) -> None:
    context = await bench.connect()
    faults = ((FaultKind.DROP_BEFORE, 0.0), (FaultKind.STATUS, 502.0), (FaultKind.RATE_LIMIT, 30.0))
    for kind, value in (*faults, (FaultKind.STATUS, 503.0), (FaultKind.MALFORMED, 0.0)):
        again = await bench.connect() if kind is FaultKind.MALFORMED else context
        bench.harness.fault(kind, value=value)
        with bench.raising(RetryLater, during=f"a refresh while the provider does {kind} {value:.0f}"):
            await bench.call("refresh_token", context=again)
        bench.sandbox.faults.clear()


@case(
    "tokens.refresh_garbled",
    Tier.SILVER,
    reason="maintenance pages and empty objects come with 200; a firewall says 400: none is a refusal",
    hint="raise RetryLater for an answer without an access token, and for a 400 that names no invalid_grant",
    needs=(_can_refresh,),
)
async def _refresh_garbled(bench: Bench) -> None:
    answers = (
        ("200 and {}", "{}", 200, "application/json"),
        ("200 and no access_token", '{"token_type": "bearer", "expires_in": 3600}', 200, "application/json"),
        ("200 and half of a JSON text", '{"access_token": "a', 200, "application/json"),
        ("200 and a page", "<html>maintenance</html>", 200, "text/html"),
        ("200 and nothing", "", 200, "application/json"),
        ("400 and an opaque body", "<h1>blocked</h1>", 400, "text/html"),
        ("400 and an unknown error", '{"error": "temporarily_broken"}', 400, "application/json"),
    )
    context = await bench.connect()
    for name, body, status, content_type in answers:
        with (
            saying(bench, body, status, content_type),
            bench.raising(RetryLater, during=f"a refresh that was answered with {name}"),
        ):
            await bench.call("refresh_token", context=context)


@case(
    "tokens.refresh_pure",
    Tier.SILVER,
    reason="a token kept in a module is another athlete's in the next call, and outlives the disconnect",
    hint="return the token set, and keep nothing: the hub stores it, once, for all processes",
    needs=(_can_refresh,),
)
async def _refresh_pure(bench: Bench) -> None:
    context = await bench.connect()
    before = (context.token().access_token, context.token().refresh_token)
    fresh = await refresh(bench, context)
    expect((context.token().access_token, context.token().refresh_token) == before, "the old set was changed")
    known = {*before, fresh.token().access_token, fresh.token().refresh_token} - {None}
    for place, value in _globals(bench.subject.plugin):
        expect(not _holds(value, known), f"{place} keeps a token")


def _globals(plugin: Any) -> list[tuple[str, Any]]:
    """What stands at the top of the plugin's modules."""
    package = getattr(plugin.provider_manifest, "__module__", "").partition(".")[0]
    modules = {name: vars(module) for name, module in sys.modules.items() if name.split(".")[0] == package}
    places = {"the plugin": vars(plugin), **modules}
    return [(f"{place}.{name}", value) for place, names in places.items() for name, value in names.items()]


def _holds(value: Any, known: set[str | None], depth: int = 3) -> bool:
    match value:
        case str():
            return value in known
        case TokenSet():
            return bool({value.access_token, value.refresh_token} & known)
        case ProviderContext():
            return value.tokens is not None and _holds(value.tokens, known)
        case dict() if depth:
            return any(_holds(part, known, depth - 1) for pair in value.items() for part in pair)
        case list() | tuple() | set() if depth:
            return any(_holds(part, known, depth - 1) for part in value)
    return False
