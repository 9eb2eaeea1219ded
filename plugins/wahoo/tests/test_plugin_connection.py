"""Refusals, the account and its tokens."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest

import hub_wahoo.plugin as plugin
from hub_core.sandbox import FaultKind
from hub_core.sdk import (
    Misconfigured,
    ReconnectNeeded,
    Rejected,
    RetryLater,
    TokenExpired,
)
from hub_core.testing.harness import ProviderHarness

from .calls import ALL_SCOPES, compiled, with_token

# -- refusals and failures ----------------------------------------------------------------------------


async def test_rate_limit_waits_for_the_longest_reset(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    limits = wahoo.sandbox.limits
    wahoo.sandbox.clock.freeze()
    for _ in range(199):
        limits.take("athlete-1")
    with pytest.raises(RetryLater) as caught:
        await plugin.export_workout(context, compiled())
    assert caught.value.after_s is not None
    assert 298 <= caught.value.after_s <= 300
    assert not caught.value.outcome_unknown


async def test_rate_limit_without_a_header_waits_five_minutes(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    wahoo.fault(FaultKind.RATE_LIMIT)
    with pytest.raises(RetryLater) as caught:
        await plugin.export_workout(context, compiled())
    assert caught.value.after_s == 300


@pytest.mark.parametrize("status", [500, 503])
async def test_a_server_error_on_post_leaves_the_outcome_unknown(wahoo: ProviderHarness, status: int) -> None:
    context = await wahoo.connect()
    wahoo.fault(FaultKind.STATUS, "/v1/plans", value=status)
    with pytest.raises(RetryLater) as caught:
        await plugin.export_workout(context, compiled())
    assert caught.value.outcome_unknown
    with pytest.raises(RetryLater) as caught:
        await plugin.find_workout(context, compiled())
    assert not caught.value.outcome_unknown


async def test_an_expired_access_token_is_told_apart(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    wahoo.sandbox.clock.advance(7201)
    with pytest.raises(TokenExpired):
        await plugin.export_workout(context, compiled())


async def test_a_consent_that_became_too_small_needs_the_athlete(wahoo: ProviderHarness) -> None:
    tokens = await wahoo.authorize(granted=["user_read", "workouts_write"])
    with pytest.raises(ReconnectNeeded, match="connect again") as caught:
        await plugin.export_workout(wahoo.context(tokens), compiled())
    assert not isinstance(caught.value, TokenExpired)


async def test_no_error_holds_a_token(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    token = context.token().access_token
    wahoo.sandbox.refusal_body = lambda refusal: {"error": f"bad {token}"}  # type: ignore[method-assign]
    bad = compiled()
    bad.payload["plan"]["header"]["author"] = "hub"
    with pytest.raises(Rejected) as caught:
        await plugin.export_workout(context, bad)
    assert token not in str(caught.value)


# -- account and tokens -------------------------------------------------------------------------------


async def test_describe_account(wahoo: ProviderHarness) -> None:
    account = await plugin.describe_account(wahoo.context(await wahoo.authorize()))
    assert account.provider_user_id == "4101"
    assert account.display_name == "Sandbox athlete-1"
    assert set(account.scopes) == set(ALL_SCOPES)


@pytest.mark.parametrize("missing", ["user_read", "plans_write", "workouts_write"])
async def test_describe_account_names_missing_scopes(wahoo: ProviderHarness, missing: str) -> None:
    tokens = await wahoo.authorize(granted=[scope for scope in ALL_SCOPES if scope != missing])
    with pytest.raises(ReconnectNeeded, match=missing):
        await plugin.describe_account(wahoo.context(tokens))


async def test_scopes_that_are_not_named_are_no_refusal(wahoo: ProviderHarness) -> None:
    tokens = msgspec.structs.replace(await wahoo.authorize(), scopes=())
    assert (await plugin.describe_account(wahoo.context(tokens))).scopes == ()


async def test_refresh_keeps_the_old_pair_until_the_new_token_is_used(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    old = context.token()
    fresh = await plugin.refresh_token(context)
    assert (fresh.access_token, fresh.refresh_token) != (old.access_token, old.refresh_token)
    assert fresh.scopes == old.scopes
    # A crash before the new pair was stored: the old refresh token still works.
    again = await plugin.refresh_token(context)
    await plugin.describe_account(with_token(context, again))
    with pytest.raises(TokenExpired):
        await plugin.describe_account(context)
    with pytest.raises(ReconnectNeeded):
        await plugin.refresh_token(context)


async def test_at_the_cap_of_ten_tokens_all_are_given_up_and_the_athlete_connects(
    wahoo: ProviderHarness,
) -> None:
    context = await wahoo.connect()
    for _ in range(9):
        await plugin.refresh_token(context)
    with pytest.raises(ReconnectNeeded, match="connect again"):
        await plugin.refresh_token(context)
    assert wahoo.sandbox.oauth.grants == []
    await wahoo.connect()  # which would not work with nine left


async def test_refresh_tells_a_refusal_from_an_outage(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    wahoo.fault(FaultKind.STATUS, "/oauth/token", value=503, times=1)
    with pytest.raises(RetryLater):
        await plugin.refresh_token(context)
    wahoo.fault(FaultKind.DROP_BEFORE, "/oauth/token", times=1)
    with pytest.raises(RetryLater):
        await plugin.refresh_token(context)
    wahoo.sandbox.oauth.revoke("athlete-1")
    with pytest.raises(ReconnectNeeded):
        await plugin.refresh_token(context)


async def test_a_wrong_secret_is_the_operators_matter(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    wrong = context.oauth().settings.model_copy(update={"client_id": "someone-else"})
    oauth = dataclasses.replace(context.oauth(), settings=wrong)
    with pytest.raises(Misconfigured):
        await plugin.refresh_token(dataclasses.replace(context, oauth_client=oauth))


async def test_revoke_token_ends_all_tokens_and_may_be_repeated(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    await plugin.refresh_token(context)
    await plugin.revoke_token(context)
    assert wahoo.sandbox.oauth.grants == []
    await plugin.revoke_token(context)
    assert wahoo.sandbox.journal.count("DELETE", "/v1/permissions") == 2
