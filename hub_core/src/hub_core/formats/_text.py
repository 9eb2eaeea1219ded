"""Bytes as lines of text, and what our texts must lose to stand in someone's file."""

from __future__ import annotations

import codecs
import re

from hub_core.errors import InvalidInputError
from hub_core.formats._limits import check_size

#: A point for each second of a long day, and then some.
_MAX_LINES = 50_000
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
#: Windows, Unix and the Macs of old. `str.splitlines` also breaks at characters that are text.
_LINE_END = re.compile(r"\r\n|\r|\n")
#: What no XML 1.0 file may hold, not even escaped. [XML 1.0, section 2.2]
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def decode_lines(data: bytes, *, otherwise: str = "") -> list[str]:
    """The lines of a text file in UTF-8, or in UTF-16 with a byte order mark.

    `otherwise` is an encoding for what is not UTF-8. Raises `InvalidInputError` with the byte of what
    can't be read.
    """
    check_size(data)
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8" or not otherwise:
            raise InvalidInputError(f"not {encoding.upper()} text, at byte {error.start}") from error
        text = data.decode(otherwise, errors="replace")
    if (place := text.find("\0")) >= 0:
        line = text.count("\n", 0, place) + 1
        raise InvalidInputError(f"this is no text: there is a zero byte in line {line}")
    lines = _LINE_END.split(text)
    if len(lines) > _MAX_LINES:
        raise InvalidInputError(f"more than {_MAX_LINES} lines")
    return lines


def split_lines(text: str) -> list[str]:
    """The lines of a text of ours, without white space around them and without empty ones."""
    if not text:
        return []
    return [line for line in (one_line(part) for part in _LINE_END.split(text)) if line]


def one_line(text: str) -> str:
    """The text without line breaks and repeated white space."""
    return " ".join(text.split())


def clean_xml(text: str) -> str:
    """The text with a mark for each character that no XML file may hold."""
    return NOT_XML.sub("\ufffd", text)


def cut_bytes(text: str, longest: int) -> str:
    """The text cut to at most so many bytes of UTF-8, never within a character."""
    return text.encode()[:longest].decode(errors="ignore")
