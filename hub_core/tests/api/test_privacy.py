"""One's data in one's hands, and being forgotten, as a platform asks for them."""

from __future__ import annotations

import json
from typing import Any


def test_data_handed_out_then_erased_with_a_receipt(running: Any, person: Any, platform: Any) -> None:
    person.connect("garmin")
    answer = person.request("GET", "/export")
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert person.id in answer.headers["content-disposition"]
    first, *rows, last = [json.loads(line) for line in answer.text.splitlines()]
    assert (first["format"], last["end"]) == ("hub-athlete-data", True)
    assert len(rows) == sum(last["rows"].values())

    receipt = person.post("/erase")
    assert [(one["provider"], one["told"]) for one in receipt["providers"]] == [("garmin", "revoked")]
    assert receipt["deleted"]["athlete"] == receipt["deleted"]["connection"] == 1
    assert person.request("GET").status_code == 404
    assert person.request("POST", "/erase").status_code == 404
    url = f"/erasures/{receipt['id']}"
    assert platform.call("GET", url) == receipt
    assert running.platform().http.get(url).status_code == 404
    assert person.id not in str(receipt)
    assert person.user not in str(receipt)


def test_another_platforms_athlete_is_not_erased(running: Any, person: Any) -> None:
    stranger = running.platform().http
    for method, path in (("POST", "/erase"), ("GET", "/export"), ("DELETE", "/connections/garmin")):
        assert stranger.request(method, f"{person.path}{path}").status_code == 404
    assert person.request("GET").status_code == 200
    assert person.request("POST", "/erase", json={"withdrawn": True}).status_code == 422


def test_history_is_forgotten_on_request(person: Any) -> None:
    person.connect("wahoo")
    answer = person.request("DELETE", "/connections/wahoo", params={"history": "true"}).json()
    assert answer["revoked"] is True
    assert answer["history"]["observations"] == 0
    assert answer["history"]["jobs"] >= 1
