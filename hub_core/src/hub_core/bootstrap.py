"""Wiring: from settings to engine, keys, plugins, pipeline and app. The only file that knows every floor."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from pydantic import ValidationError

from hub_core.errors import ConfigurationError, HubError
from hub_core.pipeline.broker import Pipeline
from hub_core.registry.dispatcher import Dispatcher
from hub_core.registry.registry import Registry, load_registry
from hub_core.sdk.redaction import redact
from hub_core.sdk.settings import ProviderSettings
from hub_core.services.connections.rate_budgets import Budgets, MemoryBudgets
from hub_core.services.connections.traffic import budgets_of
from hub_core.services.hub import Hub
from hub_core.settings import HubSettings
from hub_core.storage import KeyRing, generate_key, jobs, migrate, open_engine

if TYPE_CHECKING:
    from litestar import Litestar

log = logging.getLogger(__name__)


def read_settings() -> HubSettings:
    """The settings of the environment; what is wrong with them is said by the variable's name."""
    try:
        return HubSettings()
    except ValidationError as error:
        first = error.errors()[0]
        says = first["msg"].removeprefix("Value error, ")
        raise ConfigurationError(f"HUB_{str(first['loc'][0]).upper()}: {says}") from None


async def prepare_database(hub: Hub) -> list[str]:
    """Apply the migrations that are missing, and return their names. Raises `ConfigurationError`."""
    with usable_database():
        return await migrate(hub.engine)


@contextmanager
def usable_database() -> Iterator[None]:
    """Turns what a driver says of a database that can't be used into a `ConfigurationError`."""
    try:
        yield
    except HubError:
        raise
    except Exception as error:
        # A driver's message about a URL quotes it, and passwords stand in there.
        if isinstance(error, ValueError):
            raise ConfigurationError(
                "HUB_DATABASE_URL is no URL; write / and the like in its password as %2F"
            ) from error
        reason = f"{type(error).__name__}: {redact(' '.join(str(error).split()))[:200]}"
        raise ConfigurationError(f"HUB_DATABASE_URL: the database cannot be used ({reason})") from error


def make_hub(
    settings: HubSettings,
    *,
    registry: Registry | None = None,
    provider_settings: Mapping[str, ProviderSettings] | None = None,
) -> Hub:
    """Everything the services work with. Nothing connects yet."""
    registry = registry or load_registry(provider_settings)
    engine = open_engine(settings.database_url)
    for provider in registry.providers.values():
        budgets_of(provider)  # so that a mistake in them is told now
    learn_structs()
    return Hub(
        settings, engine, _key_ring(settings), registry, Dispatcher(registry), budgets=_budgets(settings)
    )


#: What msgspec has learnt in this process.
_LEARNT: set[type] = set()


def learn_structs() -> None:
    """Let msgspec learn every struct that there is, before there are threads.

    It looks at a class when it first decodes one. Two threads that do so at the same time end the process
    with a segmentation fault (msgspec 0.22; in a hub that had to save and to send in its first second).
    """
    found = [msgspec.Struct]
    for one in found:
        found += one.__subclasses__()
    for one in found:
        if one not in _LEARNT:
            _LEARNT.add(one)
            with suppress(Exception):  # some are only ever encoded, and can't be decoded
                msgspec.json.Decoder(one)


def _budgets(settings: HubSettings) -> Budgets:
    if settings.is_embedded:
        return MemoryBudgets()
    from hub_core.pipeline.redis_budgets import RedisBudgets  # takes a while, and embedded hubs have none

    return RedisBudgets(settings.broker_url)


def _key_ring(settings: HubSettings) -> KeyRing:
    """The operator's keys, or in development one that is kept beside the database."""
    keys = settings.encryption_keys.get_secret_value()
    if keys:
        return KeyRing(keys)
    if settings.environment != "development":
        raise ConfigurationError(
            "set HUB_ENCRYPTION_KEYS (see `hub keys encryption`): tokens are kept encrypted"
        )
    path = _development_key_file(settings)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return KeyRing(path.read_text())
    with os.fdopen(descriptor, "w") as file:
        file.write(generate_key())
    log.warning("made an encryption key for development: %s", path)
    return KeyRing(path.read_text())


def _development_key_file(settings: HubSettings) -> Path:
    scheme, _, rest = settings.database_url.partition(":///")
    return Path(rest.partition("?")[0] + ".key") if scheme == "sqlite" else Path("hub.key")


def make_app(hub: Hub) -> Litestar:
    """The API, with the relay, and when embedded with the workers as well."""
    # Litestar takes a third of a second, and most commands go without.
    from hub_core.api.app import create_app

    learn_structs()
    pipeline = Pipeline(hub, with_relay=False)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        await prepare_database(hub)
        if hub.settings.is_embedded:
            await jobs.forget_dispatches(hub.engine)
            pipeline.start_worker()
        await pipeline.relay.start()
        try:
            yield
        finally:
            await pipeline.relay.stop()
            pipeline.stop_worker()
            await hub.close()

    return create_app(hub, wake=pipeline.relay.wake, lifespan=lifespan)


def make_worker(hub: Hub) -> Pipeline:
    """A process that only runs jobs, with a relay of its own."""
    if hub.settings.is_embedded:
        raise ConfigurationError("set HUB_BROKER_URL=redis://...: without it, jobs run inside `hub serve`")
    return Pipeline(hub, with_relay=True)
