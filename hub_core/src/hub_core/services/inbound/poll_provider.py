"""The net under the webhooks: asks a provider for what is new, and judges whether its webhooks still come.

One job for each connection, which never ends while the connection stands: it sleeps until the next look.
"""

from __future__ import annotations

import datetime as dt

from hub_core.errors import LeaseLostError
from hub_core.registry.registry import Provider
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import ReconnectNeeded
from hub_core.sdk.inbound import Delivery, Window
from hub_core.services.connections.end_connection import hold_connection
from hub_core.services.connections.provider_context import with_connection
from hub_core.services.exports.reactions import explain, reaction_to, wait_s
from hub_core.services.exports.statuses import ConnectionStatus
from hub_core.services.hub import Hub
from hub_core.services.inbound.feed_state import FeedState, can_poll, judge, open_feed, pushes
from hub_core.services.inbound.store_deliveries import store_deliveries
from hub_core.services.sync.changes import record_change
from hub_core.storage import change_row, find_row, jobs, now_ms
from hub_core.storage.inbound_tables import Feed
from hub_core.storage.jobs import Lease
from hub_core.storage.tables import Connection

POLL_KIND = "poll"
#: Where webhooks come, the poll looks once a day; where there are none, or none any more, it is all there is.
DAILY_S = 24 * 3600.0
BUSY_S = 15 * 60.0
#: A webhook may be on its way for so long before its absence means anything.
GRACE = dt.timedelta(minutes=15)
#: Devices upload late, and providers list by the day of the activity: each look goes back so far.
OVERLAP = dt.timedelta(days=2)
#: The first look after connecting. More history is a backfill's.
FIRST_LOOK = dt.timedelta(days=7)


async def schedule_poll(hub: Hub, connection: Connection) -> None:
    """Begin to look after a connection, if there is anything to hear. In the caller's transaction."""
    provider = hub.registry.get(connection.provider)
    if pushes(provider) or can_poll(provider):
        await open_feed(hub, connection)
        lane = jobs.Lane(connection.provider, connection.athlete_id)
        await jobs.enqueue(hub.engine, POLL_KIND, connection.id, lane=lane, priority=jobs.LIVE_PRIORITY + 1)


async def poll_provider(hub: Hub, lease: Lease) -> None:
    """Run one job of the kind `poll`, whose subject is a connection."""
    connection = await find_row(Connection, id=lease.subject_id)
    feed = await find_row(Feed, id=lease.subject_id)
    if connection is None or feed is None or connection.status != ConnectionStatus.CONNECTED:
        await jobs.finish(hub.engine, lease)
        return
    now = dt.datetime.now(dt.UTC)
    provider = hub.registry.get(connection.provider)
    trouble = await _subscribe(hub, connection, provider)  # first: what happens from now on is told
    deliveries: tuple[Delivery, ...] = ()
    if can_poll(provider):
        try:
            deliveries = await _poll(hub, connection, Window(_since(feed, now), now))
        except LeaseLostError:
            raise
        except Exception as error:  # noqa: BLE001 (each is answered by the table)
            await _settle_error(hub, lease, feed, error)
            return
    await _settle(hub, lease, connection, feed, deliveries, now, trouble)


def _since(feed: Feed, now: dt.datetime) -> dt.datetime:
    if feed.polled_until_ms is None:
        return now - FIRST_LOOK
    return dt.datetime.fromtimestamp(feed.polled_until_ms / 1000, dt.UTC) - OVERLAP


async def _subscribe(hub: Hub, connection: Connection, provider: Provider) -> str:
    """See to it that webhooks come, where each athlete is subscribed; what went wrong, if it did."""
    if not provider.has_hook("subscribe_webhooks"):
        return ""

    async def call(context: ProviderContext) -> None:
        await hub.dispatcher.call(connection.provider, "subscribe_webhooks", context=context)

    try:
        await with_connection(hub, connection, call)
    except LeaseLostError:
        raise
    except Exception as error:  # noqa: BLE001 (the poll, which comes next, finds what no webhook tells)
        return f"No webhooks are subscribed: {explain(error)}"
    return ""


async def _poll(hub: Hub, connection: Connection, window: Window) -> tuple[Delivery, ...]:
    async def call(context: ProviderContext) -> tuple[Delivery, ...]:
        found: tuple[Delivery, ...] = await hub.dispatcher.call(
            connection.provider, "poll_deliveries", context=context, window=window
        )
        return found

    return await with_connection(hub, connection, call, background=True)


async def _settle(
    hub: Hub,
    lease: Lease,
    connection: Connection,
    feed: Feed,
    deliveries: tuple[Delivery, ...],
    now: dt.datetime,
    trouble: str,
) -> None:
    provider = hub.registry.get(connection.provider)
    until_ms = int(now.timestamp() * 1000)
    async with hub.engine.transaction():
        if not await hold_connection(hub, connection):
            await jobs.finish(hub.engine, lease)
            return
        new = await store_deliveries(hub, connection, deliveries, "poll", asked_ms=until_ms)
        current = await find_row(Feed, id=feed.id) or feed
        missed = len(new) if _was_quiet(current, until_ms) else 0
        state, reason = judge(provider, current, missed=missed, now=until_ms)
        values: dict[str, object] = {
            "state": state,
            "reason": reason,
            "poll_error": trouble,
            "updated_ms": until_ms,
        }
        if can_poll(provider):
            values |= {"poll_ms": until_ms, "polled_until_ms": until_ms}
        await change_row(Feed, feed.id, **values)
        if state != current.state:
            await record_change(hub, connection.athlete_id, "connections", connection.id)
        wait_ms = int(1000 * next_look_s(provider, state))
        await jobs.retry(hub.engine, lease, run_at_ms=until_ms + wait_ms, error="", counts=False)


def _was_quiet(feed: Feed, now: int) -> bool:
    """Whether no webhook came since the last look, and that look is long enough ago for one to have come.

    The first look after connecting finds things from before there were webhooks for this athlete.
    """
    grace_ms = GRACE.total_seconds() * 1000
    if feed.poll_ms is None or now - feed.poll_ms < grace_ms:
        return False
    return feed.webhook_ms is None or feed.webhook_ms < feed.poll_ms


def next_look_s(provider: Provider, state: FeedState) -> float:
    """Seconds to the next look: often where nothing else tells the hub, else once a day."""
    return BUSY_S if can_poll(provider) and state is not FeedState.LIVE else DAILY_S


async def _settle_error(hub: Hub, lease: Lease, feed: Feed, error: Exception) -> None:
    """A look that failed is made again, however often: polled data waits at the provider."""
    reaction = reaction_to(error, tries=0)
    message = explain(error)
    async with hub.engine.transaction():
        if isinstance(error, ReconnectNeeded):  # the connection has ended, and everybody was told
            await jobs.finish(hub.engine, lease)
            return
        await change_row(Feed, feed.id, poll_error=message, updated_ms=now_ms())
        wait = wait_s(error, tries=lease.tries) if reaction.is_retried else DAILY_S
        run_at_ms, counts = now_ms() + int(1000 * wait), reaction.is_failure
        await jobs.retry(hub.engine, lease, run_at_ms=run_at_ms, error=message, counts=counts)
