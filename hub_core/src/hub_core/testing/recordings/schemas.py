"""Holds JSON data against the type that a plugin reads it as, and says where they differ."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from msgspec import inspect as types

from hub_core.testing.recordings.shapes import FAKE_ID, kind_of

What = Literal["vanished", "type", "value", "unread", "unseen"]

_LISTS = (types.ListType, types.SetType, types.FrozenSetType, types.CollectionType, types.VarTupleType)
_TEXTS = (
    types.StrType, types.DateTimeType, types.DateType, types.TimeType, types.TimeDeltaType, types.UUIDType,
    types.BytesType, types.DecimalType,
)  # fmt: skip
#: What strict=False lets through is drift all the same, but these say the same thing.
_PARSED = {types.DateTimeType: dt.datetime, types.DateType: dt.date, types.TimeType: dt.time}


@dataclass(frozen=True)
class Finding:
    """A difference. `unread`: the type has no such field; `unseen`: the value lacks an optional one."""

    what: What
    path: str
    was: str = ""
    now: str = ""

    @property
    def is_misfit(self) -> bool:
        """Whether the value doesn't fit the type."""
        return self.what not in {"unread", "unseen"}

    def is_type_at(self, path: str) -> bool:
        """Whether the value at this very path has another type."""
        return self.what == "type" and self.path == path


def compare_with_type(kind: Any, value: Any) -> Iterator[Finding]:
    """What of a JSON value doesn't fit a type, is not read by it, or is missing from the value."""
    yield from _compare(types.type_info(kind), value, "$")


def _compare(info: types.Type, value: Any, path: str) -> Iterator[Finding]:
    match info:
        case types.Metadata(type=inner):
            yield from _compare(inner, value, path)
        case types.AnyType() | types.RawType() | types.CustomType():
            return
        case types.UnionType(types=members):
            yield from _compare_union(list(members), value, path)
        case types.StructType() | types.TypedDictType() | types.DataclassType() | types.NamedTupleType():
            yield from _compare_object(info, value, path)
        case types.DictType(value_type=inner):
            if not isinstance(value, dict):
                yield _other_type(info, value, path)
                return
            for key, part in value.items():
                yield from _compare(inner, part, f"{path}.{'*' if FAKE_ID.fullmatch(key) else key}")
        case _ if isinstance(info, _LISTS):
            if not isinstance(value, list):
                yield _other_type(info, value, path)
                return
            for part in value:
                yield from _compare(info.item_type, part, f"{path}[]")
        case _:
            yield from _compare_scalar(info, value, path)


def _compare_object(info: Any, value: Any, path: str) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield _other_type(info, value, path)
        return
    known = {field.encode_name: field for field in info.fields}
    for name, field in known.items():
        place = f"{path}.{name}"
        if name in value:
            yield from _compare(field.type, value[name], place)
        else:
            yield Finding("vanished" if field.required else "unseen", place, _name(field.type))
    for name in value.keys() - known.keys() - {getattr(info, "tag_field", None)}:
        yield Finding("unread", f"{path}.{name}", now=kind_of(value[name]))


def _compare_union(members: list[types.Type], value: Any, path: str) -> Iterator[Finding]:
    tags = {one.tag: one for one in members if isinstance(one, types.StructType) and one.tag_field}
    if tags and isinstance(value, dict):
        field = next(iter(tags.values())).tag_field
        tag = value.get(field or "")
        if tag not in tags:
            yield Finding("value", f"{path}.{field}", ", ".join(sorted(map(str, tags))), str(tag))
            return
        members = [tags[tag]]
    attempts = [list(_compare(member, value, path)) for member in members]
    fitting = [found for found in attempts if not any(one.is_type_at(path) for one in found)]
    if fitting:
        yield from min(fitting, key=lambda found: sum(one.is_misfit for one in found))
    else:
        yield Finding("type", path, " or ".join(dict.fromkeys(map(_name, members))), kind_of(value))


def _compare_scalar(info: types.Type, value: Any, path: str) -> Iterator[Finding]:
    match info:
        case types.LiteralType(values=allowed):
            fits, words = value in allowed, allowed
        case types.EnumType(cls=cls):
            words = tuple(member.value for member in cls)
            fits = value in words
        case _:
            if not _is_kind(info, value):
                yield _other_type(info, value, path)
            return
    if not fits:
        yield Finding("value", path, ", ".join(sorted(map(str, words))), str(value))


def _is_kind(info: types.Type, value: Any) -> bool:
    match info:
        case types.NoneType():
            return value is None
        case types.BoolType():
            return isinstance(value, bool)
        case types.IntType():
            return isinstance(value, int) and not isinstance(value, bool)
        case types.FloatType():
            return isinstance(value, int | float) and not isinstance(value, bool)
    if not isinstance(info, _TEXTS) or not isinstance(value, str):
        return False
    parsed = _PARSED.get(type(info))
    try:
        return parsed is None or msgspec.convert(value, parsed) is not None
    except msgspec.ValidationError:
        return False


def _other_type(info: types.Type, value: Any, path: str) -> Finding:
    return Finding("type", path, _name(info), kind_of(value))


def _name(info: types.Type) -> str:
    """A type in the words of JSON; a date is named as one."""
    match info:
        case types.Metadata(type=inner):
            return _name(inner)
        case types.UnionType(types=members):
            return " or ".join(dict.fromkeys(map(_name, members)))
        case types.NoneType():
            return "null"
        case types.BoolType():
            return "boolean"
        case types.IntType():
            return "integer"
        case types.FloatType():
            return "number"
        case types.DateTimeType() | types.DateType() | types.TimeType():
            return "date"
        case types.LiteralType() | types.EnumType():
            return "one of a list"
        case types.AnyType() | types.RawType() | types.CustomType():
            return "anything"
    if isinstance(info, _TEXTS):
        return "string"
    return "array" if isinstance(info, _LISTS) else "object"
