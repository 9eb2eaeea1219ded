"""Consents begin, shrink and end, at any moment, and each athlete's on its own."""

from __future__ import annotations

import asyncio

from hub_core.sandbox.faults import FaultKind
from hub_core.sandbox.sandbox import DEFAULT_USER
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import ProviderError, ReconnectNeeded, TokenExpired
from hub_core.sdk.manifest import Operation
from hub_core.sdk.tokens import Account
from hub_core.testing.conformance.bench import Bench, changed, kept
from hub_core.testing.conformance.calls import all_calls, workout_calls
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import connects, exports, refreshes, revokes, uses_oauth, withdraws
from hub_core.testing.conformance.outgoing import watching_sockets
from hub_core.testing.conformance.rounds import struck_rounds

_OTHER = "athlete-2"


async def _describe(bench: Bench, context: ProviderContext) -> Account:
    account: Account = await bench.call("describe_account", context=context)
    return account


def _end(bench: Bench, user: str = DEFAULT_USER) -> None:
    """The athlete ends the consent on the provider's own pages."""
    bench.sandbox.oauth.revoke(user)


# -- the athlete ends it at the provider ------------------------------------------------------------------


@case(
    "life_cycle.ended_account",
    Tier.GOLD,
    reason="a consent that ended must show as one: as an outage it is retried for ever",
    hint="let the 401 and 403 of context.http through: they are TokenExpired and ReconnectNeeded",
    needs=(uses_oauth,),
)
async def _ended_account(bench: Bench) -> None:
    context = await bench.connect()
    _end(bench)
    await bench.failing(
        _describe(bench, context), ReconnectNeeded, during="describe_account after the consent ended"
    )


@case(
    "life_cycle.ended_export",
    Tier.GOLD,
    reason="nothing but ReconnectNeeded tells the athlete what to do; a failed workout doesn't",
    hint="let the 401 and 403 of context.http through, and catch no broader error around a call",
    needs=(uses_oauth, exports),
)
async def _ended_export(bench: Bench) -> None:
    context = await bench.connect()
    _end(bench)
    sending = bench.export(context)
    await bench.failing(sending, ReconnectNeeded, during="the export after the consent ended")
    expect(not bench.shown(), "the export failed, and the device shows it")


@case(
    "life_cycle.ended_later",
    Tier.GOLD,
    reason="a dead token that is read as a dead workout makes the hub forget a copy that is still there",
    hint="treat as gone what is 404 or 410, and let 401 and 403 through",
    needs=(uses_oauth, exports),
)
async def _ended_later(bench: Bench) -> None:
    calls = await workout_calls(bench, await bench.connect())
    _end(bench)
    for hook in (Operation.UPDATE, Operation.READ_BACK, Operation.FIND):
        if hook in calls:
            await bench.failing(calls[hook](), ReconnectNeeded, during=f"{hook} after the consent ended")


@case(
    "life_cycle.ended_withdrawal",
    Tier.GOLD,
    reason="an athlete disconnects and deletes the plan: the job that still runs must end, one way or other",
    hint="let 401 and 403 through in withdraw_workout, or take them for removed",
    needs=(uses_oauth, exports, withdraws),
)
async def _ended_withdrawal(bench: Bench) -> None:
    context = await bench.connect()
    receipt = kept(await bench.export(context))
    _end(bench)
    with bench.surviving(ReconnectNeeded, during="withdraw_workout after the consent ended"):
        await bench.call("withdraw_workout", context=context, receipt=receipt)


@case(
    "life_cycle.ended_refresh",
    Tier.GOLD,
    reason="a refresh token that is dead for good must end the connection, and not be tried all night",
    hint="refresh by context.oauth().refresh(), which knows invalid_grant",
    needs=(uses_oauth, refreshes),
)
async def _ended_refresh(bench: Bench) -> None:
    context = await bench.connect()
    _end(bench)
    refreshing = bench.call("refresh_token", context=context)
    await bench.failing(refreshing, ReconnectNeeded, during="refresh_token after the consent ended")


@case(
    "life_cycle.ended_midway",
    Tier.GOLD,
    reason="tokens die between two calls of an export; after the refresh it goes on, and must not begin anew",
    hint="checkpoint after each call that creates, and let the 401 through at every one",
    needs=(uses_oauth, exports),
)
async def _ended_midway(bench: Bench) -> None:
    async for new in struck_rounds(bench, FaultKind.STATUS, value=401):
        await new.settle(ReconnectNeeded)


# -- the hub ends it --------------------------------------------------------------------------------------


@case(
    "life_cycle.revoke",
    Tier.GOLD,
    reason="disconnected means that nobody can read on, not that we have forgotten the token",
    hint="call the provider's revocation or deregistration in revoke_token",
    needs=(uses_oauth, revokes),
)
async def _revoke(bench: Bench) -> None:
    context = await bench.connect()
    await bench.call("revoke_token", context=context)
    reading = _describe(bench, context)
    await bench.failing(reading, ReconnectNeeded, during="the use of a revoked token")
    if refreshes(bench.subject):
        refreshing = bench.call("refresh_token", context=context)
        await bench.failing(refreshing, ReconnectNeeded, during="the refresh of a revoked token")


@case(
    "life_cycle.revoke_own",
    Tier.GOLD,
    reason="one athlete who leaves must not take the others along",
    hint="revoke the athlete's token, not the app's",
    needs=(uses_oauth, revokes),
)
async def _revoke_own(bench: Bench) -> None:
    context, other = await bench.connect(), await bench.connect(_OTHER)
    await bench.call("revoke_token", context=context)
    with bench.surviving(during="another athlete's describe_account"):
        await _describe(bench, other)


@case(
    "life_cycle.revoke_twice",
    Tier.GOLD,
    reason="a disconnect whose answer was lost is asked for again",
    hint="let the provider's answer for a dead token pass in revoke_token, or raise TokenExpired",
    needs=(uses_oauth, revokes),
)
async def _revoke_twice(bench: Bench) -> None:
    context = await bench.connect()
    await bench.call("revoke_token", context=context)
    with bench.surviving(TokenExpired, during="the second revoke_token"):
        await bench.call("revoke_token", context=context)


@case(
    "life_cycle.revoke_ended",
    Tier.GOLD,
    reason="athletes end it at the provider first and disconnect here afterwards",
    hint="let the provider's answer for a dead token pass in revoke_token, or raise TokenExpired",
    needs=(uses_oauth, revokes),
)
async def _revoke_ended(bench: Bench) -> None:
    context = await bench.connect()
    _end(bench)
    with bench.surviving(TokenExpired, during="revoke_token after the consent ended"):
        await bench.call("revoke_token", context=context)


@case(
    "life_cycle.connect_again",
    Tier.GOLD,
    reason="who comes back must be known as the same person, and have workouts sent",
    hint="use the provider's own lasting id of the athlete as provider_user_id",
    needs=(uses_oauth,),
)
async def _connect_again(bench: Bench) -> None:
    before = await bench.connect()
    if revokes(bench.subject):
        await bench.call("revoke_token", context=before)
    else:
        _end(bench)
    after = await bench.connect()
    then, now = before.provider_user_id, after.provider_user_id
    expect(then == now, f"the same athlete was {then!r} before, and is {now!r} after connecting again")
    if exports(bench.subject):
        await bench.export(after)
        shown = len(bench.shown())
        expect(shown == 1, f"after an export by the new consent the device shows {shown} workouts")


# -- too little is granted --------------------------------------------------------------------------------


@case(
    "life_cycle.nothing_granted",
    Tier.GOLD,
    reason="people untick boxes: a connection that looks well and can do nothing is noticed on race day",
    hint="in describe_account raise ReconnectNeeded unless what exports need was granted",
    needs=(uses_oauth, exports),
)
async def _nothing_granted(bench: Bench) -> None:
    tokens = await bench.harness.authorize(granted=[])
    if any(grant.scopes for grant in bench.sandbox.oauth.grants) or not bench.sandbox.oauth.scopes:
        return  # there are no boxes at this provider
    describing = _describe(bench, bench.harness.context(tokens))
    await bench.failing(
        describing, ReconnectNeeded, during="describe_account after a consent without any box ticked"
    )


@case(
    "life_cycle.grant_withdrawn",
    Tier.GOLD,
    reason="a permission can be taken away later: then the athlete has to act, and not the coach",
    hint="raise ReconnectNeeded for the provider's answer to a missing permission (403, at some 412)",
    needs=(uses_oauth, exports),
)
async def _grant_withdrawn(bench: Bench) -> None:
    context = await bench.connect()
    if not any(grant.scopes for grant in bench.sandbox.oauth.grants):
        return  # there are no permissions at this provider
    for grant in bench.sandbox.oauth.grants:
        grant.scopes = ()
    sending = bench.export(context)
    await bench.failing(sending, ReconnectNeeded, during="the export after the permission was taken away")
    expect(not bench.shown(), "the export failed, and the device shows it")


# -- each on its own --------------------------------------------------------------------------------------


@case(
    "life_cycle.own_hosts",
    Tier.GOLD,
    reason="tokens and health data must go to the provider and to nobody else",
    hint="call out by context.http alone, and name every host in the settings (fields that end in _url)",
    needs=(connects,),
)
async def _own_hosts(bench: Bench) -> None:
    with watching_sockets(bench.harness.settings.hosts()) as strangers:
        context = await bench.connect()
        expect(not strangers, f"describe_account called {', '.join(strangers)}")
        for name, call in (await all_calls(bench, context)).items():
            with bench.surviving(ProviderError, during=name):
                await call()
            expect(not strangers, f"{name} called {', '.join(strangers)}")


@case(
    "life_cycle.no_shared_state",
    Tier.GOLD,
    reason="one process serves all athletes at once: what a module remembers belongs to somebody else",
    hint="keep nothing in the module; take everything from the context of the call",
    needs=(connects,),
)
async def _no_shared_state(bench: Bench) -> None:
    first, second = await bench.connect(), await bench.connect(_OTHER)
    accounts = await asyncio.gather(*(_describe(bench, context) for context in (first, second, first)))
    ids = [account.provider_user_id for account in accounts]
    expect(ids[0] == ids[2] != ids[1], f"asked in turn, two athletes are {', '.join(ids)}")
    if not exports(bench.subject):
        return
    plans = bench.plan(name="Kit one"), bench.plan(name="Kit two")
    other = changed(second, reference="hub-wk-2")
    await asyncio.gather(bench.export(first, plans[0]), bench.export(other, plans[1]))
    for user, plan in ((DEFAULT_USER, plans[0]), (_OTHER, plans[1])):
        titles = [workout.title for workout in bench.shown(user)]
        name = plan.name[: bench.able.name_length]
        expect(len(titles) == 1 and name in titles[0], f"{user} was sent {name!r}, and is shown {titles}")
