"""The options by which people say their thresholds, paces as minutes and seconds."""

from __future__ import annotations

from typing import Annotated

import typer

from hub_core.domain.athlete import Athlete, check_athlete
from hub_core.errors import InvalidInputError

Ftp = Annotated[float | None, typer.Option(help="Functional threshold power, in watts.")]
Lthr = Annotated[float | None, typer.Option(help="Heart rate at threshold, in bpm.")]
MaxHr = Annotated[float | None, typer.Option(help="Highest heart rate, in bpm.")]
Pace = Annotated[str | None, typer.Option(help="Running pace at threshold, as 4:05 per km.")]
Css = Annotated[str | None, typer.Option(help="Critical swim speed, as 1:42 per 100 m.")]
ZoneName = Annotated[str | None, typer.Option(help="IANA time zone, as Europe/Berlin.")]


_OPTIONS = {
    "ftp_w": "--ftp",
    "lthr_bpm": "--lthr",
    "max_hr_bpm": "--max-hr",
    "threshold_speed_mps": "--threshold-pace",
    "css_mps": "--css",
    "time_zone": "--time-zone",
}


def read_thresholds(
    ftp: float | None,
    lthr: float | None,
    max_hr: float | None,
    threshold_pace: str | None,
    css: str | None,
    time_zone: str | None = None,
) -> dict[str, float | str]:
    """The given options as fields of `Athlete`. Raises `InvalidInputError` that names the option."""
    given: dict[str, float | str | None] = {
        "ftp_w": ftp,
        "lthr_bpm": lthr,
        "max_hr_bpm": max_hr,
        "threshold_speed_mps": _speed(threshold_pace, 1000, "--threshold-pace"),
        "css_mps": _speed(css, 100, "--css"),
        "time_zone": time_zone,
    }
    changed = {name: value for name, value in given.items() if value is not None}
    try:
        check_athlete(Athlete(**changed))  # type: ignore[arg-type]
    except InvalidInputError as error:
        raise InvalidInputError(error.detail, path=_OPTIONS.get(error.path, error.path)) from error
    return changed


def _speed(pace: str | None, per_m: int, option: str) -> float | None:
    """Metres per second of a pace such as `4:05` for `per_m` metres."""
    if pace is None:
        return None
    minutes, _, seconds = pace.partition(":")
    if not (
        minutes.isdigit() and seconds.isdigit() and int(seconds) < 60 and int(minutes) * 60 + int(seconds)
    ):
        raise InvalidInputError(f"{pace!r} is no pace; write it as 4:05", path=option)
    return round(per_m / (int(minutes) * 60 + int(seconds)), 3)
