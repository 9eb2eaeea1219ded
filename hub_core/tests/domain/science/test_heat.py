"""The heat index against the weather service's chart, cell by cell."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.science.heat import HeatRisk, heat_index_c, heat_index_f, heat_risk, rothfusz_f
from hub_core.domain.science.units import c_to_f, f_to_c
from hub_core.errors import InvalidInputError

#: The chart is in whole degrees; one cell is 0.51 off, all others round to it.
TOLERANCE_F = 0.52
humidities = st.floats(0, 100)


def cells(oracles: dict[str, Any]) -> list[tuple[int, int, int]]:
    table = oracles["heat_index_f"]
    found = [
        (int(temperature), humidity, printed)
        for temperature, row in table["rows"].items()
        for humidity, printed in zip(table["humidity_pct"], row, strict=False)
    ]
    assert len(found) == 135
    return found


def test_the_regression_is_the_whole_chart(oracles: dict[str, Any]) -> None:
    off = [cell for cell in cells(oracles) if abs(rothfusz_f(*cell[:2]) - cell[2]) > TOLERANCE_F]
    assert off == []


def test_the_whole_algorithm_is_the_chart_but_for_the_corrected_cells(oracles: dict[str, Any]) -> None:
    off = [
        list(cell[:2])
        for cell in cells(oracles)
        if abs((heat_index_f(*cell[:2]) or 0) - cell[2]) > TOLERANCE_F
    ]
    corrected = oracles["heat_index_f"]["corrected_cells"]
    assert [cell for cell in off if cell not in corrected] == []
    # The correction is there, and small: it adds up to 2.3 °F to the printed number.
    for temperature, humidity, printed in cells(oracles):
        if [temperature, humidity] in corrected:
            assert 0 < (heat_index_f(temperature, humidity) or 0) - (printed - 0.5) < 2.8


@pytest.mark.parametrize(
    ("temperature_f", "humidity", "expected"),
    [
        (95, 10, 89.45),  # dry: less than the regression's 90.20
        (100, 5, 92.50),
        (82, 95, 93.97),  # damp: more than the regression's 92.97
        (80, 100, 89.29),
        (80, 40, 79.79),  # simple form, mean with the temperature
        (75, 50, 74.78),
        (70, 50, 69.53),
    ],
)
def test_each_branch(temperature_f: float, humidity: float, expected: float) -> None:
    assert heat_index_f(temperature_f, humidity) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize(("celsius", "humidity", "expected"), [(30, 70, 35.3), (29, 50, 29.7)])
def test_in_celsius_near_pythermalcomfort(celsius: float, humidity: float, expected: float) -> None:
    """Within the error of the regression, 1.3 °F: other forms of it differ by so much."""
    assert heat_index_c(celsius, humidity) == pytest.approx(expected, abs=1.3 * 5 / 9)


@given(st.floats(82, 111), humidities, st.floats(0.1, 10))
def test_hotter_is_never_less(temperature: float, humidity: float, more: float) -> None:
    lower, higher = heat_index_f(temperature, humidity), heat_index_f(min(temperature + more, 112), humidity)
    if lower is None:
        assert higher is None
    elif higher is not None:
        assert higher >= lower - 0.01


@given(st.floats(83, 112), st.floats(0, 99), st.floats(0.1, 10))
def test_damper_is_never_less(temperature: float, humidity: float, more: float) -> None:
    lower, higher = heat_index_f(temperature, humidity), heat_index_f(temperature, min(humidity + more, 100))
    if lower is None:
        assert higher is None
    elif higher is not None:
        # Where the dry correction ends, at 13 %, nothing steps: it is 0 there.
        assert higher >= lower - 0.1


def test_there_is_no_jump_but_the_two_of_the_source() -> None:
    """Where the simple form ends (a mean of 80 °F), and where the damp correction begins (80 °F).

    The first is up to 3.4 °F in the source itself, at the ends of the humidity; elsewhere all is smooth.
    """
    for humidity in range(0, 101, 5):
        for step in range(40 * 20, 112 * 20):
            here, next_ = (heat_index_f(one / 20, humidity) for one in (step, step + 1))
            if here is not None and next_ is not None:
                allowed = 3.7 if 78.8 <= step / 20 <= 81.2 else 0.6
                assert abs(next_ - here) < allowed, (step / 20, humidity)


@pytest.mark.parametrize("temperature_f", [39.9, 112.1])
def test_outside_its_range_there_is_no_index(temperature_f: float) -> None:
    assert heat_index_f(temperature_f, 50) is None


def test_beyond_the_chart_is_no_number_and_the_worst_band() -> None:
    assert heat_index_f(110, 100) is None  # the regression says 266 °F
    assert heat_risk(f_to_c(110), 100) is HeatRisk.EXTREME_DANGER
    assert heat_risk(49, 10) is HeatRisk.EXTREME_DANGER
    assert heat_risk(-5, 90) is HeatRisk.NONE


@given(st.floats(-40, 55), humidities)
def test_a_number_is_always_inside_of_the_chart(celsius: float, humidity: float) -> None:
    index = heat_index_c(celsius, humidity)
    assert index is None or 0 < c_to_f(index) <= 138.3


@pytest.mark.parametrize(
    ("celsius", "humidity", "risk"),
    [
        (20, 50, HeatRisk.NONE),
        (f_to_c(84), 40, HeatRisk.CAUTION),
        (f_to_c(90), 50, HeatRisk.EXTREME_CAUTION),
        (f_to_c(90), 70, HeatRisk.DANGER),
        (f_to_c(90), 95, HeatRisk.EXTREME_DANGER),
    ],
)
def test_the_bands(celsius: float, humidity: float, risk: HeatRisk) -> None:
    assert heat_risk(celsius, humidity) is risk


@pytest.mark.parametrize(
    ("celsius", "humidity", "path"),
    [(30, 140, "humidity_pct"), (30, -1, "humidity_pct"), (300, 50, "temperature_c")],
)
def test_what_cant_be_is_refused(celsius: float, humidity: float, path: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        heat_index_c(celsius, humidity)
    assert refused.value.path == path


def test_no_number_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        heat_index_c(float("nan"), 50)
