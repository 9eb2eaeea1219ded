"""What fault tests count: workouts that were lost, doubled or are wrong, printed with the seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from hub_core.sandbox.server import SandboxServer


def rides(plans: Sequence[Mapping[str, Any]], count: int, name: str = "Ride") -> list[dict[str, Any]]:
    """So many rides of tomorrow, from the examples."""
    return [{**plans[1], "name": f"{name} {number}", "date": plans[0]["date"]} for number in range(count)]


def titles(server: SandboxServer, user: str = "athlete-1") -> list[str]:
    """What the device shows."""
    return [workout.title for workout in server.sandbox.device(user).workouts]


def tell(name: str, wanted: Sequence[str], found: Sequence[str], wrong: Sequence[Any], seed: int = 0) -> None:
    """Print the three counts, which must be 0."""
    counts = Counter(found)
    lost = [title for title in wanted if title not in counts]
    doubled = sorted(title for title, count in counts.items() if count > 1)
    print(f"{name} seed {seed}: {len(lost)} lost, {len(doubled)} doubled, {len(wrong)} wrong")  # noqa: T201
    if lost or doubled or wrong:
        raise AssertionError(f"{name}: lost {lost}, doubled {doubled}, wrong {list(wrong)}")
