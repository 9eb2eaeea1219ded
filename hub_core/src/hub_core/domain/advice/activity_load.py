"""The TSS of one activity: by power, by pace and by heart rate, which of them counts, and why."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from hub_core.domain.athlete import Athlete
from hub_core.domain.fact import Fact
from hub_core.domain.science.load import Sex, heart_rate_tss, pace_tss, power_tss
from hub_core.domain.sport import Sport, SportFamily
from hub_core.errors import InvalidInputError


class LoadForm(StrEnum):
    """What a TSS is made from, the most trusted first."""

    POWER = "power"
    PACE = "pace"
    HEART_RATE = "heart_rate"


class DoneActivity(msgspec.Struct, frozen=True):
    """What is needed of an activity: seconds, metres, W, bpm. None is not known.

    `power_s` are the seconds that the normalized power is of, `hills` is how many metres of the level one of
    its metres is worth (Minetti). `rest_bpm` is the athlete's of that time.
    """

    sport: Sport
    moving_s: float
    distance_m: float | None = None
    hills: float | None = None
    normalized_w: float | None = None
    power_s: float | None = None
    avg_bpm: float | None = None
    rest_bpm: float | None = None


class FormLoad(msgspec.Struct, frozen=True):
    """One form: its TSS, or None and in `why` what is missing for it."""

    form: LoadForm
    tss: float | None
    why: tuple[Fact, ...]


class ActivityLoad(msgspec.Struct, frozen=True):
    """The TSS that counts, of which form, and all three of them. None where no form can be computed."""

    tss: float | None
    form: LoadForm | None
    reason: str
    forms: tuple[FormLoad, ...]


_REASONS = {
    LoadForm.POWER: "power is measured work: it counts before pace and heart rate",
    LoadForm.PACE: "pace tells work, hills taken out: it counts before heart rate",
    LoadForm.HEART_RATE: "nothing but heart rate is known of it",
}


def measure_load(done: DoneActivity, athlete: Athlete) -> ActivityLoad:
    """All forms of an activity's TSS, by the thresholds that hold now.

    Power is for riding: an FTP is a rider's. Pace is for running. Where the athlete's sex isn't known, heart
    rate gives the mean of women's and men's weighting. A number that can't be (a threshold that is old, a
    sensor that failed) leaves its form without a TSS and says so.
    """
    forms = (_power(done, athlete), _pace(done, athlete), _heart_rate(done, athlete))
    taken = next((one for one in forms if one.tss is not None), None)
    if taken is None:
        return ActivityLoad(None, None, "no form can be computed", forms)
    return ActivityLoad(taken.tss, taken.form, _REASONS[taken.form], forms)


def _missing(form: LoadForm, *words: str) -> FormLoad:
    return FormLoad(form, None, tuple(Fact("missing", one) for one in words))


def _power(done: DoneActivity, athlete: Athlete) -> FormLoad:
    form = LoadForm.POWER
    if done.sport.family is not SportFamily.CYCLING:
        return _missing(form, "an FTP is for riding")
    if done.normalized_w is None or athlete.ftp_w is None:
        return _missing(form, *_unknown(("normalized power", done.normalized_w), ("ftp_w", athlete.ftp_w)))
    try:
        value = power_tss(done.power_s or done.moving_s, done.normalized_w, athlete.ftp_w)
    except InvalidInputError as error:
        return _missing(form, str(error))
    facts = (
        Fact("normalized power", round(done.normalized_w), "W", "the activity"),
        Fact("FTP", athlete.ftp_w, "W", "the athlete"),
    )
    return FormLoad(form, round(value, 1), facts)


def _pace(done: DoneActivity, athlete: Athlete) -> FormLoad:
    form, speed = LoadForm.PACE, athlete.threshold_speed_mps
    if done.sport.family is not SportFamily.RUNNING:
        return _missing(form, "a threshold pace is for running")
    if not done.distance_m or speed is None:
        return _missing(
            form, *_unknown(("distance", done.distance_m or None), ("threshold_speed_mps", speed))
        )
    pace = done.moving_s / (done.distance_m * (done.hills or 1)) * 1000
    try:
        value = pace_tss(done.moving_s, pace, 1000 / speed)
    except InvalidInputError as error:
        return _missing(form, str(error))
    source = "Minetti, over 50 m" if done.hills else "as run: its heights aren't known"
    facts = (
        Fact("graded pace", round(pace, 1), "s/km", source),
        Fact("threshold pace", round(1000 / speed, 1), "s/km", "the athlete"),
    )
    return FormLoad(form, round(value, 1), facts)


def _heart_rate(done: DoneActivity, athlete: Athlete) -> FormLoad:
    form = LoadForm.HEART_RATE
    mean, rest, highest = done.avg_bpm, done.rest_bpm, athlete.max_hr_bpm
    if mean is None or rest is None or highest is None:
        names = (("mean heart rate", mean), ("resting heart rate", rest), ("max_hr_bpm", highest))
        return _missing(form, *_unknown(*names))
    try:
        values = [
            heart_rate_tss(done.moving_s, mean, rest, highest, sex, athlete.lthr_bpm)
            for sex in (Sex.FEMALE, Sex.MALE)
        ]
    except InvalidInputError as error:
        return _missing(form, str(error))
    apart = f"women's and men's weighting: {values[0]:.1f} and {values[1]:.1f}"
    threshold = (
        Fact("LTHR", athlete.lthr_bpm, "bpm", "the athlete")
        if athlete.lthr_bpm is not None
        else Fact("LTHR", "85 % of the reserve", "", "Elevate; the athlete's isn't known")
    )
    facts = (
        Fact("mean heart rate", round(mean), "bpm", "the activity"),
        Fact("resting heart rate", round(rest), "bpm", "the athlete's days"),
        Fact("highest heart rate", highest, "bpm", "the athlete"),
        threshold,
        Fact("sex", "not known", "", f"mean of {apart}"),
    )
    return FormLoad(form, round(sum(values) / 2, 1), facts)


def _unknown(*named: tuple[str, float | None]) -> list[str]:
    return [name for name, value in named if value is None]
