"""Tokens under stress: races, lost answers, wrong clocks. F18 to F22, F26 and what goes with them."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any

import msgspec
import pytest

from hub_core.sandbox.faults import FaultKind
from hub_core.sandbox.oauth_server import OAuthError
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import ReconnectNeeded, RetryLater
from hub_core.sdk.tokens import TokenSet
from hub_core.services.connections.disconnect_provider import disconnect_provider, list_connections
from hub_core.services.connections.provider_context import with_connection
from hub_core.services.connections.refresh_token import CLAIM_MS, is_due
from hub_core.services.connections.trace import Trace
from hub_core.services.workouts.save_workout import save_workout
from hub_core.storage.tables import Connection, Export
from hub_core.storage.token_vault import (
    StoredTokens,
    claim_refresh,
    load_tokens,
    store_refreshed,
)

TOKENS = {"garmin": "/di-oauth2-service/oauth/token", "wahoo": "/oauth/token"}


#: What rests on one statement of the database is tried on each.
on_both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


async def the(scene: Any, name: str) -> Connection:
    row = await Connection.objects().where(Connection.provider == name).first()
    assert row
    return row


async def who(context: ProviderContext) -> str:
    """One call with the token, as any export makes."""
    answer = await context.http.request("GET", PATHS[context.provider])
    assert answer.is_success
    return context.token().access_token


PATHS = {"garmin": "/wellness-api/rest/user/id", "wahoo": "/v1/user", "intervals": "/api/v1/athlete/0"}


async def expire(scene: Any, name: str) -> None:
    """The access token ends, here and there, and nobody remembers when it was refreshed."""
    sandbox = scene.sandboxes[name].sandbox
    for grant in sandbox.oauth.grants:
        grant.expires_at = sandbox.clock.now() - 1
    await scene.hub.engine.execute(
        'UPDATE "connection" SET refresh_began_ms = NULL, refresh_before_ms = NULL WHERE provider = {}', name
    )


async def claimed(scene: Any, name: str) -> None:
    """Until somebody is about to refresh."""
    while (await the(scene, name)).refreshing_until_ms is None:  # noqa: ASYNC110 (nothing rings)
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)


def refreshes(scene: Any, name: str) -> int:
    """Calls of the token endpoint, without the code's."""
    return scene.sandboxes[name].sandbox.journal.count("POST", TOKENS[name]) - 1


async def race(scene: Any, name: str, callers: int) -> set[str]:
    """So many at once find the same expired token; the tokens that they got in the end."""
    row = await the(scene, name)
    return set(await asyncio.gather(*(with_connection(scene.hub, row, who) for _ in range(callers))))


@on_both
async def test_two_workers_and_an_api_call_refresh_once(scene) -> None:
    """25 races on each database; `uv run pytest -m chaos` runs 1,000 in processes of their own."""
    await scene.connect("garmin")
    for number in range(25):
        await expire(scene, "garmin")
        assert len(await race(scene, "garmin", 3)) == 1
        assert refreshes(scene, "garmin") == number + 1
    (connection,) = await list_connections(scene.athlete)
    assert connection.status == "connected"


@on_both
async def test_f20_a_claim_that_was_slept_over_spends_nothing_twice(scene) -> None:
    """The holder is paused before it sends: another refreshes, and the sleeper takes that token."""
    await scene.connect("garmin")
    await expire(scene, "garmin")
    row = await the(scene, "garmin")
    stored = await load_tokens(scene.hub.engine, scene.hub.keys, row.id)
    claim = await claim_refresh(scene.hub.engine, row.id, stored.version, hold_ms=-1)
    assert claim.is_held  # and over: whoever held it sleeps

    (token,) = await race(scene, "garmin", 2)
    late = stored.tokens
    assert await store_refreshed(scene.hub.engine, scene.hub.keys, row.id, stored.version, late) is None
    now = await load_tokens(scene.hub.engine, scene.hub.keys, row.id)
    assert now.tokens.access_token == token
    assert refreshes(scene, "garmin") == 1


@on_both
async def test_f20_the_loser_of_a_rotation_takes_the_winners_token(scene) -> None:
    """Both have sent the same refresh token. The provider refuses the second: that ends nothing."""
    await scene.connect("garmin")
    await expire(scene, "garmin")
    scene.fault("garmin", FaultKind.LATENCY, TOKENS["garmin"], value=1.5, times=1)
    row = await the(scene, "garmin")
    slow = asyncio.create_task(with_connection(scene.hub, row, who))
    await claimed(scene, "garmin")
    # Its claim runs out while it waits for the answer.
    await scene.hub.engine.execute('UPDATE "connection" SET refreshing_until_ms = 1')
    quick = await with_connection(scene.hub, row, who)
    assert await slow == quick
    assert refreshes(scene, "garmin") == 2
    (connection,) = await list_connections(scene.athlete)
    assert connection.status == "connected"


@on_both
async def test_f20_the_winner_that_comes_late_brings_the_connection_back(scene, plan) -> None:
    """The winner sleeps with the new token in its hands; the other is refused, and asks for a reconnect."""
    await scene.connect("garmin")
    row = await the(scene, "garmin")
    stored = await load_tokens(scene.hub.engine, scene.hub.keys, row.id)
    grant = scene.sandboxes["garmin"].sandbox.oauth.refresh(stored.tokens.refresh_token)
    await expire(scene, "garmin")
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_all()
    assert (await scene.export()).status == "NOT_CONNECTED"

    grant.expires_at = time.time() + 86_400
    tokens = TokenSet(grant.access_token, grant.refresh_token, grant.expires_at)
    args = (scene.hub.engine, scene.hub.keys, row.id, stored.version)
    assert await store_refreshed(*args, tokens) == stored.version + 2
    assert await store_refreshed(*args, tokens) is None  # once
    assert await with_connection(scene.hub, await the(scene, "garmin"), who) == grant.access_token


@pytest.mark.parametrize("name", ["garmin", "wahoo"])
async def test_f19_a_lost_rotation(scene, plan, name: str) -> None:
    """The refresh's answer is lost. Wahoo's old pair lives on; at Garmin people connect again, once."""
    await scene.connect(name)
    await expire(scene, name)
    scene.fault(name, FaultKind.DROP_AFTER, TOKENS[name], times=1)
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    waiting = await scene.export()
    assert (waiting.status, waiting.reason_code) == ("PENDING", "retrying")
    await scene.run_all()
    export, (connection,) = await scene.export(), await list_connections(scene.athlete)
    if name == "wahoo":
        assert (export.status, connection.status) == ("SENT", "connected")
        return
    assert (export.status, export.reason_code) == ("NOT_CONNECTED", "reconnect_needed")
    assert connection.status == "reconnect"
    assert connection.reconnect.url.endswith("/connections/garmin/authorize")
    assert refreshes(scene, name) == 2
    await scene.run_all()
    assert refreshes(scene, name) == 2


async def test_f21_fifty_refreshes_stay_below_wahoos_cap(scene) -> None:
    """Nobody calls in between: each new token is used at once, which ends the old ones."""
    await scene.connect("wahoo")
    row = await the(scene, "wahoo")

    async def nothing(_: ProviderContext) -> None:
        """Killed before the call that it was refreshed for."""

    grants = scene.sandboxes["wahoo"].sandbox.oauth
    for _ in range(50):
        await expire(scene, "wahoo")
        await with_connection(scene.hub, row, nothing, renew=True)
        assert len(grants.grants) <= 2
    assert refreshes(scene, "wahoo") == 50
    (connection,) = await list_connections(scene.athlete)
    assert (connection.status, connection.refresh_error) == ("connected", "")


@pytest.mark.parametrize("said", [None, 0, -5, 1, "3600", "soon", "inf", 1e300])
async def test_f22_no_life_that_a_token_claims_makes_a_storm(scene, said: Any) -> None:
    """At most one wasted 401 for each token, and two refreshes within a minute."""
    await scene.connect("garmin")
    sandbox = scene.sandboxes["garmin"].sandbox
    plain = type(sandbox).token_body

    def body(grant: Any) -> dict[str, Any]:
        told = plain(sandbox, grant)
        return {key: value for key, value in (told | {"expires_in": said}).items() if value is not None}

    sandbox.token_body = body
    row = await the(scene, "garmin")
    await with_connection(scene.hub, row, who, renew=True)
    before = len(list(sandbox.journal))
    for _ in range(6):
        await with_connection(scene.hub, await the(scene, "garmin"), who)
    asked = [entry.status for entry in list(sandbox.journal)[before:]]
    assert asked.count(401) == 0
    assert refreshes(scene, "garmin") <= 2

    # One that the provider itself forgets at once: it is not asked for a third within the minute.
    for _ in range(6):
        for grant in sandbox.oauth.grants:
            grant.expires_at = sandbox.clock.now() - 1
        with suppress(RetryLater):
            await with_connection(scene.hub, await the(scene, "garmin"), who)
    assert refreshes(scene, "garmin") == 2
    assert (await list_connections(scene.athlete))[0].status == "connected"


@pytest.mark.parametrize(("left_s", "is_over"), [(-0.001, True), (0.0, True), (0.001, False)])
def test_f22_a_token_is_due_from_the_very_moment_of_its_margin(scene, left_s: float, is_over: bool) -> None:
    """The margin, or a quarter of the token's life if that is shorter; 1,000 s live for 250."""
    scheme = scene.hub.registry.get("garmin").manifest.oauth2
    now = 1_000_000.0
    for since, ends in ((None, now + scheme.refresh_margin_s), (now - 750, now + 250)):
        stored = StoredTokens(TokenSet("a", "r", ends + left_s), 1, since)
        assert is_due(stored, scheme, now) is is_over


@on_both
async def test_f22_a_token_that_ends_exactly_now_is_refreshed_once_and_sends_once(scene, plan) -> None:
    """Several exports find it in the moment in which it ends, here as at the provider."""
    await scene.connect("garmin")
    row = await the(scene, "garmin")
    stored = await load_tokens(scene.hub.engine, scene.hub.keys, row.id)
    for number in range(3):
        named = msgspec.structs.replace(plan, name=f"Ride {number}")
        await save_workout(scene.hub, scene.athlete, named)
    sandbox, now = scene.sandboxes["garmin"].sandbox, time.time()
    for grant in sandbox.oauth.grants:
        grant.expires_at = now
    ended = msgspec.structs.replace(stored.tokens, expires_at=now)
    await store_refreshed(scene.hub.engine, scene.hub.keys, row.id, stored.version, ended)
    await scene.run_all()
    assert refreshes(scene, "garmin") == 1
    assert [entry.status for entry in sandbox.journal].count(401) == 0
    assert sorted(one.title for one in sandbox.device("athlete-1").workouts) == ["Ride 0", "Ride 1", "Ride 2"]


@on_both
@pytest.mark.parametrize("hours", [1, -1])
async def test_f22_our_clock_is_an_hour_wrong(scene, plan, hours: int) -> None:
    """Ahead, it refreshes a token that lives; behind, it takes a dead one for good, which costs each of those
    on their way one refused call. Either way one refresh, and each is sent once."""
    await scene.connect("garmin")
    row, sandbox = await the(scene, "garmin"), scene.sandboxes["garmin"].sandbox
    stored = await load_tokens(scene.hub.engine, scene.hub.keys, row.id)
    ends = time.time() + (1_800 if hours > 0 else -1)
    for grant in sandbox.oauth.grants:
        grant.expires_at = ends
    noted = msgspec.structs.replace(stored.tokens, expires_at=ends - 3_600 * hours)
    await store_refreshed(scene.hub.engine, scene.hub.keys, row.id, stored.version, noted)
    for number in range(3):
        await save_workout(scene.hub, scene.athlete, msgspec.structs.replace(plan, name=f"Ride {number}"))
    await scene.run_all()
    assert refreshes(scene, "garmin") == 1
    assert [entry.status for entry in sandbox.journal].count(401) <= (0 if hours > 0 else 3)
    assert sorted(one.title for one in sandbox.device("athlete-1").workouts) == ["Ride 0", "Ride 1", "Ride 2"]


@on_both
async def test_f26_disconnected_in_the_middle_of_a_refresh(scene, plan) -> None:
    """The tokens go at once, the provider is told of the newest one too, and nothing more is sent."""
    await scene.connect("garmin")
    await expire(scene, "garmin")
    scene.fault("garmin", FaultKind.LATENCY, TOKENS["garmin"], value=1.0, times=1)
    await save_workout(scene.hub, scene.athlete, plan)
    running = asyncio.create_task(scene.run_due())
    await claimed(scene, "garmin")
    await disconnect_provider(scene.hub, scene.athlete, "garmin")
    assert (await the(scene, "garmin")).tokens is None
    await running
    await scene.run_all()
    export, sandbox = await scene.export(), scene.sandboxes["garmin"].sandbox
    assert (export.status, export.reason_code) == ("NOT_CONNECTED", "reconnect_needed")
    assert sandbox.oauth.grants == []
    assert sandbox.workouts == {}
    assert (await list_connections(scene.athlete))[0].status == "disconnected"


async def test_an_unreachable_token_endpoint_is_no_refusal(scene, plan) -> None:
    await scene.connect("garmin")
    await expire(scene, "garmin")
    for kind, value in ((FaultKind.STATUS, 502), (FaultKind.DROP_BEFORE, 0)):
        scene.fault("garmin", kind, TOKENS["garmin"], value=value, times=1)
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    export, (connection,) = await scene.export(), await list_connections(scene.athlete)
    assert (export.status, export.reason_code) == ("PENDING", "retrying")
    assert connection.status == "connected"
    assert "502" in connection.refresh_error
    scene.sandboxes["garmin"].sandbox.faults.clear()
    await expire(scene, "garmin")
    await scene.run_all()
    assert (await scene.export()).status == "SENT"
    assert (await list_connections(scene.athlete))[0].refresh_error == ""


async def test_a_token_that_still_lives_is_used_while_the_endpoint_is_down(scene) -> None:
    await scene.connect("garmin")
    await scene.hub.engine.execute('UPDATE "connection" SET tokens_ms = 0')
    row = await the(scene, "garmin")
    stored = await load_tokens(scene.hub.engine, scene.hub.keys, row.id)
    soon = msgspec.structs.replace(stored.tokens, expires_at=time.time() + 300)
    await store_refreshed(scene.hub.engine, scene.hub.keys, row.id, stored.version, soon)
    await scene.hub.engine.execute('UPDATE "connection" SET tokens_ms = 1')
    scene.fault("garmin", FaultKind.STATUS, TOKENS["garmin"], value=503)
    assert await with_connection(scene.hub, row, who) == soon.access_token


async def test_401_with_a_good_token_is_no_end(scene, plan) -> None:
    """The provider refuses even a token of this very moment: its fault, and not the athlete's."""
    await scene.connect("garmin")
    scene.fault("garmin", FaultKind.STATUS, "/workoutportal", value=401)
    await save_workout(scene.hub, scene.athlete, plan)
    await scene.run_due()
    export = await scene.export()
    assert (export.status, export.reason_code) == ("PENDING", "retrying")
    assert "renewed just before" in export.reason
    assert (await list_connections(scene.athlete))[0].status == "connected"
    assert refreshes(scene, "garmin") == 1
    await scene.run_all()
    assert refreshes(scene, "garmin") <= 2


@on_both
async def test_a_refusal_of_an_old_token_never_ends_a_newer_connection(scene) -> None:
    """The athlete has connected again while a job with the old token was refused."""
    await scene.connect("garmin")
    row = await the(scene, "garmin")

    async def refused(_: ProviderContext) -> None:
        await scene.connect("garmin")
        raise ReconnectNeeded("garmin: GET /x answered 403")

    trace = Trace()
    with pytest.raises(RetryLater, match="renewed meanwhile"):
        await with_connection(scene.hub, row, refused, trace=trace)
    assert (await list_connections(scene.athlete))[0].status == "connected"
    assert await Export.count() == 0
    assert CLAIM_MS > 15_000


def test_the_sandbox_rotates_strictly(scene) -> None:
    """What the races rest on: a refresh token that was used is dead."""
    oauth = scene.sandboxes["garmin"].sandbox.oauth
    code = oauth.issue_code(user="u", scopes=(), redirect_uri="https://x", challenge="")
    oauth.requires_pkce = False
    grant = oauth.redeem_code(code=code, redirect_uri=None, verifier="")
    oauth.refresh(grant.refresh_token)
    with pytest.raises(OAuthError):
        oauth.refresh(grant.refresh_token)
