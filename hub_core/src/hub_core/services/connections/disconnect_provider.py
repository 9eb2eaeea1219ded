"""Connections of an athlete: list, choose the primary one, disconnect."""

from __future__ import annotations

import msgspec

from hub_core.errors import NotFoundError
from hub_core.services.connections.end_connection import end_connection
from hub_core.services.connections.revoke_grant import Revocation, Told
from hub_core.services.connections.tell_leaving import schedule_leaving, tell_now
from hub_core.services.exports.schedule_exports import schedule_waiting_of
from hub_core.services.exports.statuses import ConnectionStatus
from hub_core.services.hub import Hub
from hub_core.services.privacy.forget_history import ForgottenHistory, forget_history
from hub_core.services.sync.changes import record_change
from hub_core.storage import change_row, find_row, now_ms
from hub_core.storage.tables import Athlete, Connection


class Reconnect(msgspec.Struct, frozen=True):
    """The call of this API that begins to connect again, as it was connected before."""

    method: str
    url: str


#: By `connected_by`: how it is connected again.
_RECONNECTS = {
    "oauth": ("POST", "authorize"),
    "api_key": ("PUT", "api-key"),
    "device": ("PUT", "device"),
}


class ConnectionView(msgspec.Struct, frozen=True):
    """A connection as the API shows it; never with its tokens.

    `reconnect` is null while it is connected. `token_expires_ms` and `refreshed_ms` are those of the access
    token; `refresh_error` tells why its last refresh failed, if it did.
    """

    id: str
    provider: str
    status: str
    reason: str
    display_name: str
    provider_user_id: str
    scopes: tuple[str, ...]
    is_primary: bool
    reconnect: Reconnect | None = None
    token_expires_ms: int | None = None
    refreshed_ms: int | None = None
    refresh_error: str = ""


class Disconnected(msgspec.Struct, frozen=True):
    """The tokens are deleted. `revoked`: whether the provider knows, else why not; one that didn't answer is
    told again, for an hour.

    `history`: what was forgotten, when that was asked for.
    """

    provider: str
    revoked: bool
    reason: str = ""
    history: ForgottenHistory | None = None


async def list_connections(athlete: Athlete) -> list[ConnectionView]:
    """All connections of an athlete, lapsed ones too."""
    rows = await Connection.objects().where(Connection.athlete_id == athlete.id).order_by(Connection.provider)
    return [
        ConnectionView(
            row.id,
            row.provider,
            row.status,
            row.reason,
            row.display_name,
            row.provider_user_id,
            tuple(row.scopes.split()),
            row.provider == athlete.primary_provider,
            reconnect_call(row),
            row.token_expires_ms,
            row.tokens_ms,
            row.refresh_error,
        )
        for row in rows
    ]


def reconnect_call(row: Connection) -> Reconnect | None:
    """How to connect again; None while there is no need to."""
    if row.status == ConnectionStatus.CONNECTED:
        return None
    method, verb = _RECONNECTS[row.connected_by]
    return Reconnect(method, f"/v1/athletes/{row.athlete_id}/connections/{row.provider}/{verb}")


async def choose_primary(hub: Hub, athlete: Athlete, name: str) -> None:
    """Send workouts to this provider unless told otherwise, beginning with those that waited for a choice."""
    await _load_connection(athlete.id, name)
    async with hub.engine.transaction():
        await change_row(Athlete, athlete.id, primary_provider=name, updated_ms=now_ms())
        await record_change(hub, athlete.id, "athletes", athlete.id)
        await schedule_waiting_of(hub, athlete.id)


async def disconnect_provider(
    hub: Hub, athlete: Athlete, name: str, *, with_history: bool = False
) -> Disconnected:
    """Delete the tokens at once, tell the provider, and with `with_history` forget all that it has said."""
    row = await _load_connection(athlete.id, name)
    revocation = await leave_provider(hub, row, "Disconnected by the athlete.")
    history = await forget_history(hub, row) if with_history else None
    return Disconnected(name, revocation.told is Told.REVOKED, revocation.reason, history)


async def leave_provider(hub: Hub, row: Connection, reason: str) -> Revocation:
    """Delete the tokens of a connection at once, and then tell the provider, now or by a job."""
    async with hub.engine.transaction():
        await end_connection(hub, row, ConnectionStatus.DISCONNECTED, reason)
        await schedule_leaving(hub, row)
    return await tell_now(hub, row)


async def _load_connection(athlete_id: str, name: str) -> Connection:
    row = await find_row(Connection, athlete_id=athlete_id, provider=name)
    if row is None:
        raise NotFoundError(f"{name} is not connected")
    return row
