"""What is sealed opens for its own row with a known key, and in no other way."""

from __future__ import annotations

import base64
import hashlib
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.errors import ConfigurationError, VaultError
from hub_core.storage import KeyRing, generate_key

ROW = "connection:con_1:tokens"


def key_with_id(wanted: int) -> str:
    """A key whose one-byte id is `wanted`."""
    while True:
        key = os.urandom(32)
        if hashlib.sha256(key).digest()[0] == wanted:
            return base64.urlsafe_b64encode(key).decode()


RING = KeyRing(key_with_id(1))


@given(plain=st.binary(max_size=2000), row=st.text(max_size=60))
def test_what_is_sealed_opens_again(plain: bytes, row: str) -> None:
    sealed = RING.seal(plain, row)

    assert RING.open(sealed, row) == plain
    assert len(plain) < 8 or plain not in sealed


def test_sealing_twice_gives_two_texts() -> None:
    assert RING.seal(b"token", ROW) != RING.seal(b"token", ROW)


def test_a_value_moved_to_another_row_does_not_open() -> None:
    sealed = RING.seal(b"token", ROW)

    with pytest.raises(VaultError, match="con_2"):
        RING.open(sealed, "connection:con_2:tokens")


def test_no_flipped_bit_goes_unnoticed() -> None:
    sealed = RING.seal(b"token", ROW)

    for position in range(len(sealed) * 8):
        damaged = bytearray(sealed)
        damaged[position // 8] ^= 1 << (position % 8)
        with pytest.raises(VaultError):
            RING.open(bytes(damaged), ROW)


def test_no_shortened_value_opens() -> None:
    sealed = RING.seal(b"token", ROW)

    for length in range(len(sealed)):
        with pytest.raises(VaultError):
            RING.open(sealed[:length], ROW)


def test_an_unknown_key_is_named_by_its_id() -> None:
    sealed = RING.seal(b"token", ROW)

    with pytest.raises(VaultError, match="key 1,"):
        KeyRing(key_with_id(2)).open(sealed, ROW)


def test_another_key_with_the_same_id_does_not_open() -> None:
    sealed = RING.seal(b"token", ROW)

    with pytest.raises(VaultError, match="damaged"):
        KeyRing(key_with_id(1)).open(sealed, ROW)


def test_after_rotation_the_new_key_seals_and_the_old_one_still_opens() -> None:
    old, new = key_with_id(3), key_with_id(4)
    before = KeyRing(old).seal(b"token", ROW)
    both = KeyRing(f"{new}, {old}")

    assert both.open(before, ROW) == b"token"
    assert not both.is_current(before)
    after = both.seal(both.open(before, ROW), ROW)
    assert both.is_current(after)
    assert KeyRing(new).open(after, ROW) == b"token"


def test_a_key_with_or_without_padding_is_the_same_key() -> None:
    key = generate_key()

    assert KeyRing(key.rstrip("=")).open(KeyRing(key).seal(b"token", ROW), ROW) == b"token"


def test_two_keys_with_one_id_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="share"):
        KeyRing(f"{key_with_id(5)},{key_with_id(5)}")


@pytest.mark.parametrize("keys", ["", " , ", "short", "!" * 44, "A" * 42, "é" * 44])
def test_what_is_no_key_is_refused_without_repeating_it(keys: str) -> None:
    with pytest.raises(ConfigurationError, match="HUB_ENCRYPTION_KEYS") as caught:
        KeyRing(keys)

    assert not keys.strip(" ,") or keys not in str(caught.value)


def test_the_repr_tells_nothing() -> None:
    key = generate_key()
    shown = repr(KeyRing(key)) + str(KeyRing(key))

    assert shown == "KeyRing(...)" * 2
