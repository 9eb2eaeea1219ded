"""Recorded FIT activities. Source: the FIT profile and the file type "activity", published with the FIT SDK.

A file holds `record`s (samples), `lap`s, and a `session` for each sport; `activity` at its end tells the
local time. Devices that ran out of power leave out what stands at the end, so everything is derived from
the records where the summary is missing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from hub_core.domain.records import Activity, Device, Lap
from hub_core.domain.sport import Sport
from hub_core.errors import InvalidInputError
from hub_core.formats._fit_words import find_sport
from hub_core.formats.activities._fit_file import decode_fit
from hub_core.formats.activities._fit_messages import Message, instant, number, word
from hub_core.formats.activities._fit_samples import Samples, between, first_time, to_series
from hub_core.formats.activities._summary import summarize

#: Legs between the sports of a multisport race.
_TRANSITION = "transition"
#: No race has so many sports. Each looks through all samples.
_MOST_SESSIONS = 50
#: The longest activity: a race over some days. A clock that jumps makes longer ones.
_LONGEST_S = 20 * 24 * 3600.0


def read_fit_activities(data: bytes, remarks: list[str]) -> list[Activity]:
    """One activity for each session, without transitions. Raises `InvalidInputError` for other files."""
    file = decode_fit(data, remarks)
    kinds, samples, power_field = file.kinds, file.samples, file.power_field
    has_samples = len(samples["timestamp"]) > 0
    sessions = [one for one in kinds.get("session", []) if word(one, "sport") != _TRANSITION]
    if len(sessions) > _MOST_SESSIONS:
        raise InvalidInputError(f"more than {_MOST_SESSIONS} activities in one file", path="session")
    if not has_samples and not sessions:
        held = {word(one, "type") for one in kinds.get("file_id", [])}
        if "activity" in held:
            raise InvalidInputError("there is nothing with a time in this FIT file", path="record")
        said = ", ".join(sorted(held)) or "nothing"
        raise InvalidInputError(f"not an activity: the FIT file says that it holds {said}", path="file_id")
    offset = _offset(kinds)
    device = _device(kinds)
    laps = kinds.get("lap", [])
    if not sessions:
        remarks.append("the summary is missing; it was made of the samples")
        return [_from_samples(samples, laps, offset, device, power_field)]
    found = []
    for session in sessions:
        start = instant(session.get("start_time")) or first_time(samples) or instant(session.get("timestamp"))
        if start is None:
            remarks.append("a session without a time was left out")
            continue
        end = _end(session, start)
        alone = len(sessions) == 1
        mine = samples if alone else between(samples, start, end)
        its_laps = laps if alone else [one for one in laps if _is_within(one, start, end)]
        found.append(_from_session(session, start, mine, its_laps, offset, device, power_field))
    return found


def _from_session(
    session: Message,
    start: dt.datetime,
    samples: Samples,
    laps: Sequence[Message],
    offset: dt.tzinfo,
    device: Device | None,
    power_field: str,
) -> Activity:
    sport, _ = find_sport(word(session, "sport") or "generic", word(session, "sub_sport") or "generic")
    series = to_series(samples, start, _LONGEST_S, power_field)
    elapsed = number(session, "total_elapsed_time")
    timer = number(session, "total_timer_time")
    spm = number(session, "avg_running_cadence", "avg_cadence")
    fraction = number(session, "avg_fractional_cadence") or 0.0
    activity = Activity(
        external_id="",
        sport=sport,
        start=start.astimezone(offset),
        duration_s=min(_LONGEST_S, max(elapsed or 0.0, timer or 0.0)),
        distance_m=number(session, "total_distance"),
        name=word(session, "sport_profile_name"),
        moving_s=timer,
        elevation_gain_m=number(session, "total_ascent"),
        elevation_loss_m=number(session, "total_descent"),
        # Without a strap or a meter some write 0, which nobody alive has.
        avg_heart_rate_bpm=number(session, "avg_heart_rate") or None,
        max_heart_rate_bpm=number(session, "max_heart_rate") or None,
        avg_power_w=number(session, "avg_power") if number(session, "max_power") != 0 else None,
        max_power_w=number(session, "max_power") or None,
        normalized_power_w=number(session, "normalized_power"),
        avg_cadence_rpm=None if spm is None else spm + fraction,
        energy_kcal=number(session, "total_calories"),
        device=device,
        laps=tuple(_laps(laps, start)),
        series=series,
    )
    return summarize(activity)


def _from_samples(
    samples: Samples,
    laps: Sequence[Message],
    offset: dt.tzinfo,
    device: Device | None,
    power_field: str,
) -> Activity:
    start = first_time(samples)
    assert start  # noqa: S101 (the caller kept those with a time)
    series = to_series(samples, start, _LONGEST_S, power_field)
    activity = Activity(
        external_id="",
        sport=Sport.OTHER,
        start=start.astimezone(offset),
        duration_s=0.0,
        device=device,
        laps=tuple(_laps(laps, start)),
        series=series,
    )
    return summarize(activity)


def _laps(laps: Sequence[Message], start: dt.datetime) -> list[Lap]:
    found = []
    for lap in laps:
        began = instant(lap.get("start_time"))
        seconds = number(lap, "total_timer_time", "total_elapsed_time")
        if began is None or seconds is None:
            continue
        found.append(
            Lap(
                start_s=max(0.0, (began - start).total_seconds()),
                duration_s=seconds,
                distance_m=number(lap, "total_distance"),
                avg_heart_rate_bpm=number(lap, "avg_heart_rate"),
                avg_power_w=number(lap, "avg_power"),
                avg_cadence_rpm=number(lap, "avg_running_cadence", "avg_cadence"),
            )
        )
    return found


def _offset(kinds: dict[str, list[Message]]) -> dt.tzinfo:
    """The athlete's offset from UTC: the `activity` message has the same moment on both clocks."""
    for message in kinds.get("activity", []):
        moment, local = instant(message.get("timestamp")), instant(message.get("local_timestamp"))
        if moment and local:
            minutes = round((local - moment).total_seconds() / 60 / 15) * 15
            if abs(minutes) <= 14 * 60:
                return dt.timezone(dt.timedelta(minutes=minutes))
    return dt.UTC


def _device(kinds: dict[str, list[Message]]) -> Device | None:
    """What recorded it: the creator among the devices, else what `file_id` says."""
    infos = [one for one in kinds.get("device_info", []) if str(one.get("device_index")) in {"creator", "0"}]
    for message in (*infos, *kinds.get("file_id", [])):
        maker = word(message, "manufacturer")
        name = word(message, "product_name") or word(message, "garmin_product") or word(message, "product")
        if name.isdecimal():
            name = f"{maker} {name}"  # the number of a product that has no name in the profile
        serial = word(message, "serial_number")
        if maker or serial:
            return Device(name, maker, serial)
    return None


def _end(session: Message, start: dt.datetime) -> dt.datetime:
    seconds = number(session, "total_elapsed_time", "total_timer_time") or 0.0
    return start + dt.timedelta(seconds=min(_LONGEST_S, seconds))


def _is_within(lap: Message, start: dt.datetime, end: dt.datetime) -> bool:
    moment = instant(lap.get("start_time"))
    return moment is not None and start <= moment <= end
