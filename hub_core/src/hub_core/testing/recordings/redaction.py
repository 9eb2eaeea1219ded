"""Takes out of a recording what is somebody's: secrets, ids, names, places, texts.

A value stays only where it is known to be nobody's: numbers, dates, words of the plugin's own source or of a
field that is a fixed list, and what the hub itself has sent. All else becomes a placeholder of the same type,
the same one for the same value, so that links between exchanges survive. Redacting again changes nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import msgspec

from hub_core.sdk.redaction import MASK, redact
from hub_core.testing.recordings.fields import Means, meaning_of, measures_body
from hub_core.testing.recordings.recording import Exchange, Recording
from hub_core.testing.recordings.shapes import DATE_OR_TIME, ENUM_WORD

EMAIL = "athlete@example.com"
#: Hosts of this domain exist nowhere (RFC 2606).
NOWHERE = "recorded.invalid"
_EMAIL = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+\.[A-Za-z]{2,}")
_URL = re.compile(r"https?://[^\s<>\"']+")
#: A whole URL, or a path on the same host.
_ADDRESS = re.compile(r"(https?:/)?/[^\s<>\"']+")
_NUMBER = re.compile(r"-?\d{1,7}(\.\d*)?", re.ASCII)
_FINE = re.compile(r"-?\d+\.\d{5,}", re.ASCII)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PREFIXED = re.compile(r"([A-Za-z]{1,3})(\d{4,})", re.ASCII)
_VERSION_OR_PAGE = re.compile(r"v?\d{1,3}(\.\d{1,2})?|(19|20)\d\d", re.ASCII)
_CONSTANT = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+", re.ASCII)
_FIRST_FAKE = 900_000_000
#: Smaller numbers identify nobody, and are codes as often as ids.
_SMALLEST_ID = 1_000
#: A number in a field that isn't named like an id is one only if it is as long as one.
_SMALLEST_LINK = 10_000


@dataclass(frozen=True)
class Harmless:
    """What may stay. `own`: texts that the hub has sent. `words`: texts of the plugin's source.

    `hosts`: real origins and the ones that stand in for them.
    """

    own: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    hosts: Mapping[str, str] = field(default_factory=dict)


def redact_recording(
    recording: Recording, harmless: Harmless, secrets: tuple[str, ...] = ()
) -> tuple[Recording, Counter[str]]:
    """The recording as it may be kept, and how much of what was replaced."""
    redactor = _Redactor(harmless, secrets, recording.inputs.reference)
    # The first round learns all ids; the second finds them also where no name tells.
    redactor.recording(recording)
    redactor.learn_texts()
    return redactor.recording(recording), redactor.counts


class _Redactor:
    def __init__(self, harmless: Harmless, secrets: tuple[str, ...], reference: str) -> None:
        self.counts: Counter[str] = Counter()
        self._harmless = harmless
        self._secrets = secrets
        self._reference = reference
        self._ids: dict[str, int] = {}
        self._texts: dict[str, int] | None = None

    def learn_texts(self) -> None:
        """From now on texts are numbered, and what is replaced is counted."""
        self._texts = {}
        self.counts.clear()

    def recording(self, recording: Recording) -> Recording:
        user = self._id(recording.inputs.provider_user_id)
        inputs = msgspec.structs.replace(recording.inputs, provider_user_id=user)
        exchanges = tuple(self._exchange(exchange) for exchange in recording.exchanges)
        return msgspec.structs.replace(recording, inputs=inputs, exchanges=exchanges)

    def _exchange(self, exchange: Exchange) -> Exchange:
        return msgspec.structs.replace(
            exchange,
            path=self._address(exchange.path),
            query={key: self._in_query(key, value) for key, value in exchange.query.items()},
            headers={name: self._header(name, value) for name, value in exchange.headers.items()},
            answer=exchange.answer if exchange.answer is msgspec.UNSET else self.value("", exchange.answer),
        )

    # -- JSON -----------------------------------------------------------------------------------------

    def value(self, name: str, value: Any, *, in_place: bool = False) -> Any:
        """A value of a field of this name; `in_place` once a field above it tells of places."""
        in_place = in_place or meaning_of(name) is Means.PLACE
        match value:
            case dict():
                return dict(self._member(key, part, in_place=in_place) for key, part in value.items())
            case list():
                in_place = in_place or _is_coordinate(value)
                return [self.value(name, part, in_place=in_place) for part in value]
            case bool() | None:
                return value
            case str():
                return self._place(value) if in_place else self._text(name, value)
            case _:
                return self._zero(value) if in_place else self._number(name, value)

    def _member(self, key: str, part: Any, *, in_place: bool) -> tuple[str, Any]:
        """A field with its name, unless an object is keyed by ids or by people."""
        is_plain = key.isascii() and key.replace("_", "").replace("-", "").isalpha()
        is_link = key in self._ids and not is_plain
        looks_like_id = _UUID.fullmatch(key) or (key.isdecimal() and len(key) > 4)
        if is_link or looks_like_id or _EMAIL.search(key) or redact(key, self._secrets) != key:
            return self._id(key), self.value("", part, in_place=in_place)
        return key, self.value(key, part, in_place=in_place)

    def _number(self, name: str, value: float) -> float:
        meaning = meaning_of(name)
        if meaning is Means.SECRET and abs(value) >= _SMALLEST_ID:
            return self._one("secrets", value)
        if value and measures_body(name):
            return self._one("measures of the body", value)
        is_whole = isinstance(value, int) or value.is_integer()
        if not is_whole or abs(value) < _SMALLEST_ID:
            return value
        written = str(int(value))
        if meaning is Means.ID or (written in self._ids and abs(value) >= _SMALLEST_LINK):
            return type(value)(int(self._id(written)))
        return value

    def _one(self, what: str, value: float) -> float:
        self.counts[what] += 1
        return type(value)(1)

    def _zero(self, value: float) -> float:
        self.counts["places"] += 1
        return type(value)(0)

    def _place(self, value: str) -> str:
        self.counts["places"] += 1
        return "somewhere" if value else value

    # -- texts ----------------------------------------------------------------------------------------

    def _text(self, name: str, text: str) -> str:
        if not text or self._is_ours(text):
            return text
        meaning = meaning_of(name)
        if meaning is Means.SECRET or redact(text, self._secrets) != text:
            self.counts["secrets"] += 1
            return MASK
        if meaning is Means.ID or text in self._ids:
            return self._id(text)
        if _EMAIL.search(text):
            self.counts["e-mail addresses"] += 1
            return EMAIL
        if _ADDRESS.fullmatch(text):
            return self._address(text)
        if meaning is Means.ZONE:
            return "UTC"
        if DATE_OR_TIME.fullmatch(text):
            return "1990-01-01" if measures_body(name) else text
        if text in self._harmless.own or (meaning is not Means.PERSON and self._is_word(meaning, text)):
            return text
        return self._number_text(name, text)

    def _number_text(self, name: str, text: str) -> str:
        """A number that came as a text, or a text that may say anything."""
        if _NUMBER.fullmatch(text) and meaning_of(name) is not Means.PERSON:
            if _FINE.fullmatch(text):
                self.counts["places"] += 1
                return "0.0"
            return "1" if measures_body(name) else text
        if text.isdecimal() and text.isascii():
            return self._id(text)
        if self._texts is None:
            return text
        self.counts["texts"] += 1
        return f"text {self._texts.setdefault(text, len(self._texts) + 1)}"

    def _is_ours(self, text: str) -> bool:
        """Our own reference, whatever a plugin makes of it."""
        rest = text.replace(self._reference, "") if self._reference else text
        return rest != text and len(rest) <= 12 and re.fullmatch(r"[a-z._-]*", rest) is not None

    def _is_word(self, meaning: Means, text: str) -> bool:
        if text in self._harmless.words or _CONSTANT.fullmatch(text):
            return True
        return meaning is Means.LIST and ENUM_WORD.fullmatch(text) is not None

    def _id(self, text: str) -> str:
        """The id's stand-in: a number for a number, a UUID for a UUID; a few letters in front are kept."""
        if not text or text == MASK or self._is_ours(text):
            return text
        if redact(text, self._secrets) != text:
            self.counts["secrets"] += 1
            return MASK
        if text.lstrip("-").isdecimal() and abs(int(text)) < _SMALLEST_ID:
            return text
        self.counts["ids"] += 1
        number = self._ids.setdefault(text, len(self._ids) + 1)
        if text.lstrip("-").isdecimal() and text.isascii():
            return str(_FIRST_FAKE + number)
        if _UUID.fullmatch(text):
            return f"00000000-0000-4000-8000-{number:012d}"
        prefixed = _PREFIXED.fullmatch(text)
        return f"{prefixed.group(1)}{_FIRST_FAKE + number}" if prefixed else f"id-{number}"

    # -- addresses ------------------------------------------------------------------------------------

    def _address(self, text: str) -> str:
        """A path or a whole URL, with what may follow behind a question mark."""
        try:
            parts = urlsplit(text)
        except ValueError:
            return "/"
        host = self._host(f"{parts.scheme}://{parts.netloc}") if parts.netloc else ""
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        query = urlencode([(key, self._in_query(key, value)) for key, value in pairs])
        return host + self._path(parts.path) + (f"?{query}" if query else "")

    def _host(self, origin: str) -> str:
        if origin.endswith(f".{NOWHERE}"):
            return origin
        return self._harmless.hosts.get(origin, f"https://other.{NOWHERE}")

    def _path(self, path: str) -> str:
        return "/".join(self._segment(unquote(segment)) for segment in path.split("/"))

    def _segment(self, segment: str) -> str:
        name, dot, ending = segment.rpartition(".")
        if dot and name and ending.isalpha() and len(ending) <= 5 and segment not in self._ids:
            return f"{self._segment(name)}.{ending}"
        return quote(segment if self._may_stay(segment) else self._id(segment), safe="@:,+")

    def _in_query(self, name: str, value: str) -> str:
        meaning = meaning_of(name)
        if meaning is Means.PLACE:
            return "0"
        if meaning in {Means.SECRET, Means.PERSON, Means.ZONE}:
            return self._text(name, value)
        if "," in value:
            return ",".join(self._in_query(name, part) for part in value.split(","))
        if meaning is not Means.ID and _NUMBER.fullmatch(value) and value not in self._ids:
            return "0" if _FINE.fullmatch(value) else value
        return value if self._may_stay(value) else self._id(value)

    def _may_stay(self, text: str) -> bool:
        """Whether a part of an address is nobody's. What can't be told counts as an id."""
        if not text or text == MASK or self._is_ours(text):
            return True
        if text in self._ids or redact(text, self._secrets) != text:
            return False
        known = text in self._harmless.words or text in self._harmless.own
        return bool(known or DATE_OR_TIME.fullmatch(text) or _VERSION_OR_PAGE.fullmatch(text))

    def _header(self, name: str, value: str) -> str:
        if name == "location":
            return self._address(value)
        return _URL.sub(lambda match: self._address(match.group()), value)


def _is_coordinate(values: list[Any]) -> bool:
    """Whether two numbers are latitude and longitude, whatever the field is called."""
    return (
        len(values) == 2
        and all(
            isinstance(value, float) and _FINE.match(f"{value:.8f}".rstrip("0") + "0") for value in values
        )
        and abs(values[0]) <= 180
        and abs(values[1]) <= 180
    )
