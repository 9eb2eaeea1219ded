"""Delta sync: what has changed since a client asked last, and what a client has done meanwhile."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import get, post
from litestar.params import FromQuery, JSONBody, QueryParameter

from hub_core.api.access import TheAthlete, TheHub
from hub_core.domain.mutation import OperationResult
from hub_core.domain.validate import MAX_NAME, check_text
from hub_core.errors import InvalidInputError
from hub_core.services.sync.apply_mutations import MOST as MOST_OPERATIONS
from hub_core.services.sync.apply_mutations import apply_mutations
from hub_core.services.sync.read_changes import COLLECTIONS, MOST, ChangePage, read_changes

DEFAULT = 100


@get("/v1/athletes/{athlete_id:str}/changes", tags=["sync"])
async def list_changes(
    hub: TheHub,
    athlete: TheAthlete,
    cursor: FromQuery[str] = "",
    limit: Annotated[
        int, QueryParameter(ge=1, le=MOST, description="How many lines of the feed to look at, at most.")
    ] = DEFAULT,
    collections: Annotated[
        str,
        QueryParameter(
            description=f"Names with commas between, of {', '.join(COLLECTIONS)}; all when empty."
        ),
    ] = "",
) -> ChangePage:
    """What has changed since `cursor`, with the entities as they are now; everything, without a cursor.

    Follow `next_cursor`. Nothing is missed, however many write at the same time. 410 `cursor_expired`: the
    cursor leads nowhere any more; begin without one.
    """
    named = [name.strip() for name in collections.split(",") if name.strip()]
    return await read_changes(hub, athlete, cursor, limit, named)


class Mutations(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one client did offline. `operations` are those of `docs/sync-protocol.md`, each with an id."""

    client_id: str
    operations: tuple[dict[str, Any], ...]


class MutationResults(msgspec.Struct, frozen=True):
    """What became of each, in the order of the request."""

    results: tuple[OperationResult, ...]


@post("/v1/athletes/{athlete_id:str}/mutations", status_code=200, tags=["sync"])
async def take_mutations(hub: TheHub, athlete: TheAthlete, data: JSONBody[Mutations]) -> MutationResults:
    """Apply what a client did offline, each operation once: a repeated one, by client and operation id, has
    the same result. Fields that others have changed meanwhile are merged; `conflict` shows both values."""
    if not data.client_id.strip():
        raise InvalidInputError("a client has an id", path="client_id")
    check_text(data.client_id, MAX_NAME, "client_id")
    if not 1 <= len(data.operations) <= MOST_OPERATIONS:
        raise InvalidInputError(f"send 1 to {MOST_OPERATIONS}", path="operations")
    return MutationResults(tuple(await apply_mutations(hub, athlete, data.client_id, data.operations)))
