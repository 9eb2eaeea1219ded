"""Pickups: what an athlete's phone should hold, for providers that only a phone can reach."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, Request, Response, get, post
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter

from hub_core.api.access import TheAthlete, TheHub
from hub_core.sdk.pickups import Pickup, PickupOutcome
from hub_core.services.exports.confirm_pickup import confirm_pickup
from hub_core.services.exports.list_pickups import find_offers, version_of, view_offers
from hub_core.services.exports.retry_export import ExportView

#: No phone holds more; a larger number is a mistake.
MOST_ROOM = 200

_UNCHANGED = ResponseSpec(None, description="Nothing has changed since that ETag.", generate_examples=False)


class PickupsController(Controller):
    """What a phone fetches, and what it says afterwards."""

    path = "/v1/athletes/{athlete_id:str}/pickups/{provider:str}"
    tags = ("pickups",)

    @get(responses={304: _UNCHANGED})
    async def list_all(
        self,
        request: Request[Any, Any, Any],
        hub: TheHub,
        athlete: TheAthlete,
        provider: FromPath[str],
        room: Annotated[
            int | None,
            QueryParameter(
                name="room",
                ge=1,
                le=MOST_ROOM,
                description="How many workouts the phone can hold; by default what its maker names.",
            ),
        ] = None,
    ) -> Response[list[Pickup]]:
        """All that the phone should hold now, and what it should remove: removals first, then the next
        workouts by date and time. Send the ETag back as If-None-Match, and asking again is cheap. What is
        not in the list is left alone."""
        offers = await find_offers(hub, athlete, provider, room)
        etag = f'"{version_of(offers)}"'
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if etag in _asked(request):
            unchanged: Response[Any] = Response(None, status_code=304, headers=headers)
            return unchanged
        return Response(view_offers(hub, offers), headers=headers)

    @post("/{export_id:str}", status_code=200)
    async def confirm(
        self,
        hub: TheHub,
        athlete: TheAthlete,
        provider: FromPath[str],
        export_id: FromPath[str],
        data: JSONBody[PickupOutcome],
    ) -> ExportView:
        """How it went with one pickup. Saying the same twice changes nothing; what is said of an older
        revision is written down, and the newest one still waits."""
        return await confirm_pickup(hub, athlete, provider, export_id, data)


def _asked(request: Request[Any, Any, Any]) -> set[str]:
    """The ETags that the phone has. A proxy may have made weak ones of them."""
    return {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
