"""The last look before a recording is written, and the kit's look at those that were committed."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec

from hub_core.errors import HubError
from hub_core.sdk.redaction import MASK, redact
from hub_core.testing.recordings.fields import Means, meaning_of
from hub_core.testing.recordings.recording import Recording, to_text
from hub_core.testing.recordings.redaction import EMAIL

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_JWT = re.compile(r"eyJ[\w-]{10,}\.[\w-]{10,}")
#: A shorter value may stand in any text by chance.
_SHORTEST_SECRET = 4


class LeakError(HubError):
    """Something that must not be written would be: nothing was written."""

    code = "leak"


def check_for_leaks(recording: Recording, secrets: Iterable[str], people: Iterable[str] = ()) -> str:
    """The text to be written. Raises `LeakError` that names the kind of leak, and never the value.

    `people` are names and ids of the connected athlete.
    """
    text = to_text(recording)
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET and any(form in text for form in _forms(secret)):
            raise LeakError(f"{_where(recording)}: a known secret would still be in it; nothing was written")
    for person in people:
        if len(person) >= _SHORTEST_SECRET and re.search(rf"(?<!\w){re.escape(person)}(?!\w)", text):
            raise LeakError(f"{_where(recording)}: the athlete's name or id would still be in it")
    for leak in find_leaks(recording):
        raise LeakError(f"{_where(recording)}: {leak}; nothing was written")
    return text


def find_leaks(recording: Recording) -> Iterator[str]:
    """What looks personal or secret, by its form or by the name of its field."""
    text = to_text(recording)
    if any(found != EMAIL for found in _EMAIL.findall(text)):
        yield "there is an e-mail address in it"
    if _JWT.search(text):
        yield "there is a signed token in it"
    for exchange in recording.exchanges:
        place = f"{exchange.method} {exchange.path}"
        for part in (exchange.path, *exchange.query.values(), *exchange.headers.values()):
            if redact(part) != part:
                yield f"{place}: there is something in it that looks like a credential"
        if exchange.answer is not msgspec.UNSET:
            look = _Look(recording.inputs.reference)
            yield from (f"{place}: {leak}" for leak in look.at(exchange.answer, "$", Means.OTHER))


@dataclass(frozen=True)
class _Look:
    """At an answer. Our own reference is no secret, whatever a provider calls it."""

    reference: str

    def at(self, value: Any, path: str, meaning: Means) -> Iterator[str]:
        if isinstance(value, dict):
            for key, part in value.items():
                own = meaning if meaning is Means.PLACE else meaning_of(key)
                yield from self.at(part, f"{path}.{key}", own)
        elif isinstance(value, list):
            for part in value:
                yield from self.at(part, f"{path}[]", meaning)
        elif value is None or isinstance(value, bool) or value == "":
            return
        elif meaning is Means.PLACE and value not in (0, "somewhere"):
            yield f"{path} is a place"
        elif isinstance(value, str) and self._is_secret(value, meaning):
            yield f"{path} may be a secret"

    def _is_secret(self, value: str, meaning: Means) -> bool:
        if self.reference in value or value == MASK:
            return False
        return meaning is Means.SECRET or redact(value) != value


def _forms(secret: str) -> tuple[str, ...]:
    """The secret as it may be spelled in a file."""
    packed = secret.encode()
    return (secret, quote(secret, safe=""), base64.b64encode(packed).decode().rstrip("="), packed.hex())


def _where(recording: Recording) -> str:
    return f"the recording {recording.scenario} of {recording.provider}"
