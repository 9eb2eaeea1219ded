"""Known secrets, and what looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub_core.sdk.redaction import MASK, redact
from hub_core.sdk.tokens import TokenSet


def test_known_secrets_go_wherever_they_stand() -> None:
    assert redact("a s3cret, s3cret2 here", ["s3cret", "s3cret2"]) == f"a {MASK}, {MASK} here"
    assert redact("nothing to hide", ["", "other"]) == "nothing to hide"


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcd1234",
        "authorization: basic QVBJX0tFWTpr",
        '{"access_token": "abcd1234"}',
        "{'refresh_token': 'abcd1234'}",
        "client_secret=abcd1234&grant_type=refresh_token",
        "code_verifier=abcd1234",
        "https://hub.example/callback?code=abcd1234&state=1",
        "https://hub.example/callback?state=1&code=abcd1234",
        "token: abcd1234",
        "password = abcd1234",
    ],
)
def test_shapes_of_credentials(text: str) -> None:
    clean = redact(text)
    assert MASK in clean
    assert "abcd1234" not in clean
    assert "QVBJ" not in clean


@pytest.mark.parametrize("text", ["status_code=404", "12 tokens left", "postcode=12345", "bearer: no"])
def test_plain_words_stay(text: str) -> None:
    assert redact(text) == text


@settings(max_examples=40)
@given(st.text(max_size=50), st.text(max_size=50), st.text("abcdef0123456789-", min_size=8, max_size=40))
def test_no_known_secret_survives(before: str, after: str, secret: str) -> None:
    assert secret not in redact(before + secret + after, [secret])


def test_token_sets_show_nothing() -> None:
    tokens = TokenSet("at-0123456789", "rt-0123456789", verifier="v-0123456789", scopes=("read",))
    for text in (repr(tokens), str(tokens), f"{tokens}", repr({"tokens": tokens})):
        assert "0123456789" not in text
        assert "read" in text
    assert set(tokens.secrets()) >= {"at-0123456789", "rt-0123456789", "v-0123456789"}
