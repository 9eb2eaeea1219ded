"""Connects an athlete to a provider: by OAuth, by an API key of theirs, or by the word of their phone."""

from __future__ import annotations

import asyncio

import msgspec

from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.validate import MAX_NAME, check_text
from hub_core.errors import ForbiddenError, InvalidInputError, NotFoundError
from hub_core.registry.registry import Provider
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import ProviderError, Rejected, RetryLater, TokenExpired
from hub_core.sdk.tokens import Account, TokenSet
from hub_core.services.connections.provider_context import make_context
from hub_core.services.connections.revoke_grant import revoke_grant
from hub_core.services.connections.schedule_care import schedule_care
from hub_core.services.exports.schedule_exports import schedule_waiting, send_to_new_account
from hub_core.services.exports.statuses import ConnectionStatus
from hub_core.services.hub import Hub
from hub_core.services.inbound.lock_athlete import lock_athlete
from hub_core.services.inbound.poll_provider import schedule_poll
from hub_core.services.sync.changes import record_change
from hub_core.storage import digest, find_row, new_id, new_secret, now_ms, save_row
from hub_core.storage.tables import Athlete, Authorization, Connection
from hub_core.storage.token_vault import expires_ms, seal_tokens

#: How long an athlete may look at the provider's consent page.
CONSENT_MS = 15 * 60 * 1000
_DESCRIBE_WAITS_S = (0.5, 1.0, 2.0)


class Connected(msgspec.Struct, frozen=True):
    """A consent that came to its end: whose, where to, and where the platform wants the browser."""

    athlete_id: str
    provider: str
    display_name: str
    return_url: str
    error: str = ""


async def begin_connection(hub: Hub, athlete: Athlete, name: str, *, return_url: str = "") -> str:
    """The URL of the provider's consent page. Raises `Misconfigured` without client credentials."""
    provider = hub.registry.get(name)
    if provider.manifest.oauth2 is None:
        raise InvalidInputError(f"{name} does not connect by OAuth{_instead(provider)}", path="provider")
    if return_url and not return_url.startswith(("http://", "https://")):
        raise InvalidInputError("must be an http(s) URL", path="return_url")
    state, verifier = new_secret(32), new_secret(48)
    redirect_uri = hub.redirect_uri(name)
    oauth = make_context(hub, name, None).oauth()
    url = oauth.authorize_url(redirect_uri=redirect_uri, state=state, verifier=verifier)
    row_id = digest(state)
    row = Authorization(
        id=row_id,
        athlete_id=athlete.id,
        provider=name,
        verifier=hub.keys.seal(verifier.encode(), _verifier_row(row_id)),
        redirect_uri=redirect_uri,
        return_url=return_url,
        expires_ms=now_ms() + CONSENT_MS,
    )
    async with hub.engine.transaction():
        await lock_athlete(hub, athlete.id)
        await save_row(row)
    return url


async def finish_connection(hub: Hub, name: str, *, state: str, code: str, error: str) -> Connected:
    """What the provider's redirect brought back. A consent that led to no connection is forgotten.

    Raises `ForbiddenError` for a state that is unknown, used, too old, or of another provider: one
    answer for all, since the caller isn't known to be ours.
    """
    row = await _redeem_state(hub, name, state)
    athlete = await find_row(Athlete, id=row.athlete_id)
    if athlete is None:
        raise ForbiddenError("this consent is not known")
    if error or not code:
        reason = "The athlete declined." if error == "access_denied" else "The provider refused."
        return await _not_connected(row, reason)
    verifier = hub.keys.open(bytes(row.verifier or b""), _verifier_row(row.id)).decode()
    oauth = make_context(hub, name, None).oauth()
    try:
        tokens = await oauth.exchange_code(code=code, redirect_uri=row.redirect_uri, verifier=verifier)
        account = await _describe(hub, name, tokens)
    except ProviderError as failure:
        return await _not_connected(row, failure.message)
    try:
        await _store(hub, athlete, name, tokens, account)
    except NotFoundError as gone:
        # Erased while they consented: the provider must not keep a grant that nobody holds.
        await revoke_grant(
            hub, name, tokens, athlete_id=athlete.id, provider_user_id=account.provider_user_id
        )
        raise ForbiddenError("this consent is not known") from gone
    return Connected(athlete.id, name, account.display_name, row.return_url)


async def connect_with_api_key(hub: Hub, athlete: Athlete, name: str, key: str) -> Connected:
    """Connect by a key that the athlete made at the provider. Raises the provider's refusal."""
    provider = hub.registry.get(name)
    if provider.manifest.api_key is None:
        raise InvalidInputError(f"{name} does not connect by API key{_instead(provider)}", path="provider")
    if not key.strip() or not key.isascii() or len(key) > 500:
        raise InvalidInputError("this is no API key", path="api_key")
    try:
        tokens: TokenSet = await hub.dispatcher.call(name, "tokens_from_api_key", key=key.strip())
        account = await _describe(hub, name, tokens)
    except (Rejected, TokenExpired) as refusal:
        raise InvalidInputError(
            f"{name} does not take this key: {refusal.message}", path="api_key"
        ) from refusal
    await _store(hub, athlete, name, tokens, account, by="api_key")
    return Connected(athlete.id, name, account.display_name, "")


async def connect_device(hub: Hub, athlete: Athlete, name: str, *, device_id: str, title: str) -> Connected:
    """Connect by the word of the platform's app: it runs on this device, where the athlete has allowed it.

    For providers whose workouts a phone fetches. Another device takes the place of the one before.
    """
    provider = hub.registry.get(name)
    if provider.manifest.delivery != "pickup":
        raise InvalidInputError(f"{name} does not connect by a device{_instead(provider)}", path="provider")
    for text, path in ((device_id, "device_id"), (title, "name")):
        check_text(text, MAX_NAME, path)
    if not device_id.strip():
        raise InvalidInputError("a device has an id", path="device_id")
    await _store(hub, athlete, name, None, Account(device_id, title), by="device")
    return Connected(athlete.id, name, title, "")


def _instead(provider: Provider) -> str:
    """The way in, where there is but one that people would not think of."""
    if provider.manifest.access == "app":
        return ": nobody connects to it, the hub asks it in its own name"
    return ": the app on the athlete's phone connects it" if provider.manifest.delivery == "pickup" else ""


async def _redeem_state(hub: Hub, name: str, state: str) -> Authorization:
    """The consent behind a state, which works once."""
    now = now_ms()
    rows = await hub.engine.execute(
        'UPDATE "authorization" SET used_ms = {} WHERE id = {} AND provider = {} AND used_ms IS NULL'
        " AND expires_ms > {} RETURNING id",
        now,
        digest(state),
        name,
        now,
    )
    row = await find_row(Authorization, id=rows[0]["id"]) if rows else None
    if row is None:
        raise ForbiddenError("this consent is not known, was used already, or took too long; start again")
    return row


async def _not_connected(row: Authorization, reason: str) -> Connected:
    await Authorization.delete().where(Authorization.id == row.id)
    return Connected(row.athlete_id, row.provider, "", row.return_url, reason)


async def _describe(hub: Hub, name: str, tokens: TokenSet) -> Account:
    """Whose account it is. Garmin is known to fail here right after consent, so it is asked again."""
    context = make_context(hub, name, tokens)
    for wait_s in _DESCRIBE_WAITS_S:
        try:
            return await _ask(hub, name, context)
        except RetryLater:
            await asyncio.sleep(wait_s)
    return await _ask(hub, name, context)


async def _ask(hub: Hub, name: str, context: ProviderContext) -> Account:
    account: Account = await hub.dispatcher.call(name, "describe_account", context=context)
    return account


async def _store(
    hub: Hub, athlete: Athlete, name: str, tokens: TokenSet | None, account: Account, *, by: str = "oauth"
) -> None:
    """Write the connection, and take up the workouts that waited for it."""
    async with hub.engine.transaction():
        await lock_athlete(hub, athlete.id)
        row = await find_row(Connection, athlete_id=athlete.id, provider=name)
        now = now_ms()
        if row is None:
            row = Connection(id=new_id("con"), athlete_id=athlete.id, provider=name, connected_ms=now)
        is_other = row.provider_user_id not in {None, "", account.provider_user_id}
        row.status = ConnectionStatus.CONNECTED
        row.reason = ""
        row.provider_user_id = account.provider_user_id
        row.display_name = account.display_name
        row.scopes = " ".join(account.scopes)
        row.tokens = seal_tokens(hub.keys, row.id, tokens) if tokens else None  # type: ignore[assignment]
        # A grant that began anew must not be ended by what is left of the old one.
        row.leaving_tokens = None  # type: ignore[assignment]
        row.token_version = (row.token_version or 0) + 1
        row.token_expires_ms = expires_ms(tokens) if tokens else None
        row.connected_by = by
        row.tokens_ms = now if tokens else None
        row.refreshing_until_ms = row.refresh_began_ms = row.refresh_before_ms = None
        row.refresh_error, row.refresh_failed_ms = "", None
        row.connected_ms = row.updated_ms = now
        await save_row(row)
        await record_change(hub, athlete.id, "connections", row.id)
        zone = msgspec.json.decode(athlete.thresholds, type=Thresholds).time_zone
        if is_other and hub.registry.get(name).manifest.delivery != "pickup":
            await send_to_new_account(hub, athlete, name, zone)
        await schedule_waiting(hub, athlete, zone)
        await schedule_poll(hub, row)
        await schedule_care(hub, row)


def _verifier_row(row_id: str) -> str:
    return f"authorization:{row_id}:verifier"
