"""Signatures of webhooks (F28): what was not signed so, to the bit, is not taken."""

from __future__ import annotations

import hmac
import random
import time
from typing import Any

import pytest

from hub_core.sdk import Misconfigured, Rejected, WebhookRequest, verify_signature, verify_token

SECRET = "C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
BODY = b'{"test": 2432232314}'


def signed(
    body: bytes = BODY, *, at: str = "", algorithm: str = "sha256", prefix: str = ""
) -> dict[str, Any]:
    """What an honest provider sends: body and headers."""
    text = f"{at}.".encode() + body if at else body
    headers = {"x-signature": prefix + hmac.new(SECRET.encode(), text, algorithm).hexdigest()}
    return {"body": body, "headers": {**headers, **({"x-timestamp": at} if at else {})}}


def check(sent: dict[str, Any], **options: Any) -> None:
    request = WebhookRequest("POST", "/", sent["headers"], {}, sent["body"])
    verify_signature(
        request, SECRET, **{"header": "X-Signature", "timestamp_header": "X-Timestamp", **options}
    )


@pytest.mark.parametrize(
    ("secret", "body", "signature", "options"),
    [
        # GitHub's own example, from its page on validating deliveries.
        (
            "It's a Secret to Everybody",
            b"Hello, World!",
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
            {"prefix": "sha256="},
        ),
        # RFC 4231, case 2.
        (
            "Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            {},
        ),
        (
            "Jefe",
            b"what do ya want for nothing?",
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            {"algorithm": "sha512"},
        ),
    ],
)
def test_published_vectors_are_taken(
    secret: str, body: bytes, signature: str, options: dict[str, Any]
) -> None:
    request = WebhookRequest("POST", "/", {"x-hub-signature": signature}, {}, body)
    verify_signature(request, secret, header="X-Hub-Signature", **options)
    with pytest.raises(Rejected):
        verify_signature(request, secret + "!", header="X-Hub-Signature", **options)


def now(offset_s: int = 0) -> str:
    return str(int(time.time()) + offset_s)


def test_times_within_five_minutes_are_taken() -> None:
    for offset_s in (0, -290, 290):
        check(signed(at=now(offset_s)))


@pytest.mark.parametrize(
    "at", ["-310", "+310", "-86400", "", "x", "١٢٣٤٥٦٧٨٩٠", "1e9", "-1", " 1", "9" * 13, "1.5"]
)
def test_other_times_are_refused(at: str) -> None:
    sent = signed(at=now(int(at)) if at[:1] in {"-", "+"} and len(at) > 2 else at or "")
    with pytest.raises(Rejected):
        check(sent)


def test_a_time_that_was_not_signed_is_refused() -> None:
    sent = signed(at=now(-3600))
    sent["headers"]["x-timestamp"] = now()
    with pytest.raises(Rejected):
        check(sent)


@pytest.mark.parametrize(
    "change",
    [
        lambda sent: sent["headers"].pop("x-signature"),
        lambda sent: sent["headers"].update({"x-signature": ""}),
        lambda sent: sent["headers"].update({"x-signature": sent["headers"]["x-signature"][:32]}),
        lambda sent: sent["headers"].update({"x-signature": "sha256=" + sent["headers"]["x-signature"]}),
        lambda sent: sent["headers"].update({"x-signature": sent["headers"]["x-signature"] + " "}),
        lambda sent: sent["headers"].update({"x-signature": "\udcff\u00e9"}),
        lambda sent: sent.update(body=b""),
        lambda sent: sent.update(body=sent["body"] + b"\n"),
    ],
)
def test_other_signatures_are_refused(change: Any) -> None:
    sent = signed(at=now())
    change(sent)
    with pytest.raises(Rejected):
        check(sent)


def test_without_a_secret_nothing_is_taken() -> None:
    request = WebhookRequest(
        "POST", "/", {"x-signature": hmac.new(b"", BODY, "sha256").hexdigest()}, {}, BODY
    )
    with pytest.raises(Misconfigured):
        verify_signature(request, "", header="X-Signature")
    with pytest.raises(Misconfigured):
        verify_token("", "")
    for given in ("", "tokem", "token ", "\udcfftoken"):
        with pytest.raises(Rejected):
            verify_token(given, "token")


@pytest.mark.parametrize("flips", [500, pytest.param(10_000, marks=pytest.mark.chaos)])
def test_f28_no_flipped_bit_is_taken(flips: int) -> None:
    chance, at, taken = random.Random(28), now(), 0
    for _ in range(flips):
        sent = signed(at=at)
        part = chance.choice(("body", "x-timestamp", "x-signature"))
        old = sent["body"] if part == "body" else sent["headers"][part].encode()
        bit = chance.randrange(len(old) * 8)
        new = (int.from_bytes(old) ^ (1 << bit)).to_bytes(len(old))
        if part == "body":
            sent["body"] = new
        else:
            sent["headers"][part] = new.decode("latin-1")
        try:
            check(sent)
            taken += 1
        except Rejected:
            pass
    print(f"\nF28 seed 28: {flips} bits flipped, {taken} accepted")  # noqa: T201
    assert taken == 0
