"""Rules: what people have decided about merging."""

from __future__ import annotations

from litestar import Controller, delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from hub_core.api.access import TheAthlete, TheHub
from hub_core.domain.merge import Join, Link, Order, Pin, Split, Unlink
from hub_core.services.merging.decide_merge import RuleChange, RuleView, decide, list_rules, undo


class RulesController(Controller):
    """An athlete's decisions about merging: orders of sources, splits, joins, pins and links."""

    path = "/v1/athletes/{athlete_id:str}/rules"
    tags = ("rules",)

    @get()
    async def list_all(self, athlete: TheAthlete) -> list[RuleView]:
        """The decisions that are in force, the oldest first."""
        return await list_rules(athlete.id)

    @post()
    async def create(
        self,
        hub: TheHub,
        athlete: TheAthlete,
        data: JSONBody[Order | Split | Join | Pin | Link | Unlink],
        preview: FromQuery[bool] = False,
    ) -> RuleChange:
        """Decide, and compute the past anew. `preview`: only tell what would change."""
        return await decide(hub, athlete.id, data, preview=preview)

    @delete("/{rule_id:str}", status_code=200)
    async def remove(
        self, hub: TheHub, athlete: TheAthlete, rule_id: FromPath[str], preview: FromQuery[bool] = False
    ) -> RuleChange:
        """Undo a decision, and compute the past anew. `preview`: only tell what would change."""
        return await undo(hub, athlete.id, rule_id, preview=preview)
