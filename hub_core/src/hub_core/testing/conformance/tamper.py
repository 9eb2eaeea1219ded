"""Answers and bodies as no documentation has them: changed in one place, or all over."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import msgspec

from hub_core.sandbox.call import Answer, Call
from hub_core.testing.conformance.bench import Bench

Path = tuple[str | int, ...]
#: In place of a value: take the field out.
GONE = object()
#: How deep fields are looked at one by one. What lies deeper is a repetition: steps in repeats in lists.
DEEPEST = 4
_JSON = "application/json"


def places(data: Any) -> list[Path]:
    """Every field in JSON data, the outer ones first; of a list only its first element."""
    found: list[Path] = []
    waiting: deque[tuple[Path, Any]] = deque([((), data)])
    while waiting:
        path, value = waiting.popleft()
        for key, child in _children(value):
            found.append((*path, key))
            if len(path) + 1 < DEEPEST:
                waiting.append(((*path, key), child))
    return found


def _children(value: Any) -> list[tuple[str | int, Any]]:
    match value:
        case dict():
            return list(value.items())
        case list():
            return [(index, child) for index, child in enumerate(value[:1])]
    return []


def look(data: Any, path: Path) -> Any:
    """What stands at a place."""
    for key in path:
        data = data[key]
    return data


def put(data: Any, path: Path, value: Any) -> Any:
    """A copy of JSON data with another value at a place, or with `GONE` without the field."""
    if not path:
        return value
    first, *rest = path
    copy: Any = dict(data) if isinstance(data, dict) else list(data)
    if rest:
        copy[first] = put(data[first], tuple(rest), value)
    elif value is GONE:
        del copy[first]
    else:
        copy[first] = value
    return copy


def drop(data: Any, name: str) -> Any:
    """JSON data without any field of a name."""
    match data:
        case dict():
            return {key: drop(value, name) for key, value in data.items() if key != name}
        case list():
            return [drop(value, name) for value in data]
    return data


def leaves(data: Any, kind: type | tuple[type, ...] = str) -> list[Path]:
    """The places whose value is of a kind; a bool is no number."""
    found = [(path, look(data, path)) for path in places(data)]
    return [path for path, value in found if isinstance(value, kind) and not isinstance(value, bool)]


def name_of(path: Path) -> str:
    """`steps[0].id`"""
    parts = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return parts.removeprefix(".") or "the body"


def read_json(body: bytes) -> Any:
    """The data, None when it is no JSON."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


@contextmanager
def answering(bench: Bench, change: Callable[[Call, Answer], Answer]) -> Iterator[None]:
    """The sandbox does as always, and answers what `change` makes of it; its consent page stays as it is."""
    sandbox = bench.sandbox
    asked, consent = sandbox.answer, urlsplit(bench.harness.settings.authorize_url).path

    def answer(mark: Any, method: Any, call: Call) -> Answer:
        given = asked(mark, method, call)
        return given if consent and call.path == consent else change(call, given)

    sandbox.answer = answer  # type: ignore[method-assign]
    try:
        yield
    finally:
        sandbox.answer = asked  # type: ignore[method-assign]


@contextmanager
def saying(bench: Bench, body: bytes | str, status: int = 200, content_type: str = _JSON) -> Iterator[None]:
    """The sandbox answers everything with this."""
    with answering(bench, lambda _call, _given: Answer(body, status, content_type=content_type)):
        yield


@contextmanager
def listening(bench: Bench) -> Iterator[list[Any]]:
    """The JSON data of all answers, in their order."""
    heard: list[Any] = []

    def listen(_call: Call, given: Answer) -> Answer:
        heard.append(read_json(given.content()))
        return given

    with answering(bench, listen):
        yield heard


@contextmanager
def changing(bench: Bench, index: int, change: Callable[[Any], Any]) -> Iterator[None]:
    """One answer, by its number, with other JSON data."""
    count = 0

    def alter(_call: Call, given: Answer) -> Answer:
        nonlocal count
        count += 1
        if count - 1 != index:
            return given
        try:
            data = change(msgspec.json.decode(given.content()))
        except (msgspec.MsgspecError, LookupError, TypeError):
            return given  # this time it is another answer
        return Answer(msgspec.json.encode(data), given.status, given.headers, given.content_type)

    with answering(bench, alter):
        yield
