"""The engine's figures, each beside its reference in the same run.

uv run python benchmarks/engine.py [--short] [save arrive drain share start kill memory lease webhooks]

Real processes and sockets: hubs, workers, a provider's sandbox, PostgreSQL, Redis. `--short` takes some
minutes on two busy cores, everything takes hours. All that is named is done one after the other. A
figure that depends on the machine's speed says little alone: look at the reference beside it.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator

from figures import api, drain, queue
from figures.table import Figure, Size, say, show

PARTS: dict[str, Callable[[Size], Iterator[Figure]]] = {
    "save": api.save,
    "arrive": api.arrive,
    "drain": drain.drain,
    "share": queue.share,
    "start": queue.start,
    "kill": queue.kill,
    "memory": drain.memory,
    "lease": queue.lease,
    "webhooks": api.webhooks,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--short", action="store_true", help="few of everything")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all when none is named")
    asked = parser.parse_args()
    # So that nothing of what was started stays behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    figures: list[Figure] = []
    began = time.monotonic()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before; Python {sys.version.split()[0]}")
    for name in asked.parts or PARTS:
        say(name)
        for figure in PARTS[name](Size(asked.short)):
            say(f"{figure.what}: {figure.measured} (reference: {figure.reference})")
            figures.append(figure)
    show(figures)
    print(f"load {os.getloadavg()[0]:.1f} afterwards, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
