"""What athletes have a right to: their data in their hands, and to be forgotten."""

from __future__ import annotations

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from hub_core.api.access import PlatformId, TheAthlete, TheHub
from hub_core.services.privacy.erase_athlete import ErasureReceipt, erase_athlete, read_receipt
from hub_core.services.privacy.hand_out_data import hand_out_data


class ErasureRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`withdraw`: remove the planned workouts from the providers first. Else they stay there."""

    withdraw: bool = False


@post("/v1/athletes/{athlete_id:str}/erase", status_code=200, tags=["privacy"])
async def erase(
    hub: TheHub, athlete: TheAthlete, data: JSONBody[ErasureRequest | None] = None
) -> ErasureReceipt:
    """Erase an athlete: consent is revoked at every provider, and every row, file and job is deleted.

    There is no way back. Keep the receipt's id: the receipt itself names nobody.
    """
    return await erase_athlete(hub, athlete, withdraw=data is not None and data.withdraw)


@get("/v1/erasures/{erasure_id:str}", tags=["privacy"])
async def receipt(platform_id: PlatformId, erasure_id: FromPath[str]) -> ErasureReceipt:
    """The receipt of an erasure, again."""
    return await read_receipt(platform_id, erasure_id)


@get("/v1/athletes/{athlete_id:str}/export", tags=["privacy"], media_type="application/x-ndjson")
async def hand_out(hub: TheHub, athlete: TheAthlete) -> Stream:
    """Everything that the hub holds of an athlete, as JSON lines: one row of one table on each.

    The last line has `end` and the number of rows by table; without it the answer was cut off. Files are in
    base64. Tokens are left out.
    """
    name = f'attachment; filename="{athlete.id}.jsonl"'
    return Stream(
        hand_out_data(hub, athlete.id),
        media_type="application/x-ndjson",
        headers={"Content-Disposition": name},
    )
