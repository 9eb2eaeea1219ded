"""Files of people: activities of devices, and Health Auto Export's JSON."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, post
from litestar.params import QueryParameter

from hub_core.api.access import TheAthlete, TheHub
from hub_core.errors import InvalidInputError
from hub_core.services.import_files import Imported, import_files

#: The largest TCX of a day. Apple's exports are larger: `hub import` reads them from disk.
MAX_IMPORT_BYTES = 60_000_000
MAX_FILES = 50


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
    if request.content_type[0] != "multipart/form-data":
        return await import_files(hub, athlete, [(file_name, await request.body())])
    parts = [part for part in (await request.form()).getall("file", []) if hasattr(part, "filename")]
    if not 1 <= len(parts) <= MAX_FILES:
        raise InvalidInputError(f"send 1 to {MAX_FILES} parts named `file`", path="file")
    return await import_files(hub, athlete, [(part.filename, await part.read()) for part in parts])
