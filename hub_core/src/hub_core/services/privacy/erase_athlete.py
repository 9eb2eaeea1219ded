"""Erases an athlete: every row of theirs in every table, after their providers were told.

The receipt that stays says what was done, and nothing about whom it was done to.
"""

from __future__ import annotations

import asyncio
import datetime as dt

import msgspec

from hub_core.errors import NotFoundError
from hub_core.services.connections.disconnect_provider import leave_provider
from hub_core.services.connections.revoke_grant import Told
from hub_core.services.exports.statuses import ExportStatus
from hub_core.services.hub import Hub
from hub_core.services.workouts.save_workout import delete_workout
from hub_core.storage import new_id, now_ms, save_row
from hub_core.storage.ownership import owned_tables
from hub_core.storage.tables import Athlete, Connection, Erasure, Export

#: Planned workouts are removed by jobs, as always. A provider that is down doesn't keep anybody.
WITHDRAW_PATIENCE_S = 20.0
_LOOK_AGAIN_S = 0.1
#: PostgreSQL ends one of two transactions that wait for each other, and it may be this one.
_TRIES = 5


class ProviderAnswer(msgspec.Struct, frozen=True):
    """What became of one connection. `told`: whether the provider knows that the grant has ended.

    `withdrawn` planned workouts were removed there; `left` were not, or were not asked to be.
    """

    provider: str
    told: Told
    withdrawn: int
    left: int


class ErasureReceipt(msgspec.Struct, frozen=True):
    """Rows by table, how many files were among them, and what each provider answered. Nothing personal."""

    id: str
    erased: dt.datetime
    deleted: dict[str, int]
    files: int
    providers: tuple[ProviderAnswer, ...]


async def erase_athlete(hub: Hub, athlete: Athlete, *, withdraw: bool = False) -> ErasureReceipt:
    """Revoke at every provider, delete everything, and leave a receipt.

    With `withdraw`, planned workouts are removed from the providers first, for as long as that takes but no
    longer than `WITHDRAW_PATIENCE_S`. Raises `NotFoundError` when somebody else was quicker. Killed in the
    middle it has ended connections and deleted nothing else: ask again.
    """
    held = await _held(athlete.id)
    if withdraw:
        await _withdraw(hub, athlete)
    still_held = await _held(athlete.id)
    rows = await Connection.objects().where(Connection.athlete_id == athlete.id).order_by(Connection.provider)
    revoked = await asyncio.gather(*(leave_provider(hub, row, "The athlete is erased.") for row in rows))
    answers = []
    for row, revocation in zip(rows, revoked, strict=True):
        left = still_held.get(row.provider, 0)
        withdrawn = max(0, held.get(row.provider, 0) - left)
        answers.append(ProviderAnswer(row.provider, revocation.told, withdrawn, left))
    for _ in range(_TRIES - 1):
        try:
            return await _delete(hub, athlete, tuple(answers))
        except NotFoundError:
            raise
        except Exception as error:
            if "deadlock" not in type(error).__name__.lower():
                raise
    return await _delete(hub, athlete, tuple(answers))


async def read_receipt(platform_id: str, erasure_id: str) -> ErasureReceipt:
    """The receipt of an erasure that this platform asked for, or `NotFoundError`."""
    mine = (Erasure.id == erasure_id) & (Erasure.platform_id == platform_id)
    row = await Erasure.objects().where(mine).first()
    if row is None:
        raise NotFoundError("there is no such erasure")
    return ErasureReceipt(
        row.id,
        dt.datetime.fromtimestamp(row.erased_ms / 1000, dt.UTC),
        msgspec.json.decode(row.deleted, type=dict[str, int]),
        row.files,
        msgspec.json.decode(row.providers, type=tuple[ProviderAnswer, ...]),
    )


async def _held(athlete_id: str) -> dict[str, int]:
    """How many workouts each provider holds."""
    rows = await Export.select(Export.provider).where(
        (Export.athlete_id == athlete_id) & (Export.external_ids != "{}")
    )
    providers = [row["provider"] for row in rows]
    return {name: providers.count(name) for name in providers}


async def _withdraw(hub: Hub, athlete: Athlete) -> None:
    """Delete the workouts as people do, and wait for the jobs to remove the copies."""
    sent = await Export.select(Export.workout_id).where(
        (Export.athlete_id == athlete.id) & (Export.external_ids != "{}")
    )
    for workout_id in sorted({row["workout_id"] for row in sent}):
        try:
            await delete_workout(hub, athlete, workout_id)
        except NotFoundError:
            continue  # deleted before: its jobs are on their way
    called = [name for name, one in hub.registry.providers.items() if one.manifest.delivery != "pickup"]
    pending = (
        (Export.athlete_id == athlete.id)
        & (Export.status == ExportStatus.PENDING)
        & Export.provider.is_in(called)
    )
    for _ in range(int(WITHDRAW_PATIENCE_S / _LOOK_AGAIN_S)):
        if not await Export.exists().where(pending):
            return
        await asyncio.sleep(_LOOK_AGAIN_S)


async def _delete(hub: Hub, athlete: Athlete, answers: tuple[ProviderAnswer, ...]) -> ErasureReceipt:
    """Everything at once, with the receipt. Whoever was still at work finds its rows gone, or nobody."""
    lock = " FOR UPDATE" if hub.engine.kind == "postgres" else ""
    async with hub.engine.transaction():
        if not await hub.engine.execute(f'SELECT id FROM "athlete" WHERE id = {{}}{lock}', athlete.id):  # noqa: S608
            raise NotFoundError("there is no such athlete")
        # Locks in the order of whoever brings something in: connections before what comes of them.
        await hub.engine.execute(f'SELECT id FROM "connection" WHERE athlete_id = {{}}{lock}', athlete.id)  # noqa: S608
        (found,) = await hub.engine.execute(
            'SELECT COUNT(*) AS n FROM "delivery" WHERE athlete_id = {} AND file IS NOT NULL', athlete.id
        )
        deleted = {}
        for owned in owned_tables():
            rows = f'"{owned.name}" WHERE {owned.condition}'
            arguments = owned.arguments(athlete.id)
            (count,) = await hub.engine.execute(f"SELECT COUNT(*) AS n FROM {rows}", *arguments)  # noqa: S608
            await hub.engine.execute(f"DELETE FROM {rows}", *arguments)  # noqa: S608
            deleted[owned.name] = int(count["n"])
        row = Erasure(
            id=new_id("era"),
            platform_id=athlete.platform_id,
            deleted=msgspec.json.encode(deleted).decode(),
            files=int(found["n"]),
            providers=msgspec.json.encode(answers).decode(),
            erased_ms=now_ms(),
        )
        await save_row(row)
    return await read_receipt(row.platform_id, row.id)
