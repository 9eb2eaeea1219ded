"""The messages of a FIT file: by the fast decoder, or by the patient one as far as a damaged file goes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import pyfitparsernative

from hub_core.errors import InvalidInputError

Message = Mapping[str, Any]

#: The patient decoder reads some 0.7 MB a second; what is damaged beyond this isn't worth the wait.
_MAX_SALVAGE_BYTES = 1_500_000
#: Semicircles to degrees. [FIT profile]
DEGREES = 180 / 2**31


def decode_fit(data: bytes, remarks: list[str]) -> list[Message]:
    """All messages with their names and scaled values, as far as the file can be read.

    Raises `InvalidInputError` when nothing can. Chained files are read one after the other.
    """
    try:
        return list(pyfitparsernative.parse_fit_bytes(data))
    except BaseException as error:
        # A panic of the decoder's Rust code comes as a `BaseException` without a class to name.
        if not isinstance(error, ValueError) and type(error).__name__ != "PanicException":
            raise
    if len(data) > _MAX_SALVAGE_BYTES:
        raise InvalidInputError("the FIT file is damaged, and too large to be mended")
    messages, trouble = _salvage(data)
    if not messages:
        raise InvalidInputError(f"the FIT file is damaged: {trouble}")
    remarks.append(f"the file is damaged ({trouble}); {len(messages)} messages could be read")
    return messages


def _salvage(data: bytes) -> tuple[list[Message], str]:
    """What the patient decoder reads before it gives up, and why it did."""
    messages: list[Message] = []
    trouble = "its checksum is wrong"
    try:
        messages.extend(_patient(data))
    except Exception as error:  # noqa: BLE001 (it asserts what a damaged file doesn't hold, and fails anyhow)
        trouble = " ".join(str(error).split())[:120] or type(error).__name__
    return messages, trouble


def _patient(data: bytes) -> Iterator[Message]:
    import fitdecode  # only for what is damaged: it takes long to load

    with fitdecode.FitReader(
        data,
        check_crc=fitdecode.CrcCheck.DISABLED,
        error_handling=fitdecode.ErrorHandling.IGNORE,
    ) as reader:
        for frame in reader:
            if isinstance(frame, fitdecode.FitDataMessage):
                message = {field.name: field.value for field in frame.fields if field.value is not None}
                yield {**message, "message_type": frame.name}


def instant(value: object) -> dt.datetime | None:
    """A FIT time as an instant in UTC; None for one of the years before devices know the time."""
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, dt.datetime):
        return None
    moment = value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
    return moment if moment.year >= 1990 else None


def number(message: Message, *names: str) -> float | None:
    """The first of some fields that holds a finite number."""
    for name in names:
        value = message.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12:
            return float(value)
    return None


def word(message: Message, name: str) -> str:
    """A field as text: an enum's name, a string, or the number of what the decoder doesn't know."""
    value = message.get(name)
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    return "" if value is None else str(value).strip("\0 ")
