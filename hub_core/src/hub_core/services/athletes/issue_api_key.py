"""API keys of platforms: made, checked, revoked. Only a key's digest is kept."""

from __future__ import annotations

from hub_core.domain.validate import MAX_NAME, check_text
from hub_core.errors import InvalidInputError, NotFoundError
from hub_core.services.hub import Hub
from hub_core.storage import digest, find_row, new_id, new_secret, now_ms, save_row
from hub_core.storage.tables import ApiKey, Platform

PREFIX = "hub_"


async def issue_api_key(hub: Hub, platform: str, label: str = "") -> str:
    """A new key for the platform of that name, which is created when it is new. Shown once."""
    check_text(platform, MAX_NAME, "platform")
    check_text(label, MAX_NAME, "label")
    if not platform.strip():
        raise InvalidInputError("a name is needed", path="platform")
    key = PREFIX + new_secret()
    now = now_ms()
    async with hub.engine.transaction():
        row = await find_row(Platform, name=platform)
        if row is None:
            row = Platform(id=new_id("plat"), name=platform, created_ms=now)
            await save_row(row)
        made = ApiKey(id=new_id("key"), platform_id=row.id, label=label, digest=digest(key), created_ms=now)
        await save_row(made)
    return key


async def find_platform(key: str) -> str | None:
    """The id of the platform behind a key, or None. Looked up by digest, so timing tells nothing."""
    row = await find_row(ApiKey, digest=digest(key))
    return row.platform_id if row and row.revoked_ms is None else None


async def list_api_keys() -> list[tuple[str, str, str, bool]]:
    """Id, platform, label and whether it is live, of every key."""
    names = {row.id: row.name for row in await Platform.objects()}
    rows = await ApiKey.objects().order_by(ApiKey.id)
    return [(row.id, names.get(row.platform_id, ""), row.label, row.revoked_ms is None) for row in rows]


async def revoke_api_key(key_id: str) -> None:
    """End a key at once."""
    changed = (
        await ApiKey.update({ApiKey.revoked_ms: now_ms()}).where(ApiKey.id == key_id).returning(ApiKey.id)
    )
    if not changed:
        raise NotFoundError(f"there is no key {key_id!r}; see `hub keys list`")
