"""The calendar: which events the server takes, and what it adds to them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

from hub_core.sandbox import Refusal
from hub_intervals.sandbox_resolve import AthleteSettings, estimate_durations, resolve, total
from hub_intervals.sandbox_text import read_workout

_CATEGORY_NAMES = """WORKOUT RACE_A RACE_B RACE_C NOTE PLAN HOLIDAY SICK INJURED SET_EFTP FITNESS_DAYS
SEASON_START TARGET SET_FITNESS"""
_TYPE_NAMES = """Ride Run Swim WeightTraining Hike Walk AlpineSki BackcountrySki Badminton Canoeing Crossfit
EBikeRide EMountainBikeRide Elliptical Golf GravelRide TrackRide Handcycle HighIntensityIntervalTraining
Hockey IceSkate InlineSkate Kayaking Kitesurf MountainBikeRide Cyclocross NordicSki OpenWaterSwim Padel
Pilates Pickleball Racquetball Rugby RockClimbing RollerSki Rowing Sail Skateboard Snowboard Snowshoe Soccer
Squash StairStepper StandUpPaddling Surfing TableTennis Tennis TrailRun Transition Velomobile VirtualRide
VirtualRow VirtualRun VirtualSki WaterSport Wheelchair Windsurf Workout Yoga Other"""
_CATEGORIES = frozenset(_CATEGORY_NAMES.split())
_TYPES = frozenset(_TYPE_NAMES.split())
_TARGETS = frozenset({"AUTO", "POWER", "HR", "PACE"})
_LOCAL = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")
#: Sports without endurance targets, whose text the parser may wipe.
_WIPED = frozenset({"WeightTraining", "Yoga", "Other", "Pilates", "Crossfit", "Workout"})
_NUMBERS = frozenset(
    {"moving_time", "distance", "icu_training_load", "icu_intensity", "joules", "load_target"}
)
#: Set by the server whatever the caller sends.
_SERVERS_OWN = frozenset(
    {"id", "athlete_id", "oauth_client_id", "created_by_id", "updated", "workout_doc", "push_errors"}
)


@dataclass
class Calendar:
    """All events of all athletes. The switches stand for what sources disagree about."""

    events: dict[int, dict[str, Any]] = field(default_factory=dict)
    knows_meters: bool = False
    wipes_strength_text: bool = True
    accepts_workout_doc: bool = True
    #: Appended to every event's `push_errors`, as after a failed upload to a watch service.
    push_errors: list[dict[str, str]] = field(default_factory=list)
    _last_id: int = 55_000

    def create(
        self, body: Any, *, athlete_id: str, client: int | None, settings: AthleteSettings, now: str
    ) -> dict[str, Any]:
        """A new event, whatever else carries its `external_id`."""
        sent = _checked(body)
        for name in ("category", "start_date_local"):
            if not sent.get(name):
                raise Refusal(422, f"{name} is required")
        if sent["category"] == "WORKOUT" and not sent.get("type"):
            raise Refusal(422, "type is required")
        self._last_id += 1
        event: dict[str, Any] = {
            "id": self._last_id,
            "uid": sent.get("uid") or f"uid-{self._last_id}@intervals.icu",
            "athlete_id": athlete_id,
            "oauth_client_id": client,
            "created_by_id": athlete_id,
            "calendar_id": 1,
            "paired_activity_id": None,
        }
        self.events[event["id"]] = event
        return self._apply(event, sent, settings, now)

    def change(
        self, event: dict[str, Any], body: Any, *, settings: AthleteSettings, now: str
    ) -> dict[str, Any]:
        """Only the keys sent change; -1 clears a number."""
        return self._apply(event, _checked(body), settings, now)

    def _apply(
        self, event: dict[str, Any], sent: dict[str, Any], settings: AthleteSettings, now: str
    ) -> dict[str, Any]:
        kept = {name: value for name, value in sent.items() if name not in _SERVERS_OWN}
        event |= {name: None if name in _NUMBERS and value == -1 else value for name, value in kept.items()}
        if "start_date_local" in sent and "end_date_local" not in sent:
            # Exclusive: the midnight after.
            day = dt.date.fromisoformat(event["start_date_local"][:10]) + dt.timedelta(days=1)
            event["end_date_local"] = f"{day.isoformat()}T00:00:00"
        event |= {"updated": now, "push_errors": list(self.push_errors)}
        if event["category"] == "WORKOUT":
            self._parse(event, sent.get("workout_doc"), settings)
        else:
            event.setdefault("workout_doc", None)
        return event

    def _parse(self, event: dict[str, Any], doc: Any, settings: AthleteSettings) -> None:
        """Build `workout_doc`. The text wins over steps that were sent."""
        text, sport, indoor = event.get("description") or "", event["type"], bool(event.get("indoor"))
        if self.wipes_strength_text and sport in _WIPED and _looks_structured(text):
            event["description"], text = "", ""
        read = read_workout(text, knows_meters=self.knows_meters)
        steps = read.steps
        if not text and isinstance(doc, dict) and self.accepts_workout_doc:
            steps = doc.get("steps") or []
        estimate_durations(steps, settings, sport, indoor=indoor)
        totals = total(steps, settings, sport, indoor=indoor)
        event["workout_doc"] = {
            "steps": steps,
            "duration": totals.duration,
            "distance": totals.distance,
            "options": read.options,
            "ftp": settings.ftp_for(sport),
            "lthr": settings.lthr,
            "threshold_pace": settings.pace_for(sport),
            "target": event.get("target") or "AUTO",
        }
        if steps:
            event |= {
                "moving_time": totals.duration,
                "distance": totals.distance or None,
                "icu_intensity": totals.intensity,
                "icu_training_load": totals.load,
            }
        else:
            event.setdefault("moving_time", None)


def resolved(event: dict[str, Any], settings: AthleteSettings) -> dict[str, Any]:
    """The event with `_power`, `_hr` and `_pace` beside its targets."""
    doc = event.get("workout_doc")
    if not doc:
        return event
    indoor = bool(event.get("indoor"))
    return event | {"workout_doc": doc | {"steps": _resolved(doc["steps"], settings, event["type"], indoor)}}


def _resolved(
    steps: list[dict[str, Any]], settings: AthleteSettings, sport: str, indoor: bool
) -> list[dict[str, Any]]:
    found = []
    for step in steps:
        if "steps" in step:
            found.append(step | {"steps": _resolved(step["steps"], settings, sport, indoor)})
            continue
        target = resolve(step, settings, sport, indoor=indoor)
        extra = {}
        if target:
            ends = {"start": target.start, "end": target.end}
            if not str(step[target.metric]["units"]).endswith("_zone"):
                ends["value"] = target.middle
            extra = {f"_{target.metric}": ends}
        found.append(step | extra)
    return found


def _looks_structured(text: str) -> bool:
    return any(character.isdecimal() for character in text) or text.lstrip().startswith("-") or "\n-" in text


def _checked(body: Any) -> dict[str, Any]:
    """The body, if every field that is checked has a value that the server takes."""
    if not isinstance(body, dict):
        raise Refusal(422, "an event must be an object")
    for name, allowed in (("category", _CATEGORIES), ("type", _TYPES), ("target", _TARGETS)):
        if body.get(name) is not None and body[name] not in allowed:
            raise Refusal(422, f"Unknown {name}: {body[name]}")
    for name in ("start_date_local", "end_date_local"):
        if name in body:
            _check_local(name, body[name])
    for name, kind in (("name", str), ("description", str), ("external_id", str), ("indoor", bool)):
        if body.get(name) is not None and not isinstance(body[name], kind):
            raise Refusal(422, f"{name} must be a {kind.__name__}")
    for name in _NUMBERS & body.keys():
        if body[name] is not None and (
            isinstance(body[name], bool) or not isinstance(body[name], int | float)
        ):
            raise Refusal(422, f"{name} must be a number")
    return body


def _check_local(name: str, value: Any) -> None:
    """`2031-04-07T06:30:00` and nothing else: no bare date, no zone."""
    try:
        if not isinstance(value, str) or not _LOCAL.fullmatch(value):
            raise ValueError
        dt.datetime.fromisoformat(value)
    except ValueError as error:
        raise Refusal(422, f"Invalid {name}: {value}") from error
