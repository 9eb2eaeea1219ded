"""The numbers that operators watch, on the registry of the process. `/metrics` shows them.

Names and alerts belong together: `docs/alerts.yml` is tested against this file.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

PROVIDER_CALLS = Counter(
    "hub_provider_calls", "Calls to providers, by how they went.", ("provider", "method", "outcome")
)
PROVIDER_SECONDS = Histogram(
    "hub_provider_call_seconds",
    "How long providers take to answer.",
    ("provider",),
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
CALLS_HELD = Counter("hub_provider_calls_held", "Calls that the hub held back.", ("provider", "code"))
REFRESHES = Counter("hub_token_refreshes", "Refreshes of tokens, by how they went.", ("provider", "outcome"))
JOBS = Counter("hub_jobs", "Jobs that were run, by how they ended.", ("kind", "outcome"))
EXPORT_ENDS = Counter("hub_export_ends", "Tries of exports, by where they left it.", ("provider", "status"))

QUEUE = Gauge("hub_queue_jobs", "Jobs by state.", ("state",))
QUEUE_AGE = Gauge(
    "hub_queue_oldest_due_seconds", "For how long the oldest job that could be done has waited."
)
EXPORTS = Gauge("hub_exports", "Exports that are not sent, by where they stand.", ("provider", "status"))
CIRCUIT_OPEN = Gauge("hub_circuit_open", "1 while calls to a provider are held back.", ("provider",))
