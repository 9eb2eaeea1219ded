"""What `receive_webhook` needs: is it really the provider, and is it from now?"""

from __future__ import annotations

import hmac
import time
from typing import Literal

from hub_core.sdk.errors import Misconfigured, Rejected
from hub_core.sdk.inbound import WebhookRequest

#: Stripe's and Slack's default as well: older signatures are taken for replays.
TOLERANCE_S = 300


def verify_signature(
    request: WebhookRequest,
    secret: str,
    *,
    header: str,
    timestamp_header: str = "",
    algorithm: Literal["sha256", "sha512"] = "sha256",
    prefix: str = "",
) -> None:
    """Raise `Rejected` unless `header` holds the HMAC of the body in hex, after `prefix` (`sha256=`).

    With a `timestamp_header` (epoch seconds) the signed text is `timestamp.body`, and a timestamp that is
    more than five minutes off is refused: a recorded request can't be sent again later.
    """
    if not secret:
        raise Misconfigured("the secret that webhooks are signed with is not set")
    signed = request.body
    if timestamp_header:
        timestamp = request.headers.get(timestamp_header.lower(), "")
        if not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 12:
            raise Rejected(f"the webhook has no valid {timestamp_header}")
        if abs(time.time() - int(timestamp)) > TOLERANCE_S:
            raise Rejected(f"the webhook's {timestamp_header} is more than {TOLERANCE_S} s off")
        signed = timestamp.encode() + b"." + signed
    expected = prefix + hmac.digest(secret.encode(), signed, algorithm).hex()
    given = request.headers.get(header.lower(), "")
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise Rejected(f"the webhook's {header} does not match its body")


def verify_token(given: str, secret: str) -> None:
    """Raise `Rejected` unless a shared secret that travels in the open (path, body, header) is ours."""
    if not secret:
        raise Misconfigured("the token that webhooks carry is not set")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode()):
        raise Rejected("the webhook's token is wrong")
