"""Encryption at rest: AES-256-GCM with a ring of keys.

A sealed value is `version (1 byte) | key id (1) | nonce (12) | ciphertext and tag`. The first two
bytes and the name of the row are authenticated, so a value copied to another row does not open.
To rotate: put a new key in front of the setting, rewrite the rows, then take the old key out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub_core.errors import ConfigurationError, VaultError

_VERSION = 1
_KEY_BYTES = 32
_NONCE_BYTES = 12
_HEADER_BYTES = 2
_SETTING = "HUB_ENCRYPTION_KEYS"


def generate_key() -> str:
    """A new key in the form the setting takes."""
    return base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)).decode()


class KeyRing:
    """Seals with the first key, opens with any of them. Its `repr` tells nothing."""

    __slots__ = ("_ciphers", "_first")

    def __init__(self, keys: str) -> None:
        """Take comma-separated keys as `generate_key` makes them; the first one encrypts."""
        self._ciphers: dict[int, AESGCM] = {}
        for position, text in enumerate(part for part in keys.split(",") if part.strip()):
            self._add(_decode_key(text.strip(), position))
        if not self._ciphers:
            raise ConfigurationError(f"{_SETTING} is empty: set it to a key made by `generate_key`")
        self._first = next(iter(self._ciphers))

    def _add(self, key: bytes) -> None:
        key_id = hashlib.sha256(key).digest()[0]
        if key_id in self._ciphers:
            raise ConfigurationError(
                f"{_SETTING}: two keys share the one-byte id {key_id}; generate another key"
            )
        self._ciphers[key_id] = AESGCM(key)

    def seal(self, plain: bytes, row: str) -> bytes:
        """Encrypt `plain` for one row, named like `connection:con_x:tokens`."""
        header = bytes((_VERSION, self._first))
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._first].encrypt(nonce, plain, header + row.encode())
        return header + nonce + sealed

    def open(self, sealed: bytes, row: str) -> bytes:
        """Decrypt what `seal` made for the same row, or raise `VaultError`."""
        header, nonce, body = _split(sealed)
        if len(nonce) != _NONCE_BYTES or header[0] != _VERSION:
            raise VaultError(f"{row}: this is no sealed value")
        cipher = self._ciphers.get(header[1])
        if cipher is None:
            raise VaultError(f"{row}: sealed with key {header[1]}, which is not in {_SETTING}")
        try:
            return cipher.decrypt(nonce, body, header + row.encode())
        except InvalidTag:
            raise VaultError(f"{row}: damaged, or moved here from another row") from None

    def is_current(self, sealed: bytes) -> bool:
        """Whether a value is sealed with the first key; if not, it is due for a rewrite."""
        return sealed[:_HEADER_BYTES] == bytes((_VERSION, self._first))

    def __repr__(self) -> str:
        return "KeyRing(...)"


def _split(sealed: bytes) -> tuple[bytes, bytes, bytes]:
    body_at = _HEADER_BYTES + _NONCE_BYTES
    return sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES:body_at], sealed[body_at:]


def _decode_key(text: str, position: int) -> bytes:
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        # The text itself is a key or nearly one: it must not reach a log.
        raise ConfigurationError(
            f"{_SETTING}: key {position + 1} is not {_KEY_BYTES} bytes in base64url;"
            " `hub keys encryption` makes one"
        )
    return key
