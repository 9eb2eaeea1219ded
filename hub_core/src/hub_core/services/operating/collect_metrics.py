"""Looks up the numbers that stand in the database, for whoever asks for metrics."""

from __future__ import annotations

from prometheus_client import generate_latest

from hub_core.services.hub import Hub
from hub_core.services.operating.metrics import CIRCUIT_OPEN, EXPORTS, QUEUE, QUEUE_AGE
from hub_core.storage import jobs
from hub_core.storage.circuits import list_circuits

#: What was sent grows for ever, and the counter `hub_export_ends` tells of it. The rest stays small, and has
#: an index of its own: of 200,000 exports, 4,000 of them open, PostgreSQL counts all in 330 ms, these in 30.
OPEN_EXPORTS = (
    "SELECT provider, status, COUNT(*) AS n FROM \"export\" WHERE status <> 'SENT' GROUP BY provider, status"
)


async def collect_metrics(hub: Hub) -> bytes:
    """All metrics of this process and of the database, in Prometheus's text format."""
    queue = await jobs.queue_state(hub.engine)
    for state in ("waiting", "held", "running", "dead"):
        QUEUE.labels(state).set(getattr(queue, state))
    QUEUE_AGE.set(queue.oldest_due_ms / 1000)
    rows = await hub.engine.execute(OPEN_EXPORTS)
    EXPORTS.clear()
    for row in rows:
        EXPORTS.labels(row["provider"] or "none", row["status"]).set(row["n"])
    is_open = {one.provider for one in await list_circuits(hub.engine) if one.is_open}
    for name in hub.registry.providers:
        CIRCUIT_OPEN.labels(name).set(name in is_open)
    return generate_latest()
