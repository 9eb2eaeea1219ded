"""Whoever leaves is gone at the provider as well, also if that doesn't answer, or nobody lives to tell it."""

from __future__ import annotations

from typing import Any

import pytest

from hub_core.sandbox.faults import FaultKind
from hub_core.services.connections import tell_leaving
from hub_core.services.connections.disconnect_provider import disconnect_provider, list_connections
from hub_core.services.connections.end_connection import end_connection
from hub_core.services.exports.statuses import ConnectionStatus
from hub_core.storage.tables import Connection

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


async def is_kept() -> bool:
    return await Connection.exists().where(
        Connection.tokens.is_not_null() | Connection.leaving_tokens.is_not_null()
    )


async def test_a_provider_that_does_not_answer_is_told_later(scene: Any) -> None:
    await scene.connect("wahoo")
    wahoo = scene.sandboxes["wahoo"].sandbox
    scene.fault("wahoo", FaultKind.STATUS, value=503)
    answer = await disconnect_provider(scene.hub, scene.athlete, "wahoo", with_history=True)
    assert (answer.revoked, wahoo.oauth.grants != []) == (False, True)
    assert not await Connection.exists().where(Connection.tokens.is_not_null())
    wahoo.faults.clear()
    await scene.run_all()
    assert (wahoo.oauth.grants, await is_kept()) == ([], False)


async def test_it_is_told_so_for_an_hour_and_no_longer(scene: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tell_leaving, "_GIVE_UP_S", 0)
    await scene.connect("wahoo")
    scene.fault("wahoo", FaultKind.STATUS, value=503)
    await disconnect_provider(scene.hub, scene.athlete, "wahoo")
    await scene.run_all()
    assert not await is_kept()


async def test_who_has_come_back_is_not_thrown_out_by_what_was_left(scene: Any) -> None:
    await scene.connect("wahoo")
    row = await Connection.objects().first()
    async with scene.hub.engine.transaction():  # and nobody lives to tell it
        await end_connection(scene.hub, row, ConnectionStatus.DISCONNECTED, "Left.")
        await tell_leaving.schedule_leaving(scene.hub, row)
    await scene.connect("wahoo")
    await scene.run_all()
    (connection,) = await list_connections(scene.athlete)
    assert (connection.status, scene.sandboxes["wahoo"].sandbox.oauth.grants != []) == ("connected", True)
