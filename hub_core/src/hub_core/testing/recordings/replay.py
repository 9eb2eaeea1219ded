"""Runs a recorded scenario through a plugin again, without keys and without a network."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msgspec

from hub_core.errors import HubError
from hub_core.sdk.client_pool import ClientPool
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.http import ProviderHttp
from hub_core.sdk.inbound import Delivery
from hub_core.sdk.manifest import Manifest
from hub_core.sdk.oauth import OAuthClient
from hub_core.sdk.settings import ProviderSettings
from hub_core.sdk.tokens import TokenSet
from hub_core.testing.recordings.recording import Recording
from hub_core.testing.recordings.redaction import NOWHERE
from hub_core.testing.recordings.scenarios import Hooks, Run, run_scenario
from hub_core.testing.recordings.transports import ReplayTransport

_REPLAYED = "replayed"


@dataclass(frozen=True)
class Decoded:
    """A body that the plugin has read, and the type that it read it as. `place` is `GET /events`."""

    place: str
    kind: Any
    body: bytes


@dataclass
class Replayed:
    """How a replay went. `error` is what the plugin raised, `unknown` the requests that were not recorded."""

    recording: Recording
    facts: dict[str, Any] | None = None
    error: Exception | None = None
    unknown: list[str] = field(default_factory=list)
    decoded: list[Decoded] = field(default_factory=list)

    @property
    def problem(self) -> str:
        """What is wrong, in one line; empty when the plugin made of it what it made when it was recorded."""
        scenario = self.recording.scenario
        if self.unknown:
            return f"{scenario}: not in the recording: {self.unknown[0]}"
        if self.error is not None:
            text = " ".join(str(self.error).split())[:300]
            return f"{scenario}: {type(self.error).__name__}: {text}"
        if self.facts != self.recording.facts:
            then = _tell(self.recording.facts)
            return f"{scenario}: the plugin made of it: {_tell(self.facts)}; when it was recorded: {then}"
        return ""


async def replay(plugin: Any, recording: Recording) -> Replayed:
    """Run the recording's scenario; whatever goes wrong is in the result."""
    result = Replayed(recording)
    transport = ReplayTransport(stand_in_origin("api_url"), recording.exchanges)
    pool = ClientPool(transport)
    try:
        run = _make_run(plugin, recording, pool, result.decoded)
        result.facts = await run_scenario(recording.scenario, run)
    except Exception as error:  # noqa: BLE001 (whatever a plugin raises is what the replay has found)
        result.error = error
    finally:
        await pool.close()
    result.unknown = transport.unknown
    return result


def stand_in_origin(setting: str) -> str:
    """The origin that stands in for that of a setting: `api_url` -> `https://api.recorded.invalid`."""
    return f"https://{setting.removesuffix('_url').replace('_', '-')}.{NOWHERE}"


def stand_ins(settings: ProviderSettings) -> tuple[dict[str, str], dict[str, str]]:
    """For the real origins among the settings those that stand in for them, and the settings with them.

    Settings on one host stay on one host: a plugin that builds an address out of two gets the same one.
    """
    names = [
        name for name in type(settings).model_fields if name.endswith("_url") and getattr(settings, name)
    ]
    hosts: dict[str, str] = {}
    urls: dict[str, str] = {}
    for name in sorted(names, key=lambda name: name != "api_url"):
        parts = urlsplit(getattr(settings, name))
        origin = f"{parts.scheme}://{parts.netloc}"
        urls[name] = hosts.setdefault(origin, stand_in_origin(name)) + parts.path
    return hosts, urls


def hooks_of(plugin: Any) -> Hooks:
    """Calls the hooks of a plugin that no registry has loaded, with the arguments that each takes."""

    def call(hook: str, **arguments: Any) -> Any:
        function = getattr(plugin, hook, None)
        if function is None:
            raise HubError(f"there is no {hook}")
        taken = inspect.signature(function).parameters
        return function(**{name: value for name, value in arguments.items() if name in taken})

    return call


def _make_run(plugin: Any, recording: Recording, pool: ClientPool, decoded: list[Decoded]) -> Run:
    inputs, hooks = recording.inputs, hooks_of(plugin)
    manifest: Manifest = plugin.provider_manifest()
    has_settings = callable(getattr(plugin, "provider_settings", None))
    settings: ProviderSettings = plugin.provider_settings() if has_settings else ProviderSettings()
    settings = settings.model_copy(update=_known(settings, inputs.urls))
    access = {"basic": f"user:{_REPLAYED}"}.get(inputs.token_kind, _REPLAYED)
    tokens = TokenSet(access, scopes=inputs.scopes, kind=inputs.token_kind)
    http = _WatchedHttp(
        manifest.name, settings.api_url, settings.hosts(), pool, tokens, settings.secrets(), decoded=decoded
    )
    oauth = OAuthClient(manifest.oauth2, settings, http) if manifest.oauth2 else None
    context = ProviderContext(
        manifest.name, http, settings, tokens, oauth, provider_user_id=inputs.provider_user_id
    )

    def watched(delivery: Delivery) -> Delivery:
        return _WatchedDelivery(**msgspec.structs.asdict(delivery), seen=decoded)

    return Run(manifest, hooks, context, inputs, seen_as=watched)


def _known(settings: ProviderSettings, urls: Mapping[str, str]) -> dict[str, str]:
    """A setting that a newer plugin doesn't have any more is of no use to it."""
    return {name: url for name, url in urls.items() if name in type(settings).model_fields}


@dataclass(frozen=True)
class _WatchedHttp(ProviderHttp):
    """Notes as what the plugin reads each answer."""

    decoded: list[Decoded] = field(default_factory=list, repr=False)

    def decode[T](self, response: Any, kind: type[T]) -> T:
        request = response.request
        self.decoded.append(Decoded(f"{request.method} {request.url.path}", kind, response.content))
        return super().decode(response, kind)


class _WatchedDelivery(Delivery, frozen=True):
    """Notes as what the plugin reads a delivery."""

    seen: list[Any] = msgspec.field(default_factory=list)

    def decode[T](self, kind: type[T]) -> T:
        self.seen.append(Decoded(f"delivery {self.kind}", kind, self.body))
        return super().decode(kind)


def _tell(facts: Mapping[str, Any] | None) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted((facts or {}).items())) or "nothing"
