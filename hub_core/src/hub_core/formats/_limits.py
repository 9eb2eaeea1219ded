"""What every reader of files refuses before it looks at the contents."""

from __future__ import annotations

from hub_core.errors import InvalidInputError

#: A workout of 500 steps with long notes stays far below this.
MAX_FILE_BYTES = 1_000_000
#: How files begin that carry the wrong name. Nothing is ever unpacked, so a packed bomb stays packed.
_BEGINNINGS = {
    b"PK\x03\x04": "a zip archive; unpack it first",
    b"\x1f\x8b": "packed with gzip; unpack it first",
    b"BZh": "packed with bzip2; unpack it first",
    b"\xfd7zXZ": "packed with xz; unpack it first",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}


def check_size(data: bytes) -> None:
    """Raise `InvalidInputError` for an empty, an oversized, or a packed file."""
    if len(data) > MAX_FILE_BYTES:
        raise InvalidInputError(f"larger than {MAX_FILE_BYTES // 1000} kB")
    if not data or data.isspace():
        raise InvalidInputError("the file is empty")
    if data.startswith(tuple(_BEGINNINGS)):
        what = next(what for beginning, what in _BEGINNINGS.items() if data.startswith(beginning))
        raise InvalidInputError(f"this is {what}")
