"""Thresholds, zones and the checks on them."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest

from hub_core.domain.athlete import DEFAULT_ZONES, REFERENCE_FIELDS, Athlete, ZoneTable, check_athlete
from hub_core.domain.sport import SportFamily
from hub_core.domain.workout import METRIC_REFERENCES, Metric, Reference
from hub_core.errors import InvalidInputError
from hub_core.testing.strategies import KNOWN_ATHLETE


def test_known_athletes_pass() -> None:
    check_athlete(Athlete())
    check_athlete(KNOWN_ATHLETE)
    own = ZoneTable(Reference.MAX_HR, (50, 60, 70, 80, 90, 100))
    check_athlete(Athlete(zones={Metric.HEART_RATE: own}, time_zone="Europe/Berlin"))


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"ftp_w": 19}, "ftp_w"),
        ({"ftp_w": 2500}, "ftp_w"),
        ({"ftp_w": math.nan}, "ftp_w"),
        ({"lthr_bpm": 2.8}, "lthr_bpm"),
        ({"max_hr_bpm": 251}, "max_hr_bpm"),
        ({"threshold_speed_mps": 240}, "threshold_speed_mps"),
        ({"css_mps": -1}, "css_mps"),
        ({"weight_kg": math.inf}, "weight_kg"),
        ({"zones": {Metric.POWER: ZoneTable(Reference.FTP, (55,))}}, "zones.power.edges"),
        ({"zones": {Metric.POWER: ZoneTable(Reference.FTP, (0, 75, 75))}}, "zones.power.edges"),
        ({"zones": {Metric.POWER: ZoneTable(Reference.FTP, (-5, 75))}}, "zones.power.edges"),
        ({"zones": {Metric.POWER: ZoneTable(Reference.FTP, (0, math.nan, 75))}}, "zones.power.edges"),
        ({"zones": {Metric.POWER: ZoneTable(Reference.LTHR, (0, 75))}}, "zones.power.of"),
        ({"zones": {Metric.CADENCE: ZoneTable(Reference.FTP, (0, 75))}}, "zones.cadence.of"),
        ({"time_zone": ""}, "time_zone"),
        ({"time_zone": "Mars/Olympus_Mons"}, "time_zone"),
        ({"time_zone": "Europe"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"time_zone": "UTC\x00"}, "time_zone"),
        ({"time_zone": "x" * 5000}, "time_zone"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_athlete(Athlete(**fields))
    assert caught.value.path == path


def test_every_reference_has_its_field() -> None:
    for reference in Reference:
        value = getattr(KNOWN_ATHLETE, REFERENCE_FIELDS[reference])
        assert value is not None
        assert KNOWN_ATHLETE.reference(reference) == value
        assert Athlete().reference(reference) is None


def test_the_published_zones_pass_the_check() -> None:
    check_athlete(Athlete(zones=DEFAULT_ZONES))
    for metric, table in DEFAULT_ZONES.items():
        assert table.of in METRIC_REFERENCES[metric]
        assert all(low < high for low, high in itertools.pairwise(table.edges))


def test_zone_tables_by_sport() -> None:
    athlete = Athlete()
    running = athlete.zone_table(Metric.PACE, SportFamily.RUNNING)
    swimming = athlete.zone_table(Metric.PACE, SportFamily.SWIMMING)
    assert running is not None
    assert swimming == ZoneTable(Reference.CSS, running.edges)
    assert athlete.zone_table(Metric.SPEED, SportFamily.RUNNING) == running
    assert athlete.zone_table(Metric.RPE, SportFamily.RUNNING) is None
