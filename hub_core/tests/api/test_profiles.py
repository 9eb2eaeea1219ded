"""Pictures over the API: SVG with its own type, of this athlete's workouts only, and documented."""

from __future__ import annotations

import json
from typing import Any

import defusedxml.ElementTree
import httpx
import pytest

SVG = "{http://www.w3.org/2000/svg}"


def picture(answer: httpx.Response) -> Any:
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == "image/svg+xml"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    root = defusedxml.ElementTree.fromstring(answer.content)
    assert root.tag == f"{SVG}svg"
    return root


def words(root: Any) -> list[str]:
    return [element.text for element in root.iter(f"{SVG}text")]


def test_a_saved_workout_is_drawn_with_the_athletes_thresholds(person: Any, plan: dict[str, Any]) -> None:
    path = f"/workouts/{person.save(plan)}/profile.svg"
    root = picture(person.request("GET", path))
    assert root.findtext(f"{SVG}title") == "Ten minutes · ride · 10 min"
    assert "100 % is FTP 265 W" in words(root)
    assert "265 W" in words(root)
    person.request("PATCH", json={"thresholds": {"ftp_w": 200}})
    assert "100 % is FTP 200 W" in words(picture(person.request("GET", path)))


def test_an_unsaved_workout_is_drawn_alike(person: Any, plan: dict[str, Any]) -> None:
    saved = person.request("GET", f"/workouts/{person.save(plan)}/profile.svg")
    before = person.get("/workouts")
    unsaved = person.request("POST", "/preflight/profile.svg", json=plan)
    assert picture(unsaved) is not None
    assert unsaved.text == saved.text
    assert person.get("/workouts") == before


def test_a_hostile_name_stays_a_name(person: Any, plan: dict[str, Any]) -> None:
    name = "</title><script>alert('ü')</script>"
    root = picture(person.request("POST", "/preflight/profile.svg", json=plan | {"name": name}))
    assert list(root.iter(f"{SVG}script")) == []
    assert name in words(root)


@pytest.mark.parametrize("missing", ["/workouts/nosuch/profile.svg", "/workouts/profile.svg"])
def test_what_is_not_there_is_a_problem(person: Any, missing: str) -> None:
    answer = person.request("GET", missing)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_pictures_are_for_the_own_platform(running: Any, person: Any, plan: dict[str, Any]) -> None:
    path = f"{person.path}/workouts/{person.save(plan)}/profile.svg"
    assert running.platform().http.get(path).status_code == 404
    assert running.client().get(f"/v1{path}").status_code == 401


def test_a_bad_workout_is_named(person: Any, plan: dict[str, Any]) -> None:
    for bad, place in ((plan | {"steps": []}, "steps"), (plan | {"sport": "golf"}, "sport")):
        answer = person.request("POST", "/preflight/profile.svg", content=json.dumps(bad))
        assert (answer.status_code, answer.json()["path"]) == (422, place)


def test_the_schema_says_that_it_is_a_picture(running: Any) -> None:
    paths = running.client().get("/docs/openapi.json").json()["paths"]
    for method, end in (("get", "workouts/{workout_id}/profile.svg"), ("post", "preflight/profile.svg")):
        answer = paths[f"/v1/athletes/{{athlete_id}}/{end}"][method]["responses"]["200"]
        assert list(answer["content"]) == ["image/svg+xml"]
