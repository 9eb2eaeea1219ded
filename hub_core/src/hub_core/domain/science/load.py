"""How much a session was: normalized power, the three forms of TSS, and TRIMP."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from itertools import accumulate

from hub_core.domain.science._ranges import check_range
from hub_core.errors import InvalidInputError

#: Seconds of the rolling mean; the first window is left out, as TrainingPeaks does.
WINDOW_S = 30
#: Share of the heart rate reserve at which the threshold is taken to be when nobody knows it (Elevate).
LTHR_OF_RESERVE = 0.85
_LONGEST_S = 7 * 86_400


class Sex(StrEnum):
    """For formulas that were fitted apart."""

    FEMALE = "female"
    MALE = "male"


#: Factor and exponent of Banister's weighting. For women Morton 1990; others keep men's 0.64, which gives
#: less.
_TRIMP = {Sex.MALE: (0.64, 1.92), Sex.FEMALE: (0.86, 1.67)}


def normalized_power_w(watts: Sequence[float]) -> float | None:
    """Coggan's normalized power in W of power sampled once a second, pauses as 0.

    The fourth root of the mean fourth power of the 30 s rolling mean, from the first full window on, which
    itself is left out. None for less than a minute. Raises `InvalidInputError` for samples outside 0 to 3000
    W.
    """
    for index, watt in enumerate(watts):
        if not 0 <= watt <= 3000:
            raise InvalidInputError(f"{watt:g} is outside 0 to 3000 W", path=f"watts[{index}]")
    if len(watts) < 2 * WINDOW_S:
        return None
    sums = list(accumulate(watts, initial=0.0))
    means = [(sums[end] - sums[end - WINDOW_S]) / WINDOW_S for end in range(WINDOW_S + 1, len(sums))]
    fourth = math.fsum(max(mean, 0.0) ** 4 for mean in means) / len(means)
    return float(fourth**0.25)


def intensity_factor(normalized_w: float, ftp_w: float) -> float:
    """Normalized power as a fraction of FTP, both in W."""
    check_range("normalized_w", normalized_w, 0, 3000, "W")
    check_range("ftp_w", ftp_w, 20, 700, "W")
    return normalized_w / ftp_w


def tss(duration_s: float, factor: float) -> float:
    """Training stress: hours · IF² · 100 (Coggan).

    An hour at threshold is 100. `factor` is a fraction, 0 to 3.
    """
    check_range("duration_s", duration_s, 0, _LONGEST_S, "s")
    check_range("factor", factor, 0, 3)
    return duration_s / 3600 * factor**2 * 100


def power_tss(duration_s: float, normalized_w: float, ftp_w: float) -> float:
    """TSS of `duration_s` seconds at a normalized power, by FTP (both W): s·NP·IF/(FTP·3600)·100."""
    return tss(duration_s, intensity_factor(normalized_w, ftp_w))


def pace_tss(duration_s: float, graded_pace_s_per_km: float, threshold_pace_s_per_km: float) -> float:
    """rTSS of a run, by its grade-adjusted pace and the threshold pace in s/km.

    IF = threshold pace / pace, upside down because a pace is a speed upside down.
    """
    check_range("graded_pace_s_per_km", graded_pace_s_per_km, 60, 3600, "s/km")
    check_range("threshold_pace_s_per_km", threshold_pace_s_per_km, 60, 3600, "s/km")
    return tss(duration_s, threshold_pace_s_per_km / graded_pace_s_per_km)


def trimp(duration_s: float, mean_bpm: float, rest_bpm: float, max_bpm: float, sex: Sex) -> float:
    """Banister's training impulse: minutes · x · k · e^(b·x), x the fraction of the heart rate reserve.

    Men k 0.64, b 1.92 (Banister 1991); women k 0.86, b 1.67 (Morton 1990). Below the resting rate it is 0.
    Raises `InvalidInputError` for rates outside 25 to 250 bpm, a maximum that isn't above rest, and a mean
    more than 10 bpm above the maximum; up to there the reserve counts as used up.
    """
    _check_rates(rest_bpm, max_bpm)
    check_range("duration_s", duration_s, 0, _LONGEST_S, "s")
    check_range("mean_bpm", mean_bpm, 0, max_bpm + 10, "bpm")
    reserve = min(max((mean_bpm - rest_bpm) / (max_bpm - rest_bpm), 0), 1)
    factor, exponent = _TRIMP[sex]
    return duration_s / 60 * reserve * factor * math.exp(exponent * reserve)


def heart_rate_tss(
    duration_s: float,
    mean_bpm: float,
    rest_bpm: float,
    max_bpm: float,
    sex: Sex,
    lthr_bpm: float | None = None,
) -> float:
    """TSS from heart rate: 100 · TRIMP / TRIMP of an hour at LTHR, so that an hour at threshold is 100.

    TrainingPeaks' own points for each zone aren't public; this is GoldenCheetah's and Elevate's stand-in.
    Without an LTHR (bpm) it is taken as rest + 0.85 · (max − rest), as Elevate does.
    """
    _check_rates(rest_bpm, max_bpm)
    threshold = lthr_bpm if lthr_bpm is not None else rest_bpm + LTHR_OF_RESERVE * (max_bpm - rest_bpm)
    check_range("lthr_bpm", threshold, rest_bpm + 10, max_bpm, "bpm")
    hour = trimp(3600, threshold, rest_bpm, max_bpm, sex)
    return 100 * trimp(duration_s, mean_bpm, rest_bpm, max_bpm, sex) / hour


def _check_rates(rest_bpm: float, max_bpm: float) -> None:
    check_range("rest_bpm", rest_bpm, 25, 120, "bpm")
    check_range("max_bpm", max_bpm, max(80, rest_bpm + 20), 250, "bpm")
