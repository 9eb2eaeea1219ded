"""`hub activities`: a table of what was done."""

from __future__ import annotations

from typing import Any

from hub_core.cli.local import local_athlete, run_with_hub
from hub_core.domain.records import Records
from hub_core.domain.sport import Sport
from hub_core.services.hub import Hub
from hub_core.services.inbound.observe import observe
from hub_core.testing.statements import activity


def test_activities_are_listed_with_their_sources(hub: Any) -> None:
    async def say(running: Hub) -> None:
        me = (await local_athlete(running)).id
        ride = activity("w1", sport=Sport.RIDE, distance_m=40_100.0, avg_power_w=231.4, name="[red]Tempo")
        await observe(running, me, "wahoo", Records(activities=(ride,)))
        watch = activity(
            "g1", sport=Sport.RIDE, distance_m=40_000.0, origin="wahoo", late_s=5, avg_heart_rate_bpm=141.0
        )
        evening = activity("g2", late_s=36_000.0, distance_m=None)
        await observe(running, me, "garmin", Records(activities=(watch, evening)))

    hub("athlete")
    run_with_hub(say)
    done = hub("activities", "--from", "2026-11-01", "--to", "2026-11-30")
    assert done.code == 0
    _, ride, run = done.out.splitlines()
    assert ride.split()[:4] == ["2026-11-14", "07:00", "ride", "[red]Tempo"]
    assert ride.split()[4:-1] == ["1", "h", "40.10", "141", "231", "garmin,", "wahoo", "2", "⇒", "1"]
    assert run.split()[:4] == ["2026-11-14", "17:00", "run", "–"]
    assert "⇒" not in run


def test_nothing_and_a_date_that_is_none(hub: Any) -> None:
    assert (
        "No activities from 2026-11-01 to 2026-11-30."
        in hub("activities", "--from", "2026-11-01", "--to", "2026-11-30").out
    )
    nobody = hub("activities", "ath_nobody")
    assert nobody.is_one_line
    assert "there is no athlete 'ath_nobody'" in nobody.err
    wrong = hub("activities", "--from", "yesterday")
    assert wrong.is_one_line
    assert "--from" in wrong.err
