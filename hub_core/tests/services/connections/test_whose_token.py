"""F27: nobody's job ever gets another athlete's token."""

from __future__ import annotations

import asyncio
import random

import pytest

from hub_core.errors import VaultError
from hub_core.sdk.tokens import TokenSet
from hub_core.storage import new_id, save_row
from hub_core.storage.tables import Connection
from hub_core.storage.token_vault import load_tokens, seal_tokens, store_refreshed


@pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
@pytest.mark.parametrize("turns", [2_000, pytest.param(10_000, marks=pytest.mark.chaos)])
async def test_f27_no_job_gets_another_athletes_token(scene, turns: int) -> None:
    """Reads, refreshes and reconnects of many connections, interleaved at random."""
    rows, keys, engine = {}, scene.hub.keys, scene.hub.engine
    for number in range(20):
        row = Connection(id=new_id("con"), athlete_id=f"ath_{number}", provider="garmin", connected_ms=1)
        row.status, row.updated_ms = "connected", 1
        row.tokens = seal_tokens(keys, row.id, TokenSet(f"{row.id}/0", "r"))
        await save_row(row)
        rows[row.id] = 0
    chance = random.Random(6)
    wrong = 0

    async def act(connection_id: str, number: int) -> None:
        nonlocal wrong
        stored = await load_tokens(engine, keys, connection_id)
        wrong += not stored.tokens.access_token.startswith(f"{connection_id}/")
        if number % 4 == 0:
            new = TokenSet(f"{connection_id}/{number}", "r")
            await store_refreshed(engine, keys, connection_id, stored.version, new)

    for start in range(0, turns, 50):
        acts = [(chance.choice(list(rows)), start + step) for step in range(50)]
        await asyncio.gather(*(act(*turn) for turn in acts))
    assert wrong == 0
    # And a row's tokens that were put into another's open nowhere.
    one, other = list(rows)[:2]
    await engine.execute(
        'UPDATE "connection" SET tokens = (SELECT tokens FROM "connection" WHERE id = {}) WHERE id = {}',
        one,
        other,
    )
    with pytest.raises(VaultError):
        await load_tokens(engine, keys, other)
