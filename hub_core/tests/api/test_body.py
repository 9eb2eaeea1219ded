"""Bodies that no workout can be read from: a problem that names the place, and nothing half saved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

#: What a saved workout leaves behind. Other athletes of this hub go on with theirs.
LEFT_BEHIND = (
    "workout WHERE athlete_id = ?",
    "workout_revision WHERE workout_id IN (SELECT id FROM workout WHERE athlete_id = ?)",
    "export WHERE athlete_id = ?",
    "job WHERE subject_id IN (SELECT id FROM export WHERE athlete_id = ?)",
    "attempt WHERE export_id IN (SELECT id FROM export WHERE athlete_id = ?)",
    "change WHERE athlete_id = ?",
)
STEP = {"type": "step", "duration": {"type": "time", "duration_s": 60}}
TEN_MB = 10_000_000


def nested(depth: int) -> str:
    """So deep that Python's own encoder gives up."""
    return '{"type":"repeat","times":1,"repeat":[' * depth + json.dumps(STEP) + "]}" * depth


def plan_with(**fields: Any) -> bytes:
    plan = {"name": "Bad", "sport": "ride", "date": "2026-12-01", "steps": [STEP]}
    return json.dumps(plan | fields).encode()


def plan_of(text: str) -> bytes:
    """A plan whose one step is this text."""
    return plan_with(steps=["STEP"]).replace(b'"STEP"', text.encode())


def step_with(**fields: Any) -> bytes:
    """The step stands at `steps[2].repeat[1]`."""
    repeat = {"type": "repeat", "times": 3, "repeat": [STEP, {**STEP, **fields}]}
    return plan_with(steps=[STEP, STEP, repeat])


def lasting(seconds: str) -> bytes:
    return plan_of(f'{{"type":"step","duration":{{"type":"time","duration_s":{seconds}}}}}')


PLACE = "steps[2].repeat[1]"
UNREADABLE = {
    "nothing": b"",
    "blanks": b"  \n",
    "no json": b"{nope",
    "cut off": plan_with()[:-20],
    "two values": plan_with() * 2,
    "null": b"null",
    "a list": b"[]",
    "a text": b'"ride"',
    "a number": b"1e999",
    "not UTF-8": plan_with().replace(b"Bad", b"B\xff"),
    "UTF-16": plan_with().decode().encode("utf-16"),
    "half a surrogate": plan_with().replace(b"Bad", b"\\ud800"),
    "NaN": lasting("NaN"),
    "Infinity": lasting("Infinity"),
    "900 deep": plan_of(nested(900)),
    "5,000 deep": plan_of(nested(5_000)),
    "5,000 lists deep": b"[" * 5_000,
}
WRONG = {
    "no name": (plan_with(name=""), "name"),
    "no steps": (plan_with(steps=[]), "steps"),
    "steps are null": (plan_with(steps=None), "steps"),
    "unknown sport": (plan_with(sport="golf"), "sport"),
    "unknown field": (plan_with(sprot="ride"), "sprot"),
    "no sport": (b'{"name":"Bad","steps":[]}', "sport"),
    "a date in words": (plan_with(date="tomorrow"), "date"),
    "no date": (plan_with(date=None), "date"),
    "the first of all days": (plan_with(date="0001-01-01"), "date"),
    "the last of all days": (plan_with(date="9999-12-31"), "date"),
    "a time with an offset": (plan_with(time="07:00:00+02:00"), "time"),
    "zero seconds": (lasting("0"), "steps[0].duration.duration_s"),
    "negative": (lasting("-5"), "steps[0].duration.duration_s"),
    "negative zero": (lasting("-0.0"), "steps[0].duration.duration_s"),
    "beyond any float": (lasting("1e999"), "steps[0].duration.duration_s"),
    "an endless integer": (lasting("9" * 400), "steps[0].duration.duration_s"),
    "a number in quotes": (lasting('"60"'), "steps[0].duration.duration_s"),
    "true": (lasting("true"), "steps[0].duration.duration_s"),
    "no such kind": (plan_of('{"type":"rest"}'), "steps[0]"),
    "a step inside": (step_with(duration={"type": "time", "duration_s": -1}), f"{PLACE}.duration.duration_s"),
    "a field inside": (step_with(notez="x"), f"{PLACE}.notez"),
    "a type inside": (step_with(name=7), f"{PLACE}.name"),
    "an intensity": (step_with(intensity="brutal"), f"{PLACE}.intensity"),
    "1,000 steps": (plan_with(steps=[STEP] * 1_000), "steps"),
    "50 deep": (plan_of(nested(50)), "steps[0].repeat[0]"),
    "a million times": (
        plan_with(steps=[{"type": "repeat", "times": 1_000_000, "repeat": [STEP]}]), "steps[0].times"),
    "played out too long": (
        plan_with(steps=[{"type": "repeat", "times": 500, "repeat": [STEP] * 11}]), "steps"),
    "an empty repeat": (plan_with(steps=[{"type": "repeat", "times": 2, "repeat": []}]), "steps[0].repeat"),
    "NUL in the name": (plan_with(name="a\x00b"), "name"),
    "NUL in the description": (plan_with(description="\x00"), "description"),
    "NUL in the external id": (plan_with(external_id="\x00"), "external_id"),
    "NUL in a note": (step_with(notes="a\x00"), f"{PLACE}.notes"),
    "NUL in a step's name": (step_with(name="a\x00"), f"{PLACE}.name"),
    "a long name": (plan_with(name="x" * 201), "name"),
    "a long description": (plan_with(description="x" * 5_001), "description"),
    "a long external id": (plan_with(external_id="x" * 201), "external_id"),
    "a long note": (step_with(notes="x" * 5_001), f"{PLACE}.notes"),
    "an unknown provider": (plan_with(providers=["nosuch"]), "providers"),
    "a provider with NUL": (plan_with(providers=["\x00"]), "providers"),
    "providers in one text": (plan_with(providers="garmin"), "providers"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _nothing_half_saved(running: Any, person: Any) -> Iterator[None]:
    def state() -> list[object]:
        counts = [running.rows(f"SELECT count(*) FROM {rows}", person.id) for rows in LEFT_BEHIND]  # noqa: S608
        return [*counts, person.exports(), person.get("/workouts", params={"from": "2026-11-25"})]

    before = state()
    yield
    assert state() == before


def post(person: Any, content: bytes, path: str = "/workouts") -> dict[str, Any]:
    answer = person.request("POST", path, content=content)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    problem: dict[str, Any] = answer.json()
    assert (problem["type"], problem["status"]) == ("urn:hub:problem:invalid_input", 422)
    assert 3 < len(problem["detail"]) < 200
    return problem


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_refused(person: Any, content: bytes) -> None:
    post(person, content)
    post(person, content, "/preflight")


@pytest.mark.parametrize(("content", "path"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named(person: Any, content: bytes, path: str) -> None:
    assert post(person, content)["path"].startswith(path)


def test_not_a_number_is_said_in_its_own_words(person: Any) -> None:
    assert post(person, lasting("NaN"))["detail"].startswith("NaN is not a JSON number, at line 1")


def test_ten_megabytes_are_refused_unread(person: Any) -> None:
    content = plan_with(description="x" * TEN_MB)
    for path in ("/workouts", "/preflight"):
        answer = person.request("POST", path, content=content)
        assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
        assert answer.json()["type"] == "urn:hub:problem:request_entity_too_large"


def test_ten_megabytes_without_a_stated_length_are_refused(person: Any) -> None:
    chunks = (b" " * 100_000 for _ in range(100))
    answer = person.request("POST", "/workouts", content=chunks)
    assert answer.status_code == 413


def test_a_byte_order_mark_is_no_error(person: Any) -> None:
    answer = person.request("POST", "/preflight", content=b"\xef\xbb\xbf" + plan_with())
    assert answer.status_code == 200


def test_a_body_is_json_whatever_it_calls_itself(person: Any) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        answer = person.request("POST", "/preflight", content=plan_with(), headers={"content-type": kind})
        assert answer.status_code == 200
