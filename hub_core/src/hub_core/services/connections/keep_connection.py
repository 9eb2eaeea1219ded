"""Keeps an idle connection alive: a refresh token that nobody uses dies, at Garmin after 90 days.

A job for each connection. It does nothing while exports refresh the token anyway; else it refreshes when a
third of the refresh token's life is over, which leaves two thirds for a provider that can't be reached.
"""

from __future__ import annotations

import logging

from hub_core.errors import LeaseLostError
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import ProviderError, ReconnectNeeded
from hub_core.sdk.manifest import OAuth2
from hub_core.services.connections.provider_context import with_connection
from hub_core.services.exports.statuses import ConnectionStatus
from hub_core.services.hub import Hub
from hub_core.storage import find_row, jobs, now_ms
from hub_core.storage.jobs import Lease
from hub_core.storage.tables import Connection
from hub_core.storage.token_vault import StoredTokens, load_tokens

log = logging.getLogger(__name__)

_USED_AFTER = 1 / 3
#: A provider that can't be reached is asked again after so long; there are weeks left.
_AGAIN_MS = 6 * 3_600_000


def due_ms(stored: StoredTokens, scheme: OAuth2) -> int:
    """When the refresh token is to be used at the latest, in epoch milliseconds."""
    since = stored.since or 0.0
    ends = stored.tokens.refresh_expires_at
    life = ends - since if ends is not None and ends > since else float(scheme.refresh_token_life_s)
    return int(1000 * (since + life * _USED_AFTER))


async def keep_connection(hub: Hub, lease: Lease) -> None:
    """Do the job that `lease` stands for. Raises `LeaseLostError`, and nothing else on purpose."""
    row = await find_row(Connection, id=lease.subject_id)
    stored = await load_tokens(hub.engine, hub.keys, lease.subject_id)
    scheme = _scheme(hub, row) if row else None
    if row is None or stored is None or scheme is None or row.status != ConnectionStatus.CONNECTED:
        await jobs.finish(hub.engine, lease)
        return
    if (due := due_ms(stored, scheme)) > now_ms():
        await jobs.retry(hub.engine, lease, run_at_ms=due, error="", counts=False)
        return

    async def use(context: ProviderContext) -> None:
        """A new token that nobody has used says nothing of the connection."""
        await hub.dispatcher.call(context.provider, "describe_account", context=context)

    try:
        await with_connection(hub, row, use, renew=True, background=True)
    except LeaseLostError:
        raise
    except ReconnectNeeded as error:
        log.warning("connection %s: %s", row.id, error.message)
        await jobs.finish(hub.engine, lease)
        return
    except ProviderError as error:
        log.warning("connection %s is not kept alive yet: %s", row.id, error.message)
        run_at_ms = now_ms() + _AGAIN_MS
        await jobs.retry(hub.engine, lease, run_at_ms=run_at_ms, error=error.message, counts=False)
        return
    stored = await load_tokens(hub.engine, hub.keys, row.id)
    run_at_ms = due_ms(stored, scheme) if stored else now_ms()
    await jobs.retry(hub.engine, lease, run_at_ms=run_at_ms, error="", counts=False)


def _scheme(hub: Hub, row: Connection) -> OAuth2 | None:
    """The provider's OAuth, if this connection has something to refresh."""
    provider = hub.registry.providers.get(row.provider)
    scheme = provider.manifest.oauth2 if provider else None
    return scheme if scheme and scheme.refreshable and row.connected_by == "oauth" else None
