"""A FIT file decoded: its summary as messages, its samples as columns. Three libraries, the fastest first.

fitfast gives columns, but no names of enums with them, so the summary is cut out and decoded by itself. It
refuses a header without a checksum, which is filled in, and more that others read: pyfitparsernative does, a
fifth as fast. Neither reads a damaged file: fitdecode does, as far as it goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyfitparsernative

from hub_core.errors import InvalidInputError
from hub_core.formats.activities._fit_cut import cut_fit_to_summary
from hub_core.formats.activities._fit_header import with_header_checksums
from hub_core.formats.activities._fit_messages import Message, word
from hub_core.formats.activities._fit_samples import FIELDS, Samples, samples_of, with_time
from hub_core.formats.activities._fit_walk import count_values

#: A day and a half at 20 values each second: the fast decoder takes some 50 bytes for each.
_MOST_VALUES = 3_000_000
#: Half a day: as Python's objects a value takes 170 bytes, and a message as much as four of them.
_MOST_AS_MESSAGES = 1_000_000
#: The patient decoder reads some 0.7 MB a second; what is damaged beyond this isn't worth the wait.
_MAX_SALVAGE_BYTES = 1_500_000


@dataclass(frozen=True)
class FitFile:
    """`kinds`: the messages of the summary by their names. `samples`: columns of equal length, `timestamp` in
    Unix time and the fields that a record has. `power_field`: the column of a foot pod's watts."""

    kinds: dict[str, list[Message]]
    samples: Samples
    power_field: str


def decode_fit(data: bytes, remarks: list[str]) -> FitFile:
    """What the file holds, as far as it can be read. Chained files are read one after the other.

    Raises `InvalidInputError` when nothing can, and for more values than an activity has.
    """
    if sum(count_values(data, _MOST_VALUES)) > _MOST_VALUES:
        raise InvalidInputError(f"more than {_MOST_VALUES // 1_000_000} million values: this is no activity")
    for decode in (_by_columns, _by_all_messages):
        try:
            return decode(data)
        except BaseException as error:
            # A panic of a decoder's Rust code comes as a `BaseException` without a class to name.
            if not isinstance(error, ValueError | LookupError) and type(error).__name__ != "PanicException":
                raise
    if len(data) > _MAX_SALVAGE_BYTES:
        raise InvalidInputError("the FIT file is damaged, and too large to be mended")
    messages, trouble = _salvage(data)
    if not messages:
        raise InvalidInputError(f"the FIT file is damaged: {trouble}")
    remarks.append(f"the file is damaged ({trouble}); {len(messages)} messages could be read")
    return _by_messages(messages)


def _by_columns(data: bytes) -> FitFile:
    import fitfast  # it loads NumPy, which most processes of a hub never need

    columns = fitfast.records(with_header_checksums(data), degrees=False)
    kinds = _kinds(_messages(cut_fit_to_summary(data)))
    names = {word(one, "field_name") for one in kinds.get("field_description", [])}
    if names & FIELDS:
        raise ValueError("a developer's field has the name of one in the profile")
    power = next((name for name in sorted(names) if name.lower() == "power"), "power")
    wanted = columns.keys() & {*FIELDS, "timestamp", power}
    return FitFile(kinds, with_time({name: columns[name] for name in wanted}), power)


def _by_all_messages(data: bytes) -> FitFile:
    return _by_messages(_messages(data))


def _messages(data: bytes) -> Sequence[Message]:
    messages, values = count_values(data, _MOST_AS_MESSAGES)
    if 4 * messages + values > _MOST_AS_MESSAGES:
        raise InvalidInputError("the FIT file is damaged or unusual, and too large to be read patiently")
    return pyfitparsernative.parse_fit_bytes(data)


def _by_messages(messages: Sequence[Message]) -> FitFile:
    kinds = _kinds(messages)
    records = kinds.pop("record", [])
    power = "power"
    for message in kinds.get("field_description", []):
        name, number = word(message, "field_name"), message.get("field_definition_number")
        if name.lower() == "power" and isinstance(number, int):
            # The patient decoder names a developer's field as its description does, the other by its number.
            power = name if any(name in one for one in records) else f"developer_field_{number}"
            break
    return FitFile(kinds, samples_of(records, power), power)


def _kinds(messages: Sequence[Message]) -> dict[str, list[Message]]:
    kinds: dict[str, list[Message]] = {}
    for message in messages:
        kinds.setdefault(str(message.get("message_type")), []).append(message)
    return kinds


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
