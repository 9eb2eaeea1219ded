"""How long saving a workout takes over the API: `uv run python benchmarks/save_workout.py [count]`.

1,000 workouts, one after the other, each with exports to three providers queued, on a hub with SQLite and
the embedded pipeline, whose workers send the workouts to the sandboxes meanwhile. Beside it, in the same run,
the same number of requests that only check the key and read one row.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable

import msgspec

from hub_core.cli.demo import DEMO_ATHLETE, example_files
from hub_core.cli.serve import make_sandboxes
from hub_core.sandbox.server import serve_sandboxes
from hub_core.storage import generate_key
from hub_core.testing.processes import HubProcesses


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    plan = msgspec.json.decode(example_files()[1].read_bytes())
    plan["date"] = "2026-12-01"
    called = make_sandboxes(["garmin", "intervals", "wahoo"])
    with tempfile.TemporaryDirectory() as folder, serve_sandboxes(called) as sandboxes:
        environment = {
            "HUB_DATABASE_URL": f"sqlite:///{folder}/hub.db",
            "HUB_ENCRYPTION_KEYS": generate_key(),
            "HUB_LOG_LEVEL": "ERROR",
        }
        for server in sandboxes.values():
            environment |= server.sandbox.environment(server.origin)
        with HubProcesses(environment) as hub:
            athlete = hub.platform().athlete(thresholds=msgspec.to_builtins(DEMO_ATHLETE))
            for name in sandboxes:
                athlete.connect(name)
            read = measure(count, lambda: athlete.platform.call("GET", athlete.path))
            save = measure(count, lambda: athlete.save(plan))
            waiting = athlete.platform.call("GET", "/health")["queue"]["waiting"]
    print(f"{count} requests, one after the other   p50       p99       max")
    print(f"read an athlete (reference)        {line(read)}")
    print(f"save a workout, 3 exports queued   {line(save)}")
    print(f"ratio of the p50s: {percentile(save, 50) / percentile(read, 50):.1f}; still queued: {waiting}")


def measure(count: int, call: Callable[[], object]) -> list[float]:
    """Milliseconds of each call, sorted."""
    taken = []
    for _ in range(count):
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)


def percentile(sorted_ms: list[float], share: int) -> float:
    return sorted_ms[min(len(sorted_ms) - 1, len(sorted_ms) * share // 100)]


def line(sorted_ms: list[float]) -> str:
    return "  ".join(
        f"{value:5.1f} ms" for value in (*(percentile(sorted_ms, p) for p in (50, 99)), sorted_ms[-1])
    )


if __name__ == "__main__":
    main()
