"""Applies what a client did offline: each operation once, by itself, in its order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from hub_core.domain.mutation import Operation, OperationResult
from hub_core.errors import ConflictError, HubError, InvalidInputError
from hub_core.formats.workout_json import invalid_input_from_msgspec
from hub_core.services.hub import Hub
from hub_core.services.inbound.lock_athlete import lock_athlete
from hub_core.services.sync.apply_operation import apply_operation
from hub_core.storage import digest, find_row, now_ms, save_row
from hub_core.storage.inbound_tables import Mutation
from hub_core.storage.tables import Athlete

MOST = 200
_LONGEST_ID = 200


async def apply_mutations(
    hub: Hub, athlete: Athlete, client_id: str, operations: Sequence[dict[str, Any]]
) -> list[OperationResult]:
    """The results, in the order of the request. One that fails leaves nothing behind and stops no other.

    The same operation again, by client and its id, is not done again and has the same result. Raises
    `InvalidInputError` for a request in which operations can't be told apart.
    """
    ids = [_id_of(one, index) for index, one in enumerate(operations)]
    if len(set(ids)) != len(ids):
        raise InvalidInputError("two operations have the same id", path="operations")
    order = sorted(range(len(ids)), key=lambda index: (_sequence(operations[index]), index))
    results = {
        index: await _apply_once(hub, athlete, client_id, ids[index], operations[index]) for index in order
    }
    return [results[index] for index in range(len(ids))]


def _id_of(operation: dict[str, Any], index: int) -> str:
    told = operation.get("id")
    if not isinstance(told, str) or not told.strip() or len(told) > _LONGEST_ID:
        raise InvalidInputError(f"needs 1 to {_LONGEST_ID} characters", path=f"operations[{index}].id")
    return told


def _sequence(operation: dict[str, Any]) -> int:
    told = operation.get("sequence")
    return told if isinstance(told, int) else 0


async def _apply_once(
    hub: Hub, athlete: Athlete, client_id: str, operation_id: str, raw: dict[str, Any]
) -> OperationResult:
    identity = digest(f"{athlete.id}/{client_id}/{operation_id}")
    said = digest(msgspec.json.encode(raw, order="sorted").decode())
    try:
        async with hub.engine.transaction():
            await lock_athlete(hub, athlete.id)
            if known := await _known(identity, said, operation_id):
                return known
            result = await apply_operation(hub, athlete, _read(raw))
            await _keep(athlete, identity, said, result)
            return result
    except HubError as error:
        # Whatever it had done is undone by now.
        result = _refusal(operation_id, error)
    async with hub.engine.transaction():
        await lock_athlete(hub, athlete.id)
        if known := await _known(identity, said, operation_id):
            return known
        await _keep(athlete, identity, said, result)
    return result


def _read(raw: dict[str, Any]) -> Operation:
    try:
        # By way of JSON, so that dates and times are read.
        operation: Operation = msgspec.json.decode(msgspec.json.encode(raw), type=Operation)
    except msgspec.ValidationError as error:
        raise invalid_input_from_msgspec(error) from error
    return operation


def _refusal(operation_id: str, error: HubError) -> OperationResult:
    path = error.path if isinstance(error, InvalidInputError) else ""
    detail = error.detail if isinstance(error, InvalidInputError) else error.message
    status = "conflict" if isinstance(error, ConflictError) else "rejected"
    return OperationResult(operation_id, status, detail=detail, path=path)  # type: ignore[arg-type]


async def _known(identity: str, said: str, operation_id: str) -> OperationResult | None:
    row = await find_row(Mutation, id=identity)
    if row is None:
        return None
    if row.body_digest != said:
        return OperationResult(
            operation_id, "rejected", detail="this id was used for another operation", path="id"
        )
    return msgspec.json.decode(row.result, type=OperationResult)


async def _keep(athlete: Athlete, identity: str, said: str, result: OperationResult) -> None:
    await save_row(
        Mutation(
            id=identity,
            athlete_id=athlete.id,
            body_digest=said,
            result=msgspec.json.encode(result).decode(),
            created_ms=now_ms(),
        )
    )
