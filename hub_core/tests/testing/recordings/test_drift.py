"""Drift is found where it is, and told by the lines of the plugin that speak of it."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import msgspec
import pytest

import hub_fake.plugin
from hub_core.testing.recordings import (
    Change,
    Drift,
    Exchange,
    PluginSource,
    Recording,
    compare_recordings,
    compare_with_schemas,
    replay,
)
from hub_core.testing.recordings.schemas import Finding, compare_with_type

Make = Callable[..., Recording]

CHANGES: dict[str, tuple[Any, Any, list[tuple[str, Change, str, str]]]] = {
    "nothing": ({"a": 1}, {"a": 2}, []),
    "a new field": ({"a": 1}, {"a": 1, "b": "x y"}, [("$.b", Change.ADDED, "", "string")]),
    "a field is gone": ({"a": 1, "b": None}, {"a": 1}, [("$.b", Change.VANISHED, "null", "")]),
    "only the topmost is told": (
        {"a": 1},
        {"a": 1, "b": {"c": {"d": 1}}},
        [("$.b", Change.ADDED, "", "object")],
    ),
    "another type": ({"a": 1}, {"a": "1"}, [("$.a", Change.TYPE, "integer", "string")]),
    "null": ({"a": 1}, {"a": None}, [("$.a", Change.TYPE, "integer", "null")]),
    "parts of a number": ({"a": 1}, {"a": 1.5}, [("$.a", Change.TYPE, "integer", "number")]),
    "a whole number": ({"a": 1.5}, {"a": 1}, []),
    "an object for a list": ([{"a": 1}], {"a": [1]}, [("$", Change.TYPE, "array", "object")]),
    "an empty list": ({"a": [{"b": 1}]}, {"a": []}, []),
    "in a list": (
        {"a": [{"b": 1}, {"b": 2}]},
        {"a": [{"b": "x y"}]},
        [("$.a[].b", Change.TYPE, "integer", "string")],
    ),
    "a new word": ({"kind": "run"}, {"kind": "swim"}, [("$.kind", Change.VALUE, "run", "swim")]),
    "another text": ({"kind": "text 1"}, {"kind": "text 2"}, []),
    "another date": ({"day": "2026-05-03"}, {"day": "2026-05-04"}, []),
    "another id": ({"id": "id-1"}, {"id": "i900000001"}, []),
    "keyed by ids": (
        {"900000001": {"a": 1}},
        {"900000002": {"a": "x y"}},
        [("$.*.a", Change.TYPE, "integer", "string")],
    ),
}


@pytest.mark.parametrize(("old", "new", "wanted"), CHANGES.values(), ids=CHANGES)
def test_between_two_answers(recording: Make, old: Any, new: Any, wanted: list[Any]) -> None:
    drifts, both = compare_recordings([recording(old)], [recording(new)])
    assert both == 1
    assert [(drift.path, drift.change, drift.was, drift.now) for drift in drifts] == wanted
    assert {drift.place for drift in drifts} <= {"GET /things"}


def test_requests_are_compared_without_their_ids(exchanges: Make) -> None:
    old = exchanges(Exchange(method="GET", path="/things/900000001/parts", status=200, answer={"a": 1}))
    new = exchanges(
        Exchange(method="GET", path="/things/id-2/parts", status=204),
        Exchange(method="GET", path="/others", status=200, answer={}),
    )
    drifts, both = compare_recordings([old], [new])
    assert both == 1
    assert drifts == [Drift("GET /things/{id}/parts", "", Change.STATUS, "200", "204")]


def test_failures_are_no_drift_of_successes(exchanges: Make) -> None:
    old = exchanges(Exchange(method="GET", path="/a", status=200, answer={"a": 1}))
    new = exchanges(Exchange(method="GET", path="/a", status=404, answer={"error": "x y"}))
    assert compare_recordings([old], [new]) == ([], 0)


# -- against what the plugin reads ----------------------------------------------------------------------


class Sport(enum.Enum):
    RUN = "run"


class Lap(msgspec.Struct):
    metres: float
    note: str | None = None


class Swim(msgspec.Struct, tag="swim", tag_field="type"):
    pool: int


class Ride(msgspec.Struct, tag="ride", tag_field="type"):
    watts: int


class Thing(msgspec.Struct, rename="camel"):
    owner_id: int
    starts_at: dt.datetime | None = None
    sport: Sport = Sport.RUN
    level: Literal["low", "high"] = "low"
    laps: list[Lap] = []
    by_day: dict[str, Lap] = {}
    what: Swim | Ride | None = None
    weight: Annotated[float, msgspec.Meta(ge=0)] | msgspec.UnsetType = msgspec.UNSET
    raw: Any = None


FINDINGS: dict[str, tuple[dict[str, Any], set[Finding]]] = {
    "all is well": ({"ownerId": 1, "weight": 3, "raw": [{}]}, set()),
    "a text for a number": ({"ownerId": "1"}, {Finding("type", "$.ownerId", "integer", "string")}),
    "missing": ({}, {Finding("vanished", "$.ownerId", "integer")}),
    "no date": (
        {"ownerId": 1, "startsAt": "text 1"},
        {Finding("type", "$.startsAt", "date or null", "string")},
    ),
    "a date": ({"ownerId": 1, "startsAt": "2026-05-03T12:00:00Z"}, set()),
    "an unknown member": ({"ownerId": 1, "sport": "golf"}, {Finding("value", "$.sport", "run", "golf")}),
    "an unknown word": ({"ownerId": 1, "level": "mid"}, {Finding("value", "$.level", "high, low", "mid")}),
    "in a list": (
        {"ownerId": 1, "laps": [{"metres": 1}, {"metres": None}]},
        {Finding("type", "$.laps[].metres", "number", "null")},
    ),
    "no list": ({"ownerId": 1, "laps": {}}, {Finding("type", "$.laps", "array", "object")}),
    "in a map": (
        {"ownerId": 1, "byDay": {"2026-05-03": {}}},
        {Finding("vanished", "$.byDay.2026-05-03.metres", "number")},
    ),
    "a tagged object": ({"ownerId": 1, "what": {"type": "ride", "watts": 200}}, set()),
    "an unknown tag": (
        {"ownerId": 1, "what": {"type": "kite"}},
        {Finding("value", "$.what.type", "ride, swim", "kite")},
    ),
    "not read": ({"ownerId": 1, "mood": "text 1"}, {Finding("unread", "$.mood", now="string")}),
}


@pytest.mark.parametrize(("value", "wanted"), FINDINGS.values(), ids=FINDINGS)
def test_an_answer_against_a_type(value: dict[str, Any], wanted: set[Finding]) -> None:
    found = {one for one in compare_with_type(Thing, value) if one.what != "unseen"}
    assert found == wanted


def test_an_optional_field_counts_as_unseen_only_if_no_answer_has_it() -> None:
    assert Finding("unseen", "$.what", "object or null") in set(compare_with_type(Thing, {"ownerId": 1}))


async def test_recorded_answers_against_the_plugin_s_schemas(record: Any) -> None:
    recording = (await record("poll")).recording
    drifts = compare_with_schemas([await replay(hub_fake.plugin, recording)])
    assert [drift for drift in drifts if not drift.is_remark] == []
    changed = msgspec.json.decode(
        msgspec.json.encode(recording).replace(b'"seconds":1800.0', b'"duration":"1800"'), type=Recording
    )
    drifts = compare_with_schemas([await replay(hub_fake.plugin, changed)])
    # The activity is read from its delivery, whose body is a part of the answer.
    assert Drift("delivery activity", "$.seconds", Change.VANISHED, "number") in drifts
    assert Drift("delivery activity", "$.duration", Change.UNREAD, "", "string") in drifts
    assert Drift("delivery activity", "$.deleted", Change.UNSEEN, "boolean") in drifts


# -- the lines of the plugin ----------------------------------------------------------------------------


@pytest.fixture
def source(tmp_path: Path) -> PluginSource:
    package = tmp_path / "hub_acme"
    package.mkdir()
    (package / "schemas.py").write_text(
        '"""Speaks of seconds."""\n\nclass Lap(msgspec.Struct, rename="camel"):\n\n    start_time: str\n'
    )
    (package / "ingest.py").write_text(
        'KINDS = {"running": 1}\n\ndef read(lap, body):\n'
        '    return lap.start_time, body["seconds"], f"/v1/laps/{lap}"\n'
    )
    (package / "sandbox.py").write_text('ANSWER = {"seconds": 1}\n')
    return PluginSource(SimpleNamespace(__file__=str(package / "plugin.py"), __package__="hub_acme"))


def test_lines_name_a_field_as_attribute_or_text(source: PluginSource) -> None:
    assert source.lines("startTime") == ("hub_acme/ingest.py:4", "hub_acme/schemas.py:5")
    assert source.lines("seconds") == ("hub_acme/ingest.py:4",)
    assert source.lines("metres") == ()


def test_a_field_is_spoken_of_only_with_those_above_it(source: PluginSource) -> None:
    assert source.lines_of_path(["seconds", "startTime"]) == source.lines("startTime")
    assert source.lines_of_path(["owner", "startTime"]) == ()
    assert source.lines_of_path([]) == ()


def test_words_are_the_texts_and_the_parts_of_paths(source: PluginSource) -> None:
    assert {"running", "v1", "laps", "seconds"} <= source.words
    assert "1" not in source.words
    assert PluginSource(SimpleNamespace()).words == frozenset()
