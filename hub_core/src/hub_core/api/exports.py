"""Exports: where each workout stands at each provider."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter

from hub_core.api.access import TheAthlete, TheHub
from hub_core.services.exports.explain_workout import explain_export
from hub_core.services.exports.retry_export import (
    ExportView,
    list_exports,
    read_export,
    retry_export,
    retry_exports,
)
from hub_core.services.exports.settle_drift import DriftAction, settle_drift
from hub_core.services.exports.stale_exports import StaleExport, list_stale, resend_stale
from hub_core.services.exports.statuses import ExportStatus
from hub_core.services.exports.steer_export import cancel_export, prioritise_export, send_export_at
from hub_core.services.exports.tell_outcome import OutcomeSeen, tell_outcome
from hub_core.services.exports.tell_why import Why


class StaleChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which exports to send again; null or nothing at all for every stale one."""

    ids: tuple[str, ...] | None = None


class DriftDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`adopt`: the athlete's change counts. `restore`: the plan counts, and is sent again."""

    action: DriftAction


class OutcomeTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody who has looked at the provider's saw there."""

    seen: OutcomeSeen


class RetryChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which exports to send again; null or nothing at all for every failed one, or those of one provider."""

    ids: tuple[str, ...] | None = None
    provider: str | None = None


class SendAt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When to send: `2026-12-01` for the beginning of the athlete's day, a time by their clock, or one with
    an offset; null for now."""

    send_at: str | None


class ExportsController(Controller):
    """Exports with their attempts."""

    path = "/v1/athletes/{athlete_id:str}/exports"
    tags = ("exports",)

    @get()
    async def list_all(
        self,
        athlete: TheAthlete,
        status: Annotated[ExportStatus | None, QueryParameter(name="status")] = None,
    ) -> list[ExportView]:
        """The newest 500 exports, those of one status if asked."""
        return await list_exports(athlete.id, status=status)

    @get("/stale")
    async def list_stale(self, hub: TheHub, athlete: TheAthlete) -> list[StaleExport]:
        """What was sent and would go out otherwise now, because thresholds have changed: what is ahead, by
        date, each with what was sent and what would be sent."""
        return await list_stale(hub, athlete)

    @post("/stale", status_code=202)
    async def resend_stale(
        self, hub: TheHub, athlete: TheAthlete, data: JSONBody[StaleChoice | None] = None
    ) -> list[ExportView]:
        """Send them again, all or those of `ids`; the providers' copies are replaced."""
        return await resend_stale(hub, athlete, data.ids if data else None)

    @post("/retry", status_code=202)
    async def retry_many(
        self, hub: TheHub, athlete: TheAthlete, data: JSONBody[RetryChoice | None] = None
    ) -> list[ExportView]:
        """Send again what failed, each to the same provider: all of it, or those of `ids`."""
        chosen = data or RetryChoice()
        return await retry_exports(hub, athlete, chosen.ids, chosen.provider)

    @get("/{export_id:str}")
    async def read(self, athlete: TheAthlete, export_id: FromPath[str]) -> ExportView:
        """One export with every attempt."""
        return await read_export(athlete.id, export_id)

    @get("/{export_id:str}/why")
    async def why(self, hub: TheHub, athlete: TheAthlete, export_id: FromPath[str]) -> Why:
        """The chain of facts from saving to now, and what comes next, by whom."""
        return await explain_export(hub, athlete, export_id)

    @post("/{export_id:str}/drift", status_code=202)
    async def settle_drift(
        self, hub: TheHub, athlete: TheAthlete, export_id: FromPath[str], data: JSONBody[DriftDecision]
    ) -> ExportView:
        """Decide about what the athlete has changed at the provider (`reason_code` `drifted`)."""
        return await settle_drift(hub, athlete, export_id, data.action)

    @post("/{export_id:str}/outcome", status_code=202)
    async def tell_outcome(
        self, hub: TheHub, athlete: TheAthlete, export_id: FromPath[str], data: JSONBody[OutcomeTold]
    ) -> ExportView:
        """Tell what the hub can't look up (`outcome_unknown`): it is there, or send it again."""
        return await tell_outcome(hub, athlete, export_id, data.seen)

    @post("/{export_id:str}/retry", status_code=202)
    async def retry(self, hub: TheHub, athlete: TheAthlete, export_id: FromPath[str]) -> ExportView:
        """Send again what failed, to the same provider."""
        return await retry_export(hub, athlete, export_id)

    @post("/{export_id:str}/cancel", status_code=200)
    async def cancel(self, hub: TheHub, athlete: TheAthlete, export_id: FromPath[str]) -> ExportView:
        """Don't send what waits. What the provider holds already stays there."""
        return await cancel_export(hub, athlete, export_id)

    @post("/{export_id:str}/prioritise", status_code=202)
    async def prioritise(self, hub: TheHub, athlete: TheAthlete, export_id: FromPath[str]) -> ExportView:
        """Send it before everything else that waits."""
        return await prioritise_export(hub, athlete, export_id)

    @put("/{export_id:str}/send_at", status_code=202)
    async def send_at(
        self, hub: TheHub, athlete: TheAthlete, export_id: FromPath[str], data: JSONBody[SendAt]
    ) -> ExportView:
        """Hold what waits until a moment, or let it go now."""
        return await send_export_at(hub, athlete, export_id, data.send_at)
