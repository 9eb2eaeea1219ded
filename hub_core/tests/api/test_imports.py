"""Files taken in over the API, and what they become."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from hub_core.domain.records import Activity
from hub_core.domain.series import Series
from hub_core.domain.sport import Sport
from hub_core.formats import write_fit_activity


def fit(hour: int = 6) -> bytes:
    time = np.arange(0, 600, 5.0)
    series = Series.of({"time_s": time, "power_w": 200 + time % 20, "distance_m": time * 8})
    start = dt.datetime(2031, 4, 7, hour, 30, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    return write_fit_activity(Activity("x", Sport.RIDE, start, 600.0, 4760.0, series=series))


@pytest.fixture(scope="module")
def athlete(platform: Any) -> Any:
    return platform.athlete("importer")


def test_a_file_as_the_body_and_as_a_part_and_again(athlete: Any) -> None:
    url = f"{athlete.path}/activities/import"
    (first,) = athlete.platform.call("POST", url, content=fit(), params={"file_name": "ride.fit"})
    assert (first["new"], first["known"], first["file_name"]) == (1, 0, "ride.fit")
    assert len(first["activities"]) == 1
    parts = [("file", ("a.fit", fit())), ("file", ("b.fit", fit(hour=18)))]
    again, other = athlete.platform.call("POST", url, files=parts)
    assert (again["new"], again["known"], other["new"]) == (0, 1, 1)


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({"content": b"hello", "params": {"file_name": "x.fit"}}, "x.fit"),
        ({"content": b""}, ""),
        ({"content": b'{"data": 1}'}, "data"),
        ({"files": [("other", ("a.fit", b"1"))]}, "file"),
        ({"files": [("file", ("good.fit", fit())), ("file", ("bad.fit", b"1"))]}, "bad.fit"),
    ],
)
def test_what_can_not_be_read_is_named(athlete: Any, arguments: dict[str, Any], path: str) -> None:
    answer = athlete.platform.http.post(f"{athlete.path}/activities/import", **arguments)
    assert answer.status_code == 422, answer.text
    assert answer.json().get("path", "") == path
    assert answer.json()["detail"]


def test_of_several_files_all_are_taken_or_none(athlete: Any) -> None:
    url = f"{athlete.path}/activities/import"
    parts = [("file", ("good.fit", fit(hour=21))), ("file", ("bad.fit", b"1"))]
    assert athlete.platform.http.post(url, files=parts).status_code == 422
    (kept,) = athlete.platform.call("POST", url, files=parts[:1])
    assert kept["known"] == 0


def test_what_is_too_large_is_refused_before_it_is_read(athlete: Any) -> None:
    answer = athlete.platform.http.post(f"{athlete.path}/activities/import", content=b"\0" * 60_000_001)
    assert answer.status_code == 413
