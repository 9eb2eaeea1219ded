"""What is somebody's is not in a recording, and what is left still tells the same story."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.sdk.redaction import MASK
from hub_core.testing.recordings import Exchange, Harmless, Inputs, Recording, redact_recording, to_text
from hub_core.testing.recordings.redaction import EMAIL

from .conftest import TODAY

Make = Callable[..., Recording]
TOKEN = "s3cr3t-acc3ss-t0k3n"


def redacted(recording: Recording, **harmless: Any) -> Any:
    return redact_recording(recording, Harmless(**harmless), (TOKEN,))[0]


@pytest.mark.parametrize(
    ("field", "value", "becomes"),
    [
        ("access_token", "abcdef", MASK),
        ("anything", TOKEN, MASK),
        ("note", f"my key is {TOKEN}", MASK),
        ("refreshToken", "abcdef", MASK),
        ("code", "4/0AeanS", MASK),
        ("code", 404, 404),
        ("webhook_token", 12345678, 1),
        ("email", "anna@example.org", EMAIL),
        ("owner", "write to anna@example.org", EMAIL),
        ("firstName", "Anna", "text 1"),
        ("first_name", "", ""),
        ("title", "Morning run", "text 1"),
        ("unheard_of", "Anna's loop", "text 1"),
        ("unheard_of", "Anna", "text 1"),
        ("lat", 52.520008, 0.0),
        ("startLatitudeInDegree", 52.520008, 0.0),
        ("start_latlng", [52.520008, 13.404954], [0.0, 0.0]),
        ("home", [52.520008, 13.404954], [0.0, 0.0]),
        ("home", "52.520008", "0.0"),
        ("polyline", "_p~iF~ps|U", "somewhere"),
        ("streams", {"heartrate": [140, 141], "ok": True}, {"heartrate": [0, 0], "ok": True}),
        ("map", {"id": "m1", "line": ["x"]}, {"id": "somewhere", "line": ["somewhere"]}),
        ("weight_kg", 68.2, 1.0),
        ("ftp", 287, 1),
        ("ftp", None, None),
        ("ftp", 0, 0),
        ("birthday", "1987-03-04", "1990-01-01"),
        ("timezone", "Europe/Berlin", "UTC"),
        ("id", 12345678901, 900000002),
        ("id", "12345678901", "900000002"),
        ("id", "i12345", "i900000002"),
        ("workoutId", "9b2f6a0e-1f2d-4a3b-8c4d-5e6f708192a3", "00000000-0000-4000-8000-000000000002"),
        ("uid", "anna@example.org", "id-2"),
        ("type_id", 7, 7),
        ("phone", "491701234567", "900000002"),
        ("website", "https://anna.example.org/me", "https://other.recorded.invalid/id-2"),
        ("next", "/things?page=2&after=c2Vjb25k", "/things?page=2&after=id-2"),
        ("sport", "kitesurfing", "kitesurfing"),
        ("permissions", ["ACTIVITY_EXPORT"], ["ACTIVITY_EXPORT"]),
        ("start", "2026-05-03T12:00:00+02:00", "2026-05-03T12:00:00+02:00"),
        ("seconds", 1800.5, 1800.5),
        ("distance", "5000.5", "5000.5"),
        ("deleted", False, False),
    ],
    ids=str,
)
def test_a_field_by_its_name_and_value(recording: Make, field: str, value: Any, becomes: Any) -> None:
    done = redacted(recording({field: value}), words=frozenset({"things"}))
    assert done.exchanges[0].answer == {field: becomes}


def test_ids_stay_the_same_wherever_they_stand(exchanges: Make) -> None:
    raw = exchanges(
        Exchange(method="POST", path="/workouts", status=201, answer={"id": 555111, "owner": "anna"}),
        Exchange(method="GET", path="/workouts/555111", status=200, query={"workout": "555111"}, answer={}),
        Exchange(method="GET", path="/users/anna", status=200, answer={"last": 555111, "user_id": "anna"}),
        Exchange(method="GET", path="/all", status=200, answer={"555111": {"id": "555111"}}),
    )
    first, second, third, fourth = redacted(raw, words=frozenset({"workouts", "users", "all"})).exchanges
    fake = first.answer["id"]
    assert fake != 555111
    assert second.path == f"/workouts/{fake}"
    assert second.query == {"workout": f"{fake}"}
    assert third.answer["last"] == fake
    assert third.path == f"/users/{first.answer['owner']}"
    assert fourth.answer == {f"{fake}": {"id": f"{fake}"}}


def test_what_the_hub_has_sent_stays(recording: Make) -> None:
    done = redacted(
        recording(
            {"external_id": "hub-recording-plan", "title": "Hub recording", "workout_token": "hub-recording"}
        ),
        own=frozenset({"Hub recording"}),
    )
    assert done.exchanges[0].answer == {
        "external_id": "hub-recording-plan",
        "title": "Hub recording",
        "workout_token": "hub-recording",
    }


def test_real_hosts_are_replaced(exchanges: Make) -> None:
    raw = exchanges(
        Exchange(
            method="GET",
            path="/all",
            status=302,
            headers={
                "location": "https://api.real.example/all?token=abcdefgh",
                "link": "<https://x.org/a>; rel=next",
            },
            answer={"file": "https://api.real.example/all"},
        )
    )
    hosts = {"https://api.real.example": "https://api.recorded.invalid"}
    done = redacted(raw, hosts=hosts, words=frozenset({"all"})).exchanges[0]
    assert done.answer == {"file": "https://api.recorded.invalid/all"}
    assert done.headers["location"] == "https://api.recorded.invalid/all?token=%5Bredacted%5D"
    assert "x.org" not in done.headers["link"]


def test_what_was_replaced_is_counted(recording: Make) -> None:
    raw = recording({"id": 4711_4711, "title": "Run", "lat": 52.5, "email": "a@b.de", "token": "abcd"})
    _, counts = redact_recording(raw, Harmless())
    assert counts["texts"] == counts["places"] == counts["secrets"] == counts["e-mail addresses"] == 1
    assert counts["ids"] >= 1


# -- whatever a provider answers ------------------------------------------------------------------------

CANARIES = ("canary@example.org", TOKEN, "Kanarienvogel auf Reisen", "52.1234567", "13371337")
FIELDS = [
    "id", "workout_id", "user", "name", "title", "email", "lat", "latlng", "streams", "polyline", "token",
    "code", "type", "sport", "status", "start", "weight", "ftp", "url", "timezone", "notes", "value", "map",
]  # fmt: skip
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.text(max_size=12),
    st.sampled_from(
        ["2026-05-03", "12:30", "RUN_LONG", "running", "12", "4711", "20260503", "i4711", "id-1", "text 1",
         "900000001", "https://api.example/x/4711?a=b&c", "/x/y", "a@b.de", "Europe/Berlin", MASK,
         "hub-recording"]
    ),
)  # fmt: skip
ANSWERS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5),
    max_leaves=25,
)


def make(answers: list[Any], path: str = "/things", query: dict[str, str] | None = None) -> Recording:
    exchanges = tuple(
        Exchange(method="GET", path=path, query=query or {}, status=200, answer=answer) for answer in answers
    )
    return Recording(1, "fake", "account", Inputs(TODAY, "athlete-1"), {}, exchanges)


def skeleton(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: skeleton(part) for key, part in value.items()}
    return [skeleton(part) for part in value] if isinstance(value, list) else type(value).__name__


@given(st.lists(ANSWERS, max_size=3))
def test_the_shape_is_kept(answers: list[Any]) -> None:
    done = redacted(make(answers))
    assert [skeleton(one.answer) for one in done.exchanges] == [skeleton(answer) for answer in answers]


@given(st.lists(ANSWERS, max_size=3), st.text("abc/0123456789-", max_size=20), st.dictionaries(
    st.sampled_from([*FIELDS, "page", "after"]), st.text(max_size=12), max_size=3))  # fmt: skip
def test_redacting_again_changes_nothing(answers: list[Any], path: str, query: dict[str, str]) -> None:
    once = redacted(make(answers, f"/{path}", query))
    assert renumbered(to_text(redacted(once))) == renumbered(to_text(once))


def renumbered(text: str) -> str:
    """Stand-ins counted as they appear: an address in the place of an id uses up numbers the first time."""
    seen: dict[str, str] = {}
    return re.sub(r"id-\d+", lambda found: seen.setdefault(found[0], f"id-{len(seen)}"), text)


@given(
    ANSWERS, st.sampled_from(["name", "title", "notes", "email", "lat", "polyline", "token", "streams", "id"])
)
def test_no_canary_ever_comes_through(answer: Any, field: str) -> None:
    planted = {
        field: list(CANARIES),
        "more": [{"deep": {field: canary}} for canary in CANARIES],
        "answer": answer,
    }
    text = to_text(redacted(make([planted, json.loads(json.dumps(planted))])))
    assert [canary for canary in CANARIES if canary in text] == []
