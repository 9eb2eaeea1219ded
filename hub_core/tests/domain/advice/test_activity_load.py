"""The three forms of an activity's TSS, and which one counts."""

from __future__ import annotations

from typing import Any

import pytest

from hub_core.domain.advice import DoneActivity, LoadForm, measure_load
from hub_core.domain.athlete import Athlete
from hub_core.domain.sport import Sport

ANNA = Athlete(ftp_w=250, threshold_speed_mps=4.0, max_hr_bpm=190, lthr_bpm=170)


def done(sport: Sport = Sport.RIDE, **fields: Any) -> DoneActivity:
    return DoneActivity(sport, 3600, **fields)


@pytest.mark.parametrize(
    ("activity", "form", "tss"),
    [
        (done(normalized_w=250.0, avg_bpm=170, rest_bpm=45), LoadForm.POWER, 100),
        (done(normalized_w=200.0), LoadForm.POWER, 64),
        (done(normalized_w=200.0, power_s=7200), LoadForm.POWER, 128),
        (done(avg_bpm=170, rest_bpm=45), LoadForm.HEART_RATE, 100),
        (done(Sport.RUN, distance_m=14_400.0, avg_bpm=150, rest_bpm=45), LoadForm.PACE, 100),
        (done(Sport.RUN, distance_m=10_000.0, hills=1.44), LoadForm.PACE, 100),
        # An FTP is a rider's, whatever watts a running watch makes up.
        (done(Sport.RUN, normalized_w=250.0), None, None),
        (done(Sport.ROW, distance_m=14_400.0), None, None),
        (done(normalized_w=250.0, distance_m=1.0, avg_bpm=230, rest_bpm=45), LoadForm.POWER, 100),
        (done(avg_bpm=230, rest_bpm=45), None, None),
        (done(Sport.RUN, distance_m=100_000.0), None, None),
    ],
)
def test_the_most_trusted_form_counts(
    activity: DoneActivity, form: LoadForm | None, tss: float | None
) -> None:
    load = measure_load(activity, ANNA)
    assert load.form == form
    assert load.tss == (None if tss is None else pytest.approx(tss, abs=0.1))
    assert [one.form for one in load.forms] == list(LoadForm)
    assert all(one.why for one in load.forms)


def test_what_is_missing_is_named() -> None:
    forms = measure_load(done(), Athlete()).forms
    assert [[fact.value for fact in one.why] for one in forms] == [
        ["normalized power", "ftp_w"],
        ["a threshold pace is for running"],
        ["mean heart rate", "resting heart rate", "max_hr_bpm"],
    ]


def test_heart_rate_lies_between_the_weightings_of_women_and_men() -> None:
    load = measure_load(done(avg_bpm=140, rest_bpm=45), ANNA)
    assert load.tss is not None
    (source,) = [fact.source for fact in load.forms[2].why if fact.name == "sex"]
    women, men = (float(word) for word in source.split(": ")[1].split(" and "))
    assert men < load.tss < women
    assert women - men < 5
