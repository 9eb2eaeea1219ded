"""`hub keys` and `hub migrate`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub_core.storage import KeyRing


def test_an_encryption_key_is_one_that_works(hub: Any, tmp_path: Path) -> None:
    first, second = hub("keys", "encryption").out, hub("keys", "encryption").out
    assert first != second
    ring = KeyRing(f"{first.strip()},{second.strip()}")
    assert ring.open(ring.seal(b"x", "row"), "row") == b"x"
    assert not (tmp_path / "hub.db").exists()


def test_a_key_is_shown_once_and_listed_without_its_secret(hub: Any, tmp_path: Path) -> None:
    key = hub("keys", "create", "Coach [/b]", "--label", "[red]laptop").out.strip()
    assert key.startswith("hub_")
    assert "\n" not in key
    listed = hub("keys", "list")
    assert listed.code == 0
    for text in ("Coach [/b]", "[red]laptop", "live"):
        assert text in listed.out
    assert key not in listed.out
    assert key.encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("hub.db*"))

    key_id = next(word for word in listed.out.split() if word.startswith("key_"))
    assert hub("keys", "revoke", key_id).out == f"{key_id} is revoked.\n"
    assert "revoked" in hub("keys", "list").out


def test_a_platform_s_policy_is_shown_and_set(hub: Any) -> None:
    hub("keys", "create", "coach")
    assert hub("keys", "policy", "coach").out == "accept_degraded\n"
    assert hub("keys", "policy", "coach", "strict").out == "strict\n"
    assert hub("keys", "policy", "coach").out == "strict\n"
    assert hub("keys", "policy", "coach", "lenient").code == 2
    done = hub("keys", "policy", "nobody")
    assert done.is_one_line
    assert "'nobody'" in done.err


def test_who_has_the_last_word_is_shown_and_set_also_for_one_provider(hub: Any) -> None:
    hub("keys", "create", "coach")
    assert hub("keys", "drift", "coach").out == "ask\n"
    assert hub("keys", "drift", "coach", "adopt").out == "adopt\n"
    assert hub("keys", "drift", "coach", "restore", "--at", "garmin").out == "adopt\ngarmin: restore\n"
    assert hub("keys", "drift", "coach", "--at", "garmin", "--forget").out == "adopt\n"
    for arguments in (["--forget"], ["ask", "--at", "nobody"]):
        assert hub("keys", "drift", "coach", *arguments).code != 0
    assert hub("keys", "drift", "coach").out == "adopt\n"


def test_an_unknown_key_cannot_be_revoked(hub: Any) -> None:
    done = hub("keys", "revoke", "key_nosuch")
    assert done.is_one_line
    assert "hub keys list" in done.err


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\x07b"])
def test_a_platform_needs_a_name(hub: Any, name: str) -> None:
    done = hub("keys", "create", name)
    assert done.is_one_line
    assert "platform" in done.err
    assert "live" not in hub("keys", "list").out


def test_migrating_twice_is_harmless(hub: Any) -> None:
    assert "Applied" in hub("migrate").out
    assert hub("migrate").out == "The database is up to date.\n"
