"""Connections: consent, list, primary, disconnect. And the page that providers send browsers back to."""

from __future__ import annotations

from html import escape
from typing import Annotated
from urllib.parse import urlencode, urlsplit

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import Redirect

from hub_core.api.access import TheAthlete, TheHub
from hub_core.domain.validate import check_text
from hub_core.errors import InvalidInputError
from hub_core.services.connections.connect_provider import (
    Connected,
    begin_connection,
    connect_device,
    connect_with_api_key,
    finish_connection,
)
from hub_core.services.connections.disconnect_provider import (
    ConnectionView,
    Disconnected,
    choose_primary,
    disconnect_provider,
    list_connections,
)
from hub_core.services.hub import Hub

MAX_URL = 2_000


class ConsentRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`return_url`: where the browser goes in the end, with `provider` and `result` (and `error`) added."""

    return_url: str = ""


class ConsentUrl(msgspec.Struct, frozen=True):
    """Open `authorize_url` in the athlete's browser."""

    authorize_url: str


class ApiKeyConnection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key that the athlete created at the provider."""

    api_key: str


class DeviceConnection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The phone that fetches workouts: an id that stays, and the name that its owner gave it."""

    device_id: str
    name: str = ""


class ConnectionsController(Controller):
    """Links between an athlete and the providers."""

    path = "/v1/athletes/{athlete_id:str}/connections"
    tags = ("connections",)

    @get()
    async def list_all(self, athlete: TheAthlete) -> list[ConnectionView]:
        """All connections, lapsed ones too."""
        return await list_connections(athlete)

    @post("/{provider:str}/authorize", status_code=200)
    async def authorize(
        self,
        hub: TheHub,
        athlete: TheAthlete,
        provider: FromPath[str],
        data: JSONBody[ConsentRequest | None] = None,
    ) -> ConsentUrl:
        """Begin to connect by OAuth."""
        return_url = _checked(data.return_url if data else "")
        return ConsentUrl(await begin_connection(hub, athlete, provider, return_url=return_url))

    @put("/{provider:str}/api-key")
    async def use_api_key(
        self, hub: TheHub, athlete: TheAthlete, provider: FromPath[str], data: JSONBody[ApiKeyConnection]
    ) -> list[ConnectionView]:
        """Connect by an API key of the athlete, for providers that have them."""
        await connect_with_api_key(hub, athlete, provider, data.api_key)
        return await list_connections(athlete)

    @put("/{provider:str}/device")
    async def use_device(
        self, hub: TheHub, athlete: TheAthlete, provider: FromPath[str], data: JSONBody[DeviceConnection]
    ) -> list[ConnectionView]:
        """Connect a phone, for providers whose workouts are fetched: your app says that the athlete has
        allowed it. May be repeated at every start of the app."""
        await connect_device(hub, athlete, provider, device_id=data.device_id, title=data.name)
        return await list_connections(athlete)

    @put("/{provider:str}/primary", status_code=204)
    async def make_primary(self, hub: TheHub, athlete: TheAthlete, provider: FromPath[str]) -> None:
        """Send this athlete's workouts here unless told otherwise."""
        await choose_primary(hub, athlete, provider)

    @delete("/{provider:str}", status_code=200)
    async def disconnect(
        self, hub: TheHub, athlete: TheAthlete, provider: FromPath[str], history: FromQuery[bool] = False
    ) -> Disconnected:
        """Delete the tokens at once, and tell the provider. `history`: forget all that it has told, too;
        what is shown is computed anew from what others say."""
        return await disconnect_provider(hub, athlete, provider, with_history=history)


def _checked(return_url: str) -> str:
    """The URL, if a browser can be sent there."""
    if not return_url:
        return ""
    check_text(return_url, MAX_URL, "return_url")
    try:
        parts = urlsplit(return_url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname or not return_url.isprintable():
        raise InvalidInputError("must be an http(s) URL", path="return_url")
    return return_url


@get("/v1/oauth/{provider:str}/callback", tags=["connections"], security=[{}])
async def oauth_callback(
    hub: TheHub,
    provider: FromPath[str],
    consent: Annotated[str, QueryParameter(name="state")] = "",
    code: Annotated[str, QueryParameter(name="code")] = "",
    error: Annotated[str, QueryParameter(name="error")] = "",
) -> Response[str]:
    """Where a provider sends the athlete's browser after consent. Not for platforms to call."""
    connected = await finish_connection(hub, provider, state=consent, code=code, error=error)
    if connected.return_url:
        return _redirect(connected)
    return Response(_page(hub, connected), media_type="text/html")


def _redirect(connected: Connected) -> Response[str]:
    result = {"provider": connected.provider, "result": "failed" if connected.error else "connected"}
    if connected.error:
        result["error"] = connected.error
    parts = urlsplit(connected.return_url)
    query = "&".join(part for part in (parts.query, urlencode(result)) if part)
    answer: Response[str] = Redirect(parts._replace(query=query).geturl())
    return answer


def _page(hub: Hub, connected: Connected) -> str:
    title = escape(hub.registry.get(connected.provider).manifest.title)
    if connected.error:
        head, text = f"{title} is not connected", escape(connected.error)
    else:
        head, text = (
            f"{title} is connected",
            f"Signed in as {escape(connected.display_name or 'the athlete')}.",
        )
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{head}</title>"
        "<style>:root{color-scheme:light dark}body{font:18px/1.5 system-ui;max-width:34rem;"
        "margin:15vh auto;padding:0 1rem}</style>"
        f"<h1>{head}</h1><p>{text}</p><p>You can close this page.</p></html>"
    )
