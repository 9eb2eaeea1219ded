"""What every reader of files refuses before it looks at the contents."""

from __future__ import annotations

from hub_core.errors import InvalidInputError

#: A workout of 500 steps with long notes stays far below this.
MAX_FILE_BYTES = 1_000_000


def check_size(data: bytes) -> None:
    """Raise `InvalidInputError` for an empty or an oversized file."""
    if len(data) > MAX_FILE_BYTES:
        raise InvalidInputError(f"larger than {MAX_FILE_BYTES // 1000} kB")
    if not data.strip():
        raise InvalidInputError("the file is empty")
