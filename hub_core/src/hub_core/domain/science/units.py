"""Between the units of the sources and ours."""

from __future__ import annotations

KMH_PER_MS = 3.6
MS_PER_MPH = 0.44704


def c_to_f(celsius: float) -> float:
    """Degrees Fahrenheit of degrees Celsius."""
    return celsius * 9 / 5 + 32


def f_to_c(fahrenheit: float) -> float:
    """Degrees Celsius of degrees Fahrenheit."""
    return (fahrenheit - 32) * 5 / 9


def ms_to_kmh(speed_ms: float) -> float:
    """Kilometres per hour of metres per second."""
    return speed_ms * KMH_PER_MS


def kmh_to_ms(speed_kmh: float) -> float:
    """Metres per second of kilometres per hour."""
    return speed_kmh / KMH_PER_MS


def ms_to_mph(speed_ms: float) -> float:
    """Miles per hour of metres per second."""
    return speed_ms / MS_PER_MPH


def mph_to_ms(speed_mph: float) -> float:
    """Metres per second of miles per hour."""
    return speed_mph * MS_PER_MPH


def speed_to_pace(speed_ms: float) -> float:
    """Seconds per kilometre of metres per second, which must be above 0."""
    return 1000 / speed_ms


def pace_to_speed(pace_s_per_km: float) -> float:
    """Metres per second of seconds per kilometre, which must be above 0."""
    return 1000 / pace_s_per_km
