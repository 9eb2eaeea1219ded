"""Ends a connection: the tokens go at once, and what waited for it is told so. And tells whether one ended.

By the athlete's wish, or because the provider takes its token no more. The latter holds for the token set
that was refused and for no newer one: a loser of a race must never clear the winner's.
"""

from __future__ import annotations

from hub_core.services.exports.statuses import ConnectionStatus, ExportStatus, set_export_status
from hub_core.services.hub import Hub
from hub_core.services.sync.changes import record_change
from hub_core.storage.tables import Connection, Export
from hub_core.storage.token_vault import drop_tokens

#: The reason code of exports that waited for it.
CODES = {
    ConnectionStatus.RECONNECT: "reconnect_needed",
    ConnectionStatus.DISCONNECTED: "disconnected",
}


async def end_connection(
    hub: Hub, row: Connection, status: ConnectionStatus, reason: str, *, version: int | None = None
) -> bool:
    """Drop the tokens, and set what still waited for this connection to NOT_CONNECTED.

    In the caller's transaction. With `version`: only that one of the token set; False when there is another,
    or when the athlete has disconnected before.
    """
    is_told = status is ConnectionStatus.DISCONNECTED and hub.registry.get(row.provider).has_hook(
        "revoke_token"
    )
    if not await drop_tokens(
        hub.engine, row.id, status=status, reason=reason, version=version, to_revoke=is_told
    ):
        return False
    await record_change(hub, row.athlete_id, "connections", row.id)
    waiting = await Export.objects().where(
        (Export.athlete_id == row.athlete_id)
        & (Export.provider == row.provider)
        & (Export.status == ExportStatus.PENDING)
    )
    for export in waiting:
        await set_export_status(
            hub,
            export.id,
            row.athlete_id,
            ExportStatus.NOT_CONNECTED,
            code=CODES[status],
            reason=reason,
            next_try_ms=None,
        )
    return True


async def hold_connection(hub: Hub, row: Connection) -> bool:
    """Whether the account of `row` is still connected; then it is until the caller's transaction ends.

    What arrives for one that has left is not kept.
    """
    lock = " FOR SHARE" if hub.engine.kind == "postgres" else ""
    found = await hub.engine.execute(
        f'SELECT id FROM "connection" WHERE id = {{}} AND provider_user_id = {{}} AND status <> {{}}{lock}',  # noqa: S608
        row.id,
        row.provider_user_id,
        ConnectionStatus.DISCONNECTED,
    )
    return bool(found)
