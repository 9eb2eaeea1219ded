"""Identifiers sort by time and never repeat."""

from __future__ import annotations

import time

import pytest

from hub_core.storage import digest, ids, new_id, new_secret, now_ms


def test_an_id_has_its_prefix_and_fits_its_column() -> None:
    made = new_id("wk")

    prefix, _, rest = made.partition("_")
    assert prefix == "wk"
    assert len(rest) == 26
    assert rest.isascii()
    assert rest == rest.lower()
    assert len(made) <= 40


def test_ids_sort_by_the_time_they_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    instants = [1, 2, 1_000, 1_700_000_000_000, 1_700_000_000_001, 2**48 - 1]
    made = []
    for instant in instants:
        monkeypatch.setattr(ids, "now_ms", lambda instant=instant: instant)
        made.append(new_id("x"))

    assert made == sorted(made)


def test_ids_of_one_millisecond_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "now_ms", lambda: 1_700_000_000_000)

    assert len({new_id("x") for _ in range(10_000)}) == 10_000


def test_now_is_in_milliseconds() -> None:
    assert abs(now_ms() - time.time() * 1000) < 1000


def test_a_secret_is_long_and_new_each_time() -> None:
    assert len({new_secret() for _ in range(100)}) == 100
    assert len(new_secret(32)) == 43


def test_the_digest_is_sha256_in_hex() -> None:
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
