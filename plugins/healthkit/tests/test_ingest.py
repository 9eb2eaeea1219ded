"""A phone's batch as records: every word of Apple's, and whatever else comes."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.sdk import Delivery, Records, Rejected, SampleMetric, Sport, Stage
from hub_healthkit.ingest import to_records

SPAN = {"startDate": "2031-04-07T04:30:00Z", "endDate": "2031-04-07T05:30:00Z", "zoneOffset": "+02:00"}


def read(kind: str = "batch", **lists: Any) -> Records:
    body: Any = {"data": lists} if kind == "batch" else lists
    return to_records(Delivery("phone", kind, json.dumps(body).encode(), "k"), dt.UTC)


def test_a_workout_with_all_that_a_watch_tells() -> None:
    minute = "2031-04-07T04:31:00Z"
    workout = {
        **SPAN,
        "id": "w-1",
        "type": 46,
        "source": {"name": "Connect", "bundleIdentifier": "com.garmin.connect.mobile"},
        "metadata": {"HKExternalUUID": "g-9", "workoutPlanId": "P", "HKSwimmingLocationType": 2},
        "values": [
            {"type": "distance", "unit": "km", "value": 2.5},
            {"type": "distance", "unit": "parsec", "value": 1},
        ],
        "laps": [{"startDate": SPAN["startDate"], "endDate": minute, "distance": 50}],
        "samples": [
            {
                "type": "HKQuantityTypeIdentifierHeartRate",
                "unit": "count/s",
                "value": 2.5,
                "startDate": minute,
            }
        ],
        "routePoints": [{"lat": 47.0, "lon": 8.0, "t": minute, "speed": -1}],
    }
    (told,) = read(workouts=[workout]).activities
    assert (told.external_id, told.sport, told.distance_m) == ("W-1", Sport.OPEN_WATER_SWIM, 2_500)
    assert (told.origin, told.origin_id, told.planned_reference) == ("garmin", "g-9", "P")
    assert (told.laps[0].duration_s, told.laps[0].distance_m) == (60, 50)
    assert told.series is not None
    assert told.series.names() == ("time_s", "heart_rate_bpm", "latitude_deg", "longitude_deg")
    heart = told.series.column("heart_rate_bpm")
    assert heart is not None
    assert heart[0] == 150


@pytest.mark.parametrize(
    ("raw", "stage"), [(0, Stage.IN_BED), (1, Stage.ASLEEP), (5, Stage.REM), ("light", Stage.CORE)]
)
def test_stages_by_name_and_number(raw: Any, stage: Stage) -> None:
    (sample,) = read("sleep", sleep=[{**SPAN, "id": "s", "stage": raw}]).samples
    assert (sample.metric, sample.stage) == (SampleMetric.SLEEP, stage)


def test_a_deletion_without_a_type_is_of_whatever_has_that_id() -> None:
    told = read(deleted=[{"id": "a"}, {"id": "b", "type": "HKWorkoutTypeIdentifier"}]).deleted
    assert [(one.external_id, one.kind) for one in told] == [
        ("A", "activity"),
        ("A", "sample"),
        ("B", "activity"),
    ]


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_FIELDS = (
    "id",
    "type",
    "value",
    "unit",
    "stage",
    "source",
    "metadata",
    "values",
    "laps",
    "samples",
    "routePoints",
)
_ITEMS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(_FIELDS, _ANYTHING),
            **{
                name: _ANYTHING | st.datetimes(timezones=st.just(dt.UTC)).map(dt.datetime.isoformat)
                for name in SPAN
            },
        },
    ),
    max_size=3,
)


@given(st.fixed_dictionaries(dict.fromkeys(("records", "sleep", "workouts", "deleted"), _ITEMS | _ANYTHING)))
def test_whatever_comes_is_taken_or_refused_item_by_item(lists: dict[str, Any]) -> None:
    with suppress(Rejected):  # when a list is none
        told = read(**lists)
        assert all(one.path.startswith("data.") for one in told.refused)
        msgspec.json.encode(told)
