"""What `docs/sync-protocol.md` shows is what the hub answers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from hub_core.testing.processes import AthleteClient, PlatformClient

DOCUMENT = Path(__file__).parents[3] / "docs/sync-protocol.md"
_PAIR = re.compile(r"```http\n(\w+) (\S+)\n(.*?)```(?:(?:(?!```).)*?```json (\d+)\n(.*?)```)?", re.DOTALL)


def test_the_examples_are_so(platform: PlatformClient) -> None:
    athlete: AthleteClient = platform.athlete("anna")
    known = {"athlete": athlete.path.split("/")[-1]}
    pairs = _PAIR.findall(DOCUMENT.read_text())
    for method, path, body, status, shown in pairs:
        answer = platform.http.request(
            method, _fill(path, known).removeprefix("/v1"), content=_fill(body, known).strip() or None
        )
        assert answer.status_code == int(status or 200), answer.text
        if shown:
            _hold(json.loads(shown), answer.json(), known, path)
    assert len(pairs) == 6
    assert {"activity", "cursor", "workout"} <= known.keys()


def _fill(text: str, known: dict[str, str]) -> str:
    for name, value in known.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _hold(shown: Any, told: Any, known: dict[str, str], place: str) -> None:
    """All that is shown is told; `<name>` is remembered, and the same from then on."""
    if isinstance(shown, dict):
        for name, value in shown.items():
            assert name in told, f"{place}.{name}"
            _hold(value, told[name], known, f"{place}.{name}")
    elif isinstance(shown, list):
        assert len(shown) == len(told), f"{place}: {told}"
        for index, (value, other) in enumerate(zip(shown, told, strict=True)):
            _hold(value, other, known, f"{place}[{index}]")
    elif isinstance(shown, str) and shown.startswith("<"):
        assert known.setdefault(shown.strip("<>"), told) == told, place
    else:
        assert shown == told, place
