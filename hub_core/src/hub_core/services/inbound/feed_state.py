"""What is heard of a connection, and the watchdog's judgement: live, silent, or polled only."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

import msgspec

from hub_core.registry.registry import Provider
from hub_core.sdk.manifest import Operation
from hub_core.services.hub import Hub
from hub_core.services.sync.changes import record_change
from hub_core.storage import change_row, find_row, now_ms
from hub_core.storage.inbound_tables import Feed
from hub_core.storage.tables import Connection

#: A watch tells of each day, also of those without training: so long a silence means something.
SILENCE_MS = 3 * 24 * 3600 * 1000


class FeedState(StrEnum):
    """`LIVE`: webhooks come, or none were missed. `SILENT`: some should have come and did not; the poll has
    taken over where there is one. `POLLED`: this provider has no webhooks."""

    LIVE = "live"
    SILENT = "silent"
    POLLED = "polled"


class FeedView(msgspec.Struct, frozen=True):
    """What the hub hears of one connection. Instants in UTC; `reason` is for people."""

    provider: str
    state: FeedState
    reason: str
    last_webhook: dt.datetime | None
    last_poll: dt.datetime | None
    next_poll: dt.datetime | None
    poll_error: str


def pushes(provider: Provider) -> bool:
    """Whether the provider sends webhooks."""
    return Operation.RECEIVE_WEBHOOK in provider.manifest.capabilities.operations


def can_poll(provider: Provider) -> bool:
    """Whether the provider can be asked."""
    return Operation.POLL in provider.manifest.capabilities.operations


async def open_feed(hub: Hub, connection: Connection) -> None:
    """A connection was made: listen anew. In the caller's transaction."""
    provider = hub.registry.get(connection.provider)
    state = FeedState.LIVE if pushes(provider) else FeedState.POLLED
    await _upsert(hub, connection, state)


async def hear_webhook(hub: Hub, connection: Connection) -> None:
    """The provider has spoken: whatever was wrong with its feed is over. In the caller's transaction."""
    before = await find_row(Feed, id=connection.id)
    await _upsert(hub, connection, FeedState.LIVE)
    now = now_ms()
    await change_row(Feed, connection.id, webhook_ms=now)
    if before is not None and before.state == FeedState.SILENT:
        await record_change(hub, connection.athlete_id, "connections", connection.id)


async def _upsert(hub: Hub, connection: Connection, state: FeedState) -> None:
    await hub.engine.execute(
        'INSERT INTO "feed" (id, athlete_id, provider, state, reason, updated_ms)'
        " VALUES ({}, {}, {}, {}, '', {})"
        " ON CONFLICT (id) DO UPDATE SET state = excluded.state, reason = '',"
        " updated_ms = excluded.updated_ms",
        connection.id,
        connection.athlete_id,
        connection.provider,
        state,
        now_ms(),
    )


def judge(provider: Provider, feed: Feed, *, missed: int, now: int) -> tuple[FeedState, str]:
    """What to think of a feed after a look. `missed`: how many new things the poll found in a time in which
    no webhook came at all."""
    title = provider.manifest.title
    if not pushes(provider):
        return FeedState.POLLED, ""
    if missed:
        things = "one thing" if missed == 1 else f"{missed} things"
        return (
            FeedState.SILENT,
            f"{title} sent no webhook, and a poll found {things}. Polling has taken over; check the webhook's"
            f" address at {title}.",
        )
    heard = feed.webhook_ms
    if not can_poll(provider) and heard is not None and now - heard > SILENCE_MS:
        since = dt.datetime.fromtimestamp(heard / 1000, dt.UTC)
        return (
            FeedState.SILENT,
            f"Nothing was heard of {title} since {since:%Y-%m-%d %H:%M} UTC, and it can't be asked. Has the"
            f" device synced? Else check the webhook's address at {title}, and ask for a backfill.",
        )
    return FeedState(feed.state), feed.reason


async def list_feeds(hub: Hub, athlete_id: str) -> list[FeedView]:
    """The feeds of an athlete's connections."""
    feeds = await Feed.objects().where(Feed.athlete_id == athlete_id).order_by(Feed.provider)
    due = await hub.engine.execute(
        "SELECT subject_id, run_at_ms FROM \"job\" WHERE kind = 'poll' AND state <> 'done' AND subject_id IN"
        ' (SELECT id FROM "feed" WHERE athlete_id = {})',
        athlete_id,
    )
    next_ms = {row["subject_id"]: row["run_at_ms"] for row in due}
    return [
        FeedView(
            feed.provider,
            FeedState(feed.state),
            feed.reason,
            _instant(feed.webhook_ms),
            _instant(feed.poll_ms),
            _instant(next_ms.get(feed.id)),
            feed.poll_error,
        )
        for feed in feeds
    ]


def _instant(ms: int | None) -> dt.datetime | None:
    return None if ms is None else dt.datetime.fromtimestamp(ms / 1000, dt.UTC)
