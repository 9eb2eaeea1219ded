"""Files of people: activities of devices, and Health Auto Export's JSON."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from litestar import Request, post
from litestar.exceptions import HTTPException
from litestar.params import QueryParameter

from hub_core.api.access import TheAthlete, TheHub
from hub_core.errors import InvalidInputError
from hub_core.services.inbound.import_files import Imported, import_files

#: The largest TCX of a day. Apple's exports are larger: `hub import` reads them from disk.
MAX_IMPORT_BYTES = 60_000_000
MAX_FILES = 50
#: Taken at the same time, with their bodies in memory; others wait before theirs is read.
UPLOADS_AT_ONCE = 2
#: Of those, none may keep the others waiting for longer.
UPLOAD_S = 120.0


@post(
    "/v1/athletes/{athlete_id:str}/activities/import",
    status_code=200,
    tags=["inbound"],
    request_max_body_size=MAX_IMPORT_BYTES,
)
async def take_files(
    hub: TheHub,
    athlete: TheAthlete,
    request: Request[Any, Any, Any],
    file_name: Annotated[str, QueryParameter(description="The name of a file that is the body itself.")] = "",
) -> list[Imported]:
    """Take in files: FIT, TCX or GPX (also packed with gzip), or Health Auto Export's JSON.

    Send `multipart/form-data` with parts named `file`, or one file as the body. The same file again changes
    nothing, and of several files all are taken or none. At most 60 MB at once; Apple Health's `export.zip`
    goes through `hub import`.
    """
    async with request.app.state.uploads:
        return await import_files(hub, athlete, await _read(request, file_name))


async def _read(request: Request[Any, Any, Any], file_name: str) -> list[tuple[str, bytes]]:
    """The names and contents of the files in a request, which have to arrive in a bearable time."""
    try:
        async with asyncio.timeout(UPLOAD_S):
            if request.content_type[0] != "multipart/form-data":
                return [(file_name, await request.body())]
            form = await request.form()
    except TimeoutError as error:
        raise HTTPException("the files took too long to arrive", status_code=408) from error
    parts = [part for part in form.getall("file", []) if hasattr(part, "filename")]
    if not 1 <= len(parts) <= MAX_FILES:
        raise InvalidInputError(f"send 1 to {MAX_FILES} parts named `file`", path="file")
    return [(part.filename, await part.read()) for part in parts]
