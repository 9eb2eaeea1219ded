"""Energy availability and its bands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.science.energy_availability import (
    EnergyBand,
    energy_availability,
    energy_band,
    fat_free_mass_kg,
    is_under_logged,
    resting_kcal,
)
from hub_core.errors import InvalidInputError


@pytest.mark.parametrize(
    ("intake", "exercise", "mass", "expected", "band"),
    [
        (2500, 500, 50, 40.0, EnergyBand.REDUCED),
        (1800, 600, 45, 26.67, EnergyBand.LOW),
        (2800, 900, 55, 34.55, EnergyBand.REDUCED),
        (3200, 700, 55, 45.45, EnergyBand.ADEQUATE),
    ],
)
def test_known_days(intake: float, exercise: float, mass: float, expected: float, band: EnergyBand) -> None:
    found = energy_availability(intake, exercise, mass)
    assert found == pytest.approx(expected, abs=0.006)
    assert energy_band(found) is band


@given(st.floats(0, 6000), st.floats(0, 4000), st.floats(30, 90), st.floats(1, 500))
def test_eating_more_raises_it_and_training_more_lowers_it(
    intake: float, exercise: float, mass: float, more: float
) -> None:
    here = energy_availability(intake, exercise, mass)
    assert energy_availability(intake + more, exercise, mass) == pytest.approx(here + more / mass)
    assert energy_availability(intake, exercise + more, mass) == pytest.approx(here - more / mass)


@pytest.mark.parametrize(
    ("value", "band"),
    [
        (29.99, EnergyBand.LOW),
        (30, EnergyBand.REDUCED),
        (44.99, EnergyBand.REDUCED),
        (45, EnergyBand.ADEQUATE),
    ],
)
def test_the_thresholds_of_the_consensus(value: float, band: EnergyBand) -> None:
    assert energy_band(value) is band


def test_a_day_that_was_half_written_down() -> None:
    assert resting_kcal(50) == 1600
    assert is_under_logged(959, 50)
    assert not is_under_logged(961, 50)


def test_fat_free_mass() -> None:
    assert fat_free_mass_kg(60, 20) == pytest.approx(48)
    with pytest.raises(InvalidInputError, match="body_fat_pct"):
        fat_free_mass_kg(60, 0.2)  # a fraction for percent
    with pytest.raises(InvalidInputError, match="intake_kcal"):
        energy_availability(-1, 0, 50)
