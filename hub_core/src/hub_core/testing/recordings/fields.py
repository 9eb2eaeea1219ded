"""What a field's name says about its value: an id, a secret, a place, a person, a word of a fixed list."""

from __future__ import annotations

import re
from enum import Enum, auto

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"[^A-Za-z0-9]+")


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


_SECRET = _words(
    "token tokens secret secrets password passwd jwt cookie cookies credential credentials",
    "authorization signature verifier apikey bearer",
)
#: Only as the whole name: `code` is what OAuth exchanges, `error_code` is not.
_SECRET_NAMES = _words("code sig key api_key access_key auth_code")
_PLACE = _words(
    "lat lng lon latitude longitude latlng coordinate coordinates polyline gps geo geometry bounds bbox",
    "stream streams track trackpoints samples map",
)
_PLACE_PARTS = ("latitude", "longitude", "polyline", "latlng", "latlon", "coordinate")
_ID = _words("id ids uid uuid guid cursor")
_ZONE = _words("timezone time_zone tz zone_id")
_PERSON = _words(
    "name names fullname firstname lastname surname nickname username displayname login first last",
    "email mail phone mobile street address city town county country zip postcode postal",
    "location place venue",
    "birth birthday birthdate born dob age sex gender",
    "title description note notes comment comments message bio about summary headline",
    "url website avatar picture photo image",
)
_BODY = _words(
    "weight height ftp lthr hrv vo vo2max bmi threshold resting",
    "birth birthday birthdate born dob age gender sex",
)
_BODY_NAMES = _words("max_hr phone mobile zip postcode")
_LIST = _words(
    "type kind status state sport category unit units source format visibility level target intensity mode",
    "event action phase aspect",
)


class Means(Enum):
    """What is to be done with a field."""

    SECRET = auto()
    PLACE = auto()
    ID = auto()
    ZONE = auto()
    PERSON = auto()
    LIST = auto()
    OTHER = auto()


def words_of(name: str) -> list[str]:
    """`startLatitudeInDegree2`, `start_latitude_in_degree` -> its words in lower case, without numbers."""
    return [word.lower().rstrip("0123456789") or word for word in _parts(name)]


def snake(name: str) -> str:
    """A name as Python attributes are spelled."""
    return "_".join(_parts(name)).lower()


def _parts(name: str) -> list[str]:
    return [part for part in _NOT_WORD.split(_CAMEL.sub("_", name)) if part]


def meaning_of(name: str) -> Means:
    """What a field of this name holds. What is more dangerous comes first."""
    words = words_of(name)
    if not words:
        return Means.OTHER
    spelled, last = "_".join(words), words[-1]
    if spelled in _SECRET_NAMES or (not _SECRET.isdisjoint(words) and last not in _ID):
        return Means.SECRET
    if last in _ID:
        return Means.ID
    if not _PLACE.isdisjoint(words) or any(part in spelled.replace("_", "") for part in _PLACE_PARTS):
        return Means.PLACE
    if spelled in _ZONE:
        return Means.ZONE
    if last in _LIST:
        return Means.LIST
    return Means.OTHER if _PERSON.isdisjoint(words) else Means.PERSON


def measures_body(name: str) -> bool:
    """Whether a number of this name is a person's and no training's: weight, thresholds, age."""
    words = words_of(name)
    return not _BODY.isdisjoint(words) or "_".join(words) in _BODY_NAMES
