"""How a Wahoo device words what it got."""

from __future__ import annotations

from typing import Any

import pytest

from hub_wahoo.sandbox_device import show_plan


@pytest.mark.parametrize(
    ("family", "interval", "line"),
    [
        (
            0,
            {"intensity_type": "wu", "targets": [{"type": "hr", "low": 120, "high": 140}]},
            "Warm up: 1 min, 120–140 bpm",
        ),
        (0, {"targets": [{"type": "speed", "low": 8, "high": 9}]}, "1 min, 28.8–32.4 km/h"),
        (1, {"targets": [{"type": "speed", "low": 3.922, "high": 4.167}]}, "1 min, 4:15–4:00 /km"),
        (0, {"targets": [{"type": "rpe", "low": 3, "high": 4}]}, "1 min, effort 3–4 of 10"),
        (0, {"targets": [{"type": "rpe", "low": 1, "high": 10}]}, "1 min, by feel"),
        (0, {"targets": [{"type": "ftp", "low": 85, "high": 95}]}, "1 min, 17000–19000 W (8500–9500 % FTP)"),
        (
            0,
            {"targets": [{"type": "watts", "low": 200, "high": 220}, {"type": "rpm", "low": 85, "high": 95}]},
            "1 min, 200–220 W",
        ),
    ],
)
def test_how_the_device_words_an_interval(family: int, interval: dict[str, Any], line: str) -> None:
    trigger = {"exit_trigger_type": "time", "exit_trigger_value": 60}
    header = {"workout_type_family": family, "ftp": 200}
    assert show_plan({"header": header, "intervals": [trigger | interval]}) == (line,)


def test_how_the_device_words_distance_energy_and_names() -> None:
    intervals = [
        {"name": "Set", "exit_trigger_type": "repeat", "exit_trigger_value": 0, "intervals": [
            {"exit_trigger_type": "distance", "exit_trigger_value": 400},
            {"exit_trigger_type": "distance", "exit_trigger_value": 1500, "intensity_type": "recover"},
            {"exit_trigger_type": "kj", "exit_trigger_value": 250},
        ]}
    ]  # fmt: skip
    lines = show_plan({"header": {"workout_type_family": 0}, "intervals": intervals})
    assert lines == ("Set, 1 time:", "  400 m", "  Recover: 1.5 km", "  250 kJ")
