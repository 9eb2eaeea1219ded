"""Whether the broker answers, for those who look after a hub."""

from __future__ import annotations

from redis.asyncio import Redis
from redis.exceptions import RedisError

from hub_core.errors import ConfigurationError
from hub_core.settings import HubSettings


async def check_broker(settings: HubSettings) -> float | None:
    """The broker's clock in epoch seconds; None when it is inside the process.

    Raises `ConfigurationError` when it can't be used.
    """
    if settings.is_embedded:
        return None
    try:
        client = Redis.from_url(settings.broker_url, socket_timeout=5, socket_connect_timeout=5)
    except ValueError as error:
        raise ConfigurationError("HUB_BROKER_URL is no URL of the form redis://host:port/0") from error
    try:
        seconds, microseconds = await client.time()
    except (RedisError, OSError) as error:
        raise ConfigurationError(f"HUB_BROKER_URL: Redis does not answer ({type(error).__name__})") from error
    finally:
        await client.aclose()
    return float(seconds) + float(microseconds) / 1e6
