"""What phones send. 200 when all was taken, 207 with an error for each item that was not."""

from __future__ import annotations

import zlib
from typing import Annotated, Any

from litestar import Controller, Request, Response, post
from litestar.exceptions import HTTPException
from litestar.openapi import ResponseSpec
from litestar.params import HeaderParameter

from hub_core.api.access import TheAthlete, TheHub
from hub_core.errors import InvalidInputError
from hub_core.formats import decode_json
from hub_core.services.inbound.ingest_phone import Kind, PhoneReceipt, ingest_phone
from hub_core.services.inbound.ingest_profile import ProfileReceipt, ingest_profile

#: An hour of heart rate and route packs to 65 kB; a few MB hold days of everything.
MAX_BODY_BYTES = 5_000_000
MAX_UNPACKED_BYTES = 20_000_000

Key = Annotated[
    str,
    HeaderParameter(
        name="Idempotency-Key",
        description="The same key has the same answer. Else `batchId` of the body counts, or the body.",
    ),
]
_MULTI_STATUS = {207: ResponseSpec(PhoneReceipt, description="Some items were refused: see `errors`.")}


class IngestController(Controller):
    """Batches of samples, deletions and workouts, as HealthKit has them. `docs/sync-protocol.md`."""

    path = "/v1/athletes/{athlete_id:str}/ingest"
    tags = ("phone",)
    request_max_body_size = MAX_BODY_BYTES
    responses = _MULTI_STATUS

    @post("/batch", status_code=200)
    async def batch(
        self, hub: TheHub, athlete: TheAthlete, request: Request[Any, Any, Any], key: Key = ""
    ) -> Response[PhoneReceipt]:
        """A batch of the SDK: `{"batchId", "data": {"records", "sleep", "workouts", "deleted"}}`. Items are
        known by their UUID: the same again changes nothing, and what was deleted does not come back."""
        return await _take(hub, athlete, request, "batch", key)

    @post("/steps", status_code=200)
    async def steps(
        self, hub: TheHub, athlete: TheAthlete, request: Request[Any, Any, Any], key: Key = ""
    ) -> Response[PhoneReceipt]:
        """`{"records", "deleted"}`: steps, or any quantity with its `type`."""
        return await _take(hub, athlete, request, "steps", key)

    @post("/sleep", status_code=200)
    async def sleep(
        self, hub: TheHub, athlete: TheAthlete, request: Request[Any, Any, Any], key: Key = ""
    ) -> Response[PhoneReceipt]:
        """`{"sleep", "deleted"}`: stretches of sleep with their stage. They become nights and naps."""
        return await _take(hub, athlete, request, "sleep", key)

    @post("/workouts", status_code=200)
    async def workouts(
        self, hub: TheHub, athlete: TheAthlete, request: Request[Any, Any, Any], key: Key = ""
    ) -> Response[PhoneReceipt]:
        """`{"workouts", "deleted"}`: what was done. A route may come later, with the same id."""
        return await _take(hub, athlete, request, "workouts", key)

    @post("/auto-export", status_code=200)
    async def auto_export(
        self, hub: TheHub, athlete: TheAthlete, request: Request[Any, Any, Any], key: Key = ""
    ) -> Response[PhoneReceipt]:
        """The JSON of the app Health Auto Export (REST API automation, JSON format)."""
        return await _take(hub, athlete, request, "auto-export", key)

    @post(
        "/profile",
        status_code=200,
        responses={207: ResponseSpec(ProfileReceipt, description="Some fields were refused: see `errors`.")},
    )
    async def profile(
        self, hub: TheHub, athlete: TheAthlete, request: Request[Any, Any, Any]
    ) -> Response[ProfileReceipt]:
        """Thresholds, weight and time zone by the names in `thresholds`. What isn't given stays as it is."""
        told = decode_json(await _body(request), dict[str, Any])
        receipt = await ingest_profile(hub, athlete, told)
        return Response(receipt, status_code=207 if receipt.errors else 200)


async def _take(
    hub: TheHub, athlete: TheAthlete, request: Request[Any, Any, Any], kind: Kind, key: str
) -> Response[PhoneReceipt]:
    receipt = await ingest_phone(hub, athlete, kind, await _body(request), key=key.strip())
    return Response(receipt, status_code=207 if receipt.refused else 200)


async def _body(request: Request[Any, Any, Any]) -> bytes:
    """The body, unpacked. A small one that unpacks to gigabytes is cut off."""
    body = await request.body()
    packed = request.headers.get("content-encoding", "identity").strip().lower()
    if packed == "identity":
        return body
    if packed != "gzip":
        raise HTTPException(status_code=415, detail="send the body as it is, or with Content-Encoding: gzip")
    unpacking = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacking.decompress(body, MAX_UNPACKED_BYTES)
    except zlib.error as error:
        raise InvalidInputError("the body is no gzip") from error
    if unpacking.unconsumed_tail:
        raise HTTPException(
            status_code=413, detail=f"more than {MAX_UNPACKED_BYTES // 1_000_000} MB: send smaller batches"
        )
    if not unpacking.eof:
        raise InvalidInputError("the gzip ends too early")
    return unpacked
