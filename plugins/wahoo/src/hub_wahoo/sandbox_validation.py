"""What Wahoo's sandbox refuses in a plan's JSON, by its format 1.0. Knows nothing of our own export.

Refusals are 422s. The shape of Wahoo's error bodies is not documented; the wording for unknown fields is
as a client has met it ("field 'author' is not an allowed field").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub_core.sandbox import Refusal

_DESCRIPTION_LENGTH = 5000
_TRIGGERS = frozenset({"time", "distance", "kj", "repeat"})
_INTENSITIES = frozenset({"active", "wu", "tempo", "lt", "map", "ac", "nm", "ftp", "cd", "recover", "rest"})
#: Target type: the header field that it refers to, if any.
_TARGETS = {
    "watts": None,
    "hr": None,
    "rpm": None,
    "speed": None,
    "rpe": None,
    **{name: name for name in ("ftp", "map", "ac", "nm", "threshold_hr", "max_hr", "threshold_speed")},
}
_INTERVAL_FIELDS = frozenset(
    {
        "name",
        "exit_trigger_type",
        "exit_trigger_value",
        "intensity_type",
        "targets",
        "controls",
        "intervals",
    }
)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_family(value: Any) -> bool:
    return _is_whole(value) and value in {0, 1}


#: Header field: what its value must be, in code and in words.
_HEADER: dict[str, tuple[Callable[[Any], bool], str]] = {
    "name": (_is_text, "a string"),
    "version": (lambda value: value == "1.0.0", '"1.0.0"'),
    "description": (
        lambda value: _is_text(value) and len(value) <= _DESCRIPTION_LENGTH,
        f"a string of up to {_DESCRIPTION_LENGTH} characters",
    ),
    "duration_s": (_is_whole, "an integer"),
    "distance_m": (_is_whole, "an integer"),
    "workout_type_family": (_is_family, "0 or 1"),
    "workout_type_location": (_is_family, "0 or 1"),
    **dict.fromkeys(("ftp", "map", "ac", "nm", "threshold_hr", "max_hr"), (_is_whole, "an integer")),
    "threshold_speed": (_is_number, "a number"),
}
# On paper the location is needed as well, yet both official examples leave it out.
_HEADER_NEEDED = ("name", "version", "workout_type_family")


def check_plan(document: Any, *, strict: bool) -> None:
    """Raise for a plan that breaks format 1.0. `strict`: what production wants beyond the paper, too."""
    if not isinstance(document, dict):
        raise Refusal(422, "a plan is an object")
    _check_allowed(document, {"header", "intervals"})
    header, intervals = document.get("header"), document.get("intervals")
    if not isinstance(header, dict) or not isinstance(intervals, list) or not intervals:
        raise Refusal(422, "a plan has a header and intervals")
    _check_header(header)
    for interval in intervals:
        _check_interval(interval, header, strict=strict)
    if strict:
        _check_envelope(header, intervals)


def _check_allowed(part: dict[str, Any], allowed: frozenset[str] | set[str]) -> None:
    for name in part:
        if name not in allowed:
            raise Refusal(422, f"field '{name}' is not an allowed field")


def _check_header(header: dict[str, Any]) -> None:
    _check_allowed(header, set(_HEADER))
    for name in _HEADER_NEEDED:
        if header.get(name) is None or header[name] == "":
            raise Refusal(422, f"field 'header.{name}' is required")
    for name, value in header.items():
        is_right, words = _HEADER[name]
        if not is_right(value):
            raise Refusal(422, f"field 'header.{name}' must be {words}")


def _check_interval(interval: Any, header: dict[str, Any], *, strict: bool) -> None:
    if not isinstance(interval, dict):
        raise Refusal(422, "an interval is an object")
    _check_allowed(interval, _INTERVAL_FIELDS)
    trigger, value = str(interval.get("exit_trigger_type")), interval.get("exit_trigger_value")
    if trigger not in _TRIGGERS:
        raise Refusal(422, f"exit_trigger_type '{trigger}' is not one of {', '.join(sorted(_TRIGGERS))}")
    if not _is_number(value):
        raise Refusal(422, "exit_trigger_value must be a number")
    if str(interval.get("intensity_type", "active")) not in _INTENSITIES:
        raise Refusal(422, f"intensity_type '{interval['intensity_type']}' is unknown")
    if not _is_text(interval.get("name", "")):
        raise Refusal(422, "field 'name' must be a string")
    if trigger == "repeat":
        _check_repeat(interval, header, strict=strict)
    else:
        _check_leaf(interval, header, strict=strict)


def _check_repeat(interval: dict[str, Any], header: dict[str, Any], *, strict: bool) -> None:
    value, children = interval["exit_trigger_value"], interval.get("intervals")
    if not _is_whole(value) or value < 0:
        raise Refusal(422, "exit_trigger_value of a repeat must be an integer of 0 or more")
    if "targets" in interval:
        raise Refusal(422, "targets are not allowed on a repeat")
    if not isinstance(children, list) or not children:
        raise Refusal(422, "a repeat has intervals")
    for child in children:
        _check_interval(child, header, strict=strict)


def _check_leaf(interval: dict[str, Any], header: dict[str, Any], *, strict: bool) -> None:
    if interval["exit_trigger_value"] <= 0:
        raise Refusal(422, "exit_trigger_value must be above 0")
    if "intervals" in interval:
        raise Refusal(422, "intervals are for a repeat")
    targets = interval.get("targets", [])
    if not isinstance(targets, list):
        raise Refusal(422, "targets must be a list")
    if strict and not targets:
        raise Refusal(422, "an interval needs a target")
    for target in targets:
        _check_target(target, header)
    controls = interval.get("controls", [])
    for control in controls if isinstance(controls, list) else [controls]:
        if (
            not isinstance(control, dict)
            or control.get("type") != "grade"
            or not _is_number(control.get("value"))
        ):
            raise Refusal(422, "a control is a grade with a value")


def _check_target(target: Any, header: dict[str, Any]) -> None:
    if not isinstance(target, dict):
        raise Refusal(422, "a target is an object")
    _check_allowed(target, {"type", "low", "high"})
    low: Any = target.get("low")
    high: Any = target.get("high")
    kind = str(target.get("type"))
    if kind not in _TARGETS:
        raise Refusal(422, f"target type '{kind}' is unknown")
    if not _is_number(low) or not _is_number(high):
        raise Refusal(422, "a target has a low and a high")
    if high < low:
        raise Refusal(422, f"target high {high} is below low {low}")
    if kind == "rpe" and not 1 <= low <= high <= 10:
        raise Refusal(422, "rpe is from 1 to 10")
    reference = _TARGETS[kind]
    if reference and reference not in header:
        raise Refusal(422, f"target type '{kind}' needs header.{reference}")


def _check_envelope(header: dict[str, Any], intervals: list[dict[str, Any]]) -> None:
    if not header.get("description"):
        raise Refusal(422, "field 'header.description' is required")
    if _is_timed(intervals) and "duration_s" not in header:
        raise Refusal(422, "field 'header.duration_s' is required")


def _is_timed(intervals: list[dict[str, Any]]) -> bool:
    return all(
        _is_timed(interval["intervals"])
        if interval["exit_trigger_type"] == "repeat"
        else interval["exit_trigger_type"] == "time"
        for interval in intervals
    )
