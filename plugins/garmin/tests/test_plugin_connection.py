"""The account, its tokens, and bad days."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from hub_core.sandbox import FaultKind
from hub_core.sdk import (
    Misconfigured,
    ProviderContext,
    ReconnectNeeded,
    Rejected,
    RetryLater,
    TokenExpired,
    TokenSet,
)
from hub_core.testing.harness import ProviderHarness
from hub_garmin.plugin import (
    describe_account,
    export_workout,
    find_workout,
    refresh_token,
    revoke_token,
    update_workout,
)

from .calls import DATE, RECIPES, WORKOUTS, calendar, plan, sandbox_of

# -- the account -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["object", "array"])
async def test_permissions_come_in_an_object_or_bare(garmin: ProviderHarness, shape: str) -> None:
    sandbox_of(garmin).permissions_shape = shape
    account = await describe_account(garmin.context(await garmin.authorize()))
    assert "WORKOUT_IMPORT" in account.scopes
    assert "HISTORICAL_DATA_EXPORT" not in account.scopes  # not ticked when the page opens


async def test_the_user_id_is_the_same_after_a_new_consent(garmin: ProviderHarness) -> None:
    first, second = await garmin.connect(), await garmin.connect()
    assert first.provider_user_id == second.provider_user_id != ""


async def test_the_newer_names_of_the_user_endpoints_work_too(garmin: ProviderHarness) -> None:
    garmin.settings = garmin.settings.model_copy(
        update={"user_api_url": f"{garmin.server.origin}/partner-gateway"}
    )
    assert (await garmin.connect()).provider_user_id
    assert garmin.sandbox.journal.count("GET", "/partner-gateway/rest/user/") == 2


async def test_connecting_without_workout_import_asks_to_connect_again(garmin: ProviderHarness) -> None:
    with pytest.raises(ReconnectNeeded, match="WORKOUT_IMPORT"):
        await garmin.connect(granted=["ACTIVITY_EXPORT", "HEALTH_EXPORT"])


async def test_a_permission_taken_away_later_is_a_412_that_names_it(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    sandbox_of(garmin).set_permissions("athlete-1", ("ACTIVITY_EXPORT",))
    with pytest.raises(ReconnectNeeded, match=r"412.*WORKOUT_IMPORT") as refused:
        await export_workout(context, plan())
    assert not isinstance(refused.value, TokenExpired)  # a refresh would not help


# -- tokens ----------------------------------------------------------------------------------------------


async def test_a_refresh_brings_a_new_pair_and_ends_the_old(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    old = context.token()
    new = await refresh_token(context)
    assert new.access_token != old.access_token
    assert new.refresh_token not in {old.refresh_token, None}
    assert new.expires_at is not None
    assert new.refresh_expires_at is not None
    assert new.refresh_expires_at - new.expires_at > 80 * 86_400
    with pytest.raises(ReconnectNeeded):
        await refresh_token(context)  # invalid_grant: the old one is spent
    await export_workout(garmin.context(new), plan())


async def test_a_refresh_that_cannot_be_made_keeps_the_connection(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    for kind, value in ((FaultKind.DROP_BEFORE, 0), (FaultKind.STATUS, 503), (FaultKind.STATUS, 400)):
        garmin.fault(kind, "/di-oauth2-service", value=value, times=1)
        with pytest.raises(RetryLater):
            await refresh_token(context)
    await refresh_token(context)


async def test_wrong_client_credentials_are_for_the_operator(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    garmin.settings = garmin.settings.model_copy(update={"client_id": "someone-else"})
    with pytest.raises(Misconfigured):
        await refresh_token(garmin.context(context.token()))


async def test_an_expired_access_token_is_named_so(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    garmin.sandbox.clock.advance(86_401)
    with pytest.raises(TokenExpired):
        await export_workout(context, plan())


async def test_token_is_not_active_means_expired_whatever_the_status(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    await refresh_token(context)  # the sandbox answers the replaced token so
    with pytest.raises(TokenExpired, match="not active"):
        await find_workout(garmin.again(context, progress={"workout_id": "1"}), plan())


async def test_an_unknown_token_needs_a_new_consent(garmin: ProviderHarness) -> None:
    context = garmin.context(TokenSet("never-issued"))
    with pytest.raises(ReconnectNeeded) as refused:
        await export_workout(context, plan())
    assert not isinstance(refused.value, TokenExpired)
    assert "never-issued" not in str(refused.value)


async def test_revoking_ends_the_registration_and_may_be_repeated(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    await revoke_token(context)
    await revoke_token(context)
    with pytest.raises(ReconnectNeeded):
        await export_workout(context, plan())
    with pytest.raises(ReconnectNeeded):
        await refresh_token(context)


async def test_revoking_with_an_expired_token_asks_for_a_fresh_one(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    garmin.sandbox.clock.advance(86_401)
    with pytest.raises(TokenExpired):  # else the registration would stay
        await revoke_token(context)
    await revoke_token(garmin.context(await refresh_token(context)))


# -- bad days --------------------------------------------------------------------------------------------


async def test_a_429_waits_as_long_as_garmin_says(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    garmin.fault(FaultKind.RATE_LIMIT, RECIPES, value=37, times=1)
    with pytest.raises(RetryLater) as limited:
        await export_workout(context, plan())
    assert (limited.value.after_s, limited.value.outcome_unknown) == (37, False)


async def test_a_429_may_say_nothing(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    garmin.fault(FaultKind.RATE_LIMIT, RECIPES, times=1)
    with pytest.raises(RetryLater) as limited:
        await export_workout(context, plan())
    assert limited.value.after_s is None


async def test_a_500_on_a_create_leaves_the_outcome_unknown(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    garmin.fault(FaultKind.STATUS, RECIPES, value=500, times=1)
    with pytest.raises(RetryLater) as failed:
        await export_workout(context, plan())
    assert failed.value.outcome_unknown


async def test_a_create_whose_answer_cannot_be_read_is_unknown_too(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    garmin.fault(FaultKind.MALFORMED, RECIPES, times=1)
    with pytest.raises(RetryLater) as failed:
        await export_workout(context, plan())
    assert failed.value.outcome_unknown


async def test_a_500_on_a_put_is_safe_to_repeat(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    receipt = await export_workout(context, plan())
    garmin.fault(FaultKind.STATUS, WORKOUTS, value=500, times=1)
    with pytest.raises(RetryLater) as failed:
        await update_workout(context, plan("Easy"), receipt)
    assert not failed.value.outcome_unknown


async def test_an_accepted_schedule_that_the_day_does_not_list_is_looked_for_later(
    garmin: ProviderHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = await garmin.connect()
    sandbox_of(garmin).schedule_post_status = 204
    monkeypatch.setattr(sandbox_of(garmin), "plans_of", lambda user: [])
    with pytest.raises(RetryLater) as failed:
        await export_workout(context, plan())
    assert failed.value.outcome_unknown
    monkeypatch.undo()
    await export_workout(garmin.again(context, outcome_unknown=True), plan())
    assert calendar(garmin) == [(DATE, "Tempo")]


async def test_a_refused_workout_says_why_in_garmins_words(garmin: ProviderHarness) -> None:
    context = await garmin.connect()
    one = plan()
    broken: dict[str, Any] = {**one.payload, "sport": "TRAIL_RUNNING"}
    with pytest.raises(Rejected, match="TRAIL_RUNNING"):
        await export_workout(context, msgspec.structs.replace(one, payload=broken))


async def test_no_secret_is_shown(garmin: ProviderHarness) -> None:
    context: ProviderContext = await garmin.connect()
    tokens = context.token()
    shown = repr(context) + repr(tokens) + repr(garmin.settings)
    for secret in (*tokens.secrets(), *garmin.settings.secrets()):
        assert secret not in shown
