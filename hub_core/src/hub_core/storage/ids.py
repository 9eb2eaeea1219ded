"""Identifiers, instants, secrets and digests."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time


def now_ms() -> int:
    """The present instant as epoch milliseconds in UTC."""
    return time.time_ns() // 1_000_000


def new_id(prefix: str) -> str:
    """An identifier such as `wk_06c2...`: 48 bits of time, 80 bits of chance, sorted by time.

    Base 32 with the digits first keeps the order of the bytes, so that new rows land at the end
    of an index.
    """
    raw = now_ms().to_bytes(6, "big") + secrets.token_bytes(10)
    return f"{prefix}_{base64.b32hexencode(raw).decode().rstrip('=').lower()}"


def new_secret(nbytes: int = 32) -> str:
    """A URL-safe secret that nobody can guess."""
    return secrets.token_urlsafe(nbytes)


def digest(text: str) -> str:
    """The SHA-256 of a text in hex: what is stored in place of a secret."""
    return hashlib.sha256(text.encode()).hexdigest()
