"""Athletes and their thresholds."""

from __future__ import annotations

from typing import Any

import pytest

from hub_core.testing.processes import PlatformClient

NUL = "a\x00b"
LONG = "x" * 201


def test_an_athlete_is_created_read_listed_and_changed(running: Any) -> None:
    platform = running.platform()
    body = {"external_id": "7", "name": "Ada", "thresholds": {"ftp_w": 250, "time_zone": "Europe/Berlin"}}
    made = platform.call("POST", "/athletes", json=body)
    path = f"/athletes/{made['id']}"
    assert made == platform.call("GET", path)
    assert (made["external_id"], made["name"], made["export_to"]) == ("7", "Ada", "primary")
    assert made["thresholds"] == {"ftp_w": 250, "time_zone": "Europe/Berlin"}

    changed = platform.call("PATCH", path, json={"export_to": "all", "thresholds": {"lthr_bpm": 170}})
    assert (changed["name"], changed["export_to"]) == ("Ada", "all")
    assert changed["thresholds"] == {"lthr_bpm": 170}
    assert platform.call("PATCH", path, json={}) == changed

    assert changed.pop("stale_exports") == 0

    other = platform.call("POST", "/athletes", json={"external_id": "8"})
    assert platform.call("GET", "/athletes") == [changed, other]


def test_an_external_id_is_used_once_by_each_platform(running: Any) -> None:
    first, second = running.platform(), running.platform()
    body = {"external_id": "the same"}
    first.call("POST", "/athletes", json=body)
    again = first.http.post("/athletes", json=body)
    assert (again.status_code, again.json()["type"]) == (409, "urn:hub:problem:conflict")
    second.call("POST", "/athletes", json=body)


def thresholds(**fields: Any) -> dict[str, Any]:
    return {"external_id": "bad", "thresholds": fields}


BAD = [
    ({}, "external_id"),
    ({"external_id": ""}, "external_id"),
    ({"external_id": "  "}, "external_id"),
    ({"external_id": 7}, "external_id"),
    ({"external_id": NUL}, "external_id"),
    ({"external_id": LONG}, "external_id"),
    ({"external_id": "bad", "name": NUL}, "name"),
    ({"external_id": "bad", "name": LONG}, "name"),
    ({"external_id": "bad", "nmae": "x"}, "nmae"),
    ({"external_id": "bad", "export_to": "some"}, "export_to"),
    ({"external_id": "bad", "thresholds": []}, "thresholds"),
    (thresholds(ftp=250), "thresholds.ftp"),
    (thresholds(ftp_w="250"), "thresholds.ftp_w"),
    (thresholds(ftp_w=-1), "thresholds.ftp_w"),
    (thresholds(ftp_w=250_000), "thresholds.ftp_w"),
    (thresholds(threshold_speed_mps=240), "thresholds.threshold_speed_mps"),
    (thresholds(time_zone="Mars/Olympus"), "thresholds.time_zone"),
    (thresholds(time_zone="../../etc/passwd"), "thresholds.time_zone"),
    (thresholds(time_zone=NUL), "thresholds.time_zone"),
    (thresholds(time_zone="Europe"), "thresholds.time_zone"),
    (thresholds(zones={"power": {"of": "ftp", "edges": [90, 10]}}), "thresholds.zones.power.edges"),
    (thresholds(zones={"power": {"of": "lthr", "edges": [0, 10]}}), "thresholds.zones.power.of"),
    (thresholds(zones={"heat": {"of": "ftp", "edges": [0, 10]}}), "thresholds.zones"),
]


@pytest.mark.parametrize(("body", "path"), BAD)
def test_what_is_wrong_is_named(
    platform: PlatformClient, running: Any, body: dict[str, Any], path: str
) -> None:
    before = running.rows("SELECT count(*) FROM athlete")
    answer = platform.http.post("/athletes", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["path"].startswith(path)
    assert answer.json()["detail"]
    assert running.rows("SELECT count(*) FROM athlete") == before


@pytest.mark.parametrize(
    ("body", "path"), [(body, path) for body, path in BAD if path != "external_id"], ids=repr
)
def test_a_change_is_checked_alike(person: Any, body: dict[str, Any], path: str) -> None:
    before = person.get()
    answer = person.request("PATCH", json={key: body[key] for key in body if key != "external_id"})
    assert answer.status_code == 422
    assert answer.json()["path"].startswith(path)
    assert person.get() == before
