"""Nothing is written that holds a secret or somebody's data, whatever the redaction has overlooked."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from hub_core.testing.recordings import Exchange, LeakError, Recording, check_for_leaks, find_leaks

Make = Callable[..., Recording]
TOKEN = "s3cr3t/acc3ss+t0k3n"
LEAKS: dict[str, Any] = {
    "an e-mail address": {"x": "anna@example.org"},
    "a JWT": {"x": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkw.c2ln"},
    "a place": {"start_latlng": [52.5, 13.4]},
    "a place in words": {"city": "x", "polyline": "_p~iF~ps|U"},
    "a deep place": {"streams": [{"data": [140]}]},
    "a token by its field": {"access_token": "abcdef"},
    "a token by its form": {"x": "Bearer abcdef"},
}


@pytest.mark.parametrize("answer", LEAKS.values(), ids=LEAKS)
def test_what_looks_personal_is_found(recording: Make, answer: Any) -> None:
    assert list(find_leaks(recording(answer)))
    with pytest.raises(LeakError, match="nothing was written"):
        check_for_leaks(recording(answer), ())


@pytest.mark.parametrize(
    "form",
    [TOKEN, "s3cr3t%2Facc3ss%2Bt0k3n", base64.b64encode(TOKEN.encode()).decode(), TOKEN.encode().hex()],
    ids=["plain", "in a URL", "base64", "hex"],
)
def test_a_known_secret_is_found_however_it_is_spelled(recording: Make, form: str) -> None:
    with pytest.raises(LeakError) as caught:
        check_for_leaks(recording({"x": f"a {form} b"}), (TOKEN,))
    assert form not in str(caught.value)


def test_the_athlete_is_found(recording: Make) -> None:
    with pytest.raises(LeakError):
        check_for_leaks(recording({"x": "Anna Smith"}), (), ("Anna Smith",))
    assert check_for_leaks(recording({"x": "Annabelle"}), (), ("Anna", "", "x"))


def test_a_credential_in_an_address_is_found(exchanges: Make) -> None:
    leaking = Exchange(method="GET", path="/a", query={"q": "Bearer abcdef"}, status=200)
    assert list(find_leaks(exchanges(leaking)))


def test_placeholders_and_our_own_reference_are_no_leaks(recording: Make) -> None:
    answer = {
        "email": "athlete@example.com",
        "lat": 0.0,
        "latlng": [0, 0],
        "map": {"line": "somewhere", "is_private": True},
        "token": "[redacted]",
        "workout_token": "hub-recording",
        "refresh_token": None,
    }
    assert list(find_leaks(recording(answer))) == []
