"""No token, secret or key in anything that is written: logs at DEBUG, answers, reasons, the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from hub_core.sandbox.faults import Fault, FaultKind
from hub_core.sandbox.sandbox import CLIENT_SECRET
from hub_core.sandbox.server import SandboxServer
from hub_core.testing.processes import HubProcesses, wait_until

PROVIDERS = ("garmin", "wahoo", "intervals")


def live_tokens(sandboxes: dict[str, SandboxServer]) -> set[str]:
    grants = [grant for server in sandboxes.values() for grant in server.sandbox.oauth.grants]
    return {token for grant in grants for token in (grant.access_token, grant.refresh_token) if token}


def test_no_secret_is_written_anywhere(
    tmp_path: Path,
    environment: dict[str, str],
    sandboxes: dict[str, SandboxServer],
    thresholds: dict[str, Any],
    plans: list[dict[str, Any]],
) -> None:
    log = tmp_path / "hub.log"
    own = {"HUB_DATABASE_URL": f"sqlite:///{tmp_path / 'hub.db'}", "HUB_LOG_LEVEL": "DEBUG"}
    secrets = {CLIENT_SECRET, environment["HUB_ENCRYPTION_KEYS"]}
    said: list[str] = []
    with HubProcesses(environment | own, log=log) as hub:
        platform = hub.platform()
        secrets.add(platform.http.headers["Authorization"].removeprefix("Bearer "))
        platform.http.event_hooks["response"] = [lambda answer: said.append(answer.read().decode())]
        athlete = platform.athlete(thresholds=thresholds)
        for name in PROVIDERS:
            athlete.connect(name)
        secrets |= live_tokens(sandboxes)
        # Wahoo's and Garmin's tokens expire: both are refreshed on the way.
        for name in ("garmin", "wahoo"):
            sandboxes[name].sandbox.clock.advance(3 * 86_400)
        # Everything that can go wrong, so that every error is worded and logged; at Garmin not with
        # the workout itself: when the answer to that is lost, it waits for people.
        for kind in (FaultKind.DROP_AFTER, FaultKind.MALFORMED, FaultKind.STATUS, FaultKind.RATE_LIMIT):
            for name in PROVIDERS:
                path, value = "/training-api" if name == "garmin" else "/", 500 if kind == "status" else 1
                sandboxes[name].sandbox.faults.add(Fault(kind, path, value=value, times=1))
        athlete.save(plans[0])
        wait_until(lambda: all(row["status"] == "SENT" for row in athlete.exports()), "all exports")
        secrets |= live_tokens(sandboxes)
        for row in athlete.exports():
            athlete.export(row["id"])
        platform.call("GET", f"{athlete.path}/connections")
        wrong = ("/v1/athletes", "/v1/oauth/garmin/callback?state=forged&code=forged")
        bad_key = {"Authorization": "Bearer wrong"}
        said += [httpx.get(hub.origin + path, headers=bad_key).text for path in wrong]
        platform.call("DELETE", f"{athlete.path}/connections/wahoo")

    assert len(secrets) >= 12  # 3 of the hub, 5 tokens at first, and 2 new pairs
    written = {"answers": "\n".join(said).encode(), "log": log.read_bytes()}
    written |= {path.name: path.read_bytes() for path in tmp_path.glob("hub.db*") if path.suffix != ".key"}
    assert b"hub_core" in written["log"] or b"DEBUG" in written["log"]
    found = [
        (place, secret[:6])
        for place, text in written.items()
        for secret in secrets
        if secret.encode() in text
    ]
    assert found == []
