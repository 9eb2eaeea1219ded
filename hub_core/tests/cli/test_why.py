"""`hub why` prints the chain of a workout, found by what people have at hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from hub_core.cli.demo import example_files
from hub_core.cli.local import local_athlete, run_with_hub
from hub_core.formats import open_workout
from hub_core.services.hub import Hub
from hub_core.services.workouts.save_workout import save_workout


def test_a_workout_that_goes_nowhere_says_why(hub: Any) -> None:
    async def save(hub: Hub) -> None:
        ride = open_workout(example_files()[1]).workout
        dated = msgspec.structs.replace(ride, date=dt.date(2031, 4, 7))
        await save_workout(hub, await local_athlete(hub), dated, providers=("intervals",))

    assert hub("migrate").code == 0
    run_with_hub(save)  # nothing is connected
    done = hub("why", "VO2max 5 x 3 min")
    assert done.code == 0
    assert "NOT_CONNECTED not_connected" in done.out
    assert "✓ saved      Revision 1 was saved, for 2031-04-07." in done.out
    assert "✗ selected   Connect intervals first." in done.out
    assert "→ athlete    Connect it first" in done.out
    assert hub("why", "nothing of the kind").is_one_line
